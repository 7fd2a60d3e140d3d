/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as somebody with a database editor would handle them. */
#include "vault_row.h"

#include <criterion/criterion.h>

#include "vault_facility.h"

void vault_row_wipe(vault_row *row)
{
    for (size_t i = 0; i < MN_STORE_MAX_COLUMNS; i++) {
        mn_buf_wipe(&row->bytes[i]);
    }
}

void vault_row_set(vault_row *row, size_t column, const void *bytes, size_t len)
{
    MN_AUTO(mn_buf) copy = {0};
    cr_assert_eq(mn_buf_append(&copy, bytes, len), MNSEC_OK);
    mn_buf_move(&row->bytes[column], &copy);
    row->values[column].bytes = mn_buf_view(&row->bytes[column]);
}

void vault_row_read(mn_store_table_id table, const mn_store_value *key, vault_row *out_row)
{
    static const mn_store_range all;
    mn_store_value values[MN_STORE_MAX_COLUMNS];
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    vault_facility_begin(MN_STORE_READ, &txn);
    if (key != NULL) {
        cr_assert_eq(mn_store_get(&txn, table, key, values), MNSEC_OK);
    } else {
        cr_assert_eq(mn_store_scan(&txn, table, &all, &cursor), MNSEC_OK);
        cr_assert_eq(mn_store_cursor_next(cursor, values), MNSEC_OK);
    }
    out_row->table = table;
    for (size_t i = 0; i < mn_store_table_columns(&mn_store_schema[table]); i++) {
        out_row->values[i] = values[i];
        if (values[i].type == MN_STORE_TEXT || values[i].type == MN_STORE_BLOB) {
            vault_row_set(out_row, i, values[i].bytes.bytes, values[i].bytes.len);
        }
    }
}

void vault_row_write(const vault_row *row)
{
    MN_AUTO(mn_store_txn) txn = {0};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_store_put(&txn, row->table, row->values), MNSEC_OK);
    vault_facility_commit(&txn);
}

uint64_t vault_row_count(mn_store_table_id table, const mn_store_range *range)
{
    uint64_t count = 0;
    MN_AUTO(mn_store_txn) txn = {0};
    vault_facility_begin(MN_STORE_READ, &txn);
    cr_assert_eq(mn_store_count(&txn, table, range, &count), MNSEC_OK);
    return count;
}
