/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/edit.c: what may stay in the history. The editing itself is tried in a terminal by
 * check_desk.sh.
 */
#include "edit.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

typedef struct history_case {
    char line[64];
    bool kept;
} history_case;

ParameterizedTestParameters(edit, keeps_no_number_in_its_history)
{
    static history_case cases[] = {
        {"list 佐藤", true},
        {"show E0501 --number", true},
        {"show P020-1234567", false},
        {"list --from 123", true},
        {"123456789018", false},
        {"show 1234", false},
        {"change E0501 --name 1234-5678-9018", false},
        {"１２３４ ５６７８ ９０１８", false},
        {"show E123456789018", false},
        {"show １２３", true},
        {"", true},
    };
    return cr_make_param_array(history_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(history_case *c, edit, keeps_no_number_in_its_history)
{
    cr_expect_eq(edit_may_keep(c->line), c->kept, "%s", c->line);
}

Test(edit, is_not_there_where_lines_come_from_a_pipe)
{
    prompt p = {.from_input = true};

    cr_expect_null(edit_new(&p, NULL, NULL));
}
