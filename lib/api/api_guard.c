/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reference monitor. What must hold: no act without an entry that the operator's card signed,
 * a read's entry durable before the act, a change's entry in the same transaction; a refusal or a
 * failure in the log too. Unsigned entries: api_guard_entry.c.
 */
#include "api/api_guard.h"

#include <stdlib.h>
#include <string.h>

#include "api/api_rights.h"

#define TRIES 3

/* --- the signed entries of one call --------------------------------------------------------------
 */

typedef struct signed_entry {
    mn_audit_entry entry;
    mn_audit_signature signatures[1 + MN_GUARD_MAX_COSIGNERS]; /* the operator's first */
    size_t signature_count;
} signed_entry;

typedef struct signed_batch {
    signed_entry *entries;
    size_t count;
} signed_batch;

static void signed_batch_wipe(signed_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        mn_audit_entry_wipe(&batch->entries[i].entry);
        for (size_t k = 0; k < 1 + MN_GUARD_MAX_COSIGNERS; k++) {
            mn_audit_signature_wipe(&batch->entries[i].signatures[k]);
        }
    }
    free(batch->entries);
    *batch = (signed_batch){0};
}

static void fill_body(const mnsec_session *session, mn_audit_body *body)
{
    static const char *const roles[] = {
        [MNSEC_ROLE_RESPONSIBLE] = "responsible",
        [MNSEC_ROLE_HANDLER] = "handler",
        [MNSEC_ROLE_AUDITOR] = "auditor",
        [MNSEC_ROLE_UNATTENDED] = "unattended",
    };
    mn_guard_entry_fill(session->opened, body);
    body->actor = &session->person;
    body->card = session->card;
    if ((size_t)session->role < sizeof roles / sizeof roles[0]) {
        body->role = roles[session->role];
    }
}

static mnsec_status sign_entry(mn_guard *guard, mn_audit_session *log, mn_audit_body *body,
                               signed_entry *signed_one)
{
    const mn_guard_request *request = guard->request;
    fill_body(guard->session, body);
    const mn_audit_draft draft = {
        .action = request->action,
        .auth = MN_AUDIT_AUTH_CARD,
        .department = request->department,
        .session = log,
        .body = *body,
    };
    MN_TRY(mn_audit_prepare(guard->opened->audit, &draft, &signed_one->entry));
    *log = signed_one->entry.session;

    const mn_bytes statement = mn_buf_view(&signed_one->entry.statement);
    size_t cosigners = 0;
    if (request->cosign) {
        MN_TRY(request->cosign(request->cosign_user, statement, &signed_one->signatures[1],
                               &cosigners));
    }
    MN_TRY(mn_session_sign(guard->session, statement, &signed_one->signatures[0]));
    signed_one->signature_count = 1 + cosigners;
    return MNSEC_OK;
}

static mnsec_status sign_batch(mn_guard *guard, signed_batch *batch)
{
    const mn_guard_request *request = guard->request;
    batch->entries = calloc(request->body_count, sizeof *batch->entries);
    if (!batch->entries) {
        return mn_fail(guard->opened->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    batch->count = request->body_count;
    mn_audit_session log = guard->session->log;
    for (size_t i = 0; i < batch->count; i++) {
        MN_TRY(sign_entry(guard, &log, &request->bodies[i], &batch->entries[i]));
    }
    return MNSEC_OK;
}

static mnsec_status append_batch(mn_guard *guard, const signed_batch *batch)
{
    const mn_bytes certificate = guard->request->certificate;
    if (certificate.len > 0) {
        MN_TRY(mn_audit_certificate_put(guard->opened->audit, &guard->txn, certificate));
    }
    for (size_t i = 0; i < batch->count; i++) {
        const signed_entry *one = &batch->entries[i];
        uint64_t index = 0;
        MN_TRY(mn_audit_append(guard->opened->audit, &guard->txn, &one->entry, one->signatures,
                               one->signature_count, &index));
    }
    return MNSEC_OK;
}

/* --- commit and roll back ------------------------------------------------------------------------
 */

static void roll_back(mn_guard *guard)
{
    mn_store_txn_wipe(&guard->txn);
    if (guard->pending > 0) {
        mn_audit_settle(guard->opened->audit, false);
        guard->pending = 0;
    }
}

static mnsec_status commit(mn_guard *guard)
{
    const mnsec_status status = mn_store_commit(&guard->txn);
    mn_audit_settle(guard->opened->audit, status == MNSEC_OK);
    if (status == MNSEC_OK) {
        guard->session->log = guard->log;
        guard->session->entries += guard->pending;
    }
    guard->pending = 0;
    return status;
}

void mn_guard_wipe(mn_guard *guard)
{
    if (guard->session) {
        roll_back(guard);
    }
    *guard = (mn_guard){0};
}

/* --- entering ------------------------------------------------------------------------------------
 */

static mnsec_status try_enter(mn_guard *guard)
{
    MN_AUTO(signed_batch) batch = {0};
    MN_TRY(sign_batch(guard, &batch));
    MN_TRY(mn_store_begin(guard->opened->store, MN_STORE_WRITE, &guard->txn));
    guard->pending = batch.count;
    MN_TRY(append_batch(guard, &batch));
    guard->log = batch.entries[batch.count - 1].entry.session;
    if (guard->is_change) {
        return MNSEC_OK;
    }
    MN_TRY(commit(guard));
    return mn_store_begin(guard->opened->store, MN_STORE_READ, &guard->txn);
}

static mnsec_status enter_or_retry(mn_guard *guard)
{
    for (int tries = 0; tries < TRIES; tries++) {
        const mnsec_status status = try_enter(guard);
        if (status == MNSEC_OK) {
            return MNSEC_OK;
        }
        roll_back(guard);
        if (status != MNSEC_E_STATE_CHANGED) {
            return status;
        }
        mn_error_clear(guard->opened->err);
        MN_TRY(mn_opened_catch_up(guard->opened));
    }
    return mn_fail(guard->opened->err, MNSEC_E_STORE_BUSY, "others kept writing to the log");
}

static mnsec_status decide(const mnsec_session *session, const mn_guard_request *request,
                           const char **out_reason)
{
    MN_AUTO(mn_rights) rights = {0};
    MN_TRY(mn_rights_read(session->opened->registry, &session->person, &rights));
    const mn_decide_request asked = {
        .action = request->action,
        .department = request->department,
        .documents = request->documents,
        .now = mn_clock_now(session->opened->clock),
    };
    const mn_decide_verdict verdict = mn_decide(&rights.person, &asked);
    *out_reason = mn_decide_reason(verdict);
    return verdict == MN_DECIDE_ALLOW ? MNSEC_OK : MNSEC_E_DENIED;
}

mnsec_status mn_guard_refuse(mnsec_session *session, const mn_guard_request *request,
                             mnsec_status status, const char *reason)
{
    if (session->state.phase == MN_SESSION_LOCKED) {
        return status; /* its end is in the log already */
    }
    mn_guard_entry entry = {
        .action = request->action,
        .auth = MN_AUDIT_AUTH_SESSION,
        .outcome = mn_guard_entry_outcome(status),
        .department = request->department,
        .session = &session->log,
        .body = request->body_count > 0 ? request->bodies[0] : (mn_audit_body){0},
    };
    /* What was not done wrote no value and stated nothing. */
    entry.body.value = NULL;
    entry.body.items = NULL;
    entry.body.item_count = 0;
    entry.body.authority = (mn_bytes){0};
    entry.body.reason = reason;
    fill_body(session, &entry.body);

    const mn_error kept = *session->opened->err;
    const mnsec_status told = mn_guard_entry_append(session->opened, &entry, NULL);
    if (told != MNSEC_OK) {
        return told; /* the log cannot be written: that is the graver news */
    }
    session->entries++;
    *session->opened->err = kept;
    return status;
}

mnsec_status mn_guard_may(mnsec_session *session, const mn_guard_request *request)
{
    const char *reason = NULL;
    const mnsec_status status = decide(session, request, &reason);
    return status == MNSEC_OK
               ? MNSEC_OK
               : mn_guard_refuse(session, request,
                                 mn_fail(session->opened->err, status, "not permitted: %s", reason),
                                 reason);
}

mnsec_status mn_guard_enter(mn_guard *guard, mnsec_session *session,
                            const mn_guard_request *request)
{
    MN_TRY(mn_session_enter(session));
    mn_opened *opened = session->opened;
    MN_TRY(mn_opened_catch_up(opened));
    if (!mn_session_person(session)) {
        mn_session_lock(session, MN_SESSION_WITHDRAWN);
        return mn_fail(opened->err, MNSEC_E_STATE_LOCKED, "the person was withdrawn");
    }
    MN_TRY(mn_guard_may(session, request));
    *guard = (mn_guard){
        .session = session,
        .request = request,
        .opened = opened,
        .is_change = mn_action_has(request->action, MN_ACTION_AUTHORITY) ||
                     mn_action_has(request->action, MN_ACTION_WRITES),
    };
    const mnsec_status status = enter_or_retry(guard);
    if (status != MNSEC_OK) {
        guard->session = NULL;
        return mn_session_judge(session, status);
    }
    return MNSEC_OK;
}

/* --- leaving -------------------------------------------------------------------------------------
 */

static mnsec_status after_success(const mn_guard *guard)
{
    if (mn_action_has(guard->request->action, MN_ACTION_AUTHORITY)) {
        MN_TRY(mn_opened_catch_up(guard->opened));
    }
    return mn_opened_checkpoint(guard->opened,
                                mn_action_has(guard->request->action, MN_ACTION_CHECKPOINT));
}

mnsec_status mn_guard_leave(mn_guard *guard, mnsec_status acted)
{
    mnsec_session *session = guard->session;
    if (guard->is_change && acted == MNSEC_OK) {
        acted = commit(guard);
    }
    roll_back(guard);
    if (acted != MNSEC_OK) {
        /* A status of the act, not an answer of the log, is what the caller gets. */
        acted = mn_guard_refuse(session, guard->request, acted, mnsec_status_name(acted));
    } else {
        acted = after_success(guard);
    }
    guard->session = NULL;
    return mn_session_judge(session, acted);
}
