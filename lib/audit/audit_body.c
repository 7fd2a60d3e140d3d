/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Body lines, by one table of members in the order they stand in. A member is written where it is
 * set and read where its name is next, so a foreign, repeated or misplaced one is refused. Strings
 * have two escapes, for the quotation mark and the backslash: control characters are refused.
 */
#include "audit/audit_body.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_scan.h"
#include "base/base64.h"
#include "base/text.h"
#include "tlog/tlog.h"

typedef enum form {
    FORM_ID,
    FORM_DIGEST,
    FORM_DOCUMENT,
    FORM_TEXT,
    FORM_INTEGER,
    FORM_COUNT,
    FORM_ITEMS
} form;

typedef struct member {
    const char *key;
    form form;
    size_t offset;
    const char *const *words; /* the only values, NULL-terminated; NULL = free text */
} member;

static const char *const kinds[] = {"employee", "dependant", "payee", "resident", NULL};
static const char *const roles[] = {"responsible", "handler", "auditor", "unattended", NULL};

#define MEMBER(name, form, words)                                                                  \
    {                                                                                              \
#name, form, offsetof(mn_audit_body, name), words                                          \
    }

static const member members[] = {
    MEMBER(actor, FORM_ID, NULL),
    MEMBER(actor2, FORM_ID, NULL),
    {"authdoc", FORM_DOCUMENT, offsetof(mn_audit_body, authority), NULL},
    MEMBER(card, FORM_DIGEST, NULL),
    MEMBER(card2, FORM_DIGEST, NULL),
    MEMBER(count, FORM_COUNT, NULL),
    MEMBER(doc, FORM_TEXT, NULL),
    MEMBER(items, FORM_ITEMS, NULL),
    MEMBER(kind, FORM_TEXT, kinds),
    MEMBER(medium, FORM_TEXT, NULL),
    MEMBER(osuser, FORM_TEXT, NULL),
    MEMBER(outhash, FORM_DIGEST, NULL),
    MEMBER(policy, FORM_INTEGER, NULL),
    MEMBER(purpose, FORM_TEXT, NULL),
    MEMBER(reason, FORM_TEXT, NULL),
    MEMBER(recipient, FORM_TEXT, NULL),
    MEMBER(record, FORM_ID, NULL),
    MEMBER(role, FORM_TEXT, roles),
    MEMBER(software, FORM_TEXT, NULL),
    MEMBER(value, FORM_ID, NULL),
    MEMBER(ws, FORM_ID, NULL),
    MEMBER(year, FORM_INTEGER, NULL),
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static const void *value_of(const mn_audit_body *body, const member *which)
{
    return (const uint8_t *)body + which->offset;
}

static const void *pointer_of(const mn_audit_body *body, const member *which)
{
    return *(const void *const *)value_of(body, which);
}

static uint64_t integer_of(const mn_audit_body *body, const member *which)
{
    return *(const uint64_t *)value_of(body, which);
}

static bool is_set(const mn_audit_body *body, const member *which)
{
    switch (which->form) {
    case FORM_DOCUMENT:
        return body->authority.len > 0;
    case FORM_COUNT:
        return body->has_count;
    case FORM_ITEMS:
        return body->item_count > 0;
    case FORM_INTEGER:
        return integer_of(body, which) != 0;
    case FORM_TEXT: {
        const char *text = (const char *)pointer_of(body, which);
        return text && *text != '\0';
    }
    case FORM_ID:
    case FORM_DIGEST:
    default:
        return pointer_of(body, which) != NULL;
    }
}

static bool is_one_of(const char *const *words, const char *text)
{
    while (*words && strcmp(*words, text) != 0) {
        words++;
    }
    return *words != NULL;
}

/* --- writing --- */

static mnsec_status check_text(const member *which, const char *text, mn_error *err)
{
    const size_t len = strlen(text);
    const mn_bytes bytes = mn_bytes_of(text, len);
    if (which->words) {
        return is_one_of(which->words, text)
                   ? MNSEC_OK
                   : mn_fail(err, MNSEC_E_USAGE_FORMAT, "%s is none of its values", which->key);
    }
    if (len > MN_AUDIT_BODY_MAX_TEXT_BYTES || !mn_text_is_clean(bytes, false)) {
        return mn_fail(err, MNSEC_E_USAGE_FORMAT, "%s is too long or no line of text", which->key);
    }
    if (mn_text_has_number(bytes)) {
        return mn_fail(err, MNSEC_E_USAGE_FORMAT, "%s holds what looks like a number", which->key);
    }
    return MNSEC_OK;
}

static mnsec_status append_text(mn_buf *line, const char *text)
{
    MN_TRY(mn_buf_append_text(line, "\""));
    for (const char *rest = text; *rest != '\0';) {
        const size_t plain = strcspn(rest, "\"\\");
        MN_TRY(mn_buf_append(line, rest, plain));
        rest += plain;
        if (*rest != '\0') {
            MN_TRY(mn_buf_printf(line, "\\%c", *rest));
            rest++;
        }
    }
    return mn_buf_append_text(line, "\"");
}

static mnsec_status append_base64(mn_buf *line, const void *bytes, size_t len)
{
    MN_TRY(mn_buf_append_text(line, "\""));
    MN_TRY(mn_base64_url_append(line, bytes, len));
    return mn_buf_append_text(line, "\"");
}

static mnsec_status append_items(mn_buf *line, const mn_audit_body *body)
{
    for (size_t i = 0; i < body->item_count; i++) {
        char record[MNSEC_ID_TEXT_BYTES];
        char value[MNSEC_ID_TEXT_BYTES];
        mnsec_id_format(&body->items[i][0], record);
        mnsec_id_format(&body->items[i][1], value);
        MN_TRY(mn_buf_printf(line, "%s[\"%s\",\"%s\"]", i == 0 ? "[" : ",", record, value));
    }
    return mn_buf_append_text(line, "]");
}

static mnsec_status append_integer(mn_buf *line, uint64_t value)
{
    return value > MN_TLOG_MAX_SIZE ? MNSEC_E_USAGE_FORMAT : mn_buf_printf(line, "%" PRIu64, value);
}

static mnsec_status append_id(mn_buf *line, const mnsec_id *id)
{
    char text[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(id, text);
    return mn_buf_printf(line, "\"%s\"", text);
}

static mnsec_status append_value(mn_buf *line, const mn_audit_body *body, const member *which,
                                 mn_error *err)
{
    switch (which->form) {
    case FORM_ID:
        return append_id(line, (const mnsec_id *)pointer_of(body, which));
    case FORM_DIGEST:
        return append_base64(line, pointer_of(body, which), 32);
    case FORM_DOCUMENT:
        return append_base64(line, body->authority.bytes, body->authority.len);
    case FORM_INTEGER:
    case FORM_COUNT:
        return append_integer(line, integer_of(body, which));
    case FORM_ITEMS:
        return append_items(line, body);
    case FORM_TEXT:
    default:
        break;
    }
    const char *text = (const char *)pointer_of(body, which);
    MN_TRY(check_text(which, text, err));
    return append_text(line, text);
}

mnsec_status mn_audit_body_write(const mn_audit_body *body,
                                 const uint8_t salt[MN_AUDIT_BODY_SALT_BYTES], mn_error *err,
                                 mn_buf *out_line)
{
    MN_AUTO(mn_buf) line = {0};
    const char *before = "{\"d\":{";
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!is_set(body, &members[i])) {
            continue;
        }
        MN_TRY(mn_buf_printf(&line, "%s\"%s\":", before, members[i].key));
        MN_TRY(append_value(&line, body, &members[i], err));
        before = ",";
    }
    MN_TRY(mn_buf_append_text(&line, line.len == 0 ? "{\"d\":{},\"salt\":" : "},\"salt\":"));
    MN_TRY(append_base64(&line, salt, MN_AUDIT_BODY_SALT_BYTES));
    MN_TRY(mn_buf_append_text(&line, "}"));
    if (line.len > MN_AUDIT_BODY_MAX_BYTES) {
        return mn_fail(err, MNSEC_E_USAGE_FORMAT, "entry is too long");
    }
    mn_buf_move(out_line, &line);
    return MNSEC_OK;
}

/* --- reading --- */

/* Where the values of a body being read go. */
typedef struct target {
    mn_audit_body_copy *copy;
    size_t ids;
    size_t digests;
} target;

static void set_pointer(const target *to, const member *which, const void *pointer)
{
    memcpy((uint8_t *)&to->copy->body + which->offset, &pointer, sizeof(pointer));
}

static mnsec_status read_quoted_base64(mn_audit_scan *scan, mn_buf *out_bytes)
{
    mn_bytes word;
    MN_TRY(mn_audit_scan_literal(scan, "\""));
    MN_TRY(mn_audit_scan_until(scan, '"', &word));
    return mn_base64_url_read(word, out_bytes);
}

static mnsec_status read_quoted_id(mn_audit_scan *scan, mnsec_id *out_id)
{
    MN_TRY(mn_audit_scan_literal(scan, "\""));
    MN_TRY(mn_audit_scan_id(scan, out_id));
    return mn_audit_scan_literal(scan, "\"");
}

static mnsec_status read_id(mn_audit_scan *scan, target *to, const member *which)
{
    mnsec_id *id = &to->copy->ids[to->ids++];
    MN_TRY(read_quoted_id(scan, id));
    set_pointer(to, which, id);
    return MNSEC_OK;
}

static mnsec_status read_digest(mn_audit_scan *scan, target *to, const member *which)
{
    uint8_t *digest = to->copy->digests[to->digests++];
    MN_TRY(mn_audit_scan_literal(scan, "\""));
    MN_TRY(mn_audit_scan_digest(scan, digest));
    set_pointer(to, which, digest);
    return mn_audit_scan_literal(scan, "\"");
}

static mnsec_status read_document(mn_audit_scan *scan, target *to)
{
    MN_TRY(read_quoted_base64(scan, &to->copy->authority));
    to->copy->body.authority = mn_buf_view(&to->copy->authority);
    return to->copy->authority.len > 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

/* Unescaped into texts, a NUL behind it. Room for the whole line is there, so nothing moves. */
static mnsec_status read_text(mn_audit_scan *scan, target *to, const member *which)
{
    mn_buf *texts = &to->copy->texts;
    const size_t start = texts->len;
    MN_TRY(mn_audit_scan_literal(scan, "\""));
    while (!mn_audit_scan_has(scan, "\"")) {
        const bool escaped = mn_audit_scan_has(scan, "\\");
        if (scan->rest.len == 0) {
            return MNSEC_E_USAGE_FORMAT;
        }
        const uint8_t byte = scan->rest.bytes[0];
        if (escaped && byte != '"' && byte != '\\') {
            return MNSEC_E_USAGE_FORMAT;
        }
        MN_TRY(mn_buf_append(texts, &byte, 1));
        scan->rest = mn_bytes_of(scan->rest.bytes + 1, scan->rest.len - 1);
    }
    const mn_bytes read = mn_bytes_of(texts->bytes + start, texts->len - start);
    MN_TRY(mn_buf_append(texts, "", 1));
    const char *text = (const char *)texts->bytes + start;
    const bool is_proper =
        read.len > 0 && read.len <= MN_AUDIT_BODY_MAX_TEXT_BYTES && mn_text_is_clean(read, false);
    if (!is_proper || (which->words && !is_one_of(which->words, text))) {
        return MNSEC_E_USAGE_FORMAT;
    }
    set_pointer(to, which, text);
    return MNSEC_OK;
}

static mnsec_status read_integer(mn_audit_scan *scan, target *to, const member *which)
{
    uint64_t value = 0;
    MN_TRY(mn_audit_scan_integer(scan, &value));
    if (which->form == FORM_COUNT) {
        to->copy->body.has_count = true;
    } else if (value == 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy((uint8_t *)&to->copy->body + which->offset, &value, sizeof(value));
    return MNSEC_OK;
}

static mnsec_status read_items(mn_audit_scan *scan, target *to)
{
    /* `["…26…","…26…"]` and a comma or bracket: no array has more items than the line has room. */
    const size_t item_bytes = 2 * (MNSEC_ID_TEXT_BYTES - 1) + 8;
    to->copy->items = calloc(scan->rest.len / item_bytes + 1, sizeof(*to->copy->items));
    if (!to->copy->items) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    size_t count = 0;
    do {
        MN_TRY(mn_audit_scan_literal(scan, count == 0 ? "[[" : "["));
        MN_TRY(read_quoted_id(scan, &to->copy->items[count][0]));
        MN_TRY(mn_audit_scan_literal(scan, ","));
        MN_TRY(read_quoted_id(scan, &to->copy->items[count][1]));
        MN_TRY(mn_audit_scan_literal(scan, "]"));
        count++;
    } while (mn_audit_scan_has(scan, ","));
    to->copy->body.items = (const mnsec_id(*)[2])to->copy->items;
    to->copy->body.item_count = count;
    return mn_audit_scan_literal(scan, "]");
}

static mnsec_status read_value(mn_audit_scan *scan, target *to, const member *which)
{
    switch (which->form) {
    case FORM_ID:
        return read_id(scan, to, which);
    case FORM_DIGEST:
        return read_digest(scan, to, which);
    case FORM_DOCUMENT:
        return read_document(scan, to);
    case FORM_INTEGER:
    case FORM_COUNT:
        return read_integer(scan, to, which);
    case FORM_ITEMS:
        return read_items(scan, to);
    case FORM_TEXT:
    default:
        return read_text(scan, to, which);
    }
}

static mnsec_status read_members(mn_audit_scan *scan, target *to)
{
    const char *before = "\"";
    for (size_t i = 0; i < MEMBERS; i++) {
        const mn_audit_scan start = *scan;
        const bool is_next = mn_audit_scan_has(scan, before) &&
                             mn_audit_scan_has(scan, members[i].key) &&
                             mn_audit_scan_has(scan, "\":");
        if (!is_next) {
            *scan = start;
            continue;
        }
        MN_TRY(read_value(scan, to, &members[i]));
        before = ",\"";
    }
    return MNSEC_OK;
}

void mn_audit_body_copy_wipe(mn_audit_body_copy *copy)
{
    mn_buf_wipe(&copy->texts);
    mn_buf_wipe(&copy->authority);
    free(copy->items);
    *copy = (mn_audit_body_copy){.items = NULL};
}

mnsec_status mn_audit_body_read(mn_bytes line, mn_audit_body_copy *out_copy)
{
    mn_audit_body_copy_wipe(out_copy);
    if (line.len > MN_AUDIT_BODY_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    uint8_t *room = NULL;
    MN_TRY(mn_buf_extend(&out_copy->texts, line.len + MEMBERS, &room));
    mn_buf_reset(&out_copy->texts);
    mn_audit_scan scan = {.rest = line};
    target to = {.copy = out_copy};
    MN_AUTO(mn_buf) salt = {0};
    MN_TRY(mn_audit_scan_literal(&scan, "{\"d\":{"));
    MN_TRY(read_members(&scan, &to));
    MN_TRY(mn_audit_scan_literal(&scan, "},\"salt\":"));
    MN_TRY(read_quoted_base64(&scan, &salt));
    MN_TRY(mn_audit_scan_literal(&scan, "}"));
    return salt.len == MN_AUDIT_BODY_SALT_BYTES ? mn_audit_scan_end(&scan) : MNSEC_E_USAGE_FORMAT;
}
