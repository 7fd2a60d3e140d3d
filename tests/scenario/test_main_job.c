/* SPDX-License-Identifier: Apache-2.0 */
/* The main job, end to end: founded, staffed, a number registered, shown, logged out. */
#include <criterion/criterion.h>
#include <string.h>

#include "facility_fixture.h"

#define MUST(call) FACILITY_FIXTURE_MUST(&himawari, call)

TestSuite(main_job, .init = facility_fixture_make, .fini = facility_fixture_remove);

Test(main_job, a_registered_number_is_shown_to_who_may)
{
    facility_fixture_login_unlock(&himawari, TARO, KAIGO);
    const mnsec_id record =
        facility_fixture_register(&himawari, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);

    char number[MNSEC_NUMBER_TEXT_BYTES];
    MUST(mnsec_record_show(himawari.session, &record, "源泉徴収票の作成", "TAX_SLIP", number));

    cr_expect_str_eq(number, FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(&himawari);
    cr_expect_eq(facility_fixture_log_count(&himawari, "session.logout"), 2);
}
