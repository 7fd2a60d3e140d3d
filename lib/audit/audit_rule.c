/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every statement must fit to at its place in the log (docs/FORMATS.md, 2.1): the authority in
 * force, the history it was signed upon, its session. So nothing signed can be withheld, replayed
 * or slipped in after a withdrawal. The same rules hold for an entry being appended, one that
 * another process appended, and one recomputed before a checkpoint.
 */
#include <string.h>

#include "audit/audit_log.h"

#define MAX_LAG 65536U

/* An open session that this state has not met: its newest entry before here, from the store. */
typedef struct lookup {
    bool is_open;
    mn_audit_session session;
} lookup;

static mnsec_status is_login(mn_audit *audit, mn_store_txn *txn, uint64_t index, bool *out_is_login)
{
    MN_AUTO(mn_buf) text = {0};
    mn_audit_line line;
    MN_TRY(mn_audit_row_entry(audit, txn, index, &text, &line));
    *out_is_login = line.statement.action == MN_ACTION_SESSION_LOGIN &&
                    line.statement.outcome == MN_AUDIT_SUCCESS;
    return MNSEC_OK;
}

static mnsec_status look_up(mn_audit *audit, mn_store_txn *txn, uint64_t ses, uint64_t below,
                            lookup *out_found)
{
    bool begins = false;
    if (ses < below) {
        MN_TRY(is_login(audit, txn, ses, &begins));
    }
    *out_found = (lookup){.is_open = begins, .session = {.ses = ses, .sn = 0}};
    if (!begins) {
        return MNSEC_OK;
    }
    const mn_store_value from = mn_store_integer((int64_t)ses + 1);
    const mn_store_value end = mn_store_integer((int64_t)below);
    const mn_store_range range = {.from = &from, .below = &end, .descending = true};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_LOG_ENTRY, &range, &cursor));
    for (;;) {
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END) {
            return MNSEC_OK;
        }
        MN_TRY(status);
        mn_audit_line line;
        if (mn_audit_line_read(row[1].bytes, &line) != MNSEC_OK) {
            return mn_audit_fail(audit, (uint64_t)row[0].integer, "is malformed");
        }
        if (line.statement.session.ses == ses) {
            out_found->session.sn = line.statement.session.sn;
            out_found->is_open = !mn_audit_state_ends_session(line.statement.action);
            return MNSEC_OK;
        }
    }
}

static mnsec_status check_session(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state,
                                  const mn_audit_session *session, const char **out_broken)
{
    if (session->ses == 0) {
        *out_broken = session->sn == 0 ? NULL : "counts outside a session";
        return MNSEC_OK;
    }
    const mn_audit_session *known = mn_audit_state_session(state, session->ses);
    if (!known) {
        lookup found;
        MN_TRY(look_up(audit, txn, session->ses, state->tree.size, &found));
        if (!found.is_open) {
            *out_broken = "names a session that is not open";
            return MNSEC_OK;
        }
        MN_TRY(mn_audit_state_session_add(state, &found.session));
        known = mn_audit_state_session(state, session->ses);
    }
    *out_broken = session->sn == known->sn + 1 ? NULL : "does not follow in its session";
    return MNSEC_OK;
}

static mnsec_status check_history(mn_store_txn *txn, mn_audit_state *state,
                                  const mn_audit_statement *statement, const char **out_broken)
{
    const uint64_t size = state->tree.size;
    if (statement->at > size || size - statement->at > MAX_LAG) {
        *out_broken = "was made upon another history";
        return MNSEC_OK;
    }
    if (!state->has_root || state->root_size != statement->at) {
        mn_tlog_tree tree = state->tree;
        if (statement->at != size) {
            MN_TRY(mn_audit_node_tree(txn, statement->at, &tree));
        }
        mn_tlog_tree_root(&tree, &state->root);
        state->root_size = statement->at;
        state->has_root = true;
    }
    const bool same = mn_tlog_tree_hash_equal(&state->root, &statement->pre);
    *out_broken = same ? NULL : "was made upon another history";
    return MNSEC_OK;
}

/* What the log notes by itself, signed by nobody. */
static bool is_note(mn_action action)
{
    static const mn_action notes[] = {
        MN_ACTION_SESSION_ATTEMPT, MN_ACTION_SESSION_LOGIN_FAILED, MN_ACTION_SESSION_UNLOCK_FAILED,
        MN_ACTION_SESSION_LOCK,    MN_ACTION_SESSION_CARD_REMOVED, MN_ACTION_CLOCK_STEP,
        MN_ACTION_INTEGRITY_ALARM,
    };
    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++) {
        if (notes[i] == action) {
            return true;
        }
    }
    return false;
}

/* What succeeded is signed, or covered by the session's next signature. */
static const char *check_auth(const mn_audit_statement *statement)
{
    if (statement->auth == MN_AUDIT_AUTH_SESSION && statement->session.ses == 0) {
        return "is covered by no session";
    }
    if (statement->auth == MN_AUDIT_AUTH_CARD || statement->outcome != MN_AUDIT_SUCCESS ||
        is_note(statement->action)) {
        return NULL;
    }
    const bool may_be_covered = statement->auth == MN_AUDIT_AUTH_SESSION &&
                                !mn_audit_line_is_authority(statement) &&
                                statement->action != MN_ACTION_SESSION_LOGOUT;
    return may_be_covered ? NULL : "succeeded without a card";
}

/* What a statement must be wherever it stands. */
static const char *check_place(const mn_audit *audit, const mn_audit_state *state,
                               const mn_audit_statement *statement)
{
    const bool founds = statement->action == MN_ACTION_FACILITY_FOUND;
    if (strcmp(statement->origin, audit->origin) != 0) {
        return "is of another log";
    }
    if ((state->tree.size == 0) != founds) {
        return founds ? "founds once more" : "comes before the founding";
    }
    if (founds && statement->outcome != MN_AUDIT_SUCCESS) {
        return "founds nothing";
    }
    if (statement->action == MN_ACTION_SESSION_LOGIN && statement->session.ses != 0) {
        return "begins a session in a session";
    }
    if (mn_audit_state_ends_session(statement->action) && statement->session.ses == 0) {
        return "ends no session";
    }
    return check_auth(statement);
}

mnsec_status mn_audit_rule_check(mn_audit *audit, mn_store_txn *txn, mn_audit_state *state,
                                 const mn_audit_statement *statement, const char **out_broken)
{
    *out_broken = check_place(audit, state, statement);
    if (*out_broken) {
        return MNSEC_OK;
    }
    if (statement->has_ah != state->has_ah ||
        (state->has_ah && memcmp(statement->ah, state->ah, sizeof(state->ah)) != 0)) {
        *out_broken = "names another authority than the one in force";
        return MNSEC_OK;
    }
    MN_TRY(check_history(txn, state, statement, out_broken));
    if (*out_broken) {
        return MNSEC_OK;
    }
    return check_session(audit, txn, state, &statement->session, out_broken);
}

mnsec_status mn_audit_rule_check_operator(mn_store_txn *txn, const mn_audit_statement *statement,
                                          const uint8_t certificate[32], const char **out_broken)
{
    *out_broken = NULL;
    if (statement->session.ses == 0) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_audit_line_groups) login = {.count = 0};
    const mnsec_status status =
        mn_audit_row_line(txn, MN_TABLE_LOG_SIG, statement->session.ses, &text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return MNSEC_OK; /* withheld */
    }
    MN_TRY(status);
    if (mn_audit_line_groups_read(mn_buf_view(&text), &login) != MNSEC_OK ||
        memcmp(login.groups[0].certificate, certificate, 32) != 0) {
        *out_broken = "is signed by another card than the one that logged in";
    }
    return MNSEC_OK;
}
