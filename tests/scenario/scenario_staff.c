/* SPDX-License-Identifier: Apache-2.0 */
/*
 * People come and go. Coming: a card of their own, by a responsible person's word. Going is real:
 * the facility PIN is another one, department secrets are new, the card and an old copy of the
 * store open nothing.
 */
#include <unistd.h>

#include "api/api_login.h"
#include "scenario.h"

TestSuite(scenario_staff, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status show(const mnsec_id *record, char number[MNSEC_NUMBER_TEXT_BYTES])
{
    return mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", number);
}

static void expect_number(const mnsec_id *record, const char *wanted)
{
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    MUST(show(record, number));
    cr_expect_str_eq(number, wanted);
}

static mnsec_id registered(void)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_forget(F);
    return record;
}

/* --- coming --------------------------------------------------------------------------------------
 */

static mnsec_status try_enrol(const char *name, mnsec_role role, const char *second)
{
    mnsec_enrolment_options options = MNSEC_ENROLMENT_OPTIONS_INIT;
    options.name = name;
    options.role = role;
    options.card = name;
    options.second = second;
    mnsec_id id = {0};
    facility_fixture_insert(F, name);
    return mnsec_staff_enrol(F->session, &options, &id);
}

static void grant(const char *name, const char *department)
{
    const mnsec_grant given = {
        .person = facility_fixture_person(F, name),
        .department = facility_fixture_department(F, department),
        .actions = FACILITY_FIXTURE_ACTIONS,
    };
    mnsec_id id = {0};
    MUST(mnsec_grant_give(F->session, &given, NULL, &id));
}

Test(scenario_staff, a_new_handler_works_with_what_was_granted)
{
    const mnsec_id record = registered();
    facility_fixture_login(F, HARUKO);
    MUST(try_enrol(SABURO, MNSEC_ROLE_HANDLER, NULL));
    grant(SABURO, KAIGO);
    facility_fixture_logout(F);

    facility_fixture_login_unlock(F, SABURO, KAIGO);

    expect_number(&record, FACILITY_FIXTURE_NUMBER);
    EXPECT_LINE("staff.enrol", "\"auth\":\"card\"");
}

Test(scenario_staff, a_new_person_has_no_right_yet)
{
    facility_fixture_login(F, HARUKO);
    MUST(try_enrol(SABURO, MNSEC_ROLE_HANDLER, NULL));
    facility_fixture_logout(F);
    facility_fixture_login(F, SABURO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);

    EXPECT(MNSEC_E_DENIED, mnsec_session_unlock(F->session, &kaigo));
}

Test(scenario_staff, only_responsible_persons_enrol)
{
    facility_fixture_login(F, TARO);

    EXPECT(MNSEC_E_DENIED, try_enrol(SABURO, MNSEC_ROLE_HANDLER, NULL));

    EXPECT_LINE("staff.enrol", "\"out\":4");
}

Test(scenario_staff, a_card_is_enrolled_once)
{
    facility_fixture_login(F, HARUKO);

    EXPECT(MNSEC_E_STATE_CONFLICT, try_enrol(TARO, MNSEC_ROLE_HANDLER, NULL));
}

Test(scenario_staff, a_weak_password_enrols_nobody)
{
    facility_fixture_login(F, HARUKO);
    facility_fixture_answers(F, MNSEC_SECRET_NEW_PASSWORD, SABURO, "aaaaaaaaaaaaaaaa");

    EXPECT(MNSEC_E_USAGE_WEAK_PASSWORD, try_enrol(SABURO, MNSEC_ROLE_HANDLER, NULL));

    facility_fixture_logout(F);
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, SABURO));
}

Test(scenario_staff, a_card_that_can_bind_nothing_is_refused)
{
    facility_fixture_card(F, "素通り", "sign-only");
    facility_fixture_login(F, HARUKO);

    EXPECT(MNSEC_E_CARD_UNSUITABLE, try_enrol("素通り", MNSEC_ROLE_HANDLER, NULL));
}

Test(scenario_staff, a_person_may_be_enrolled_for_a_time)
{
    mnsec_enrolment_options options = MNSEC_ENROLMENT_OPTIONS_INIT;
    options.name = SABURO;
    options.card = SABURO;
    options.role = MNSEC_ROLE_HANDLER;
    options.valid_until = facility_fixture_now(F) + 3600;
    mnsec_id id = {0};
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, SABURO);
    MUST(mnsec_staff_enrol(F->session, &options, &id));
    facility_fixture_logout(F);
    F->seconds += 3601;

    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, SABURO));

    EXPECT_BODY("session.login_failed", "\"reason\":\"not-valid\"");
}

Test(scenario_staff, a_third_responsible_person_takes_two_and_renews_recovery)
{
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);

    MUST(try_enrol(SABURO, MNSEC_ROLE_RESPONSIBLE, AKIO));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SECOND_PIN), 1);
    EXPECT_BODY("staff.enrol", "\"actor2\":");
    cr_expect_eq(facility_fixture_sql_integer(
                     F, "SELECT count(*) FROM sealed WHERE kind = 5 AND version = 2"),
                 3, "a share for each");
    cr_expect_eq(facility_fixture_sql_integer(
                     F, "SELECT count(*) FROM sealed WHERE kind = 5 AND version = 1"),
                 0, "former shares are gone");
}

Test(scenario_staff, a_third_responsible_person_acts_as_one)
{
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    MUST(try_enrol(SABURO, MNSEC_ROLE_RESPONSIBLE, AKIO));
    facility_fixture_logout(F);

    facility_fixture_login_unlock(F, SABURO, SOMU);
    grant(TARO, SOMU);
    facility_fixture_logout(F);

    facility_fixture_login_unlock(F, TARO, SOMU);
}

Test(scenario_staff, a_responsible_person_is_not_enrolled_by_one_alone)
{
    facility_fixture_login(F, HARUKO);
    F->refused = 1U << MNSEC_NOTICE_INSERT_CARD;

    EXPECT(MNSEC_E_STATE_CANCELLED, try_enrol(SABURO, MNSEC_ROLE_RESPONSIBLE, NULL));

    facility_fixture_logout(F);
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, SABURO));
}

Test(scenario_staff, a_wrong_second_password_renews_no_recovery)
{
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    facility_fixture_answers(F, MNSEC_SECRET_SECOND_PASSWORD, AKIO, "not the password");

    EXPECT(MNSEC_E_DENIED_LOGIN, try_enrol(SABURO, MNSEC_ROLE_RESPONSIBLE, AKIO));

    EXPECT_BODY("session.login_failed", "\"reason\":\"password\"");
    facility_fixture_logout(F);
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, SABURO));
}

static int count_people(void *user, const mnsec_person *person)
{
    size_t *counts = user;
    counts[person->withdrawn ? 1 : 0]++;
    return 0;
}

Test(scenario_staff, everybody_is_listed)
{
    size_t counts[2] = {0};

    MUST(mnsec_staff_list(F->context, count_people, counts));

    cr_expect_eq(counts[0], 5);
    cr_expect_eq(counts[1], 0);
}

/* --- going ---------------------------------------------------------------------------------------
 */

static void withdraw(const char *name, const char *second)
{
    const mnsec_id person = facility_fixture_person(F, name);
    MUST(mnsec_staff_withdraw(F->session, &person, "退職", second));
}

static void haruko_withdraws(const char *name)
{
    facility_fixture_login(F, HARUKO);
    withdraw(name, NULL);
    facility_fixture_logout(F);
    facility_fixture_forget(F);
}

static void set_operation(const char *who, const char *department, const char *password)
{
    const mnsec_id id = facility_fixture_department(F, department);
    facility_fixture_login(F, who);
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, department, password);
    MUST(mnsec_password_operation(F->session, &id));
    facility_fixture_logout(F);
    facility_fixture_forget(F);
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, department, password);
}

Test(scenario_staff, a_withdrawn_person_gets_the_usual_answer)
{
    haruko_withdraws(TARO);

    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, TARO));

    EXPECT_TEXT("log-in refused");
    EXPECT_BODY("session.login_failed", "\"reason\":\"withdrawn\"");
    cr_expect_eq(F->asked_count, 0);
}

static int read_due(void *user, const mnsec_department *department)
{
    *(unsigned *)user = *(unsigned *)user << 1 | (unsigned)department->operation_password_due;
    return 0;
}

static int keep_card_hash(void *user, const mnsec_person *person)
{
    if (strcmp(person->name, TARO) == 0) {
        snprintf(user, 65, "%s", person->card_hash);
    }
    return 0;
}

static int64_t count_boxes_of_taro(void)
{
    char hash[65] = "";
    char sql[200];
    MUST(mnsec_staff_list(F->context, keep_card_hash, hash));
    snprintf(sql, sizeof sql, "SELECT count(*) FROM sealed WHERE lower(hex(owner)) = '%s'", hash);
    return facility_fixture_sql_integer(F, sql);
}

Test(scenario_staff, a_withdrawal_leaves_no_box_to_the_card)
{
    cr_assert_eq(count_boxes_of_taro(), 4, "door, work, facility PIN, group secret");

    haruko_withdraws(TARO);

    cr_expect_eq(count_boxes_of_taro(), 0);
    cr_expect_eq(facility_fixture_sql_integer(
                     F, "SELECT count(*) FROM sealed WHERE kind = 3 AND version = 1"),
                 0, "a former PIN is left to somebody");
}

Test(scenario_staff, an_old_copy_of_the_store_is_refused_after_a_withdrawal)
{
    facility_fixture_close(F);
    facility_fixture_save(F, "old");
    facility_fixture_reopen(F);
    haruko_withdraws(TARO);
    facility_fixture_close(F);
    facility_fixture_restore(F, "old");
    cr_assert_eq(unlink(F->head), 0);
    facility_fixture_reopen(F);

    EXPECT(MNSEC_E_INTEGRITY_ROLLBACK, facility_fixture_try_login(F, TARO));

    cr_expect_eq(F->asked_count, 0);
}

/* Whoever opens an old copy with a program of his own finds the PIN that the token had. */
Test(scenario_staff, the_facility_pin_that_a_withdrawn_card_opens_is_no_longer_the_tokens)
{
    MN_AUTO(mn_secret) pin = {0};
    facility_fixture_login(F, TARO);
    MUST(mn_login_facility_pin(F->session, &pin));
    facility_fixture_logout(F);
    MUST(mn_keyring_login(F->context->opened->keyring, &pin, &F->context->opened->passport));
    mn_keyring_logout(F->context->opened->keyring);

    haruko_withdraws(TARO);

    EXPECT(MNSEC_E_TOKEN_PIN,
           mn_keyring_login(F->context->opened->keyring, &pin, &F->context->opened->passport));
}

Test(scenario_staff, others_go_on_after_a_withdrawal)
{
    const mnsec_id record = registered();
    facility_fixture_login(F, HARUKO);
    grant(HANAKO, KAIGO);
    facility_fixture_logout(F);

    haruko_withdraws(TARO);

    facility_fixture_login_unlock(F, HANAKO, KAIGO);
    expect_number(&record, FACILITY_FIXTURE_NUMBER);
}

Test(scenario_staff, a_withdrawal_makes_operation_passwords_due_where_he_could_open)
{
    haruko_withdraws(TARO);

    unsigned due = 0;
    MUST(mnsec_department_list(F->context, read_due, &due));

    cr_expect_eq(due, 2U); /* 介護, and not 総務 */
}

Test(scenario_staff, a_new_operation_password_makes_the_department_new)
{
    const mnsec_id record = registered();
    facility_fixture_login(F, HARUKO);
    grant(HANAKO, KAIGO);
    facility_fixture_logout(F);
    haruko_withdraws(TARO);

    set_operation(HARUKO, KAIGO, "sora no iro ga kawaru");
    facility_fixture_login_unlock(F, HANAKO, KAIGO);
    const mnsec_id newer =
        facility_fixture_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER);

    expect_number(&record, FACILITY_FIXTURE_NUMBER);
    expect_number(&newer, FACILITY_FIXTURE_OTHER_NUMBER);
    unsigned due = 0;
    MUST(mnsec_department_list(F->context, read_due, &due));
    cr_expect_eq(due & 2U, 0, "no longer due");
    cr_expect_gt(facility_fixture_sql_integer(F, "SELECT max(s_version) FROM value"),
                 facility_fixture_sql_integer(F, "SELECT min(s_version) FROM value"));
}

Test(scenario_staff, a_number_is_still_found_twice_after_a_withdrawal)
{
    registered();
    facility_fixture_login(F, HARUKO);
    grant(HANAKO, KAIGO);
    facility_fixture_logout(F);
    haruko_withdraws(TARO);
    set_operation(HARUKO, KAIGO, "sora no iro ga kawaru");
    facility_fixture_login_unlock(F, HANAKO, KAIGO);

    mnsec_id again = {0};
    EXPECT(MNSEC_E_STATE_CONFLICT,
           facility_fixture_try_register(F, KAIGO, "E-2", FACILITY_FIXTURE_NUMBER, &again));
}

Test(scenario_staff, a_withdrawal_ends_a_session_that_runs)
{
    const mnsec_id record = registered();
    facility_fixture_login_unlock(F, TARO, KAIGO);

    scenario_elsewhere("withdraw-person", TARO);

    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    EXPECT(MNSEC_E_STATE_LOCKED, show(&record, number));
    cr_expect_str_empty(number);
    cr_expect_eq(mnsec_session_get_info(F->session).locked, 1);
}

Test(scenario_staff, a_session_that_runs_survives_the_withdrawal_of_another)
{
    registered();
    facility_fixture_login_unlock(F, HANAKO, SOMU);

    scenario_elsewhere("withdraw-person", TARO);

    const mnsec_id somu = facility_fixture_department(F, SOMU);
    MUST(mnsec_session_unlock(F->session, &somu));
    facility_fixture_register(F, SOMU, "S-1", FACILITY_FIXTURE_NUMBER);
}

Test(scenario_staff, a_responsible_person_is_withdrawn_by_two)
{
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    MUST(try_enrol(SABURO, MNSEC_ROLE_RESPONSIBLE, AKIO));

    withdraw(AKIO, SABURO);

    facility_fixture_logout(F);
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, AKIO));
    EXPECT(MNSEC_OK, facility_fixture_try_login(F, SABURO));
}

Test(scenario_staff, of_two_responsible_persons_one_may_withdraw_the_other)
{
    facility_fixture_login(F, HARUKO);

    withdraw(AKIO, NULL);

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_SHOW_SHARE), 1,
                 "one card alone recovers nothing: a share on paper");
    facility_fixture_logout(F);
    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, AKIO));
    EXPECT(MNSEC_OK, facility_fixture_try_login(F, HARUKO));
}

Test(scenario_staff, nobody_withdraws_himself)
{
    facility_fixture_login(F, HARUKO);
    const mnsec_id haruko = facility_fixture_person(F, HARUKO);

    EXPECT(MNSEC_E_DENIED, mnsec_staff_withdraw(F->session, &haruko, "退職", NULL));
}

Test(scenario_staff, a_person_is_withdrawn_once)
{
    haruko_withdraws(TARO);
    const mnsec_id taro = facility_fixture_person(F, TARO);
    facility_fixture_login(F, HARUKO);

    EXPECT(MNSEC_E_STATE_NOT_FOUND, mnsec_staff_withdraw(F->session, &taro, "退職", NULL));
}

Test(scenario_staff, two_people_are_withdrawn_one_after_the_other)
{
    facility_fixture_login(F, HARUKO);
    withdraw(TARO, NULL);
    withdraw(HANAKO, NULL);
    facility_fixture_logout(F);

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, AKIO));
}

/* --- cut short -----------------------------------------------------------------------------------
 */

Test(scenario_staff, a_withdrawal_cut_short_before_the_token_is_completed_by_the_next_login)
{
    facility_fixture_login(F, HARUKO);
    const mnsec_id taro = facility_fixture_person(F, TARO);
    facility_fixture_token_plan(F, "C_SetPIN 1 once CKR_DEVICE_REMOVED\n");
    const mnsec_status status = mnsec_staff_withdraw(F->session, &taro, "退職", NULL);
    cr_expect_eq(mnsec_status_class(status), MNSEC_CLASS_CARD, "%s", mnsec_status_name(status));
    facility_fixture_token_plan(F, NULL);
    facility_fixture_logout(F);

    facility_fixture_count_reset(F);
    MUST(facility_fixture_try_login(F, AKIO));

    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_SetPIN), 1);
    facility_fixture_logout(F);
    facility_fixture_count_reset(F);
    MUST(facility_fixture_try_login(F, HANAKO));
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_SetPIN), 0);
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_Login), 1);
}

Test(scenario_staff, a_withdrawal_cut_short_before_its_statement_did_nothing)
{
    facility_fixture_login(F, HARUKO);
    const mnsec_id taro = facility_fixture_person(F, TARO);
    facility_fixture_card_plan(F, "C_Sign 1 once remove\n");
    EXPECT(MNSEC_E_CARD_REMOVED, mnsec_staff_withdraw(F->session, &taro, "退職", NULL));
    facility_fixture_card_plan(F, NULL);
    facility_fixture_logout(F);

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, TARO));
}
