/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logging in: card and PIN and password. Whatever is wrong is one answer to the person and a cause
 * in the log; attempts are counted in the log, so that neither a restart nor a clock gives more.
 */
#include "scenario.h"

TestSuite(scenario_login, .init = facility_fixture_make, .fini = facility_fixture_remove);

static void wrong_pin(const char *name)
{
    facility_fixture_answers(F, MNSEC_SECRET_PIN, "", "654321");
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, name));
    facility_fixture_forget(F);
}

static void wrong_password(const char *name)
{
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, "", "not the password");
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, name));
    facility_fixture_forget(F);
}

/* --- the right ones ------------------------------------------------------------------------------
 */

Test(scenario_login, takes_card_pin_and_password)
{
    facility_fixture_login(F, TARO);

    const mnsec_session_info info = mnsec_session_get_info(F->session);
    const mnsec_id taro = facility_fixture_person(F, TARO);
    cr_expect(mnsec_id_equal(&info.person, &taro));
    cr_expect_str_eq(info.name, TARO);
    cr_expect_eq(info.role, MNSEC_ROLE_HANDLER);
    cr_expect_str_eq(info.card_label, TARO);
    cr_expect_str_eq(info.card_method, "rsa-decrypt");
    cr_expect_eq(info.locked, 0);
    EXPECT_LINE("session.login", "\"auth\":\"card\"");
}

Test(scenario_login, takes_a_card_that_derives)
{
    facility_fixture_login(F, HANAKO);

    cr_expect_str_eq(mnsec_session_get_info(F->session).card_method, "ecdh");
}

Test(scenario_login, takes_a_card_that_only_signs)
{
    facility_fixture_login(F, NAOTO);

    cr_expect_str_eq(mnsec_session_get_info(F->session).card_method, "rsa-sign");
}

Test(scenario_login, is_possible_again_after_logging_out)
{
    facility_fixture_login(F, TARO);
    facility_fixture_logout(F);

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, HANAKO));
}

Test(scenario_login, is_one_at_a_time)
{
    facility_fixture_login(F, TARO);

    mnsec_session *second = NULL;
    EXPECT(MNSEC_E_STATE_CONFLICT, mnsec_session_open(F->context, NULL, &second));
}

/* --- which card ----------------------------------------------------------------------------------
 */

Test(scenario_login, needs_a_card)
{
    mnsec_session *session = NULL;

    EXPECT(MNSEC_E_CARD_ABSENT, mnsec_session_open(F->context, NULL, &session));
    cr_expect_eq(F->asked_count, 0);
}

Test(scenario_login, asks_which_of_two_cards)
{
    facility_fixture_insert(F, TARO);
    facility_fixture_insert(F, HANAKO);
    mnsec_session_options options = MNSEC_SESSION_OPTIONS_INIT;

    EXPECT(MNSEC_E_CARD_AMBIGUOUS, mnsec_session_open(F->context, &options, &F->session));
    options.card = HANAKO;
    MUST(mnsec_session_open(F->context, &options, &F->session));

    cr_expect_str_eq(mnsec_session_get_info(F->session).name, HANAKO);
}

Test(scenario_login, passes_over_cards_of_strangers)
{
    facility_fixture_insert(F, SABURO);
    facility_fixture_insert(F, TARO);

    MUST(mnsec_session_open(F->context, NULL, &F->session));

    cr_expect_str_eq(mnsec_session_get_info(F->session).name, TARO);
}

/* --- refused -------------------------------------------------------------------------------------
 */

Test(scenario_login, refuses_a_wrong_pin)
{
    wrong_pin(TARO);

    EXPECT_TEXT("log-in refused");
    EXPECT_BODY("session.login_failed", "\"reason\":\"pin\"");
}

Test(scenario_login, refuses_a_wrong_password)
{
    wrong_password(TARO);

    EXPECT_TEXT("log-in refused");
    EXPECT_BODY("session.login_failed", "\"reason\":\"password\"");
}

Test(scenario_login, refuses_an_unknown_card)
{
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, SABURO));

    EXPECT_TEXT("log-in refused");
    EXPECT_BODY("session.login_failed", "\"reason\":\"unknown-card\"");
    cr_expect_eq(F->asked_count, 0, "a PIN for nothing");
}

Test(scenario_login, refuses_the_card_of_another_person)
{
    facility_fixture_insert(F, TARO);
    mnsec_session_options options = MNSEC_SESSION_OPTIONS_INIT;
    options.person = HANAKO;

    EXPECT(MNSEC_E_DENIED_LOGIN, mnsec_session_open(F->context, &options, &F->session));

    EXPECT_TEXT("log-in refused");
    EXPECT_BODY("session.login_failed", "\"reason\":\"other-person\"");
}

Test(scenario_login, leaves_nothing_in_the_log_when_the_person_gives_up)
{
    const int64_t size = facility_fixture_log_size(F);
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, "", "");

    EXPECT(MNSEC_E_STATE_CANCELLED, facility_fixture_try_login(F, TARO));

    cr_expect_eq(facility_fixture_log_size(F), size);
}

Test(scenario_login, is_in_the_log_before_it_is_tried)
{
    const size_t attempts = facility_fixture_log_count(F, "session.attempt");
    facility_fixture_card_plan(F, "C_Login 1 once CKR_DEVICE_ERROR\n");

    EXPECT(MNSEC_E_CARD_FAULT, facility_fixture_try_login(F, TARO));

    cr_expect_eq(facility_fixture_log_count(F, "session.attempt"), attempts + 1);
    EXPECT_BODY("session.login_failed", "MNSEC_E_CARD_FAULT");
}

/* --- the last try --------------------------------------------------------------------------------
 */

Test(scenario_login, keeps_the_last_try_of_the_pin)
{
    wrong_pin(TARO);
    wrong_pin(TARO);
    facility_fixture_count_reset(F);
    F->refused = 1U << MNSEC_NOTICE_FINAL_TRY;

    EXPECT(MNSEC_E_CARD_FINAL_TRY, facility_fixture_try_login(F, TARO));

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_FINAL_TRY), 1);
    cr_expect_eq(F->asked_count, 0);
    cr_expect_eq(facility_fixture_card_count(F, MN_FAULT_C_Login), 0);
}

Test(scenario_login, spends_the_last_try_with_consent)
{
    wrong_pin(TARO);
    wrong_pin(TARO);

    MUST(facility_fixture_try_login(F, TARO));

    cr_expect_eq(F->asked[0].final_try, 1);
}

Test(scenario_login, says_that_the_pin_is_blocked)
{
    wrong_pin(TARO);
    wrong_pin(TARO);
    wrong_pin(TARO);
    F->seconds = 3600;

    EXPECT(MNSEC_E_CARD_BLOCKED, facility_fixture_try_login(F, TARO));
}

Test(scenario_login, tells_that_a_try_was_lost)
{
    wrong_pin(TARO);

    facility_fixture_login(F, TARO);

    cr_expect_eq(F->asked[0].count_low, 1);
}

/* No flag of the token tells of a wrong PIN; other programs have tried; nobody consents. */
Test(scenario_login, keeps_the_last_try_of_a_token_that_does_not_tell)
{
    facility_fixture_card_plan(F, "pin-flags none\n");
    wrong_pin(TARO);
    facility_fixture_reopen(F);
    facility_fixture_card_plan(F, "pin-flags none\nC_Login 1 always late CKR_GENERAL_ERROR\n");
    EXPECT(MNSEC_E_CARD_FAULT, facility_fixture_try_login(F, TARO));
    facility_fixture_reopen(F);
    facility_fixture_card_plan(F, "pin-flags none\n");
    facility_fixture_forget(F);
    facility_fixture_count_reset(F);
    F->refused = 1U << MNSEC_NOTICE_FINAL_TRY;

    EXPECT(MNSEC_E_CARD_FINAL_TRY, facility_fixture_try_login(F, TARO));

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_FINAL_TRY), 1);
    cr_expect_eq(facility_fixture_card_count(F, MN_FAULT_C_Login), 0);
}

Test(scenario_login, has_all_tries_again_after_a_right_pin)
{
    facility_fixture_card_plan(F, "pin-flags none\n");
    wrong_pin(TARO);
    wrong_pin(TARO);
    MUST(facility_fixture_try_login(F, TARO));
    facility_fixture_logout(F);
    facility_fixture_forget(F);

    facility_fixture_login(F, TARO);

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_FINAL_TRY), 0);
    cr_expect_eq(F->asked[0].count_low, 0);
}

static void wrong_second_pin(facility_fixture *f)
{
    facility_fixture_answers(f, MNSEC_SECRET_SECOND_PIN, "", "999999");
}

/* Asked again after a slip, but not at what may be the last try. */
Test(scenario_login, of_a_second_person_ends_before_the_last_try)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    facility_fixture_card_plan(F, "pin-flags none\n");
    wrong_second_pin(F);
    facility_fixture_count_reset(F);

    EXPECT(MNSEC_E_CARD_FINAL_TRY, mnsec_password_recover(F->session, &kaigo, AKIO));

    cr_expect_eq(facility_fixture_card_count(F, MN_FAULT_C_Login), 2);
}

Test(scenario_login, of_a_second_person_spends_one_try_for_one_consent)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    facility_fixture_card_plan(F, "pin-flags always-final\n");
    wrong_second_pin(F);
    facility_fixture_count_reset(F);

    EXPECT(MNSEC_E_CARD_PIN, mnsec_password_recover(F->session, &kaigo, AKIO));

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_FINAL_TRY), 1);
    cr_expect_eq(facility_fixture_card_count(F, MN_FAULT_C_Login), 1);
}

/* --- back-off ------------------------------------------------------------------------------------
 */

static void three_wrong_passwords(void)
{
    wrong_password(TARO);
    wrong_password(TARO);
    wrong_password(TARO);
}

Test(scenario_login, must_wait_after_wrong_passwords)
{
    three_wrong_passwords();
    const int64_t size = facility_fixture_log_size(F);

    EXPECT(MNSEC_E_DENIED_BACKOFF, facility_fixture_try_login(F, TARO));

    cr_expect_eq(F->asked_count, 0);
    cr_expect_eq(facility_fixture_log_size(F), size, "refused untried is not an attempt");
}

Test(scenario_login, must_wait_after_a_restart_too)
{
    three_wrong_passwords();
    facility_fixture_reopen(F);

    EXPECT(MNSEC_E_DENIED_BACKOFF, facility_fixture_try_login(F, TARO));
}

Test(scenario_login, must_wait_though_the_clock_was_set_back)
{
    F->seconds = 3600;
    three_wrong_passwords();
    F->seconds = 0;

    EXPECT(MNSEC_E_DENIED_BACKOFF, facility_fixture_try_login(F, TARO));
}

Test(scenario_login, may_try_again_when_the_time_has_passed)
{
    three_wrong_passwords();
    F->seconds = 60;

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, TARO));
}

Test(scenario_login, lets_others_in_while_one_must_wait)
{
    three_wrong_passwords();

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, HANAKO));
}

Test(scenario_login, forgets_wrong_passwords_after_a_right_one)
{
    wrong_password(TARO);
    wrong_password(TARO);
    facility_fixture_login(F, TARO);
    facility_fixture_logout(F);
    wrong_password(TARO);
    wrong_password(TARO);

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, TARO));
}

Test(scenario_login, must_wait_though_the_bodies_of_attempts_were_taken_away)
{
    three_wrong_passwords();
    facility_fixture_sql(F, "DELETE FROM log_body WHERE i IN (SELECT i FROM log_entry WHERE line "
                            "LIKE '%\"ev\":\"session.attempt\"%')");

    EXPECT(MNSEC_E_DENIED_BACKOFF, facility_fixture_try_login(F, TARO));
}

/* While one is asked for the PIN, somebody else uses up the attempts of the card. */
static void try_elsewhere(facility_fixture *f, const mnsec_secret_request *request)
{
    (void)request;
    f->on_ask = NULL;
    mnsec_context_options options;
    facility_fixture_options(f, &options);
    mnsec_context *elsewhere = NULL;
    mnsec_session *session = NULL;
    cr_assert_eq(mnsec_context_new(&options, &elsewhere), MNSEC_OK);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(mnsec_session_open(elsewhere, NULL, &session), MNSEC_E_DENIED_LOGIN);
    }
    mnsec_context_free(elsewhere);
}

Test(scenario_login, must_wait_though_it_was_asked_for_before_the_wrong_attempts)
{
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, "", "not the password");
    F->on_ask = try_elsewhere;

    EXPECT(MNSEC_E_DENIED_BACKOFF, facility_fixture_try_login(F, TARO));
}
