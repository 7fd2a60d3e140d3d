/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4648 base64, base64url and hex. One encoder and one decoder serve both alphabets. Each byte
 * string has exactly one text: the decoder refuses white space, foreign letters, missing or
 * superfluous padding and bits that no encoder sets (RFC 4648, 3.5), because texts are compared,
 * signed and hashed.
 */
#include "base64.h"

#include <string.h>

typedef struct alphabet {
    const char *letters;
    bool padded;
} alphabet;

static const alphabet standard = {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true};
static const alphabet url = {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                             false};

#define DIGEST_BYTES 32U

/* Letters without padding for len bytes. */
static size_t letters_for(size_t len)
{
    return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

/* Bytes in letters without padding; a remainder of one letter holds none and is refused before. */
static size_t bytes_for(size_t letters)
{
    return letters / 4 * 3 + (letters % 4 == 0 ? 0 : letters % 4 - 1);
}

static void encode(const char *letters, const uint8_t *bytes, size_t len, uint8_t *to)
{
    unsigned pending = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < len; i++) {
        pending = (pending << 8 | bytes[i]) & 0xFFFFU;
        bits += 8;
        while (bits >= 6) {
            bits -= 6;
            *to++ = (uint8_t)letters[pending >> bits & 0x3FU];
        }
    }
    if (bits > 0) {
        *to = (uint8_t)letters[pending << (6 - bits) & 0x3FU];
    }
}

/* Value of a letter, or 64. */
static unsigned value_of(const char *letters, uint8_t letter)
{
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    return found == NULL ? 64 : (unsigned)(found - letters);
}

/* text has no padding; to has room for bytes_for(text.len). */
static mnsec_status decode(const char *letters, mn_bytes text, uint8_t *to)
{
    unsigned pending = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        const unsigned value = value_of(letters, text.bytes[i]);
        if (value > 63) {
            return MNSEC_E_USAGE_FORMAT;
        }
        pending = (pending << 6 | value) & 0xFFFFU;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            *to++ = (uint8_t)(pending >> bits);
        }
    }
    const unsigned left_over = pending & ((1U << bits) - 1U);
    return left_over == 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

static mnsec_status append(const alphabet *abc, mn_buf *buf, const void *bytes, size_t len)
{
    if (len > MN_BUF_MAX_BYTES) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    const size_t letters = letters_for(len);
    const size_t padding = abc->padded ? (4 - letters % 4) % 4 : 0;
    uint8_t *to = NULL;
    MN_TRY(mn_buf_extend(buf, letters + padding, &to));
    encode(abc->letters, (const uint8_t *)bytes, len, to);
    memset(to + letters, '=', padding);
    return MNSEC_OK;
}

/* Take the padding off; the amount must be the one an encoder writes. */
static mnsec_status strip(mn_bytes *text)
{
    if (text->len % 4 != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (int i = 0; i < 2 && text->len > 0 && text->bytes[text->len - 1] == '='; i++) {
        text->len--;
    }
    return MNSEC_OK;
}

static mnsec_status read_text(const alphabet *abc, mn_bytes text, mn_buf *out_bytes)
{
    if (abc->padded) {
        MN_TRY(strip(&text));
    }
    if (text.len % 4 == 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) bytes = {0};
    uint8_t *to = NULL;
    MN_TRY(mn_buf_extend(&bytes, bytes_for(text.len), &to));
    MN_TRY(decode(abc->letters, text, to));
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_base64_append(mn_buf *buf, const void *bytes, size_t len)
{
    return append(&standard, buf, bytes, len);
}

mnsec_status mn_base64_read(mn_bytes text, mn_buf *out_bytes)
{
    return read_text(&standard, text, out_bytes);
}

mnsec_status mn_base64_url_append(mn_buf *buf, const void *bytes, size_t len)
{
    return append(&url, buf, bytes, len);
}

mnsec_status mn_base64_url_read(mn_bytes text, mn_buf *out_bytes)
{
    return read_text(&url, text, out_bytes);
}

void mn_base64_url_digest(const uint8_t digest[32], char out_text[MN_BASE64_URL_DIGEST_BYTES])
{
    encode(url.letters, digest, DIGEST_BYTES, (uint8_t *)out_text);
    out_text[MN_BASE64_URL_DIGEST_BYTES - 1] = '\0';
}

mnsec_status mn_base64_url_digest_read(mn_bytes text, uint8_t out_digest[32])
{
    if (text.len != MN_BASE64_URL_DIGEST_BYTES - 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    uint8_t digest[DIGEST_BYTES];
    MN_TRY(decode(url.letters, text, digest));
    memcpy(out_digest, digest, sizeof(digest));
    return MNSEC_OK;
}

mnsec_status mn_base64_hex_append(mn_buf *buf, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    if (len > MN_BUF_MAX_BYTES) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    const uint8_t *from = (const uint8_t *)bytes;
    uint8_t *to = NULL;
    MN_TRY(mn_buf_extend(buf, 2 * len, &to));
    for (size_t i = 0; i < len; i++) {
        to[2 * i] = (uint8_t)digits[from[i] >> 4];
        to[2 * i + 1] = (uint8_t)digits[from[i] & 0x0FU];
    }
    return MNSEC_OK;
}
