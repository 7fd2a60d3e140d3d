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
    mn_statement *statement; /* borrowed */
    mn_party *newcomer;      /* borrowed; signs second. NULL = none */
    mn_party second;
    bool has_second;
    int lock; /* descriptor plus 1; 0 = none */
    mn_buf document;
    mn_audit_body body;
    mn_guard_request request;
    mn_guard guard;
} mn_authority;
void mn_authority_wipe(mn_authority *authority); /* rolls back, lets the lock go */

/* Take the lock; the statement may then be built from the newest state. STORE_BUSY when somebody
 * else is at it. */
MNSEC_MUST_USE mnsec_status mn_authority_begin(mn_authority *authority, mnsec_session *session);
/* Find the second responsible person where the statement needs one; second = card or NULL, newcomer
 * or NULL. Then the registry is asked whether it will accept. DENIED */
MNSEC_MUST_USE mnsec_status mn_authority_gather(mn_authority *authority, mn_statement *statement,
                                                mn_party *newcomer, const char *second);
/* Sign and begin the transaction: authority->guard.txn is for the effects. The body's reason,
 * department … may be set before. */
MNSEC_MUST_USE mnsec_status mn_authority_enter(mn_authority *authority);
MNSEC_MUST_USE mnsec_status mn_authority_leave(mn_authority *authority, mnsec_status acted);

#endif
