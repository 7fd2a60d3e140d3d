/* SPDX-License-Identifier: Apache-2.0 */
/* The cursor over a line: one spelling for each value, and no step on failure. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "audit/audit_scan.h"

typedef struct text_case {
    char text[64];
    uint64_t value;
} text_case;

static mn_audit_scan scan_of(const char *text)
{
    return (mn_audit_scan){.rest = mn_bytes_of(text, strlen(text))};
}

ParameterizedTestParameters(audit_scan, takes_an_integer)
{
    static text_case cases[] = {
        {"0", 0},
        {"0 ", 0},
        {"7,", 7},
        {"1790000000}", 1790000000},
        {"9007199254740991", 9007199254740991},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_scan, takes_an_integer)
{
    mn_audit_scan scan = scan_of(c->text);
    uint64_t value = 42;

    cr_assert_eq(mn_audit_scan_integer(&scan, &value), MNSEC_OK);

    cr_expect_eq(value, c->value);
}

ParameterizedTestParameters(audit_scan, refuses_another_integer)
{
    static text_case cases[] = {
        {.text = ""},
        {.text = "00"},
        {.text = "01"},
        {.text = "-1"},
        {.text = "+1"},
        {.text = " 1"},
        {.text = "x"},
        {.text = "9007199254740992"},
        {.text = "99999999999999999"},
        {.text = "18446744073709551616"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_scan, refuses_another_integer)
{
    mn_audit_scan scan = scan_of(c->text);
    uint64_t value = 42;

    cr_expect_eq(mn_audit_scan_integer(&scan, &value), MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(value, 42);
    cr_expect_eq(scan.rest.len, strlen(c->text));
}

Test(audit_scan, takes_literals_and_words_in_order)
{
    mn_audit_scan scan = scan_of("{\"a\":\"b\"}");
    mn_bytes word;

    cr_assert_eq(mn_audit_scan_literal(&scan, "{\"a\":\""), MNSEC_OK);
    cr_assert_eq(mn_audit_scan_until(&scan, '"', &word), MNSEC_OK);
    cr_expect_not(mn_audit_scan_has(&scan, "]"));
    cr_expect(mn_audit_scan_has(&scan, "}"));

    cr_expect_eq(word.len, 1);
    cr_expect_eq(word.bytes[0], 'b');
    cr_expect_eq(mn_audit_scan_end(&scan), MNSEC_OK);
}

Test(audit_scan, stays_where_it_is_when_the_literal_is_another)
{
    mn_audit_scan scan = scan_of("abc");
    mn_bytes word;

    cr_expect_eq(mn_audit_scan_literal(&scan, "abd"), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_audit_scan_literal(&scan, "abcd"), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_audit_scan_until(&scan, '"', &word), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_audit_scan_end(&scan), MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(scan.rest.len, 3);
}

ParameterizedTestParameters(audit_scan, refuses_another_spelling_of_an_id)
{
    static text_case cases[] = {
        {.text = ""},
        {.text = "aeaqcaibaeaqcaibaeaqcaiba"},
        {.text = "AEAQCAIBAEAQCAIBAEAQCAIBAE"},
        {.text = "aeaqcaibaeaqcaibaeaqcaib1e"},
        {.text = "aeaqcaibaeaqcaibaeaqcaibaf"}, /* bits that no id has */
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_scan, refuses_another_spelling_of_an_id)
{
    mn_audit_scan scan = scan_of(c->text);
    mnsec_id id;

    cr_expect_eq(mn_audit_scan_id(&scan, &id), MNSEC_E_USAGE_FORMAT, "%s", c->text);
}

Test(audit_scan, refuses_a_digest_cut_short)
{
    static const char digest[] = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
    uint8_t bytes[32];

    for (size_t len = 0; len < strlen(digest); len++) {
        mn_audit_scan scan = {.rest = mn_bytes_of(digest, len)};
        cr_expect_eq(mn_audit_scan_digest(&scan, bytes), MNSEC_E_USAGE_FORMAT);
    }
    mn_audit_scan scan = scan_of(digest);
    cr_expect_eq(mn_audit_scan_digest(&scan, bytes), MNSEC_OK);
}
