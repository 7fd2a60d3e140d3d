/* SPDX-License-Identifier: Apache-2.0 */
/* tiny-card SOCKET [mute|vanish]: a tiny_card.h card in a reader until it is killed or let go. */
#include <stdio.h>
#include <string.h>

#include "tiny_card.h"

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        return 2;
    }
    tiny_card_manner manner = TINY_CARD_ECHO;
    if (argc == 3) {
        manner = strcmp(argv[2], "mute") == 0 ? TINY_CARD_MUTE : TINY_CARD_VANISHES;
    }
    const int fd = tiny_card_connect(argv[1]);
    if (fd < 0) {
        perror(argv[1]);
        return 1;
    }
    tiny_card_serve(fd, manner);
    return 0;
}
