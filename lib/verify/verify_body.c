/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies (docs/FORMATS.md, 2.3). A body is JSON in one form only: it is read, written again in that
 * form and must come out as it was. Members are those of the table, each of its kind; one more is
 * refused, because nobody would know whether it may be shown.
 */
#include <jansson.h>
#include <string.h>

#include "base/base64.h"
#include "mnsec/id.h"
#include "verify_read.h"

#define SALT_BYTES  16U
#define INTEGER_MAX ((INT64_C(1) << 53) - 1)

typedef struct member {
    const char *key;
    bool (*is_kind)(const json_t *value);
} member;

static mn_bytes string_of(const json_t *value)
{
    return mn_bytes_of(json_string_value(value), json_string_length(value));
}

static bool is_text(const json_t *value)
{
    return json_is_string(value);
}

static bool is_id(const json_t *value)
{
    mnsec_id id;
    char again[MNSEC_ID_TEXT_BYTES];
    const char *text = json_string_value(value);
    if (text == NULL || mnsec_id_parse(text, &id) != MNSEC_OK) {
        return false;
    }
    mnsec_id_format(&id, again);
    return strcmp(text, again) == 0;
}

static bool is_digest(const json_t *value)
{
    uint8_t digest[32];
    return json_is_string(value) && mn_base64_url_digest_read(string_of(value), digest) == MNSEC_OK;
}

static bool is_bytes(const json_t *value)
{
    MN_AUTO(mn_buf) bytes = {0};
    return json_is_string(value) && mn_base64_url_read(string_of(value), &bytes) == MNSEC_OK;
}

static bool is_integer(const json_t *value)
{
    const json_int_t integer = json_integer_value(value);
    return json_is_integer(value) && integer >= 0 && integer <= INTEGER_MAX;
}

/* An array of pairs. */
static bool are_pairs(const json_t *value, bool (*is_first)(const json_t *),
                      bool (*is_second)(const json_t *))
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *pair = json_array_get(value, i);
        if (json_array_size(pair) != 2 || !is_first(json_array_get(pair, 0)) ||
            !is_second(json_array_get(pair, 1))) {
            return false;
        }
    }
    return json_is_array(value);
}

static bool are_items(const json_t *value)
{
    return are_pairs(value, is_id, is_id);
}

static bool are_heads(const json_t *value)
{
    return are_pairs(value, is_integer, is_digest);
}

static const member members[] = {
    {"actor", is_id},       {"actor2", is_id},      {"authdoc", is_bytes}, {"card", is_digest},
    {"card2", is_digest},   {"count", is_integer},  {"doc", is_text},      {"items", are_items},
    {"kind", is_text},      {"lost", are_heads},    {"medium", is_text},   {"osuser", is_text},
    {"outhash", is_digest}, {"policy", is_integer}, {"purpose", is_text},  {"reason", is_text},
    {"recipient", is_text}, {"record", is_id},      {"role", is_text},     {"software", is_text},
    {"value", is_id},       {"ws", is_id},          {"year", is_integer},
};

static bool is_member(const char *key, const json_t *value)
{
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (strcmp(members[i].key, key) == 0) {
            return members[i].is_kind(value);
        }
    }
    return false;
}

static bool are_members(json_t *data)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(data, key, value)
    {
        if (!is_member(key, value)) {
            return false;
        }
    }
    return json_is_object(data);
}

static bool is_salt(const json_t *value)
{
    MN_AUTO(mn_buf) salt = {0};
    return json_is_string(value) && mn_base64_url_read(string_of(value), &salt) == MNSEC_OK &&
           salt.len == SALT_BYTES;
}

/* Writes into memory of ours, whatever allocator the host program has given to jansson. */
static bool is_canonical(const json_t *body, mn_bytes line)
{
    static const size_t flags = JSON_COMPACT | JSON_SORT_KEYS;
    MN_AUTO(mn_buf) again = {0};
    uint8_t *to = NULL;
    return json_dumpb(body, NULL, 0, flags) == line.len &&
           mn_buf_extend(&again, line.len, &to) == MNSEC_OK &&
           json_dumpb(body, (char *)to, line.len, flags) == line.len &&
           memcmp(to, line.bytes, line.len) == 0;
}

mnsec_status mn_verify_body_read(mn_bytes line, mn_buf *out_document)
{
    json_auto_t *body =
        json_loadb((const char *)line.bytes, line.len, JSON_REJECT_DUPLICATES, NULL);
    json_t *data = json_object_get(body, "d");
    if (json_object_size(body) != 2 || !is_salt(json_object_get(body, "salt")) ||
        !are_members(data) || !is_canonical(body, line)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const json_t *document = json_object_get(data, "authdoc");
    if (document == NULL) {
        mn_buf_reset(out_document);
        return MNSEC_OK;
    }
    return mn_base64_url_read(string_of(document), out_document);
}
