/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random bytes, ids and texts: the kernel's, through libgcrypt, which would rather end the process
 * than hand out weak bytes. What is secret is drawn in secure memory. The "very strong" level would
 * only stir in timing jitter, at a price, on top of what the kernel has collected.
 */
#include <gcrypt.h>

#include "crypto.h"

/* 31 characters: no 0, 1, i, l, o. At most 32, so that five bits choose one. */
static const char alphabet[] = "23456789abcdefghjkmnpqrstuvwxyz";

#define ALPHABET_LETTERS (sizeof(alphabet) - 1)
#define FIVE_BITS        31U

/* A letter without bias: what lies beyond the alphabet is drawn again. */
static uint8_t draw_letter(mn_secret *draw)
{
    do {
        gcry_randomize(draw->bytes, draw->len, GCRY_STRONG_RANDOM);
        draw->bytes[0] &= FIVE_BITS;
    } while (draw->bytes[0] >= ALPHABET_LETTERS);
    return (uint8_t)alphabet[draw->bytes[0]];
}

void mn_random_bytes(void *out_bytes, size_t len)
{
    if (len > 0) {
        gcry_randomize(out_bytes, len, GCRY_STRONG_RANDOM);
    }
}

mnsec_status mn_random_secret(mn_secret *out_secret, size_t len)
{
    MN_AUTO(mn_secret) fresh = {0};
    MN_TRY(mn_secret_init(&fresh, len));
    if (len > 0) {
        gcry_randomize(fresh.bytes, len, GCRY_STRONG_RANDOM);
    }
    mn_secret_move(out_secret, &fresh);
    return MNSEC_OK;
}

void mn_random_id(mnsec_id *out_id)
{
    do {
        mn_random_bytes(out_id->bytes, sizeof(out_id->bytes));
    } while (mnsec_id_is_none(out_id));
}

mnsec_status mn_random_text(mn_secret *out_secret, size_t len)
{
    MN_AUTO(mn_secret) text = {0};
    MN_AUTO(mn_secret) draw = {0};
    MN_TRY(mn_secret_init(&text, len));
    MN_TRY(mn_secret_init(&draw, 1));
    for (size_t i = 0; i < len; i++) {
        text.bytes[i] = draw_letter(&draw);
    }
    mn_secret_move(out_secret, &text);
    return MNSEC_OK;
}
