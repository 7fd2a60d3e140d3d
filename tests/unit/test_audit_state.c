/* SPDX-License-Identifier: Apache-2.0 */
/* Where the log stands: counted departments, open sessions, authority, clock, tree. */
#include <criterion/criterion.h>
#include <string.h>

#include "audit/audit_state.h"

static const mnsec_id kitchen = {{1}};
static const mnsec_id none = {{0}};

static void advance(mn_audit_state *state, mn_action action, uint64_t ses, uint64_t sn)
{
    const mn_tlog_hash leaf = {{1}};
    const uint64_t index = state->tree.size;
    const mn_audit_line line = {
        .text = mn_bytes_of("statement", 9),
        .statement = {.action = action,
                      .auth = MN_AUDIT_AUTH_CARD,
                      .department = kitchen,
                      .session = {ses, sn}},
        .index = index,
        .dn = mn_audit_state_dn(state, &kitchen) + 1,
        .t = 100 + (int64_t)index,
    };
    cr_assert_eq(mn_audit_state_advance(state, &line, &leaf), MNSEC_OK);
}

Test(audit_state, counts_each_department_by_itself)
{
    MN_AUTO(mn_audit_state) state = {.t = 0};

    advance(&state, MN_ACTION_RECORD_LIST, 0, 0);
    advance(&state, MN_ACTION_RECORD_LIST, 0, 0);

    cr_expect_eq(mn_audit_state_dn(&state, &kitchen), 2);
    cr_expect_eq(mn_audit_state_dn(&state, &none), 0);
    cr_expect_eq(state.tree.size, 2);
    cr_expect_eq(state.t, 101);
}

Test(audit_state, follows_a_session_from_log_in_to_its_end)
{
    MN_AUTO(mn_audit_state) state = {.t = 0};
    advance(&state, MN_ACTION_RECORD_LIST, 0, 0);

    advance(&state, MN_ACTION_SESSION_LOGIN, 0, 0);
    advance(&state, MN_ACTION_RECORD_LIST, 1, 1);
    cr_assert_not_null(mn_audit_state_session(&state, 1));
    cr_expect_eq(mn_audit_state_session(&state, 1)->sn, 1);
    advance(&state, MN_ACTION_SESSION_LOGOUT, 1, 2);

    cr_expect_null(mn_audit_state_session(&state, 1));
}

Test(audit_state, moves_authority_by_statements_of_authority_only)
{
    MN_AUTO(mn_audit_state) state = {.t = 0};

    advance(&state, MN_ACTION_RECORD_LIST, 0, 0);
    cr_expect_not(state.has_ah);
    advance(&state, MN_ACTION_GRANT_GIVE, 0, 0);

    cr_expect(state.has_ah);
    cr_expect_eq(state.authority_count, 1);
}

Test(audit_state, copied_is_independent)
{
    MN_AUTO(mn_audit_state) state = {.t = 0};
    MN_AUTO(mn_audit_state) copy = {.t = 0};
    advance(&state, MN_ACTION_RECORD_LIST, 0, 0);
    advance(&state, MN_ACTION_SESSION_LOGIN, 0, 0);
    cr_assert_eq(mn_audit_state_copy(&copy, &state), MNSEC_OK);

    advance(&state, MN_ACTION_RECORD_LIST, 1, 1);

    cr_expect_eq(copy.tree.size, 2);
    cr_expect_eq(mn_audit_state_dn(&copy, &kitchen), 2);
    cr_expect_eq(mn_audit_state_session(&copy, 1)->sn, 0);
}
