/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies: one form, known members, the authority document out of them. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "verify/verify_read.h"

#define SALT   "AAAAAAAAAAAAAAAAAAAAAA"
#define ID     "aaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIGEST "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static mnsec_status read_text(const char *text, mn_buf *document)
{
    return mn_verify_body_read(mn_bytes_of(text, strlen(text)), document);
}

typedef struct data {
    char text[192];
} data;

static mnsec_status read_data(const data *d)
{
    MN_AUTO(mn_buf) document = {0};
    char text[256];
    (void)snprintf(text, sizeof(text), "{\"d\":{%s},\"salt\":\"" SALT "\"}", d->text);
    return read_text(text, &document);
}

ParameterizedTestParameters(verify_body, reads_known_members)
{
    static data cases[] = {
        {""},
        {"\"actor\":\"" ID "\",\"actor2\":\"" ID "\""},
        {"\"card\":\"" DIGEST "\",\"card2\":\"" DIGEST "\""},
        {"\"count\":0,\"year\":2026"},
        {"\"count\":9007199254740991"},
        {"\"items\":[]"},
        {"\"items\":[[\"" ID "\",\"" ID "\"],[\"" ID "\",\"" ID "\"]]"},
        {"\"lost\":[[12,\"" DIGEST "\"]]"},
        {"\"purpose\":\"源泉徴収 \\\"票\\\" \\\\\""},
    };
    return cr_make_param_array(data, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const data *d, verify_body, reads_known_members)
{
    cr_expect_eq(read_data(d), MNSEC_OK, "%s", d->text);
}

ParameterizedTestParameters(verify_body, refuses_anything_else)
{
    static data cases[] = {
        {"\"number\":\"x\""},
        {"\"actor\":\"x\""},
        {"\"actor\":\"AAAAAAAAAAAAAAAAAAAAAAAAAA\""},
        {"\"actor\":1"},
        {"\"card\":\"AAAA\""},
        {"\"count\":-1"},
        {"\"count\":9007199254740992"},
        {"\"count\":1.0"},
        {"\"count\":\"1\""},
        {"\"items\":[[\"" ID "\"]]"},
        {"\"items\":[[\"" ID "\",\"" ID "\",\"" ID "\"]]"},
        {"\"items\":{}"},
        {"\"lost\":[[\"" DIGEST "\",12]]"},
        {"\"purpose\":null"},
        {"\"purpose\":\"\\u0041\""},
        {"\"purpose\":\"\\/\""},
        {"\"year\":2026,\"count\":1"},
        {"\"year\":2026,\"year\":2026"},
        {"\"year\": 2026"},
        {"\"authdoc\":\"A\""},
        {"\"authdoc\":\"AAAA==\""},
    };
    return cr_make_param_array(data, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const data *d, verify_body, refuses_anything_else)
{
    cr_expect_eq(read_data(d), MNSEC_E_USAGE_FORMAT, "%s", d->text);
}

Test(verify_body, refuses_another_salt)
{
    MN_AUTO(mn_buf) document = {0};

    cr_expect_eq(read_text("{\"d\":{}}", &document), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(read_text("{\"d\":{},\"salt\":\"\"}", &document), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(read_text("{\"d\":{},\"salt\":\"AAAAAAAAAAAAAAAAAAAAAB\"}", &document),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(read_text("{\"d\":{},\"salt\":\"" SALT "\",\"x\":1}", &document),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(read_text("{\"d\":[],\"salt\":\"" SALT "\"}", &document), MNSEC_E_USAGE_FORMAT);
}

Test(verify_body, gives_the_authority_document)
{
    MN_AUTO(mn_buf) document = {0};

    cr_assert_eq(read_text("{\"d\":{\"authdoc\":\"AAECAw\"},\"salt\":\"" SALT "\"}", &document),
                 MNSEC_OK);

    cr_assert_eq(document.len, 4);
    cr_expect_arr_eq(document.bytes, "\0\1\2\3", 4);
}

Test(verify_body, refuses_every_truncation)
{
    static const char whole[] =
        "{\"d\":{\"authdoc\":\"AAECAw\",\"year\":2026},\"salt\":\"" SALT "\"}";
    MN_AUTO(mn_buf) document = {0};
    cr_assert_eq(read_text(whole, &document), MNSEC_OK);

    for (size_t len = 0; len < sizeof(whole) - 1; len++) {
        cr_expect_eq(mn_verify_body_read(mn_bytes_of(whole, len), &document), MNSEC_E_USAGE_FORMAT,
                     "%zu bytes", len);
    }
}

Test(verify_body, does_not_mind_deep_nesting)
{
    static char deep[200000];
    MN_AUTO(mn_buf) document = {0};
    memset(deep, '[', sizeof(deep) - 1);

    cr_expect_eq(read_text(deep, &document), MNSEC_E_USAGE_FORMAT);
}
