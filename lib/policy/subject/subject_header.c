/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file's header line, and the fields of a row by column. The order of columns is free; a column
 * that is not known is refused rather than passed over, since it might hold what was meant for
 * another one.
 */
#include "policy/subject/subject_column.h"
#include "policy/subject/subject_text.h"

static mnsec_status refuse(mn_subject_column column, mn_subject_reason reason,
                           mn_subject_refusal *out_refusal)
{
    *out_refusal = (mn_subject_refusal){.column = column, .reason = reason};
    return MNSEC_E_USAGE_FORMAT;
}

/* MN_SUBJECT_ROW where the name is not known. */
static mnsec_status read_name(mn_bytes field, mn_subject_column *out_column)
{
    MN_AUTO(mn_buf) name = {0};
    mn_subject_reason reason = MN_SUBJECT_REASON_NONE;
    const mnsec_status status = mn_subject_text_line(field, &name, &reason);
    if (status == MNSEC_E_USAGE_FORMAT) {
        *out_column = MN_SUBJECT_ROW;
        return MNSEC_OK;
    }
    MN_TRY(status);
    *out_column = mn_subject_column_find(mn_buf_text(&name));
    return MNSEC_OK;
}

static mnsec_status check_needed(const mn_subject_header *header, mn_subject_refusal *out_refusal)
{
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        const mn_subject_column column = (mn_subject_column)i;
        if (mn_subject_column_rule_of(column)->in_header && header->place[i] == 0) {
            return refuse(column, MN_SUBJECT_REASON_HEADER_MISSING, out_refusal);
        }
    }
    return MNSEC_OK;
}

/* Fields without the empty ones at the end, which spreadsheets add. */
static size_t count_filled(const mn_bytes *fields, size_t count)
{
    while (count > 0 && fields[count - 1].len == 0) {
        count--;
    }
    return count;
}

mnsec_status mn_subject_header_read(const mn_bytes *fields, size_t count,
                                    mn_subject_header *out_header, mn_subject_refusal *out_refusal)
{
    mn_subject_header header = {.count = count_filled(fields, count)};
    for (size_t i = 0; i < header.count; i++) {
        mn_subject_column column = MN_SUBJECT_ROW;
        MN_TRY(read_name(fields[i], &column));
        if (column == MN_SUBJECT_ROW) {
            return refuse(MN_SUBJECT_ROW, MN_SUBJECT_REASON_HEADER_UNKNOWN, out_refusal);
        }
        if (header.place[column] != 0) {
            return refuse(column, MN_SUBJECT_REASON_HEADER_TWICE, out_refusal);
        }
        header.place[column] = i + 1;
    }
    MN_TRY(check_needed(&header, out_refusal));
    *out_header = header;
    return MNSEC_OK;
}

size_t mn_subject_header_unknown(const mn_bytes *fields, size_t count)
{
    for (size_t i = 0; i < count_filled(fields, count); i++) {
        mn_subject_column column = MN_SUBJECT_ROW;
        if (read_name(fields[i], &column) != MNSEC_OK || column == MN_SUBJECT_ROW) {
            return i;
        }
    }
    return count;
}

mnsec_status mn_subject_header_pick(const mn_subject_header *header, const mn_bytes *fields,
                                    size_t count, mn_subject_typed *out_typed,
                                    mn_subject_refusal *out_refusal)
{
    if (count < header->count || count_filled(fields, count) > header->count) {
        return refuse(MN_SUBJECT_ROW, MN_SUBJECT_REASON_FIELD_COUNT, out_refusal);
    }
    mn_subject_typed typed = {0};
    for (size_t i = 0; i < MN_SUBJECT_COLUMN_COUNT; i++) {
        if (header->place[i] != 0) {
            typed.text[i] = fields[header->place[i] - 1];
        }
    }
    *out_typed = typed;
    return MNSEC_OK;
}
