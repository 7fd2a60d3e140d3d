/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions as an export shows them: from log-in to end, without gap, by one card. */
#include <criterion/criterion.h>
#include <string.h>

#include "verify/verify_state.h"

static const uint8_t card_a[32] = {1};
static const uint8_t card_b[32] = {2};

static mn_verify_line entry(const char *event, mn_verify_auth auth, uint64_t ses, uint64_t sn)
{
    return (mn_verify_line){
        .event = mn_bytes_of(event, strlen(event)), .auth = auth, .ses = ses, .sn = sn};
}

static mnsec_status step(mn_verify_sessions *sessions, mn_verify_line line)
{
    mn_verify_session closed;
    return mn_verify_session_step(sessions, &line, card_a, &closed);
}

/* A session whose log-in is entry 5. */
static void log_in(mn_verify_sessions *sessions)
{
    mn_verify_line login = entry("session.login", MN_VERIFY_AUTH_CARD, 0, 0);
    login.index = 5;
    cr_assert_eq(step(sessions, login), MNSEC_OK);
}

Test(verify_session, runs_from_log_in_to_log_out)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};
    log_in(&sessions);

    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 5, 1)), MNSEC_OK);
    cr_expect_eq(step(&sessions, entry("session.logout", MN_VERIFY_AUTH_CARD, 5, 2)), MNSEC_OK);
    cr_expect_eq(sessions.count, 0);
}

Test(verify_session, refuses_a_gap_and_a_repetition)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};
    log_in(&sessions);

    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 5, 2)),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 5, 1)), MNSEC_OK);
    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 5, 1)),
                 MNSEC_E_INTEGRITY);
}

Test(verify_session, refuses_a_session_that_is_not_open)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};

    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 5, 1)),
                 MNSEC_E_INTEGRITY);
    log_in(&sessions);
    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 4, 1)),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, entry("session.lock", MN_VERIFY_AUTH_LOG, 5, 1)), MNSEC_OK);
    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 5, 2)),
                 MNSEC_E_INTEGRITY);
}

Test(verify_session, refuses_another_card_in_the_session)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};
    mn_verify_session closed;
    const mn_verify_line show = entry("record.show", MN_VERIFY_AUTH_CARD, 5, 1);
    log_in(&sessions);

    cr_expect_eq(mn_verify_session_step(&sessions, &show, card_b, &closed), MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_verify_session_step(&sessions, &show, NULL, &closed), MNSEC_OK);
}

Test(verify_session, refuses_what_belongs_into_a_session_outside_of_one)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};

    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_SESSION, 0, 0)),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, entry("session.logout", MN_VERIFY_AUTH_CARD, 0, 0)),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, entry("clock.step", MN_VERIFY_AUTH_LOG, 0, 1)), MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, entry("clock.step", MN_VERIFY_AUTH_LOG, 0, 0)), MNSEC_OK);
}

Test(verify_session, refuses_a_log_in_within_a_session)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};
    log_in(&sessions);

    cr_expect_eq(step(&sessions, entry("session.login", MN_VERIFY_AUTH_CARD, 5, 1)),
                 MNSEC_E_INTEGRITY);
}

Test(verify_session, counts_what_no_later_signature_of_the_card_covers)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};
    mn_verify_session closed;
    log_in(&sessions);
    cr_assert_eq(step(&sessions, entry("a.b", MN_VERIFY_AUTH_SESSION, 5, 1)), MNSEC_OK);
    cr_assert_eq(step(&sessions, entry("a.b", MN_VERIFY_AUTH_CARD, 5, 2)), MNSEC_OK);
    cr_assert_eq(step(&sessions, entry("a.b", MN_VERIFY_AUTH_SESSION, 5, 3)), MNSEC_OK);
    cr_assert_eq(step(&sessions, entry("a.b", MN_VERIFY_AUTH_SESSION, 5, 4)), MNSEC_OK);
    const mn_verify_line end = entry("session.card_removed", MN_VERIFY_AUTH_LOG, 5, 5);

    cr_assert_eq(mn_verify_session_step(&sessions, &end, NULL, &closed), MNSEC_OK);

    cr_expect_eq(closed.ses, 5);
    cr_expect_eq(closed.unattested, 2);
}

Test(verify_session, keeps_many_sessions_apart_and_bounds_their_number)
{
    MN_AUTO(mn_verify_sessions) sessions = {0};
    mn_verify_line login = entry("session.login", MN_VERIFY_AUTH_CARD, 0, 0);
    for (login.index = 1; login.index <= 65536; login.index++) {
        cr_assert_eq(step(&sessions, login), MNSEC_OK);
    }

    cr_expect_eq(step(&sessions, login), MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, entry("session.lock", MN_VERIFY_AUTH_LOG, 30000, 1)), MNSEC_OK);
    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 30001, 1)), MNSEC_OK);
    cr_expect_eq(step(&sessions, entry("record.show", MN_VERIFY_AUTH_CARD, 30000, 2)),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(step(&sessions, login), MNSEC_OK);
}
