/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The columns: what they are called in a file, how long a value may be and of which form it is.
 */
#ifndef MN_SUBJECT_COLUMN_H
#define MN_SUBJECT_COLUMN_H

#include "policy/subject.h"
#include "policy/subject/subject_word.h"

/* What a value is brought to. */
typedef enum mn_subject_column_form {
    MN_SUBJECT_COLUMN_FORM_LINE = 0, /* one line of text */
    MN_SUBJECT_COLUMN_FORM_KANA,
    MN_SUBJECT_COLUMN_FORM_DATE,
    MN_SUBJECT_COLUMN_FORM_WORD,  /* one code of the group */
    MN_SUBJECT_COLUMN_FORM_WORDS, /* codes of the group */
    MN_SUBJECT_COLUMN_FORM_NUMBER
} mn_subject_column_form;

typedef struct mn_subject_column_rule {
    const char *name;
    const char *names; /* Japanese, separated by "|" */
    size_t max_bytes;  /* of the value in its one form */
    mn_subject_column_form form;
    mn_subject_word_group group;
    bool in_header; /* a file must have this column */
} mn_subject_column_rule;

/* NULL for MN_SUBJECT_ROW and unknown values. */
const mn_subject_column_rule *mn_subject_column_rule_of(mn_subject_column column);
/* By a name in NFKC; MN_SUBJECT_ROW where there is none. */
mn_subject_column mn_subject_column_find(const char *name);

#endif
