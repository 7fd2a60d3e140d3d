/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the log and of signatures (docs/FORMATS.md, 2.1 and 2.2). A statement has one form: its
 * members in their order, no white space, no escapes; so it is read against that form, letter by
 * letter, and whatever reads is canonical. The cursor remembers that something did not fit, and
 * everything read after that is empty.
 */
#include <string.h>

#include "base/base64.h"
#include "verify_read.h"

#define INTEGER_MAX ((UINT64_C(1) << 53) - 1)
#define ID_LETTERS  26U

typedef struct cursor {
    mn_bytes rest;
    bool broken;
} cursor;

typedef struct word {
    const char *name;
    unsigned value;
} word;

static const word auths[] = {{"none", MN_VERIFY_AUTH_NONE},
                             {"log", MN_VERIFY_AUTH_LOG},
                             {"session", MN_VERIFY_AUTH_SESSION},
                             {"card", MN_VERIFY_AUTH_CARD}};
static const word stages[] = {{"acquire", 1}, {"use", 1},     {"keep", 1},
                              {"provide", 1}, {"dispose", 1}, {"none", 1}};

/* What a success of carries an authority document: an event, or a noun and its point. */
static const char *const authority_events[] = {
    "facility.found", "staff.",    "grant.", "policy.",     "workstation.",
    "department.",    "password.", "key.",   "restore.run",
};

#define COUNT_OF(table) (sizeof(table) / sizeof((table)[0]))

static void skip(cursor *at, size_t len)
{
    at->rest = mn_bytes_of(at->rest.bytes + len, at->rest.len - len);
}

static void literal(cursor *at, const char *text)
{
    const size_t len = strlen(text);
    if (at->broken || at->rest.len < len || memcmp(at->rest.bytes, text, len) != 0) {
        at->broken = true;
        return;
    }
    skip(at, len);
}

static bool is_text_letter(uint8_t letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '.' ||
           letter == '_' || letter == '-' || letter == '/';
}

/* At least one of the letters that names, ids and words are made of. */
static mn_bytes text(cursor *at)
{
    size_t len = 0;
    while (!at->broken && len < at->rest.len && is_text_letter(at->rest.bytes[len])) {
        len++;
    }
    const mn_bytes found = mn_bytes_of(at->rest.bytes, len);
    if (len == 0) {
        at->broken = true;
        return found;
    }
    skip(at, len);
    return found;
}

static bool equals(mn_bytes bytes, const char *name)
{
    return bytes.len == strlen(name) && memcmp(bytes.bytes, name, bytes.len) == 0;
}

static unsigned one_of(cursor *at, const word *words, size_t count)
{
    const mn_bytes found = text(at);
    for (size_t i = 0; i < count; i++) {
        if (!at->broken && equals(found, words[i].name)) {
            return words[i].value;
        }
    }
    at->broken = true;
    return 0;
}

static uint64_t integer(cursor *at)
{
    uint64_t value = 0;
    size_t len = 0;
    while (!at->broken && len < at->rest.len && at->rest.bytes[len] >= '0' &&
           at->rest.bytes[len] <= '9' && value <= INTEGER_MAX) {
        value = value * 10 + (uint64_t)(at->rest.bytes[len] - '0');
        len++;
    }
    if (len == 0 || value > INTEGER_MAX || (len > 1 && at->rest.bytes[0] == '0')) {
        at->broken = true;
        return 0;
    }
    skip(at, len);
    return value;
}

static void digest(cursor *at, uint8_t out_digest[32])
{
    const size_t letters = MN_BASE64_URL_DIGEST_BYTES - 1;
    if (at->broken || at->rest.len < letters ||
        mn_base64_url_digest_read(mn_bytes_of(at->rest.bytes, letters), out_digest) != MNSEC_OK) {
        at->broken = true;
        return;
    }
    skip(at, letters);
}

/* A digest, or "-" for none; is there one? */
static bool optional_digest(cursor *at, uint8_t out_digest[32])
{
    const bool letter_follows = at->rest.len > 1 && at->rest.bytes[1] != '"';
    if (!at->broken && at->rest.len > 0 && at->rest.bytes[0] == '-' && !letter_follows) {
        skip(at, 1);
        return false;
    }
    digest(at, out_digest);
    return true;
}

static bool is_department(mn_bytes department)
{
    return equals(department, "-") || department.len == ID_LETTERS;
}

static bool is_event(mn_bytes event)
{
    const uint8_t *point = event.len > 0 ? memchr(event.bytes, '.', event.len) : NULL;
    return point != NULL && point != event.bytes && point + 1 != event.bytes + event.len &&
           memchr(point + 1, '.', (size_t)(event.bytes + event.len - point - 1)) == NULL;
}

static bool is_outcome(uint64_t outcome)
{
    return outcome == 0 || outcome == 4 || outcome == 8 || outcome == 12;
}

static void read_statement(cursor *at, mn_verify_line *out_line)
{
    const uint8_t *start = at->rest.bytes;
    literal(at, "{\"_\":\"mnsec-audit/1\",\"ah\":\"");
    out_line->has_head = optional_digest(at, out_line->head);
    literal(at, "\",\"at\":");
    out_line->at = integer(at);
    literal(at, ",\"auth\":\"");
    out_line->auth = (mn_verify_auth)one_of(at, auths, COUNT_OF(auths));
    literal(at, "\",\"bh\":\"");
    digest(at, out_line->body);
    literal(at, "\",\"dept\":\"");
    out_line->department = text(at);
    literal(at, "\",\"ev\":\"");
    out_line->event = text(at);
    literal(at, "\",\"log\":\"");
    out_line->origin = text(at);
    literal(at, "\",\"out\":");
    out_line->outcome = integer(at);
    literal(at, ",\"pre\":\"");
    digest(at, out_line->root.bytes);
    literal(at, "\",\"ses\":");
    out_line->ses = integer(at);
    literal(at, ",\"sn\":");
    out_line->sn = integer(at);
    literal(at, ",\"st\":\"");
    (void)one_of(at, stages, COUNT_OF(stages));
    literal(at, "\",\"ts\":");
    out_line->ts = integer(at);
    literal(at, "}");
    out_line->statement = mn_bytes_of(start, (size_t)(at->rest.bytes - start));
}

static void read_stamp(cursor *at, mn_verify_line *out_line)
{
    literal(at, "\t");
    out_line->index = integer(at);
    literal(at, " ");
    out_line->department_index = integer(at);
    literal(at, " ");
    out_line->time = integer(at);
    literal(at, "\t");
}

/* The signature in the form that mn_signature_verify() takes. */
static mnsec_status to_raw(mn_signature_alg alg, mn_buf *signature)
{
    if (alg == MN_SIGNATURE_ECDSA_P256_SHA256) {
        return mn_signature_raw_from_der(mn_buf_view(signature), 32, signature);
    }
    if (alg == MN_SIGNATURE_ECDSA_P384_SHA384) {
        return mn_signature_raw_from_der(mn_buf_view(signature), 48, signature);
    }
    return alg == MN_SIGNATURE_NONE ? MNSEC_E_USAGE_FORMAT : MNSEC_OK;
}

static mnsec_status read_group(cursor *at, mn_verify_line_group *out_group)
{
    const mn_bytes alg = text(at);
    literal(at, " ");
    digest(at, out_group->certificate);
    literal(at, " ");
    if (at->broken) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const uint8_t *space = at->rest.len > 0 ? memchr(at->rest.bytes, ' ', at->rest.len) : NULL;
    const size_t len = space == NULL ? at->rest.len : (size_t)(space - at->rest.bytes);
    out_group->alg = mn_signature_alg_parse(alg);
    MN_TRY(mn_base64_url_read(mn_bytes_of(at->rest.bytes, len), &out_group->signature));
    skip(at, len);
    return to_raw(out_group->alg, &out_group->signature);
}

mnsec_status mn_verify_line_read(mn_bytes line, mn_verify_line *out_line)
{
    mn_verify_line read = {0};
    cursor at = {.rest = line};
    read_statement(&at, &read);
    read_stamp(&at, &read);
    read.is_signed = optional_digest(&at, read.signature);
    if (at.broken || at.rest.len != 0 || !is_department(read.department) || !is_event(read.event) ||
        !is_outcome(read.outcome)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_line = read;
    return MNSEC_OK;
}

bool mn_verify_line_is(const mn_verify_line *line, const char *event)
{
    return equals(line->event, event);
}

bool mn_verify_line_is_authority(const mn_verify_line *line)
{
    for (size_t i = 0; i < COUNT_OF(authority_events); i++) {
        const char *event = authority_events[i];
        const size_t len = strlen(event);
        const bool is_noun = event[len - 1] == '.';
        if (equals(line->event, event) ||
            (is_noun && line->event.len > len && memcmp(line->event.bytes, event, len) == 0)) {
            return line->outcome == 0;
        }
    }
    return false;
}

void mn_verify_line_groups_wipe(mn_verify_line_groups *groups)
{
    for (size_t i = 0; i < MN_VERIFY_GROUPS; i++) {
        mn_buf_wipe(&groups->groups[i].signature);
    }
    *groups = (mn_verify_line_groups){0};
}

mnsec_status mn_verify_line_signature_index(mn_bytes line, uint64_t *out_index)
{
    cursor at = {.rest = line};
    const uint64_t index = integer(&at);
    literal(&at, " ");
    if (at.broken) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_index = index;
    return MNSEC_OK;
}

mnsec_status mn_verify_line_signatures(mn_bytes line, mn_verify_line_groups *out_groups)
{
    MN_AUTO(mn_verify_line_groups) read = {0};
    cursor at = {.rest = line};
    (void)integer(&at);
    while (at.rest.len > 0 || at.broken || read.count == 0) {
        literal(&at, " ");
        if (at.broken || read.count == MN_VERIFY_GROUPS) {
            return MNSEC_E_USAGE_FORMAT;
        }
        MN_TRY(read_group(&at, &read.groups[read.count]));
        read.count++;
    }
    mn_verify_line_groups_wipe(out_groups);
    *out_groups = read;
    read = (mn_verify_line_groups){0};
    return MNSEC_OK;
}
