/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one reference monitor. Every call that touches data goes through it, in this order:
 *
 *   alive?  may I?  entry signed by the card that is in the reader
 *   a read:    entry durable, then act in a read transaction, then leave
 *   a change:  entry and act in one write transaction, committed by leave
 *
 * Denied and failed calls leave a result entry. If the log cannot be written nothing is done. A
 * guard that is not left rolls back when it goes out of scope.
 */
#ifndef MN_API_GUARD_H
#define MN_API_GUARD_H

#include "api/api_session.h"

#define MN_GUARD_MAX_COSIGNERS 3

/* Others who sign the same statement, before the operator does. Fills up to
 * MN_GUARD_MAX_COSIGNERS signatures. */
typedef mnsec_status (*mn_guard_cosign_fn)(void *user, mn_bytes statement,
                                           mn_audit_signature *out_signatures, size_t *out_count);

typedef struct mn_guard_request {
    mn_action action;
    const mnsec_id *department; /* NULL = none */
    const char *documents;      /* codes separated by spaces, or NULL */
    /* What the entries say; who, role, card, workstation, software are filled in. One body is one
     * entry, all are signed and appended together. */
    mn_audit_body *bodies;
    size_t body_count;
    mn_guard_cosign_fn cosign; /* NULL = nobody else */
    void *cosign_user;
    mn_bytes certificate; /* DER, of a card that signs for the first time; empty = none */
} mn_guard_request;

typedef struct mn_guard {
    mnsec_session *session; /* NULL = not entered */
    const mn_guard_request *request;
    mn_opened *opened;
    mn_store_txn txn; /* open between enter and leave */
    bool is_change;
    size_t pending;       /* entries appended and not committed */
    mn_audit_session log; /* of the session, once they are */
} mn_guard;

void mn_guard_wipe(mn_guard *guard); /* rolls back; MN_AUTO(mn_guard) */
MNSEC_MUST_USE mnsec_status mn_guard_enter(mn_guard *guard, mnsec_session *session,
                                           const mn_guard_request *request);
/* The question alone, before anything else is asked of people; a refusal goes to the log. */
MNSEC_MUST_USE mnsec_status mn_guard_may(mnsec_session *session, const mn_guard_request *request);
/* acted = how the act went; answered as it is unless leaving fails. */
MNSEC_MUST_USE mnsec_status mn_guard_leave(mn_guard *guard, mnsec_status acted);
/* A result entry without an act: refused or failed before it could begin. Answers status. */
MNSEC_MUST_USE mnsec_status mn_guard_refuse(mnsec_session *session, const mn_guard_request *request,
                                            mnsec_status status, const char *reason);

/* --- api_guard_entry.c: one entry in a transaction of its own --- */
typedef struct mn_guard_entry {
    mn_action action;
    mn_audit_auth auth;
    mn_audit_outcome outcome;
    const mnsec_id *department;
    mn_audit_session *session; /* counted up; NULL = outside */
    mn_audit_body body;
    mnsec_session *signer; /* whose card signs it; NULL = unsigned */
} mn_guard_entry;
/* out_index may be NULL. */
MNSEC_MUST_USE mnsec_status mn_guard_entry_append(mn_opened *opened, const mn_guard_entry *entry,
                                                  uint64_t *out_index);
/* Outcome of a status, as IHE ATNA has them. */
mn_audit_outcome mn_guard_entry_outcome(mnsec_status status);
/* Members that every entry has: workstation, user of the system, software. */
void mn_guard_entry_fill(const mn_opened *opened, mn_audit_body *body);

#endif
