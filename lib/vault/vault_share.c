/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shares on paper. The check group is the first 20 bits of SHA-256 over the purpose and the share;
 * it tells a mistyped sheet, it proves nothing. All of it happens in secure memory.
 */
#include "vault_share.h"

#include <string.h>

#include "base/buf.h"
#include "crypto/secret/hash.h"

#define GROUP       4
#define CHECK_CHARS 4
/* Characters of the longest share, its check included, without hyphens. */
#define CHARS_MAX ((MN_VAULT_SHARE_MAX_BYTES * 8 + 4) / 5 + CHECK_CHARS)

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
static const char purpose[] = "mnsec/share/1";

static void check_of(const uint8_t *share, size_t len, uint8_t out_values[CHECK_CHARS])
{
    uint8_t digest[MN_HASH_BYTES];
    mn_hash_pair(mn_bytes_of(purpose, sizeof purpose), mn_bytes_of(share, len), digest);
    const uint32_t bits = (uint32_t)digest[0] << 12 | (uint32_t)digest[1] << 4 | digest[2] >> 4;
    for (size_t i = 0; i < CHECK_CHARS; i++) {
        out_values[i] = (uint8_t)(bits >> (5 * (CHECK_CHARS - 1 - i)) & 31);
    }
    mn_secret_erase(digest, sizeof digest);
}

static size_t chars_of(size_t bytes)
{
    return (bytes * 8 + 4) / 5;
}

/* i-th group of five bits; past the end the bits are zero. */
static uint8_t value_at(const uint8_t *bytes, size_t len, size_t i)
{
    const size_t bit = i * 5;
    const size_t at = bit / 8;
    const uint32_t high = bytes[at];
    const uint32_t low = at + 1 < len ? bytes[at + 1] : 0;
    return (uint8_t)((high << 8 | low) >> (11 - bit % 8) & 31);
}

mnsec_status mn_vault_share_format(const mn_secret *share, mn_secret *out_text)
{
    if (mn_secret_is_empty(share) || share->len > MN_VAULT_SHARE_MAX_BYTES) {
        return MNSEC_E_USAGE;
    }
    const size_t chars = chars_of(share->len);
    const size_t total = chars + CHECK_CHARS;
    uint8_t check[CHECK_CHARS];
    check_of(share->bytes, share->len, check);

    MN_AUTO(mn_secret) text = {0};
    MN_TRY(mn_secret_init(&text, total + (total - 1) / GROUP));
    size_t at = 0;
    for (size_t i = 0; i < total; i++) {
        if (i > 0 && i % GROUP == 0) {
            text.bytes[at++] = '-';
        }
        const uint8_t value = i < chars ? value_at(share->bytes, share->len, i) : check[i - chars];
        text.bytes[at++] = (uint8_t)alphabet[value];
    }
    mn_secret_move(out_text, &text);
    return MNSEC_OK;
}

static int value_of(uint8_t typed)
{
    if (typed >= 'a' && typed <= 'z') {
        return typed - 'a';
    }
    if (typed >= 'A' && typed <= 'Z') {
        return typed - 'A';
    }
    return typed >= '2' && typed <= '7' ? typed - '2' + 26 : -1;
}

static mnsec_status read_values(const mn_secret *text, mn_secret *values, size_t *out_count)
{
    size_t count = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->bytes[i] == '-' || text->bytes[i] == ' ') {
            continue;
        }
        const int value = value_of(text->bytes[i]);
        if (value < 0 || count == CHARS_MAX) {
            return MNSEC_E_USAGE_FORMAT;
        }
        values->bytes[count++] = (uint8_t)value;
    }
    *out_count = count;
    return MNSEC_OK;
}

static void join_values(const uint8_t *values, size_t chars, uint8_t *out_bytes, size_t len)
{
    memset(out_bytes, 0, len);
    for (size_t i = 0; i < chars; i++) {
        const size_t bit = i * 5;
        const uint32_t shifted = (uint32_t)values[i] << (11 - bit % 8);
        out_bytes[bit / 8] |= (uint8_t)(shifted >> 8);
        if (bit / 8 + 1 < len) {
            out_bytes[bit / 8 + 1] |= (uint8_t)shifted;
        }
    }
}

mnsec_status mn_vault_share_parse(const mn_secret *text, mn_secret *out_share)
{
    MN_AUTO(mn_secret) values = {0};
    MN_AUTO(mn_secret) share = {0};
    size_t count = 0;
    MN_TRY(mn_secret_init(&values, CHARS_MAX));
    MN_TRY(read_values(text, &values, &count));
    if (count <= CHECK_CHARS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const size_t chars = count - CHECK_CHARS;
    const size_t len = chars * 5 / 8;
    if (len == 0 || chars_of(len) != chars) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_secret_init(&share, len));
    join_values(values.bytes, chars, share.bytes, len);
    uint8_t check[CHECK_CHARS];
    check_of(share.bytes, len, check);
    /* The last character's unused bits are zero, as an encoder writes them. */
    if (!mn_secret_equal_bytes(check, values.bytes + chars, CHECK_CHARS) ||
        value_at(share.bytes, len, chars - 1) != values.bytes[chars - 1]) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_secret_move(out_share, &share);
    return MNSEC_OK;
}
