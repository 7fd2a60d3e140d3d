/* SPDX-License-Identifier: Apache-2.0 */
/* The Individual Number: as it is kept, strictly, and as people type it. The numbers are made up.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "policy/number.h"

typedef struct text_case {
    char text[96];
} text_case;

static mnsec_status normalise(const char *typed, mn_secret *out_digits)
{
    return mn_number_normalise(typed, strlen(typed), out_digits);
}

ParameterizedTestParameters(number, with_its_check_digit_is_valid)
{
    static text_case cases[] = {
        {"123456789018"}, {"987654321093"}, {"023456789013"}, {"111111111118"},
        {"222222222225"}, {"999999999996"}, {"314159265352"}, {"500000000011"},
        {"123456789050"}, {"123456789000"}, {"271828182840"}, {"100000000005"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, number, with_its_check_digit_is_valid)
{
    cr_expect(mn_number_is_valid(c->text, strlen(c->text)), "%s", c->text);
}

ParameterizedTestParameters(number, of_another_form_is_not_valid)
{
    static text_case cases[] = {
        {"123456789012"}, /* the classic dummy */
        {"123456789010"},
        {"132456789018"}, /* two digits changed places */
        {"111111111111"},
        {"222222222222"},
        {"999999999999"},
        {"000000000000"}, /* passes the formula, is a placeholder */
        {""},
        {"12345678901"},
        {"1234567890189"},
        {"01234567890"},
        {"1234-5678-9018"},
        {"12345678901８"},
        {" 12345678901"},
        {" 123456789018"},
        {"12345678901a"},
        {":23456789018"},
        {"/23456789018"},
        {"abcdefghijkl"},
        {"12345678901("}, /* its low bits are those of 8 */
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, number, of_another_form_is_not_valid)
{
    cr_expect_not(mn_number_is_valid(c->text, strlen(c->text)), "%s", c->text);
}

ParameterizedTestParameters(number, is_read_as_people_type_it)
{
    static text_case cases[] = {
        {"123456789018"},
        {"１２３４５６７８９０１８"},     /* full width */
        {"１２３４56789018"},             /* mixed */
        {"1234 5678 9018"},               /* blanks */
        {"1234-5678-9018"},               /* hyphens */
        {"1234　5678　9018"},             /* ideographic space */
        {"１２３４－５６７８－９０１８"}, /* full-width hyphens */
        {"1234‐5678−9018"},               /* hyphen, minus */
        {"1234ー5678ｰ9018"},              /* the long-vowel mark, in both widths */
        {"1 2 3 4 5 6 7 8 9 0 1 8"},
        {"1234 - 5678 - 9018"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, number, is_read_as_people_type_it)
{
    MN_AUTO(mn_secret) digits = {0};

    cr_assert_eq(normalise(c->text, &digits), MNSEC_OK, "%s", c->text);

    cr_assert_eq(digits.len, 12);
    cr_expect_arr_eq(digits.bytes, "123456789018", 12);
}

Test(number, keeps_a_leading_zero)
{
    MN_AUTO(mn_secret) digits = {0};

    cr_assert_eq(normalise("0234-5678-9013", &digits), MNSEC_OK);

    cr_expect_arr_eq(digits.bytes, "023456789013", 12);
}

ParameterizedTestParameters(number, is_refused_as_malformed)
{
    static text_case cases[] = {
        {""},
        {"-"},
        {"12345678901"},
        {"1234567890189"},
        {"1234-5678-901"},
        {"1234.5678.9018"},
        {"1234/5678/9018"},
        {"12345678901O"},
        {"１２３４５６７８９０１"},
        {" 123456789018"}, /* separators stand between digits */
        {"123456789018 "},
        {"-123456789018"},
        {"①23456789018"}, /* a digit, but not one anybody types */
        {"１２３４５６７８９０１\xEF\xBC"},
        {"\x82\x50\x82\x51"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, number, is_refused_as_malformed)
{
    MN_AUTO(mn_secret) digits = {0};

    cr_expect_eq(normalise(c->text, &digits), MNSEC_E_USAGE_FORMAT, "%s", c->text);
    cr_expect(mn_secret_is_empty(&digits));
}

ParameterizedTestParameters(number, is_refused_for_its_check_digit)
{
    static text_case cases[] = {
        {"123456789012"}, {"1324-5678-9018"}, {"１１１１１１１１１１１１"}, {"0000-0000-0000"}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, number, is_refused_for_its_check_digit)
{
    MN_AUTO(mn_secret) digits = {0};

    cr_expect_eq(normalise(c->text, &digits), MNSEC_E_USAGE_CHECK_DIGIT, "%s", c->text);
    cr_expect(mn_secret_is_empty(&digits));
}

Test(number, cut_anywhere_is_refused)
{
    static const char typed[] = "１２３４－５６７８－９０１８";

    for (size_t len = 0; len < sizeof(typed) - 1; len++) {
        MN_AUTO(mn_secret) digits = {0};
        cr_expect_eq(mn_number_normalise(typed, len, &digits), MNSEC_E_USAGE_FORMAT, "%zu", len);
    }
}

Test(number, with_a_nul_inside_is_refused)
{
    MN_AUTO(mn_secret) digits = {0};

    cr_expect_eq(mn_number_normalise("123456\0"
                                     "789018",
                                     13, &digits),
                 MNSEC_E_USAGE_FORMAT);
}

Test(number, refused_leaves_the_former_one)
{
    MN_AUTO(mn_secret) digits = {0};
    cr_assert_eq(normalise("123456789018", &digits), MNSEC_OK);

    cr_expect_eq(normalise("123456789012", &digits), MNSEC_E_USAGE_CHECK_DIGIT);

    cr_expect_arr_eq(digits.bytes, "123456789018", 12);
}

Test(number, has_the_check_digit_of_its_first_eleven)
{
    static const uint8_t digits[11] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5};

    cr_expect_eq(mn_number_check_digit(digits), 2);
}
