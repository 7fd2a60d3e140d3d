/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be registered: each value by the rule of its column, then all of them together. Nothing
 * is mended silently but its form; what is doubtful is refused with its column and reason, and a
 * reason never holds a value.
 */
#include "policy/subject.h"

#include <string.h>

#include "policy/date.h"
#include "policy/document.h"
#include "policy/number.h"
#include "policy/subject/subject_column.h"
#include "policy/subject/subject_value.h"
#include "policy/subject/subject_verification.h"

typedef struct kind_word {
    const char *code;
    mnsec_subject_kind kind;
} kind_word;

static const kind_word kinds[] = {
    {"employee", MNSEC_SUBJECT_EMPLOYEE},
    {"dependant", MNSEC_SUBJECT_DEPENDANT},
    {"payee", MNSEC_SUBJECT_PAYEE},
    {"resident", MNSEC_SUBJECT_RESIDENT},
};

static mnsec_status refuse(mn_subject_column column, mn_subject_reason reason,
                           mn_subject_refusal *out_refusal)
{
    *out_refusal = (mn_subject_refusal){.column = column, .reason = reason};
    return MNSEC_E_USAGE_FORMAT;
}

static bool is_given(const mn_subject *subject, mn_subject_column column)
{
    return subject->text[column].len > 0;
}

static mnsec_status read_values(const mn_subject_typed *typed, mn_subject *subject,
                                mn_subject_refusal *out_refusal)
{
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        const mn_subject_column column = (mn_subject_column)i;
        if (column == MN_SUBJECT_NUMBER || typed->text[i].len == 0) {
            continue;
        }
        mn_subject_reason reason = MN_SUBJECT_REASON_NONE;
        const mnsec_status status = mn_subject_value_read(
            mn_subject_column_rule_of(column), typed->text[i], &subject->text[i], &reason);
        if (status == MNSEC_E_USAGE_FORMAT) {
            return refuse(column, reason, out_refusal);
        }
        MN_TRY(status);
    }
    return MNSEC_OK;
}

/* --- the number, which never passes through ordinary memory --- */

/* A blank at the beginning, as spreadsheets leave them; 0 where there is none. */
static size_t blank_at(mn_bytes text)
{
    static const char *const blanks[] = {" ", "\t", "\n", "\u00A0", "\u3000"};
    for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
        const size_t len = strlen(blanks[i]);
        if (text.len >= len && memcmp(text.bytes, blanks[i], len) == 0) {
            return len;
        }
    }
    return 0;
}

static mn_bytes trim(mn_bytes text)
{
    for (size_t blank = blank_at(text); blank > 0; blank = blank_at(text)) {
        text = mn_bytes_of(text.bytes + blank, text.len - blank);
    }
    for (size_t tail = 1; tail <= 3 && tail <= text.len;) {
        const mn_bytes end = mn_bytes_of(text.bytes + text.len - tail, tail);
        if (blank_at(end) == tail) {
            text.len -= tail;
            tail = 1;
        } else {
            tail++;
        }
    }
    return text;
}

static mnsec_status read_number(mn_bytes typed, mn_subject *subject,
                                mn_subject_refusal *out_refusal)
{
    const mn_bytes text = trim(typed);
    const bool none = is_given(subject, MN_SUBJECT_NOT_PROVIDED_REASON);
    if (text.len == 0) {
        return none ? MNSEC_OK : refuse(MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_MISSING, out_refusal);
    }
    if (none) {
        return refuse(MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_AND_REASON, out_refusal);
    }
    const mnsec_status status = mn_number_normalise(text.bytes, text.len, &subject->number);
    if (status == MNSEC_E_USAGE_FORMAT) {
        return refuse(MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_FORMAT, out_refusal);
    }
    if (status == MNSEC_E_USAGE_CHECK_DIGIT) {
        (void)refuse(MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_NUMBER_CHECK_DIGIT, out_refusal);
    }
    return status;
}

/* --- all values together --- */

static mnsec_status check_kind(mn_subject *subject, mn_subject_refusal *out_refusal)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].code, mn_buf_text(&subject->text[MN_SUBJECT_KIND])) == 0) {
            subject->kind = kinds[i].kind;
        }
    }
    if (subject->kind == 0) {
        return refuse(MN_SUBJECT_KIND, MN_SUBJECT_REASON_MISSING, out_refusal);
    }
    if (subject->kind == MNSEC_SUBJECT_RESIDENT) {
        return refuse(MN_SUBJECT_KIND, MN_SUBJECT_REASON_RESIDENT, out_refusal);
    }
    return MNSEC_OK;
}

static mnsec_status check_given(const mn_subject *subject, mn_subject_refusal *out_refusal)
{
    static const mn_subject_column always[] = {MN_SUBJECT_NAME, MN_SUBJECT_DOCUMENTS};
    static const mn_subject_column of_dependants[] = {MN_SUBJECT_RELATION, MN_SUBJECT_LINKED};
    for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (!is_given(subject, always[i])) {
            return refuse(always[i], MN_SUBJECT_REASON_MISSING, out_refusal);
        }
    }
    const bool dependant = subject->kind == MNSEC_SUBJECT_DEPENDANT;
    for (size_t i = 0; i < sizeof(of_dependants) / sizeof(of_dependants[0]); i++) {
        if (is_given(subject, of_dependants[i]) != dependant) {
            return refuse(of_dependants[i],
                          dependant ? MN_SUBJECT_REASON_MISSING : MN_SUBJECT_REASON_ONLY_DEPENDANT,
                          out_refusal);
        }
    }
    return MNSEC_OK;
}

static bool is_for(const mn_document *document, mnsec_subject_kind kind)
{
    switch (kind) {
    case MNSEC_SUBJECT_EMPLOYEE:
        return document->employee;
    case MNSEC_SUBJECT_DEPENDANT:
        return document->dependant;
    case MNSEC_SUBJECT_PAYEE:
        return document->payee;
    default:
        return false;
    }
}

static mnsec_status check_documents(const mn_subject *subject, mn_subject_refusal *out_refusal)
{
    const char *codes = mn_buf_text(&subject->text[MN_SUBJECT_DOCUMENTS]);
    for (size_t n = 0; n < mn_document_count(); n++) {
        const mn_document *document = mn_document_at(n);
        if (mn_subject_value_has_word(codes, document->code, strlen(document->code)) &&
            !is_for(document, subject->kind)) {
            return refuse(MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_DOCUMENT_NOT_FOR_KIND,
                          out_refusal);
        }
    }
    return MNSEC_OK;
}

static mnsec_status check_dates(const mn_subject *subject, const char *today,
                                mn_subject_refusal *out_refusal)
{
    static const mn_subject_column dates[] = {MN_SUBJECT_BIRTH_DATE, MN_SUBJECT_DATE};
    for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
        if (strcmp(mn_buf_text(&subject->text[dates[i]]), today) > 0) {
            return refuse(dates[i], MN_SUBJECT_REASON_FUTURE, out_refusal);
        }
    }
    return MNSEC_OK;
}

static mnsec_status settle_verification(mn_subject *subject, const char *today)
{
    mn_buf *date = &subject->text[MN_SUBJECT_DATE];
    if (is_given(subject, MN_SUBJECT_NOT_PROVIDED_REASON)) {
        subject->state = MNSEC_NUMBER_NOT_PROVIDED;
    } else if (is_given(subject, MN_SUBJECT_METHOD)) {
        subject->state = MNSEC_NUMBER_VERIFIED;
        return date->len > 0 ? MNSEC_OK : mn_buf_append_text(date, today);
    } else {
        subject->state = MNSEC_NUMBER_UNVERIFIED;
    }
    return MNSEC_OK;
}

static mnsec_status check_number(const mn_subject_typed *typed, const mn_subject_rules *rules,
                                 mn_subject *subject, mn_subject_refusal *out_refusal)
{
    const mn_bytes number = typed->text[MN_SUBJECT_NUMBER];
    if (rules->with_number) {
        return read_number(number, subject, out_refusal);
    }
    return number.len == 0 ? MNSEC_OK
                           : refuse(MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_HOLDS_NUMBER, out_refusal);
}

void mn_subject_wipe(mn_subject *subject)
{
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        mn_buf_wipe(&subject->text[i]);
    }
    mn_secret_wipe(&subject->number);
    *subject = (mn_subject){0};
}

mnsec_status mn_subject_check(const mn_subject_typed *typed, const mn_subject_rules *rules,
                              mn_subject *out_subject, mn_subject_refusal *out_refusal)
{
    char today[MN_DATE_TEXT_BYTES];
    MN_AUTO(mn_subject) subject = {0};
    mn_date_of(rules->now, today);
    MN_TRY(read_values(typed, &subject, out_refusal));
    MN_TRY(check_kind(&subject, out_refusal));
    MN_TRY(check_given(&subject, out_refusal));
    MN_TRY(check_documents(&subject, out_refusal));
    MN_TRY(check_dates(&subject, today, out_refusal));
    MN_TRY(check_number(typed, rules, &subject, out_refusal));
    MN_TRY(mn_subject_verification_check(&subject, out_refusal));
    MN_TRY(settle_verification(&subject, today));
    mn_subject_wipe(out_subject);
    *out_subject = subject;
    subject = (mn_subject){0};
    return MNSEC_OK;
}

const char *mn_subject_reason_text(mn_subject_reason reason)
{
    static const char *const texts[] = {
#define REASON_TEXT(name, text) [MN_SUBJECT_REASON_##name] = text,
        MN_SUBJECT_REASON_LIST(REASON_TEXT)
#undef REASON_TEXT
    };
    const size_t count = sizeof(texts) / sizeof(texts[0]);
    return (size_t)reason < count ? texts[reason] : "unknown reason";
}
