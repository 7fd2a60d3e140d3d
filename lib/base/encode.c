/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canonical encoding (docs/FORMATS.md, section 1). Writing: a field is appended whole or not
 * at all. Reading: a cursor that moves only when a field was read whole and was what was asked
 * for, so a truncated or lengthened encoding is found at the field where it happens. What the
 * writer refuses (text that is not UTF-8, a NUL in a text) the reader refuses too.
 */
#include "encode.h"

#include <string.h>
#include <unistr.h>

#define LENGTH_BYTES  4U
#define INTEGER_BYTES 8U
#define FIRST_BYTE    0x00

static void put_big_endian(uint8_t *to, size_t len, uint64_t value)
{
    for (size_t i = 0; i < len; i++) {
        to[len - 1 - i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t get_big_endian(const uint8_t *from, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | from[i];
    }
    return value;
}

static bool is_text(mn_bytes bytes)
{
    return bytes.len == 0 ||
           (u8_check(bytes.bytes, bytes.len) == NULL && memchr(bytes.bytes, 0, bytes.len) == NULL);
}

/* The next field and what follows it, without moving the cursor. */
static mnsec_status next_field(const mn_decode *decode, mn_bytes *out_field, mn_bytes *out_rest)
{
    const mn_bytes rest = decode->rest;
    if (rest.len < LENGTH_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const uint64_t len = get_big_endian(rest.bytes, LENGTH_BYTES);
    if (len > rest.len - LENGTH_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_field = mn_bytes_of(rest.bytes + LENGTH_BYTES, (size_t)len);
    *out_rest = mn_bytes_of(rest.bytes + LENGTH_BYTES + len, rest.len - LENGTH_BYTES - (size_t)len);
    return MNSEC_OK;
}

mnsec_status mn_encode_begin(mn_buf *buf, const char *purpose)
{
    const size_t len = strlen(purpose);
    if (buf->len != 0 || len == 0 || !is_text(mn_bytes_of(purpose, len))) {
        return MNSEC_E_USAGE;
    }
    uint8_t *start = NULL;
    MN_TRY(mn_buf_extend(buf, 1 + LENGTH_BYTES + len, &start));
    start[0] = FIRST_BYTE;
    put_big_endian(start + 1, LENGTH_BYTES, len);
    memcpy(start + 1 + LENGTH_BYTES, purpose, len);
    return MNSEC_OK;
}

mnsec_status mn_encode_bytes(mn_buf *buf, const void *bytes, size_t len)
{
    if (len > MN_BUF_MAX_BYTES) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    uint8_t *start = NULL;
    MN_TRY(mn_buf_extend(buf, LENGTH_BYTES + len, &start));
    put_big_endian(start, LENGTH_BYTES, len);
    if (len > 0) {
        memcpy(start + LENGTH_BYTES, bytes, len);
    }
    return MNSEC_OK;
}

mnsec_status mn_encode_text(mn_buf *buf, const char *text)
{
    const size_t len = strlen(text);
    if (!is_text(mn_bytes_of(text, len))) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_encode_bytes(buf, text, len);
}

mnsec_status mn_encode_u64(mn_buf *buf, uint64_t value)
{
    uint8_t bytes[INTEGER_BYTES];
    put_big_endian(bytes, sizeof(bytes), value);
    return mn_encode_bytes(buf, bytes, sizeof(bytes));
}

mnsec_status mn_encode_id(mn_buf *buf, const mnsec_id *id)
{
    return mn_encode_bytes(buf, id->bytes, sizeof(id->bytes));
}

mnsec_status mn_encode_secret(const mn_buf *head, const mn_secret *field, mn_secret *out_encoded)
{
    MN_AUTO(mn_secret) encoded = {0};
    if (field->len > MN_SECRET_HEAP_BYTES || head->len > MN_SECRET_HEAP_BYTES) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    MN_TRY(mn_secret_init(&encoded, head->len + LENGTH_BYTES + field->len));
    if (head->len > 0) {
        memcpy(encoded.bytes, head->bytes, head->len);
    }
    put_big_endian(encoded.bytes + head->len, LENGTH_BYTES, field->len);
    if (field->len > 0) {
        memcpy(encoded.bytes + head->len + LENGTH_BYTES, field->bytes, field->len);
    }
    mn_secret_move(out_encoded, &encoded);
    return MNSEC_OK;
}

mnsec_status mn_decode_begin(mn_decode *out_decode, mn_bytes encoded, const char *purpose)
{
    if (encoded.len == 0 || encoded.bytes[0] != FIRST_BYTE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const mn_decode decode = {.rest = mn_bytes_of(encoded.bytes + 1, encoded.len - 1)};
    mn_bytes field;
    mn_bytes rest;
    MN_TRY(next_field(&decode, &field, &rest));
    const size_t len = strlen(purpose);
    if (field.len != len || memcmp(field.bytes, purpose, len) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_decode = (mn_decode){.rest = rest};
    return MNSEC_OK;
}

mnsec_status mn_decode_bytes(mn_decode *decode, mn_bytes *out_bytes)
{
    mn_bytes field;
    mn_bytes rest;
    MN_TRY(next_field(decode, &field, &rest));
    decode->rest = rest;
    *out_bytes = field;
    return MNSEC_OK;
}

mnsec_status mn_decode_fixed(mn_decode *decode, void *out_bytes, size_t len)
{
    mn_bytes field;
    mn_bytes rest;
    MN_TRY(next_field(decode, &field, &rest));
    if (field.len != len) {
        return MNSEC_E_USAGE_FORMAT;
    }
    decode->rest = rest;
    if (len > 0) {
        memcpy(out_bytes, field.bytes, len);
    }
    return MNSEC_OK;
}

mnsec_status mn_decode_text_view(mn_decode *decode, mn_bytes *out_text)
{
    mn_bytes field;
    mn_bytes rest;
    MN_TRY(next_field(decode, &field, &rest));
    if (!is_text(field)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    decode->rest = rest;
    *out_text = field;
    return MNSEC_OK;
}

mnsec_status mn_decode_text(mn_decode *decode, mn_buf *out_text)
{
    mn_decode ahead = *decode;
    mn_bytes field;
    MN_TRY(mn_decode_text_view(&ahead, &field));
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_append(&text, field.bytes, field.len));
    *decode = ahead;
    mn_buf_move(out_text, &text);
    return MNSEC_OK;
}

mnsec_status mn_decode_u64(mn_decode *decode, uint64_t *out_value)
{
    uint8_t bytes[INTEGER_BYTES];
    MN_TRY(mn_decode_fixed(decode, bytes, sizeof(bytes)));
    *out_value = get_big_endian(bytes, sizeof(bytes));
    return MNSEC_OK;
}

mnsec_status mn_decode_id(mn_decode *decode, mnsec_id *out_id)
{
    return mn_decode_fixed(decode, out_id->bytes, sizeof(out_id->bytes));
}

mnsec_status mn_decode_end(const mn_decode *decode)
{
    return mn_decode_is_done(decode) ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

bool mn_decode_is_done(const mn_decode *decode)
{
    return decode->rest.len == 0;
}
