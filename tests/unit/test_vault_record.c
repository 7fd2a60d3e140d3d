/* SPDX-License-Identifier: Apache-2.0 */
/* The directory side of records: read back without the token, and refused when a row was touched.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "vault/vault_internal.h"
#include "vault_facility.h"
#include "vault_row.h"

enum { LINKED = 3, EPOCH, S_VERSION, DIRECTORY };
#define KIND 2

static mn_vault_department *department;
static mn_vault_record record;
static mn_vault_record read_back;

static mnsec_status put(mn_vault_department *where, const mn_vault_record *what, bool replace)
{
    MN_AUTO(mn_store_txn) txn = {0};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MN_TRY(mn_vault_record_put(where, &txn, what, replace));
    return mn_store_commit(&txn);
}

static mnsec_status get(const mnsec_id *id)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(vault_facility.err);
    vault_facility_begin(MN_STORE_READ, &txn);
    return mn_vault_record_get(department, &txn, id, &read_back);
}

static void fill(const char *name, mn_vault_record *out_record)
{
    *out_record = (mn_vault_record){.department = *mn_vault_department_id(department), .kind = 1};
    mn_random_id(&out_record->id);
    cr_assert_eq(mn_vault_subject_set(&out_record->subject, "name", name), MNSEC_OK);
}

static void read_row(const mnsec_id *id, vault_row *out_row)
{
    const mn_store_value key[] = {mn_store_blob(id->bytes, 16)};
    vault_row_read(MN_TABLE_RECORD, key, out_row);
}

/* Unlocked, one record. */
static void start(void)
{
    vault_facility_make();
    department = vault_facility_unlock(0, VAULT_FACILITY_PASSWORD);
    fill("山田 花子", &record);
    cr_assert_eq(put(department, &record, false), MNSEC_OK);
}

static void end(void)
{
    mn_vault_record_wipe(&record);
    mn_vault_record_wipe(&read_back);
    mn_vault_department_free(department);
    vault_facility_remove();
}

TestSuite(vault_record, .init = start, .fini = end);

Test(vault_record, reads_back_what_was_put)
{
    cr_assert_eq(get(&record.id), MNSEC_OK);

    cr_expect(mnsec_id_equal(&read_back.id, &record.id));
    cr_expect(mnsec_id_equal(&read_back.department, &record.department));
    cr_expect_eq(read_back.kind, 1);
    cr_expect(mnsec_id_is_none(&read_back.linked));
    cr_expect_str_eq(mn_vault_subject_get(&read_back.subject, "name"), "山田 花子");
}

Test(vault_record, shows_no_name_in_the_row)
{
    MN_AUTO(vault_row) row = {0};
    read_row(&record.id, &row);

    cr_expect_null(memmem(row.bytes[DIRECTORY].bytes, row.bytes[DIRECTORY].len, "山田", 6));
}

Test(vault_record, keeps_a_link_to_another_record)
{
    MN_AUTO(mn_vault_record) dependant = {0};
    fill("山田 太郎", &dependant);
    dependant.linked = record.id;
    dependant.kind = 2;

    cr_assert_eq(put(department, &dependant, false), MNSEC_OK);

    cr_assert_eq(get(&dependant.id), MNSEC_OK);
    cr_expect(mnsec_id_equal(&read_back.linked, &record.id));
}

Test(vault_record, without_anything_known_can_be_put)
{
    MN_AUTO(mn_vault_record) bare = {.department = record.department, .kind = 1};
    mn_random_id(&bare.id);

    cr_assert_eq(put(department, &bare, false), MNSEC_OK);

    cr_assert_eq(get(&bare.id), MNSEC_OK);
    cr_expect_null(mn_vault_subject_get(&read_back.subject, "name"));
}

Test(vault_record, is_replaced_only_when_that_is_meant)
{
    cr_assert_eq(mn_vault_subject_set(&record.subject, "name", "佐藤 花子"), MNSEC_OK);

    cr_expect_eq(put(department, &record, false), MNSEC_E_STATE_CONFLICT);
    cr_expect_eq(put(department, &record, true), MNSEC_OK);

    cr_assert_eq(get(&record.id), MNSEC_OK);
    cr_expect_str_eq(mn_vault_subject_get(&read_back.subject, "name"), "佐藤 花子");
}

Test(vault_record, that_is_not_there_is_neither_read_nor_replaced)
{
    MN_AUTO(mn_vault_record) absent = {0};
    fill("", &absent);

    cr_expect_eq(get(&absent.id), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(put(department, &absent, true), MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_record, of_another_department_is_neither_read_nor_replaced)
{
    MN_AUTO(mn_vault_record) there = {0};
    vault_facility_fill_second();
    MN_AUTO_PTR(mn_vault_department) second = vault_facility_unlock(1, VAULT_FACILITY_PASSWORD);
    fill("鈴木 一郎", &there);
    there.department = *mn_vault_department_id(second);

    cr_expect_eq(put(department, &there, false), MNSEC_E_USAGE);
    cr_assert_eq(put(second, &there, false), MNSEC_OK);
    cr_expect_eq(get(&there.id), MNSEC_E_STATE_NOT_FOUND);
    there.department = *mn_vault_department_id(department);
    cr_expect_eq(put(department, &there, true), MNSEC_E_STATE_NOT_FOUND);
}

/* --- lists --- */

typedef struct listing {
    mnsec_id ids[8];
    size_t count;
    size_t stop_after;
} listing;

static mnsec_status note(void *user, const mn_vault_record *each)
{
    listing *list = user;
    cr_assert_lt(list->count, 8);
    cr_expect_not_null(mn_vault_subject_get(&each->subject, "name"));
    list->ids[list->count++] = each->id;
    return list->count == list->stop_after ? MNSEC_E_STATE_CANCELLED : MNSEC_OK;
}

static mnsec_status list_all(listing *list)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(vault_facility.err);
    vault_facility_begin(MN_STORE_READ, &txn);
    return mn_vault_record_each(department, &txn, note, list);
}

static void add(mn_vault_department *where, const char *name)
{
    MN_AUTO(mn_vault_record) more = {0};
    fill(name, &more);
    more.department = *mn_vault_department_id(where);
    cr_assert_eq(put(where, &more, false), MNSEC_OK);
}

Test(vault_record, lists_those_of_the_department_by_id_without_the_token)
{
    listing list = {0};
    vault_facility_fill_second();
    MN_AUTO_PTR(mn_vault_department) second = vault_facility_unlock(1, VAULT_FACILITY_PASSWORD);
    add(department, "二");
    add(department, "三");
    add(second, "他");
    token_fixture_reset_counts();

    cr_assert_eq(list_all(&list), MNSEC_OK);

    cr_assert_eq(list.count, 3);
    cr_expect_lt(memcmp(list.ids[0].bytes, list.ids[1].bytes, 16), 0);
    cr_expect_lt(memcmp(list.ids[1].bytes, list.ids[2].bytes, 16), 0);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 0);
}

Test(vault_record, stops_listing_where_the_caller_does)
{
    listing list = {.stop_after = 1};
    add(department, "二");

    cr_expect_eq(list_all(&list), MNSEC_E_STATE_CANCELLED);
    cr_expect_eq(list.count, 1);
}

Test(vault_record, opens_after_the_secrets_were_renewed)
{
    listing list = {0};
    vault_facility_withdraw();
    vault_facility_set_password("operation password two");
    mn_vault_department_free(department);
    department = vault_facility_unlock(0, "operation password two");
    add(department, "新");

    cr_expect_eq(list_all(&list), MNSEC_OK);

    cr_expect_eq(list.count, 2);
    cr_expect_eq(get(&record.id), MNSEC_OK);
}

/* --- tampering --- */

Test(vault_record, with_any_byte_changed_or_cut_off_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    MN_AUTO(mn_buf) directory = {0};
    read_row(&record.id, &row);
    mn_buf_move(&directory, &row.bytes[DIRECTORY]);

    for (size_t i = 0; i < directory.len; i++) {
        directory.bytes[i] ^= 0x20;
        vault_row_set(&row, DIRECTORY, directory.bytes, directory.len);
        vault_row_write(&row);
        cr_expect_eq(get(&record.id), MNSEC_E_INTEGRITY_RECORD, "byte %zu", i);
        directory.bytes[i] ^= 0x20;
        vault_row_set(&row, DIRECTORY, directory.bytes, i);
        vault_row_write(&row);
        cr_expect_eq(get(&record.id), MNSEC_E_INTEGRITY_RECORD, "%zu bytes", i);
    }
}

Test(vault_record, exchanged_with_another_is_tampered_with_and_so_is_the_list)
{
    listing list = {0};
    MN_AUTO(vault_row) row = {0};
    MN_AUTO(mn_vault_record) other = {0};
    fill("鈴木 一郎", &other);
    cr_assert_eq(put(department, &other, false), MNSEC_OK);
    read_row(&other.id, &row);

    vault_row_set(&row, 0, record.id.bytes, 16);
    vault_row_write(&row);

    cr_expect_eq(get(&record.id), MNSEC_E_INTEGRITY_RECORD);
    cr_expect_eq(list_all(&list), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_record, moved_to_another_department_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    vault_facility_fill_second();
    read_row(&record.id, &row);

    vault_row_set(&row, 1, vault_facility.departments[1].bytes, 16);
    vault_row_write(&row);
    mn_vault_department_free(department);
    department = vault_facility_unlock(1, VAULT_FACILITY_PASSWORD);

    cr_expect_eq(get(&record.id), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_record, with_a_link_that_was_not_sealed_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    read_row(&record.id, &row);

    row.values[LINKED].type = MN_STORE_BLOB;
    vault_row_set(&row, LINKED, record.id.bytes, 16);
    vault_row_write(&row);

    cr_expect_eq(get(&record.id), MNSEC_E_INTEGRITY_RECORD);
}

/* One facility for all cases: each costs half a second. */
Test(vault_record, row_that_was_changed_is_tampered_with)
{
    static const struct {
        const char *what;
        size_t column;
        int64_t number;
    } cases[] = {
        {"another kind", KIND, 2},
        {"a negative kind", KIND, -1},
        {"a huge kind", KIND, INT64_MAX},
        {"another epoch", EPOCH, 2},
        {"epoch 0", EPOCH, 0},
        {"another s version", S_VERSION, 2},
        {"s version 0", S_VERSION, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        MN_AUTO(vault_row) row = {0};
        read_row(&record.id, &row);
        const int64_t right = row.values[cases[i].column].integer;

        row.values[cases[i].column].integer = cases[i].number;
        vault_row_write(&row);
        cr_expect_eq(get(&record.id), MNSEC_E_INTEGRITY_RECORD, "%s", cases[i].what);

        row.values[cases[i].column].integer = right;
        vault_row_write(&row);
        cr_expect_eq(get(&record.id), MNSEC_OK);
    }
}
