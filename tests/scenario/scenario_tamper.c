/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody with the store's file and a tool of his own: whatever he changes is found, and named,
 * before anybody is asked for a PIN. An older copy of the whole store is found by what token and
 * workstation remember.
 */
#include <unistd.h>

#include "scenario.h"

TestSuite(scenario_tamper, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status open_facility(void)
{
    const char *name = NULL;
    return mnsec_facility_name(F->context, &name);
}

static void change(const char *sql)
{
    facility_fixture_close(F);
    cr_assert_geq(facility_fixture_sql(F, sql), 1, "nothing was changed: %s", sql);
    facility_fixture_reopen(F);
}

/* Refused at opening, by this status and with these words; nobody was asked for anything. */
static void expect_refused(mnsec_status status, const char *words)
{
    EXPECT(status, open_facility());
    EXPECT_TEXT(words);
    EXPECT(status, facility_fixture_try_login(F, TARO));
    cr_expect_eq(F->asked_count, 0, "somebody was asked for a secret");
}

static mnsec_id work_a_little(void)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_forget(F);
    return record;
}

static mnsec_status show(const mnsec_id *record)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    facility_fixture_login_unlock(F, TARO, KAIGO);
    return mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", number);
}

/* --- the log -------------------------------------------------------------------------------------
 */

#define ENROLMENT "(SELECT min(i) FROM log_entry WHERE line LIKE '%\"ev\":\"staff.enrol\"%')"

Test(scenario_tamper, of_a_statement_is_found)
{
    change(
        "UPDATE log_entry SET line = replace(line, '\"out\":0', '\"out\":4') WHERE i = " ENROLMENT);

    expect_refused(MNSEC_E_INTEGRITY_LOG, "entry 3");
}

/* Opening takes the tree from the store's inner nodes; older lines are read when a record's newest
 * value is looked for. */
Test(scenario_tamper, of_an_entry_is_found_before_a_number_is_shown)
{
    const mnsec_id record = work_a_little();
    change("UPDATE log_entry SET line = replace(line, '\"out\":0', '\"out\":4') WHERE i = "
           "(SELECT min(i) FROM log_entry WHERE line LIKE '%session.unlock%')");
    facility_fixture_count_reset(F);

    EXPECT(MNSEC_E_INTEGRITY_LOG, show(&record));

    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_Decrypt), 1, "more than the unlock");
}

Test(scenario_tamper, of_an_old_entry_is_found_at_the_next_checkpoint_and_said_in_the_log)
{
    work_a_little();
    change("UPDATE log_entry SET line = replace(line, '\"out\":0', '\"out\":4') WHERE i = "
           "(SELECT min(i) FROM log_entry WHERE line LIKE '%session.unlock%')");
    const int64_t before = facility_fixture_sql_integer(F, "SELECT count(*) FROM checkpoint");

    facility_fixture_login(F, TARO);
    facility_fixture_logout(F);

    cr_expect_eq(facility_fixture_sql_integer(F, "SELECT count(*) FROM checkpoint"), before,
                 "a checkpoint was made over an altered line");
    cr_expect_eq(facility_fixture_sql_integer(
                     F, "SELECT count(*) FROM log_entry WHERE line LIKE '%integrity.alarm%'"),
                 1);
}

Test(scenario_tamper, of_the_newest_entry_is_found_at_opening)
{
    work_a_little();
    change("UPDATE log_entry SET line = replace(line, '\"out\":0', '\"out\":4') WHERE i = "
           "(SELECT max(i) FROM log_entry)");

    expect_refused(MNSEC_E_INTEGRITY_LOG, "is not in the tree");
}

Test(scenario_tamper, of_an_entry_without_a_checkpoint_is_found_at_opening)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_token_plan(F, "C_Sign 1 always CKR_GENERAL_ERROR\n");
    facility_fixture_logout(F);
    facility_fixture_token_plan(F, NULL);
    facility_fixture_forget(F);

    change("UPDATE log_entry SET line = replace(line, '\"out\":0', '\"out\":4') WHERE i = "
           "(SELECT min(i) FROM log_entry WHERE line LIKE '%session.unlock%')");

    EXPECT(MNSEC_E_INTEGRITY_LOG, open_facility());
}

Test(scenario_tamper, of_an_authority_document_is_found)
{
    change("UPDATE log_body SET line = replace(line, '\"authdoc\":\"A', '\"authdoc\":\"B') WHERE i "
           "= " ENROLMENT);

    expect_refused(MNSEC_E_INTEGRITY_LOG, "entry 3 has another body");
}

Test(scenario_tamper, of_a_signature_is_found)
{
    change("UPDATE log_sig SET line = (SELECT o.line FROM log_sig o WHERE o.i = (SELECT max(i) "
           "FROM log_sig)) WHERE i = " ENROLMENT);

    expect_refused(MNSEC_E_INTEGRITY_LOG, "entry 3 has another signature");
}

Test(scenario_tamper, by_leaving_out_a_statement_is_found)
{
    change("DELETE FROM authority WHERE n = 2");

    expect_refused(MNSEC_E_INTEGRITY_LOG, "a statement of authority is missing");
}

Test(scenario_tamper, by_cutting_off_the_end_is_found)
{
    work_a_little();

    change("DELETE FROM log_entry WHERE i = (SELECT max(i) FROM log_entry)");

    expect_refused(MNSEC_E_INTEGRITY_LOG, "is missing");
}

Test(scenario_tamper, of_a_certificate_is_found)
{
    change("UPDATE cert SET der = " SPOILED("der", "60", "61", "62"));

    expect_refused(MNSEC_E_INTEGRITY_LOG, "certificate");
}

/* --- boxes ---------------------------------------------------------------------------------------
 */

#define SPOIL "box = " SPOILED("box", "70", "71", "72")

static void expect_no_login(const char *cause)
{
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, TARO));
    EXPECT_BODY("session.login_failed", cause);
}

Test(scenario_tamper, of_a_door_key_lets_nobody_in)
{
    change("UPDATE sealed SET " SPOIL " WHERE kind = 1");

    expect_no_login("\"reason\":\"card\"");
}

Test(scenario_tamper, of_a_work_key_lets_nobody_in)
{
    change("UPDATE sealed SET " SPOIL " WHERE kind = 2");

    expect_no_login("\"reason\":\"password\"");
}

Test(scenario_tamper, of_the_facility_pin_lets_nobody_in)
{
    change("UPDATE sealed SET " SPOIL " WHERE kind = 3");
    facility_fixture_count_reset(F);

    const mnsec_status status = facility_fixture_try_login(F, TARO);
    cr_expect(status == MNSEC_E_DENIED_LOGIN || mnsec_status_class(status) == MNSEC_CLASS_INTEGRITY,
              "%s", mnsec_status_name(status));
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_Login), 0);
}

Test(scenario_tamper, of_a_group_secret_unlocks_nothing)
{
    change("UPDATE sealed SET " SPOIL " WHERE kind = 6");
    facility_fixture_login(F, TARO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);

    EXPECT_CLASS(MNSEC_CLASS_INTEGRITY, mnsec_session_unlock(F->session, &kaigo));
}

/* --- the store as a whole ------------------------------------------------------------------------
 */

Test(scenario_tamper, with_a_trigger_is_found)
{
    facility_fixture_close(F);
    facility_fixture_sql(
        F, "CREATE TRIGGER spy AFTER INSERT ON record BEGIN DELETE FROM log_sig; END");
    facility_fixture_reopen(F);

    expect_refused(MNSEC_E_INTEGRITY_STORE, "spy");
}

Test(scenario_tamper, with_an_older_copy_is_found_by_the_token)
{
    facility_fixture_close(F);
    facility_fixture_save(F, "old");
    facility_fixture_reopen(F);
    work_a_little();
    facility_fixture_close(F);
    facility_fixture_restore(F, "old");
    cr_assert_eq(unlink(F->head), 0);
    facility_fixture_reopen(F);

    expect_refused(MNSEC_E_INTEGRITY_ROLLBACK, "shorter");
}

Test(scenario_tamper, with_an_older_copy_is_found_by_the_workstation)
{
    char command[3 * PATH_MAX];
    facility_fixture_close(F);
    facility_fixture_save(F, "old");
    snprintf(command, sizeof command, "cp -a '%s/sim' '%s/old-sim'", F->directory, F->directory);
    cr_assert_eq(system(command), 0);
    facility_fixture_reopen(F);
    work_a_little();
    facility_fixture_close(F);
    facility_fixture_restore(F, "old");
    snprintf(
        command, sizeof command,
        "cd '%s' && rm -rf sim/facility/softhsm && cp -a old-sim/facility/softhsm sim/facility/",
        F->directory);
    cr_assert_eq(system(command), 0);
    facility_fixture_reopen(F);

    expect_refused(MNSEC_E_INTEGRITY_ROLLBACK, "shorter");
}

Test(scenario_tamper, with_the_copy_from_before_a_wrong_password_is_found)
{
    facility_fixture_close(F);
    facility_fixture_save(F, "old");
    facility_fixture_reopen(F);
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, "", "not the password");
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, TARO));
    facility_fixture_close(F);
    facility_fixture_restore(F, "old");
    facility_fixture_reopen(F);
    facility_fixture_forget(F);

    expect_refused(MNSEC_E_INTEGRITY_ROLLBACK, "shorter");
}

Test(scenario_tamper, with_a_copy_that_went_another_way_is_found)
{
    facility_fixture_close(F);
    facility_fixture_save(F, "old");
    facility_fixture_reopen(F);
    work_a_little();
    facility_fixture_close(F);
    facility_fixture_restore(F, "old");
    facility_fixture_sql(F, "UPDATE log_entry SET line = line");
    facility_fixture_reopen(F);

    expect_refused(MNSEC_E_INTEGRITY_ROLLBACK, "shorter");
}

Test(scenario_tamper, by_taking_the_store_away_is_said)
{
    facility_fixture_close(F);
    cr_assert_eq(unlink(F->store), 0);
    facility_fixture_reopen(F);

    EXPECT(MNSEC_E_STORE_ABSENT, open_facility());
}

/* --- configuration and token ---------------------------------------------------------------------
 */

static void change_configuration(const char *expression)
{
    char command[3 * PATH_MAX];
    facility_fixture_close(F);
    snprintf(command, sizeof command, "sed -i '%s' '%s'", expression, F->workstation);
    cr_assert_eq(system(command), 0);
    facility_fixture_reopen(F);
}

Test(scenario_tamper, of_the_founding_hash_is_found)
{
    change_configuration("s/^founding = ..../founding = 0000/");

    expect_refused(MNSEC_E_INTEGRITY_PIN, "another founding");
}

Test(scenario_tamper, of_the_facility_id_is_found)
{
    change_configuration("s/^facility = .*/facility = aaaaaaaaaaaaaaaaaaaaaaaabq/");

    expect_refused(MNSEC_E_INTEGRITY_LOG, "another log");
}

Test(scenario_tamper, of_the_workstation_is_found)
{
    change_configuration("s/^workstation = .*/workstation = aaaaaaaaaaaaaaaaaaaaaaaabq/");

    expect_refused(MNSEC_E_DENIED, "not registered");
}

Test(scenario_tamper, by_unplugging_the_token_is_said)
{
    facility_fixture_token_plan(F, "* 1 always CKR_TOKEN_NOT_PRESENT\n");

    EXPECT_CLASS(MNSEC_CLASS_CARD, open_facility());
}
