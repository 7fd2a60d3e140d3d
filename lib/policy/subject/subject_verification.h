/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity verification (番号法16条): which documents each way of verifying needs.
 */
#ifndef MN_SUBJECT_VERIFICATION_H
#define MN_SUBJECT_VERIFICATION_H

#include "policy/subject.h"

/* Does what is said of the verification hold together? Values are codes already. */
MNSEC_MUST_USE mnsec_status mn_subject_verification_check(const mn_subject *subject,
                                                          mn_subject_refusal *out_refusal);

#endif
