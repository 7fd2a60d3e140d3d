/* SPDX-License-Identifier: Apache-2.0 */
/* Typed text, brought to one form: width, blanks, kana; and what is no text to keep. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "policy/subject/subject_text.h"

typedef struct text_case {
    char typed[64];
    char line[64];
} text_case;

ParameterizedTestParameters(subject_text, brings_a_line_to_one_form)
{
    static text_case cases[] = {
        {"", ""},
        {"介護太郎", "介護太郎"},
        {"  介護　　太郎\n", "介護 太郎"}, /* blanks of every kind */
        {" \t\r\n　", ""},
        {"東京都\n千代田区", "東京都 千代田区"},
        {"ｶｲｺﾞ ﾀﾛｳ", "カイゴ タロウ"},
        {"Ｅ－００１", "E-001"},
        {"㈱ひまわり", "(株)ひまわり"},
        {"か\u3099んば", "がんば"},
        {"髙橋", "髙橋"},               /* another character than 高 */
        {"\uFA19田", "\uFA19田"},       /* compatibility ideographs stay */
        {"ＡＢ\uFA1Aｶﾞ", "AB\uFA1Aガ"}, /* and what is around them does not */
        {"\uF9DC", "\uF9DC"},
        {"辻\U000E0101", "辻\U000E0101"}, /* a variant by selector */
        {"〒100-0001 03-1234-5678", "〒100-0001 03-1234-5678"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, subject_text, brings_a_line_to_one_form)
{
    MN_AUTO(mn_buf) line = {0};
    mn_subject_reason reason = MN_SUBJECT_REASON_NONE;

    cr_assert_eq(mn_subject_text_line(mn_bytes_of(c->typed, strlen(c->typed)), &line, &reason),
                 MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&line), c->line);
}

typedef struct refusal_case {
    char typed[64];
    mn_subject_reason reason;
} refusal_case;

ParameterizedTestParameters(subject_text, refuses_what_is_no_line)
{
    static refusal_case cases[] = {
        {"a\x1b[2J", MN_SUBJECT_REASON_NOT_TEXT},
        {"a\x7f", MN_SUBJECT_REASON_NOT_TEXT},
        {"a\u200Bb", MN_SUBJECT_REASON_NOT_TEXT}, /* invisible */
        {"a\u202Eb", MN_SUBJECT_REASON_NOT_TEXT}, /* turns the writing round */
        {"a\uFFFDb", MN_SUBJECT_REASON_NOT_TEXT},
        {"\xC0\xAF", MN_SUBJECT_REASON_NOT_TEXT},
        {"\xE6\xB0", MN_SUBJECT_REASON_NOT_TEXT},
        {"\xED\xA0\x80", MN_SUBJECT_REASON_NOT_TEXT},
        {"山\uE000", MN_SUBJECT_REASON_PRIVATE_CHARACTER},
        {"山\U000F0000", MN_SUBJECT_REASON_PRIVATE_CHARACTER},
        {"123456789018", MN_SUBJECT_REASON_HOLDS_NUMBER},
        {"番号１２３４　５６７８　９０１８", MN_SUBJECT_REASON_HOLDS_NUMBER},
        {"1234\n5678\n9018", MN_SUBJECT_REASON_HOLDS_NUMBER},
    };
    return cr_make_param_array(refusal_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const refusal_case *c, subject_text, refuses_what_is_no_line)
{
    MN_AUTO(mn_buf) line = {0};
    cr_assert_eq(mn_buf_append_text(&line, "kept"), MNSEC_OK);
    mn_subject_reason reason = MN_SUBJECT_REASON_NONE;

    cr_expect_eq(mn_subject_text_line(mn_bytes_of(c->typed, strlen(c->typed)), &line, &reason),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(reason, c->reason, "%s", mn_subject_reason_text(reason));
    cr_expect_str_eq(mn_buf_text(&line), "kept");
}

Test(subject_text, refuses_a_nul)
{
    MN_AUTO(mn_buf) line = {0};
    mn_subject_reason reason = MN_SUBJECT_REASON_NONE;

    cr_expect_eq(mn_subject_text_line(mn_bytes_of("a\0b", 3), &line, &reason),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(reason, MN_SUBJECT_REASON_NOT_TEXT);
}

static mnsec_status kana_of(const char *text, mn_buf *kana, mn_subject_reason *reason)
{
    MN_AUTO(mn_buf) line = {0};
    cr_assert_eq(mn_buf_append_text(&line, text), MNSEC_OK);
    return mn_subject_text_kana(&line, kana, reason);
}

ParameterizedTestParameters(subject_text, brings_kana_to_katakana)
{
    static text_case cases[] = {
        {"カイゴ タロウ", "カイゴ タロウ"},
        {"かいご　", "カイゴ"},
        {"ゔぁいおりん", "ヴァイオリン"},
        {"さゝき みすゞ", "サヽキ ミスヾ"},
        {"スミス・ジョン", "スミス・ジョン"},
        {"O'Brien J.", "O'Brien J."},
        {"ローラ", "ローラ"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, subject_text, brings_kana_to_katakana)
{
    MN_AUTO(mn_buf) line = {0};
    MN_AUTO(mn_buf) kana = {0};
    mn_subject_reason reason = MN_SUBJECT_REASON_NONE;
    cr_assert_eq(mn_subject_text_line(mn_bytes_of(c->typed, strlen(c->typed)), &line, &reason),
                 MNSEC_OK);

    cr_assert_eq(kana_of(mn_buf_text(&line), &kana, &reason), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&kana), c->line);
}

ParameterizedTestParameters(subject_text, refuses_what_is_no_kana)
{
    static text_case cases[] = {{"介護", ""}, {"カイゴ1", ""}, {"カイゴ,", ""}, {"김", ""}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, subject_text, refuses_what_is_no_kana)
{
    MN_AUTO(mn_buf) kana = {0};
    mn_subject_reason reason = MN_SUBJECT_REASON_NONE;

    cr_expect_eq(kana_of(c->typed, &kana, &reason), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(reason, MN_SUBJECT_REASON_NOT_KANA);
}
