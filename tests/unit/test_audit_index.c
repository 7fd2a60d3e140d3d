/* SPDX-License-Identifier: Apache-2.0 */
/* Which value of a record is the newest: from the log, and only from a log that is whole. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "log_fixture.h"

TestSuite(audit_index, .init = log_fixture_make, .fini = log_fixture_remove);

static mnsec_status refresh(mn_audit_index *index)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(&the_log.err);
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);
    return mn_audit_index_refresh(index, &txn);
}

static mn_audit_draft writing(mn_audit_session *session, const mnsec_id *record,
                              const mnsec_id *value)
{
    return (mn_audit_draft){.action = MN_ACTION_RECORD_REGISTER,
                            .auth = MN_AUDIT_AUTH_CARD,
                            .department = &log_kitchen,
                            .session = session,
                            .body = {.record = record, .value = value}};
}

static void write_value(mn_audit_session *session, uint8_t record, uint8_t value)
{
    const mnsec_id record_id = log_id(record);
    const mnsec_id value_id = log_id(value);
    const mn_audit_draft draft = writing(session, &record_id, &value_id);
    log_append(&draft);
    session->sn++;
}

static void expect_value(const mn_audit_index *index, uint8_t record, uint8_t value)
{
    const mnsec_id record_id = log_id(record);
    const mnsec_id expected = log_id(value);
    mnsec_id found;
    cr_assert_eq(mn_audit_index_get(index, &record_id, &found), MNSEC_OK);
    cr_expect(mnsec_id_equal(&found, &expected));
}

Test(audit_index, gives_the_newest_value_of_a_record)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    write_value(&session, 4, 11);
    write_value(&session, 3, 12);
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);

    cr_assert_eq(refresh(index), MNSEC_OK, "%s", the_log.err.text);

    expect_value(index, 3, 12);
    expect_value(index, 4, 11);
}

Test(audit_index, follows_the_log)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);
    cr_assert_eq(refresh(index), MNSEC_OK);
    expect_value(index, 3, 10);
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    write_value(&session, 3, 13);

    cr_assert_eq(refresh(index), MNSEC_OK);

    expect_value(index, 3, 13);
}

Test(audit_index, knows_every_record_of_a_batch)
{
    log_found();
    mn_audit_session session = log_login();
    const mnsec_id items[3][2] = {
        {log_id(3), log_id(10)}, {log_id(4), log_id(11)}, {log_id(5), log_id(12)}};
    const mn_audit_draft draft = {.action = MN_ACTION_RECORD_IMPORT,
                                  .auth = MN_AUDIT_AUTH_CARD,
                                  .department = &log_kitchen,
                                  .session = &session,
                                  .body = {.items = items, .item_count = 3}};
    log_append(&draft);
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);

    cr_assert_eq(refresh(index), MNSEC_OK);

    expect_value(index, 3, 10);
    expect_value(index, 4, 11);
    expect_value(index, 5, 12);
}

Test(audit_index, does_not_count_what_was_refused_or_only_read)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    const mnsec_id record = log_id(3);
    const mnsec_id value = log_id(99);
    mn_audit_draft draft = writing(&session, &record, &value);
    draft.outcome = MN_AUDIT_MINOR;
    log_append(&draft);
    session.sn++;
    draft = writing(&session, &record, &value);
    draft.action = MN_ACTION_RECORD_SHOW;
    log_append(&draft);
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);

    cr_assert_eq(refresh(index), MNSEC_OK);

    expect_value(index, 3, 10);
}

Test(audit_index, does_not_find_a_record_it_does_not_know)
{
    log_found();
    static const mnsec_id none;
    const mnsec_id record = log_id(3);
    mnsec_id value;
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);

    cr_expect_eq(mn_audit_index_get(index, &record, &value), MNSEC_E_STATE_NOT_FOUND);
    cr_assert_eq(refresh(index), MNSEC_OK);
    cr_expect_eq(mn_audit_index_get(index, &record, &value), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_audit_index_get(index, &none, &value), MNSEC_E_STATE_NOT_FOUND);
}

static mnsec_status count_record(void *user, const mnsec_id *record, const mnsec_id *department)
{
    size_t *count = (size_t *)user;
    (*count)++;
    cr_expect_not(mnsec_id_is_none(record));
    cr_expect(mnsec_id_equal(department, &log_kitchen));
    return MNSEC_OK;
}

Test(audit_index, gives_every_record_once_and_has_room_for_many)
{
    enum { RECORDS = 3000 };
    log_found();
    mn_audit_session session = log_login();
    mnsec_id(*items)[2] = calloc(RECORDS, sizeof(*items));
    for (unsigned i = 0; i < RECORDS; i++) {
        /* Many of them begin alike: the worst that chance could do. */
        memset(items[i], 1, sizeof(items[i]));
        items[i][0].bytes[14] = (uint8_t)(i >> 8);
        items[i][0].bytes[15] = (uint8_t)i;
    }
    const mn_audit_draft draft = {
        .action = MN_ACTION_RECORD_IMPORT,
        .auth = MN_AUDIT_AUTH_CARD,
        .department = &log_kitchen,
        .session = &session,
        .body = {.items = (const mnsec_id(*)[2])items, .item_count = RECORDS}};
    log_append(&draft);
    free(items);
    size_t count = 0;
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);
    cr_assert_eq(refresh(index), MNSEC_OK);

    cr_expect_eq(mn_audit_index_each(index, count_record, &count), MNSEC_OK);

    cr_expect_eq(count, RECORDS);
}

static mnsec_status refresh_new(void)
{
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);
    return refresh(index);
}

Test(audit_index, refuses_a_log_in_which_a_writing_was_altered)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    write_value(&session, 3, 12);
    log_login();
    cr_assert_eq(log_checkpoint(), MNSEC_OK);
    cr_assert_eq(log_reopen(), MNSEC_OK);
    char *line = log_line(MN_TABLE_LOG_ENTRY, 3);
    char *outcome = strstr(line, "\"out\":0");
    outcome[6] = '4'; /* as if it had failed */
    log_forge(MN_TABLE_LOG_ENTRY, 3, line);
    free(line);

    cr_expect_eq(refresh_new(), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_index, refuses_a_log_in_which_a_writing_lost_its_body)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    write_value(&session, 3, 12);
    log_forge(MN_TABLE_LOG_BODY, 3, NULL);

    cr_expect_eq(refresh_new(), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_index, refuses_a_log_in_which_a_writing_has_another_body)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    write_value(&session, 3, 12);
    char *body = log_line(MN_TABLE_LOG_BODY, 2);
    log_forge(MN_TABLE_LOG_BODY, 3, body);
    free(body);

    cr_expect_eq(refresh_new(), MNSEC_E_INTEGRITY_LOG);
}

Test(audit_index, does_not_count_what_may_yet_be_rolled_back)
{
    log_found();
    mn_audit_session session = log_login();
    write_value(&session, 3, 10);
    MN_AUTO_PTR(mn_audit_index) index = NULL;
    cr_assert_eq(mn_audit_index_new(the_log.audit, &index), MNSEC_OK);
    {
        MN_AUTO(mn_store_txn) txn = {0};
        MN_AUTO(mn_audit_entry) entry = {.at = 0};
        MN_AUTO(mn_audit_signature) signature = {.alg = MN_SIGNATURE_NONE};
        const mnsec_id record = log_id(3);
        const mnsec_id value = log_id(12);
        const mn_audit_draft draft = writing(&session, &record, &value);
        uint64_t at = 0;
        cr_assert_eq(mn_audit_prepare(the_log.audit, &draft, &entry), MNSEC_OK);
        log_sign(&entry, &signature);
        cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
        cr_assert_eq(mn_audit_append(the_log.audit, &txn, &entry, &signature, 1, &at), MNSEC_OK);
        cr_assert_eq(mn_audit_index_refresh(index, &txn), MNSEC_OK);
        expect_value(index, 3, 10);
        mn_audit_settle(the_log.audit, false);
    }
    write_value(&session, 3, 13);

    cr_expect_eq(refresh(index), MNSEC_OK, "%s", the_log.err.text);

    expect_value(index, 3, 13);
}
