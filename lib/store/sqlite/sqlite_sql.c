/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL text from the tables' declarations: what makes them and what works on their rows. Names come
 * from the declaration only, values are always parameters. The text of CREATE statements is what
 * sqlite_schema.c compares word for word: a change of form here is a change of the file's format.
 */
#include "sqlite_handle.h"

#include <string.h>

static const char *const type_words[] = {
    [MN_STORE_NULL] = "",
    [MN_STORE_INTEGER] = "INTEGER",
    [MN_STORE_TEXT] = "TEXT",
    [MN_STORE_BLOB] = "BLOB",
};

static const char *const fixed_texts[] = {
    [MN_SQLITE_BEGIN_READ] = "BEGIN",
    [MN_SQLITE_BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [MN_SQLITE_COMMIT] = "COMMIT",
    [MN_SQLITE_ROLLBACK] = "ROLLBACK",
    [MN_SQLITE_COOKIE] = "PRAGMA schema_version",
};

/* One integer as key is SQLite's own row number. */
static bool is_rowid(const mn_store_table *table)
{
    return table->key_columns == 1 && table->columns[0].type == MN_STORE_INTEGER;
}

static mnsec_status append_names(const mn_store_table *table, size_t count, mn_buf *sql)
{
    for (size_t i = 0; i < count; i++) {
        MN_TRY(mn_buf_printf(sql, "%s\"%s\"", i > 0 ? ", " : "", table->columns[i].name));
    }
    return MNSEC_OK;
}

static mnsec_status append_reference(const mn_store_sqlite_plan *plan,
                                     const mn_store_column *column, mn_buf *sql)
{
    for (size_t i = 0; i < plan->table_count; i++) {
        if (strcmp(plan->tables[i].name, column->references) == 0) {
            return mn_buf_printf(sql, " REFERENCES \"%s\" (\"%s\")", plan->tables[i].name,
                                 plan->tables[i].columns[0].name);
        }
    }
    return MNSEC_E_INTERNAL;
}

mnsec_status mn_sqlite_sql_table(const mn_store_sqlite_plan *plan, const mn_store_table *table,
                                 mn_buf *out_sql)
{
    MN_TRY(mn_buf_printf(out_sql, "CREATE TABLE \"%s\" (", table->name));
    for (size_t i = 0; i < mn_store_table_columns(table); i++) {
        const mn_store_column *column = &table->columns[i];
        MN_TRY(mn_buf_printf(out_sql, "%s\"%s\" %s%s", i > 0 ? ", " : "", column->name,
                             type_words[column->type], column->nullable ? "" : " NOT NULL"));
        if (column->references) {
            MN_TRY(append_reference(plan, column, out_sql));
        }
    }
    MN_TRY(mn_buf_append_text(out_sql, ", PRIMARY KEY ("));
    MN_TRY(append_names(table, table->key_columns, out_sql));
    const bool clustered = !is_rowid(table) && !table->wide;
    return mn_buf_printf(out_sql, ")) STRICT%s", clustered ? ", WITHOUT ROWID" : "");
}

mnsec_status mn_sqlite_sql_index(const mn_store_table *table, const mn_store_index *index,
                                 mn_buf *out_sql)
{
    MN_TRY(mn_buf_printf(out_sql, "CREATE %sINDEX \"%s_%s\" ON \"%s\" (",
                         index->unique ? "UNIQUE " : "", table->name, index->name, table->name));
    for (size_t place = 0;; place++) {
        const size_t column = mn_store_table_order(table, index, place);
        const bool in_index = place < MN_STORE_MAX_INDEX_COLUMNS && index->columns[place];
        /* The key's columns put rows of equal index values into the order of their keys; in a
         * unique index they would make every row another one. */
        if (column == MN_STORE_MAX_COLUMNS || (index->unique && !in_index)) {
            break;
        }
        MN_TRY(
            mn_buf_printf(out_sql, "%s\"%s\"", place > 0 ? ", " : "", table->columns[column].name));
    }
    return mn_buf_append_text(out_sql, ")");
}

static mnsec_status append_key_match(const mn_store_table *table, mn_buf *sql)
{
    MN_TRY(mn_buf_append_text(sql, " WHERE "));
    for (size_t i = 0; i < table->key_columns; i++) {
        MN_TRY(mn_buf_printf(sql, "%s\"%s\" = ?%zu", i > 0 ? " AND " : "", table->columns[i].name,
                             i + 1));
    }
    return MNSEC_OK;
}

static mnsec_status select_one(const mn_store_table *table, mn_buf *sql)
{
    MN_TRY(mn_buf_append_text(sql, "SELECT "));
    MN_TRY(append_names(table, mn_store_table_columns(table), sql));
    MN_TRY(mn_buf_printf(sql, " FROM \"%s\"", table->name));
    return append_key_match(table, sql);
}

static mnsec_status delete_one(const mn_store_table *table, mn_buf *sql)
{
    MN_TRY(mn_buf_printf(sql, "DELETE FROM \"%s\"", table->name));
    return append_key_match(table, sql);
}

static mnsec_status insert_one(const mn_store_table *table, mn_buf *sql)
{
    MN_TRY(mn_buf_printf(sql, "INSERT INTO \"%s\" (", table->name));
    MN_TRY(append_names(table, mn_store_table_columns(table), sql));
    MN_TRY(mn_buf_append_text(sql, ") VALUES ("));
    for (size_t i = 0; i < mn_store_table_columns(table); i++) {
        MN_TRY(mn_buf_printf(sql, "%s?%zu", i > 0 ? ", " : "", i + 1));
    }
    return mn_buf_append_text(sql, ")");
}

/* Not INSERT OR REPLACE: that would remove the row, which others may refer to. */
static mnsec_status insert_or_update(const mn_store_table *table, mn_buf *sql)
{
    MN_TRY(insert_one(table, sql));
    MN_TRY(mn_buf_append_text(sql, " ON CONFLICT ("));
    MN_TRY(append_names(table, table->key_columns, sql));
    MN_TRY(mn_buf_append_text(sql, ") DO "));
    if (table->key_columns == mn_store_table_columns(table)) {
        return mn_buf_append_text(sql, "NOTHING");
    }
    MN_TRY(mn_buf_append_text(sql, "UPDATE SET "));
    for (size_t i = table->key_columns; i < mn_store_table_columns(table); i++) {
        MN_TRY(mn_buf_printf(sql, "%s\"%s\" = excluded.\"%s\"", i > table->key_columns ? ", " : "",
                             table->columns[i].name, table->columns[i].name));
    }
    return MNSEC_OK;
}

static mnsec_status append_condition(const mn_sqlite_shape *shape, size_t place,
                                     const char *operator, size_t * parameter, mn_buf *sql)
{
    const size_t column = mn_store_table_order(shape->table, shape->index, place);
    if (column == MN_STORE_MAX_COLUMNS) {
        return MNSEC_E_INTERNAL;
    }
    (*parameter)++;
    return mn_buf_printf(sql, "%s\"%s\" %s ?%zu", *parameter > 1 ? " AND " : " WHERE ",
                         shape->table->columns[column].name, operator, * parameter);
}

static mnsec_status append_range(const mn_sqlite_shape *shape, size_t *parameter, mn_buf *sql)
{
    MN_TRY(mn_buf_printf(sql, " FROM \"%s\"", shape->table->name));
    if (shape->index) {
        MN_TRY(mn_buf_printf(sql, " INDEXED BY \"%s_%s\"", shape->table->name, shape->index->name));
    }
    for (size_t place = 0; place < shape->equal_count; place++) {
        MN_TRY(append_condition(shape, place, "IS", parameter, sql));
    }
    if (shape->has_from) {
        MN_TRY(append_condition(shape, shape->equal_count, ">=", parameter, sql));
    }
    if (shape->has_below) {
        MN_TRY(append_condition(shape, shape->equal_count, "<", parameter, sql));
    }
    return MNSEC_OK;
}

static mnsec_status append_limit(const mn_sqlite_shape *shape, size_t parameter, mn_buf *sql)
{
    return shape->has_limit ? mn_buf_printf(sql, " LIMIT ?%zu", parameter + 1) : MNSEC_OK;
}

static mnsec_status select_range(const mn_sqlite_shape *shape, mn_buf *sql)
{
    size_t parameter = 0;
    MN_TRY(mn_buf_append_text(sql, "SELECT "));
    MN_TRY(append_names(shape->table, mn_store_table_columns(shape->table), sql));
    MN_TRY(append_range(shape, &parameter, sql));
    MN_TRY(mn_buf_append_text(sql, " ORDER BY "));
    size_t column;
    for (size_t place = 0;
         (column = mn_store_table_order(shape->table, shape->index, place)) != MN_STORE_MAX_COLUMNS;
         place++) {
        MN_TRY(mn_buf_printf(sql, "%s\"%s\"%s", place > 0 ? ", " : "",
                             shape->table->columns[column].name, shape->descending ? " DESC" : ""));
    }
    return append_limit(shape, parameter, sql);
}

static mnsec_status count_range(const mn_sqlite_shape *shape, mn_buf *sql)
{
    size_t parameter = 0;
    MN_TRY(mn_buf_append_text(sql, shape->has_limit ? "SELECT count(*) FROM (SELECT 1"
                                                    : "SELECT count(*)"));
    MN_TRY(append_range(shape, &parameter, sql));
    MN_TRY(append_limit(shape, parameter, sql));
    return shape->has_limit ? mn_buf_append_text(sql, ")") : MNSEC_OK;
}

mnsec_status mn_sqlite_sql_statement(const mn_sqlite_shape *shape, mn_buf *out_sql)
{
    switch (shape->operation) {
    case MN_SQLITE_BEGIN_READ:
    case MN_SQLITE_BEGIN_WRITE:
    case MN_SQLITE_COMMIT:
    case MN_SQLITE_ROLLBACK:
    case MN_SQLITE_COOKIE:
        return mn_buf_append_text(out_sql, fixed_texts[shape->operation]);
    case MN_SQLITE_GET:
        return select_one(shape->table, out_sql);
    case MN_SQLITE_INSERT:
        return insert_one(shape->table, out_sql);
    case MN_SQLITE_REPLACE:
        return insert_or_update(shape->table, out_sql);
    case MN_SQLITE_REMOVE:
        return delete_one(shape->table, out_sql);
    case MN_SQLITE_SCAN:
        return select_range(shape, out_sql);
    case MN_SQLITE_COUNT:
        return count_range(shape, out_sql);
    }
    return MNSEC_E_INTERNAL;
}
