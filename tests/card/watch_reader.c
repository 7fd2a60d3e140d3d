/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch-reader DESCRIPTION MS: the card in the reader of this description, watched as the card
 * worker does, for so long. Says "watching", or why not (1); then "left" or "stayed".
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "reader/reader_watch.h"

static void left(void *user)
{
    (void)user;
    (void)puts("left");
}

int main(int argc, char **argv)
{
    mn_error err = {0};
    MN_AUTO_PTR(mn_reader_watch) watch = NULL;
    if (argc != 3) {
        return 2;
    }
    if (mn_reader_watch_new(argv[1], left, NULL, &err, &watch) != MNSEC_OK) {
        (void)puts(err.text);
        return 1;
    }
    (void)puts("watching");
    (void)fflush(stdout);
    struct pollfd news = {.fd = mn_reader_watch_descriptor(watch), .events = POLLIN};
    if (poll(&news, 1, atoi(argv[2])) == 0) {
        mn_reader_watch_free(mn_take(watch));
        (void)puts("stayed");
    }
    return 0;
}
