/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/line.c: what a person types at a menu.
 */
#include "line.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

typedef struct choice_case {
    char line[24];
    bool good;
    unsigned number;
} choice_case;

ParameterizedTestParameters(line, reads_a_choice_in_any_width)
{
    static choice_case cases[] = {
        {"0", true, 0},           {"12", true, 12},    {"１", true, 1},  {"１2", true, 12},
        {"９９９９", true, 9999}, {"10000", false, 0}, {"", false, 0},   {"1x", false, 0},
        {"-1", false, 0},         {"ａ", false, 0},    {"一", false, 0}, {"\xEF\xBC", false, 0},
    };
    return cr_make_param_array(choice_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(choice_case *c, line, reads_a_choice_in_any_width)
{
    unsigned number = 42;

    cr_expect_eq(line_choice(c->line, &number), c->good);

    cr_expect_eq(number, c->good ? c->number : 42);
}

Test(line, parts_words_by_blanks_and_keeps_them_in_quotes)
{
    char line[] = "  show \"介護 太郎\"\t--number";
    char *words[8] = {0};

    const size_t count = line_split(line, words, 8);

    cr_assert_eq(count, 3);
    cr_expect_str_eq(words[0], "show");
    cr_expect_str_eq(words[1], "介護 太郎");
    cr_expect_str_eq(words[2], "--number");
}

Test(line, keeps_an_ideographic_space_inside_a_name)
{
    char line[] = "show 介護　太郎";
    char *words[8] = {0};

    cr_assert_eq(line_split(line, words, 8), 2);

    cr_expect_str_eq(words[1], "介護　太郎");
}

Test(line, takes_a_quote_that_is_not_closed_to_the_end)
{
    char line[] = "show \"a b";
    char *words[8] = {0};

    cr_assert_eq(line_split(line, words, 8), 2);

    cr_expect_str_eq(words[1], "a b");
}

Test(line, stops_at_the_most_words_there_may_be)
{
    char line[] = "a b c";
    char *words[3] = {0};

    cr_expect_eq(line_split(line, words, 2), 2);

    cr_expect_null(words[2]);
}

Test(line, finds_nothing_in_blanks)
{
    char line[] = " \t ";
    char *words[1] = {0};

    cr_expect_eq(line_split(line, words, 1), 0);
}
