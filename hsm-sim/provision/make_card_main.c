/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mnsec-sim-make-card MODULE NAME PROFILE PIN-FD SO-PIN-FD: the part of hsm-sim/provision/card that
 * a shell cannot do. PINs come by descriptor, one line each, and are wiped. Prints the serial
 * number.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "make_card.h"
#include "make_card_cert.h"

#define NAME "mnsec-sim-make-card"

static int fail(const char *why)
{
    (void)fprintf(stderr, NAME ": %s\n", why);
    return 1;
}

/* One line, up to its end or the file's, byte by byte: what follows is another reader's. */
static bool read_pin(const char *descriptor, mn_make_card_pin *out_pin)
{
    char *end;
    const long fd = strtol(descriptor, &end, 10);
    size_t len = 0;
    unsigned char c;
    if (*descriptor == '\0' || *end != '\0' || fd < 0 || fd > 1024) {
        return false;
    }
    while (read((int)fd, &c, 1) == 1 && c != '\n') {
        if (len == sizeof out_pin->bytes) {
            return false;
        }
        out_pin->bytes[len++] = c;
    }
    out_pin->len = len;
    return len > 0;
}

int main(int argc, char **argv)
{
    mn_make_card_pin pin = {0};
    mn_make_card_pin so_pin = {0};
    char serial[MN_MAKE_CARD_SERIAL_BYTES];
    if (argc != 6) {
        return fail("usage: " NAME " MODULE NAME PROFILE PIN-FD SO-PIN-FD");
    }
    const mn_make_card_order order = {
        .module = argv[1], .name = argv[2], .profile = argv[3], .pin = &pin, .so_pin = &so_pin};
    if (!mn_make_card_cert_is_name(order.name)) {
        return fail("a card's name is 1 to 32 bytes of UTF-8 without / % or a leading .");
    }
    if (!mn_make_card_is_profile(order.profile)) {
        return fail("profile is standard, rsa, ec or sign-only");
    }
    const char *failed = read_pin(argv[4], &pin) && read_pin(argv[5], &so_pin)
                             ? mn_make_card(&order, serial)
                             : "no PIN could be read";
    explicit_bzero(&pin, sizeof pin);
    explicit_bzero(&so_pin, sizeof so_pin);
    if (failed != NULL) {
        return fail(failed);
    }
    (void)printf("%s\n", serial);
    return 0;
}
