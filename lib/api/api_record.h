/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls about records share: the department of a record, numbers typed twice, look-ups. */
#ifndef MN_API_RECORD_H
#define MN_API_RECORD_H

#include "api/api_guard.h"
#include "api/api_subject.h"

/* A record in an unlocked department of the session. */
typedef struct mn_record_place {
    mnsec_id department;
    mn_vault_department *unlocked; /* borrowed from the session */
} mn_record_place;

/* Where a record is. A record that is not there is refused as one that may not be seen: DENIED,
 * under this action, in the log. Errors: STATE_UNLOCK_NEEDED */
MNSEC_MUST_USE mnsec_status mn_record_find(mnsec_session *session, const mnsec_id *id,
                                           mn_action action, mn_record_place *out_place);
/* Is the record kept for this document kind? What a number was taken for is what it may be used for
 * (番号法 9条). DENIED */
MNSEC_MUST_USE mnsec_status mn_record_is_for(mn_vault_department *department, mn_store_txn *txn,
                                             const mnsec_id *id, const char *document,
                                             mn_error *err);
/* A number, asked for once or twice. Errors: USAGE_FORMAT, USAGE_CHECK_DIGIT, USAGE_MISMATCH */
MNSEC_MUST_USE mnsec_status mn_record_ask_number(mnsec_session *session, const char *subject,
                                                 bool twice, mn_secret *out_number);
/* Is this code another record's in the department? */
MNSEC_MUST_USE mnsec_status mn_record_code_is_free(mn_vault_department *department,
                                                   mn_store_txn *txn, const char *code,
                                                   const mnsec_id *but, mn_error *err);

#endif
