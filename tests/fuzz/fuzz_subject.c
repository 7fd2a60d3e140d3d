/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of an import, from CSV to what is kept. A subject that is taken holds no number outside its
 * place, is clean text, and comes out the same when it is entered again as it was kept.
 */
#include "base/csv.h"
#include "base/text.h"
#include "fuzz.h"
#include "policy/subject.h"

#define NOW 1750000000

static mnsec_status read_all(void *user, uint8_t *out_bytes, size_t capacity, size_t *out_len)
{
    mn_bytes *rest = user;
    *out_len = rest->len < capacity ? rest->len : capacity;
    if (*out_len > 0) {
        memcpy(out_bytes, rest->bytes, *out_len);
    }
    *rest = mn_bytes_of(rest->bytes + *out_len, rest->len - *out_len);
    return MNSEC_OK;
}

static void look_at(const mn_subject *subject)
{
    FUZZ_HOLDS(subject->kind >= MNSEC_SUBJECT_EMPLOYEE && subject->kind < MNSEC_SUBJECT_RESIDENT);
    FUZZ_HOLDS(subject->number.len == 0 || subject->number.len == 12);
    FUZZ_HOLDS((subject->number.len == 0) == (subject->state == MNSEC_NUMBER_NOT_PROVIDED));
    FUZZ_HOLDS(subject->text[MN_SUBJECT_NUMBER].len == 0);
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        FUZZ_HOLDS(mn_text_is_clean(mn_buf_view(&subject->text[i]), false));
        FUZZ_HOLDS(!mn_text_has_number(mn_buf_view(&subject->text[i])));
    }
}

static void enter_again(const mn_subject *subject)
{
    mn_subject_typed typed = {0};
    mn_subject_refusal refusal = {0};
    MN_AUTO(mn_subject) again = {0};
    const mn_subject_rules rules = {.now = NOW, .with_number = true};
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        typed.text[i] = mn_buf_view(&subject->text[i]);
    }
    typed.text[MN_SUBJECT_NUMBER] = mn_bytes_of(subject->number.bytes, subject->number.len);
    FUZZ_HOLDS(mn_subject_check(&typed, &rules, &again, &refusal) == MNSEC_OK);
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        FUZZ_HOLDS(strcmp(mn_buf_text(&again.text[i]), mn_buf_text(&subject->text[i])) == 0);
    }
}

static void check_row(const mn_subject_header *header, const mn_csv_row *row)
{
    mn_subject_typed typed = {0};
    mn_subject_refusal refusal = {0};
    MN_AUTO(mn_subject) subject = {0};
    const mn_subject_rules rules = {.now = NOW, .with_number = true};
    if (mn_subject_header_pick(header, row->fields, row->count, &typed, &refusal) != MNSEC_OK ||
        mn_subject_check(&typed, &rules, &subject, &refusal) != MNSEC_OK) {
        FUZZ_HOLDS(refusal.reason != MN_SUBJECT_REASON_NONE);
        return;
    }
    look_at(&subject);
    enter_again(&subject);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mn_bytes rest = mn_bytes_of(data, size);
    mn_csv_row row = {0};
    mn_subject_header header = {0};
    mn_subject_refusal refusal = {0};
    MN_AUTO_PTR(mn_csv) csv = NULL;
    FUZZ_HOLDS(mn_csv_open(read_all, &rest, &csv) == MNSEC_OK);
    if (mn_csv_next(csv, &row) != MNSEC_OK ||
        mn_subject_header_read(row.fields, row.count, &header, &refusal) != MNSEC_OK) {
        return 0;
    }
    for (;;) {
        const mnsec_status status = mn_csv_next(csv, &row);
        if (status == MNSEC_E_STATE_END) {
            return 0;
        }
        if (status == MNSEC_OK) {
            check_row(&header, &row);
        }
    }
}
