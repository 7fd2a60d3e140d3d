/* SPDX-License-Identifier: Apache-2.0 */
/* The token itself: found by URI, initialised, logged in to and out of, one PIN try at a time. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_client.h"
#include "token_fixture.h"

TestSuite(keyring, .init = token_fixture_make, .fini = token_fixture_remove);

static const mn_key_ref pepper_key = {.kind = MN_KEY_PEPPER};

static void set_pin(mn_secret *pin, const char *digits)
{
    cr_assert_eq(mn_secret_copy(pin, digits, strlen(digits)), MNSEC_OK);
}

/* --- opening --- */

Test(keyring, opens_the_token_that_its_uri_names)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO_PTR(mn_keyring) again = NULL;

    cr_assert_eq(mn_keyring_open(mn_buf_text(&token.uri), &token.err, &again), MNSEC_OK, "%s",
                 token.err.text);

    mn_passport there = {0};
    mn_keyring_describe(again, &there);
    cr_expect_str_eq(there.serial, token.passport.serial);
    cr_expect_str_eq(there.label, "facility");
}

Test(keyring, tells_that_no_token_answers)
{
    MN_AUTO_PTR(mn_keyring) keyring = NULL;
    mn_error err = {0};
    char uri[256];
    (void)snprintf(uri, sizeof(uri), "pkcs11:token=nobody?module-path=%s", token_fixture_module());

    cr_expect_eq(mn_keyring_open(uri, &err, &keyring), MNSEC_E_TOKEN_ABSENT);

    cr_expect_null(keyring);
}

Test(keyring, tells_that_there_is_no_module)
{
    MN_AUTO_PTR(mn_keyring) keyring = NULL;
    mn_error err = {0};

    cr_expect_eq(mn_keyring_open("pkcs11:token=x?module-path=/nowhere.so", &err, &keyring),
                 MNSEC_E_TOKEN_ABSENT);
}

Test(keyring, refuses_a_uri_that_names_several_tokens)
{
    MN_AUTO(token_fixture) one = {0};
    MN_AUTO(token_fixture) two = {0};
    token_fixture_initialise("one", &one);
    token_fixture_initialise("two", &two);
    MN_AUTO_PTR(mn_keyring) keyring = NULL;
    mn_error err = {0};
    char uri[256];
    (void)snprintf(uri, sizeof(uri), "pkcs11:model=SoftHSM%%20v2?module-path=%s",
                   token_fixture_module());

    cr_expect_eq(mn_keyring_open(uri, &err, &keyring), MNSEC_E_TOKEN_FOREIGN);
}

Test(keyring, refuses_a_uri_with_a_pin)
{
    MN_AUTO_PTR(mn_keyring) keyring = NULL;
    mn_error err = {0};

    cr_expect_eq(mn_keyring_open("pkcs11:token=x?module-path=/x.so&pin-value=1234", &err, &keyring),
                 MNSEC_E_USAGE_CONFIG);
}

/* --- blank and initialised --- */

Test(keyring, is_blank_until_something_of_ours_is_on_it)
{
    MN_AUTO(token_fixture) token = {0};
    mn_error err = {0};
    MN_AUTO_PTR(mn_keyring) fresh = NULL;
    cr_assert_eq(mn_keyring_open(token_fixture_blank_uri(), &err, &fresh), MNSEC_OK);
    cr_expect(mn_keyring_is_blank(fresh));

    token_fixture_open("facility", &token);
    cr_expect(mn_keyring_is_blank(token.keyring), "initialised");

    cr_assert_eq(mn_keyring_object_write_checkpoint(token.keyring, mn_bytes_of("size 1", 6)),
                 MNSEC_OK);
    cr_expect_not(mn_keyring_is_blank(token.keyring), "with a checkpoint");
}

Test(keyring, is_not_called_blank_when_it_does_not_answer)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token_fixture_plan("C_FindObjects 1 once CKR_DEVICE_ERROR\n");

    cr_expect_not(mn_keyring_is_blank(token.keyring));
    cr_expect(mn_keyring_is_blank(token.keyring), "and then it answers");
}

Test(keyring, is_empty_after_it_was_initialised_again)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(mn_keyring_key_make(token.keyring, &pepper_key), MNSEC_OK);
    mn_keyring_logout(token.keyring);

    cr_assert_eq(mn_keyring_initialise(token.keyring, "facility", &token.so_pin, &token.user_pin,
                                       &token.uri),
                 MNSEC_OK, "%s", token.err.text);

    token.passport = token_fixture_passport(token.keyring);
    token_fixture_login(&token);
    cr_expect_not(mn_keyring_key_exists(token.keyring, &pepper_key));
}

Test(keyring, is_not_initialised_again_with_another_so_pin)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(mn_keyring_key_make(token.keyring, &pepper_key), MNSEC_OK);
    mn_keyring_logout(token.keyring);
    MN_AUTO(mn_secret) wrong = {0};
    set_pin(&wrong, "another so pin");

    cr_expect_eq(
        mn_keyring_initialise(token.keyring, "facility", &wrong, &token.user_pin, &token.uri),
        MNSEC_E_TOKEN_PIN);

    token_fixture_login(&token);
    cr_expect(mn_keyring_key_exists(token.keyring, &pepper_key));
}

Test(keyring, is_not_initialised_while_somebody_is_logged_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);

    cr_expect_eq(mn_keyring_initialise(token.keyring, "facility", &token.so_pin, &token.user_pin,
                                       &token.uri),
                 MNSEC_E_STATE_CONFLICT);
}

Test(keyring, takes_a_japanese_label)
{
    MN_AUTO(token_fixture) token = {0};

    token_fixture_open("ひまわり苑", &token);

    cr_expect_str_eq(token.passport.label, "ひまわり苑");
}

typedef struct label_case {
    char label[64];
} label_case;

ParameterizedTestParameters(keyring, takes_no_label_that_would_be_cut)
{
    static label_case cases[] = {
        {""}, {"123456789012345678901234567890123"}, {"ひまわり苑介護施設トークン"}};
    return cr_make_param_array(label_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const label_case *c, keyring, takes_no_label_that_would_be_cut)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);

    cr_expect_eq(
        mn_keyring_initialise(token.keyring, c->label, &token.so_pin, &token.user_pin, &token.uri),
        MNSEC_E_USAGE);
}

Test(keyring, takes_no_pin_outside_the_limits_of_the_token)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_secret) short_pin = {0};
    set_pin(&short_pin, "123");
    MN_AUTO(mn_secret) none = {0};

    cr_expect_eq(
        mn_keyring_initialise(token.keyring, "facility", &token.so_pin, &short_pin, &token.uri),
        MNSEC_E_USAGE);
    cr_expect_eq(mn_keyring_initialise(token.keyring, "facility", &token.so_pin, &none, &token.uri),
                 MNSEC_E_USAGE);
}

Test(keyring, takes_a_pin_as_long_as_the_passport_says)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO(mn_secret) longest = {0};
    cr_assert_eq(mn_random_text(&longest, token.passport.pin_max), MNSEC_OK);

    cr_assert_eq(mn_keyring_set_pin(token.keyring, &token.user_pin, &longest), MNSEC_OK);

    mn_keyring_logout(token.keyring);
    cr_expect_eq(mn_keyring_login(token.keyring, &longest, &token.passport), MNSEC_OK);
}

/* --- log-in --- */

Test(keyring, logs_in_with_the_facility_pin)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token_fixture_reset_counts();

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport), MNSEC_OK);

    cr_expect(mn_keyring_is_logged_in(token.keyring));
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 1);
}

Test(keyring, tells_a_wrong_pin_from_everything_else)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_secret) wrong = {0};
    set_pin(&wrong, "another pin");
    token_fixture_reset_counts();

    cr_expect_eq(mn_keyring_login(token.keyring, &wrong, &token.passport), MNSEC_E_TOKEN_PIN);

    cr_expect_not(mn_keyring_is_logged_in(token.keyring));
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 1, "one try for one gesture");
    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport), MNSEC_OK);
}

Test(keyring, spends_no_try_on_an_empty_pin)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_secret) none = {0};
    token_fixture_reset_counts();

    cr_expect_eq(mn_keyring_login(token.keyring, &none, &token.passport), MNSEC_E_TOKEN_PIN);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 0);
}

Test(keyring, takes_no_pin_for_right_because_somebody_else_is_logged_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO_PTR(mn_keyring) second = NULL;
    mn_error err = {0};
    MN_AUTO(mn_secret) wrong = {0};
    set_pin(&wrong, "another pin");
    cr_assert_eq(mn_keyring_open(mn_buf_text(&token.uri), &err, &second), MNSEC_OK);

    cr_expect_neq(mn_keyring_login(second, &wrong, &token.passport), MNSEC_OK);
    cr_expect_eq(mn_keyring_login(second, &token.user_pin, &token.passport),
                 MNSEC_E_STATE_CONFLICT);

    cr_expect_not(mn_keyring_is_logged_in(second));
}

Test(keyring, shows_no_pin_to_a_token_that_is_not_the_passports)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token_fixture_reset_counts();
    (void)strcpy(token.passport.serial, "0123456789abcdef");

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_TOKEN_FOREIGN);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 0);
}

Test(keyring, shows_no_pin_to_a_token_that_took_the_place_of_the_one_opened)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO_PTR(mn_keyring) opened_before = NULL;
    mn_error err = {0};
    cr_assert_eq(mn_keyring_open(mn_buf_text(&token.uri), &err, &opened_before), MNSEC_OK);
    cr_assert_eq(
        mn_keyring_initialise(token.keyring, "another", &token.so_pin, &token.user_pin, &token.uri),
        MNSEC_OK);
    token_fixture_reset_counts();

    cr_expect_eq(mn_keyring_login(opened_before, &token.user_pin, NULL), MNSEC_E_TOKEN_FOREIGN);
    cr_expect_eq(mn_keyring_so_login(opened_before, &token.so_pin), MNSEC_E_TOKEN_FOREIGN);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 0);
}

Test(keyring, does_not_log_in_to_a_blank_token)
{
    MN_AUTO(token_fixture) token = {0};
    set_pin(&token.user_pin, "123456");
    cr_assert_eq(mn_keyring_open(token_fixture_blank_uri(), &token.err, &token.keyring), MNSEC_OK);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, NULL), MNSEC_E_TOKEN_UNSUITABLE);
}

typedef struct method_case {
    char what[24];
    mn_outer_method outer;
    mn_gcm_iv gcm_iv;
    mn_mac_method mac;
} method_case;

ParameterizedTestParameters(keyring, does_not_log_in_with_a_method_it_does_not_have)
{
    static method_case cases[] = {
        {"no lock", MN_OUTER_NONE, MN_GCM_IV_OURS, MN_MAC_HMAC_SHA256},
        {"a lock to come", (mn_outer_method)5, MN_GCM_IV_OURS, MN_MAC_HMAC_SHA256},
        {"an IV to come", MN_OUTER_AES_GCM, (mn_gcm_iv)5, MN_MAC_HMAC_SHA256},
        {"an IV for CBC", MN_OUTER_AES_CBC, MN_GCM_IV_IN_PLACE, MN_MAC_HMAC_SHA256},
        {"no MAC", MN_OUTER_AES_GCM, MN_GCM_IV_OURS, MN_MAC_NONE},
    };
    return cr_make_param_array(method_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const method_case *c, keyring, does_not_log_in_with_a_method_it_does_not_have)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token.passport.outer = c->outer;
    token.passport.gcm_iv = c->gcm_iv;
    token.passport.mac = c->mac;

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_TOKEN_UNSUITABLE, "%s", c->what);
}

Test(keyring, logs_in_only_once)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_STATE_CONFLICT);

    cr_expect(mn_keyring_is_logged_in(token.keyring));
}

Test(keyring, leaves_the_token_logged_out_when_it_is_freed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO_PTR(mn_keyring) second = NULL;
    cr_assert_eq(mn_keyring_open(mn_buf_text(&token.uri), &token.err, &second), MNSEC_OK);

    mn_keyring_free(token.keyring);
    token.keyring = NULL;

    cr_expect_eq(mn_keyring_login(second, &token.user_pin, &token.passport), MNSEC_OK);
}

Test(keyring, closes_every_session_it_opens)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_secret) wrong = {0};
    set_pin(&wrong, "another pin");
    token_fixture_reset_counts();

    token_fixture_login(&token);
    mn_keyring_logout(token.keyring);
    cr_assert_eq(mn_keyring_login(token.keyring, &wrong, &token.passport), MNSEC_E_TOKEN_PIN);
    token_fixture_login(&token);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_OpenSession),
                 token_fixture_count(MN_FAULT_C_CloseSession));
}

/* --- PINs --- */

Test(keyring, changes_its_pin)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO(mn_secret) fresh = {0};
    set_pin(&fresh, "a fresh pin");

    cr_assert_eq(mn_keyring_set_pin(token.keyring, &token.user_pin, &fresh), MNSEC_OK);

    mn_keyring_logout(token.keyring);
    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_TOKEN_PIN);
    cr_expect_eq(mn_keyring_login(token.keyring, &fresh, &token.passport), MNSEC_OK);
}

Test(keyring, does_not_change_its_pin_for_a_wrong_one)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO(mn_secret) wrong = {0};
    set_pin(&wrong, "another pin");

    cr_expect_eq(mn_keyring_set_pin(token.keyring, &wrong, &wrong), MNSEC_E_TOKEN_PIN);

    mn_keyring_logout(token.keyring);
    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport), MNSEC_OK);
}

Test(keyring, gets_a_new_pin_from_its_security_officer)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_secret) fresh = {0};
    set_pin(&fresh, "a fresh pin");

    cr_assert_eq(mn_keyring_so_login(token.keyring, &token.so_pin), MNSEC_OK);
    cr_expect_not(mn_keyring_is_logged_in(token.keyring), "that is the user");
    cr_assert_eq(mn_keyring_so_init_pin(token.keyring, &fresh), MNSEC_OK);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(mn_keyring_login(token.keyring, &fresh, &token.passport), MNSEC_OK);
}

Test(keyring, knows_its_security_officer_by_his_pin)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);

    cr_expect_eq(mn_keyring_so_login(token.keyring, &token.user_pin), MNSEC_E_TOKEN_PIN);
    cr_expect_eq(mn_keyring_so_init_pin(token.keyring, &token.user_pin), MNSEC_E_STATE_LOCKED);
}

Test(keyring, has_no_security_officer_while_the_user_is_logged_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);

    cr_expect_eq(mn_keyring_so_login(token.keyring, &token.so_pin), MNSEC_E_STATE_CONFLICT);

    cr_expect(mn_keyring_is_logged_in(token.keyring));
}

/* --- failures in the middle --- */

static mnsec_status open_and_log_in(token_fixture *token)
{
    MN_AUTO_PTR(mn_keyring) keyring = NULL;
    MN_TRY(mn_keyring_open(mn_buf_text(&token->uri), &token->err, &keyring));
    const mnsec_status status = mn_keyring_login(keyring, &token->user_pin, &token->passport);
    cr_assert_eq(mn_keyring_is_logged_in(keyring), status == MNSEC_OK);
    return status;
}

typedef struct answer_case {
    char answer[40];
} answer_case;

ParameterizedTestParameters(keyring, logs_in_after_whichever_call_failed)
{
    static answer_case cases[] = {
        {"CKR_GENERAL_ERROR"}, {"CKR_DEVICE_REMOVED"}, {"CKR_SESSION_HANDLE_INVALID"},
        {"CKR_HOST_MEMORY"},   {"CKR_ARGUMENTS_BAD"},  {"late CKR_DEVICE_ERROR"},
    };
    return cr_make_param_array(answer_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const answer_case *c, keyring, logs_in_after_whichever_call_failed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(mn_keyring_key_make(token.keyring, &pepper_key), MNSEC_OK);
    mn_keyring_free(token.keyring);
    token.keyring = NULL;

    mnsec_status status = MNSEC_E_INTERNAL;
    int n = 0;
    int failed = 0;
    int passed = 0;
    while (passed < 6) { /* a call at the end, such as C_Logout, may fail and harm nothing */
        char plan[96];
        n++;
        cr_assert_lt(n, 100);
        (void)snprintf(plan, sizeof(plan), "* %d once %s\n", n, c->answer);
        token_fixture_plan(plan);
        mn_error_clear(&token.err);
        status = open_and_log_in(&token);
        failed += status != MNSEC_OK;
        passed = status == MNSEC_OK ? passed + 1 : 0;
        token_fixture_plan(NULL);
        mn_error_clear(&token.err);
        cr_assert_eq(open_and_log_in(&token), MNSEC_OK, "after %s at call %d: %s", c->answer, n,
                     token.err.text);
    }

    cr_expect_gt(failed, 8);
}

Test(keyring, logs_in_again_to_a_token_that_was_pulled_and_put_back)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert(mn_fault_client_unplug(token_fixture_state(), "facility"));
    mn_keyring_logout(token.keyring);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_TOKEN_ABSENT);
    cr_assert(mn_fault_client_plug(token_fixture_state(), "facility"));

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport), MNSEC_OK);
}

Test(keyring, is_refused_in_a_forked_child)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);

    const pid_t child = fork();
    if (child == 0) {
        MN_AUTO_PTR(mn_keyring) another = NULL;
        const bool refused =
            mn_keyring_login(token.keyring, &token.user_pin, &token.passport) ==
                MNSEC_E_INTERNAL_FORKED &&
            mn_keyring_so_login(token.keyring, &token.so_pin) == MNSEC_E_INTERNAL_FORKED &&
            mn_keyring_open(mn_buf_text(&token.uri), NULL, &another) == MNSEC_E_INTERNAL_FORKED;
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);

    cr_expect_eq(status, 0);
    token_fixture_login(&token);
}

/* One short program of many that are started at the same moment. */
static void start_and_log_in(const token_fixture *token, int times)
{
    for (int i = 0; i < times; i++) {
        mn_error err = {0};
        MN_AUTO_PTR(mn_keyring) keyring = NULL;
        if (mn_keyring_open(mn_buf_text(&token->uri), &err, &keyring) != MNSEC_OK ||
            mn_keyring_login(keyring, &token->user_pin, &token->passport) != MNSEC_OK) {
            (void)fprintf(stderr, "%s\n", err.text);
            _exit(1);
        }
    }
    _exit(0);
}

Test(keyring, lets_many_programs_start_together)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(mn_keyring_key_make(token.keyring, &pepper_key), MNSEC_OK);
    mn_keyring_free(token.keyring); /* before the forks: the module must not be loaded in them */
    token.keyring = NULL;
    pid_t children[6];

    for (size_t i = 0; i < 6; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            start_and_log_in(&token, 15);
        }
    }

    for (size_t i = 0; i < 6; i++) {
        int status = -1;
        cr_assert_eq(waitpid(children[i], &status, 0), children[i]);
        cr_expect_eq(status, 0, "program %zu", i);
    }
}
