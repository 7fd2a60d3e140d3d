/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guessing a password where it is changed costs what it costs at a log-in and at an unlocking: each
 * wrong one is in the log, and makes wait.
 */
#include "scenario.h"

TestSuite(scenario_guess, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status change_operation(const char *department)
{
    const mnsec_id id = facility_fixture_department(F, department);
    return mnsec_password_operation(F->session, &id);
}

Test(scenario_guess, of_an_operation_password_is_in_the_log_and_makes_wait)
{
    facility_fixture_login(F, TARO);
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, "not the password");
    for (int i = 0; i < 3; i++) {
        EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, change_operation(KAIGO));
    }

    cr_expect_eq(facility_fixture_log_count(F, "session.unlock_failed"), 3);
    EXPECT(MNSEC_E_DENIED_BACKOFF, change_operation(KAIGO));
}

Test(scenario_guess, of_an_operation_password_needs_the_right_to_change_it)
{
    facility_fixture_login(F, NAOTO);

    EXPECT(MNSEC_E_DENIED, change_operation(KAIGO));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_OPERATION), 0);
}

Test(scenario_guess, of_ones_own_password_is_in_the_log_and_makes_wait)
{
    facility_fixture_login(F, TARO);
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, "", "not the password");
    for (int i = 0; i < 3; i++) {
        EXPECT(MNSEC_E_DENIED_LOGIN, mnsec_password_change(F->session));
    }

    EXPECT_BODY("session.login_failed", "\"reason\":\"password\"");
    EXPECT(MNSEC_E_DENIED_BACKOFF, mnsec_password_change(F->session));
}

Test(scenario_guess, of_the_second_persons_password_is_in_the_log_and_makes_wait)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    facility_fixture_answers(F, MNSEC_SECRET_SECOND_PASSWORD, "", "not the password");
    for (int i = 0; i < 3; i++) {
        EXPECT(MNSEC_E_DENIED_LOGIN, mnsec_password_recover(F->session, &kaigo, AKIO));
    }

    cr_expect_eq(facility_fixture_log_count(F, "session.login_failed"), 3);
    EXPECT(MNSEC_E_DENIED_BACKOFF, mnsec_password_recover(F->session, &kaigo, AKIO));
}
