/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepared statements, kept for the life of the handle. A statement belongs to a shape (operation,
 * table, index, form of the range), never to values, so their number is bounded by the shapes that
 * the program uses times the cursors it holds open at once. The latest used stands in front.
 */
#include "sqlite_handle.h"

#include <stdlib.h>

static bool is_same(const mn_sqlite_shape *a, const mn_sqlite_shape *b)
{
    return a->operation == b->operation && a->table == b->table && a->index == b->index &&
           a->equal_count == b->equal_count && a->has_from == b->has_from &&
           a->has_below == b->has_below && a->descending == b->descending &&
           a->has_limit == b->has_limit;
}

static mn_sqlite_statement *find_free(mn_sqlite *self, const mn_sqlite_shape *shape)
{
    for (mn_sqlite_statement **link = &self->statements; *link; link = &(*link)->next) {
        mn_sqlite_statement *statement = *link;
        if (!statement->busy && is_same(&statement->shape, shape)) {
            *link = statement->next;
            statement->next = self->statements;
            self->statements = statement;
            return statement;
        }
    }
    return NULL;
}

static mnsec_status prepare(mn_sqlite *self, const mn_sqlite_shape *shape,
                            mn_sqlite_statement **out_statement)
{
    MN_AUTO(mn_buf) sql = {0};
    const mnsec_status built = mn_sqlite_sql_statement(shape, &sql);
    if (built != MNSEC_OK) {
        return mn_fail(self->store.err, built, "statement cannot be built");
    }
    sqlite3_stmt *stmt = NULL;
    const int code =
        sqlite3_prepare_v3(self->db, mn_buf_text(&sql), -1,
                           SQLITE_PREPARE_PERSISTENT | SQLITE_PREPARE_NO_VTAB, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(self->store.err, self->db, code);
    }
    mn_sqlite_statement *statement = calloc(1, sizeof *statement);
    if (!statement) {
        (void)sqlite3_finalize(stmt);
        return mn_fail(self->store.err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    *statement = (mn_sqlite_statement){.next = self->statements, .shape = *shape, .stmt = stmt};
    self->statements = statement;
    *out_statement = statement;
    return MNSEC_OK;
}

mnsec_status mn_sqlite_statement_take(mn_sqlite *self, const mn_sqlite_shape *shape,
                                      mn_sqlite_statement **out_statement)
{
    mn_sqlite_statement *statement = find_free(self, shape);
    if (!statement) {
        MN_TRY(prepare(self, shape, &statement));
    }
    statement->busy = true;
    *out_statement = statement;
    return MNSEC_OK;
}

void mn_sqlite_statement_release(mn_sqlite_statement *statement)
{
    if (statement) {
        (void)sqlite3_reset(statement->stmt);
        statement->busy = false;
    }
}

mnsec_status mn_sqlite_statement_run(mn_sqlite *self, mn_sqlite_operation operation)
{
    const mn_sqlite_shape shape = {.operation = operation};
    mn_sqlite_statement *statement = NULL;
    MN_TRY(mn_sqlite_statement_take(self, &shape, &statement));
    const int code = sqlite3_step(statement->stmt);
    const mnsec_status status =
        code == SQLITE_DONE ? MNSEC_OK : mn_sqlite_error(self->store.err, self->db, code);
    mn_sqlite_statement_release(statement);
    return status;
}

void mn_sqlite_statement_finalize_all(mn_sqlite *self)
{
    while (self->statements) {
        mn_sqlite_statement *statement = self->statements;
        self->statements = statement->next;
        (void)sqlite3_finalize(statement->stmt);
        free(statement);
    }
}
