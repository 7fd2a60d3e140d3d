/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How each type of field is written, read and freed. A member is found by its offset; sizes come
 * from the layout, which takes them from the struct itself. Reading never writes past a member:
 * every length and count is held against the layout before anything is copied.
 */
#include "statement_field.h"

#include <string.h>

#include "base/text.h"

#define POINT_FIRST_BYTE 0x04

typedef struct handling {
    mnsec_status (*write)(const mn_statement_field *field, const void *object, mn_buf *to);
    mnsec_status (*read)(const mn_statement_field *field, mn_decode *from, void *object);
    void (*wipe)(const mn_statement_field *field, void *object); /* NULL = holds no buffer */
} handling;

static const void *member_of(const mn_statement_field *field, const void *object)
{
    return (const uint8_t *)object + field->offset;
}

static void *own_member_of(const mn_statement_field *field, void *object)
{
    return (uint8_t *)object + field->offset;
}

static bool is_within(const mn_statement_field *field, uint64_t value)
{
    return value >= field->min && value <= field->max;
}

static mnsec_status write_number(const mn_statement_field *field, const void *object, mn_buf *to)
{
    const void *member = member_of(field, object);
    switch (field->size) {
    case sizeof(uint8_t):
        return mn_encode_u64(to, *(const uint8_t *)member);
    case sizeof(uint32_t):
        return mn_encode_u64(to, *(const uint32_t *)member);
    default:
        return mn_encode_u64(to, *(const uint64_t *)member);
    }
}

static mnsec_status read_number(const mn_statement_field *field, mn_decode *from, void *object)
{
    uint64_t value = 0;
    MN_TRY(mn_decode_u64(from, &value));
    if (!is_within(field, value)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    void *member = own_member_of(field, object);
    switch (field->size) {
    case sizeof(uint8_t):
        *(uint8_t *)member = (uint8_t)value;
        return MNSEC_OK;
    case sizeof(uint32_t):
        *(uint32_t *)member = (uint32_t)value;
        return MNSEC_OK;
    default:
        *(uint64_t *)member = value;
        return MNSEC_OK;
    }
}

static mnsec_status write_fixed(const mn_statement_field *field, const void *object, mn_buf *to)
{
    return mn_encode_bytes(to, member_of(field, object), field->size);
}

static mnsec_status read_fixed(const mn_statement_field *field, mn_decode *from, void *object)
{
    return mn_decode_fixed(from, own_member_of(field, object), field->size);
}

static mnsec_status read_id(const mn_statement_field *field, mn_decode *from, void *object)
{
    mnsec_id *member = own_member_of(field, object);
    MN_TRY(mn_decode_id(from, member));
    return mnsec_id_is_none(member) ? MNSEC_E_USAGE_FORMAT : MNSEC_OK;
}

static mnsec_status read_point(const mn_statement_field *field, mn_decode *from, void *object)
{
    MN_TRY(read_fixed(field, from, object));
    const uint8_t *member = member_of(field, object);
    return member[0] == POINT_FIRST_BYTE ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

/* An empty point is zeros in the struct, whatever its first byte would say. */
static mnsec_status write_point_or_empty(const mn_statement_field *field, const void *object,
                                         mn_buf *to)
{
    const uint8_t *member = member_of(field, object);
    return mn_encode_bytes(to, member, member[0] == POINT_FIRST_BYTE ? field->size : 0);
}

static mnsec_status read_point_or_empty(const mn_statement_field *field, mn_decode *from,
                                        void *object)
{
    mn_decode ahead = *from;
    mn_bytes content;
    MN_TRY(mn_decode_bytes(&ahead, &content));
    if (content.len > 0) {
        return read_point(field, from, object);
    }
    *from = ahead;
    return MNSEC_OK;
}

static bool is_allowed_text(const mn_statement_field *field, mn_bytes text)
{
    return text.len >= field->min && text.len <= field->max &&
           (text.len == 0 || field->is_text(text));
}

/* The log looks for Individual Numbers in its free text; a document lies in it as base64url, so
 * this is the place to look. Only in writing: what once was signed is read for ever. */
static mnsec_status write_run_of_text(mn_bytes text, mn_buf *to)
{
    if (text.len > 0 && mn_text_has_number(text)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_encode_bytes(to, text.bytes, text.len);
}

static mnsec_status write_text(const mn_statement_field *field, const void *object, mn_buf *to)
{
    const char *member = member_of(field, object);
    const size_t len = strnlen(member, field->size);
    return len == field->size ? MNSEC_E_USAGE_FORMAT
                              : write_run_of_text(mn_bytes_of(member, len), to);
}

static mnsec_status read_text(const mn_statement_field *field, mn_decode *from, void *object)
{
    mn_bytes text;
    MN_TRY(mn_decode_bytes(from, &text));
    if (text.len >= field->size || !is_allowed_text(field, text)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    char *member = own_member_of(field, object);
    if (text.len > 0) {
        memcpy(member, text.bytes, text.len);
    }
    member[text.len] = '\0';
    return MNSEC_OK;
}

static mnsec_status write_bytes(const mn_statement_field *field, const void *object, mn_buf *to)
{
    const mn_buf *member = member_of(field, object);
    return mn_encode_bytes(to, member->bytes, member->len);
}

static mnsec_status read_bytes(const mn_statement_field *field, mn_decode *from, void *object)
{
    mn_bytes bytes;
    MN_TRY(mn_decode_bytes(from, &bytes));
    if (!is_within(field, bytes.len)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_buf_append(own_member_of(field, object), bytes.bytes, bytes.len);
}

static mnsec_status write_long_text(const mn_statement_field *field, const void *object, mn_buf *to)
{
    const mn_buf *member = member_of(field, object);
    return write_run_of_text(mn_buf_view(member), to);
}

static mnsec_status read_long_text(const mn_statement_field *field, mn_decode *from, void *object)
{
    MN_TRY(read_bytes(field, from, object));
    const mn_buf *member = member_of(field, object);
    return is_allowed_text(field, mn_buf_view(member)) ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

static void wipe_bytes(const mn_statement_field *field, void *object)
{
    mn_buf_wipe(own_member_of(field, object));
}

static mnsec_status write_words(const mn_statement_field *field, const void *object, mn_buf *to)
{
    const mn_buf *member = member_of(field, object);
    const char *text = mn_buf_text(member);
    uint64_t count = member->len > 0;
    for (size_t i = 0; i < member->len; i++) {
        count += text[i] == ' ';
    }
    MN_TRY(mn_encode_u64(to, count));
    for (; count > 0; count--) {
        const size_t len = strcspn(text, " ");
        MN_TRY(mn_encode_bytes(to, text, len));
        text += len + 1;
    }
    return MNSEC_OK;
}

static mnsec_status read_words(const mn_statement_field *field, mn_decode *from, void *object)
{
    mn_buf *member = own_member_of(field, object);
    uint64_t count = 0;
    MN_TRY(mn_decode_u64(from, &count));
    if (count > field->max) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (uint64_t i = 0; i < count; i++) {
        mn_bytes word;
        MN_TRY(mn_decode_bytes(from, &word));
        if (!field->is_text(word)) {
            return MNSEC_E_USAGE_FORMAT;
        }
        MN_TRY(mn_buf_append_text(member, i == 0 ? "" : " "));
        MN_TRY(mn_buf_append(member, word.bytes, word.len));
    }
    return MNSEC_OK;
}

static mnsec_status write_group(const mn_statement_field *field, const void *object, mn_buf *to)
{
    return mn_statement_field_write(field->of, member_of(field, object), to);
}

static mnsec_status read_group(const mn_statement_field *field, mn_decode *from, void *object)
{
    return mn_statement_field_read(field->of, from, own_member_of(field, object));
}

static void wipe_group(const mn_statement_field *field, void *object)
{
    mn_statement_field_wipe(field->of, own_member_of(field, object));
}

static mnsec_status write_nested(const mn_statement_field *field, const void *object, mn_buf *to)
{
    MN_AUTO(mn_buf) whole = {0};
    MN_TRY(mn_statement_field_write_whole(field->of, member_of(field, object), &whole));
    return mn_encode_bytes(to, whole.bytes, whole.len);
}

static mnsec_status read_nested(const mn_statement_field *field, mn_decode *from, void *object)
{
    mn_bytes whole;
    MN_TRY(mn_decode_bytes(from, &whole));
    return mn_statement_field_read_whole(field->of, whole, own_member_of(field, object));
}

static mnsec_status write_list(const mn_statement_field *field, const void *object, mn_buf *to)
{
    const size_t count =
        *(const size_t *)(const void *)((const uint8_t *)object + field->count_offset);
    if (!is_within(field, count)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_encode_u64(to, count));
    const uint8_t *items = member_of(field, object);
    for (size_t i = 0; i < count; i++) {
        MN_TRY(mn_statement_field_write(field->of, items + i * field->size, to));
    }
    return MNSEC_OK;
}

static mnsec_status read_list(const mn_statement_field *field, mn_decode *from, void *object)
{
    uint64_t count = 0;
    MN_TRY(mn_decode_u64(from, &count));
    if (!is_within(field, count)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *(size_t *)(void *)((uint8_t *)object + field->count_offset) = (size_t)count;
    uint8_t *items = own_member_of(field, object);
    for (size_t i = 0; i < count; i++) {
        MN_TRY(mn_statement_field_read(field->of, from, items + i * field->size));
    }
    return MNSEC_OK;
}

static void wipe_list(const mn_statement_field *field, void *object)
{
    uint8_t *items = own_member_of(field, object);
    for (size_t i = 0; i < field->max; i++) {
        mn_statement_field_wipe(field->of, items + i * field->size);
    }
}

/* clang-format off */
static const handling handlings[] = {
    [MN_STATEMENT_FIELD_NUMBER]         = {write_number, read_number, NULL},
    [MN_STATEMENT_FIELD_ID]             = {write_fixed, read_id, NULL},
    [MN_STATEMENT_FIELD_FIXED]          = {write_fixed, read_fixed, NULL},
    [MN_STATEMENT_FIELD_POINT]          = {write_fixed, read_point, NULL},
    [MN_STATEMENT_FIELD_POINT_OR_EMPTY] = {write_point_or_empty, read_point_or_empty, NULL},
    [MN_STATEMENT_FIELD_TEXT]           = {write_text, read_text, NULL},
    [MN_STATEMENT_FIELD_BYTES]          = {write_bytes, read_bytes, wipe_bytes},
    [MN_STATEMENT_FIELD_LONG_TEXT]      = {write_long_text, read_long_text, wipe_bytes},
    [MN_STATEMENT_FIELD_WORDS]          = {write_words, read_words, wipe_bytes},
    [MN_STATEMENT_FIELD_GROUP]          = {write_group, read_group, wipe_group},
    [MN_STATEMENT_FIELD_NESTED]         = {write_nested, read_nested, wipe_group},
    [MN_STATEMENT_FIELD_LIST]           = {write_list, read_list, wipe_list},
};
/* clang-format on */

mnsec_status mn_statement_field_write(const mn_statement_layout *layout, const void *object,
                                      mn_buf *to)
{
    const mn_statement_field *field = layout->fields;
    for (; field->type != MN_STATEMENT_FIELD_END; field++) {
        MN_TRY(handlings[field->type].write(field, object, to));
    }
    return MNSEC_OK;
}

mnsec_status mn_statement_field_read(const mn_statement_layout *layout, mn_decode *from,
                                     void *object)
{
    const mn_statement_field *field = layout->fields;
    for (; field->type != MN_STATEMENT_FIELD_END; field++) {
        MN_TRY(handlings[field->type].read(field, from, object));
    }
    return !layout->holds || layout->holds(object) ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

mnsec_status mn_statement_field_write_whole(const mn_statement_layout *layout, const void *object,
                                            mn_buf *out_bytes)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(mn_encode_begin(&bytes, layout->purpose));
    MN_TRY(mn_statement_field_write(layout, object, &bytes));
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_statement_field_read_whole(const mn_statement_layout *layout, mn_bytes bytes,
                                           void *object)
{
    mn_decode from;
    MN_TRY(mn_decode_begin(&from, bytes, layout->purpose));
    MN_TRY(mn_statement_field_read(layout, &from, object));
    return mn_decode_end(&from);
}

void mn_statement_field_wipe(const mn_statement_layout *layout, void *object)
{
    const mn_statement_field *field = layout->fields;
    for (; field->type != MN_STATEMENT_FIELD_END; field++) {
        if (handlings[field->type].wipe) {
            handlings[field->type].wipe(field, object);
        }
    }
}
