/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a column may hold (subject_word.def), and how names are compared: people write
 * them in either width, in either case, with or without blanks, hyphens and low lines.
 */
#ifndef MN_SUBJECT_WORD_H
#define MN_SUBJECT_WORD_H

#include "base/base.h"

typedef enum mn_subject_word_group {
    MN_SUBJECT_WORD_GROUP_NONE = 0,
    MN_SUBJECT_WORD_GROUP_KIND,
    MN_SUBJECT_WORD_GROUP_METHOD,
    MN_SUBJECT_WORD_GROUP_CHANNEL,
    MN_SUBJECT_WORD_GROUP_PROOF,
    MN_SUBJECT_WORD_GROUP_DOCUMENT
} mn_subject_word_group;

typedef enum mn_subject_word_flag {
    MN_SUBJECT_WORD_NUMBER = 1,
    MN_SUBJECT_WORD_PHOTO = 2,
    MN_SUBJECT_WORD_PLAIN = 4,
    MN_SUBJECT_WORD_AGENCY = 8
} mn_subject_word_flag;

typedef struct mn_subject_word {
    mn_subject_word_group group;
    const char *code;
    const char *names; /* separated by "|" */
    unsigned flags;
} mn_subject_word;

/* By code or name, in NFKC; NULL where there is none. */
const mn_subject_word *mn_subject_word_find(mn_subject_word_group group, const char *text);
/* n-th word of all; NULL past the end. */
const mn_subject_word *mn_subject_word_at(size_t n);
/* Is text one of the names, which "|" separates? */
bool mn_subject_word_is(const char *text, const char *names);

#endif
