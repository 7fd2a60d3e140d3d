/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two cards, one reader: a change of cards that was announced ends well when the operator's card
 * comes back with its PIN and password in time, and like a pulled card in every other case.
 */
#include "api/api_session.h"
#include "scenario.h"

static void make_with_one_reader(void)
{
    facility_fixture_make();
    F->one_reader = true;
    facility_fixture_login(F, HARUKO);
}

TestSuite(scenario_swap, .init = make_with_one_reader, .fini = facility_fixture_remove);

static mnsec_status enrol_saburo(mnsec_role role)
{
    mnsec_enrolment_options options = MNSEC_ENROLMENT_OPTIONS_INIT;
    options.name = SABURO;
    options.role = role;
    mnsec_id id = {0};
    return mnsec_staff_enrol(F->session, &options, &id);
}

static void expect_locked(void)
{
    cr_expect_eq(mnsec_session_get_info(F->session).locked, 1);
    cr_expect(mn_secret_is_empty(&F->session->work));
    cr_expect_not(mn_keyring_is_logged_in(F->session->opened->keyring));
    facility_fixture_logout(F);
    facility_fixture_forget(F);
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, SABURO));
    F->seconds += 60;
    EXPECT(MNSEC_OK, facility_fixture_try_login(F, HARUKO));
}

/* --- whose card comes ----------------------------------------------------------------------------
 */

static void bring(facility_fixture *f, const char *card)
{
    facility_fixture_pull_all(f);
    facility_fixture_insert(f, card);
}

/* The notice names the operator by name and others by what they are. */
static void bring_whom_it_says(facility_fixture *f, const mnsec_notice *notice)
{
    if (notice->kind == MNSEC_NOTICE_INSERT_CARD) {
        const bool is_second = strcmp(notice->subject, "a second responsible person") == 0;
        bring(f, is_second ? AKIO : notice->subject);
    }
}

static void bring_saburo_only(facility_fixture *f, const mnsec_notice *notice)
{
    if (notice->kind == MNSEC_NOTICE_INSERT_CARD) {
        bring(f, SABURO);
    }
}

static void take_three_minutes(facility_fixture *f, const mnsec_notice *notice)
{
    bring_whom_it_says(f, notice);
    f->seconds += 180;
}

static void expect_nothing_unlocked(facility_fixture *f, const mnsec_secret_request *request)
{
    (void)request;
    cr_expect_null(f->session->unlocked[0].department);
}

/* -------------------------------------------------------------------------------------------------
 */

Test(scenario_swap, enrols_the_card_that_came_and_goes_on)
{
    MUST(enrol_saburo(MNSEC_ROLE_HANDLER));

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_INSERT_CARD), 2);
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_PIN), 2, "the operator's, again");
    cr_expect_eq(mnsec_session_get_info(F->session).locked, 0);
    cr_expect_eq(facility_fixture_log_count(F, "session.card_removed"), 0);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    EXPECT(MNSEC_OK, mnsec_session_unlock(F->session, &kaigo));
}

Test(scenario_swap, has_the_second_responsible_person_sign)
{
    const mnsec_grant grant = {
        .person = facility_fixture_person(F, HARUKO),
        .department = facility_fixture_department(F, KAIGO),
        .actions = "record.list",
    };
    mnsec_id id = {0};
    F->on_notice = bring_whom_it_says;

    MUST(mnsec_grant_give(F->session, &grant, NULL, &id));

    EXPECT_BODY("grant.give", "\"actor2\":");
    cr_expect_eq(facility_fixture_log_count(F, "session.card_removed"), 0);
}

Test(scenario_swap, recovers_by_two_cards)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    F->on_notice = bring_whom_it_says;
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, KAIGO, "sora no iro ga kawaru");

    MUST(mnsec_password_recover(F->session, &kaigo, AKIO));

    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, "sora no iro ga kawaru");
    EXPECT(MNSEC_OK, mnsec_session_unlock(F->session, &kaigo));
}

Test(scenario_swap, with_three_cards_enrols_a_responsible_person)
{
    F->on_notice = bring_whom_it_says;

    MUST(enrol_saburo(MNSEC_ROLE_RESPONSIBLE));

    facility_fixture_logout(F);
    facility_fixture_forget(F);
    EXPECT(MNSEC_OK, facility_fixture_try_login(F, SABURO));
}

Test(scenario_swap, that_does_not_come_back_is_a_removal)
{
    F->on_notice = bring_saburo_only;

    EXPECT_CLASS(MNSEC_CLASS_CARD, enrol_saburo(MNSEC_ROLE_HANDLER));

    expect_locked();
}

Test(scenario_swap, that_comes_back_too_late_is_a_removal)
{
    F->on_notice = take_three_minutes;

    EXPECT(MNSEC_E_CARD_REMOVED, enrol_saburo(MNSEC_ROLE_HANDLER));

    expect_locked();
}

Test(scenario_swap, back_with_a_wrong_password_locks)
{
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, HARUKO, "not the password");

    EXPECT(MNSEC_E_DENIED_LOGIN, enrol_saburo(MNSEC_ROLE_HANDLER));

    EXPECT_BODY("session.login_failed", "\"reason\":\"password\"");
    expect_locked();
}

Test(scenario_swap, that_is_refused_leaves_the_session_open)
{
    F->refused = 1U << MNSEC_NOTICE_INSERT_CARD;

    EXPECT(MNSEC_E_STATE_CANCELLED, enrol_saburo(MNSEC_ROLE_HANDLER));

    cr_expect_eq(mnsec_session_get_info(F->session).locked, 0);
}

Test(scenario_swap, wipes_what_operation_passwords_opened)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    MUST(mnsec_session_unlock(F->session, &kaigo));
    F->on_ask = expect_nothing_unlocked;

    MUST(enrol_saburo(MNSEC_ROLE_HANDLER));
}
