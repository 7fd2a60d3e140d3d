/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of a session's life. Whatever is not in it changes nothing, and a session that is
 * locked stays so until it is closed.
 */
#include "session_state.h"

static const struct step {
    mn_session_phase from;
    mn_session_happening happening;
    mn_session_phase to;
    mn_session_trace trace;
    const char *reason;
} steps[] = {
    {MN_SESSION_CLOSED, MN_SESSION_LOGIN, MN_SESSION_OPEN, MN_SESSION_TRACE_NONE, ""},
    {MN_SESSION_OPEN, MN_SESSION_LOGOUT, MN_SESSION_CLOSED, MN_SESSION_TRACE_LOGOUT, ""},
    {MN_SESSION_OPEN, MN_SESSION_CARD_LEFT, MN_SESSION_LOCKED, MN_SESSION_TRACE_CARD_REMOVED, ""},
    {MN_SESSION_OPEN, MN_SESSION_IDLE, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "idle"},
    {MN_SESSION_OPEN, MN_SESSION_WITHDRAWN, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "withdrawn"},
    {MN_SESSION_OPEN, MN_SESSION_FAULT, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "fault"},
    {MN_SESSION_OPEN, MN_SESSION_SWAP_BEGIN, MN_SESSION_SWAPPING, MN_SESSION_TRACE_NONE, ""},
    /* Each card that is asked for has its own time. */
    {MN_SESSION_SWAPPING, MN_SESSION_SWAP_BEGIN, MN_SESSION_SWAPPING, MN_SESSION_TRACE_NONE, ""},
    {MN_SESSION_SWAPPING, MN_SESSION_SWAP_END, MN_SESSION_OPEN, MN_SESSION_TRACE_NONE, ""},
    {MN_SESSION_SWAPPING, MN_SESSION_SWAP_LATE, MN_SESSION_LOCKED, MN_SESSION_TRACE_CARD_REMOVED,
     "swap"},
    {MN_SESSION_SWAPPING, MN_SESSION_LOGOUT, MN_SESSION_LOCKED, MN_SESSION_TRACE_CARD_REMOVED,
     "swap"},
    {MN_SESSION_SWAPPING, MN_SESSION_WITHDRAWN, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK,
     "withdrawn"},
    {MN_SESSION_SWAPPING, MN_SESSION_FAULT, MN_SESSION_LOCKED, MN_SESSION_TRACE_LOCK, "fault"},
    {MN_SESSION_LOCKED, MN_SESSION_LOGOUT, MN_SESSION_CLOSED, MN_SESSION_TRACE_NONE, ""},
};

static const struct step *find(mn_session_phase phase, mn_session_happening happening)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i].from == phase && steps[i].happening == happening) {
            return &steps[i];
        }
    }
    return NULL;
}

mn_session_trace mn_session_state_step(mn_session_state *state, mn_session_happening happening,
                                       int64_t now_ms, const char **out_reason)
{
    const struct step *step = find(state->phase, happening);
    *out_reason = step ? step->reason : "";
    if (!step) {
        return MN_SESSION_TRACE_NONE;
    }
    if (step->to == MN_SESSION_SWAPPING) {
        state->swap_until_ms = now_ms + MN_SESSION_SWAP_MS;
    }
    if (step->to == MN_SESSION_LOCKED) {
        state->ended_by = happening;
    }
    if (step->to == MN_SESSION_OPEN) {
        state->last_ms = now_ms;
    }
    state->phase = step->to;
    return step->trace;
}

void mn_session_state_touch(mn_session_state *state, int64_t now_ms)
{
    state->last_ms = now_ms;
}

mn_session_happening mn_session_state_due(const mn_session_state *state, int64_t now_ms)
{
    if (state->phase == MN_SESSION_OPEN && now_ms - state->last_ms >= state->idle_ms) {
        return MN_SESSION_IDLE;
    }
    if (state->phase == MN_SESSION_SWAPPING && now_ms >= state->swap_until_ms) {
        return MN_SESSION_SWAP_LATE;
    }
    return MN_SESSION_NOTHING;
}
