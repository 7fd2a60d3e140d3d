/* SPDX-License-Identifier: Apache-2.0 */
/* The fault plan: its grammar, what it refuses, and which call a rule speaks of. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "fault_plan.h"

static const char good[] = "# a comment\n"
                           "\n"
                           "C_Sign 3 once CKR_DEVICE_REMOVED   # and another\n"
                           "\tC_Login 1 always late CKR_PIN_INCORRECT\n"
                           "* 17 once 0x80000001\n"
                           "C_Decrypt 2 once remove\n"
                           "C_Encrypt 2 once late hang\n"
                           "latency C_Sign 200ms\n"
                           "latency * 1ms\n"
                           "hide CKM_AES_GCM\n"
                           "hide 0x1087\n"
                           "only CKM_ECDSA\n"
                           "gcm-iv appended-16\n"
                           "no-trust\n"
                           "lie-readable\n";

static mn_fault_plan parse_good(const char *text)
{
    mn_fault_plan plan;
    char error[MN_FAULT_PLAN_ERROR_BYTES] = "";
    cr_assert(mn_fault_plan_parse(text, strlen(text), &plan, error), "%s", error);
    return plan;
}

Test(fault_plan, takes_every_kind_of_line)
{
    const mn_fault_plan plan = parse_good(good);

    cr_assert_eq(plan.rule_count, 5);
    cr_assert_eq(plan.latency_count, 2);
    cr_assert_eq(plan.hidden_count, 2);
    cr_assert_eq(plan.only_count, 1);
    cr_assert_eq(plan.gcm_iv, MN_FAULT_GCM_IV_APPENDED_16);
    cr_assert(plan.no_trust && plan.lie_readable);
    cr_assert_eq(plan.rules[0].fn, MN_FAULT_C_Sign);
    cr_assert_eq(plan.rules[0].nth, 3);
    cr_assert_eq(plan.rules[0].answer, CKR_DEVICE_REMOVED);
    cr_assert(plan.rules[1].always && plan.rules[1].late);
    cr_assert_eq(plan.rules[2].fn, MN_FAULT_ANY);
    cr_assert_eq(plan.rules[2].answer, 0x80000001UL);
    cr_assert_eq(plan.rules[3].effect, MN_FAULT_EFFECT_REMOVE);
    cr_assert_eq(plan.rules[4].effect, MN_FAULT_EFFECT_HANG);
}

Test(fault_plan, is_empty_when_the_text_is)
{
    const mn_fault_plan plan = parse_good("");

    cr_assert_null(mn_fault_plan_match(&plan, MN_FAULT_C_Sign, 1, 1, false));
}

Test(fault_plan, refuses_every_truncation_inside_a_line)
{
    for (size_t len = 0; len < sizeof good - 1; len++) {
        mn_fault_plan plan;
        char error[MN_FAULT_PLAN_ERROR_BYTES];

        const bool taken = mn_fault_plan_parse(good, len, &plan, error);

        cr_assert_eq(taken, len == 0 || good[len - 1] == '\n', "cut to %zu bytes", len);
    }
}

typedef struct bad_plan {
    char text[64];
    char error[64];
} bad_plan;

ParameterizedTestParameters(fault_plan, refuses_what_it_does_not_understand)
{
    static bad_plan cases[] = {
        {"C_Sign 3 once CKR_OK", "line 1: the last line has no end"},
        {"C_Sing 3 once CKR_OK\n", "line 1: unknown function"},
        {"c_sign 3 once CKR_OK\n", "line 1: unknown function"},
        {"C_Sign\n", "line 1: expected the number of the call, from 1"},
        {"C_Sign 0 once CKR_OK\n", "line 1: expected the number of the call, from 1"},
        {"C_Sign 03 once CKR_OK\n", "line 1: expected the number of the call, from 1"},
        {"C_Sign -1 once CKR_OK\n", "line 1: expected the number of the call, from 1"},
        {"C_Sign 1234567890 once CKR_OK\n", "line 1: expected the number of the call, from 1"},
        {"C_Sign 3 CKR_OK\n", "line 1: expected once or always"},
        {"C_Sign 3 twice CKR_OK\n", "line 1: expected once or always"},
        {"C_Sign 3 once\n", "line 1: expected one effect: CKR_NAME, remove or hang"},
        {"C_Sign 3 once late\n", "line 1: expected one effect: CKR_NAME, remove or hang"},
        {"C_Sign 3 once hang remove\n", "line 1: expected one effect: CKR_NAME, remove or hang"},
        {"C_Sign 3 once CKR_NO\n", "line 1: unknown effect: expected CKR_NAME, remove or hang"},
        {"C_Sign 3 once 0x\n", "line 1: unknown effect: expected CKR_NAME, remove or hang"},
        {"C_Sign 3 once 0x123456789\n",
         "line 1: unknown effect: expected CKR_NAME, remove or hang"},
        {"C_Sign 3 once 0x12g4\n", "line 1: unknown effect: expected CKR_NAME, remove or hang"},
        {"\n\nlatency C_Sign\n", "line 3: expected: latency FUNCTION NUMBERms"},
        {"latency C_Sing 3ms\n", "line 1: unknown function"},
        {"latency C_Sign 3s\n", "line 1: expected a time of 1ms to 60000ms"},
        {"latency C_Sign ms\n", "line 1: expected a time of 1ms to 60000ms"},
        {"latency C_Sign 60001ms\n", "line 1: expected a time of 1ms to 60000ms"},
        {"hide\n", "line 1: expected one CKM_NAME"},
        {"only\n", "line 1: expected one CKM_NAME"},
        {"gcm-iv behind\n", "line 1: expected in-place, appended, appended-16 or prepended"},
        {"no-trust at all\n", "line 1: no-trust stands alone"},
        {"lie-readable 1\n", "line 1: lie-readable stands alone"},
        {"hide CKM_NO\n", "line 1: unknown mechanism"},
        {"pin-flags\n", "line 1: expected: pin-flags none, no-count-low or always-final"},
        {"pin-flags wrong\n", "line 1: expected: pin-flags none, no-count-low or always-final"},
        {"pin-flags none none\n", "line 1: expected: pin-flags none, no-count-low or always-final"},
        {"pin-flags none\npin-flags none\n", "line 2: pin-flags is given twice"},
        {"a b c d e f g\n", "line 1: too many words"},
        {"C_Sign\v3 once CKR_OK\n", "line 1: control character"},
    };
    return cr_make_param_array(bad_plan, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(bad_plan *bad, fault_plan, refuses_what_it_does_not_understand)
{
    mn_fault_plan plan = {.rule_count = 7};
    char error[MN_FAULT_PLAN_ERROR_BYTES];

    const bool taken = mn_fault_plan_parse(bad->text, strlen(bad->text), &plan, error);

    cr_assert_not(taken);
    cr_assert_str_eq(error, bad->error);
    cr_assert_eq(plan.rule_count, 7, "the output was touched");
}

Test(fault_plan, refuses_a_nul_byte)
{
    static const char text[] = "C_Sign\0 3 once CKR_OK\n";
    mn_fault_plan plan;
    char error[MN_FAULT_PLAN_ERROR_BYTES];

    cr_assert_not(mn_fault_plan_parse(text, sizeof text - 1, &plan, error));
}

Test(fault_plan, refuses_more_lines_of_a_kind_than_it_keeps)
{
    char text[65 * 16 + 1] = "";
    mn_fault_plan plan;
    char error[MN_FAULT_PLAN_ERROR_BYTES];
    for (size_t i = 0; i < 65; i++) {
        strcat(text, "hide 0x00001234\n");
    }

    cr_assert(mn_fault_plan_parse(text, 64 * 16, &plan, error));
    cr_assert_not(mn_fault_plan_parse(text, 65 * 16, &plan, error));
    cr_assert_str_eq(error, "line 65: too many mechanisms");
}

Test(fault_plan, refuses_a_text_longer_than_its_limit)
{
    static char text[MN_FAULT_PLAN_MAX_BYTES + 1];
    mn_fault_plan plan;
    char error[MN_FAULT_PLAN_ERROR_BYTES];
    memset(text, '\n', sizeof text);

    cr_assert(mn_fault_plan_parse(text, sizeof text - 1, &plan, error));
    cr_assert_not(mn_fault_plan_parse(text, sizeof text, &plan, error));
}

typedef struct match_case {
    char text[48];
    mn_fault_fn fn;
    uint64_t nth;
    uint64_t nth_any;
    bool late;
    bool matches;
} match_case;

ParameterizedTestParameters(fault_plan, speaks_of_the_nth_call)
{
    static match_case cases[] = {
        {"C_Sign 3 once CKR_CANCEL\n", MN_FAULT_C_Sign, 2, 9, false, false},
        {"C_Sign 3 once CKR_CANCEL\n", MN_FAULT_C_Sign, 3, 9, false, true},
        {"C_Sign 3 once CKR_CANCEL\n", MN_FAULT_C_Sign, 4, 9, false, false},
        {"C_Sign 3 once CKR_CANCEL\n", MN_FAULT_C_Verify, 3, 3, false, false},
        {"C_Sign 3 once CKR_CANCEL\n", MN_FAULT_C_Sign, 3, 9, true, false},
        {"C_Sign 3 once late CKR_CANCEL\n", MN_FAULT_C_Sign, 3, 9, true, true},
        {"C_Sign 3 once late CKR_CANCEL\n", MN_FAULT_C_Sign, 3, 9, false, false},
        {"C_Sign 3 always CKR_CANCEL\n", MN_FAULT_C_Sign, 2, 9, false, false},
        {"C_Sign 3 always CKR_CANCEL\n", MN_FAULT_C_Sign, 4, 9, false, true},
        {"* 3 once CKR_CANCEL\n", MN_FAULT_C_Sign, 1, 3, false, true},
        {"* 3 once CKR_CANCEL\n", MN_FAULT_C_Sign, 3, 4, false, false},
    };
    return cr_make_param_array(match_case, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(match_case *c, fault_plan, speaks_of_the_nth_call)
{
    const mn_fault_plan plan = parse_good(c->text);

    const mn_fault_rule *rule = mn_fault_plan_match(&plan, c->fn, c->nth, c->nth_any, c->late);

    cr_assert_eq(rule != NULL, c->matches, "%s", c->text);
}

Test(fault_plan, adds_latencies_up)
{
    const mn_fault_plan plan = parse_good(good);

    cr_assert_eq(mn_fault_plan_latency_ms(&plan, MN_FAULT_C_Sign), 201);
    cr_assert_eq(mn_fault_plan_latency_ms(&plan, MN_FAULT_C_Verify), 1);
}

Test(fault_plan, leaves_only_what_it_names)
{
    const mn_fault_plan plan = parse_good("only CKM_ECDSA\nonly CKM_AES_GCM\nhide CKM_AES_GCM\n");

    cr_assert_not(mn_fault_plan_is_hidden(&plan, CKM_ECDSA));
    cr_assert(mn_fault_plan_is_hidden(&plan, CKM_AES_GCM));
    cr_assert(mn_fault_plan_is_hidden(&plan, CKM_RSA_PKCS));
}

Test(fault_plan, hides_only_what_it_names)
{
    const mn_fault_plan plan = parse_good("hide CKM_AES_GCM\nhide 0x1087\n");

    cr_assert(mn_fault_plan_is_hidden(&plan, CKM_AES_GCM));
    cr_assert_not(mn_fault_plan_is_hidden(&plan, CKM_AES_CBC));
}

Test(fault_plan, says_how_the_flags_lie)
{
    const mn_fault_plan plan = parse_good("pin-flags no-count-low\n");

    cr_assert_eq(plan.pin_flags, MN_FAULT_PIN_FLAGS_NO_COUNT_LOW);
}
