/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A data subject between three forms: what a caller says (mnsec_subject), what policy has checked
 * (mn_subject), what the vault keeps (mn_vault_subject). One file knows all three.
 */
#ifndef MN_API_SUBJECT_H
#define MN_API_SUBJECT_H

#include "api/api_context.h"
#include "mnsec/record.h"
#include "policy/subject.h"

/* What a caller says, as typed text. id_text holds the text form of linked. */
void mn_subject_type(const mnsec_subject *subject, char id_text[MNSEC_ID_TEXT_BYTES],
                     mn_subject_typed *out_typed);
/* The refusal as the failure of a call: column and reason, never a value. */
MNSEC_MUST_USE mnsec_status mn_subject_fail(mn_error *err, mnsec_status status,
                                            const mn_subject_refusal *refusal);
/* What is kept: the texts by the names of their columns, state and times. */
MNSEC_MUST_USE mnsec_status mn_subject_keep(const mn_subject *subject, const char *operator_name,
                                            int64_t registered_at, int64_t now,
                                            mn_vault_subject *out_kept);
/* What was kept, lent to a caller. */
void mn_subject_show(const mn_vault_record *record, mnsec_subject *out_subject);
/* Name of a state in the kept form, such as "verified"; back: 0 where it is none. */
const char *mn_subject_state_name(mnsec_number_state state);
mnsec_number_state mn_subject_state_of(const char *name);
int64_t mn_subject_time_of(const mn_vault_record *record, const char *key);

#endif
