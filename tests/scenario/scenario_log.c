/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: read by who oversees, and exported so that somebody with the export and the founding
 * slip's pin proves it, whatever has happened in the facility.
 */
#include "scenario.h"

#include "mnsec/verify.h"

TestSuite(scenario_log, .init = facility_fixture_make, .fini = facility_fixture_remove);

static void some_life(void)
{
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, "", "not the password");
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, TARO));
    facility_fixture_forget(F);
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    char number[MNSEC_NUMBER_TEXT_BYTES];
    MUST(mnsec_record_show(F->session, &record, "源泉徴収票の作成", "TAX_SLIP", number));
    facility_fixture_pull(F, TARO);
    EXPECT(MNSEC_E_CARD_REMOVED,
           mnsec_record_show(F->session, &record, "源泉徴収票の作成", "TAX_SLIP", number));
    facility_fixture_logout(F);
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_logout(F);
    facility_fixture_forget(F);
}

/* --- reading -------------------------------------------------------------------------------------
 */

struct reading {
    size_t count;
    int64_t last;
    char newest[600];
};

static int keep_entry(void *user, const mnsec_audit_entry *entry)
{
    struct reading *reading = user;
    cr_expect_gt((int64_t)entry->index, reading->last, "not in order");
    reading->last = (int64_t)entry->index;
    reading->count++;
    snprintf(reading->newest, sizeof reading->newest, "%s %s %s %d", entry->event,
             entry->person ? entry->person : "-", entry->purpose ? entry->purpose : "-",
             entry->outcome);
    return 0;
}

static struct reading read_log(const mnsec_audit_filter *filter)
{
    struct reading reading = {.last = -1};
    MUST(mnsec_audit_list(F->session, filter, keep_entry, &reading));
    return reading;
}

Test(scenario_log, is_read_whole_by_an_auditor)
{
    some_life();
    facility_fixture_login(F, NAOTO);

    const struct reading reading = read_log(NULL);

    cr_expect_eq((int64_t)reading.count, facility_fixture_log_size(F));
    cr_expect_str_eq(reading.newest, "log.read " NAOTO " - 0");
}

Test(scenario_log, is_filtered_by_event_person_and_outcome)
{
    some_life();
    facility_fixture_login(F, NAOTO);
    const mnsec_id taro = facility_fixture_person(F, TARO);
    mnsec_audit_filter filter = MNSEC_AUDIT_FILTER_INIT;
    filter.event = "record.*";
    filter.person = &taro;

    const struct reading records = read_log(&filter);
    filter.event = "session.login_failed";
    filter.failures_only = 1;
    const struct reading failures = read_log(&filter);

    cr_expect_eq(records.count, 2);
    cr_expect_str_eq(records.newest, "record.show " TARO " 源泉徴収票の作成 0");
    cr_expect_eq(failures.count, 1);
}

Test(scenario_log, is_not_for_handlers)
{
    facility_fixture_login(F, TARO);
    struct reading reading = {.last = -1};

    EXPECT(MNSEC_E_DENIED, mnsec_audit_list(F->session, NULL, keep_entry, &reading));

    cr_expect_eq(reading.count, 0);
    EXPECT_LINE("log.read", "\"out\":4");
}

/* --- exporting -----------------------------------------------------------------------------------
 */

static char export_path[300];

static mnsec_status export_as(const char *who)
{
    snprintf(export_path, sizeof export_path, "%s/export", F->directory);
    facility_fixture_login(F, who);
    return mnsec_audit_export(F->session, export_path);
}

static int print_finding(void *user, const mnsec_bundle_finding *finding)
{
    (void)user;
    cr_expect_neq(finding->weight, MNSEC_BUNDLE_BAD, "%s: %s", finding->code, finding->text);
    return 0;
}

static mnsec_bundle_result verified(void)
{
    char pin[400];
    mnsec_bundle_options options = MNSEC_BUNDLE_OPTIONS_INIT;
    mnsec_bundle_result result = {0};
    snprintf(pin, sizeof pin, "%s/certs/pin.pem", export_path);
    options.directory = export_path;
    options.pin = pin;
    options.check_all = 1;
    options.finding = print_finding;
    MUST(mnsec_bundle_verify(&options, &result));
    return result;
}

Test(scenario_log, that_was_exported_is_attested)
{
    some_life();

    MUST(export_as(NAOTO));

    const mnsec_bundle_result result = verified();
    cr_expect_eq(result.verdict, MNSEC_BUNDLE_REACHED);
    cr_expect(result.reached & MNSEC_BUNDLE_ATTESTED);
}

Test(scenario_log, that_was_exported_after_a_withdrawal_is_attested)
{
    some_life();
    const mnsec_id taro = facility_fixture_person(F, TARO);
    facility_fixture_login(F, HARUKO);
    MUST(mnsec_staff_withdraw(F->session, &taro, "退職", NULL));
    facility_fixture_logout(F);

    MUST(export_as(HARUKO));

    cr_expect_eq(verified().verdict, MNSEC_BUNDLE_REACHED);
}

Test(scenario_log, that_was_exported_holds_no_number)
{
    some_life();
    MUST(export_as(NAOTO));

    char command[2 * PATH_MAX];
    snprintf(command, sizeof command,
             "grep -rEq '(^|[^A-Za-z0-9_-])[0-9]{12}([^A-Za-z0-9_-]|$)' '%s/log' '%s/body'",
             export_path, export_path);
    cr_expect_neq(system(command), 0);
}

Test(scenario_log, is_not_exported_over_something)
{
    MUST(export_as(NAOTO));
    facility_fixture_logout(F);

    EXPECT(MNSEC_E_STATE_CONFLICT, export_as(NAOTO));
}

Test(scenario_log, is_not_exported_by_a_handler)
{
    EXPECT(MNSEC_E_DENIED, export_as(TARO));
}
