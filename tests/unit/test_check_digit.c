/* SPDX-License-Identifier: Apache-2.0 */
/* The check digit of an Individual Number. The numbers are made up. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "base/check_digit.h"

typedef struct number_case {
    char number[13];
} number_case;

ParameterizedTestParameters(check_digit, is_that_of_the_ordinance)
{
    static number_case cases[] = {
        {"123456789018"}, {"987654321093"}, {"023456789013"}, {"111111111118"},
        {"222222222225"}, {"999999999996"}, {"314159265352"}, {"500000000011"}, /* r = 10 */
        {"123456789050"},                                                       /* r = 0 */
        {"123456789000"}, {"271828182840"},                                     /* r = 1 */
        {"100000000005"}, {"000000000000"},
    };
    return cr_make_param_array(number_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const number_case *c, check_digit, is_that_of_the_ordinance)
{
    cr_expect_eq(mn_check_digit((const uint8_t *)c->number), (unsigned)(c->number[11] - '0'), "%s",
                 c->number);
}

Test(check_digit, is_the_same_for_values_as_for_ascii)
{
    static const uint8_t values[11] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1};

    cr_expect_eq(mn_check_digit(values), 8);
}
