/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers: come back where they were put, at their exact price; found when somebody has them; and
 * refused as tampered with wherever a row was changed, exchanged or put back.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "vault/vault_internal.h"
#include "vault_facility.h"
#include "vault_row.h"

#define NUMBER       "123456789018"
#define OTHER_NUMBER "987654321098"

enum { VALUE_ID = 2, VALUE_EPOCH, VALUE_S_VERSION, VALUE_OUTER, VALUE_SPARE, VALUE_TAG };

static mn_vault_department *department;
static mnsec_id record;
static mnsec_id other;
static mnsec_id value;
static mn_secret opened;

static void add_record(mn_vault_department *where, mnsec_id *out_record)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_vault_record fresh = {.department = *mn_vault_department_id(where), .kind = 1};
    mn_random_id(&fresh.id);
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_vault_record_put(where, &txn, &fresh, false), MNSEC_OK);
    vault_facility_commit(&txn);
    *out_record = fresh.id;
}

static mnsec_status put(const mnsec_id *where, const mnsec_id *value_id, const char *digits,
                        mnsec_id *out_existing)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) number = vault_facility_secret(digits);
    mn_error_clear(vault_facility.err);
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MN_TRY(mn_vault_number_put(department, &txn, where, value_id, &number, out_existing));
    return mn_store_commit(&txn);
}

static mnsec_status open_number(const mnsec_id *where, const mnsec_id *newest)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(vault_facility.err);
    mn_secret_wipe(&opened);
    vault_facility_begin(MN_STORE_READ, &txn);
    const mnsec_status status = mn_vault_number_open(department, &txn, where, newest, &opened);
    cr_expect_eq(opened.bytes == NULL, status != MNSEC_OK);
    return status;
}

static mnsec_status search(const char *digits, mnsec_id *out_record)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) number = vault_facility_secret(digits);
    vault_facility_begin(MN_STORE_READ, &txn);
    return mn_vault_number_search(department, &txn, &number, out_record);
}

static mnsec_status remove_number(const mnsec_id *where)
{
    MN_AUTO(mn_store_txn) txn = {0};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MN_TRY(mn_vault_number_remove(department, &txn, where));
    return mn_store_commit(&txn);
}

static void read_value(const mnsec_id *where, vault_row *out_row)
{
    const mn_store_value key[] = {mn_store_blob(where->bytes, 16),
                                  mn_store_integer(MN_VAULT_FIELD_NUMBER)};
    vault_row_read(MN_TABLE_VALUE, key, out_row);
}

/* Unlocked, two records, a number in the first. */
static void start(void)
{
    vault_facility_make();
    department = vault_facility_unlock(0, VAULT_FACILITY_PASSWORD);
    add_record(department, &record);
    add_record(department, &other);
    mn_random_id(&value);
    cr_assert_eq(put(&record, &value, NUMBER, NULL), MNSEC_OK);
}

static void end(void)
{
    mn_secret_wipe(&opened);
    mn_vault_department_free(department);
    vault_facility_remove();
}

static void unlock_again(const char *password)
{
    mn_vault_department_free(department);
    department = vault_facility_unlock(0, password);
}

static void renew_twice(void)
{
    vault_facility_withdraw();
    vault_facility_set_password("operation password two");
    unlock_again("operation password two");
}

TestSuite(vault_number, .init = start, .fini = end);

Test(vault_number, comes_back)
{
    cr_assert_eq(open_number(&record, &value), MNSEC_OK);

    cr_expect_eq(opened.len, MN_VAULT_NUMBER_DIGITS);
    cr_expect_arr_eq(opened.bytes, NUMBER, MN_VAULT_NUMBER_DIGITS);
}

Test(vault_number, is_put_with_one_mac_and_two_encryptions)
{
    token_fixture_reset_counts();

    cr_assert_eq(put(&other, &value, OTHER_NUMBER, NULL), MNSEC_OK);

    const vault_facility_cost cost = vault_facility_cost_of();
    cr_expect_eq(cost.macs, 1);
    cr_expect_eq(cost.encryptions, 2);
    cr_expect_eq(cost.decryptions, 0);
}

Test(vault_number, is_opened_with_one_decryption)
{
    token_fixture_reset_counts();

    cr_assert_eq(open_number(&record, &value), MNSEC_OK);

    const vault_facility_cost cost = vault_facility_cost_of();
    cr_expect_eq(cost.decryptions, 1);
    cr_expect_eq(cost.macs + cost.encryptions, 0);
}

Test(vault_number, is_nowhere_in_the_row)
{
    MN_AUTO(vault_row) row = {0};
    read_value(&record, &row);

    cr_expect_null(memmem(row.bytes[VALUE_OUTER].bytes, row.bytes[VALUE_OUTER].len, NUMBER, 12));
    cr_expect_null(memmem(row.bytes[VALUE_TAG].bytes, row.bytes[VALUE_TAG].len, NUMBER, 12));
}

Test(vault_number, that_was_never_put_is_not_found)
{
    cr_expect_eq(open_number(&other, &value), MNSEC_E_STATE_NOT_FOUND);
}

/* --- tampering --- */

Test(vault_number, older_value_put_back_is_tampered_with)
{
    mnsec_id newest;
    MN_AUTO(vault_row) former = {0};
    read_value(&record, &former);
    mn_random_id(&newest);
    cr_assert_eq(remove_number(&record), MNSEC_OK);
    cr_assert_eq(put(&record, &newest, OTHER_NUMBER, NULL), MNSEC_OK);

    vault_row_write(&former);

    cr_expect_eq(open_number(&record, &newest), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_number, older_value_under_the_newest_value_id_is_tampered_with)
{
    mnsec_id newest;
    MN_AUTO(vault_row) former = {0};
    read_value(&record, &former);
    mn_random_id(&newest);
    cr_assert_eq(remove_number(&record), MNSEC_OK);
    cr_assert_eq(put(&record, &newest, OTHER_NUMBER, NULL), MNSEC_OK);

    vault_row_set(&former, VALUE_ID, newest.bytes, sizeof newest.bytes);
    vault_row_write(&former);

    cr_expect_eq(open_number(&record, &newest), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_number, of_another_record_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    read_value(&record, &row);

    vault_row_set(&row, 0, other.bytes, sizeof other.bytes);
    vault_row_write(&row);

    cr_expect_eq(open_number(&other, &value), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_number, of_another_department_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    mnsec_id there;
    vault_facility_fill_second();
    MN_AUTO_PTR(mn_vault_department) second = vault_facility_unlock(1, VAULT_FACILITY_PASSWORD);
    MN_AUTO(mn_store_txn) txn = {0};
    add_record(second, &there);
    read_value(&record, &row);

    vault_row_set(&row, 0, there.bytes, sizeof there.bytes);
    vault_row_write(&row);

    vault_facility_begin(MN_STORE_READ, &txn);
    cr_expect_eq(mn_vault_number_open(second, &txn, &there, &value, &opened),
                 MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_number, of_another_facility_is_tampered_with)
{
    mn_random_id(&department->vault.facility);

    cr_expect_eq(open_number(&record, &value), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_number, with_any_byte_changed_or_cut_off_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    MN_AUTO(mn_buf) outer = {0};
    read_value(&record, &row);
    mn_buf_move(&outer, &row.bytes[VALUE_OUTER]);

    for (size_t i = 0; i < outer.len; i++) {
        outer.bytes[i] ^= 0x20;
        vault_row_set(&row, VALUE_OUTER, outer.bytes, outer.len);
        vault_row_write(&row);
        cr_expect_eq(open_number(&record, &value), MNSEC_E_INTEGRITY_RECORD, "byte %zu", i);
        outer.bytes[i] ^= 0x20;
        vault_row_set(&row, VALUE_OUTER, outer.bytes, i);
        vault_row_write(&row);
        cr_expect_eq(open_number(&record, &value), MNSEC_E_INTEGRITY_RECORD, "%zu bytes", i);
    }
    vault_row_set(&row, VALUE_OUTER, outer.bytes, outer.len);
    vault_row_write(&row);
    cr_expect_eq(open_number(&record, &value), MNSEC_OK);
}

/* One facility for all cases: each costs half a second. */
Test(vault_number, row_that_names_what_cannot_be_is_tampered_with)
{
    static const struct {
        const char *what;
        size_t column;
        int64_t number;
    } cases[] = {
        {"another epoch", VALUE_EPOCH, 2},
        {"epoch 0", VALUE_EPOCH, 0},
        {"a negative epoch", VALUE_EPOCH, -1},
        {"a huge epoch", VALUE_EPOCH, INT64_MAX},
        {"another s version", VALUE_S_VERSION, 2},
        {"s version 0", VALUE_S_VERSION, 0},
        {"a huge s version", VALUE_S_VERSION, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        MN_AUTO(vault_row) row = {0};
        read_value(&record, &row);
        const int64_t right = row.values[cases[i].column].integer;

        row.values[cases[i].column].integer = cases[i].number;
        vault_row_write(&row);
        cr_expect_eq(open_number(&record, &value), MNSEC_E_INTEGRITY_RECORD, "%s", cases[i].what);

        row.values[cases[i].column].integer = right;
        vault_row_write(&row);
        cr_expect_eq(open_number(&record, &value), MNSEC_OK);
    }
}

Test(vault_number, under_another_s_version_that_was_is_tampered_with)
{
    MN_AUTO(vault_row) row = {0};
    renew_twice();
    read_value(&record, &row);

    row.values[VALUE_S_VERSION].integer = 2;
    vault_row_write(&row);

    cr_expect_eq(open_number(&record, &value), MNSEC_E_INTEGRITY_RECORD);
}

Test(vault_number, is_not_called_tampered_with_when_the_token_is_sick)
{
    token_fixture_plan("C_Decrypt 1 always CKR_DEVICE_ERROR\n");

    const mnsec_status status = open_number(&record, &value);

    token_fixture_plan(NULL);
    cr_expect_eq(mnsec_status_class(status), MNSEC_CLASS_CARD, "%s", mnsec_status_name(status));
}

/* --- renewals --- */

Test(vault_number, opens_after_the_secrets_were_renewed)
{
    renew_twice();

    cr_assert_eq(open_number(&record, &value), MNSEC_OK);

    cr_expect_arr_eq(opened.bytes, NUMBER, MN_VAULT_NUMBER_DIGITS);
}

Test(vault_number, put_after_a_renewal_is_under_the_new_secret)
{
    MN_AUTO(vault_row) row = {0};
    renew_twice();

    cr_assert_eq(put(&other, &value, OTHER_NUMBER, NULL), MNSEC_OK);

    read_value(&other, &row);
    cr_expect_eq(row.values[VALUE_S_VERSION].integer, 3);
    cr_assert_eq(open_number(&other, &value), MNSEC_OK);
    cr_expect_arr_eq(opened.bytes, OTHER_NUMBER, MN_VAULT_NUMBER_DIGITS);
}

/* --- who has it --- */

Test(vault_number, is_found_with_one_mac)
{
    mnsec_id found;
    token_fixture_reset_counts();

    cr_assert_eq(search(NUMBER, &found), MNSEC_OK);

    cr_expect(mnsec_id_equal(&found, &record));
    const vault_facility_cost cost = vault_facility_cost_of();
    cr_expect_eq(cost.macs, 1);
    cr_expect_eq(cost.encryptions + cost.decryptions, 0);
}

Test(vault_number, that_nobody_has_is_not_found)
{
    mnsec_id found;

    cr_expect_eq(search(OTHER_NUMBER, &found), MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_number, is_found_after_renewals_with_one_mac_for_each_live_pair)
{
    mnsec_id found;
    renew_twice();
    cr_assert_eq(put(&other, &value, OTHER_NUMBER, NULL), MNSEC_OK);
    token_fixture_reset_counts();

    cr_assert_eq(search(NUMBER, &found), MNSEC_OK);

    cr_expect(mnsec_id_equal(&found, &record));
    cr_expect_eq(vault_facility_cost_of().macs, 2, "s versions 3 and 1 have rows, 2 has none");
}

Test(vault_number, that_another_record_has_is_refused_with_its_name)
{
    mnsec_id existing = {0};

    cr_expect_eq(put(&other, &value, NUMBER, &existing), MNSEC_E_STATE_CONFLICT);

    cr_expect(mnsec_id_equal(&existing, &record));
    cr_expect_eq(open_number(&other, &value), MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_number, that_another_record_has_is_refused_across_renewals)
{
    mnsec_id existing = {0};
    renew_twice();

    cr_expect_eq(put(&other, &value, NUMBER, &existing), MNSEC_E_STATE_CONFLICT);

    cr_expect(mnsec_id_equal(&existing, &record));
}

Test(vault_number, is_refused_where_the_record_has_one)
{
    mnsec_id existing = {0};

    cr_expect_eq(put(&record, &value, OTHER_NUMBER, &existing), MNSEC_E_STATE_CONFLICT);

    cr_expect(mnsec_id_equal(&existing, &record));
}

Test(vault_number, may_be_had_in_two_departments)
{
    mnsec_id there;
    vault_facility_fill_second();
    mn_vault_department_free(department);
    department = vault_facility_unlock(1, VAULT_FACILITY_PASSWORD);
    add_record(department, &there);

    cr_expect_eq(put(&there, &value, NUMBER, NULL), MNSEC_OK);
    cr_expect_eq(search(OTHER_NUMBER, &there), MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_number, that_was_removed_is_gone_and_may_be_put_again)
{
    mnsec_id found;

    cr_assert_eq(remove_number(&record), MNSEC_OK);

    cr_expect_eq(open_number(&record, &value), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(search(NUMBER, &found), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(remove_number(&record), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(put(&other, &value, NUMBER, NULL), MNSEC_OK);
}

Test(vault_number, is_not_put_or_removed_in_another_departments_record)
{
    mnsec_id there;
    vault_facility_fill_second();
    MN_AUTO_PTR(mn_vault_department) second = vault_facility_unlock(1, VAULT_FACILITY_PASSWORD);
    add_record(second, &there);

    cr_expect_eq(put(&there, &value, OTHER_NUMBER, NULL), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(remove_number(&there), MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_number, refuses_what_is_not_twelve_digits)
{
    static const char *const cases[] = {"",
                                        "12345678901",
                                        "1234567890180",
                                        "12345678901x",
                                        "1234 5678901",
                                        "/23456789018",
                                        ":23456789018"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mnsec_id found;
        cr_expect_eq(put(&other, &value, cases[i], NULL), MNSEC_E_USAGE_FORMAT, "%s", cases[i]);
        cr_expect_eq(search(cases[i], &found), MNSEC_E_USAGE_FORMAT, "%s", cases[i]);
    }
}
