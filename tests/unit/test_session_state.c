/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a session: which steps there are, what time brings about, what the log is told. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "session/session_state.h"

static mn_session_state open_at(int64_t now_ms)
{
    mn_session_state state = {.idle_ms = 1000};
    const char *reason = NULL;
    cr_assert_eq(mn_session_state_step(&state, MN_SESSION_LOGIN, now_ms, &reason),
                 MN_SESSION_TRACE_NONE);
    cr_assert_eq(state.phase, MN_SESSION_OPEN);
    return state;
}

struct ending {
    char name[24];
    mn_session_happening happening;
    mn_session_phase phase;
    mn_session_trace trace;
    char reason[16];
};

ParameterizedTestParameters(session_state, ends_an_open_session_and_tells_the_log)
{
    static struct ending endings[] = {
        {"logout", MN_SESSION_LOGOUT, MN_SESSION_CLOSED, MN_SESSION_TRACE_LOGOUT, ""},
        {"card", MN_SESSION_CARD_LEFT, MN_SESSION_LOCKED, MN_SESSION_TRACE_CARD_REMOVED, ""},
        {"idle", MN_SESSION_IDLE, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "idle"},
        {"withdrawn", MN_SESSION_WITHDRAWN, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "withdrawn"},
        {"fault", MN_SESSION_FAULT, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "fault"},
    };
    return cr_make_param_array(struct ending, endings, sizeof endings / sizeof endings[0]);
}

ParameterizedTest(struct ending *ending, session_state, ends_an_open_session_and_tells_the_log)
{
    mn_session_state state = open_at(0);
    const char *reason = NULL;

    const mn_session_trace trace = mn_session_state_step(&state, ending->happening, 5, &reason);

    cr_expect_eq(trace, ending->trace, "%s", ending->name);
    cr_expect_eq(state.phase, ending->phase, "%s", ending->name);
    cr_expect_str_eq(reason, ending->reason);
}

Test(session_state, stays_locked_whatever_happens)
{
    mn_session_state state = open_at(0);
    const char *reason = NULL;
    (void)mn_session_state_step(&state, MN_SESSION_CARD_LEFT, 1, &reason);

    for (int happening = MN_SESSION_NOTHING; happening <= MN_SESSION_FAULT; happening++) {
        if (happening != MN_SESSION_LOGOUT) {
            (void)mn_session_state_step(&state, (mn_session_happening)happening, 2, &reason);
        }
    }

    cr_expect_eq(state.phase, MN_SESSION_LOCKED);
    cr_expect_eq(state.ended_by, MN_SESSION_CARD_LEFT);
}

Test(session_state, leaves_no_second_entry_when_a_locked_session_is_closed)
{
    mn_session_state state = open_at(0);
    const char *reason = NULL;
    (void)mn_session_state_step(&state, MN_SESSION_CARD_LEFT, 1, &reason);

    const mn_session_trace trace = mn_session_state_step(&state, MN_SESSION_LOGOUT, 2, &reason);

    cr_expect_eq(trace, MN_SESSION_TRACE_NONE);
    cr_expect_eq(state.phase, MN_SESSION_CLOSED);
}

Test(session_state, is_idle_after_its_time_without_a_call)
{
    mn_session_state state = open_at(0);
    mn_session_state_touch(&state, 500);

    cr_expect_eq(mn_session_state_due(&state, 1499), MN_SESSION_NOTHING);
    cr_expect_eq(mn_session_state_due(&state, 1500), MN_SESSION_IDLE);
}

Test(session_state, bears_the_card_leaving_in_an_announced_swap)
{
    mn_session_state state = open_at(0);
    const char *reason = NULL;
    (void)mn_session_state_step(&state, MN_SESSION_SWAP_BEGIN, 0, &reason);

    const mn_session_trace trace = mn_session_state_step(&state, MN_SESSION_CARD_LEFT, 1, &reason);
    (void)mn_session_state_step(&state, MN_SESSION_SWAP_END, 2, &reason);

    cr_expect_eq(trace, MN_SESSION_TRACE_NONE);
    cr_expect_eq(state.phase, MN_SESSION_OPEN);
}

Test(session_state, ends_a_swap_that_takes_too_long)
{
    mn_session_state state = open_at(0);
    const char *reason = NULL;
    (void)mn_session_state_step(&state, MN_SESSION_SWAP_BEGIN, 0, &reason);

    cr_expect_eq(mn_session_state_due(&state, MN_SESSION_SWAP_MS - 1), MN_SESSION_NOTHING);
    cr_expect_eq(mn_session_state_due(&state, MN_SESSION_SWAP_MS), MN_SESSION_SWAP_LATE);
    cr_expect_eq(mn_session_state_step(&state, MN_SESSION_SWAP_LATE, MN_SESSION_SWAP_MS, &reason),
                 MN_SESSION_TRACE_CARD_REMOVED);
    cr_expect_eq(state.phase, MN_SESSION_LOCKED);
}

Test(session_state, gives_each_announced_swap_its_own_time)
{
    mn_session_state state = open_at(0);
    const char *reason = NULL;
    (void)mn_session_state_step(&state, MN_SESSION_SWAP_BEGIN, 0, &reason);

    (void)mn_session_state_step(&state, MN_SESSION_SWAP_BEGIN, MN_SESSION_SWAP_MS - 1, &reason);

    cr_expect_eq(mn_session_state_due(&state, MN_SESSION_SWAP_MS), MN_SESSION_NOTHING);
    cr_expect_eq(mn_session_state_due(&state, 2 * MN_SESSION_SWAP_MS - 1), MN_SESSION_SWAP_LATE);
}
