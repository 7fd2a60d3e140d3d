/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to a table's declaration: its columns, its indexes, the order of a scan. Pure.
 * The declarations themselves: store_schema.c.
 */
#include "store.h"

#include <string.h>

static size_t index_columns(const mn_store_index *index)
{
    size_t count = 0;
    while (index && count < MN_STORE_MAX_INDEX_COLUMNS && index->columns[count]) {
        count++;
    }
    return count;
}

static bool index_has(const mn_store_table *table, const mn_store_index *index, size_t column)
{
    for (size_t i = 0; i < index_columns(index); i++) {
        if (strcmp(index->columns[i], table->columns[column].name) == 0) {
            return true;
        }
    }
    return false;
}

size_t mn_store_table_columns(const mn_store_table *table)
{
    size_t count = 0;
    while (count < MN_STORE_MAX_COLUMNS && table->columns[count].name) {
        count++;
    }
    return count;
}

size_t mn_store_table_indexes(const mn_store_table *table)
{
    size_t count = 0;
    while (count < MN_STORE_MAX_INDEXES && table->indexes[count].name) {
        count++;
    }
    return count;
}

size_t mn_store_table_column(const mn_store_table *table, const char *name)
{
    for (size_t i = 0; i < mn_store_table_columns(table); i++) {
        if (strcmp(table->columns[i].name, name) == 0) {
            return i;
        }
    }
    return MN_STORE_MAX_COLUMNS;
}

size_t mn_store_table_order(const mn_store_table *table, const mn_store_index *index, size_t place)
{
    const size_t leading = index_columns(index);
    if (place < leading) {
        return mn_store_table_column(table, index->columns[place]);
    }
    size_t left = place - leading;
    for (size_t column = 0; column < table->key_columns; column++) {
        if (index_has(table, index, column)) {
            continue;
        }
        if (left == 0) {
            return column;
        }
        left--;
    }
    return MN_STORE_MAX_COLUMNS;
}

const mn_store_index *mn_store_table_index(const mn_store_table *table, const char *name)
{
    for (size_t i = 0; i < mn_store_table_indexes(table); i++) {
        if (strcmp(table->indexes[i].name, name) == 0) {
            return &table->indexes[i];
        }
    }
    return NULL;
}
