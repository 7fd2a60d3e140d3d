/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/print.c: tables for people and JSON for programs, from the same rows.
 */
#include "print.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <criterion/redirect.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

static const print_column columns[] = {
    {"name", "NAME", PRINT_TEXT}, {"count", "COUNT", PRINT_COUNT}, {"at", "AT", PRINT_TIME},
    {"born", "BORN", PRINT_DATE}, {"gone", "GONE", PRINT_FLAG},    {"code", "CODE", PRINT_HIDDEN},
};

static void fill(print_table *table)
{
    cr_assert_eq(setenv("TZ", "Asia/Tokyo", 1), 0);
    cr_assert_eq(print_table_init(table, columns, sizeof(columns) / sizeof(columns[0])), MNSEC_OK);
    cr_assert_eq(print_table_add(table, json_pack("{s:s,s:i,s:i,s:s,s:b,s:s}", "name", "介護",
                                                  "count", 7, "at", 0x6a000000, "born",
                                                  "1965-03-02", "gone", 1, "code", "x.y")),
                 MNSEC_OK);
    cr_assert_eq(print_table_add(table, json_pack("{s:s,s:i,s:i,s:n,s:b}", "name", "a", "count", 10,
                                                  "at", 0, "born", "gone", 0)),
                 MNSEC_OK);
}

Test(print, lines_up_columns_by_the_width_of_characters)
{
    MN_AUTO(print_table) table = {0};
    cr_redirect_stdout();
    fill(&table);

    cr_assert_eq(print_table_list(&table, false), MNSEC_OK);

    (void)fflush(stdout);
    cr_expect_stdout_eq_str("NAME  COUNT  AT                BORN        GONE\n"
                            "介護      7  2026-05-10 12:48  1965-03-02  yes\n"
                            "a        10  -                 -           -\n");
}

Test(print, writes_json_with_iso_times_and_every_column)
{
    MN_AUTO(print_table) table = {0};
    fill(&table);

    json_t *list = print_table_json(&table);

    char *text = json_dumps(list, JSON_COMPACT);
    cr_expect_str_eq(text,
                     "[{\"name\":\"介護\",\"count\":7,\"at\":\"2026-05-10T03:48:16Z\","
                     "\"born\":\"1965-03-02\",\"gone\":true,\"code\":\"x.y\"},"
                     "{\"name\":\"a\",\"count\":10,\"at\":null,\"born\":null,\"gone\":false}]");
    free(text);
    json_decref(list);
}

Test(print, shows_one_row_with_a_line_for_each_column)
{
    MN_AUTO(print_table) table = {0};
    cr_redirect_stdout();
    fill(&table);

    cr_assert_eq(print_table_show(&table, false), MNSEC_OK);

    (void)fflush(stdout);
    cr_expect_stdout_eq_str("NAME   介護\nCOUNT  7\nAT     2026-05-10 12:48\nBORN   1965-03-02\n"
                            "GONE   yes\n");
}

Test(print, shows_a_date_with_its_era_in_japanese)
{
    MN_AUTO(print_table) table = {0};
    cr_redirect_stdout();
    cr_assert(words_init("ja"));
    cr_assert_eq(print_table_init(&table, &columns[3], 1), MNSEC_OK);
    cr_assert_eq(print_table_add(&table, json_pack("{s:s}", "born", "1965-03-02")), MNSEC_OK);

    cr_assert_eq(print_table_list(&table, false), MNSEC_OK);

    (void)fflush(stdout);
    cr_expect_neq(print_width("昭和40年3月2日"), 0);
    cr_expect_stdout_eq_str("BORN\n昭和40年3月2日\n");
}

Test(print, refuses_a_row_that_could_not_be_made)
{
    MN_AUTO(print_table) table = {0};
    cr_assert_eq(print_table_init(&table, columns, 1), MNSEC_OK);

    cr_expect_eq(print_table_add(&table, NULL), MNSEC_E_INTERNAL_MEMORY);
}

typedef struct width_case {
    char text[24];
    size_t width;
} width_case;

ParameterizedTestParameters(print, counts_wide_characters_as_two_cells)
{
    static width_case cases[] = {{"", 0},     {"abc", 3},       {"介護", 4}, {"ｶﾅ", 2},
                                 {"カナ", 4}, {"e\xCC\x81", 1}, {"１", 2},   {"a介", 3}};
    return cr_make_param_array(width_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(width_case *c, print, counts_wide_characters_as_two_cells)
{
    cr_expect_eq(print_width(c->text), c->width);
}

typedef struct clean_case {
    char text[24];
    size_t size;
    char clean[24];
} clean_case;

ParameterizedTestParameters(print, lets_no_control_character_through)
{
    static clean_case cases[] = {
        {"介護", 24, "介護"},     {"a\033[31mb", 24, "a?[31mb"},
        {"a\nb\tc", 24, "a?b?c"}, {"a\xC2\x9B", 24, "a?"},
        {"a\xFF\xE4", 24, "a??"}, {"介護", 5, "介"},
        {"介護", 4, "介"},        {"介護", 3, ""},
        {"\x7F", 24, "?"},        {"a\u202Eb\u202C", 24, "a?b?"},
        {"a\u2028b", 24, "a?b"},  {"a\u2066b", 24, "a?b"},
    };
    return cr_make_param_array(clean_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(clean_case *c, print, lets_no_control_character_through)
{
    char clean[24];

    print_clean(c->text, clean, c->size);

    cr_expect_str_eq(clean, c->clean);
}

typedef struct cut_case {
    char text[32];
    size_t width;
    char cut[32];
} cut_case;

ParameterizedTestParameters(print, cuts_by_cells)
{
    static cut_case cases[] = {
        {"abcdef", 6, "abcdef"},   {"abcdef", 5, "abc.."},    {"介護太郎", 8, "介護太郎"},
        {"介護太郎", 7, "介護.."}, {"介護太郎", 6, "介護.."}, {"介護太郎", 5, "介.."},
        {"介護", 2, ".."},         {"介護", 1, "介護"},       {"", 4, ""},
    };
    return cr_make_param_array(cut_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(cut_case *c, print, cuts_by_cells)
{
    print_cut(c->text, c->width);

    cr_expect_str_eq(c->text, c->cut);
}

Test(print, sorts_by_the_first_key_that_is_there_and_then_by_another)
{
    static const print_column sorted[] = {{"code", "CODE", PRINT_TEXT}};
    static const char *const keys[] = {"kana", "name"};
    MN_AUTO(print_table) table = {0};
    cr_redirect_stdout();
    cr_assert_eq(print_table_init(&table, sorted, 1), MNSEC_OK);
    cr_assert_eq(print_table_add(&table, json_pack("{s:s,s:s}", "kana", "サ", "code", "3")), 0);
    cr_assert_eq(print_table_add(&table, json_pack("{s:s,s:s}", "kana", "ア", "code", "2")), 0);
    cr_assert_eq(print_table_add(&table, json_pack("{s:s,s:s}", "name", "カ", "code", "4")), 0);
    cr_assert_eq(print_table_add(&table, json_pack("{s:s,s:s}", "kana", "ア", "code", "1")), 0);

    cr_assert_eq(print_table_sort(&table, keys, 2, "code"), MNSEC_OK);
    cr_assert_eq(print_table_list(&table, false), MNSEC_OK);

    (void)fflush(stdout);
    cr_expect_stdout_eq_str("CODE\n1\n2\n4\n3\n");
}
