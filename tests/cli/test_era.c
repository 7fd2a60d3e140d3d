/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/era.c: Japanese dates. First and last days of the eras from the cabinet orders.
 */
#include "era.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <time.h>

typedef struct written_case {
    int year, month, day;
    char text[ERA_TEXT_BYTES];
} written_case;

ParameterizedTestParameters(era, writes_a_day_with_its_era)
{
    static written_case cases[] = {
        {2026, 11, 25, "令和8年11月25日"},  {2019, 5, 1, "令和元年5月1日"},
        {2019, 4, 30, "平成31年4月30日"},   {1989, 1, 8, "平成元年1月8日"},
        {1989, 1, 7, "昭和64年1月7日"},     {1926, 12, 25, "昭和元年12月25日"},
        {1926, 12, 24, "大正15年12月24日"}, {1912, 7, 30, "大正元年7月30日"},
        {1912, 7, 29, "明治45年7月29日"},   {1873, 1, 1, "明治6年1月1日"},
        {2024, 2, 29, "令和6年2月29日"},
    };
    return cr_make_param_array(written_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(written_case *c, era, writes_a_day_with_its_era)
{
    char text[ERA_TEXT_BYTES] = "";

    cr_assert(era_format(c->year, c->month, c->day, text));

    cr_expect_str_eq(text, c->text);
}

typedef struct absent_case {
    int year, month, day;
} absent_case;

ParameterizedTestParameters(era, refuses_a_day_that_does_not_exist)
{
    static absent_case cases[] = {{2023, 2, 29}, {1900, 2, 29}, {2026, 4, 31}, {2026, 0, 1},
                                  {2026, 13, 1}, {2026, 1, 0},  {2026, 1, 32}, {1872, 12, 31},
                                  {-1, 1, 1},    {10000, 1, 1}};
    return cr_make_param_array(absent_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(absent_case *c, era, refuses_a_day_that_does_not_exist)
{
    char text[ERA_TEXT_BYTES] = "kept";

    cr_expect_not(era_format(c->year, c->month, c->day, text));

    cr_expect_str_eq(text, "kept");
}

typedef struct typed_case {
    char typed[40];
    char iso[11];
} typed_case;

ParameterizedTestParameters(era, reads_a_day_as_people_type_it)
{
    static typed_case cases[] = {
        {"1965-03-02", "1965-03-02"},     {"1965/3/2", "1965-03-02"},
        {"S40.3.2", "1965-03-02"},        {"s40.3.2", "1965-03-02"},
        {"昭和40年3月2日", "1965-03-02"}, {"1965年3月2日", "1965-03-02"},
        {"令和元年5月1日", "2019-05-01"}, {"R1.5.1", "2019-05-01"},
        {"H31-4-30", "2019-04-30"},       {"T15/12/24", "1926-12-24"},
        {"M45.7.29", "1912-07-29"},
    };
    return cr_make_param_array(typed_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(typed_case *c, era, reads_a_day_as_people_type_it)
{
    char iso[11] = "";

    cr_assert(era_parse(c->typed, iso));

    cr_expect_str_eq(iso, c->iso);
}

ParameterizedTestParameters(era, refuses_what_is_no_day)
{
    static typed_case cases[] = {
        {"", ""},          {"1965", ""},     {"1965-3", ""}, {"1965-3-", ""},   {"1965-3-2x", ""},
        {"X40.3.2", ""},   {"R1.4.30", ""},  {"H0.5.1", ""}, {"2023-2-29", ""}, {"19650302", ""},
        {"19650-3-2", ""}, {"1965 3 2", ""}, {"S", ""},      {"昭和", ""},      {"-1965-3-2", ""},
    };
    return cr_make_param_array(typed_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(typed_case *c, era, refuses_what_is_no_day)
{
    char iso[11] = "kept";

    cr_expect_not(era_parse(c->typed, iso), "%s was taken", c->typed);

    cr_expect_str_eq(iso, "kept");
}

Test(era, takes_the_midnights_of_the_local_day)
{
    int64_t before = 0;
    int64_t after = 0;
    cr_assert_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
    tzset();

    cr_assert(era_parse_time("2026-12-31", false, &before));
    cr_assert(era_parse_time("2026-12-31", true, &after));

    cr_expect_eq(before, 1798642800); /* date -d '2026-12-31 00:00 JST' +%s */
    cr_expect_eq(after, before + 86400);
}
