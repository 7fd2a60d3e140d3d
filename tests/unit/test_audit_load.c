/* SPDX-License-Identifier: Apache-2.0 */
/* Opening from the newest checkpoint, and a cache that cannot lie. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "base/encode.h"
#include "log_fixture.h"

TestSuite(audit_load, .init = log_fixture_make, .fini = log_fixture_remove);

#define CACHE_KEY "log.counters"

static void write_cache(const mn_buf *bytes)
{
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_store_value row[] = {mn_store_text(CACHE_KEY),
                                  mn_store_blob(bytes->bytes, bytes->len)};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    cr_assert_eq(mn_store_put(&txn, MN_TABLE_META, row), MNSEC_OK);
    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
}

/* A cache of the kitchen's and the other counter, as it would be written. */
static void forge_cache(uint64_t size, uint64_t kitchen, uint64_t kitchen_at, uint64_t others,
                        uint64_t others_at)
{
    static const mnsec_id none;
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_encode_begin(&bytes, "mnsec/log-counters/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, size), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, 2), MNSEC_OK);
    cr_assert_eq(mn_encode_id(&bytes, &log_kitchen), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, kitchen), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, kitchen_at), MNSEC_OK);
    cr_assert_eq(mn_encode_id(&bytes, &none), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, others), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, others_at), MNSEC_OK);
    write_cache(&bytes);
}

static void expect_right_counters(void)
{
    static const mnsec_id none;
    cr_assert_eq(log_reopen(), MNSEC_OK, "%s", the_log.err.text);
    cr_expect_eq(mn_audit_state_dn(&the_log.audit->state, &log_kitchen), 4);
    cr_expect_eq(mn_audit_state_dn(&the_log.audit->state, &none), 2);
    mn_audit_session session = {.ses = 1, .sn = 4};
    log_act(&session, MN_ACTION_RECORD_LIST);
    cr_expect_eq(log_checkpoint(), MNSEC_OK, "%s", the_log.err.text);
}

/* Entries: founding, log-in, four acts in the kitchen; then a checkpoint of size 6. */
static void fill(void)
{
    log_fill(4);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
}

Test(audit_load, takes_the_counters_of_the_checkpoint)
{
    fill();

    expect_right_counters();
}

Test(audit_load, counts_again_without_a_cache)
{
    fill();
    static const mn_buf nothing;
    write_cache(&nothing);

    expect_right_counters();
}

Test(audit_load, takes_a_cache_that_is_right)
{
    fill();
    forge_cache(6, 4, 5, 2, 1);

    expect_right_counters();
}

Test(audit_load, does_not_believe_a_counter_that_is_too_small)
{
    fill();
    forge_cache(6, 3, 4, 2, 1);

    expect_right_counters();
}

Test(audit_load, does_not_believe_a_counter_that_is_too_large)
{
    fill();
    forge_cache(6, 5, 5, 1, 0);

    expect_right_counters();
}

Test(audit_load, does_not_believe_a_line_that_is_not_there)
{
    fill();
    forge_cache(6, 4, 600, 2, 1);

    expect_right_counters();
}

Test(audit_load, does_not_believe_a_cache_of_another_size)
{
    fill();
    forge_cache(7, 4, 5, 2, 1);

    expect_right_counters();
}

Test(audit_load, opens_from_every_size_of_checkpoint)
{
    log_found();
    mn_audit_session session = log_login();
    for (unsigned i = 0; i < 20; i++) {
        log_act(&session, MN_ACTION_RECORD_LIST);
        mn_tlog_hash before;
        mn_tlog_hash after;
        mn_audit_root(the_log.audit, &before);
        if (i % 3 == 0) {
            cr_assert_eq(log_checkpoint(), MNSEC_OK);
        }
        cr_assert_eq(log_reopen(), MNSEC_OK, "%s", the_log.err.text);
        mn_audit_root(the_log.audit, &after);
        cr_expect(mn_tlog_tree_hash_equal(&before, &after));
    }
}

/* Founding, log-in, a grant that is withdrawn, and so many acts behind it. */
static void withdraw_a_grant(unsigned acts)
{
    log_found();
    mn_audit_session session = log_login();
    const mn_audit_draft draft = {
        .action = MN_ACTION_GRANT_WITHDRAW,
        .auth = MN_AUDIT_AUTH_CARD,
        .session = &session,
        .body = {.authority = mn_bytes_of("withdrawal", 10)},
    };
    log_append(&draft);
    session.sn++;
    while (acts-- > 0) {
        log_act(&session, MN_ACTION_RECORD_LIST);
    }
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
}

/* The newest line names the founding as the authority in force, and the list ends there too. */
static void forget_the_withdrawal(uint64_t newest)
{
    char *former = log_line(MN_TABLE_LOG_ENTRY, 1);
    char *line = log_line(MN_TABLE_LOG_ENTRY, newest);
    cr_assert(former && line);
    memcpy(strstr(line, "\"ah\":"), strstr(former, "\"ah\":"), strlen("\"ah\":\"\"") + 43);
    log_forge(MN_TABLE_LOG_ENTRY, newest, line);
    log_forge(MN_TABLE_AUTHORITY, 1, NULL);
    free(former);
    free(line);
}

Test(audit_load, does_not_take_authority_from_a_newest_line_that_was_rewritten)
{
    withdraw_a_grant(2); /* an odd size: the line is an edge of the tree */
    forget_the_withdrawal(4);

    cr_expect_eq(log_reopen(), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_load, does_not_take_authority_from_a_newest_line_below_an_inner_node)
{
    withdraw_a_grant(1);
    forget_the_withdrawal(3);

    cr_expect_eq(log_reopen(), MNSEC_E_INTEGRITY_LOG);
}
