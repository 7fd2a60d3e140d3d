/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Saying something with authority: a signed statement (docs/FORMATS.md, section 3), made in three
 * parts, so that no card ever signs while the store is locked:
 *
 *   prepared   boxes of versions that no statement names yet; they mean nothing until one does
 *   signed     by the operator, the newcomer, a second responsible person
 *   stated     entry and effects in one transaction, then a checkpoint on the token
 *
 * One at a time over all processes (administration lock), because two preparers of the same version
 * would overwrite each other's boxes.
 */
#ifndef MN_API_AUTHORITY_H
#define MN_API_AUTHORITY_H

#include "api/api_guard.h"
#include "api/api_party.h"

typedef struct mn_authority {
    mnsec_session *session;
    mn_statement *statement; /* owned */
    mn_party newcomer;       /* the card that is being enrolled; signs second */
    bool has_newcomer;
    mn_party second; /* a second responsible person's card, logged in */
    bool has_second;
    bool second_signs; /* else he only lends what his card opens */
    int lock;          /* descriptor plus 1; 0 = none */
    mn_buf document;
    mn_audit_body body; /* a reason may be set before entering */
    mn_guard_request request;
    mn_guard guard;
} mn_authority;
void mn_authority_wipe(mn_authority *authority); /* rolls back, lets the lock go; MN_AUTO */

/* Session entered, lock taken, an empty statement of this kind made: it may now be filled from the
 * newest state. Errors: DENIED (by the rule of the action), STORE_BUSY (somebody else is at it) */
MNSEC_MUST_USE mnsec_status mn_authority_begin(mn_authority *authority, mnsec_session *session,
                                               mn_statement_kind kind);
/* Find the second responsible person's card and log it in, where the statement needs one as far as
 * it is filled in; card = label, hash in hex, or NULL. */
MNSEC_MUST_USE mnsec_status mn_authority_second(mn_authority *authority, const char *card);
/* The same without a need: a share of the recovery key is held by this card. The statement then
 * carries no second signature unless it needs one. */
MNSEC_MUST_USE mnsec_status mn_authority_invite(mn_authority *authority, const char *card);
/* Ask the registry whether it will accept, sign, begin the transaction: authority->guard.txn is for
 * the effects. department = the entry's, or NULL. Errors: DENIED */
MNSEC_MUST_USE mnsec_status mn_authority_enter(mn_authority *authority, const mnsec_id *department);
MNSEC_MUST_USE mnsec_status mn_authority_leave(mn_authority *authority, mnsec_status acted);
/* The announced swap, for mn_party_find(); user is the session. */
void mn_authority_announce(void *session);

#endif
