/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at the readers: a context of pcsc-lite is opened and closed again with it, because what
 * is kept open would see neither a service that was restarted nor a reader that came since. No card
 * is connected to.
 */
#include "reader.h"

#include <stdint.h>
#include <string.h>

#include <winscard.h>

#include "base/text.h"

/* A context, open while it is not 0. */
typedef struct service {
    SCARDCONTEXT context;
} service;

static const struct {
    LONG answer;
    mnsec_status status;
    const char *text;
} answers[] = {
    {SCARD_E_NO_SERVICE, MNSEC_E_STATE_NOT_FOUND, "the smart-card service is not running"},
    {SCARD_E_SERVICE_STOPPED, MNSEC_E_STATE_NOT_FOUND, "the smart-card service is not running"},
    {SCARD_E_NO_MEMORY, MNSEC_E_INTERNAL_MEMORY, "out of memory"},
};

static void service_wipe(service *open)
{
    if (open->context != 0) {
        (void)SCardReleaseContext(open->context);
    }
    *open = (service){0};
}

static mnsec_status fail(mn_error *err, LONG answer, const char *call)
{
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (answers[i].answer == answer) {
            return mn_fail_native(err, answers[i].status, answer, "%s", answers[i].text);
        }
    }
    return mn_fail_native(err, MNSEC_E_CARD_FAULT, answer, "%s answered 0x%lx", call,
                          (unsigned long)answer);
}

/* names: one after the other, each ended by NUL, the last by two. */
static size_t split(const char *names, size_t len, mn_reader *readers, SCARD_READERSTATE *states)
{
    size_t count = 0;
    while (len > 0 && count < MN_READER_MAX) {
        const size_t name_len = strnlen(names, len);
        if (name_len == 0 || name_len == len) {
            break;
        }
        if (name_len < sizeof(readers[0].name) &&
            mn_text_is_clean(mn_bytes_of(names, name_len), false)) {
            memcpy(readers[count].name, names, name_len + 1);
            states[count].szReader = readers[count].name;
            count++;
        }
        names += name_len + 1;
        len -= name_len + 1;
    }
    return count;
}

mnsec_status mn_reader_list(mn_error *err, mn_reader *out_readers, size_t *out_count)
{
    MN_AUTO(service) pcscd = {0};
    LONG answer = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &pcscd.context);
    if (answer != SCARD_S_SUCCESS) {
        return fail(err, answer, "SCardEstablishContext");
    }
    char names[MN_READER_MAX * sizeof(out_readers[0].name) + 1];
    DWORD len = sizeof(names);
    answer = SCardListReaders(pcscd.context, NULL, names, &len);
    if (answer == SCARD_E_NO_READERS_AVAILABLE) {
        *out_count = 0;
        return MNSEC_OK;
    }
    if (answer != SCARD_S_SUCCESS || len > sizeof(names)) {
        return fail(err, answer, "SCardListReaders");
    }
    mn_reader readers[MN_READER_MAX] = {0};
    SCARD_READERSTATE states[MN_READER_MAX] = {0};
    const size_t count = split(names, len, readers, states);
    answer =
        count == 0 ? SCARD_S_SUCCESS : SCardGetStatusChange(pcscd.context, 0, states, (DWORD)count);
    if (answer != SCARD_S_SUCCESS && answer != SCARD_E_TIMEOUT) {
        return fail(err, answer, "SCardGetStatusChange");
    }
    for (size_t i = 0; i < count; i++) {
        readers[i].has_card = (states[i].dwEventState & SCARD_STATE_PRESENT) != 0;
        readers[i].is_mute = (states[i].dwEventState & SCARD_STATE_MUTE) != 0;
        readers[i].is_in_use =
            (states[i].dwEventState & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0;
    }
    memcpy(out_readers, readers, sizeof(readers));
    *out_count = count;
    return MNSEC_OK;
}
