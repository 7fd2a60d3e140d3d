/* SPDX-License-Identifier: Apache-2.0 */
/* A file's header line, and a row's fields by column. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "policy/subject.h"

#define FIELDS 24

/* Fields of a line that "|" separates. */
static size_t split(const char *line, mn_bytes fields[FIELDS])
{
    size_t count = 0;
    for (const char *at = line;; at++) {
        const size_t len = strcspn(at, "|");
        cr_assert_lt(count, FIELDS);
        fields[count++] = mn_bytes_of(at, len);
        at += len;
        if (*at == '\0') {
            return count;
        }
    }
}

static mnsec_status read_header(const char *line, mn_subject_header *header,
                                mn_subject_refusal *refusal)
{
    mn_bytes fields[FIELDS];
    const size_t count = split(line, fields);
    return mn_subject_header_read(fields, count, header, refusal);
}

typedef struct header_case {
    char line[512];
    size_t count;
} header_case;

ParameterizedTestParameters(subject_header, is_read_in_japanese_and_english)
{
    static header_case cases[] = {
        {"kind|name|number|documents", 4},
        {"種別|氏名|個人番号|書類", 4},
        {"書類|個人番号|氏名|種別|", 4},     /* any order; an empty field at the end */
        {"Kind| NAME |Number|Documents", 4}, /* any case, blanks */
        {"種　別|ﾌﾘｶﾞﾅ|氏名|マイナンバー|利用目的", 5},
        {"種別|コード|氏名|氏名カナ|生年月日|住所|個人番号|続柄|扶養者コード|書類|未提供理由|"
         "本人確認方法|番号確認書類|身元確認書類|代理権確認書類|提供方法|確認者|確認日|"
         "利用目的通知",
         19},
        {"kind|code|name|kana|birth date|address|number|relation|linked|documents|"
         "not-provided-reason|method|number_doc|identity_doc|agency_doc|channel|verifier|date|"
         "notice",
         19},
    };
    return cr_make_param_array(header_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const header_case *c, subject_header, is_read_in_japanese_and_english)
{
    mn_subject_header header = {0};
    mn_subject_refusal refusal = {0};

    cr_assert_eq(read_header(c->line, &header, &refusal), MNSEC_OK, "%s: %s",
                 mn_subject_column_name(refusal.column), mn_subject_reason_text(refusal.reason));

    cr_expect_eq(header.count, c->count);
    cr_expect_neq(header.place[MN_SUBJECT_NUMBER], 0);
}

typedef struct refusal_case {
    char line[64];
    mn_subject_column column;
    mn_subject_reason reason;
} refusal_case;

ParameterizedTestParameters(subject_header, is_refused)
{
    static refusal_case cases[] = {
        {"", MN_SUBJECT_KIND, MN_SUBJECT_REASON_HEADER_MISSING},
        {"kind|name|documents", MN_SUBJECT_NUMBER, MN_SUBJECT_REASON_HEADER_MISSING},
        {"kind|name|number", MN_SUBJECT_DOCUMENTS, MN_SUBJECT_REASON_HEADER_MISSING},
        {"kind|name|number|documents|氏名", MN_SUBJECT_NAME, MN_SUBJECT_REASON_HEADER_TWICE},
        {"kind|name|number|documents|memo", MN_SUBJECT_ROW, MN_SUBJECT_REASON_HEADER_UNKNOWN},
        {"kind|name||number|documents", MN_SUBJECT_ROW, MN_SUBJECT_REASON_HEADER_UNKNOWN},
        {"kind|name|number|documents|\xC0\xAF", MN_SUBJECT_ROW, MN_SUBJECT_REASON_HEADER_UNKNOWN},
        /* a file without header line, and what it says is not repeated */
        {"職員|介護太郎|123456789018", MN_SUBJECT_ROW, MN_SUBJECT_REASON_HEADER_UNKNOWN},
    };
    return cr_make_param_array(refusal_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const refusal_case *c, subject_header, is_refused)
{
    mn_subject_header header = {.count = 99};
    mn_subject_refusal refusal = {0};

    cr_expect_eq(read_header(c->line, &header, &refusal), MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(refusal.column, c->column);
    cr_expect_eq(refusal.reason, c->reason, "%s", mn_subject_reason_text(refusal.reason));
    cr_expect_eq(header.count, 99);
}

static mnsec_status pick(const char *line, mn_subject_typed *typed, mn_subject_refusal *refusal)
{
    mn_subject_header header = {0};
    mn_bytes fields[FIELDS];
    cr_assert_eq(read_header("個人番号|種別|氏名|書類", &header, refusal), MNSEC_OK);
    const size_t count = split(line, fields);
    return mn_subject_header_pick(&header, fields, count, typed, refusal);
}

ParameterizedTestParameters(subject_header, gives_a_row_its_columns)
{
    static header_case cases[] = {{"1|k|n|d", 1}, {"|k|n|d", 0}, {"1|k|n|d||", 1}};
    return cr_make_param_array(header_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const header_case *c, subject_header, gives_a_row_its_columns)
{
    mn_subject_typed typed = {0};
    mn_subject_refusal refusal = {0};

    cr_assert_eq(pick(c->line, &typed, &refusal), MNSEC_OK);

    cr_expect_eq(typed.text[MN_SUBJECT_NUMBER].len, c->count);
    cr_expect_eq(typed.text[MN_SUBJECT_KIND].bytes[0], 'k');
    cr_expect_eq(typed.text[MN_SUBJECT_DOCUMENTS].bytes[0], 'd');
    cr_expect_eq(typed.text[MN_SUBJECT_ADDRESS].len, 0);
}

ParameterizedTestParameters(subject_header, refuses_a_row_of_another_length)
{
    static header_case cases[] = {{"1|k|n", 0}, {"1|k|n|d|x", 0}, {"", 0}, {"1|k|n|d||x", 0}};
    return cr_make_param_array(header_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const header_case *c, subject_header, refuses_a_row_of_another_length)
{
    mn_subject_typed typed = {0};
    mn_subject_refusal refusal = {0};

    cr_expect_eq(pick(c->line, &typed, &refusal), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(refusal.reason, MN_SUBJECT_REASON_FIELD_COUNT);
}
