/* SPDX-License-Identifier: Apache-2.0 */
/* Days of the calendar, as people type them, with the eras of Japan. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "policy/date.h"

typedef struct date_case {
    char text[40];
    char date[16];
} date_case;

ParameterizedTestParameters(date, is_read_however_it_is_typed)
{
    static date_case cases[] = {
        {"1985-04-01", "1985-04-01"},
        {"1985/4/1", "1985-04-01"},
        {"1985.4.1", "1985-04-01"},
        {"19850401", "1985-04-01"},
        {"1985年4月1日", "1985-04-01"},
        {"昭和60年4月1日", "1985-04-01"},
        {"昭和60/4/1", "1985-04-01"},
        {"S60.4.1", "1985-04-01"},
        {"s60-04-01", "1985-04-01"},
        {"令和元年5月1日", "2019-05-01"}, /* first day of its era */
        {"令和1年5月1日", "2019-05-01"},
        {"R7.3.31", "2025-03-31"},
        {"平成31年4月30日", "2019-04-30"}, /* last day */
        {"H1.1.8", "1989-01-08"},
        {"昭和64年1月7日", "1989-01-07"},
        {"昭和元年12月25日", "1926-12-25"},
        {"T15.12.24", "1926-12-24"},
        {"大正元年7月30日", "1912-07-30"},
        {"明治45年7月29日", "1912-07-29"},
        {"M1.1.25", "1868-01-25"},
        {"2024-02-29", "2024-02-29"}, /* leap years */
        {"2000-02-29", "2000-02-29"},
        {"昭和39年2月29日", "1964-02-29"},
    };
    return cr_make_param_array(date_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const date_case *c, date, is_read_however_it_is_typed)
{
    char date[MN_DATE_TEXT_BYTES] = "";

    cr_expect_eq(mn_date_read(c->text, date), MNSEC_OK);
    cr_expect_str_eq(date, c->date, "%s: %s", c->text, date);
}

typedef struct wrong_case {
    char text[40];
} wrong_case;

ParameterizedTestParameters(date, is_refused)
{
    static wrong_case cases[] = {
        {""},
        {"-"},
        {"85-04-01"}, /* which century? */
        {"60.4.1"},   /* which era? */
        {"1985-13-01"},
        {"1985-00-01"},
        {"1985-04-31"},
        {"1985-04-00"},
        {"2023-02-29"},
        {"1900-02-29"},
        {"1985-4"},
        {"1985-4-"},
        {"1985-4/1"}, /* marks differ */
        {"1985--4-1"},
        {"1985-004-1"},
        {"1985年4月1"},
        {"1985年4/1"},
        {"198504011"},
        {"1985040"},
        {"19851301"},
        {"1985-04-01 "},
        {" 1985-04-01"},
        {"1985-04-01x"},
        {"+1985-04-01"},
        {"1867-12-31"},     /* before the first era */
        {"昭和64年1月8日"}, /* after its end */
        {"平成元年1月7日"}, /* before its beginning */
        {"令和元年4月30日"},
        {"昭和0年1月1日"},
        {"昭和600年1月1日"},
        {"昭和年1月1日"},
        {"慶応3年1月1日"},
        {"X1.1.1"},
        {"31138"}, /* a spreadsheet's day number */
    };
    return cr_make_param_array(wrong_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const wrong_case *c, date, is_refused)
{
    char date[MN_DATE_TEXT_BYTES] = "kept";

    cr_expect_eq(mn_date_read(c->text, date), MNSEC_E_USAGE_FORMAT, "%s", c->text);
    cr_expect_str_eq(date, "kept");
}

Test(date, cut_short_anywhere_is_refused)
{
    static const char text[] = "昭和60年4月11日";
    char date[MN_DATE_TEXT_BYTES];

    for (size_t len = 0; len < sizeof(text) - 1; len++) {
        char cut[sizeof(text)] = "";
        memcpy(cut, text, len);
        cr_expect_eq(mn_date_read(cut, date), MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

typedef struct time_case {
    long long seconds;
    char date[16];
} time_case;

ParameterizedTestParameters(date, is_that_of_japan)
{
    static time_case cases[] = {
        {0, "1970-01-01"},
        {1735657199, "2024-12-31"}, /* 2024-12-31T14:59:59Z */
        {1735657200, "2025-01-01"}, /* a second later it is midnight in Japan */
    };
    return cr_make_param_array(time_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const time_case *c, date, is_that_of_japan)
{
    char date[MN_DATE_TEXT_BYTES];

    mn_date_of(c->seconds, date);

    cr_expect_str_eq(date, c->date);
}
