/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log as it grows, on a real store: what an entry becomes, sessions, the clock, transactions
 * that fail, other processes. Which entries are refused: test_audit_rule.c.
 */
#include "audit/audit.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/audit_line.h"
#include "crypto/secret/hash.h"
#include "log_fixture.h"

TestSuite(audit, .init = log_fixture_make, .fini = log_fixture_remove);

static void digest_of(const char *text, uint8_t out_digest[32])
{
    mn_hash_bytes(mn_bytes_of(text, strlen(text)), out_digest);
}

static void read_entry(uint64_t index, mn_audit_line *out_line, char **out_text)
{
    *out_text = log_line(MN_TABLE_LOG_ENTRY, index);
    cr_assert_not_null(*out_text);
    cr_assert_eq(mn_audit_line_read(mn_bytes_of(*out_text, strlen(*out_text)), out_line), MNSEC_OK);
}

/* The whole tree, from the stored lines. */
static mn_tlog_hash stored_root(void)
{
    mn_tlog_tree tree = {0};
    mn_tlog_hash root;
    for (uint64_t i = 0;; i++) {
        char *line = log_line(MN_TABLE_LOG_ENTRY, i);
        if (!line) {
            break;
        }
        mn_tlog_hash leaf;
        mn_tlog_tree_leaf(mn_bytes_of(line, strlen(line)), &leaf);
        mn_tlog_tree_append(&tree, &leaf);
        free(line);
    }
    mn_tlog_tree_root(&tree, &root);
    return root;
}

Test(audit, begins_with_the_founding)
{
    mn_audit_line line;
    char *text = NULL;

    cr_assert_eq(log_found(), 0);

    read_entry(0, &line, &text);
    cr_expect_eq(line.statement.action, MN_ACTION_FACILITY_FOUND);
    cr_expect_not(line.statement.has_ah);
    cr_expect_eq(line.statement.at, 0);
    cr_expect_eq(line.dn, 1);
    cr_expect_eq(line.t, the_log.now);
    cr_expect_eq(line.statement.ts, the_log.now);
    static const mn_tlog_tree empty;
    mn_tlog_hash root;
    mn_tlog_tree_root(&empty, &root);
    cr_expect(mn_tlog_tree_hash_equal(&line.statement.pre, &root));
    uint8_t head[32];
    uint8_t digest[32];
    mn_audit_authority_head(the_log.audit, head);
    mn_hash_bytes(line.text, digest);
    cr_expect_arr_eq(head, digest, 32);
    free(text);
}

Test(audit, binds_body_and_signature_to_the_line)
{
    log_found();
    mn_audit_line line;
    char *text = NULL;
    uint8_t digest[32];

    read_entry(0, &line, &text);

    char *body = log_line(MN_TABLE_LOG_BODY, 0);
    char *signature = log_line(MN_TABLE_LOG_SIG, 0);
    digest_of(body, digest);
    cr_expect_arr_eq(line.statement.bh, digest, 32);
    digest_of(signature, digest);
    cr_expect(line.is_signed);
    cr_expect_arr_eq(line.sighash, digest, 32);
    cr_expect_eq(strncmp(signature, "0 es256 ", 8), 0);
    free(body);
    free(signature);
    free(text);
}

Test(audit, has_the_root_of_what_is_stored)
{
    log_fill(20);
    mn_tlog_hash root;

    mn_audit_root(the_log.audit, &root);

    const mn_tlog_hash expected = stored_root();
    cr_expect(mn_tlog_tree_hash_equal(&root, &expected));
    cr_expect_eq(mn_audit_size(the_log.audit), 22);
}

Test(audit, signs_all_history_with_each_entry)
{
    log_fill(3);
    const mn_tlog_hash before = stored_root();
    mn_audit_session session = log_login();
    mn_audit_line line;
    char *text = NULL;

    read_entry(session.ses, &line, &text);

    cr_expect_eq(line.statement.at, session.ses);
    cr_expect(mn_tlog_tree_hash_equal(&line.statement.pre, &before));
    free(text);
}

Test(audit, counts_departments_and_sessions_without_gap)
{
    log_found();
    mn_audit_session first = log_login();
    mn_audit_session second = log_login();
    log_act(&first, MN_ACTION_RECORD_LIST);
    log_act(&second, MN_ACTION_RECORD_LIST);
    const uint64_t index = log_act(&first, MN_ACTION_RECORD_LIST);
    mn_audit_line line;
    char *text = NULL;

    read_entry(index, &line, &text);

    cr_expect_eq(line.statement.session.ses, first.ses);
    cr_expect_eq(line.statement.session.sn, 2);
    cr_expect_eq(line.dn, 3);
    free(text);
}

Test(audit, goes_on_where_it_was_after_opening_again)
{
    log_fill(9);
    mn_tlog_hash before;
    mn_tlog_hash after;
    uint8_t head_before[32];
    uint8_t head_after[32];
    mn_audit_root(the_log.audit, &before);
    mn_audit_authority_head(the_log.audit, head_before);

    cr_assert_eq(log_reopen(), MNSEC_OK);

    mn_audit_root(the_log.audit, &after);
    mn_audit_authority_head(the_log.audit, head_after);
    cr_expect(mn_tlog_tree_hash_equal(&before, &after));
    cr_expect_arr_eq(head_before, head_after, 32);
    mn_audit_session session = {.ses = 1, .sn = 9};
    cr_expect_eq(log_act(&session, MN_ACTION_RECORD_LIST), 11, "the session goes on too");
}

Test(audit, of_another_facility_is_refused)
{
    log_fill(1);
    mn_audit *audit = NULL;

    cr_expect_eq(mn_audit_open(the_log.store, "mnsec/bbbbbbbbbbbbbbbbbbbbbbbbbb", &the_log.clock,
                               &the_log.err, &audit),
                 MNSEC_E_INTEGRITY_LOG);
}

Test(audit, with_an_origin_of_no_use_is_refused)
{
    mn_audit *audit = NULL;

    cr_expect_eq(mn_audit_open(the_log.store, "{", &the_log.clock, &the_log.err, &audit),
                 MNSEC_E_USAGE);
    cr_expect_eq(mn_audit_open(the_log.store, "m\"", &the_log.clock, &the_log.err, &audit),
                 MNSEC_E_USAGE);
}

Test(audit, says_so_when_the_clock_goes_back)
{
    log_fill(1);
    mn_audit_session session = {.ses = 1, .sn = 1};
    mn_audit_line step;
    mn_audit_line act;
    char *texts[2];
    the_log.now -= 3600;

    const uint64_t index = log_act(&session, MN_ACTION_RECORD_LIST);

    cr_expect_eq(index, 4);
    read_entry(3, &step, &texts[0]);
    read_entry(4, &act, &texts[1]);
    cr_expect_eq(step.statement.action, MN_ACTION_CLOCK_STEP);
    cr_expect_eq(step.statement.auth, MN_AUDIT_AUTH_LOG);
    cr_expect_eq(step.t, the_log.now);
    cr_expect_eq(act.t, the_log.now);
    char *body = log_line(MN_TABLE_LOG_BODY, 3);
    cr_expect_not_null(strstr(body, "clock went back by 3600 s"));
    free(body);
    free(texts[0]);
    free(texts[1]);
    cr_expect_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
}

/* Prepare and append without committing. */
static mnsec_status append_in(mn_store_txn *txn, mn_audit_session *session, mn_action action)
{
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    MN_AUTO(mn_audit_signature) signature = {.alg = MN_SIGNATURE_NONE};
    uint64_t index = 0;
    const mn_audit_draft draft = {.action = action, .auth = MN_AUDIT_AUTH_CARD, .session = session};
    MN_TRY(mn_audit_prepare(the_log.audit, &draft, &entry));
    log_sign(&entry, &signature);
    MN_TRY(mn_audit_append(the_log.audit, txn, &entry, &signature, 1, &index));
    *session = entry.session;
    return MNSEC_OK;
}

Test(audit, forgets_what_was_rolled_back)
{
    log_fill(2);
    mn_tlog_hash before;
    mn_tlog_hash after;
    mn_audit_root(the_log.audit, &before);
    mn_audit_session session = {.ses = 1, .sn = 2};
    {
        MN_AUTO(mn_store_txn) txn = {0};
        mn_audit_session passing = session;
        cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
        cr_assert_eq(append_in(&txn, &passing, MN_ACTION_RECORD_LIST), MNSEC_OK);
        cr_assert_eq(append_in(&txn, &passing, MN_ACTION_SESSION_LOGOUT), MNSEC_OK);
        cr_assert_eq(mn_audit_size(the_log.audit), 6);
        mn_audit_settle(the_log.audit, false);
    }

    mn_audit_root(the_log.audit, &after);
    cr_expect(mn_tlog_tree_hash_equal(&before, &after));
    cr_expect_eq(log_act(&session, MN_ACTION_RECORD_LIST), 4);
    cr_expect_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit, keeps_several_entries_of_one_transaction)
{
    log_fill(0);
    mn_audit_session session = {.ses = 1, .sn = 0};
    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(append_in(&txn, &session, MN_ACTION_RECORD_LIST), MNSEC_OK);
    }

    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
    mn_audit_settle(the_log.audit, true);

    cr_expect_eq(mn_audit_size(the_log.audit), 7);
    cr_expect_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit, takes_entries_prepared_before_others_of_the_same_batch)
{
    log_fill(0);
    mn_audit_session session = {.ses = 1, .sn = 0};
    mn_audit_entry entries[3] = {{.at = 0}};
    mn_audit_signature signatures[3] = {{.alg = MN_SIGNATURE_NONE}};
    for (int i = 0; i < 3; i++) {
        const mn_audit_draft draft = {
            .action = MN_ACTION_RECORD_LIST, .auth = MN_AUDIT_AUTH_CARD, .session = &session};
        cr_assert_eq(mn_audit_prepare(the_log.audit, &draft, &entries[i]), MNSEC_OK);
        log_sign(&entries[i], &signatures[i]);
        session = entries[i].session;
    }
    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);

    for (int i = 0; i < 3; i++) {
        uint64_t index = 0;
        cr_expect_eq(mn_audit_append(the_log.audit, &txn, &entries[i], &signatures[i], 1, &index),
                     MNSEC_OK, "%s", the_log.err.text);
        mn_audit_entry_wipe(&entries[i]);
        mn_audit_signature_wipe(&signatures[i]);
    }
    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
    mn_audit_settle(the_log.audit, true);

    cr_expect_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit, takes_in_what_another_handle_appended)
{
    log_fill(1);
    mn_error err = {0};
    mn_store *store = log_open_store(&err);
    mn_audit *other = NULL;
    cr_assert_eq(mn_audit_open(store, LOG_ORIGIN, &the_log.clock, &err, &other), MNSEC_OK);
    log_login();

    {
        MN_AUTO(mn_store_txn) txn = {0};
        cr_assert_eq(mn_store_begin(store, MN_STORE_READ, &txn), MNSEC_OK);
        cr_expect_eq(mn_audit_refresh(other, &txn), MNSEC_OK);
    }

    mn_tlog_hash ours;
    mn_tlog_hash theirs;
    mn_audit_root(the_log.audit, &ours);
    mn_audit_root(other, &theirs);
    cr_expect(mn_tlog_tree_hash_equal(&ours, &theirs));
    mn_audit_free(other);
    mn_store_free(store);
}

Test(audit, notices_an_older_store_put_back_under_it)
{
    log_fill(3);
    log_forge(MN_TABLE_LOG_ENTRY, 4, NULL);

    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    cr_expect_eq(mn_audit_refresh(the_log.audit, &txn), MNSEC_E_INTEGRITY_LOG);
}

Test(audit, notices_another_line_put_under_it)
{
    log_fill(3);
    char *line = log_line(MN_TABLE_LOG_ENTRY, 4);
    line[strlen(line) - 1] ^= 4;
    log_forge(MN_TABLE_LOG_ENTRY, 4, line);
    free(line);

    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    cr_expect_eq(mn_audit_refresh(the_log.audit, &txn), MNSEC_E_INTEGRITY_LOG);
}

/* In a process of its own: log in and act, again when the other was faster. */
static void work(unsigned acts)
{
    the_log.audit = NULL;
    the_log.store = NULL;
    if (log_reopen() != MNSEC_OK) {
        _exit(2);
    }
    mn_audit_session session = log_login();
    while (acts > 0) {
        const mn_audit_draft draft = {.action = MN_ACTION_RECORD_LIST,
                                      .auth = MN_AUDIT_AUTH_CARD,
                                      .department = &log_kitchen,
                                      .session = &session};
        uint64_t index = 0;
        const mnsec_status status = log_try(&draft, &index);
        if (status == MNSEC_OK) {
            session.sn++;
            acts--;
        } else if (status != MNSEC_E_STATE_CHANGED && status != MNSEC_E_STORE_BUSY) {
            _exit(3);
        }
    }
    _exit(0);
}

Test(audit, stays_one_tree_when_two_processes_append_at_once)
{
    log_found();
    mn_audit_free(the_log.audit);
    mn_store_free(the_log.store);
    pid_t workers[2];

    for (int i = 0; i < 2; i++) {
        workers[i] = fork();
        if (workers[i] == 0) {
            work(30);
        }
    }
    for (int i = 0; i < 2; i++) {
        int status = 0;
        cr_assert_eq(waitpid(workers[i], &status, 0), workers[i]);
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "worker ended with %d", status);
    }

    the_log.audit = NULL;
    the_log.store = NULL;
    cr_assert_eq(log_reopen(), MNSEC_OK, "%s", the_log.err.text);
    cr_expect_eq(mn_audit_size(the_log.audit), 1 + 2 * 31);
    mn_tlog_hash root;
    mn_audit_root(the_log.audit, &root);
    const mn_tlog_hash expected = stored_root();
    cr_expect(mn_tlog_tree_hash_equal(&root, &expected));
    cr_expect_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit, refuses_a_number_in_free_text)
{
    log_found();
    const mn_audit_draft draft = {.action = MN_ACTION_LOG_READ,
                                  .auth = MN_AUDIT_AUTH_LOG,
                                  .body = {.reason = "for 1234-5678-9018"}};
    MN_AUTO(mn_audit_entry) entry = {.at = 0};

    cr_expect_eq(mn_audit_prepare(the_log.audit, &draft, &entry), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(entry.statement.len, 0);
}

typedef struct draft_case {
    mn_action action;
    mn_audit_auth auth;
    mn_audit_outcome outcome;
    bool document;
} draft_case;

ParameterizedTestParameters(audit, refuses_a_draft_that_contradicts_itself)
{
    static draft_case cases[] = {
        {MN_ACTION_NONE, MN_AUDIT_AUTH_CARD, MN_AUDIT_SUCCESS, false},
        {MN_ACTION_COUNT, MN_AUDIT_AUTH_CARD, MN_AUDIT_SUCCESS, false},
        {MN_ACTION_GRANT_GIVE, MN_AUDIT_AUTH_CARD, MN_AUDIT_SUCCESS, false}, /* no document */
        {MN_ACTION_GRANT_GIVE, MN_AUDIT_AUTH_LOG, MN_AUDIT_SUCCESS, true},   /* no card */
        {MN_ACTION_GRANT_GIVE, MN_AUDIT_AUTH_CARD, MN_AUDIT_MINOR, true},    /* nothing happened */
        {MN_ACTION_RECORD_LIST, MN_AUDIT_AUTH_CARD, MN_AUDIT_SUCCESS, true},
        {MN_ACTION_RECORD_LIST, MN_AUDIT_AUTH_CARD, (mn_audit_outcome)3, false},
        {MN_ACTION_RECORD_LIST, (mn_audit_auth)7, MN_AUDIT_SUCCESS, false},
    };
    return cr_make_param_array(draft_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const draft_case *c, audit, refuses_a_draft_that_contradicts_itself)
{
    log_found();
    const mn_audit_draft draft = {
        .action = c->action,
        .auth = c->auth,
        .outcome = c->outcome,
        .body = {.authority = mn_bytes_of("document", c->document ? 8 : 0)},
    };
    MN_AUTO(mn_audit_entry) entry = {.at = 0};

    cr_expect_eq(mn_audit_prepare(the_log.audit, &draft, &entry), MNSEC_E_USAGE);
}

/* Append a log-in with this signature, or none. */
static mnsec_status append_signed(const mn_audit_signature *signature)
{
    const mn_audit_draft draft = {.action = MN_ACTION_SESSION_LOGIN, .auth = MN_AUDIT_AUTH_CARD};
    MN_AUTO(mn_audit_entry) entry = {.at = 0};
    MN_AUTO(mn_store_txn) txn = {0};
    uint64_t index = 0;
    MN_TRY(mn_audit_prepare(the_log.audit, &draft, &entry));
    MN_TRY(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn));
    const mnsec_status status =
        mn_audit_append(the_log.audit, &txn, &entry, signature, signature ? 1 : 0, &index);
    mn_audit_settle(the_log.audit, false);
    return status;
}

Test(audit, refuses_a_card_entry_without_signature)
{
    log_found();

    cr_expect_eq(append_signed(NULL), MNSEC_E_USAGE);
}

Test(audit, refuses_a_signature_over_something_else)
{
    log_found();
    MN_AUTO(mn_audit_entry) other = {.at = 0};
    MN_AUTO(mn_audit_signature) signature = {.alg = MN_SIGNATURE_NONE};
    cr_assert_eq(mn_buf_append_text(&other.statement, "another statement"), MNSEC_OK);
    log_sign(&other, &signature);

    cr_expect_eq(mnsec_status_class(append_signed(&signature)), MNSEC_CLASS_INTEGRITY);
    cr_expect_eq(mn_audit_size(the_log.audit), 1);
}

Test(audit, refuses_a_signer_whose_certificate_is_not_kept)
{
    log_found();
    MN_AUTO(mn_audit_entry) any = {.at = 0};
    MN_AUTO(mn_audit_signature) signature = {.alg = MN_SIGNATURE_NONE};
    log_sign(&any, &signature);
    signature.certificate[0] ^= 1;

    cr_expect_eq(append_signed(&signature), MNSEC_E_USAGE);
}

Test(audit, keeps_a_certificate_once)
{
    MN_AUTO(mn_store_txn) txn = {0};
    uint64_t count = 0;
    const mn_bytes der = mn_buf_view(&the_log.card_certificate);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);

    cr_expect_eq(mn_audit_certificate_put(the_log.audit, &txn, der), MNSEC_OK);
    cr_expect_eq(mn_audit_certificate_put(the_log.audit, &txn, der), MNSEC_OK);

    cr_assert_eq(mn_store_count(&txn, MN_TABLE_CERT, NULL, &count), MNSEC_OK);
    cr_expect_eq(count, 1);
    cr_expect_eq(mn_audit_certificate_put(the_log.audit, &txn, mn_bytes_of("x", 1)),
                 MNSEC_E_USAGE_FORMAT);
}
