/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identity verification (番号法16条), as a table of the ways in which a number may be taken. What
 * is kept is which documents were seen, never a copy of them.
 */
#include "policy/subject/subject_verification.h"

#include <string.h>

#include "policy/subject/subject_word.h"

#define CODE_BYTES 33U /* the longest value of a column of one word, and NUL */

/* What a way of verifying wants of a column. */
typedef enum want {
    WANT_NOTHING = 0, /* must be empty */
    WANT_CARD,        /* the Individual Number Card, or empty */
    WANT_ANY,         /* a proof, or empty */
    WANT_PROOF
} want;

typedef struct way {
    const char *method;
    mnsec_subject_kind kind; /* only for such a person; 0 = for everybody */
    const char *channel;     /* only so; NULL = however */
    want number, identity, agency;
} way;

static const way ways[] = {
    {"card", 0, NULL, WANT_CARD, WANT_CARD, WANT_NOTHING},
    {"documents", 0, NULL, WANT_PROOF, WANT_PROOF, WANT_NOTHING},
    /* identity was checked when the employee was hired, and is seen to be the same */
    {"known", MNSEC_SUBJECT_EMPLOYEE, "face", WANT_PROOF, WANT_NOTHING, WANT_NOTHING},
    /* the number is compared with what was taken the first time */
    {"second-time", 0, NULL, WANT_NOTHING, WANT_PROOF, WANT_NOTHING},
    {"agent", 0, NULL, WANT_PROOF, WANT_PROOF, WANT_PROOF},
    /* the employee verifies the dependants on his form; the employer may look at a document */
    {"employee", MNSEC_SUBJECT_DEPENDANT, NULL, WANT_ANY, WANT_NOTHING, WANT_NOTHING},
};

/* Columns that mean nothing where nobody was verified. */
static const mn_subject_column of_verification[] = {
    MN_SUBJECT_NUMBER_DOC, MN_SUBJECT_IDENTITY_DOC, MN_SUBJECT_AGENCY_DOC,
    MN_SUBJECT_CHANNEL,    MN_SUBJECT_VERIFIER,     MN_SUBJECT_DATE,
};

static mnsec_status refuse(mn_subject_column column, mn_subject_reason reason,
                           mn_subject_refusal *out_refusal)
{
    *out_refusal = (mn_subject_refusal){.column = column, .reason = reason};
    return MNSEC_E_USAGE_FORMAT;
}

static const char *text_of(const mn_subject *subject, mn_subject_column column)
{
    return mn_buf_text(&subject->text[column]);
}

static bool is_given(const mn_subject *subject, mn_subject_column column)
{
    return subject->text[column].len > 0;
}

/* How many of the codes have the flag. */
static size_t count_proofs(const char *codes, unsigned flag)
{
    size_t count = 0;
    for (const char *at = codes; *at != '\0';) {
        char code[CODE_BYTES] = {0};
        const size_t len = strcspn(at, " ");
        memcpy(code, at, len < sizeof(code) ? len : sizeof(code) - 1);
        const mn_subject_word *word = mn_subject_word_find(MN_SUBJECT_WORD_GROUP_PROOF, code);
        count += word != NULL && (word->flags & flag) != 0;
        at += len + (at[len] == ' ');
    }
    return count;
}

static bool shows_identity(const char *codes)
{
    return count_proofs(codes, MN_SUBJECT_WORD_PHOTO) >= 1 ||
           count_proofs(codes, MN_SUBJECT_WORD_PLAIN) >= 2;
}

static mn_subject_reason reason_of(const char *codes, mn_subject_column column)
{
    switch (column) {
    case MN_SUBJECT_NUMBER_DOC:
        return count_proofs(codes, MN_SUBJECT_WORD_NUMBER) == 1
                   ? MN_SUBJECT_REASON_NONE
                   : MN_SUBJECT_REASON_NO_PROOF_OF_NUMBER;
    case MN_SUBJECT_AGENCY_DOC:
        return count_proofs(codes, MN_SUBJECT_WORD_AGENCY) == 1
                   ? MN_SUBJECT_REASON_NONE
                   : MN_SUBJECT_REASON_NO_PROOF_OF_AGENCY;
    default:
        return shows_identity(codes) ? MN_SUBJECT_REASON_NONE
                                     : MN_SUBJECT_REASON_NO_PROOF_OF_IDENTITY;
    }
}

static mnsec_status check_want(const mn_subject *subject, mn_subject_column column, want wanted,
                               mn_subject_refusal *out_refusal)
{
    const char *codes = text_of(subject, column);
    if (*codes == '\0') {
        return wanted == WANT_PROOF ? refuse(column, MN_SUBJECT_REASON_MISSING, out_refusal)
                                    : MNSEC_OK;
    }
    if (wanted == WANT_NOTHING || (wanted == WANT_CARD && strcmp(codes, "my-number-card") != 0)) {
        return refuse(column, MN_SUBJECT_REASON_NOT_WITH_METHOD, out_refusal);
    }
    const mn_subject_reason reason = reason_of(codes, column);
    return reason == MN_SUBJECT_REASON_NONE ? MNSEC_OK : refuse(column, reason, out_refusal);
}

static mnsec_status check_way(const mn_subject *subject, const way *taken,
                              mn_subject_refusal *out_refusal)
{
    if (taken->kind != 0 && taken->kind != subject->kind) {
        return refuse(MN_SUBJECT_METHOD, MN_SUBJECT_REASON_NOT_WITH_KIND, out_refusal);
    }
    MN_TRY(check_want(subject, MN_SUBJECT_NUMBER_DOC, taken->number, out_refusal));
    MN_TRY(check_want(subject, MN_SUBJECT_IDENTITY_DOC, taken->identity, out_refusal));
    MN_TRY(check_want(subject, MN_SUBJECT_AGENCY_DOC, taken->agency, out_refusal));
    if (taken->channel != NULL &&
        strcmp(text_of(subject, MN_SUBJECT_CHANNEL), taken->channel) != 0) {
        return refuse(MN_SUBJECT_CHANNEL, MN_SUBJECT_REASON_NOT_WITH_METHOD, out_refusal);
    }
    return MNSEC_OK;
}

static mnsec_status check_unverified(const mn_subject *subject, mn_subject_refusal *out_refusal)
{
    for (size_t i = 0; i < sizeof(of_verification) / sizeof(of_verification[0]); i++) {
        if (is_given(subject, of_verification[i])) {
            return refuse(of_verification[i], MN_SUBJECT_REASON_NOT_WITHOUT_METHOD, out_refusal);
        }
    }
    return MNSEC_OK;
}

mnsec_status mn_subject_verification_check(const mn_subject *subject,
                                           mn_subject_refusal *out_refusal)
{
    if (!is_given(subject, MN_SUBJECT_METHOD)) {
        return check_unverified(subject, out_refusal);
    }
    if (is_given(subject, MN_SUBJECT_NOT_PROVIDED_REASON)) {
        return refuse(MN_SUBJECT_METHOD, MN_SUBJECT_REASON_NOTHING_TO_VERIFY, out_refusal);
    }
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strcmp(ways[i].method, text_of(subject, MN_SUBJECT_METHOD)) == 0) {
            return check_way(subject, &ways[i], out_refusal);
        }
    }
    return refuse(MN_SUBJECT_METHOD, MN_SUBJECT_REASON_UNKNOWN_CODE, out_refusal);
}
