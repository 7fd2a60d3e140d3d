/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card pulled: at rest, and at every single call that an act makes of the card. Whatever the
 * moment, the session is locked and wiped, the log has it, nothing is half-done, and the next
 * log-in goes on.
 */
#include <poll.h>

#include "api/api_session.h"
#include "scenario.h"

TestSuite(scenario_pull, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status show(const mnsec_id *record, char number[MNSEC_NUMBER_TEXT_BYTES])
{
    return mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", number);
}

static bool is_wiped(void)
{
    bool wiped = mn_secret_is_empty(&F->session->work) && !F->session->worker;
    for (size_t i = 0; i < MN_KEYRING_MAX_DEPARTMENTS; i++) {
        wiped = wiped && !F->session->unlocked[i].department;
    }
    return wiped && !mn_keyring_is_logged_in(F->session->opened->keyring);
}

static void expect_locked(const char *when)
{
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    cr_expect_eq(mnsec_session_get_info(F->session).locked, 1, "%s", when);
    cr_expect(is_wiped(), "%s: something is left open", when);
    cr_expect_eq(mnsec_session_unlock(F->session, &kaigo), MNSEC_E_CARD_REMOVED, "%s", when);
}

static void wait_for_news(void)
{
    struct pollfd waiting = {.fd = mnsec_session_descriptor(F->session), .events = POLLIN};
    cr_assert_geq(waiting.fd, 0);
    cr_assert_eq(poll(&waiting, 1, 10000), 1);
}

/* --- at rest -------------------------------------------------------------------------------------
 */

Test(scenario_pull, at_rest_is_told_by_descriptor_and_poll)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);

    facility_fixture_pull(F, TARO);
    wait_for_news();
    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    MUST(mnsec_session_poll(F->session, &event));

    cr_expect_eq(event, MNSEC_SESSION_EVENT_CARD_REMOVED);
    expect_locked("after polling");
    cr_expect_eq(facility_fixture_log_count(F, "session.card_removed"), 1);
    EXPECT_LINE("session.card_removed", "\"auth\":\"log\"");
}

Test(scenario_pull, at_rest_is_found_by_the_next_act)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_pull(F, TARO);
    facility_fixture_token_plan(F, "C_Decrypt 1 always CKR_GENERAL_ERROR\n");

    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    EXPECT(MNSEC_E_CARD_REMOVED, show(&record, number));

    expect_locked("after showing");
    cr_expect_eq(facility_fixture_log_count(F, "session.card_removed"), 1);
}

Test(scenario_pull, and_put_back_is_a_removal_all_the_same)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_pull(F, TARO);
    facility_fixture_insert(F, TARO);

    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    EXPECT(MNSEC_E_CARD_REMOVED, show(&record, number));

    expect_locked("after showing");
}

Test(scenario_pull, of_another_card_is_nobodys_business)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_insert(F, HANAKO);
    facility_fixture_pull(F, HANAKO);

    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    MUST(mnsec_session_poll(F->session, &event));

    cr_expect_eq(event, MNSEC_SESSION_EVENT_NONE);
}

static void pull_while_asked(facility_fixture *f, const mnsec_secret_request *request)
{
    if (request->kind == MNSEC_SECRET_NUMBER) {
        facility_fixture_pull(f, TARO);
    }
}

Test(scenario_pull, while_a_number_is_typed_registers_nothing)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    F->on_ask = pull_while_asked;
    mnsec_id record = {0};

    EXPECT(MNSEC_E_CARD_REMOVED,
           facility_fixture_try_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER, &record));

    expect_locked("after registering");
    cr_expect_eq(facility_fixture_sql_integer(F, "SELECT count(*) FROM record"), 0);
    cr_expect_eq(facility_fixture_log_count(F, "record.register"), 0);
}

Test(scenario_pull, ends_nothing_for_the_next_login)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_pull(F, TARO);
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    EXPECT(MNSEC_E_CARD_REMOVED, show(&record, number));
    facility_fixture_logout(F);

    facility_fixture_login_unlock(F, TARO, KAIGO);
    MUST(show(&record, number));

    cr_expect_str_eq(number, FACILITY_FIXTURE_NUMBER);
}

/* --- at any call ---------------------------------------------------------------------------------
 */

static void plan_pull(uint64_t nth, const char *moment)
{
    char plan[64];
    snprintf(plan, sizeof plan, "* %lu once %sremove\n", nth, moment);
    facility_fixture_card_plan(F, plan);
}

/* Everything that the log says was done is there, and nothing else. */
static void expect_whole(uint64_t nth)
{
    const int64_t done = facility_fixture_sql_integer(
        F, "SELECT count(*) FROM log_entry WHERE line LIKE '%\"ev\":\"record.register\",%' AND "
           "line LIKE '%\"out\":0,%'");
    cr_expect_eq(facility_fixture_sql_integer(F, "SELECT count(*) FROM record"), done, "call %lu",
                 nth);
    cr_expect_eq(facility_fixture_sql_integer(F, "SELECT count(*) FROM value"), done, "call %lu",
                 nth);
}

/* An act of TARO with the card pulled at the first call, the second, and so on until it passes.
 * He logs in again each time. */
static void pull_at_each_call(const char *moment, mnsec_status (*act)(uint64_t nth))
{
    uint64_t nth = 0;
    mnsec_status status = MNSEC_E_INTERNAL;
    do {
        facility_fixture_forget(F);
        facility_fixture_login_unlock(F, TARO, KAIGO);
        const size_t removals = facility_fixture_log_count(F, "session.card_removed");
        plan_pull(++nth, moment);
        status = act(nth);
        facility_fixture_card_plan(F, NULL);
        if (status != MNSEC_OK) {
            cr_expect_eq(status, MNSEC_E_CARD_REMOVED, "call %lu: %s", nth,
                         mnsec_status_name(status));
            expect_locked("after the pull");
            cr_expect_eq(facility_fixture_log_count(F, "session.card_removed"), removals + 1);
        }
        expect_whole(nth);
        facility_fixture_logout(F);
        F->seconds += 60;
    } while (status != MNSEC_OK && nth < 40);
    cr_expect_eq(status, MNSEC_OK, "it never passed");
    cr_expect_gt(nth, 1, "no call was hit");
}

static mnsec_id shown;

static mnsec_status show_once(uint64_t nth)
{
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    (void)nth;
    const mnsec_status status = show(&shown, number);
    cr_expect_eq(number[0] != '\0', status == MNSEC_OK);
    return status;
}

static mnsec_status register_once(uint64_t nth)
{
    mnsec_id record = {0};
    (void)nth;
    return facility_fixture_try_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER, &record);
}

Test(scenario_pull, at_any_call_of_showing_shows_nothing)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    shown = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);

    pull_at_each_call("", show_once);
}

Test(scenario_pull, at_any_call_of_registering_leaves_all_or_nothing)
{
    pull_at_each_call("", register_once);
}

static mnsec_status log_in_afresh(void)
{
    facility_fixture_reopen(F);
    facility_fixture_pull_all(F);
    facility_fixture_insert(F, TARO);
    F->seconds += 3600;
    return mnsec_session_open(F->context, NULL, &F->session);
}

/* No session; the next log-in goes well. */
Test(scenario_pull, at_any_call_of_logging_in_logs_nobody_in)
{
    facility_fixture_count_reset(F);
    MUST(log_in_afresh());
    const uint64_t calls = facility_fixture_card_count(F, MN_FAULT_ANY);

    uint64_t tried = 0;
    uint64_t refused = 0;
    for (uint64_t nth = 1; nth <= calls; nth += 3, tried++) { /* each third, for time's sake */
        plan_pull(nth, "");
        const mnsec_status status = log_in_afresh();
        facility_fixture_card_plan(F, NULL);
        cr_expect(status == MNSEC_OK || mnsec_status_class(status) == MNSEC_CLASS_CARD,
                  "call %lu: %s", nth, mnsec_status_name(status));
        refused += status != MNSEC_OK;
    }

    cr_expect_gt(refused, tried / 2, "%lu of %lu", refused, tried);
    EXPECT(MNSEC_OK, log_in_afresh());
}

/* --- the token -----------------------------------------------------------------------------------
 */

Test(scenario_pull, of_the_facility_token_locks_too)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_token_plan(F, "* 1 once remove\n");

    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    const mnsec_status status = show(&record, number);

    cr_expect_eq(mnsec_status_class(status), MNSEC_CLASS_CARD, "%s", mnsec_status_name(status));
    cr_expect_str_empty(number);
    cr_expect_eq(mnsec_session_get_info(F->session).locked, 1);
    cr_expect(is_wiped());
}
