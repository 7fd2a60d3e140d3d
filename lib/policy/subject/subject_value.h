/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of a subject, brought to the form of its column.
 */
#ifndef MN_SUBJECT_VALUE_H
#define MN_SUBJECT_VALUE_H

#include "policy/subject/subject_column.h"

/* Text that is only blanks comes out empty. Not for the number. Errors: USAGE_FORMAT with
 * *out_reason; INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status mn_subject_value_read(const mn_subject_column_rule *rule,
                                                  mn_bytes typed, mn_buf *out_text,
                                                  mn_subject_reason *out_reason);
/* Is code among these codes, which single spaces separate? */
bool mn_subject_value_has_word(const char *codes, const char *code, size_t len);

#endif
