/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file tells which of its numbers are registered already. That is an answer to so many searches,
 * so the log has it, also where nothing is kept.
 */
#include "scenario.h"

TestSuite(scenario_import, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status import(int skip_bad, int dry_run, mnsec_import_result *out_result)
{
    char path[sizeof F->directory + 20];
    (void)snprintf(path, sizeof path, "%s/guesses.csv", F->directory);
    FILE *file = fopen(path, "w");
    cr_assert(file);
    (void)fprintf(file,
                  "kind,code,name,number,documents\n"
                  "employee,E-8,\xE5\xB1\xB1\xE7\x94\xB0,%s,TAX_SLIP\n"
                  "employee,E-9,\xE5\xB1\xB1\xE5\x8F\xA3,%s,TAX_SLIP\n",
                  FACILITY_FIXTURE_NUMBER, FACILITY_FIXTURE_OTHER_NUMBER);
    cr_assert_eq(fclose(file), 0);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    mnsec_import_options options = MNSEC_IMPORT_OPTIONS_INIT;
    options.path = path;
    options.skip_bad = skip_bad;
    options.dry_run = dry_run;
    return mnsec_record_import(F->session, &kaigo, &options, out_result);
}

static void register_one(void)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
}

Test(scenario_import, that_only_checks_is_in_the_log)
{
    register_one();
    mnsec_import_result result;

    EXPECT(MNSEC_E_USAGE_FORMAT, import(0, 1, &result));

    cr_expect_eq(result.refused, 1);
    EXPECT_LINE("record.import", "\"out\":4");
    EXPECT_BODY("record.import", "\"count\":2");
    EXPECT_BODY("record.import", "\"reason\":\"dry-run\"");
}

Test(scenario_import, of_which_nothing_is_taken_is_in_the_log)
{
    register_one();
    mnsec_import_result result;

    EXPECT(MNSEC_E_USAGE_FORMAT, import(0, 0, &result));

    cr_expect_eq(facility_fixture_log_count(F, "record.import"), 1);
    EXPECT_LINE("record.import", "\"out\":4");
    EXPECT_BODY("record.import", "\"count\":2");
}

Test(scenario_import, that_leaves_rows_out_is_in_the_log_with_what_was_asked)
{
    register_one();
    mnsec_import_result result;

    EXPECT(MNSEC_OK, import(1, 0, &result));

    cr_expect_eq(result.taken, 1);
    cr_expect_eq(facility_fixture_log_count(F, "record.import"), 2);
    EXPECT_LINE("record.import", "\"out\":0");
}
