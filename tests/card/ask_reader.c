/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask-reader N: one command to the card in the Nth reader, and to no other reader a word (OpenSC's
 * tools ask all of them first). 0: it answered.
 */
#include <stdio.h>
#include <stdlib.h>

#include <winscard.h>

static int ask(SCARDCONTEXT context, const char *name)
{
    static const BYTE command[] = {0x00, 0xb0, 0x00, 0x00};
    BYTE response[64];
    DWORD len = sizeof(response);
    DWORD protocol = 0;
    SCARDHANDLE card = 0;
    LONG answer =
        SCardConnect(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card, &protocol);
    if (answer == SCARD_S_SUCCESS) {
        answer = SCardTransmit(card, SCARD_PCI_T1, command, sizeof(command), NULL, response, &len);
        (void)SCardDisconnect(card, SCARD_LEAVE_CARD);
    }
    (void)puts(pcsc_stringify_error(answer));
    return answer == SCARD_S_SUCCESS ? 0 : 1;
}

int main(int argc, char **argv)
{
    char name[MAX_READERNAME];
    SCARDCONTEXT context;
    if (argc != 2 ||
        SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) {
        return 2;
    }
    (void)snprintf(name, sizeof(name), "Virtual Reader %02d 00", atoi(argv[1]));
    const int status = ask(context, name);
    (void)SCardReleaseContext(context);
    return status;
}
