/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The deep look: SQLite's own integrity check over every page, references, and every row read back
 * against its declaration. A changed byte inside a value that is still a good value is not seen
 * here; seals, signatures and the log's tree are what prove content.
 */
#include "sqlite_handle.h"

#include <string.h>

static mnsec_status refuse_damage(mn_error *err, const char *what)
{
    return mn_fail(err, MNSEC_E_INTEGRITY_STORE, "store is damaged (%s); restore it from a backup",
                   what);
}

/* A PRAGMA whose first row says expected, or that has no row where expected is NULL. */
static mnsec_status expect(sqlite3 *db, const char *sql, const char *expected, const char *what,
                           mn_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v3(db, sql, -1, 0, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(err, db, code);
    }
    code = sqlite3_step(stmt);
    const unsigned char *said =
        code == SQLITE_ROW && expected ? sqlite3_column_text(stmt, 0) : NULL;
    const bool good =
        expected ? said && strcmp((const char *)said, expected) == 0 : code == SQLITE_DONE;
    (void)sqlite3_finalize(stmt);
    if (good) {
        return MNSEC_OK;
    }
    return code == SQLITE_ROW || code == SQLITE_DONE ? refuse_damage(err, what)
                                                     : mn_sqlite_error(err, db, code);
}

static mnsec_status read_rows(sqlite3 *db, sqlite3_stmt *stmt, const mn_store_table *table,
                              mn_error *err)
{
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        MN_TRY(mn_sqlite_row_read(stmt, table, err, row));
    }
    return code == SQLITE_DONE ? MNSEC_OK : mn_sqlite_error(err, db, code);
}

static mnsec_status read_table(sqlite3 *db, const mn_store_table *table, mn_error *err)
{
    MN_AUTO(mn_buf) sql = {0};
    const mn_sqlite_shape everything = {.operation = MN_SQLITE_SCAN, .table = table};
    MN_TRY(mn_sqlite_sql_statement(&everything, &sql));
    sqlite3_stmt *stmt = NULL;
    const int code = sqlite3_prepare_v3(db, mn_buf_text(&sql), -1, 0, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(err, db, code);
    }
    const mnsec_status status = read_rows(db, stmt, table, err);
    (void)sqlite3_finalize(stmt);
    return status;
}

mnsec_status mn_sqlite_check_deep(sqlite3 *db, const mn_store_sqlite_plan *plan, mn_error *err)
{
    MN_TRY(expect(db, "PRAGMA integrity_check(1)", "ok", "its pages do not fit together", err));
    MN_TRY(expect(db, "PRAGMA foreign_key_check", NULL, "a row refers to a missing one", err));
    for (size_t i = 0; i < plan->table_count; i++) {
        MN_TRY(read_table(db, &plan->tables[i], err));
    }
    return MNSEC_OK;
}
