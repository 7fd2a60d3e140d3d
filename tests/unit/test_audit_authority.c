/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of authority, read with proof: what is left out, put in or altered is found. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "log_fixture.h"

TestSuite(audit_authority, .init = log_fixture_make, .fini = log_fixture_remove);

typedef struct table_case {
    mn_store_table_id table;
} table_case;

typedef struct statements {
    size_t count;
    uint64_t last;
} statements;

static mnsec_status see_statement(void *user, const mn_audit_view *view,
                                  const mn_audit_group *groups, size_t group_count)
{
    statements *all = (statements *)user;
    all->count++;
    all->last = view->index;
    cr_assert_eq(group_count, 1);
    cr_expect_eq(groups[0].certificate.len, the_log.card_certificate.len);
    MN_AUTO(mn_buf) spki = {0};
    cr_assert_eq(mn_x509_spki(groups[0].certificate, &spki), MNSEC_OK);
    cr_expect_eq(mn_signature_verify(mn_buf_view(&spki), groups[0].alg, view->statement,
                                     groups[0].signature),
                 MNSEC_OK);
    cr_expect_gt(view->authority.len, 0);
    return MNSEC_OK;
}

static void give_grant(const char *document)
{
    const mn_audit_draft draft = {.action = MN_ACTION_GRANT_GIVE,
                                  .auth = MN_AUDIT_AUTH_CARD,
                                  .body = {.authority = mn_bytes_of(document, strlen(document))}};
    log_append(&draft);
}

static void fill_authority(void)
{
    log_fill(3);
    give_grant("first");
    log_login();
    give_grant("second");
    log_login();
}

static mnsec_status read_authority(uint64_t from_n, statements *all)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(&the_log.err);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    return mn_audit_authority_read(the_log.audit, &txn, from_n, see_statement, all);
}

Test(audit_authority, gives_every_statement_of_authority)
{
    fill_authority();
    statements all = {.count = 0};

    cr_assert_eq(read_authority(0, &all), MNSEC_OK, "%s", the_log.err.text);

    cr_expect_eq(all.count, 3);
    cr_expect_eq(all.last, 7);
}

Test(audit_authority, gives_the_statements_since_the_last_time)
{
    fill_authority();
    statements all = {.count = 0};

    cr_assert_eq(read_authority(2, &all), MNSEC_OK);
    cr_expect_eq(all.count, 1);
    cr_expect_eq(all.last, 7);
    cr_assert_eq(read_authority(3, &all), MNSEC_OK);
    cr_expect_eq(all.count, 1);
    cr_expect_eq(read_authority(4, &all), MNSEC_E_INTEGRITY_LOG);
}

static void forge_authority(uint64_t n, uint64_t index)
{
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_store_value row[] = {mn_store_integer((int64_t)n), mn_store_integer((int64_t)index)};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    cr_assert_eq(mn_store_put(&txn, MN_TABLE_AUTHORITY, row), MNSEC_OK);
    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
}

Test(audit_authority, misses_a_statement_that_was_left_out)
{
    fill_authority();
    statements all = {.count = 0};
    forge_authority(1, 7);

    cr_expect_eq(read_authority(0, &all), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_authority, misses_the_newest_statement_when_it_was_left_out)
{
    fill_authority();
    statements all = {.count = 0};
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    log_forge(MN_TABLE_AUTHORITY, 2, NULL);
    cr_assert_eq(log_reopen(), MNSEC_OK, "the table is a cache, which opening does not read");

    cr_expect_eq(read_authority(0, &all), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_authority, takes_no_other_entry_for_a_statement)
{
    fill_authority();
    statements all = {.count = 0};
    forge_authority(1, 6);

    cr_expect_eq(read_authority(0, &all), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_authority, takes_no_statement_that_is_not_in_the_tree)
{
    fill_authority();
    statements all = {.count = 0};
    char *line = log_line(MN_TABLE_LOG_ENTRY, 5);
    char *stamp = strrchr(line, ' ');
    stamp[1] ^= 3; /* the clock: part of the line, not of the statement */
    log_forge(MN_TABLE_LOG_ENTRY, 5, line);
    free(line);

    cr_expect_eq(read_authority(0, &all), MNSEC_E_INTEGRITY_LOG);
    cr_expect_not_null(strstr(the_log.err.text, "not in the tree"), "%s", the_log.err.text);
}

ParameterizedTestParameters(audit_authority, takes_no_statement_without)
{
    static table_case cases[] = {{MN_TABLE_LOG_BODY}, {MN_TABLE_LOG_SIG}};
    return cr_make_param_array(table_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const table_case *c, audit_authority, takes_no_statement_without)
{
    fill_authority();
    statements all = {.count = 0};
    log_forge(c->table, 5, NULL);

    cr_expect_eq(read_authority(0, &all), MNSEC_E_INTEGRITY_LOG);
    cr_expect_eq(all.count, 1);
}
