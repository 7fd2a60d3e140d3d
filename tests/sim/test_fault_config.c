/* SPDX-License-Identifier: Apache-2.0 */
/* The fault module's configuration: taken whole or refused with line and reason. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "fault_config.h"

static const char good[] = "# a card reader\n"
                           "lower = /usr/lib/a module.so\n"
                           "  softhsm_conf=/tmp/softhsm2.conf\t\n"
                           "\n"
                           "state = /tmp/state\n"
                           "cards = yes\n"
                           "pin_tries = 15\n"
                           "serialise = no\n"
                           "profile = /tmp/tpm.profile\n";

Test(fault_config, takes_every_key)
{
    mn_fault_config config;
    char error[MN_FAULT_CONFIG_ERROR_BYTES] = "";

    cr_assert(mn_fault_config_parse(good, sizeof good - 1, &config, error), "%s", error);

    cr_assert_str_eq(config.lower, "/usr/lib/a module.so");
    cr_assert_str_eq(config.softhsm_conf, "/tmp/softhsm2.conf");
    cr_assert_str_eq(config.state, "/tmp/state");
    cr_assert(config.cards);
    cr_assert_eq(config.pin_tries, 15);
    cr_assert_not(config.serialise);
    cr_assert_str_eq(config.profile, "/tmp/tpm.profile");
}

Test(fault_config, has_three_tries_and_no_cards_by_default)
{
    static const char text[] = "lower = /a\nstate = /b\n";
    mn_fault_config config;
    char error[MN_FAULT_CONFIG_ERROR_BYTES];

    cr_assert(mn_fault_config_parse(text, sizeof text - 1, &config, error));

    cr_assert_eq(config.pin_tries, 3);
    cr_assert_not(config.cards);
    cr_assert_str_empty(config.softhsm_conf);
}

Test(fault_config, refuses_every_truncation_that_loses_a_required_key_or_cuts_a_line)
{
    const size_t enough = (size_t)(strstr(good, "cards") - good);
    for (size_t len = 0; len < sizeof good - 1; len++) {
        mn_fault_config config;
        char error[MN_FAULT_CONFIG_ERROR_BYTES];

        const bool taken = mn_fault_config_parse(good, len, &config, error);

        cr_assert_eq(taken, len >= enough && good[len - 1] == '\n', "cut to %zu bytes", len);
    }
}

typedef struct bad_config {
    char text[64];
    char error[48];
} bad_config;

ParameterizedTestParameters(fault_config, refuses_what_it_does_not_understand)
{
    static bad_config cases[] = {
        {"", "lower is missing"},
        {"lower = /a\n", "state is missing"},
        {"lower = /a\nlower = /b\n", "line 2: key given twice"},
        {"lower = a.so\n", "line 1: value not allowed here"},
        {"lower =\n", "line 1: value not allowed here"},
        {"lower\n", "line 1: expected: key = value"},
        {"Lower = /a\n", "line 1: unknown key"},
        {"= /a\n", "line 1: unknown key"},
        {"cards = maybe\n", "line 1: value not allowed here"},
        {"pin_tries = 16\n", "line 1: value not allowed here"},
        {"pin_tries = 03\n", "line 1: value not allowed here"},
        {"pin_tries = -1\n", "line 1: value not allowed here"},
        {"pin_tries =\n", "line 1: value not allowed here"},
    };
    return cr_make_param_array(bad_config, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(bad_config *bad, fault_config, refuses_what_it_does_not_understand)
{
    mn_fault_config config = {.pin_tries = 9};
    char error[MN_FAULT_CONFIG_ERROR_BYTES];

    const bool taken = mn_fault_config_parse(bad->text, strlen(bad->text), &config, error);

    cr_assert_not(taken);
    cr_assert_str_eq(error, bad->error);
    cr_assert_eq(config.pin_tries, 9, "the output was touched");
}

Test(fault_config, refuses_a_path_with_a_nul_byte)
{
    static const char text[] = "lower = /a\0b\nstate = /b\n";
    mn_fault_config config;
    char error[MN_FAULT_CONFIG_ERROR_BYTES];

    cr_assert_not(mn_fault_config_parse(text, sizeof text - 1, &config, error));
}
