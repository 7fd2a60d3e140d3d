/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stored lines, followed one by one: form, numbering, clock and the rules of audit_rule.c. Entries
 * of other processes are taken in this way, and all since the last checkpoint before the next one
 * is signed; then deep, with bodies, signatures and the certificates they name.
 */
#include <string.h>

#include "audit/audit_body.h"
#include "audit/audit_log.h"
#include "crypto/secret/hash.h"

static bool has_digest(const mn_buf *text, const uint8_t digest[32])
{
    uint8_t found[MN_HASH_BYTES];
    mn_hash_bytes(mn_buf_view(text), found);
    return memcmp(found, digest, sizeof(found)) == 0;
}

/* A row that must be there. */
static mnsec_status need_line(mn_audit *audit, mn_store_txn *txn, mn_store_table_id table,
                              uint64_t index, const char *missing, mn_buf *out_line)
{
    const mnsec_status status = mn_audit_row_line(txn, table, index, out_line);
    return status == MNSEC_E_STATE_NOT_FOUND ? mn_audit_fail(audit, index, missing) : status;
}

static mnsec_status check_body(mn_audit *audit, mn_store_txn *txn, const mn_audit_line *line)
{
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_audit_body_copy) body = {.items = NULL};
    MN_TRY(need_line(audit, txn, MN_TABLE_LOG_BODY, line->index, "has lost its body", &text));
    if (!has_digest(&text, line->statement.bh)) {
        return mn_audit_fail(audit, line->index, "has another body");
    }
    if (mn_audit_body_read(mn_buf_view(&text), &body) != MNSEC_OK) {
        return mn_audit_fail(audit, line->index, "has a malformed body");
    }
    const bool documented = body.body.authority.len > 0;
    if (documented != mn_audit_line_is_authority(&line->statement)) {
        return mn_audit_fail(audit, line->index, "has a document too much or too few");
    }
    return MNSEC_OK;
}

static mnsec_status check_group(mn_audit *audit, mn_store_txn *txn, const mn_audit_line *line,
                                const mn_audit_line_group *group)
{
    mn_signature_key *key = NULL;
    const mnsec_status status = mn_audit_row_key(audit, txn, group->certificate, &key);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_audit_fail(audit, line->index, "names a certificate that is not there");
    }
    if (status == MNSEC_E_USAGE_FORMAT) {
        return mn_audit_fail(audit, line->index, "names a certificate that is malformed");
    }
    MN_TRY(status);
    MN_AUTO(mn_buf) raw = {0};
    if (mn_audit_line_raw(group->alg, mn_buf_view(&group->signature), &raw) != MNSEC_OK ||
        mn_signature_key_verify(key, group->alg, line->text, mn_buf_view(&raw)) != MNSEC_OK) {
        return mn_audit_fail(audit, line->index, "has a signature that does not hold");
    }
    return MNSEC_OK;
}

static mnsec_status check_signatures(mn_audit *audit, mn_store_txn *txn, const mn_audit_line *line)
{
    if (line->is_signed != (line->statement.auth == MN_AUDIT_AUTH_CARD)) {
        return mn_audit_fail(audit, line->index, "is not signed as it says");
    }
    if (!line->is_signed) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_audit_line_groups) groups = {0};
    MN_TRY(need_line(audit, txn, MN_TABLE_LOG_SIG, line->index, "has lost its signature", &text));
    if (!has_digest(&text, line->sighash)) {
        return mn_audit_fail(audit, line->index, "has another signature");
    }
    if (mn_audit_line_groups_read(mn_buf_view(&text), &groups) != MNSEC_OK ||
        groups.index != line->index) {
        return mn_audit_fail(audit, line->index, "has a malformed signature");
    }
    const char *broken = NULL;
    MN_TRY(
        mn_audit_rule_check_operator(txn, &line->statement, groups.groups[0].certificate, &broken));
    if (broken) {
        return mn_audit_fail(audit, line->index, broken);
    }
    for (size_t i = 0; i < groups.count; i++) {
        MN_TRY(check_group(audit, txn, line, &groups.groups[i]));
    }
    return MNSEC_OK;
}

/* The stamp: what the log itself assigned. The clock goes back at a clock.step only. */
static const char *check_stamp(const mn_audit_state *state, const mn_audit_line *line)
{
    if (line->index != state->tree.size) {
        return "has another index";
    }
    if (line->dn != mn_audit_state_dn(state, &line->statement.department) + 1) {
        return "does not follow in its department";
    }
    if (line->t < state->t && line->statement.action != MN_ACTION_CLOCK_STEP) {
        return "goes back in time";
    }
    return NULL;
}

static mnsec_status check_authority(mn_audit *audit, mn_store_txn *txn, const mn_audit_state *state,
                                    const mn_audit_line *line)
{
    if (!mn_audit_line_is_authority(&line->statement)) {
        return MNSEC_OK;
    }
    uint64_t index = 0;
    const mnsec_status status = mn_audit_row_authority(txn, state->authority_count, &index);
    if (status == MNSEC_E_STATE_NOT_FOUND || (status == MNSEC_OK && index != line->index)) {
        return mn_audit_fail(audit, line->index, "is not listed as a statement of authority");
    }
    return status;
}

static mnsec_status replay_one(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state,
                               mn_bytes text, bool deep)
{
    mn_audit_line line;
    if (mn_audit_line_read(text, &line) != MNSEC_OK) {
        return mn_audit_fail(audit, state->tree.size, "is malformed");
    }
    const char *broken = check_stamp(state, &line);
    if (!broken) {
        MN_TRY(mn_audit_rule_check(audit, txn, state, &line.statement, &broken));
    }
    if (broken) {
        return mn_audit_fail(audit, state->tree.size, broken);
    }
    MN_TRY(check_authority(audit, txn, state, &line));
    if (deep) {
        MN_TRY(mn_audit_replay_entry(audit, txn, &line));
    }
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(text, &leaf);
    return mn_audit_state_advance(state, &line, &leaf);
}

mnsec_status mn_audit_replay(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state,
                             uint64_t below, bool deep)
{
    const mn_store_value from = mn_store_integer((int64_t)state->tree.size);
    const mn_store_value end = mn_store_integer((int64_t)below);
    const mn_store_range range = {.from = &from, .below = &end};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_LOG_ENTRY, &range, &cursor));
    while (state->tree.size < below) {
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END ||
            (status == MNSEC_OK && (uint64_t)row[0].integer != state->tree.size)) {
            return mn_audit_fail(audit, state->tree.size, "is missing");
        }
        MN_TRY(status);
        MN_TRY(replay_one(audit, txn, state, row[1].bytes, deep));
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_replay_entry(mn_audit *audit, mn_store_txn *txn, const mn_audit_line *line)
{
    MN_TRY(check_body(audit, txn, line));
    return check_signatures(audit, txn, line);
}
