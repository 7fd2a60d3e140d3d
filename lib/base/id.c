/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text form of an id: RFC 4648 base32, lower case, unpadded. 128 bits are 25 letters and 3
 * bits; the two bits left over in the 26th letter are zero, and refused otherwise, so that one id
 * has one text (upper case, as read from paper, aside).
 */
#include "mnsec/id.h"

#include <string.h>

#define LETTERS (MNSEC_ID_TEXT_BYTES - 1)

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

/* Value of a letter, or 32. By arithmetic: no locale has a say. */
static unsigned value_of(char letter)
{
    if (letter >= 'a' && letter <= 'z') {
        return (unsigned)(letter - 'a');
    }
    if (letter >= 'A' && letter <= 'Z') {
        return (unsigned)(letter - 'A');
    }
    if (letter >= '2' && letter <= '7') {
        return (unsigned)(letter - '2') + 26U;
    }
    return 32;
}

void mnsec_id_format(const mnsec_id *id, char out_text[MNSEC_ID_TEXT_BYTES])
{
    unsigned pending = 0;
    unsigned bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < MNSEC_ID_BYTES; i++) {
        pending = (pending << 8 | id->bytes[i]) & 0xFFFFU;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            out_text[at++] = alphabet[pending >> bits & 0x1FU];
        }
    }
    out_text[at++] = alphabet[pending << (5 - bits) & 0x1FU];
    out_text[at] = '\0';
}

mnsec_status mnsec_id_parse(const char *text, mnsec_id *out_id)
{
    if (text == NULL || out_id == NULL) {
        return MNSEC_E_USAGE;
    }
    if (strnlen(text, LETTERS + 1) != LETTERS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mnsec_id id = {0};
    unsigned pending = 0;
    unsigned bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < LETTERS; i++) {
        const unsigned value = value_of(text[i]);
        if (value > 31) {
            return MNSEC_E_USAGE_FORMAT;
        }
        pending = (pending << 5 | value) & 0xFFFFU;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            id.bytes[at++] = (uint8_t)(pending >> bits);
        }
    }
    if ((pending & ((1U << bits) - 1U)) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_id = id;
    return MNSEC_OK;
}

bool mnsec_id_equal(const mnsec_id *a, const mnsec_id *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool mnsec_id_is_none(const mnsec_id *id)
{
    static const mnsec_id none = {0};
    return mnsec_id_equal(id, &none);
}
