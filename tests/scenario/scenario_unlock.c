/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The double password: numbers take the operation password of the department besides one's own, for
 * a short time or at every act. Idle time ends a session altogether.
 */
#include "scenario.h"

TestSuite(scenario_unlock, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status show(const mnsec_id *record)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    return mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", number);
}

static void login_with(unsigned idle_seconds, unsigned unlock_seconds, int ask_each_time)
{
    mnsec_session_options options = MNSEC_SESSION_OPTIONS_INIT;
    options.idle_seconds = idle_seconds;
    options.unlock_seconds = unlock_seconds;
    options.ask_each_time = ask_each_time;
    facility_fixture_insert(F, TARO);
    MUST(mnsec_session_open(F->context, &options, &F->session));
}

static mnsec_status unlock(const char *department)
{
    const mnsec_id id = facility_fixture_department(F, department);
    return mnsec_session_unlock(F->session, &id);
}

static mnsec_id registered(void)
{
    MUST(unlock(KAIGO));
    return facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
}

Test(scenario_unlock, is_needed_to_show_a_number)
{
    facility_fixture_login(F, TARO);
    const mnsec_id record = registered();
    mnsec_session_forget(F->session);

    EXPECT(MNSEC_E_STATE_UNLOCK_NEEDED, show(&record));
}

Test(scenario_unlock, is_needed_to_register)
{
    facility_fixture_login(F, TARO);

    mnsec_id record = {0};
    EXPECT(MNSEC_E_STATE_UNLOCK_NEEDED,
           facility_fixture_try_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER, &record));
}

Test(scenario_unlock, is_in_the_log)
{
    facility_fixture_login(F, TARO);

    MUST(unlock(KAIGO));

    EXPECT_LINE("session.unlock", "\"auth\":\"session\"");
}

Test(scenario_unlock, refuses_a_wrong_operation_password)
{
    facility_fixture_login(F, TARO);
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, facility_fixture_operation(SOMU));

    EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, unlock(KAIGO));

    EXPECT_BODY("session.unlock_failed", "MNSEC_E_DENIED_OPERATION_PASSWORD");
}

Test(scenario_unlock, goes_on_after_a_wrong_operation_password)
{
    facility_fixture_login(F, TARO);
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, "not the password");
    EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, unlock(KAIGO));
    facility_fixture_forget(F);

    EXPECT(MNSEC_OK, unlock(KAIGO));
}

static void wrong_operation_passwords(unsigned count)
{
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, "not the password");
    while (count-- > 0) {
        EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, unlock(KAIGO));
    }
    facility_fixture_forget(F);
}

Test(scenario_unlock, must_wait_after_wrong_operation_passwords)
{
    facility_fixture_login(F, TARO);
    wrong_operation_passwords(3);
    const int64_t size = facility_fixture_log_size(F);

    EXPECT(MNSEC_E_DENIED_BACKOFF, unlock(KAIGO));

    cr_expect_eq(F->asked_count, 0);
    cr_expect_eq(facility_fixture_log_size(F), size, "refused untried is not an attempt");
}

Test(scenario_unlock, must_wait_after_another_login_too)
{
    facility_fixture_login(F, TARO);
    wrong_operation_passwords(3);
    facility_fixture_logout(F);
    facility_fixture_login(F, TARO);

    EXPECT(MNSEC_E_DENIED_BACKOFF, unlock(KAIGO));
}

Test(scenario_unlock, may_be_tried_again_when_the_time_has_passed)
{
    facility_fixture_login(F, TARO);
    wrong_operation_passwords(3);
    F->seconds += 60;

    EXPECT(MNSEC_OK, unlock(KAIGO));
}

Test(scenario_unlock, refuses_who_has_no_grant_in_the_department)
{
    facility_fixture_login(F, TARO);

    EXPECT(MNSEC_E_DENIED, unlock(SOMU));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_OPERATION), 0);
    EXPECT_BODY("session.unlock_failed", "MNSEC_E_DENIED");
}

Test(scenario_unlock, refuses_an_auditor)
{
    facility_fixture_login(F, NAOTO);

    EXPECT(MNSEC_E_DENIED, unlock(KAIGO));
}

Test(scenario_unlock, refuses_a_department_that_is_not_there)
{
    facility_fixture_login(F, TARO);
    const mnsec_id nowhere = {{1, 2, 3}};

    EXPECT(MNSEC_E_DENIED, mnsec_session_unlock(F->session, &nowhere));
}

Test(scenario_unlock, ends_after_its_time)
{
    login_with(0, 60, 0);
    const mnsec_id record = registered();
    F->seconds += 61;

    EXPECT(MNSEC_E_STATE_UNLOCK_NEEDED, show(&record));
    EXPECT(MNSEC_OK, unlock(KAIGO));
    EXPECT(MNSEC_OK, show(&record));
}

Test(scenario_unlock, end_is_told_by_poll)
{
    login_with(0, 60, 0);
    MUST(unlock(KAIGO));
    F->seconds += 61;

    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    MUST(mnsec_session_poll(F->session, &event));

    cr_expect_eq(event, MNSEC_SESSION_EVENT_UNLOCK_ENDED);
}

Test(scenario_unlock, is_asked_at_every_act_where_it_should_be)
{
    login_with(0, 0, 1);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    const size_t asked = facility_fixture_asked_count(F, MNSEC_SECRET_OPERATION);

    MUST(show(&record));
    MUST(show(&record));

    cr_expect_eq(asked, 1);
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_OPERATION), asked + 2);
}

Test(scenario_unlock, that_is_asked_at_every_act_leaves_nothing_open)
{
    login_with(0, 0, 1);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, "not the password");

    EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, show(&record));
}

/* --- idle time -----------------------------------------------------------------------------------
 */

Test(scenario_unlock, idle_time_locks_the_session)
{
    login_with(300, 0, 0);
    const mnsec_id record = registered();
    F->seconds += 301;

    EXPECT(MNSEC_E_STATE_LOCKED, show(&record));
    EXPECT(MNSEC_E_STATE_LOCKED, unlock(KAIGO));

    cr_expect_eq(mnsec_session_get_info(F->session).locked, 1);
    EXPECT_BODY("session.lock", "\"reason\":");
    cr_expect_eq(facility_fixture_log_count(F, "session.lock"), 1);
}

Test(scenario_unlock, idle_time_is_told_by_poll)
{
    login_with(300, 0, 0);
    F->seconds += 301;

    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    MUST(mnsec_session_poll(F->session, &event));

    cr_expect_eq(event, MNSEC_SESSION_EVENT_TIMEOUT);
}

Test(scenario_unlock, idle_time_begins_anew_with_each_act)
{
    login_with(300, 1000, 0);
    const mnsec_id record = registered();
    F->seconds += 200;
    MUST(show(&record));
    F->seconds += 200;

    EXPECT(MNSEC_OK, show(&record));
}

Test(scenario_unlock, log_in_is_possible_after_idle_time)
{
    login_with(300, 0, 0);
    F->seconds += 301;
    EXPECT(MNSEC_E_STATE_LOCKED, unlock(KAIGO));
    facility_fixture_logout(F);

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, TARO));
}
