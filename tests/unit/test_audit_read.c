/* SPDX-License-Identifier: Apache-2.0 */
/* Reading entries back. Statements of authority: test_audit_authority.c. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "crypto/secret/hash.h"
#include "log_fixture.h"

TestSuite(audit_read, .init = log_fixture_make, .fini = log_fixture_remove);

typedef struct seen {
    uint64_t indexes[32];
    size_t count;
    size_t bodies;
    size_t signatures;
    uint64_t stop_at; /* 0 = never */
} seen;

static mnsec_status see(void *user, const mn_audit_view *view)
{
    seen *all = (seen *)user;
    all->indexes[all->count++] = view->index;
    all->bodies += view->body.len > 0;
    all->signatures += view->signature.len > 0;
    return all->stop_at != 0 && view->index == all->stop_at ? MNSEC_E_STATE_END : MNSEC_OK;
}

static mnsec_status read_all(const mn_audit_range *range, mn_audit_view_fn each, void *user)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(&the_log.err);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    return mn_audit_read(the_log.audit, &txn, range, each, user);
}

Test(audit_read, gives_a_range_in_order)
{
    log_fill(5);
    const mn_audit_range range = {.from = 2, .below = 5};
    seen all = {.count = 0};

    cr_assert_eq(read_all(&range, see, &all), MNSEC_OK);

    cr_assert_eq(all.count, 3);
    cr_expect_eq(all.indexes[0], 2);
    cr_expect_eq(all.indexes[2], 4);
    cr_expect_eq(all.bodies, 0);
}

Test(audit_read, gives_the_newest_first_and_stops_when_told)
{
    log_fill(5);
    const mn_audit_range range = {.below = UINT64_MAX, .descending = true, .with_body = true};
    seen all = {.stop_at = 4};

    cr_assert_eq(read_all(&range, see, &all), MNSEC_E_STATE_END);

    cr_assert_eq(all.count, 3);
    cr_expect_eq(all.indexes[0], 6);
    cr_expect_eq(all.indexes[2], 4);
    cr_expect_eq(all.bodies, 3);
    cr_expect_eq(all.signatures, 3);
}

Test(audit_read, gives_nothing_of_an_empty_range)
{
    log_fill(1);
    const mn_audit_range range = {.from = 3, .below = 3};
    const mn_audit_range beyond = {.from = 100, .below = 200};
    seen all = {.count = 0};

    cr_expect_eq(read_all(&range, see, &all), MNSEC_OK);
    cr_expect_eq(read_all(&beyond, see, &all), MNSEC_OK);
    cr_expect_eq(all.count, 0);
}

static mnsec_status expect_members(void *user, const mn_audit_view *view)
{
    bool *called = (bool *)user;
    *called = true;
    char record[MNSEC_ID_TEXT_BYTES];
    char value[MNSEC_ID_TEXT_BYTES];
    char kitchen[MNSEC_ID_TEXT_BYTES];
    const mnsec_id record_id = log_id(3);
    const mnsec_id value_id = log_id(4);
    mnsec_id_format(&record_id, record);
    mnsec_id_format(&value_id, value);
    mnsec_id_format(&log_kitchen, kitchen);
    cr_expect_str_eq(view->event, "record.register");
    cr_expect_str_eq(view->auth, "card");
    cr_expect_str_eq(view->department, kitchen);
    cr_expect_str_eq(view->stage, "acquire");
    cr_expect_eq(view->outcome, 0);
    cr_expect_eq(view->ses, 1);
    cr_expect_eq(view->sn, 1);
    cr_expect_eq(view->dn, 1);
    cr_expect_eq(view->t, the_log.now);
    cr_expect_str_eq(view->record, record);
    cr_expect_str_eq(view->value, value);
    cr_expect_str_eq(view->doc, "TAX_SLIP");
    cr_expect_str_eq(view->purpose, "年末調整");
    cr_expect_eq(view->count, 7);
    cr_expect_null(view->reason);
    cr_expect_null(view->actor2);
    return MNSEC_OK;
}

Test(audit_read, gives_the_members_of_statement_and_body)
{
    log_found();
    const mn_audit_session session = log_login();
    const mnsec_id record = log_id(3);
    const mnsec_id value = log_id(4);
    const mn_audit_draft draft = {
        .action = MN_ACTION_RECORD_REGISTER,
        .auth = MN_AUDIT_AUTH_CARD,
        .department = &log_kitchen,
        .session = &session,
        .body = {.record = &record,
                 .value = &value,
                 .doc = "TAX_SLIP",
                 .purpose = "年末調整",
                 .count = 7,
                 .has_count = true},
    };
    const uint64_t index = log_append(&draft);
    const mn_audit_range range = {.from = index, .below = index + 1, .with_body = true};
    bool called = false;

    cr_assert_eq(read_all(&range, expect_members, &called), MNSEC_OK);

    cr_expect(called);
}

Test(audit_read, gives_an_entry_whose_body_is_withheld)
{
    log_fill(1);
    log_forge(MN_TABLE_LOG_BODY, 2, NULL);
    log_forge(MN_TABLE_LOG_SIG, 2, NULL);
    const mn_audit_range range = {.from = 2, .below = 3, .with_body = true};
    seen all = {.count = 0};

    cr_expect_eq(read_all(&range, see, &all), MNSEC_OK);

    cr_expect_eq(all.count, 1);
    cr_expect_eq(all.bodies, 0);
    cr_expect_eq(all.signatures, 0);
}

typedef struct table_case {
    mn_store_table_id table;
} table_case;

ParameterizedTestParameters(audit_read, refuses_a_row_that_is_not_its_own)
{
    static table_case cases[] = {{MN_TABLE_LOG_ENTRY}, {MN_TABLE_LOG_BODY}, {MN_TABLE_LOG_SIG}};
    return cr_make_param_array(table_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const table_case *c, audit_read, refuses_a_row_that_is_not_its_own)
{
    log_fill(3);
    char *line = log_line(c->table, 4);
    log_forge(c->table, 3, line);
    free(line);
    const mn_audit_range range = {.below = UINT64_MAX, .with_body = true};
    seen all = {.count = 0};

    cr_expect_eq(read_all(&range, see, &all), MNSEC_E_INTEGRITY_LOG);

    cr_expect_eq(all.count, 3);
    cr_expect_not_null(strstr(the_log.err.text, "entry 3"));
}

Test(audit_read, refuses_a_log_with_a_line_left_out)
{
    log_fill(3);
    log_forge(MN_TABLE_LOG_ENTRY, 2, NULL);
    const mn_audit_range up = {.below = UINT64_MAX};
    const mn_audit_range down = {.below = UINT64_MAX, .descending = true};
    seen all = {.count = 0};

    cr_expect_eq(read_all(&up, see, &all), MNSEC_E_INTEGRITY_LOG);
    cr_expect_eq(read_all(&down, see, &all), MNSEC_E_INTEGRITY_LOG);
}
