/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text: clean UTF-8, NFKC, and the search for an Individual Number. The numbers are made up; their
 * check digits follow the ministerial ordinance 平成26年総務省令第85号, article 5.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/text.h"

typedef struct text_case {
    char text[96];
} text_case;

static mn_bytes bytes_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

ParameterizedTestParameters(text, finds_a_number_by_its_check_digit)
{
    static text_case cases[] = {
        {"123456789018"}, {"987654321093"}, {"023456789013"}, {"111111111118"},
        {"222222222225"}, {"999999999996"}, {"314159265352"}, {"500000000011"},
        {"123456789050"}, {"123456789000"}, {"271828182840"}, {"100000000005"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, text, finds_a_number_by_its_check_digit)
{
    cr_expect(mn_text_has_number(bytes_of(c->text)), "%s", c->text);
}

ParameterizedTestParameters(text, lets_pass_what_is_not_a_number)
{
    static text_case cases[] = {
        {""},
        {"源泉徴収票のため"},
        {"123456789012"}, /* the classic dummy */
        {"123456789010"},
        {"132456789018"}, /* two digits changed places */
        {"111111111111"},
        {"222222222222"},
        {"999999999999"},
        {"000000000000"}, /* passes the formula, is a placeholder */
        {"12345678901"},
        {"1234567890189"}, /* thirteen digits together */
        {"0123456789018"},
        {"12345678901x8"},  /* a letter between */
        {"1234.5678.9018"}, /* neither space nor hyphen */
        {"a1234b5678c9018"},
        {"令和5年4月1日 1234"},
        {"03-1234-5678"},         /* telephone */
        {"2025-04-01T10:30:00Z"}, /* time as the log writes it */
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, text, lets_pass_what_is_not_a_number)
{
    cr_expect_not(mn_text_has_number(bytes_of(c->text)), "%s", c->text);
}

ParameterizedTestParameters(text, finds_a_number_however_it_is_typed)
{
    static text_case cases[] = {
        {"１２３４５６７８９０１８"},     /* full width */
        {"１２３４５６７８９01８"},       /* mixed */
        {"1234 5678 9018"},               /* blanks */
        {"1234-5678-9018"},               /* hyphens */
        {"１２３４－５６７８－９０１８"}, /* full-width hyphens */
        {"１２３４ー５６７８ー９０１８"}, /* the long-vowel mark instead */
        {"ｱ1234ｰ5678ｰ9018"},              /* in half width */
        {"1234─5678─9018"},               /* the box line */
        {"1234–5678—9018"},               /* en dash, em dash */
        {"1234\u2212"
         "5678\u2010"
         "9018"},             /* minus, hyphen */
        {"1234　5678　9018"}, /* ideographic space */
        {"1234\u00A0"
         "5678\u202F"
         "9018"},                    /* no-break spaces */
        {"1234\t5678\n9018"},        /* tab, line end */
        {"1 2 3 4 5 6 7 8 9 0 1 8"}, /* one by one */
        {"12-34 56-78 90-18"},       /* in pairs */
        {"1234\u200B"
         "56789018"}, /* zero-width space */
        {"1234\u00AD"
         "56789018"}, /* soft hyphen */
        {"1234\u2060"
         "5678\uFEFF"
         "9018"},                   /* word joiner, byte order mark */
        {"①②③④⑤⑥⑦⑧⑨⓪①⑧"},           /* circled */
        {"¹²³⁴⁵⁶⁷⁸⁹⁰¹⁸"},           /* superscript */
        {"١٢٣٤٥٦٧٨٩٠١٨"},           /* another script's digits */
        {"番号は123456789018です"}, /* inside text */
        {"id:123456789018;"},
        {"a123456789018b"},
        {"1234567890123 123456789018"}, /* beside other digits */
        {"令和5 123456789018 6"},
        {"1 1234 5678 9018 2"},
        {"111111111111/123456789018"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, text, finds_a_number_however_it_is_typed)
{
    cr_expect(mn_text_has_number(bytes_of(c->text)), "%s", c->text);
}

Test(text, takes_what_is_not_utf8_for_a_number)
{
    cr_expect(mn_text_has_number(mn_bytes_of("\x82\x50\x82\x51", 4)));
    cr_expect(mn_text_has_number(mn_bytes_of("abc\xE8\x8B", 5)));
}

Test(text, sees_through_a_nul)
{
    cr_expect(mn_text_has_number(mn_bytes_of("x\0"
                                             "123456789018",
                                             14)));
}

Test(text, finds_no_number_in_a_number_cut_short)
{
    static const char number[] = "123456789018";

    for (size_t len = 0; len < sizeof(number) - 1; len++) {
        cr_expect_not(mn_text_has_number(mn_bytes_of(number, len)), "%zu digits", len);
    }
}

typedef struct nfkc_case {
    char text[32];
    char normal[32];
} nfkc_case;

ParameterizedTestParameters(text, is_brought_to_nfkc)
{
    static nfkc_case cases[] = {
        {"", ""},
        {"abc", "abc"},
        {"ＡＢＣ１２３", "ABC123"},
        {"ﾔﾏﾀﾞ ﾀﾛｳ", "ヤマダ タロウ"},
        {"か\u3099", "が"},
        {"㈱", "(株)"},
        {"　", " "},
        {"㍻", "平成"},
    };
    return cr_make_param_array(nfkc_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const nfkc_case *c, text, is_brought_to_nfkc)
{
    MN_AUTO(mn_buf) normal = {0};
    cr_assert_eq(mn_buf_append_text(&normal, "former"), MNSEC_OK);

    cr_assert_eq(mn_text_nfkc(bytes_of(c->text), &normal), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&normal), c->normal);
}

Test(text, refuses_to_bring_to_nfkc_what_is_not_utf8)
{
    MN_AUTO(mn_buf) normal = {0};
    cr_assert_eq(mn_buf_append_text(&normal, "kept"), MNSEC_OK);

    cr_expect_eq(mn_text_nfkc(mn_bytes_of("\xC0\xAF", 2), &normal), MNSEC_E_USAGE_FORMAT);
    cr_expect_str_eq(mn_buf_text(&normal), "kept");
}

ParameterizedTestParameters(text, is_clean)
{
    static text_case cases[] = {{""}, {"abc"}, {"ひまわり苑"}, {"𠮷田"}, {"a\u00A0b"}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, text, is_clean)
{
    cr_expect(mn_text_is_clean(bytes_of(c->text), false));
    cr_expect(mn_text_is_clean(bytes_of(c->text), true));
}

ParameterizedTestParameters(text, is_not_clean)
{
    static text_case cases[] = {
        {"a\rb"},         {"\x1b[2J"},
        {"\x7f"},         {"\xC2\x85"}, /* controls */
        {"\xC2\x9B"},     {"\x01"},
        {"\xC0\x80"},     {"\xED\xA0\x80"}, /* overlong, surrogate */
        {"\xF5\x80\x80"}, {"\xE8\x8B"},
        {"\x83\x65\x83"}, {"\xF4\x90\x80\x80"}, /* not UTF-8 */
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, text, is_not_clean)
{
    cr_expect_not(mn_text_is_clean(bytes_of(c->text), false));
    cr_expect_not(mn_text_is_clean(bytes_of(c->text), true));
}

Test(text, with_a_nul_inside_is_not_clean)
{
    cr_expect_not(mn_text_is_clean(mn_bytes_of("a\0b", 3), true));
}

Test(text, of_several_lines_is_clean_only_where_lines_are_allowed)
{
    cr_expect(mn_text_is_clean(bytes_of("a\n\tb"), true));
    cr_expect_not(mn_text_is_clean(bytes_of("a\nb"), false));
    cr_expect_not(mn_text_is_clean(bytes_of("a\tb"), false));
}
