/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints: commit entries, sign, commit the checkpoint, tell the memories outside, in this
 * order, so that a crash between two of them leaves the store ahead of a memory and never behind.
 * What must hold: nothing is signed that was not just recomputed: from the stored lines, and since
 * the last checkpoint from bodies and signatures too. Codec of the note: tlog/tlog_checkpoint.c.
 */
#include <string.h>

#include "audit/audit_log.h"
#include "base/encode.h"

#define OBJECT_PURPOSE "mnsec/checkpoint-object/1"

/* A checkpoint on its way out. */
typedef struct signed_head {
    mn_tlog_checkpoint checkpoint;
    mn_buf text;
    mn_buf signature; /* over the text: DER, or RSA */
    mn_buf note;      /* empty with an RSA key */
    mn_buf cms;
} signed_head;

static void signed_head_wipe(signed_head *head)
{
    mn_buf_wipe(&head->text);
    mn_buf_wipe(&head->signature);
    mn_buf_wipe(&head->note);
    mn_buf_wipe(&head->cms);
}

static bool is_ecdsa(mn_signature_alg alg)
{
    return alg == MN_SIGNATURE_ECDSA_P256_SHA256;
}

/* What an audit key may be. */
static bool is_audit_alg(mn_signature_alg alg)
{
    return is_ecdsa(alg) || alg == MN_SIGNATURE_RSA_PKCS1_SHA256;
}

/* The stored entries from here on, followed with bodies and signatures, lead to where the log
 * stands? */
static mnsec_status follow(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state)
{
    MN_TRY(mn_audit_replay(audit, txn, state, audit->state.tree.size, true));
    mn_tlog_hash stored;
    mn_tlog_hash known;
    mn_tlog_tree_root(&state->tree, &stored);
    mn_tlog_tree_root(&audit->state.tree, &known);
    if (!mn_tlog_tree_hash_equal(&stored, &known) || state->has_ah != audit->state.has_ah ||
        memcmp(state->ah, audit->state.ah, sizeof(state->ah)) != 0 ||
        state->authority_count != audit->state.authority_count) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "stored lines are other than before");
    }
    return MNSEC_OK;
}

/* Is the newest stored checkpoint of this key? One that was put in by hand would spare the entries
 * below it from being looked at. */
static mnsec_status check_base(mn_audit *audit, mn_store_txn *txn, const mn_audit_signer *signer)
{
    const mn_store_range range = {.descending = true, .limit = 1};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_scan(txn, MN_TABLE_CHECKPOINT, &range, &cursor));
    const mnsec_status status = mn_store_cursor_next(cursor, row);
    if (status == MNSEC_E_STATE_END) {
        return MNSEC_OK;
    }
    MN_TRY(status);
    return mn_cms_verify(row[3].bytes, row[1].bytes, signer->certificate) == MNSEC_OK
               ? MNSEC_OK
               : mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG,
                         "stored checkpoint is not signed by the audit key");
}

/* The lines up to the last checkpoint still make its root, and the entries from there on, read
 * again, lead to the same state? */
static mnsec_status recompute(mn_audit *audit, mn_store_txn *txn, const mn_audit_signer *signer)
{
    MN_AUTO(mn_audit_state) state = {.t = 0};
    MN_TRY(check_base(audit, txn, signer));
    MN_TRY(mn_audit_load_base(audit, txn, &state));
    MN_TRY(mn_audit_rehash(audit, txn, &state.tree));
    return follow(audit, txn, &state);
}

/* Signature over the text, verified at once: a sick token must not leave a bad one. */
static mnsec_status sign_text(mn_audit *audit, const mn_audit_signer *signer, signed_head *head)
{
    MN_AUTO(mn_buf) raw = {0};
    const mn_bytes text = mn_buf_view(&head->text);
    MN_TRY(signer->signer.sign(signer->signer.user, text, &raw));
    if (mn_signature_verify(signer->signer.spki, signer->signer.alg, text, mn_buf_view(&raw)) !=
        MNSEC_OK) {
        return mn_fail(audit->err, MNSEC_E_TOKEN_FAULT, "audit signature does not hold");
    }
    if (!is_ecdsa(signer->signer.alg)) {
        mn_buf_move(&head->signature, &raw);
        return MNSEC_OK;
    }
    MN_TRY(mn_signature_der_from_raw(mn_buf_view(&raw), &head->signature));
    return MNSEC_OK;
}

static mnsec_status sign_more(mn_audit *audit, const mn_audit_signer *signer, signed_head *head)
{
    const mn_bytes text = mn_buf_view(&head->text);
    if (is_ecdsa(signer->signer.alg)) {
        MN_TRY(mn_tlog_checkpoint_note(text, audit->origin, signer->signer.spki,
                                       mn_buf_view(&head->signature), &head->note));
    }
    return mn_cms_sign(text, signer->certificate, &signer->signer, mn_clock_now(audit->clock),
                       &head->cms);
}

static mnsec_status put_checkpoint(mn_store_txn *txn, const signed_head *head)
{
    const mn_buf *note = &head->note;
    const mn_store_value row[] = {
        mn_store_integer((int64_t)head->checkpoint.tree_size),
        mn_store_text(mn_buf_text(&head->text)),
        note->len > 0 ? mn_store_blob(note->bytes, note->len) : mn_store_null(),
        mn_store_blob(head->cms.bytes, head->cms.len),
    };
    return mn_store_insert(txn, MN_TABLE_CHECKPOINT, row);
}

/* Under the write lock: recompute, sign, keep. What has a checkpoint already is only signed anew
 * for the memories, which a crash may have left behind. */
static mnsec_status make(mn_audit *audit, mn_store_txn *txn, const mn_audit_signer *signer,
                         signed_head *head)
{
    mn_tlog_checkpoint newest = {.tree_size = 0};
    MN_TRY(mn_audit_refresh(audit, txn));
    if (audit->state.tree.size == 0) {
        return mn_fail(audit->err, MNSEC_E_STATE_NOT_FOUNDED, "log has no entry yet");
    }
    MN_TRY(recompute(audit, txn, signer));
    head->checkpoint.tree_size = audit->state.tree.size;
    memcpy(head->checkpoint.origin, audit->origin, sizeof(audit->origin));
    mn_tlog_tree_root(&audit->state.tree, &head->checkpoint.root);
    MN_TRY(mn_tlog_checkpoint_format(&head->checkpoint, &head->text));
    MN_TRY(sign_text(audit, signer, head));
    const mnsec_status status = mn_audit_checkpoint_newest(audit, txn, &newest);
    if (status != MNSEC_OK && status != MNSEC_E_STATE_NOT_FOUND) {
        return status;
    }
    if (newest.tree_size == head->checkpoint.tree_size) {
        return MNSEC_OK;
    }
    MN_TRY(sign_more(audit, signer, head));
    MN_TRY(mn_audit_certificate_put(audit, txn, signer->certificate));
    MN_TRY(mn_audit_load_remember(txn, &audit->state));
    return put_checkpoint(txn, head);
}

static mnsec_status tell_memories(mn_audit *audit, const mn_audit_memory *memory,
                                  mn_signature_alg alg, const signed_head *head)
{
    if (memory->write) {
        MN_AUTO(mn_buf) object = {0};
        MN_TRY(mn_audit_checkpoint_object(mn_buf_view(&head->text), alg,
                                          mn_buf_view(&head->signature), &object));
        MN_TRY(memory->write(memory->user, mn_buf_view(&object)));
    }
    if (memory->head_file) {
        return mn_audit_head_write(memory->head_file, &head->checkpoint, audit->err);
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_checkpoint(mn_audit *audit, const mn_audit_signer *signer,
                                 const mn_audit_memory *memory)
{
    MN_AUTO(signed_head) head = {.checkpoint = {.tree_size = 0}};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(audit->store, MN_STORE_WRITE, &txn));
    MN_TRY(make(audit, &txn, signer, &head));
    MN_TRY(mn_store_commit(&txn));
    return tell_memories(audit, memory, signer->signer.alg, &head);
}

mnsec_status mn_audit_checkpoint_newest(mn_audit *audit, mn_store_txn *txn,
                                        mn_tlog_checkpoint *out_checkpoint)
{
    const mn_store_range range = {.descending = true, .limit = 1};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_scan(txn, MN_TABLE_CHECKPOINT, &range, &cursor));
    const mnsec_status status = mn_store_cursor_next(cursor, row);
    if (status == MNSEC_E_STATE_END) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    MN_TRY(status);
    mn_tlog_checkpoint checkpoint;
    if (mn_tlog_checkpoint_parse(row[1].bytes, &checkpoint) != MNSEC_OK ||
        checkpoint.tree_size == 0 || checkpoint.tree_size != (uint64_t)row[0].integer ||
        strcmp(checkpoint.origin, audit->origin) != 0) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG,
                       "stored checkpoint is malformed or of another log");
    }
    *out_checkpoint = checkpoint;
    return MNSEC_OK;
}

mnsec_status mn_audit_checkpoint_object(mn_bytes text, mn_signature_alg alg, mn_bytes signature,
                                        mn_buf *out_object)
{
    if (!is_audit_alg(alg)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) object = {0};
    MN_TRY(mn_encode_begin(&object, OBJECT_PURPOSE));
    MN_TRY(mn_encode_bytes(&object, text.bytes, text.len));
    MN_TRY(mn_encode_text(&object, mn_signature_alg_name(alg)));
    MN_TRY(mn_encode_bytes(&object, signature.bytes, signature.len));
    mn_buf_move(out_object, &object);
    return MNSEC_OK;
}

mnsec_status mn_audit_checkpoint_object_open(mn_bytes object, mn_bytes audit_spki,
                                             mn_tlog_checkpoint *out_checkpoint)
{
    mn_decode decode;
    mn_bytes text;
    mn_bytes name;
    mn_bytes signature;
    MN_TRY(mn_decode_begin(&decode, object, OBJECT_PURPOSE));
    MN_TRY(mn_decode_bytes(&decode, &text));
    MN_TRY(mn_decode_bytes(&decode, &name));
    MN_TRY(mn_decode_bytes(&decode, &signature));
    MN_TRY(mn_decode_end(&decode));
    const mn_signature_alg alg = mn_signature_alg_parse(name);
    if (!is_audit_alg(alg)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_tlog_checkpoint checkpoint;
    MN_TRY(mn_tlog_checkpoint_parse(text, &checkpoint));
    MN_AUTO(mn_buf) raw = {0};
    MN_TRY(mn_audit_line_raw(alg, signature, &raw));
    MN_TRY(mn_signature_verify(audit_spki, alg, text, mn_buf_view(&raw)));
    *out_checkpoint = checkpoint;
    return MNSEC_OK;
}

static mnsec_status extends(mn_audit *audit, mn_store_txn *txn, const mn_tlog_checkpoint *old)
{
    const uint64_t size = audit->state.tree.size;
    mn_tlog_proof proof;
    mn_tlog_hash root;
    mn_tlog_tree_root(&audit->state.tree, &root);
    MN_TRY(mn_tlog_proof_consistency_of(old->tree_size, size, mn_audit_node_range, txn, &proof));
    return mn_tlog_proof_check_consistency(&proof, old->tree_size, size, &old->root, &root);
}

mnsec_status mn_audit_checkpoint_remembers(mn_audit *audit, mn_store_txn *txn,
                                           const mn_tlog_checkpoint *remembered)
{
    MN_TRY(mn_audit_refresh(audit, txn));
    if (strcmp(remembered->origin, audit->origin) != 0) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_ROLLBACK, "what is remembered is another log");
    }
    if (remembered->tree_size > audit->state.tree.size) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_ROLLBACK,
                       "log is shorter than what is remembered");
    }
    if (extends(audit, txn, remembered) != MNSEC_OK) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_ROLLBACK,
                       "log does not continue what is remembered");
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_checkpoint_leads_on(mn_audit *audit, mn_store_txn *txn,
                                          const mn_tlog_checkpoint *trusted)
{
    MN_AUTO(mn_audit_state) state = {.t = 0};
    MN_TRY(mn_audit_checkpoint_remembers(audit, txn, trusted));
    MN_TRY(mn_audit_load_at(audit, txn, trusted, &state));
    return follow(audit, txn, &state);
}
