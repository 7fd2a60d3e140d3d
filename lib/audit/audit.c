/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log as it grows: open, take in others' entries, prepare, append, settle. What must hold: an
 * entry is appended only under the store's write lock, after everything before it was taken in and
 * the rules of audit_rule.c were asked again, and with signatures that hold. Neighbours:
 * audit_line.c and audit_body.c (form), audit_load.c (opening), audit_checkpoint.c.
 */
#include "audit/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_body.h"
#include "audit/audit_log.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"

#define CERTIFICATE_MAX_BYTES (64U * 1024U)

mnsec_status mn_audit_fail(mn_audit *audit, uint64_t index, const char *what)
{
    return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "entry %" PRIu64 " %s", index, what);
}

/* --- opening and refreshing --- */

/* The newest line we know is still the one that is stored: nothing was put back under us. */
static mnsec_status check_newest(mn_audit *audit, mn_store_txn *txn)
{
    const mn_audit_state *state = &audit->state;
    MN_AUTO(mn_buf) text = {0};
    mn_audit_line line;
    MN_TRY(mn_audit_row_entry(audit, txn, state->tree.size - 1, &text, &line));
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(mn_buf_view(&text), &leaf);
    return mn_tlog_tree_hash_equal(&leaf, &state->newest_leaf)
               ? MNSEC_OK
               : mn_audit_fail(audit, state->tree.size - 1, "is another than it was");
}

mnsec_status mn_audit_refresh(mn_audit *audit, mn_store_txn *txn)
{
    uint64_t count = 0;
    MN_TRY(mn_audit_row_count(txn, &count));
    if (count < audit->state.tree.size) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "log is shorter than it was");
    }
    if (audit->state.tree.size > 0) {
        MN_TRY(check_newest(audit, txn));
    }
    if (count == audit->state.tree.size) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_audit_state) state = {.t = 0};
    MN_TRY(mn_audit_state_copy(&state, &audit->state));
    MN_TRY(mn_audit_replay(audit, txn, &state, count, false));
    mn_audit_state_move(&audit->state, &state);
    return MNSEC_OK;
}

static mnsec_status load(mn_audit *audit)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(audit->store, MN_STORE_READ, &txn));
    MN_TRY(mn_audit_load_base(audit, &txn, &audit->state));
    return mn_audit_refresh(audit, &txn);
}

mnsec_status mn_audit_open(mn_store *store, const char *origin, const mn_clock *clock,
                           mn_error *err, mn_audit **out_audit)
{
    if (!mn_tlog_checkpoint_origin_is_valid(origin) || strpbrk(origin, "\"\\")) {
        return mn_fail(err, MNSEC_E_USAGE, "origin is malformed");
    }
    MN_AUTO_PTR(mn_audit) audit = calloc(1, sizeof(*audit));
    if (!audit) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    audit->store = store;
    audit->clock = clock;
    audit->err = err;
    memcpy(audit->origin, origin, strlen(origin) + 1);
    MN_TRY(mn_x509_known_new(&audit->known));
    MN_TRY(load(audit));
    *out_audit = mn_take(audit);
    return MNSEC_OK;
}

void mn_audit_free(mn_audit *audit)
{
    if (!audit) {
        return;
    }
    mn_audit_state_wipe(&audit->state);
    mn_audit_state_wipe(&audit->settled);
    mn_x509_known_free(audit->known);
    free(audit);
}

uint64_t mn_audit_size(const mn_audit *audit)
{
    return audit->state.tree.size;
}

void mn_audit_root(const mn_audit *audit, mn_tlog_hash *out_root)
{
    mn_tlog_tree_root(&audit->state.tree, out_root);
}

void mn_audit_authority_head(const mn_audit *audit, uint8_t out_digest[32])
{
    memcpy(out_digest, audit->state.ah, sizeof(audit->state.ah));
}

/* --- preparing --- */

/* Take in what others appended, unless the caller is in the middle of a transaction: then append
 * will. */
static mnsec_status refresh_alone(mn_audit *audit)
{
    if (audit->store->in_transaction) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(audit->store, MN_STORE_READ, &txn));
    return mn_audit_refresh(audit, &txn);
}

static mnsec_status check_draft(mn_audit *audit, const mn_audit_draft *draft, bool is_authority)
{
    if (!mn_action_event(draft->action)) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "there is no such action");
    }
    if (is_authority && draft->auth != MN_AUDIT_AUTH_CARD) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "authority moves by card only");
    }
    if (is_authority != (draft->body.authority.len > 0)) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "document does not go with the action");
    }
    return MNSEC_OK;
}

static mnsec_status state_draft(mn_audit *audit, const mn_audit_draft *draft, mn_audit_entry *entry)
{
    const mn_audit_state *state = &audit->state;
    mn_audit_statement statement = {
        .has_ah = state->has_ah,
        .at = entry->at,
        .auth = draft->auth,
        .department = entry->department,
        .action = draft->action,
        .outcome = draft->outcome,
        .session = entry->session,
        .ts = mn_clock_now(audit->clock),
    };
    memcpy(statement.ah, state->ah, sizeof(statement.ah));
    memcpy(statement.origin, audit->origin, sizeof(statement.origin));
    mn_hash_bytes(mn_buf_view(&entry->body), statement.bh);
    mn_tlog_tree_root(&state->tree, &statement.pre);
    const mnsec_status status = mn_audit_line_statement_write(&statement, &entry->statement);
    return status == MNSEC_E_USAGE ? mn_fail(audit->err, status, "entry has no proper form")
                                   : status;
}

mnsec_status mn_audit_prepare(mn_audit *audit, const mn_audit_draft *draft,
                              mn_audit_entry *out_entry)
{
    const bool is_authority =
        draft->outcome == MN_AUDIT_SUCCESS && mn_action_has(draft->action, MN_ACTION_AUTHORITY);
    MN_TRY(check_draft(audit, draft, is_authority));
    MN_TRY(refresh_alone(audit));
    MN_AUTO(mn_audit_entry) entry = {
        .action = draft->action,
        .is_authority = is_authority,
        .at = audit->state.tree.size,
    };
    if (draft->department) {
        entry.department = *draft->department;
    }
    if (draft->session && draft->session->ses != 0) {
        entry.session = (mn_audit_session){draft->session->ses, draft->session->sn + 1};
    }
    uint8_t salt[MN_AUDIT_BODY_SALT_BYTES];
    mn_random_bytes(salt, sizeof(salt));
    MN_TRY(mn_audit_body_write(&draft->body, salt, audit->err, &entry.body));
    MN_TRY(state_draft(audit, draft, &entry));
    mn_audit_entry_wipe(out_entry);
    *out_entry = entry;
    entry = (mn_audit_entry){.at = 0};
    return MNSEC_OK;
}

void mn_audit_entry_wipe(mn_audit_entry *entry)
{
    mn_buf_wipe(&entry->statement);
    mn_buf_wipe(&entry->body);
    *entry = (mn_audit_entry){.at = 0};
}

void mn_audit_signature_wipe(mn_audit_signature *signature)
{
    mn_buf_wipe(&signature->signature);
    *signature = (mn_audit_signature){.alg = MN_SIGNATURE_NONE};
}

/* --- appending --- */

/* From the first append of a transaction on there is something to go back to. */
static mnsec_status begin_pending(mn_audit *audit)
{
    if (audit->is_pending) {
        return MNSEC_OK;
    }
    MN_TRY(mn_audit_state_copy(&audit->settled, &audit->state));
    audit->is_pending = true;
    return MNSEC_OK;
}

static mnsec_status verify_signature(mn_audit *audit, mn_store_txn *txn,
                                     const mn_audit_entry *entry,
                                     const mn_audit_signature *signature)
{
    mn_signature_key *key = NULL;
    const mnsec_status status = mn_audit_row_key(audit, txn, signature->certificate, &key);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "certificate of a signer was not put before");
    }
    MN_TRY(status);
    const mnsec_status verified = mn_signature_key_verify(
        key, signature->alg, mn_buf_view(&entry->statement), mn_buf_view(&signature->signature));
    return verified == MNSEC_OK
               ? MNSEC_OK
               : mn_fail(audit->err, verified, "signature does not hold for its certificate");
}

static mnsec_status insert_signatures(mn_audit *audit, mn_store_txn *txn,
                                      const mn_audit_entry *entry,
                                      const mn_audit_signature *signatures, size_t count,
                                      mn_audit_line *line)
{
    const char *broken = NULL;
    MN_TRY(mn_audit_rule_check_operator(txn, &line->statement, signatures[0].certificate, &broken));
    if (broken) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "entry %s", broken);
    }
    for (size_t i = 0; i < count; i++) {
        MN_TRY(verify_signature(audit, txn, entry, &signatures[i]));
    }
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_audit_line_groups_write(line->index, signatures, count, &text));
    mn_hash_bytes(mn_buf_view(&text), line->sighash);
    line->is_signed = true;
    return mn_audit_row_insert(txn, MN_TABLE_LOG_SIG, line->index, &text);
}

static mnsec_status insert_line(mn_audit *audit, mn_store_txn *txn, const mn_audit_line *line)
{
    mn_audit_state *state = &audit->state;
    MN_AUTO(mn_buf) text = {0};
    mn_tlog_hash leaf;
    MN_TRY(mn_audit_line_write(line, &text));
    mn_tlog_tree_leaf(mn_buf_view(&text), &leaf);
    MN_TRY(mn_audit_row_insert(txn, MN_TABLE_LOG_ENTRY, line->index, &text));
    MN_TRY(mn_audit_node_put(txn, &state->tree, &leaf));
    if (mn_audit_line_is_authority(&line->statement)) {
        const mn_store_value row[] = {mn_store_integer((int64_t)state->authority_count),
                                      mn_store_integer((int64_t)line->index)};
        MN_TRY(mn_store_insert(txn, MN_TABLE_AUTHORITY, row));
    }
    return mn_audit_state_advance(state, line, &leaf);
}

static mnsec_status append_one(mn_audit *audit, mn_store_txn *txn, const mn_audit_entry *entry,
                               const mn_audit_signature *signatures, size_t count, int64_t now)
{
    const mn_audit_state *state = &audit->state;
    mn_audit_line line = {
        .text = mn_buf_view(&entry->statement), .index = state->tree.size, .t = now};
    if (mn_audit_line_statement_read(line.text, &line.statement) != MNSEC_OK) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "statement is malformed");
    }
    if ((line.statement.auth == MN_AUDIT_AUTH_CARD) != (count > 0)) {
        return mn_fail(audit->err, MNSEC_E_USAGE, "signatures do not go with the entry");
    }
    const char *broken = NULL;
    MN_TRY(mn_audit_rule_check(audit, txn, &audit->state, &line.statement, &broken));
    if (broken) {
        return mn_fail(audit->err, MNSEC_E_STATE_CHANGED, "entry %s", broken);
    }
    line.dn = mn_audit_state_dn(state, &line.statement.department) + 1;
    MN_TRY(mn_audit_row_insert(txn, MN_TABLE_LOG_BODY, line.index, &entry->body));
    if (count > 0) {
        MN_TRY(insert_signatures(audit, txn, entry, signatures, count, &line));
    }
    return insert_line(audit, txn, &line);
}

/* The log's clock went back: say so before the first entry that shows it. */
static mnsec_status append_clock_step(mn_audit *audit, mn_store_txn *txn, int64_t now)
{
    MN_AUTO(mn_buf) reason = {0};
    MN_TRY(mn_buf_printf(&reason, "clock went back by %" PRId64 " s", audit->state.t - now));
    const mn_audit_draft draft = {
        .action = MN_ACTION_CLOCK_STEP,
        .auth = MN_AUDIT_AUTH_LOG,
        .body = {.reason = mn_buf_text(&reason)},
    };
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    MN_TRY(mn_audit_prepare(audit, &draft, &entry));
    return append_one(audit, txn, &entry, NULL, 0, now);
}

mnsec_status mn_audit_append(mn_audit *audit, mn_store_txn *txn, const mn_audit_entry *entry,
                             const mn_audit_signature *signatures, size_t signature_count,
                             uint64_t *out_index)
{
    MN_TRY(mn_audit_refresh(audit, txn));
    MN_TRY(begin_pending(audit));
    const int64_t now = mn_clock_now(audit->clock);
    if (now < audit->state.t) {
        MN_TRY(append_clock_step(audit, txn, now));
    }
    const uint64_t index = audit->state.tree.size;
    MN_TRY(append_one(audit, txn, entry, signatures, signature_count, now));
    *out_index = index;
    return MNSEC_OK;
}

void mn_audit_settle(mn_audit *audit, bool committed)
{
    if (!audit->is_pending) {
        return;
    }
    if (!committed) {
        mn_audit_state_move(&audit->state, &audit->settled);
    }
    mn_audit_state_wipe(&audit->settled);
    audit->is_pending = false;
}

mnsec_status mn_audit_certificate_put(mn_audit *audit, mn_store_txn *txn, mn_bytes der)
{
    mn_x509_info info;
    if (der.len > CERTIFICATE_MAX_BYTES || mn_x509_read(der, &info) != MNSEC_OK) {
        return mn_fail(audit->err, MNSEC_E_USAGE_FORMAT, "certificate is malformed");
    }
    const mn_store_value row[] = {mn_store_blob(info.fingerprint, sizeof(info.fingerprint)),
                                  mn_store_blob(der.bytes, der.len)};
    const mnsec_status status = mn_store_insert(txn, MN_TABLE_CERT, row);
    if (status != MNSEC_E_STATE_CONFLICT) {
        return status;
    }
    /* It is there already, or something else is under its name. */
    MN_AUTO(mn_buf) stored = {0};
    return mn_audit_row_certificate(audit, txn, info.fingerprint, &stored);
}
