/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries that accompany no act, each in a transaction of its own: attempts, log-in, log-out,
 * refusals, failures, the end of a session. Those of an act are api_guard.c's.
 */
#include "api/api_guard.h"
#include "mnsec/version.h"

#define TRIES 3

mn_audit_outcome mn_guard_entry_outcome(mnsec_status status)
{
    switch (mnsec_status_class(status)) {
    case MNSEC_CLASS_OK:
        return MN_AUDIT_SUCCESS;
    case MNSEC_CLASS_USAGE:
    case MNSEC_CLASS_DENIED:
    case MNSEC_CLASS_STATE:
        return MN_AUDIT_MINOR;
    case MNSEC_CLASS_CARD:
    case MNSEC_CLASS_STORE:
        return MN_AUDIT_SERIOUS;
    case MNSEC_CLASS_INTERNAL:
    case MNSEC_CLASS_INTEGRITY:
    default:
        return MN_AUDIT_MAJOR;
    }
}

void mn_guard_entry_fill(const mn_opened *opened, mn_audit_body *body)
{
    body->ws = &opened->workstation.id;
    body->osuser = opened->os_user;
    body->software = mnsec_version();
}

static mnsec_status append_to_store(mn_opened *opened, const mn_audit_entry *entry,
                                    const mn_audit_signature *signature, uint64_t *out_index)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_WRITE, &txn));
    mnsec_status status =
        mn_audit_append(opened->audit, &txn, entry, signature, signature ? 1 : 0, out_index);
    if (status == MNSEC_OK) {
        status = mn_store_commit(&txn);
    }
    mn_audit_settle(opened->audit, status == MNSEC_OK);
    return status;
}

static mnsec_status append_once(mn_opened *opened, const mn_guard_entry *wanted,
                                const mn_audit_draft *draft, uint64_t *out_index)
{
    MN_AUTO(mn_audit_entry) entry = {0};
    MN_TRY(mn_audit_prepare(opened->audit, draft, &entry));
    MN_AUTO(mn_audit_signature) signature = {0};
    if (wanted->signer) {
        MN_TRY(mn_session_sign(wanted->signer, mn_buf_view(&entry.statement), &signature));
    }
    MN_TRY(append_to_store(opened, &entry, wanted->signer ? &signature : NULL, out_index));
    if (wanted->session) {
        *wanted->session = entry.session;
    }
    return MNSEC_OK;
}

mnsec_status mn_guard_entry_append(mn_opened *opened, const mn_guard_entry *entry,
                                   uint64_t *out_index)
{
    const mn_audit_draft draft = {
        .action = entry->action,
        .auth = entry->auth,
        .outcome = entry->outcome,
        .department = entry->department,
        .session = entry->session,
        .body = entry->body,
    };
    for (int tries = 0; tries < TRIES; tries++) {
        uint64_t index = 0;
        const mnsec_status status = append_once(opened, entry, &draft, &index);
        if (status == MNSEC_OK && out_index) {
            *out_index = index;
        }
        if (status != MNSEC_E_STATE_CHANGED) {
            return status;
        }
        mn_error_clear(opened->err);
        MN_TRY(mn_opened_catch_up(opened));
    }
    return mn_fail(opened->err, MNSEC_E_STORE_BUSY, "others kept writing to the log");
}
