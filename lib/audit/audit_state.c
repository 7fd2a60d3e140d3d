/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the log, moved on by one entry at a time. Appending, replaying others' entries and
 * recomputing before a checkpoint all move it here, so they cannot differ. Whether an entry may
 * follow: audit_rule.c.
 */
#include "audit/audit_state.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/secret/hash.h"

static mn_audit_counter *find_counter(const mn_audit_state *state, const mnsec_id *department)
{
    for (size_t i = 0; i < state->counter_count; i++) {
        if (mnsec_id_equal(&state->counters[i].department, department)) {
            return &state->counters[i];
        }
    }
    return NULL;
}

static mnsec_status copy_array(const void *from, size_t count, size_t size, void **out_copy)
{
    if (count == 0) {
        *out_copy = NULL;
        return MNSEC_OK;
    }
    void *copy = calloc(count, size);
    if (!copy) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    memcpy(copy, from, count * size);
    *out_copy = copy;
    return MNSEC_OK;
}

static void remove_session(mn_audit_state *state, uint64_t ses)
{
    mn_audit_session *session = mn_audit_state_session(state, ses);
    if (session) {
        *session = state->sessions[--state->session_count];
    }
}

static mnsec_status advance_session(mn_audit_state *state, const mn_audit_statement *statement,
                                    uint64_t index)
{
    if (statement->session.ses == 0) {
        const bool begins =
            statement->action == MN_ACTION_SESSION_LOGIN && statement->outcome == MN_AUDIT_SUCCESS;
        const mn_audit_session begun = {.ses = index, .sn = 0};
        return begins ? mn_audit_state_session_add(state, &begun) : MNSEC_OK;
    }
    mn_audit_session *session = mn_audit_state_session(state, statement->session.ses);
    if (session) {
        session->sn = statement->session.sn;
    }
    if (mn_audit_state_ends_session(statement->action)) {
        remove_session(state, statement->session.ses);
    }
    return MNSEC_OK;
}

void mn_audit_state_wipe(mn_audit_state *state)
{
    free(state->counters);
    free(state->sessions);
    *state = (mn_audit_state){.t = 0};
}

mnsec_status mn_audit_state_copy(mn_audit_state *out_state, const mn_audit_state *state)
{
    MN_AUTO(mn_audit_state) copy = *state;
    copy.counters = NULL;
    copy.sessions = NULL;
    void *counters = NULL;
    void *sessions = NULL;
    MN_TRY(copy_array(state->counters, state->counter_count, sizeof(*state->counters), &counters));
    copy.counters = (mn_audit_counter *)counters;
    MN_TRY(copy_array(state->sessions, state->session_count, sizeof(*state->sessions), &sessions));
    copy.sessions = (mn_audit_session *)sessions;
    mn_audit_state_move(out_state, &copy);
    return MNSEC_OK;
}

void mn_audit_state_move(mn_audit_state *to, mn_audit_state *from)
{
    mn_audit_state_wipe(to);
    *to = *from;
    *from = (mn_audit_state){.t = 0};
}

uint64_t mn_audit_state_dn(const mn_audit_state *state, const mnsec_id *department)
{
    const mn_audit_counter *counter = find_counter(state, department);
    return counter ? counter->dn : 0;
}

mnsec_status mn_audit_state_count(mn_audit_state *state, const mnsec_id *department, uint64_t dn,
                                  uint64_t newest)
{
    mn_audit_counter *counter = find_counter(state, department);
    if (!counter) {
        mn_audit_counter *more =
            reallocarray(state->counters, state->counter_count + 1, sizeof(*state->counters));
        if (!more) {
            return MNSEC_E_INTERNAL_MEMORY;
        }
        state->counters = more;
        counter = &more[state->counter_count++];
    }
    *counter = (mn_audit_counter){.department = *department, .dn = dn, .newest = newest};
    return MNSEC_OK;
}

mn_audit_session *mn_audit_state_session(const mn_audit_state *state, uint64_t ses)
{
    for (size_t i = 0; i < state->session_count; i++) {
        if (state->sessions[i].ses == ses) {
            return &state->sessions[i];
        }
    }
    return NULL;
}

mnsec_status mn_audit_state_session_add(mn_audit_state *state, const mn_audit_session *session)
{
    mn_audit_session *more =
        reallocarray(state->sessions, state->session_count + 1, sizeof(*state->sessions));
    if (!more) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    state->sessions = more;
    more[state->session_count++] = *session;
    return MNSEC_OK;
}

bool mn_audit_state_ends_session(mn_action action)
{
    return action == MN_ACTION_SESSION_LOGOUT || action == MN_ACTION_SESSION_LOCK ||
           action == MN_ACTION_SESSION_CARD_REMOVED;
}

mnsec_status mn_audit_state_advance(mn_audit_state *state, const mn_audit_line *line,
                                    const mn_tlog_hash *leaf)
{
    const mn_audit_statement *statement = &line->statement;
    MN_TRY(mn_audit_state_count(state, &statement->department, line->dn, line->index));
    MN_TRY(advance_session(state, statement, line->index));
    if (mn_audit_line_is_authority(statement)) {
        mn_hash_bytes(line->text, state->ah);
        state->has_ah = true;
        state->authority_count++;
    }
    state->t = line->t;
    state->newest_leaf = *leaf;
    mn_tlog_tree_append(&state->tree, leaf);
    return MNSEC_OK;
}
