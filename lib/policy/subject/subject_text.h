/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed text, brought to one form. Each answers USAGE_FORMAT with the reason, or INTERNAL_MEMORY.
 */
#ifndef MN_SUBJECT_TEXT_H
#define MN_SUBJECT_TEXT_H

#include "policy/subject.h"

/*
 * One line: NFKC, except that compatibility ideographs stay, since they are in people's names;
 * runs of blanks and line ends as one space, none at either end. Refused: what is not UTF-8,
 * control and invisible characters, private characters, anything that holds an Individual Number.
 */
MNSEC_MUST_USE mnsec_status mn_subject_text_line(mn_bytes typed, mn_buf *out_line,
                                                 mn_subject_reason *out_reason);
/* A line in katakana (hiragana is turned into it), with Latin letters for foreign names. */
MNSEC_MUST_USE mnsec_status mn_subject_text_kana(const mn_buf *line, mn_buf *out_kana,
                                                 mn_subject_reason *out_reason);

#endif
