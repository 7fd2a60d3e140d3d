/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors as standards print them, in hexadecimal, for tests: read into public and secret bytes.
 * Spaces between bytes are skipped. */
#ifndef MN_HEX_H
#define MN_HEX_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"

static inline void hex_read(const char *hex, mn_buf *out_bytes)
{
    for (hex += strspn(hex, " "); *hex != '\0'; hex += 2, hex += strspn(hex, " ")) {
        unsigned value = 0;
        cr_assert_eq(sscanf(hex, "%2x", &value), 1);
        const uint8_t byte = (uint8_t)value;
        cr_assert_eq(mn_buf_append(out_bytes, &byte, 1), MNSEC_OK);
    }
}

static inline void hex_read_secret(const char *hex, mn_secret *out_secret)
{
    MN_AUTO(mn_buf) bytes = {0};
    hex_read(hex, &bytes);
    cr_assert_eq(mn_secret_copy(out_secret, bytes.bytes, bytes.len), MNSEC_OK);
}

static inline void hex_expect(const void *bytes, size_t len, const char *hex)
{
    MN_AUTO(mn_buf) expected = {0};
    hex_read(hex, &expected);
    cr_assert_eq(len, expected.len);
    cr_expect(len == 0 || memcmp(bytes, expected.bytes, len) == 0, "not %s", hex);
}

#endif
