/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cursors over a range, and counting one. A cursor holds a statement of its own until it has given
 * its last row, is closed, or its transaction ends; a statement left standing would keep the
 * snapshot alive beyond the commit.
 */
#include "sqlite_handle.h"

#include <stdlib.h>

static mnsec_status take_range(mn_sqlite *self, mn_sqlite_operation operation,
                               const mn_store_table *table, const mn_store_range *range,
                               mn_sqlite_statement **out_statement)
{
    const mn_sqlite_shape shape = {
        .operation = operation,
        .table = table,
        .index = range->index ? mn_store_table_index(table, range->index) : NULL,
        .equal_count = range->equal_count,
        .has_from = range->from != NULL,
        .has_below = range->below != NULL,
        .descending = operation == MN_SQLITE_SCAN && range->descending,
        .has_limit = range->limit > 0,
    };
    return mn_sqlite_statement_take(self, &shape, out_statement);
}

static int bind_range(sqlite3_stmt *stmt, const mn_store_range *range)
{
    int next = 1;
    int code = mn_sqlite_row_bind(stmt, next, range->equal, range->equal_count, true);
    next += (int)range->equal_count;
    if (code == SQLITE_OK && range->from) {
        code = mn_sqlite_row_bind(stmt, next++, range->from, 1, true);
    }
    if (code == SQLITE_OK && range->below) {
        code = mn_sqlite_row_bind(stmt, next++, range->below, 1, true);
    }
    if (code == SQLITE_OK && range->limit > 0) {
        const uint64_t limit = range->limit < INT64_MAX ? range->limit : INT64_MAX;
        code = sqlite3_bind_int64(stmt, next, (int64_t)limit);
    }
    return code;
}

static mnsec_status start_range(mn_sqlite *self, mn_sqlite_operation operation,
                                const mn_store_table *table, const mn_store_range *range,
                                mn_sqlite_statement **out_statement)
{
    mn_sqlite_statement *statement = NULL;
    MN_TRY(take_range(self, operation, table, range, &statement));
    const int code = bind_range(statement->stmt, range);
    if (code != SQLITE_OK) {
        mn_sqlite_statement_release(statement);
        return mn_sqlite_error(self->store.err, self->db, code);
    }
    *out_statement = statement;
    return MNSEC_OK;
}

static void let_go(mn_sqlite_cursor *cursor, mnsec_status answer)
{
    mn_sqlite_statement_release(cursor->statement);
    cursor->statement = NULL;
    cursor->ended = answer;
}

mnsec_status mn_sqlite_scan_open(mn_store *store, mn_store_table_id table,
                                 const mn_store_range *range, mn_store_cursor **out_cursor)
{
    mn_sqlite *self = (mn_sqlite *)store;
    mn_sqlite_cursor *cursor = calloc(1, sizeof *cursor);
    if (!cursor) {
        return mn_fail(store->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    const mn_store_table *declared = &store->tables[table];
    const mnsec_status status =
        start_range(self, MN_SQLITE_SCAN, declared, range, &cursor->statement);
    if (status != MNSEC_OK) {
        free(cursor);
        return status;
    }
    cursor->cursor = (mn_store_cursor){.store = store, .table = declared, .live = true};
    cursor->next = self->cursors;
    self->cursors = cursor;
    *out_cursor = &cursor->cursor;
    return MNSEC_OK;
}

mnsec_status mn_sqlite_scan_next(mn_store_cursor *cursor, mn_store_value *out_row)
{
    mn_sqlite_cursor *own = (mn_sqlite_cursor *)cursor;
    mn_sqlite *self = (mn_sqlite *)cursor->store;
    if (!own->statement) {
        return own->ended;
    }
    const int code = sqlite3_step(own->statement->stmt);
    if (code == SQLITE_DONE) {
        let_go(own, MNSEC_E_STATE_END);
        return MNSEC_E_STATE_END;
    }
    const mnsec_status status =
        code == SQLITE_ROW
            ? mn_sqlite_row_read(own->statement->stmt, cursor->table, self->store.err, out_row)
            : mn_sqlite_error(self->store.err, self->db, code);
    if (status != MNSEC_OK) {
        let_go(own, status);
    }
    return status;
}

void mn_sqlite_scan_close(mn_store_cursor *cursor)
{
    mn_sqlite_cursor *own = (mn_sqlite_cursor *)cursor;
    mn_sqlite *self = (mn_sqlite *)cursor->store;
    for (mn_sqlite_cursor **link = &self->cursors; *link; link = &(*link)->next) {
        if (*link == own) {
            *link = own->next;
            break;
        }
    }
    mn_sqlite_statement_release(own->statement);
    free(own);
}

mnsec_status mn_sqlite_scan_count(mn_store *store, mn_store_table_id table,
                                  const mn_store_range *range, uint64_t *out_count)
{
    mn_sqlite *self = (mn_sqlite *)store;
    mn_sqlite_statement *statement = NULL;
    MN_TRY(start_range(self, MN_SQLITE_COUNT, &store->tables[table], range, &statement));
    const int code = sqlite3_step(statement->stmt);
    const int64_t count = code == SQLITE_ROW ? sqlite3_column_int64(statement->stmt, 0) : 0;
    const mnsec_status status =
        code == SQLITE_ROW ? MNSEC_OK : mn_sqlite_error(store->err, self->db, code);
    mn_sqlite_statement_release(statement);
    MN_TRY(status);
    *out_count = (uint64_t)count;
    return MNSEC_OK;
}

void mn_sqlite_scan_end_all(mn_sqlite *self)
{
    for (mn_sqlite_cursor *cursor = self->cursors; cursor; cursor = cursor->next) {
        let_go(cursor, MNSEC_E_USAGE);
        cursor->cursor.live = false;
    }
}
