/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From one form of a data subject to another. The names of policy's columns are the keys of the
 * kept texts, so that a column added there needs nothing here but its place in mnsec_subject.
 */
#include "api/api_subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [MNSEC_SUBJECT_EMPLOYEE] = "employee",
    [MNSEC_SUBJECT_DEPENDANT] = "dependant",
    [MNSEC_SUBJECT_PAYEE] = "payee",
    [MNSEC_SUBJECT_RESIDENT] = "resident",
};

static const char *const states[] = {
    [MNSEC_NUMBER_UNVERIFIED] = "unverified",
    [MNSEC_NUMBER_VERIFIED] = "verified",
    [MNSEC_NUMBER_NOT_PROVIDED] = "not-provided",
};

const char *mn_subject_state_name(mnsec_number_state state)
{
    const size_t place = (size_t)state;
    return place > 0 && place < sizeof states / sizeof states[0] ? states[place] : NULL;
}

mnsec_number_state mn_subject_state_of(const char *name)
{
    for (size_t i = 1; name && i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i], name) == 0) {
            return (mnsec_number_state)i;
        }
    }
    return 0;
}

/* Texts of mnsec_subject by column; the order is that of the columns. */
static void list_texts(const mnsec_subject *subject, const char *out_texts[MN_SUBJECT_COLUMN_COUNT])
{
    const mnsec_verification *verification = &subject->verification;
    memset(out_texts, 0, MN_SUBJECT_COLUMN_COUNT * sizeof out_texts[0]);
    out_texts[MN_SUBJECT_CODE] = subject->code;
    out_texts[MN_SUBJECT_NAME] = subject->name;
    out_texts[MN_SUBJECT_KANA] = subject->kana;
    out_texts[MN_SUBJECT_BIRTH_DATE] = subject->birth_date;
    out_texts[MN_SUBJECT_ADDRESS] = subject->address;
    out_texts[MN_SUBJECT_RELATION] = subject->relation;
    out_texts[MN_SUBJECT_DOCUMENTS] = subject->documents;
    out_texts[MN_SUBJECT_NOT_PROVIDED_REASON] = subject->not_provided_reason;
    out_texts[MN_SUBJECT_METHOD] = verification->method;
    out_texts[MN_SUBJECT_NUMBER_DOC] = verification->number_doc;
    out_texts[MN_SUBJECT_IDENTITY_DOC] = verification->identity_doc;
    out_texts[MN_SUBJECT_AGENCY_DOC] = verification->agency_doc;
    out_texts[MN_SUBJECT_CHANNEL] = verification->channel;
    out_texts[MN_SUBJECT_VERIFIER] = verification->verifier;
    out_texts[MN_SUBJECT_DATE] = verification->date;
    out_texts[MN_SUBJECT_NOTICE] = verification->notice;
}

void mn_subject_type(const mnsec_subject *subject, char id_text[MNSEC_ID_TEXT_BYTES],
                     mn_subject_typed *out_typed)
{
    const char *texts[MN_SUBJECT_COLUMN_COUNT];
    list_texts(subject, texts);
    const size_t kind = (size_t)subject->kind;
    if (kind > 0 && kind < sizeof kinds / sizeof kinds[0]) {
        texts[MN_SUBJECT_KIND] = kinds[kind];
    }
    if (subject->linked && !mnsec_id_is_none(subject->linked)) {
        mnsec_id_format(subject->linked, id_text);
        texts[MN_SUBJECT_LINKED] = id_text;
    }
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        out_typed->text[i] = mn_bytes_of(texts[i], texts[i] ? strlen(texts[i]) : 0);
    }
}

mnsec_status mn_subject_fail(mn_error *err, mnsec_status status, const mn_subject_refusal *refusal)
{
    const char *column = mn_subject_column_name(refusal->column);
    return mn_fail(err, status, "%s%s%s", column ? column : "", column ? ": " : "",
                   mn_subject_reason_text(refusal->reason));
}

/* --- what is kept --------------------------------------------------------------------------------
 */

static bool is_kept(mn_subject_column column)
{
    return column != MN_SUBJECT_KIND && column != MN_SUBJECT_NUMBER && column != MN_SUBJECT_LINKED;
}

static mnsec_status keep_time(mn_vault_subject *kept, const char *key, int64_t time)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, time);
    return mn_vault_subject_set(kept, key, text);
}

mnsec_status mn_subject_keep(const mn_subject *subject, const char *operator_name,
                             int64_t registered_at, int64_t now, mn_vault_subject *out_kept)
{
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        const mn_subject_column column = (mn_subject_column)i;
        if (is_kept(column) && subject->text[i].len > 0) {
            MN_TRY(mn_vault_subject_set(out_kept, mn_subject_column_name(column),
                                        mn_buf_text(&subject->text[i])));
        }
    }
    if (subject->text[MN_SUBJECT_METHOD].len > 0 && subject->text[MN_SUBJECT_VERIFIER].len == 0) {
        MN_TRY(mn_vault_subject_set(out_kept, mn_subject_column_name(MN_SUBJECT_VERIFIER),
                                    operator_name));
    }
    MN_TRY(mn_vault_subject_set(out_kept, "state", mn_subject_state_name(subject->state)));
    MN_TRY(keep_time(out_kept, "registered_at", registered_at));
    return keep_time(out_kept, "changed_at", now);
}

int64_t mn_subject_time_of(const mn_vault_record *record, const char *key)
{
    const char *text = mn_vault_subject_get(&record->subject, key);
    return text ? strtoll(text, NULL, 10) : 0;
}

static const char *kept(const mn_vault_record *record, mn_subject_column column)
{
    return mn_vault_subject_get(&record->subject, mn_subject_column_name(column));
}

void mn_subject_show(const mn_vault_record *record, mnsec_subject *out_subject)
{
    *out_subject = (mnsec_subject){
        .struct_size = sizeof *out_subject,
        .kind = (mnsec_subject_kind)record->kind,
        .code = kept(record, MN_SUBJECT_CODE),
        .name = kept(record, MN_SUBJECT_NAME),
        .kana = kept(record, MN_SUBJECT_KANA),
        .birth_date = kept(record, MN_SUBJECT_BIRTH_DATE),
        .address = kept(record, MN_SUBJECT_ADDRESS),
        .relation = kept(record, MN_SUBJECT_RELATION),
        .documents = kept(record, MN_SUBJECT_DOCUMENTS),
        .not_provided_reason = kept(record, MN_SUBJECT_NOT_PROVIDED_REASON),
        .linked = mnsec_id_is_none(&record->linked) ? NULL : &record->linked,
        .verification = {.method = kept(record, MN_SUBJECT_METHOD),
                         .number_doc = kept(record, MN_SUBJECT_NUMBER_DOC),
                         .identity_doc = kept(record, MN_SUBJECT_IDENTITY_DOC),
                         .channel = kept(record, MN_SUBJECT_CHANNEL),
                         .verifier = kept(record, MN_SUBJECT_VERIFIER),
                         .date = kept(record, MN_SUBJECT_DATE),
                         .notice = kept(record, MN_SUBJECT_NOTICE),
                         .agency_doc = kept(record, MN_SUBJECT_AGENCY_DOC)},
        .id = record->id,
        .state = mn_subject_state_of(mn_vault_subject_get(&record->subject, "state")),
        .registered_at = mn_subject_time_of(record, "registered_at"),
        .changed_at = mn_subject_time_of(record, "changed_at"),
    };
}
