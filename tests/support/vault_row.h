/* SPDX-License-Identifier: Apache-2.0 */
/* A copy of a row of the facility's store, for tests that change it or put it elsewhere. */
#ifndef MN_VAULT_ROW_H
#define MN_VAULT_ROW_H

#include "store/store.h"

typedef struct vault_row {
    mn_store_table_id table;
    mn_store_value values[MN_STORE_MAX_COLUMNS]; /* TEXT and BLOB point into bytes */
    mn_buf bytes[MN_STORE_MAX_COLUMNS];
} vault_row;

void vault_row_wipe(vault_row *row);
/* The row with this key, or without it the first one. Each in a transaction of its own. */
void vault_row_read(mn_store_table_id table, const mn_store_value *key, vault_row *out_row);
void vault_row_write(const vault_row *row);
/* A column becomes a copy of these bytes; the row in the store is not touched. */
void vault_row_set(vault_row *row, size_t column, const void *bytes, size_t len);
uint64_t vault_row_count(mn_store_table_id table, const mn_store_range *range);

#endif
