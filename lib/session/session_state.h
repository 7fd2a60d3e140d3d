/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a session as a state table: pure, time comes in as monotonic milliseconds. What each
 * step leaves in the log stands in the table too. The session's secrets are api_session.c's.
 */
#ifndef MN_SESSION_STATE_H
#define MN_SESSION_STATE_H

#include "base/base.h"

typedef enum mn_session_phase {
    MN_SESSION_CLOSED = 0,
    MN_SESSION_OPEN,
    MN_SESSION_SWAPPING, /* another card may be in the reader, announced, for a short time */
    MN_SESSION_LOCKED
} mn_session_phase;

typedef enum mn_session_happening {
    MN_SESSION_NOTHING = 0,
    MN_SESSION_LOGIN,
    MN_SESSION_LOGOUT,
    MN_SESSION_CARD_LEFT,
    MN_SESSION_IDLE,
    MN_SESSION_WITHDRAWN,
    MN_SESSION_SWAP_BEGIN,
    MN_SESSION_SWAP_END,
    MN_SESSION_SWAP_LATE,
    MN_SESSION_FAULT /* card or token failed in a way that no handle survives */
} mn_session_happening;

/* What a step leaves in the log. */
typedef enum mn_session_trace {
    MN_SESSION_TRACE_NONE = 0,
    MN_SESSION_TRACE_LOGOUT,       /* session.logout, signed by the card */
    MN_SESSION_TRACE_LOCK,         /* session.lock */
    MN_SESSION_TRACE_CARD_REMOVED, /* session.card_removed */
} mn_session_trace;

/* An announced swap lasts so long (docs/ARCHITECTURE.md). */
#define MN_SESSION_SWAP_MS (120 * 1000)

typedef struct mn_session_state {
    mn_session_phase phase;
    mn_session_happening ended_by; /* what led to LOCKED */
    int64_t idle_ms;               /* longest time without a call */
    int64_t last_ms;               /* newest call */
    int64_t swap_until_ms;
} mn_session_state;

/* A step. Answers what it leaves in the log, and the reason for the entry (static, "" = none). A
 * happening that the phase does not know changes nothing. */
mn_session_trace mn_session_state_step(mn_session_state *state, mn_session_happening happening,
                                       int64_t now_ms, const char **out_reason);
/* A call is made: the idle time begins anew. */
void mn_session_state_touch(mn_session_state *state, int64_t now_ms);
/* What time alone has brought about by now. */
mn_session_happening mn_session_state_due(const mn_session_state *state, int64_t now_ms);

#endif
