/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords changed and recovered: the former one opens nothing, and what it opened is still there.
 */
#include "scenario.h"
#include "vault/vault_share.h"

TestSuite(scenario_password, .init = facility_fixture_make, .fini = facility_fixture_remove);

#define NEW_OWN       "yoru no ame wo kiku"
#define NEW_OPERATION "sora no iro ga kawaru"

static mnsec_id registered(void)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_forget(F);
    return record;
}

static void expect_number(const mnsec_id *record)
{
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    MUST(mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", number));
    cr_expect_str_eq(number, FACILITY_FIXTURE_NUMBER);
}

/* --- one's own -----------------------------------------------------------------------------------
 */

static mnsec_status change_own(const char *name, const char *password)
{
    facility_fixture_login(F, name);
    facility_fixture_answers(F, MNSEC_SECRET_NEW_PASSWORD, name, password);
    return mnsec_password_change(F->session);
}

Test(scenario_password, of_ones_own_is_changed)
{
    const mnsec_id record = registered();
    MUST(change_own(TARO, NEW_OWN));
    facility_fixture_logout(F);

    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, TARO));
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, TARO, NEW_OWN);
    facility_fixture_login_unlock(F, TARO, KAIGO);

    expect_number(&record);
    EXPECT_LINE("password.change", "\"auth\":\"card\"");
}

Test(scenario_password, of_ones_own_is_asked_for_again_before)
{
    facility_fixture_login(F, TARO);
    facility_fixture_answers(F, MNSEC_SECRET_PASSWORD, TARO, "not the password");

    EXPECT(MNSEC_E_DENIED_LOGIN, mnsec_password_change(F->session));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NEW_PASSWORD), 0);
    EXPECT_BODY("session.login_failed", "\"reason\":\"password\"");
}

Test(scenario_password, that_is_weak_is_refused)
{
    EXPECT(MNSEC_E_USAGE_WEAK_PASSWORD, change_own(TARO, "aaaaaaaaaaaaaaaa"));
    facility_fixture_logout(F);
    facility_fixture_forget(F);

    EXPECT(MNSEC_OK, facility_fixture_try_login(F, TARO));
}

Test(scenario_password, of_former_times_put_back_opens_nothing)
{
    facility_fixture_close(F);
    facility_fixture_save(F, "old");
    facility_fixture_reopen(F);
    MUST(change_own(TARO, NEW_OWN));
    facility_fixture_close(F);
    facility_fixture_forget(F);
    char sql[PATH_MAX + 200];
    snprintf(sql, sizeof sql,
             "ATTACH '%s/saved-old' AS old; INSERT INTO main.sealed SELECT * FROM old.sealed "
             "WHERE kind = 2 AND NOT EXISTS (SELECT 1 FROM main.sealed m WHERE m.kind = 2 AND "
             "m.owner = old.sealed.owner AND m.version = old.sealed.version)",
             F->directory);
    cr_assert_eq(facility_fixture_sql(F, sql), 1);
    facility_fixture_reopen(F);

    EXPECT(MNSEC_E_DENIED_LOGIN, facility_fixture_try_login(F, TARO));
}

/* --- a department's ------------------------------------------------------------------------------
 */

static mnsec_status change_operation(const char *who)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, who);
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, KAIGO, NEW_OPERATION);
    return mnsec_password_operation(F->session, &kaigo);
}

Test(scenario_password, of_a_department_is_changed_by_a_handler)
{
    const mnsec_id record = registered();
    MUST(change_operation(TARO));
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);

    EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, mnsec_session_unlock(F->session, &kaigo));
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, NEW_OPERATION);
    MUST(mnsec_session_unlock(F->session, &kaigo));

    expect_number(&record);
}

Test(scenario_password, of_a_department_is_not_changed_by_a_stranger_to_it)
{
    EXPECT(MNSEC_E_DENIED, change_operation(HANAKO));
    facility_fixture_logout(F);
    facility_fixture_forget(F);

    facility_fixture_login_unlock(F, TARO, KAIGO);
}

Test(scenario_password, of_a_department_takes_the_former_one)
{
    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, "not the password");

    EXPECT(MNSEC_E_DENIED_OPERATION_PASSWORD, change_operation(HARUKO));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NEW_OPERATION), 0);
    EXPECT_BODY("session.unlock_failed", "MNSEC_E_DENIED_OPERATION_PASSWORD");
}

Test(scenario_password, of_a_department_changed_elsewhere_keeps_a_session_open)
{
    const mnsec_id record = registered();
    facility_fixture_login_unlock(F, TARO, KAIGO);

    scenario_elsewhere("set-operation", KAIGO);

    expect_number(&record);
}

/* --- recovery ------------------------------------------------------------------------------------
 */

static mnsec_status recover(const char *who, const char *second)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, who);
    if (second) {
        facility_fixture_insert(F, second);
    }
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, KAIGO, NEW_OPERATION);
    return mnsec_password_recover(F->session, &kaigo, second);
}

Test(scenario_password, that_was_forgotten_is_recovered_by_two_cards)
{
    const mnsec_id record = registered();
    MUST(recover(HARUKO, AKIO));
    facility_fixture_logout(F);

    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, NEW_OPERATION);
    facility_fixture_login_unlock(F, TARO, KAIGO);

    expect_number(&record);
    cr_expect_eq(facility_fixture_log_count(F, "password.operation"), 1);
    EXPECT_BODY("password.operation", "\"actor2\":");
}

Test(scenario_password, is_not_recovered_with_a_wrong_second_password)
{
    facility_fixture_answers(F, MNSEC_SECRET_SECOND_PASSWORD, AKIO, "not the password");

    EXPECT_CLASS(MNSEC_CLASS_DENIED, recover(HARUKO, AKIO));
    EXPECT_BODY("session.login_failed", "\"reason\":\"password\"");
    facility_fixture_logout(F);
    facility_fixture_forget(F);

    facility_fixture_login_unlock(F, TARO, KAIGO);
}

Test(scenario_password, is_not_recovered_by_a_handler)
{
    EXPECT(MNSEC_E_DENIED, recover(TARO, HARUKO));
}

/* One responsible person is left, who holds a share; the other one stands on paper. */
static void leave_haruko_alone(void)
{
    const mnsec_id akio = facility_fixture_person(F, AKIO);
    facility_fixture_login(F, HARUKO);
    MUST(mnsec_staff_withdraw(F->session, &akio, "退職", NULL));
    facility_fixture_logout(F);
}

Test(scenario_password, is_not_recovered_with_a_share_that_is_none)
{
    leave_haruko_alone();
    facility_fixture_answers(F, MNSEC_SECRET_SHARE, "", "kore wa chigau");

    EXPECT(MNSEC_E_USAGE_FORMAT, recover(HARUKO, NULL));
}

Test(scenario_password, that_was_forgotten_asks_for_a_second_card_where_no_share_is_on_paper)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, KAIGO, NEW_OPERATION);

    EXPECT(MNSEC_OK, mnsec_password_recover(F->session, &kaigo, NULL));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SHARE), 0);
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SECOND_PASSWORD), 1);
}

Test(scenario_password, is_not_recovered_with_a_share_of_something_else)
{
    MN_AUTO(mn_secret) share = {0};
    MN_AUTO(mn_secret) text = {0};
    leave_haruko_alone();
    MUST(mn_secret_copy(&share, "\003thirty-two bytes and a number ..", 33));
    MUST(mn_vault_share_format(&share, &text));
    facility_fixture_answers(F, MNSEC_SECRET_SHARE, "", (const char *)text.bytes);

    EXPECT(MNSEC_E_DENIED, recover(HARUKO, NULL));

    EXPECT_BODY("password.operation", "\"reason\":\"recovery-share\"");
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NEW_OPERATION), 0);
}

Test(scenario_password, that_was_forgotten_is_recovered_by_card_and_paper)
{
    const mnsec_id record = registered();
    leave_haruko_alone();
    MUST(recover(HARUKO, NULL));
    facility_fixture_logout(F);

    facility_fixture_answers(F, MNSEC_SECRET_OPERATION, KAIGO, NEW_OPERATION);
    facility_fixture_login_unlock(F, TARO, KAIGO);

    expect_number(&record);
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SHARE), 1);
}
