/* SPDX-License-Identifier: Apache-2.0 */
/* Document kinds: the table is well formed, and lists of codes have one form. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/text.h"
#include "policy/document.h"

typedef struct list_case {
    char codes[64];
    size_t bad_at;
    size_t bad_len;
} list_case;

Test(document, has_a_proper_code_and_a_name_for_each_kind)
{
    cr_assert_gt(mn_document_count(), 0);
    for (size_t n = 0; n < mn_document_count(); n++) {
        const mn_document *document = mn_document_at(n);
        const size_t len = strlen(document->code);
        cr_expect(len > 0 && len <= 31, "%s", document->code);
        cr_expect_eq(strspn(document->code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), len);
        cr_expect_gt(strlen(document->name), 0, "%s", document->code);
        cr_expect(mn_text_is_clean(mn_bytes_of(document->name, strlen(document->name)), false));
    }
}

Test(document, needs_somebodys_number)
{
    for (size_t n = 0; n < mn_document_count(); n++) {
        const mn_document *document = mn_document_at(n);
        cr_expect(document->employee || document->dependant || document->payee, "%s",
                  document->code);
    }
}

Test(document, is_found_by_its_code)
{
    for (size_t n = 0; n < mn_document_count(); n++) {
        cr_expect_eq(mn_document_get(mn_document_at(n)->code), mn_document_at(n));
    }
}

Test(document, tells_whose_number_it_needs)
{
    const mn_document *spouse = mn_document_get("TAX_SPOUSE");
    const mn_document *payment = mn_document_get("TAX_PAY");

    cr_assert(spouse && payment);
    cr_expect(!spouse->employee && spouse->dependant && !spouse->payee);
    cr_expect(!payment->employee && !payment->dependant && payment->payee);
}

ParameterizedTestParameters(document, that_needs_no_number_is_unknown)
{
    static list_case cases[] = {{.codes = "TAX_INS"},
                                {.codes = "LABOR_ROSTER"},
                                {.codes = "KAIGO_AGENT"},
                                {.codes = "SHOGAI_AGENT"},
                                {.codes = ""},
                                {.codes = "*"},
                                {.codes = "tax_slip"},
                                {.codes = "TAX_SLI"},
                                {.codes = "TAX_SLIP_"},
                                {.codes = "TAX_SLIP "},
                                {.codes = "TAX_SLIP SI_HP"}};
    return cr_make_param_array(list_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const list_case *c, document, that_needs_no_number_is_unknown)
{
    cr_expect_null(mn_document_get(c->codes));
}

Test(document, past_the_end_of_the_table_is_none)
{
    cr_expect_null(mn_document_at(mn_document_count()));
    cr_expect_null(mn_document_get(NULL));
}

ParameterizedTestParameters(document, list_of_known_codes_is_valid)
{
    static list_case cases[] = {{.codes = "TAX_SLIP"}, {.codes = "TAX_SLIP SI_HP EI_MEM"}};
    return cr_make_param_array(list_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const list_case *c, document, list_of_known_codes_is_valid)
{
    const char *bad = NULL;
    size_t bad_len = 0;

    cr_expect(mn_document_list_is_valid(c->codes, &bad, &bad_len));
    cr_expect_null(bad);
}

ParameterizedTestParameters(document, list_names_its_first_bad_code)
{
    static list_case cases[] = {
        {"", 0, 0},
        {"NOBODY", 0, 6},
        {"TAX_SLIP NOBODY SI_HP", 9, 6},
        {"TAX_SLIP TAX_SLIP", 9, 8}, /* twice */
        {"TAX_SLIP  SI_HP", 9, 0},   /* two spaces */
        {" TAX_SLIP", 0, 0},
        {"TAX_SLIP ", 9, 0},
        {"TAX_SLIP,SI_HP", 0, 14},
        {"TAX_SLIP *", 9, 1},
    };
    return cr_make_param_array(list_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const list_case *c, document, list_names_its_first_bad_code)
{
    const char *bad = NULL;
    size_t bad_len = 42;

    cr_assert_not(mn_document_list_is_valid(c->codes, &bad, &bad_len));

    cr_expect_eq(bad, c->codes + c->bad_at, "%s", c->codes);
    cr_expect_eq(bad_len, c->bad_len, "%s", c->codes);
}
