/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values into parameters, columns into values. What comes out is checked as strictly as what goes
 * in: the file may have been written by another program, and STRICT is only its own promise.
 */
#include "sqlite_handle.h"

#include <string.h>

static int bind_one(sqlite3_stmt *stmt, int at, const mn_store_value *value,
                    sqlite3_destructor_type lifetime)
{
    const void *bytes = value->bytes.len > 0 ? value->bytes.bytes : (const void *)"";
    switch (value->type) {
    case MN_STORE_NULL:
        return sqlite3_bind_null(stmt, at);
    case MN_STORE_INTEGER:
        return sqlite3_bind_int64(stmt, at, value->integer);
    case MN_STORE_TEXT:
        return sqlite3_bind_text64(stmt, at, bytes, value->bytes.len, lifetime, SQLITE_UTF8);
    case MN_STORE_BLOB:
        return sqlite3_bind_blob64(stmt, at, bytes, value->bytes.len, lifetime);
    }
    return SQLITE_MISUSE;
}

int mn_sqlite_row_bind(sqlite3_stmt *stmt, int first, const mn_store_value *values, size_t count,
                       bool lasting)
{
    for (size_t i = 0; i < count; i++) {
        const int code =
            bind_one(stmt, first + (int)i, &values[i], lasting ? SQLITE_TRANSIENT : SQLITE_STATIC);
        if (code != SQLITE_OK) {
            return code;
        }
    }
    return SQLITE_OK;
}

/* False where memory ran out. */
static bool read_one(sqlite3_stmt *stmt, int column, mn_store_value *out_value)
{
    switch (sqlite3_column_type(stmt, column)) {
    case SQLITE_NULL:
        *out_value = mn_store_null();
        return true;
    case SQLITE_INTEGER:
        *out_value = mn_store_integer(sqlite3_column_int64(stmt, column));
        return true;
    case SQLITE_TEXT:
        out_value->type = MN_STORE_TEXT;
        break;
    case SQLITE_BLOB:
        out_value->type = MN_STORE_BLOB;
        break;
    default: /* a floating-point number fits no column of ours */
        *out_value = (mn_store_value){.type = (mn_store_type)-1};
        return true;
    }
    const void *bytes = sqlite3_column_blob(stmt, column);
    const int len = sqlite3_column_bytes(stmt, column);
    out_value->integer = 0;
    out_value->bytes = mn_bytes_of(len > 0 ? bytes : "", (size_t)len);
    return out_value->bytes.bytes != NULL;
}

mnsec_status mn_sqlite_row_read(sqlite3_stmt *stmt, const mn_store_table *table, mn_error *err,
                                mn_store_value *out_row)
{
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    const size_t columns = mn_store_table_columns(table);
    for (size_t i = 0; i < columns; i++) {
        if (!read_one(stmt, (int)i, &row[i])) {
            return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
        }
        const char *problem = mn_store_value_problem(&table->columns[i], &row[i]);
        if (problem) {
            return mn_fail(err, MNSEC_E_INTEGRITY_STORE, "stored value of %s.%s %s", table->name,
                           table->columns[i].name, problem);
        }
    }
    memcpy(out_row, row, columns * sizeof row[0]);
    return MNSEC_OK;
}
