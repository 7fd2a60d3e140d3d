/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lib/api/api_document.c: the list that a host chooses from is the list that the library knows.
 */
#include "mnsec/document.h"

#include <criterion/criterion.h>

#include "policy/document.h"

typedef struct seen {
    size_t count;
    size_t stop_at; /* 0 = never */
} seen;

static int see(void *user, const mnsec_document *document)
{
    seen *s = user;
    const mn_document *known = mn_document_at(s->count++);
    cr_assert_not_null(known);
    cr_expect_str_eq(document->code, known->code);
    cr_expect_str_eq(document->name, known->name);
    cr_expect_eq(document->employee, known->employee);
    cr_expect_eq(document->dependant, known->dependant);
    cr_expect_eq(document->payee, known->payee);
    return s->count == s->stop_at;
}

Test(api_document, gives_every_kind_in_order)
{
    seen s = {0};

    cr_assert_eq(mnsec_document_list(see, &s), MNSEC_OK);

    cr_expect_eq(s.count, mn_document_count());
}

Test(api_document, stops_when_told_so)
{
    seen s = {.stop_at = 2};

    cr_assert_eq(mnsec_document_list(see, &s), MNSEC_OK);

    cr_expect_eq(s.count, 2);
}

Test(api_document, refuses_to_call_nobody)
{
    cr_expect_eq(mnsec_document_list(NULL, NULL), MNSEC_E_USAGE);
}
