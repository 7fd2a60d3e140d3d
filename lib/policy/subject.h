/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be registered of a data subject: columns, value codes, limits, and how typed text is
 * brought to one form (docs/FORMATS.md, section 6). A row of an imported file and the arguments of
 * mnsec_record_register() go through the same check. Pure; time comes in as an argument.
 */
#ifndef MN_SUBJECT_H
#define MN_SUBJECT_H

#include "base/buf.h"
#include "base/secret.h"
#include "mnsec/record.h"

/* Columns; the names (mn_subject_column_name) are also the keys of the stored directory data. */
typedef enum mn_subject_column {
    MN_SUBJECT_KIND,
    MN_SUBJECT_CODE,
    MN_SUBJECT_NAME,
    MN_SUBJECT_KANA,
    MN_SUBJECT_BIRTH_DATE,
    MN_SUBJECT_ADDRESS,
    MN_SUBJECT_NUMBER,
    MN_SUBJECT_RELATION,
    MN_SUBJECT_LINKED, /* a dependant's employee: code in a file, text form of the id in a call */
    MN_SUBJECT_DOCUMENTS,
    MN_SUBJECT_NOT_PROVIDED_REASON,
    MN_SUBJECT_METHOD,
    MN_SUBJECT_NUMBER_DOC,
    MN_SUBJECT_IDENTITY_DOC,
    MN_SUBJECT_AGENCY_DOC,
    MN_SUBJECT_CHANNEL,
    MN_SUBJECT_VERIFIER,
    MN_SUBJECT_DATE,
    MN_SUBJECT_NOTICE,
    MN_SUBJECT_COLUMN_COUNT,
    MN_SUBJECT_ROW = MN_SUBJECT_COLUMN_COUNT /* in a refusal: the row as a whole */
} mn_subject_column;

/* X(NAME, what is wrong: an English msgid). The table of docs/FORMATS.md, section 6.4. */
#define MN_SUBJECT_REASON_LIST(X)                                                                  \
    X(NONE, "nothing is wrong")                                                                    \
    X(HEADER_MISSING, "this column is missing from the header line")                               \
    X(HEADER_TWICE, "this column stands in the header line twice")                                 \
    X(HEADER_UNKNOWN, "the header line names a column that is not known")                          \
    X(FIELD_COUNT, "the row has not as many fields as the header line")                            \
    X(MISSING, "a value is missing")                                                               \
    X(TOO_LONG, "the value is too long")                                                           \
    X(NOT_TEXT, "the value holds control characters or is not text")                               \
    X(PRIVATE_CHARACTER, "a private character (gaiji) means nothing elsewhere")                    \
    X(HOLDS_NUMBER, "an Individual Number stands in a column that is not for it")                  \
    X(UNKNOWN_CODE, "the value is none of the known words")                                        \
    X(TWICE, "a value is given twice")                                                             \
    X(RESIDENT, "numbers of residents may not be kept")                                            \
    X(NOT_KANA, "only kana, Latin letters and spaces are expected")                                \
    X(NOT_A_DATE, "the value is not a date")                                                       \
    X(FUTURE, "the date lies in the future")                                                       \
    X(NUMBER_FORMAT, "an Individual Number has 12 digits")                                         \
    X(NUMBER_CHECK_DIGIT, "the check digit of the Individual Number does not match")               \
    X(NUMBER_AND_REASON, "a number and a reason for having none are both given")                   \
    X(ONLY_DEPENDANT, "only a dependant has this")                                                 \
    X(DOCUMENT_NOT_FOR_KIND, "this document kind does not need the number of such a person")       \
    X(NOT_WITHOUT_METHOD, "how the person was verified is not said")                               \
    X(NOT_WITH_METHOD, "this does not go with the way of verifying")                               \
    X(NOT_WITH_KIND, "this way of verifying is not for such a person")                             \
    X(NOTHING_TO_VERIFY, "there is no number that could have been verified")                       \
    X(NO_PROOF_OF_NUMBER, "this document does not prove the number")                               \
    X(NO_PROOF_OF_IDENTITY, "one document with a photograph, or two without, must show who it is") \
    X(NO_PROOF_OF_AGENCY, "this document does not prove agency")                                   \
    X(CODE_IN_FILE, "this code stands in the file already")                                        \
    X(CODE_REGISTERED, "this code is registered already")                                          \
    X(NUMBER_IN_FILE, "this number stands in the file already")                                    \
    X(NUMBER_REGISTERED, "this number is registered already")                                      \
    X(LINKED_UNKNOWN, "no employee with this code stands above in the file or is registered")      \
    X(NOT_PERMITTED, "the operator has no grant for this document kind")

typedef enum mn_subject_reason {
#define MN_SUBJECT_REASON_ENUM(name, text) MN_SUBJECT_REASON_##name,
    MN_SUBJECT_REASON_LIST(MN_SUBJECT_REASON_ENUM)
#undef MN_SUBJECT_REASON_ENUM
} mn_subject_reason;

/* Why a row or call was refused; never a value of it. */
typedef struct mn_subject_refusal {
    mn_subject_column column;
    mn_subject_reason reason;
} mn_subject_refusal;

/* What was typed, by column; length 0 = nothing. Borrowed. */
typedef struct mn_subject_typed {
    mn_bytes text[MN_SUBJECT_COLUMN_COUNT];
} mn_subject_typed;

/* How to judge it. */
typedef struct mn_subject_rules {
    int64_t now;      /* seconds; dates after it are refused */
    bool with_number; /* the number stands in its column (a file); else it is asked for later */
} mn_subject_rules;

/* A subject as it will be stored. */
typedef struct mn_subject {
    mnsec_subject_kind kind;
    mnsec_number_state state;
    mn_buf text[MN_SUBJECT_COLUMN_COUNT]; /* one form; empty = none, as always for NUMBER */
    mn_secret number;                     /* 12 digits; empty = none, or asked for later */
} mn_subject;
void mn_subject_wipe(mn_subject *subject);

/*
 * Check what was typed and bring it to one form. Codes come out as their English words separated by
 * single spaces, dates as YYYY-MM-DD; the date of a verification is today where none is given.
 * Errors: USAGE_CHECK_DIGIT, USAGE_FORMAT, both with *out_refusal; INTERNAL_MEMORY
 */
MNSEC_MUST_USE mnsec_status mn_subject_check(const mn_subject_typed *typed,
                                             const mn_subject_rules *rules, mn_subject *out_subject,
                                             mn_subject_refusal *out_refusal);

/* Name, such as "birth_date"; NULL for MN_SUBJECT_ROW and unknown values. Static. */
const char *mn_subject_column_name(mn_subject_column column);
/* English msgid; static. */
const char *mn_subject_reason_text(mn_subject_reason reason);

/* --- subject/subject_header.c: a file's header line --- */
/* Which field of a row belongs to which column. */
typedef struct mn_subject_header {
    size_t place[MN_SUBJECT_COLUMN_COUNT]; /* index of the field plus 1; 0 = no such column */
    size_t count;                          /* fields of the header line */
} mn_subject_header;
/* Names in Japanese or English, any width and case. Errors: USAGE_FORMAT with *out_refusal */
MNSEC_MUST_USE mnsec_status mn_subject_header_read(const mn_bytes *fields, size_t count,
                                                   mn_subject_header *out_header,
                                                   mn_subject_refusal *out_refusal);
/* Place of the first field that names no column; count where there is none. */
size_t mn_subject_header_unknown(const mn_bytes *fields, size_t count);
/* The fields of a row by column, borrowed from fields; empty fields past the header's are let pass.
 * Errors: USAGE_FORMAT with *out_refusal */
MNSEC_MUST_USE mnsec_status mn_subject_header_pick(const mn_subject_header *header,
                                                   const mn_bytes *fields, size_t count,
                                                   mn_subject_typed *out_typed,
                                                   mn_subject_refusal *out_refusal);

#endif
