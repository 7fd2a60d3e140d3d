/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold at an entry's place in the log: each rule broken once. */
#include <criterion/criterion.h>
#include <string.h>

#include "audit/audit_log.h"
#include "crypto/secret/hash.h"
#include "log_fixture.h"

TestSuite(audit_rule, .init = log_fixture_make, .fini = log_fixture_remove);

/* An entry of the session as it is now, prepared and signed, to be appended later. */
typedef struct waiting {
    mn_audit_entry entry;
    mn_audit_signature signature;
} waiting;

static void prepare(waiting *one, const mn_audit_session *session, mn_action action)
{
    const mn_audit_draft draft = {.action = action, .auth = MN_AUDIT_AUTH_CARD, .session = session};
    *one = (waiting){.entry = {.at = 0}};
    cr_assert_eq(mn_audit_prepare(the_log.audit, &draft, &one->entry), MNSEC_OK, "%s",
                 the_log.err.text);
    log_sign(&one->entry, &one->signature);
}

static mnsec_status append(waiting *one)
{
    MN_AUTO(mn_store_txn) txn = {0};
    uint64_t index = 0;
    mn_error_clear(&the_log.err);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    mnsec_status status =
        mn_audit_append(the_log.audit, &txn, &one->entry, &one->signature, 1, &index);
    if (status == MNSEC_OK) {
        status = mn_store_commit(&txn);
    }
    mn_audit_settle(the_log.audit, status == MNSEC_OK);
    mn_audit_entry_wipe(&one->entry);
    mn_audit_signature_wipe(&one->signature);
    return status;
}

static void move_authority(void)
{
    const mn_audit_draft draft = {.action = MN_ACTION_GRANT_GIVE,
                                  .auth = MN_AUDIT_AUTH_CARD,
                                  .body = {.authority = mn_bytes_of("grant", 5)}};
    log_append(&draft);
}

Test(audit_rule, lets_an_entry_wait_while_others_are_appended)
{
    log_found();
    mn_audit_session session = log_login();
    waiting one;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);
    log_login();
    log_login();

    cr_expect_eq(append(&one), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit_rule, refuses_an_entry_made_under_a_former_authority)
{
    log_found();
    mn_audit_session session = log_login();
    waiting one;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);
    move_authority();

    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_an_entry_a_second_time)
{
    log_found();
    mn_audit_session session = log_login();
    waiting one;
    waiting two;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);
    prepare(&two, &session, MN_ACTION_RECORD_SHOW);
    cr_assert_eq(append(&one), MNSEC_OK);

    cr_expect_eq(append(&two), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_a_gap_in_a_session)
{
    log_found();
    mn_audit_session session = log_login();
    session.sn = 1;
    waiting one;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);

    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_an_entry_after_log_out)
{
    log_found();
    mn_audit_session session = log_login();
    log_act(&session, MN_ACTION_SESSION_LOGOUT);
    waiting one;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);

    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_an_entry_after_log_out_that_was_long_ago)
{
    log_found();
    mn_audit_session session = log_login();
    log_act(&session, MN_ACTION_SESSION_LOGOUT);
    log_login();
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    cr_assert_eq(log_reopen(), MNSEC_OK);
    waiting one;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);

    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, finds_a_session_that_was_begun_long_ago)
{
    log_found();
    mn_audit_session session = log_login();
    log_act(&session, MN_ACTION_RECORD_LIST);
    log_login();
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    cr_assert_eq(log_reopen(), MNSEC_OK);
    waiting one;
    prepare(&one, &session, MN_ACTION_RECORD_LIST);

    cr_expect_eq(append(&one), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit_rule, refuses_a_session_that_no_log_in_began)
{
    log_found();
    mn_audit_session session = log_login();
    const uint64_t act = log_act(&session, MN_ACTION_RECORD_LIST);
    const mn_audit_session stray = {.ses = act};
    const mn_audit_session future = {.ses = 1000};
    waiting one;

    prepare(&one, &stray, MN_ACTION_RECORD_LIST);
    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
    prepare(&one, &future, MN_ACTION_RECORD_LIST);
    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_a_log_in_inside_a_session_and_an_end_outside)
{
    log_found();
    mn_audit_session session = log_login();
    waiting one;

    prepare(&one, &session, MN_ACTION_SESSION_LOGIN);
    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
    prepare(&one, NULL, MN_ACTION_SESSION_LOGOUT);
    cr_expect_eq(append(&one), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_anything_before_the_founding)
{
    const mn_audit_draft draft = {.action = MN_ACTION_SESSION_LOGIN, .auth = MN_AUDIT_AUTH_CARD};
    uint64_t index = 0;

    cr_expect_eq(log_try(&draft, &index), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_a_second_founding)
{
    log_found();
    const mn_audit_draft draft = {.action = MN_ACTION_FACILITY_FOUND,
                                  .auth = MN_AUDIT_AUTH_CARD,
                                  .body = {.authority = mn_bytes_of("again", 5)}};
    uint64_t index = 0;

    cr_expect_eq(log_try(&draft, &index), MNSEC_E_STATE_CHANGED);
}

/* Check a statement that was changed after it was prepared. */
static const char *broken_after(void (*change)(mn_audit_statement *statement))
{
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    MN_AUTO(mn_store_txn) txn = {0};
    mn_audit_statement statement;
    const char *broken = NULL;
    const mn_audit_draft draft = {.action = MN_ACTION_SESSION_LOGIN, .auth = MN_AUDIT_AUTH_CARD};
    cr_assert_eq(mn_audit_prepare(the_log.audit, &draft, &entry), MNSEC_OK);
    cr_assert_eq(mn_audit_line_statement_read(mn_buf_view(&entry.statement), &statement), MNSEC_OK);
    change(&statement);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    cr_assert_eq(
        mn_audit_rule_check(the_log.audit, &txn, &the_log.audit->state, &statement, &broken),
        MNSEC_OK);
    return broken;
}

static void keep(mn_audit_statement *statement)
{
    (void)statement;
}

static void touch_root(mn_audit_statement *statement)
{
    statement->pre.bytes[0] ^= 1;
}

static void name_the_future(mn_audit_statement *statement)
{
    statement->at++;
}

static void name_another_size(mn_audit_statement *statement)
{
    statement->at--;
}

static void name_another_log(mn_audit_statement *statement)
{
    statement->origin[7] = 'b';
}

static void name_no_authority(mn_audit_statement *statement)
{
    statement->has_ah = false;
}

static void count_outside(mn_audit_statement *statement)
{
    statement->session.sn = 1;
}

static void move_without_card(mn_audit_statement *statement)
{
    statement->action = MN_ACTION_GRANT_GIVE;
    statement->auth = MN_AUDIT_AUTH_SESSION;
}

static void cover_by_no_session(mn_audit_statement *statement)
{
    statement->action = MN_ACTION_RECORD_LIST;
    statement->auth = MN_AUDIT_AUTH_SESSION;
}

static void succeed_unsigned(mn_audit_statement *statement)
{
    statement->action = MN_ACTION_RECORD_LIST;
    statement->auth = MN_AUDIT_AUTH_LOG;
}

static void fail_unsigned(mn_audit_statement *statement)
{
    succeed_unsigned(statement);
    statement->outcome = MN_AUDIT_MINOR;
}

static void note(mn_audit_statement *statement)
{
    statement->action = MN_ACTION_INTEGRITY_ALARM;
    statement->auth = MN_AUDIT_AUTH_LOG;
}

Test(audit_rule, finds_each_member_that_does_not_fit)
{
    log_fill(3);

    cr_expect_null(broken_after(keep));
    cr_expect_not_null(broken_after(touch_root));
    cr_expect_not_null(broken_after(name_the_future));
    cr_expect_not_null(broken_after(name_another_size));
    cr_expect_not_null(broken_after(name_another_log));
    cr_expect_not_null(broken_after(name_no_authority));
    cr_expect_not_null(broken_after(count_outside));
    cr_expect_not_null(broken_after(move_without_card));
    cr_expect_not_null(broken_after(cover_by_no_session));
    cr_expect_not_null(broken_after(succeed_unsigned));
    cr_expect_null(broken_after(fail_unsigned));
    cr_expect_null(broken_after(note));
    cr_expect_null(broken_after(keep));
}

Test(audit_rule, refuses_an_unsigned_log_out)
{
    log_found();
    mn_audit_session session = log_login();
    const mn_audit_draft draft = {
        .action = MN_ACTION_SESSION_LOGOUT, .auth = MN_AUDIT_AUTH_SESSION, .session = &session};
    uint64_t index = 0;

    cr_expect_eq(log_try(&draft, &index), MNSEC_E_STATE_CHANGED);
}

Test(audit_rule, refuses_another_card_than_the_one_that_logged_in)
{
    log_found();
    mn_audit_session session = log_login();
    soft_key_wipe(&the_log.card);
    mn_buf_wipe(&the_log.card_certificate);
    soft_key_make(&the_log.card, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_certify(&the_log.card, "another", &the_log.card_certificate);
    mn_hash_bytes(mn_buf_view(&the_log.card_certificate), the_log.card_fingerprint);
    const mn_audit_draft draft = {
        .action = MN_ACTION_RECORD_LIST, .auth = MN_AUDIT_AUTH_CARD, .session = &session};
    uint64_t index = 0;

    cr_expect_eq(log_try(&draft, &index), MNSEC_E_USAGE);
    cr_expect_eq(log_login().ses, 2, "it may log in itself");
}

Test(audit_rule, refuses_a_history_that_lies_too_far_back)
{
    log_fill(1);
    mn_audit_statement statement = {.has_ah = true,
                                    .action = MN_ACTION_SESSION_LOGIN,
                                    .auth = MN_AUDIT_AUTH_CARD,
                                    .at = 1,
                                    .origin = LOG_ORIGIN};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_audit_state) state = {.t = 0};
    const char *broken = NULL;
    mn_tlog_tree tree;
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    cr_assert_eq(mn_audit_node_tree(&txn, 1, &tree), MNSEC_OK);
    mn_tlog_tree_root(&tree, &statement.pre);
    cr_assert_eq(mn_audit_state_copy(&state, &the_log.audit->state), MNSEC_OK);
    memcpy(statement.ah, state.ah, sizeof(state.ah));

    state.tree.size = 1 + 65536;
    cr_assert_eq(mn_audit_rule_check(the_log.audit, &txn, &state, &statement, &broken), MNSEC_OK);
    cr_expect_null(broken, "%s", broken);
    state.tree.size++;
    cr_assert_eq(mn_audit_rule_check(the_log.audit, &txn, &state, &statement, &broken), MNSEC_OK);
    cr_expect_not_null(broken);
}
