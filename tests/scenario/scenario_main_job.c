/* SPDX-License-Identifier: Apache-2.0 */
/* The main job, end to end: founded and staffed before, a number registered, shown, logged out. */
#include "scenario.h"

TestSuite(scenario_main_job, .init = facility_fixture_make, .fini = facility_fixture_remove);

Test(scenario_main_job, a_registered_number_is_shown_to_who_may)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);

    char number[MNSEC_NUMBER_TEXT_BYTES];
    MUST(mnsec_record_show(F->session, &record, "源泉徴収票の作成", "TAX_SLIP", number));

    cr_expect_str_eq(number, FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    EXPECT_BODY("session.logout", "\"count\":3");
}

Test(scenario_main_job, goes_on_after_the_program_was_started_again)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_reopen(F);

    facility_fixture_login_unlock(F, TARO, KAIGO);
    char number[MNSEC_NUMBER_TEXT_BYTES];
    MUST(mnsec_record_show(F->session, &record, "源泉徴収票の作成", "TAX_SLIP", number));

    cr_expect_str_eq(number, FACILITY_FIXTURE_NUMBER);
}

Test(scenario_main_job, no_number_stands_in_the_store)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_close(F);

    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "grep -qa " FACILITY_FIXTURE_NUMBER " '%s'*", F->store);
    cr_expect_neq(system(command), 0);
}
