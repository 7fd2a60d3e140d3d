/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the log. A statement has a fixed set of members in a fixed order, so it is written by
 * one format and read by taking that format apart again; nothing is parsed that could be spelt in
 * two ways. Rules about the values: audit_rule.c.
 */
#include "audit/audit_line.h"

#include <inttypes.h>
#include <string.h>

#include "audit/audit_scan.h"
#include "base/base64.h"

static const char *const auth_names[] = {
    [MN_AUDIT_AUTH_NONE] = "none",
    [MN_AUDIT_AUTH_CARD] = "card",
    [MN_AUDIT_AUTH_SESSION] = "session",
    [MN_AUDIT_AUTH_LOG] = "log",
};

#define AUTHS (sizeof(auth_names) / sizeof(auth_names[0]))

static bool is_word(mn_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.bytes, word, text.len) == 0;
}

static bool is_outcome(uint64_t value)
{
    return value == MN_AUDIT_SUCCESS || value == MN_AUDIT_MINOR || value == MN_AUDIT_SERIOUS ||
           value == MN_AUDIT_MAJOR;
}

static void department_text(const mnsec_id *department, char out_text[MNSEC_ID_TEXT_BYTES])
{
    if (mnsec_id_is_none(department)) {
        memcpy(out_text, "-", 2);
    } else {
        mnsec_id_format(department, out_text);
    }
}

static mnsec_status read_ah(mn_audit_scan *scan, mn_audit_statement *statement)
{
    statement->has_ah = !mn_audit_scan_has(scan, "-\"");
    if (!statement->has_ah) {
        return MNSEC_OK;
    }
    MN_TRY(mn_audit_scan_digest(scan, statement->ah));
    return mn_audit_scan_literal(scan, "\"");
}

static mnsec_status read_auth(mn_audit_scan *scan, mn_audit_statement *statement)
{
    mn_bytes word;
    MN_TRY(mn_audit_scan_until(scan, '"', &word));
    for (size_t auth = 0; auth < AUTHS; auth++) {
        if (is_word(word, auth_names[auth])) {
            statement->auth = (mn_audit_auth)auth;
            return MNSEC_OK;
        }
    }
    return MNSEC_E_USAGE_FORMAT;
}

static mnsec_status read_department(mn_audit_scan *scan, mn_audit_statement *statement)
{
    statement->department = (mnsec_id){{0}};
    if (mn_audit_scan_has(scan, "-\"")) {
        return MNSEC_OK;
    }
    MN_TRY(mn_audit_scan_id(scan, &statement->department));
    if (mnsec_id_is_none(&statement->department)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_audit_scan_literal(scan, "\"");
}

static mnsec_status read_event(mn_audit_scan *scan, mn_audit_statement *statement)
{
    mn_bytes word;
    char event[32] = "";
    MN_TRY(mn_audit_scan_until(scan, '"', &word));
    if (word.len >= sizeof(event) || memchr(word.bytes, 0, word.len) != NULL) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy(event, word.bytes, word.len);
    statement->action = mn_action_of(event);
    return statement->action == MN_ACTION_NONE ? MNSEC_E_USAGE_FORMAT : MNSEC_OK;
}

static mnsec_status read_origin(mn_audit_scan *scan, mn_audit_statement *statement)
{
    mn_bytes word;
    MN_TRY(mn_audit_scan_until(scan, '"', &word));
    if (word.len > MN_TLOG_ORIGIN_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy(statement->origin, word.bytes, word.len);
    statement->origin[word.len] = '\0';
    const bool whole = strlen(statement->origin) == word.len;
    return whole && mn_tlog_checkpoint_origin_is_valid(statement->origin) &&
                   strchr(statement->origin, '\\') == NULL
               ? MNSEC_OK
               : MNSEC_E_USAGE_FORMAT;
}

static mnsec_status read_outcome(mn_audit_scan *scan, mn_audit_statement *statement)
{
    uint64_t value = 0;
    MN_TRY(mn_audit_scan_integer(scan, &value));
    if (!is_outcome(value)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    statement->outcome = (mn_audit_outcome)value;
    return MNSEC_OK;
}

static mnsec_status read_stage(mn_audit_scan *scan, mn_audit_statement *statement)
{
    MN_TRY(
        mn_audit_scan_literal(scan, mn_action_stage_name(mn_action_stage_of(statement->action))));
    return mn_audit_scan_literal(scan, "\"");
}

static mnsec_status read_time(mn_audit_scan *scan, int64_t *out_time)
{
    uint64_t value = 0;
    MN_TRY(mn_audit_scan_integer(scan, &value));
    *out_time = (int64_t)value;
    return MNSEC_OK;
}

static bool is_ecdsa(mn_signature_alg alg)
{
    return alg == MN_SIGNATURE_ECDSA_P256_SHA256 || alg == MN_SIGNATURE_ECDSA_P384_SHA384;
}

static mnsec_status append_group(mn_buf *text, const mn_audit_signature *signature)
{
    const char *alg = mn_signature_alg_name(signature->alg);
    if (mn_signature_alg_parse(mn_bytes_of(alg, strlen(alg))) == MN_SIGNATURE_NONE ||
        signature->signature.len == 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    char certificate[MN_BASE64_URL_DIGEST_BYTES];
    mn_base64_url_digest(signature->certificate, certificate);
    MN_TRY(mn_buf_printf(text, " %s %s ", alg, certificate));
    if (!is_ecdsa(signature->alg)) {
        return mn_base64_url_append(text, signature->signature.bytes, signature->signature.len);
    }
    MN_AUTO(mn_buf) der = {0};
    MN_TRY(mn_signature_der_from_raw(mn_buf_view(&signature->signature), &der));
    return mn_base64_url_append(text, der.bytes, der.len);
}

static mnsec_status read_group(mn_audit_scan *scan, mn_audit_line_group *group)
{
    mn_bytes word;
    MN_TRY(mn_audit_scan_until(scan, ' ', &word));
    group->alg = mn_signature_alg_parse(word);
    if (group->alg == MN_SIGNATURE_NONE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_audit_scan_digest(scan, group->certificate));
    MN_TRY(mn_audit_scan_literal(scan, " "));
    const uint8_t *space =
        scan->rest.len > 0 ? memchr(scan->rest.bytes, ' ', scan->rest.len) : NULL;
    const size_t len = space ? (size_t)(space - scan->rest.bytes) : scan->rest.len;
    MN_TRY(mn_base64_url_read(mn_bytes_of(scan->rest.bytes, len), &group->signature));
    scan->rest = mn_bytes_of(scan->rest.bytes + len, scan->rest.len - len);
    return group->signature.len > 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

const char *mn_audit_line_auth_name(mn_audit_auth auth)
{
    return (size_t)auth < AUTHS ? auth_names[auth] : NULL;
}

bool mn_audit_line_is_authority(const mn_audit_statement *statement)
{
    return statement->outcome == MN_AUDIT_SUCCESS &&
           mn_action_has(statement->action, MN_ACTION_AUTHORITY);
}

mnsec_status mn_audit_line_statement_write(const mn_audit_statement *statement, mn_buf *out_text)
{
    const char *auth = mn_audit_line_auth_name(statement->auth);
    const char *event = mn_action_event(statement->action);
    if (!auth || !event || !is_outcome((uint64_t)statement->outcome) || statement->ts < 0) {
        return MNSEC_E_USAGE;
    }
    char ah[MN_BASE64_URL_DIGEST_BYTES] = "-";
    char bh[MN_BASE64_URL_DIGEST_BYTES];
    char pre[MN_BASE64_URL_DIGEST_BYTES];
    char department[MNSEC_ID_TEXT_BYTES];
    if (statement->has_ah) {
        mn_base64_url_digest(statement->ah, ah);
    }
    mn_base64_url_digest(statement->bh, bh);
    mn_base64_url_digest(statement->pre.bytes, pre);
    department_text(&statement->department, department);
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_printf(
        &text,
        "{\"_\":\"mnsec-audit/1\",\"ah\":\"%s\",\"at\":%" PRIu64
        ",\"auth\":\"%s\",\"bh\":\"%s\",\"dept\":\"%s\",\"ev\":\"%s\",\"log\":\"%s\",\"out\":%d"
        ",\"pre\":\"%s\",\"ses\":%" PRIu64 ",\"sn\":%" PRIu64 ",\"st\":\"%s\",\"ts\":%" PRId64 "}",
        ah, statement->at, auth, bh, department, event, statement->origin, (int)statement->outcome,
        pre, statement->session.ses, statement->session.sn,
        mn_action_stage_name(mn_action_stage_of(statement->action)), statement->ts));
    mn_buf_move(out_text, &text);
    return MNSEC_OK;
}

mnsec_status mn_audit_line_statement_read(mn_bytes text, mn_audit_statement *out_statement)
{
    mn_audit_scan scan = {.rest = text};
    mn_audit_statement read = {.at = 0};
    MN_TRY(mn_audit_scan_literal(&scan, "{\"_\":\"mnsec-audit/1\",\"ah\":\""));
    MN_TRY(read_ah(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"at\":"));
    MN_TRY(mn_audit_scan_integer(&scan, &read.at));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"auth\":\""));
    MN_TRY(read_auth(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"bh\":\""));
    MN_TRY(mn_audit_scan_digest(&scan, read.bh));
    MN_TRY(mn_audit_scan_literal(&scan, "\",\"dept\":\""));
    MN_TRY(read_department(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"ev\":\""));
    MN_TRY(read_event(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"log\":\""));
    MN_TRY(read_origin(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"out\":"));
    MN_TRY(read_outcome(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"pre\":\""));
    MN_TRY(mn_audit_scan_digest(&scan, read.pre.bytes));
    MN_TRY(mn_audit_scan_literal(&scan, "\",\"ses\":"));
    MN_TRY(mn_audit_scan_integer(&scan, &read.session.ses));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"sn\":"));
    MN_TRY(mn_audit_scan_integer(&scan, &read.session.sn));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"st\":\""));
    MN_TRY(read_stage(&scan, &read));
    MN_TRY(mn_audit_scan_literal(&scan, ",\"ts\":"));
    MN_TRY(read_time(&scan, &read.ts));
    MN_TRY(mn_audit_scan_literal(&scan, "}"));
    MN_TRY(mn_audit_scan_end(&scan));
    *out_statement = read;
    return MNSEC_OK;
}

mnsec_status mn_audit_line_write(const mn_audit_line *line, mn_buf *out_text)
{
    char sighash[MN_BASE64_URL_DIGEST_BYTES] = "-";
    if (line->is_signed) {
        mn_base64_url_digest(line->sighash, sighash);
    }
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_append(&text, line->text.bytes, line->text.len));
    MN_TRY(mn_buf_printf(&text, "\t%" PRIu64 " %" PRIu64 " %" PRId64 "\t%s", line->index, line->dn,
                         line->t, sighash));
    mn_buf_move(out_text, &text);
    return MNSEC_OK;
}

mnsec_status mn_audit_line_read(mn_bytes text, mn_audit_line *out_line)
{
    if (text.len > MN_AUDIT_LINE_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_audit_scan scan = {.rest = text};
    mn_audit_line read = {.index = 0};
    MN_TRY(mn_audit_scan_until(&scan, '\t', &read.text));
    MN_TRY(mn_audit_line_statement_read(read.text, &read.statement));
    MN_TRY(mn_audit_scan_integer(&scan, &read.index));
    MN_TRY(mn_audit_scan_literal(&scan, " "));
    MN_TRY(mn_audit_scan_integer(&scan, &read.dn));
    MN_TRY(mn_audit_scan_literal(&scan, " "));
    MN_TRY(read_time(&scan, &read.t));
    MN_TRY(mn_audit_scan_literal(&scan, "\t"));
    /* A digest may begin with a hyphen too. */
    read.is_signed = scan.rest.len != 1 || !mn_audit_scan_has(&scan, "-");
    if (read.is_signed) {
        MN_TRY(mn_audit_scan_digest(&scan, read.sighash));
    }
    MN_TRY(mn_audit_scan_end(&scan));
    *out_line = read;
    return MNSEC_OK;
}

void mn_audit_line_groups_wipe(mn_audit_line_groups *signatures)
{
    for (size_t i = 0; i < MN_AUDIT_LINE_MAX_GROUPS; i++) {
        mn_buf_wipe(&signatures->groups[i].signature);
    }
    *signatures = (mn_audit_line_groups){0};
}

mnsec_status mn_audit_line_groups_write(uint64_t index, const mn_audit_signature *signatures,
                                        size_t count, mn_buf *out_text)
{
    if (count == 0 || count > MN_AUDIT_LINE_MAX_GROUPS) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_printf(&text, "%" PRIu64, index));
    for (size_t i = 0; i < count; i++) {
        MN_TRY(append_group(&text, &signatures[i]));
    }
    mn_buf_move(out_text, &text);
    return MNSEC_OK;
}

mnsec_status mn_audit_line_groups_read(mn_bytes text, mn_audit_line_groups *out_groups)
{
    mn_audit_scan scan = {.rest = text};
    MN_AUTO(mn_audit_line_groups) read = {0};
    MN_TRY(mn_audit_scan_integer(&scan, &read.index));
    while (read.count == 0 || scan.rest.len > 0) {
        if (read.count == MN_AUDIT_LINE_MAX_GROUPS) {
            return MNSEC_E_USAGE_FORMAT;
        }
        MN_TRY(mn_audit_scan_literal(&scan, " "));
        MN_TRY(read_group(&scan, &read.groups[read.count]));
        read.count++;
    }
    mn_audit_line_groups_wipe(out_groups);
    *out_groups = read;
    read = (mn_audit_line_groups){0};
    return MNSEC_OK;
}

mnsec_status mn_audit_line_raw(mn_signature_alg alg, mn_bytes signature, mn_buf *out_raw)
{
    MN_AUTO(mn_buf) raw = {0};
    if (is_ecdsa(alg)) {
        const size_t coordinate = alg == MN_SIGNATURE_ECDSA_P256_SHA256 ? 32 : 48;
        MN_TRY(mn_signature_raw_from_der(signature, coordinate, &raw));
    } else {
        MN_TRY(mn_buf_append(&raw, signature.bytes, signature.len));
    }
    mn_buf_move(out_raw, &raw);
    return MNSEC_OK;
}
