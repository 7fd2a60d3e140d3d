/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checkpoints: what is made and where it is remembered, a failure at each of its steps, every
 * stored bit that was flipped, and a store that is older than what is remembered.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "crypto/secret/hash.h"
#include "log_fixture.h"
#include "scratch.h"

TestSuite(audit_checkpoint, .init = log_fixture_make, .fini = log_fixture_remove);

/* A token's memory in a buffer. */
typedef struct token {
    mn_buf object;
    unsigned writes;
    bool fails;
} token;

static void token_wipe(token *t)
{
    mn_buf_wipe(&t->object);
}

static mnsec_status write_token(void *user, mn_bytes object)
{
    token *t = (token *)user;
    if (t->fails) {
        return MNSEC_E_TOKEN_FAULT;
    }
    t->writes++;
    mn_buf_reset(&t->object);
    return mn_buf_append(&t->object, object.bytes, object.len);
}

static mnsec_status make(token *t, const char *head_file)
{
    const mn_audit_memory memory = {.write = write_token, .user = t, .head_file = head_file};
    mn_error_clear(&the_log.err);
    return mn_audit_checkpoint(the_log.audit, &the_log.signer, &memory);
}

static mnsec_status newest(mn_tlog_checkpoint *out_checkpoint)
{
    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    return mn_audit_checkpoint_newest(the_log.audit, &txn, out_checkpoint);
}

static mnsec_status remembers(const mn_tlog_checkpoint *remembered)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(&the_log.err);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    return mn_audit_checkpoint_remembers(the_log.audit, &txn, remembered);
}

/* Row of a checkpoint: text, note, cms, copied. */
static void read_row(uint64_t size, mn_buf *out_text, mn_buf *out_note, mn_buf *out_cms)
{
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_store_value key = mn_store_integer((int64_t)size);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    cr_assert_eq(mn_store_get(&txn, MN_TABLE_CHECKPOINT, &key, row), MNSEC_OK);
    cr_assert_eq(mn_buf_append(out_text, row[1].bytes.bytes, row[1].bytes.len), MNSEC_OK);
    cr_assert_eq(mn_buf_append(out_note, row[2].bytes.bytes, row[2].bytes.len), MNSEC_OK);
    cr_assert_eq(mn_buf_append(out_cms, row[3].bytes.bytes, row[3].bytes.len), MNSEC_OK);
}

Test(audit_checkpoint, says_size_and_root_signed_in_three_ways)
{
    log_fill(4);
    MN_AUTO(token) t = {.writes = 0};
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_buf) note = {0};
    MN_AUTO(mn_buf) cms = {0};
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) raw = {0};
    const mn_bytes spki = the_log.signer.signer.spki;

    cr_assert_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);

    read_row(6, &text, &note, &cms);
    mn_tlog_checkpoint checkpoint;
    mn_tlog_hash root;
    cr_assert_eq(mn_tlog_checkpoint_parse(mn_buf_view(&text), &checkpoint), MNSEC_OK);
    mn_audit_root(the_log.audit, &root);
    cr_expect_str_eq(checkpoint.origin, LOG_ORIGIN);
    cr_expect_eq(checkpoint.tree_size, 6);
    cr_expect(mn_tlog_tree_hash_equal(&checkpoint.root, &root));
    mn_bytes noted;
    cr_assert_eq(mn_tlog_checkpoint_note_parse(mn_buf_view(&note), LOG_ORIGIN, spki, &noted, &der),
                 MNSEC_OK);
    cr_assert_eq(mn_signature_raw_from_der(mn_buf_view(&der), 32, &raw), MNSEC_OK);
    cr_expect_eq(
        mn_signature_verify(spki, MN_SIGNATURE_ECDSA_P256_SHA256, noted, mn_buf_view(&raw)),
        MNSEC_OK);
    cr_expect_eq(noted.len, text.len);
    cr_expect_eq(mn_cms_verify(mn_buf_view(&cms), mn_buf_view(&text), the_log.signer.certificate),
                 MNSEC_OK);
}

Test(audit_checkpoint, is_remembered_by_token_and_workstation)
{
    log_fill(4);
    MN_AUTO(token) t = {.writes = 0};
    const char *head_file = scratch_path("head");
    mn_tlog_checkpoint on_token;
    mn_tlog_checkpoint at_workstation;
    mn_tlog_checkpoint stored;

    cr_assert_eq(make(&t, head_file), MNSEC_OK);

    cr_assert_eq(newest(&stored), MNSEC_OK);
    cr_assert_eq(mn_audit_checkpoint_object_open(mn_buf_view(&t.object), the_log.signer.signer.spki,
                                                 &on_token),
                 MNSEC_OK);
    cr_assert_eq(mn_audit_head_read(head_file, &the_log.err, &at_workstation), MNSEC_OK);
    cr_expect_eq(stored.tree_size, 6);
    cr_expect_eq(on_token.tree_size, 6);
    cr_expect_eq(at_workstation.tree_size, 6);
    cr_expect(mn_tlog_tree_hash_equal(&on_token.root, &stored.root));
    cr_expect(mn_tlog_tree_hash_equal(&at_workstation.root, &stored.root));
    cr_expect_eq(remembers(&on_token), MNSEC_OK);
}

Test(audit_checkpoint, by_an_rsa_key_has_no_note)
{
    log_fill(1);
    soft_key rsa;
    MN_AUTO(mn_buf) certificate = {0};
    soft_key_make(&rsa, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);
    soft_key_certify(&rsa, "audit", &certificate);
    the_log.signer =
        (mn_audit_signer){.signer = rsa.signer, .certificate = mn_buf_view(&certificate)};
    MN_AUTO(token) t = {.writes = 0};
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_buf) note = {0};
    MN_AUTO(mn_buf) cms = {0};
    mn_tlog_checkpoint on_token;

    cr_assert_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);

    read_row(3, &text, &note, &cms);
    cr_expect_eq(note.len, 0);
    cr_expect_eq(mn_cms_verify(mn_buf_view(&cms), mn_buf_view(&text), the_log.signer.certificate),
                 MNSEC_OK);
    cr_expect_eq(
        mn_audit_checkpoint_object_open(mn_buf_view(&t.object), rsa.signer.spki, &on_token),
        MNSEC_OK);
    soft_key_wipe(&rsa);
}

Test(audit_checkpoint, of_an_empty_log_is_not_made)
{
    MN_AUTO(token) t = {.writes = 0};

    cr_expect_eq(make(&t, NULL), MNSEC_E_STATE_NOT_FOUNDED);
    cr_expect_eq(t.writes, 0);
}

/* --- a failure at each step leaves a state to go on from --- */

static mnsec_status refuse_to_sign(void *user, mn_bytes message, mn_buf *out_signature)
{
    (void)user;
    (void)message;
    (void)out_signature;
    return MNSEC_E_TOKEN_FAULT;
}

Test(audit_checkpoint, that_the_token_does_not_sign_is_not_there)
{
    log_fill(4);
    MN_AUTO(token) t = {.writes = 0};
    mn_tlog_checkpoint checkpoint;
    const mn_audit_signer right = the_log.signer;
    the_log.signer.signer.sign = refuse_to_sign;

    cr_expect_eq(make(&t, NULL), MNSEC_E_TOKEN_FAULT);

    cr_expect_eq(newest(&checkpoint), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(t.writes, 0);
    the_log.signer = right;
    cr_assert_eq(log_reopen(), MNSEC_OK);
    cr_expect_eq(make(&t, NULL), MNSEC_OK);
}

Test(audit_checkpoint, with_a_signature_that_does_not_hold_is_not_there)
{
    log_fill(4);
    MN_AUTO(token) t = {.writes = 0};
    mn_tlog_checkpoint checkpoint;
    the_log.audit_key.damage = 1;

    cr_expect_eq(make(&t, NULL), MNSEC_E_TOKEN_FAULT);

    cr_expect_eq(newest(&checkpoint), MNSEC_E_STATE_NOT_FOUND);
    the_log.audit_key.damage = 0;
    cr_expect_eq(make(&t, NULL), MNSEC_OK);
}

Test(audit_checkpoint, that_the_token_does_not_keep_is_kept_next_time)
{
    log_fill(4);
    MN_AUTO(token) t = {.fails = true};
    mn_tlog_checkpoint stored;
    mn_tlog_checkpoint on_token;

    cr_expect_eq(make(&t, NULL), MNSEC_E_TOKEN_FAULT);

    cr_assert_eq(newest(&stored), MNSEC_OK, "the store is ahead of the token, which is normal");
    t.fails = false;
    cr_assert_eq(log_reopen(), MNSEC_OK);
    cr_assert_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);
    cr_assert_eq(mn_audit_checkpoint_object_open(mn_buf_view(&t.object), the_log.signer.signer.spki,
                                                 &on_token),
                 MNSEC_OK);
    cr_expect_eq(on_token.tree_size, stored.tree_size);
}

Test(audit_checkpoint, that_the_workstation_does_not_keep_is_on_the_token)
{
    log_fill(4);
    MN_AUTO(token) t = {.writes = 0};
    mn_tlog_checkpoint on_token;

    cr_expect_neq(make(&t, scratch_path("no/such/directory/head")), MNSEC_OK);

    cr_expect_eq(mn_audit_checkpoint_object_open(mn_buf_view(&t.object), the_log.signer.signer.spki,
                                                 &on_token),
                 MNSEC_OK);
    cr_expect_eq(make(&t, scratch_path("head")), MNSEC_OK);
}

Test(audit_checkpoint, is_made_again_and_again)
{
    MN_AUTO(token) t = {.writes = 0};
    log_found();
    mn_audit_session session = log_login();

    for (unsigned i = 0; i < 10; i++) {
        log_act(&session, MN_ACTION_RECORD_LIST);
        cr_assert_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);
        cr_assert_eq(log_reopen(), MNSEC_OK, "%s", the_log.err.text);
    }

    cr_expect_eq(t.writes, 10);
}

/* --- every stored bit --- */

typedef struct table_case {
    mn_store_table_id table;
} table_case;

ParameterizedTestParameters(audit_checkpoint, is_not_signed_over_a_flipped_bit)
{
    static table_case cases[] = {{MN_TABLE_LOG_ENTRY}, {MN_TABLE_LOG_BODY}, {MN_TABLE_LOG_SIG}};
    return cr_make_param_array(table_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static void expect_refused(mn_store_table_id table, uint64_t index, size_t at)
{
    MN_AUTO(token) t = {.writes = 0};
    /* The handle that appended them, and one that opens the log afresh, both refuse. */
    cr_expect_eq(make(&t, NULL), MNSEC_E_INTEGRITY_LOG, "table %d, entry %d, byte %zu", (int)table,
                 (int)index, at);
    cr_expect_eq(t.writes, 0);
    cr_expect(strlen(the_log.err.text) > 0);
}

ParameterizedTest(const table_case *c, audit_checkpoint, is_not_signed_over_a_flipped_bit)
{
    log_fill(1);
    for (uint64_t index = 0; index < 3; index++) {
        char *line = log_line(c->table, index);
        cr_assert_not_null(line);
        for (size_t at = 0; at < strlen(line); at++) {
            char *forged = strdup(line);
            forged[at] ^= (char)(1U << (at % 5));
            if (forged[at] == '\0') {
                forged[at] = 'x';
            }
            log_forge(c->table, index, forged);
            expect_refused(c->table, index, at);
            free(forged);
        }
        log_forge(c->table, index, line);
        free(line);
    }

    MN_AUTO(token) t = {.writes = 0};
    cr_expect_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);
}

ParameterizedTestParameters(audit_checkpoint, is_not_signed_over_a_missing_row)
{
    static table_case cases[] = {
        {MN_TABLE_LOG_ENTRY}, {MN_TABLE_LOG_BODY}, {MN_TABLE_LOG_SIG}, {MN_TABLE_AUTHORITY}};
    return cr_make_param_array(table_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const table_case *c, audit_checkpoint, is_not_signed_over_a_missing_row)
{
    log_fill(2);

    log_forge(c->table, 0, NULL);

    expect_refused(c->table, 0, 0);
}

/* Below a checkpoint the inner nodes stand for the lines: only hashing the lines again finds it. */
Test(audit_checkpoint, is_not_signed_over_an_old_line_that_was_altered)
{
    MN_AUTO(token) t = {.writes = 0};
    log_found();
    mn_audit_session session = log_login();
    log_act(&session, MN_ACTION_RECORD_LIST);
    log_act(&session, MN_ACTION_RECORD_LIST);
    cr_assert_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);
    char *line = log_line(MN_TABLE_LOG_ENTRY, 1);
    line[strlen(line) / 2] ^= 1;
    log_forge(MN_TABLE_LOG_ENTRY, 1, line);
    log_act(&session, MN_ACTION_RECORD_LIST);

    const mnsec_status status = make(&t, NULL);

    cr_expect_eq(status, MNSEC_E_INTEGRITY_LOG);
    cr_expect_str_eq(the_log.err.text, "entry 0 or the next one was altered");
    cr_expect_eq(t.writes, 1);
    free(line);
}

Test(audit_checkpoint, is_not_signed_over_an_old_line_that_is_missing)
{
    MN_AUTO(token) t = {.writes = 0};
    log_fill(4);
    cr_assert_eq(make(&t, NULL), MNSEC_OK, "%s", the_log.err.text);
    log_forge(MN_TABLE_LOG_ENTRY, 1, NULL);

    const mnsec_status status = make(&t, NULL);

    cr_expect_eq(status, MNSEC_E_INTEGRITY_LOG);
    cr_expect_eq(t.writes, 1);
}

Test(audit_checkpoint, is_not_signed_without_a_certificate_that_is_named)
{
    log_fill(2);
    {
        MN_AUTO(mn_store_txn) txn = {0};
        const mn_store_value key = mn_store_blob(the_log.card_fingerprint, 32);
        cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
        cr_assert_eq(mn_store_remove(&txn, MN_TABLE_CERT, &key), MNSEC_OK);
        cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
    }

    expect_refused(MN_TABLE_CERT, 0, 0);
}

Test(audit_checkpoint, is_not_signed_over_a_line_that_was_replaced_whole)
{
    log_fill(4);
    /* A line of the same log in another's place, with its body and signature: only the numbering
     * is wrong. */
    static const mn_store_table_id tables[] = {MN_TABLE_LOG_ENTRY, MN_TABLE_LOG_BODY,
                                               MN_TABLE_LOG_SIG};
    for (size_t i = 0; i < 3; i++) {
        char *line = log_line(tables[i], 3);
        log_forge(tables[i], 2, line);
        free(line);
    }

    expect_refused(MN_TABLE_LOG_ENTRY, 2, 0);
}

/* --- opening --- */

Test(audit_checkpoint, is_what_opening_holds_the_tree_against)
{
    log_fill(6);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    {
        MN_AUTO(mn_store_txn) txn = {0};
        const mn_tlog_hash other = {{1}};
        const mn_store_value row[] = {mn_store_integer(3), mn_store_integer(0),
                                      mn_store_blob(other.bytes, sizeof(other.bytes))};
        cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
        cr_assert_eq(mn_store_put(&txn, MN_TABLE_LOG_NODE, row), MNSEC_OK);
        cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
    }

    cr_expect_eq(log_reopen(), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_checkpoint, that_is_longer_than_the_log_is_refused_at_opening)
{
    log_fill(6);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    log_forge(MN_TABLE_LOG_ENTRY, 7, NULL);

    cr_expect_eq(log_reopen(), MNSEC_E_INTEGRITY_LOG);
}

/* --- memories --- */

Test(audit_checkpoint, remembered_long_ago_is_continued)
{
    MN_AUTO(token) t = {.writes = 0};
    mn_tlog_checkpoint kept[8];
    log_found();
    mn_audit_session session = log_login();
    for (size_t i = 0; i < 8; i++) {
        log_act(&session, MN_ACTION_RECORD_LIST);
        cr_assert_eq(make(&t, NULL), MNSEC_OK);
        cr_assert_eq(newest(&kept[i]), MNSEC_OK);
    }

    for (size_t i = 0; i < 8; i++) {
        cr_expect_eq(remembers(&kept[i]), MNSEC_OK, "%s", the_log.err.text);
    }
}

Test(audit_checkpoint, remembered_of_a_store_that_was_rolled_back_is_an_alarm)
{
    log_fill(6);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    mn_tlog_checkpoint remembered;
    cr_assert_eq(newest(&remembered), MNSEC_OK);
    remembered.tree_size++; /* the store has lost an entry since */

    cr_expect_eq(remembers(&remembered), MNSEC_E_INTEGRITY_ROLLBACK);
}

Test(audit_checkpoint, remembered_of_another_history_is_an_alarm)
{
    log_fill(6);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    log_login();
    mn_tlog_checkpoint remembered;
    cr_assert_eq(newest(&remembered), MNSEC_OK);
    mn_tlog_checkpoint other_root = remembered;
    mn_tlog_checkpoint other_log = remembered;
    other_root.root.bytes[31] ^= 1;
    other_log.origin[8] = 'b';

    cr_expect_eq(remembers(&remembered), MNSEC_OK);
    cr_expect_eq(remembers(&other_root), MNSEC_E_INTEGRITY_ROLLBACK);
    cr_expect_eq(remembers(&other_log), MNSEC_E_INTEGRITY_ROLLBACK);
}

/* --- entries and a checkpoint over them, written by hand --- */

/* An unsigned entry that names the founding as the authority in force, with a body that was never
 * there, its node, and a checkpoint over it. */
static void forge_entry_and_checkpoint(const uint8_t ah[32])
{
    mn_audit_state *state = &the_log.audit->state;
    mn_audit_line line = {.index = state->tree.size, .t = the_log.now};
    line.statement = (mn_audit_statement){
        .has_ah = true,
        .at = state->tree.size,
        .auth = MN_AUDIT_AUTH_NONE,
        .action = MN_ACTION_SESSION_ATTEMPT,
        .ts = the_log.now,
    };
    static const mnsec_id none;
    line.dn = mn_audit_state_dn(state, &none) + 1;
    memcpy(line.statement.ah, ah, 32);
    memcpy(line.statement.origin, LOG_ORIGIN, sizeof(LOG_ORIGIN));
    mn_tlog_tree_root(&state->tree, &line.statement.pre);
    MN_AUTO(mn_buf) statement = {0};
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_buf) checkpoint_text = {0};
    cr_assert_eq(mn_audit_line_statement_write(&line.statement, &statement), MNSEC_OK);
    line.text = mn_buf_view(&statement);
    cr_assert_eq(mn_audit_line_write(&line, &text), MNSEC_OK);

    mn_tlog_tree tree = state->tree;
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(mn_buf_view(&text), &leaf);
    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    cr_assert_eq(mn_audit_node_put(&txn, &tree, &leaf), MNSEC_OK);
    mn_tlog_tree_append(&tree, &leaf);
    mn_tlog_checkpoint checkpoint = {.tree_size = tree.size};
    memcpy(checkpoint.origin, LOG_ORIGIN, sizeof(LOG_ORIGIN));
    mn_tlog_tree_root(&tree, &checkpoint.root);
    cr_assert_eq(mn_tlog_checkpoint_format(&checkpoint, &checkpoint_text), MNSEC_OK);
    const mn_store_value entry[] = {mn_store_integer((int64_t)line.index),
                                    mn_store_text(mn_buf_text(&text))};
    const mn_store_value head[] = {mn_store_integer((int64_t)tree.size),
                                   mn_store_text(mn_buf_text(&checkpoint_text)), mn_store_null(),
                                   mn_store_blob("x", 1)};
    cr_assert_eq(mn_store_insert(&txn, MN_TABLE_LOG_ENTRY, entry), MNSEC_OK);
    cr_assert_eq(mn_store_insert(&txn, MN_TABLE_CHECKPOINT, head), MNSEC_OK);
    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
}

static mnsec_status leads_on(const mn_tlog_checkpoint *trusted)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(&the_log.err);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    return mn_audit_checkpoint_leads_on(the_log.audit, &txn, trusted);
}

Test(audit_checkpoint, that_is_trusted_leads_on_to_entries_that_are_right)
{
    log_fill(4);
    mn_tlog_checkpoint trusted;
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    cr_assert_eq(newest(&trusted), MNSEC_OK);
    log_login();

    cr_expect_eq(leads_on(&trusted), MNSEC_OK, "%s", the_log.err.text);
}

Test(audit_checkpoint, that_was_put_in_by_hand_does_not_bring_authority_back)
{
    uint8_t founding[32];
    log_found();
    mn_audit_authority_head(the_log.audit, founding);
    mn_audit_session session = log_login();
    const mn_audit_draft withdrawal = {
        .action = MN_ACTION_GRANT_WITHDRAW,
        .auth = MN_AUDIT_AUTH_CARD,
        .session = &session,
        .body = {.authority = mn_bytes_of("withdrawal", 10)},
    };
    log_append(&withdrawal);
    mn_tlog_checkpoint trusted;
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    cr_assert_eq(newest(&trusted), MNSEC_OK);
    forge_entry_and_checkpoint(founding);
    log_forge(MN_TABLE_AUTHORITY, 1, NULL);

    cr_assert_eq(log_reopen(), MNSEC_OK, "nobody has looked behind the token's memory yet");

    cr_expect_eq(leads_on(&trusted), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_checkpoint, that_was_put_in_by_hand_is_not_built_upon)
{
    log_fill(4);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    forge_entry_and_checkpoint(the_log.audit->state.ah);

    cr_expect_eq(log_checkpoint(), MNSEC_E_INTEGRITY_LOG);
}

/* --- the token's object --- */

static void make_object(mn_buf *out_object)
{
    MN_AUTO(token) t = {.writes = 0};
    log_fill(1);
    cr_assert_eq(make(&t, NULL), MNSEC_OK);
    mn_buf_move(out_object, &t.object);
}

Test(audit_checkpoint, object_cut_anywhere_is_refused)
{
    MN_AUTO(mn_buf) object = {0};
    make_object(&object);

    for (size_t len = 0; len < object.len; len++) {
        mn_tlog_checkpoint checkpoint;
        cr_expect_neq(mn_audit_checkpoint_object_open(mn_bytes_of(object.bytes, len),
                                                      the_log.signer.signer.spki, &checkpoint),
                      MNSEC_OK);
    }
}

Test(audit_checkpoint, object_with_any_byte_changed_is_refused)
{
    MN_AUTO(mn_buf) object = {0};
    make_object(&object);

    for (size_t at = 0; at < object.len; at++) {
        mn_tlog_checkpoint checkpoint;
        object.bytes[at] ^= 1;
        cr_expect_neq(mn_audit_checkpoint_object_open(mn_buf_view(&object),
                                                      the_log.signer.signer.spki, &checkpoint),
                      MNSEC_OK, "byte %zu", at);
        object.bytes[at] ^= 1;
    }
}

Test(audit_checkpoint, object_by_another_key_is_refused)
{
    MN_AUTO(mn_buf) object = {0};
    mn_tlog_checkpoint checkpoint;
    make_object(&object);

    cr_expect_eq(mn_audit_checkpoint_object_open(mn_buf_view(&object), the_log.card.signer.spki,
                                                 &checkpoint),
                 MNSEC_E_INTEGRITY);
}

Test(audit_checkpoint, object_of_no_algorithm_is_not_made)
{
    MN_AUTO(mn_buf) object = {0};

    cr_expect_eq(mn_audit_checkpoint_object(mn_bytes_of("t", 1), MN_SIGNATURE_NONE,
                                            mn_bytes_of("s", 1), &object),
                 MNSEC_E_USAGE);
}
