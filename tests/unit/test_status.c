/* SPDX-License-Identifier: Apache-2.0 */
/* Statuses: each in the list has class, name and text; what is not in the list is never success. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <ctype.h>
#include <string.h>

#include "mnsec/status.h"

typedef struct status_case {
    mnsec_status status;
    mnsec_class class;
    char name[48];
} status_case;

static status_case listed[] = {{MNSEC_OK, MNSEC_CLASS_OK, "MNSEC_OK"},
#define CASE(name, cls, number, text) {MNSEC_E_##name, MNSEC_CLASS_##cls, "MNSEC_E_" #name},
                               MNSEC_STATUS_LIST(CASE)
#undef CASE
};

ParameterizedTestParameters(status, is_listed_with_class_name_and_plain_text)
{
    return cr_make_param_array(status_case, listed, sizeof(listed) / sizeof(listed[0]));
}

ParameterizedTest(const status_case *c, status, is_listed_with_class_name_and_plain_text)
{
    const char *text = mnsec_status_text(c->status);
    const char last = text[strlen(text) - 1];

    cr_expect_eq(mnsec_status_class(c->status), c->class);
    cr_expect_str_eq(mnsec_status_name(c->status), c->name);
    cr_expect(last != '.', "\"%s\" ends in a full stop", text);
    cr_expect(islower((unsigned char)text[0]), "\"%s\" begins with a capital", text);
}

typedef struct unlisted_case {
    int value;
} unlisted_case;

ParameterizedTestParameters(status, answers_unlisted_values_as_internal)
{
    static unlisted_case cases[] = {{1}, {0xFF}, {0x01FF}, {0x0800}, {0x7FFFFFFE}, {0x010000}};
    return cr_make_param_array(unlisted_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const unlisted_case *c, status, answers_unlisted_values_as_internal)
{
    const mnsec_status unlisted = (mnsec_status)c->value;

    cr_expect_eq(mnsec_status_class(unlisted), MNSEC_CLASS_INTERNAL);
    cr_expect_str_eq(mnsec_status_name(unlisted), "MNSEC_E_INTERNAL");
    cr_expect_str_eq(mnsec_status_text(unlisted), "internal error");
}

Test(status, gives_each_status_its_own_number)
{
    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); i++) {
        cr_expect_str_eq(mnsec_status_name(listed[i].status), listed[i].name);
    }
}
