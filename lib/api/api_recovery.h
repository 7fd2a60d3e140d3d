/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility's recovery key in use: put together from two shares, and renewed whenever who is a
 * responsible person changes, so that nobody keeps a share of the key in force. Formats and boxes
 * are the vault's.
 */
#ifndef MN_API_RECOVERY_H
#define MN_API_RECOVERY_H

#include "api/api_authority.h"

/* The private recovery key out of the operator's share and a second one: that of the second
 * responsible person (asks SECOND_PASSWORD), or from paper (asks SHARE) where second is NULL. */
MNSEC_MUST_USE mnsec_status mn_recovery_open(mnsec_session *session, mn_party *second,
                                             mn_secret *out_private);

/* O_d by the department's operation password, asked for; a wrong one is in the log and makes wait.
 * Errors: DENIED_OPERATION_PASSWORD, DENIED_BACKOFF */
MNSEC_MUST_USE mnsec_status mn_recovery_open_operation(mnsec_session *session,
                                                       const mn_registry_department *department,
                                                       mn_secret *out_operation);

/* A renewal, prepared before the statement is signed. */
typedef struct mn_recovery_renewal {
    mn_secret private_key; /* the new one */
    mn_recovery recovery;  /* what the statement says */
    mn_vault_member holders[MN_STATEMENT_MAX_HOLDERS];
    size_t holder_count; /* cards; recovery.holder_count counts sheets of paper too */
    mn_secret operations[MN_STATEMENT_MAX_DEPARTMENTS]; /* O_d by place in the registry */
    size_t department_count;
} mn_recovery_renewal;
void mn_recovery_renewal_wipe(mn_recovery_renewal *renewal); /* MN_AUTO */

/* Who holds shares from now on: every responsible person but leaving, and newcomer; either may be
 * NULL. Opens each O_d, by two shares where a second responsible person is there, else by the
 * operation passwords (asked for). */
MNSEC_MUST_USE mnsec_status mn_recovery_prepare(mn_authority *authority, const mnsec_id *leaving,
                                                const mn_vault_member *newcomer,
                                                mn_recovery_renewal *out_renewal);
/* Within the statement's transaction: shares sealed, O_d sealed to the new key, and G_d of the
 * versions that the renewal's caller gives by place in the registry. A share on paper is shown. */
MNSEC_MUST_USE mnsec_status mn_recovery_apply(mn_authority *authority,
                                              const mn_recovery_renewal *renewal,
                                              const mn_department_versions *versions,
                                              const mn_secret *groups);

#endif
