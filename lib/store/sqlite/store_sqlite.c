/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening a store, and its transactions and single rows. Opening touches nothing before the file is
 * known to be ours: place and file (sqlite_file.c), hardened connection (sqlite_connection.c),
 * identity and definitions (sqlite_schema.c), migration (sqlite_migration.c). Ranges:
 * sqlite_scan.c.
 */
#include "sqlite_handle.h"

#include <stdlib.h>
#include <unistd.h>

static mn_sqlite *self_of(mn_store *store)
{
    return (mn_sqlite *)store;
}

/* SQLite's locks and shared memory do not survive a fork; not even closing is safe in the child. */
static bool is_forked(const mn_sqlite *self)
{
    return self->owner != getpid();
}

/* The row of the last get is borrowed until now. */
static void end_loan(mn_sqlite *self)
{
    mn_sqlite_statement_release(self->lent);
    self->lent = NULL;
}

static void undo(mn_sqlite *self)
{
    if (sqlite3_get_autocommit(self->db) == 0) {
        (void)sqlite3_exec(self->db, "ROLLBACK", NULL, NULL, NULL);
    }
}

/* Reading the schema cookie also takes the snapshot: from here on the transaction sees no commit of
 * others. A moved cookie means that someone made or changed tables since they were verified. */
static mnsec_status read_cookie(mn_sqlite *self, int64_t *out_cookie)
{
    const mn_sqlite_shape shape = {.operation = MN_SQLITE_COOKIE};
    mn_sqlite_statement *statement = NULL;
    MN_TRY(mn_sqlite_statement_take(self, &shape, &statement));
    const int code = sqlite3_step(statement->stmt);
    const int64_t cookie = code == SQLITE_ROW ? sqlite3_column_int64(statement->stmt, 0) : 0;
    mn_sqlite_statement_release(statement);
    if (code != SQLITE_ROW) {
        return mn_sqlite_error(self->store.err, self->db, code);
    }
    *out_cookie = cookie;
    return MNSEC_OK;
}

static mnsec_status verify_again(mn_sqlite *self)
{
    mn_sqlite_identity identity = {0};
    MN_TRY(mn_sqlite_schema_identify(self->db, self->store.err, &identity));
    MN_TRY(mn_sqlite_schema_accept(&identity, self->plan, self->store.err));
    return mn_sqlite_schema_verify(self->db, self->plan, self->store.err);
}

static mnsec_status take_snapshot(mn_sqlite *self)
{
    int64_t cookie = 0;
    MN_TRY(read_cookie(self, &cookie));
    if (cookie != self->cookie) {
        MN_TRY(verify_again(self));
        self->cookie = cookie;
    }
    return MNSEC_OK;
}

static mnsec_status begin(mn_store *store, mn_store_mode mode)
{
    mn_sqlite *self = self_of(store);
    if (is_forked(self)) {
        return mn_fail(store->err, MNSEC_E_INTERNAL_FORKED, "store was opened before the fork");
    }
    MN_TRY(mn_sqlite_statement_run(self, mode == MN_STORE_WRITE ? MN_SQLITE_BEGIN_WRITE
                                                                : MN_SQLITE_BEGIN_READ));
    const mnsec_status status = take_snapshot(self);
    if (status != MNSEC_OK) {
        undo(self);
    }
    return status;
}

static void rollback(mn_store *store)
{
    mn_sqlite *self = self_of(store);
    end_loan(self);
    mn_sqlite_scan_end_all(self);
    if (!is_forked(self)) {
        undo(self);
    }
}

static mnsec_status commit(mn_store *store)
{
    mn_sqlite *self = self_of(store);
    if (is_forked(self)) {
        rollback(store);
        return mn_fail(store->err, MNSEC_E_INTERNAL_FORKED, "store was opened before the fork");
    }
    end_loan(self);
    mn_sqlite_scan_end_all(self);
    const mnsec_status status = mn_sqlite_statement_run(self, MN_SQLITE_COMMIT);
    if (status != MNSEC_OK) {
        undo(self);
    }
    return status;
}

/* A statement with its parameters, stepped once; *out_code is ROW or DONE on success. Bound values
 * are the caller's own and are not read after the step. */
static mnsec_status step_once(mn_sqlite *self, mn_sqlite_operation operation,
                              mn_store_table_id table, const mn_store_value *values, size_t count,
                              mn_sqlite_statement **out_statement, int *out_code)
{
    const mn_sqlite_shape shape = {.operation = operation, .table = &self->store.tables[table]};
    mn_sqlite_statement *statement = NULL;
    MN_TRY(mn_sqlite_statement_take(self, &shape, &statement));
    int code = mn_sqlite_row_bind(statement->stmt, 1, values, count, false);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement->stmt);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        const mnsec_status status = mn_sqlite_error(self->store.err, self->db, code);
        mn_sqlite_statement_release(statement);
        return status;
    }
    *out_statement = statement;
    *out_code = code;
    return MNSEC_OK;
}

static mnsec_status get(mn_store *store, mn_store_table_id table, const mn_store_value *key,
                        mn_store_value *out_row)
{
    mn_sqlite *self = self_of(store);
    const mn_store_table *declared = &store->tables[table];
    mn_sqlite_statement *statement = NULL;
    int code = 0;
    end_loan(self);
    MN_TRY(step_once(self, MN_SQLITE_GET, table, key, declared->key_columns, &statement, &code));
    self->lent = statement;
    if (code == SQLITE_DONE) {
        end_loan(self);
        return MNSEC_E_STATE_NOT_FOUND;
    }
    return mn_sqlite_row_read(statement->stmt, declared, store->err, out_row);
}

static mnsec_status put(mn_store *store, mn_store_table_id table, const mn_store_value *row,
                        bool replace)
{
    mn_sqlite *self = self_of(store);
    mn_sqlite_statement *statement = NULL;
    int code = 0;
    end_loan(self);
    MN_TRY(step_once(self, replace ? MN_SQLITE_REPLACE : MN_SQLITE_INSERT, table, row,
                     mn_store_table_columns(&store->tables[table]), &statement, &code));
    mn_sqlite_statement_release(statement);
    return MNSEC_OK;
}

static mnsec_status remove_row(mn_store *store, mn_store_table_id table, const mn_store_value *key)
{
    mn_sqlite *self = self_of(store);
    mn_sqlite_statement *statement = NULL;
    int code = 0;
    end_loan(self);
    MN_TRY(step_once(self, MN_SQLITE_REMOVE, table, key, store->tables[table].key_columns,
                     &statement, &code));
    const int removed = sqlite3_changes(self->db);
    mn_sqlite_statement_release(statement);
    return removed > 0 ? MNSEC_OK : MNSEC_E_STATE_NOT_FOUND;
}

static mnsec_status scan_open(mn_store *store, mn_store_table_id table, const mn_store_range *range,
                              mn_store_cursor **out_cursor)
{
    end_loan(self_of(store));
    return mn_sqlite_scan_open(store, table, range, out_cursor);
}

static mnsec_status count(mn_store *store, mn_store_table_id table, const mn_store_range *range,
                          uint64_t *out_count)
{
    end_loan(self_of(store));
    return mn_sqlite_scan_count(store, table, range, out_count);
}

static mnsec_status check_now(mn_sqlite *self, bool deep)
{
    MN_TRY(verify_again(self));
    return deep ? mn_sqlite_check_deep(self->db, self->plan, self->store.err) : MNSEC_OK;
}

static mnsec_status check(mn_store *store, bool deep)
{
    mn_sqlite *self = self_of(store);
    end_loan(self);
    if (store->in_transaction) {
        return check_now(self, deep);
    }
    MN_TRY(begin(store, MN_STORE_READ));
    const mnsec_status status = check_now(self, deep);
    rollback(store);
    return status;
}

static void close_store(mn_store *store)
{
    mn_sqlite *self = self_of(store);
    end_loan(self);
    mn_sqlite_scan_end_all(self);
    if (!is_forked(self)) {
        mn_sqlite_statement_finalize_all(self);
        (void)sqlite3_close(self->db);
    }
    mn_buf_wipe(&self->path);
    free(self);
}

static const mn_store_backend backend = {
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .get = get,
    .put = put,
    .remove = remove_row,
    .scan_open = scan_open,
    .scan_next = mn_sqlite_scan_next,
    .scan_close = mn_sqlite_scan_close,
    .count = count,
    .check = check,
    .close = close_store,
};

/* Two processes may found at once: the second finds the first one's tables and leaves them. */
static mnsec_status create_locked(mn_sqlite *self)
{
    mn_sqlite_identity identity = {0};
    MN_TRY(mn_sqlite_schema_identify(self->db, self->store.err, &identity));
    return identity.empty ? mn_sqlite_schema_create(self->db, self->plan, self->store.err)
                          : MNSEC_OK;
}

static mnsec_status create_tables(mn_sqlite *self)
{
    MN_TRY(mn_sqlite_connection_run(self->db, "PRAGMA page_size=4096", self->store.err));
    MN_TRY(mn_sqlite_connection_use_wal(self->db, self->store.err));
    MN_TRY(mn_sqlite_statement_run(self, MN_SQLITE_BEGIN_WRITE));
    mnsec_status status = create_locked(self);
    if (status == MNSEC_OK) {
        status = mn_sqlite_statement_run(self, MN_SQLITE_COMMIT);
    }
    if (status != MNSEC_OK) {
        undo(self);
    }
    return status;
}

/* The file is ours and of this schema or an older one: make it of this schema. */
static mnsec_status bring_up_to_date(mn_sqlite *self, const mn_sqlite_identity *identity)
{
    if (identity->schema < self->plan->schema) {
        if (self->store.read_only) {
            return mn_fail(self->store.err, MNSEC_E_STORE_READ_ONLY,
                           "store is of an older version; open it once for writing");
        }
        MN_TRY(mn_sqlite_migration_run(self->db, mn_buf_text(&self->path), self->plan,
                                       self->store.err));
    }
    return self->store.read_only ? MNSEC_OK
                                 : mn_sqlite_connection_use_wal(self->db, self->store.err);
}

static mnsec_status settle(mn_sqlite *self, bool create)
{
    mn_sqlite_identity identity = {0};
    MN_TRY(mn_sqlite_schema_identify(self->db, self->store.err, &identity));
    if (identity.empty) {
        if (!create || self->store.read_only) {
            return mn_fail(self->store.err, MNSEC_E_STORE_ABSENT, "store is empty");
        }
        MN_TRY(create_tables(self));
        MN_TRY(mn_sqlite_schema_identify(self->db, self->store.err, &identity));
    }
    MN_TRY(mn_sqlite_schema_accept(&identity, self->plan, self->store.err));
    MN_TRY(bring_up_to_date(self, &identity));
    /* The first transaction finds that the cookie (32 bits) is not the one known and verifies the
     * tables. */
    self->cookie = INT64_MIN;
    MN_TRY(begin(&self->store, MN_STORE_READ));
    rollback(&self->store);
    return MNSEC_OK;
}

static mnsec_status connect(mn_sqlite *self, const mn_store_sqlite_options *options)
{
    mn_error *err = self->store.err;
    MN_TRY(mn_sqlite_file_locate(options->path, err, &self->path));
    const char *path = mn_buf_text(&self->path);
    bool present = false;
    MN_TRY(mn_sqlite_file_inspect(path, err, &present));
    if (!present) {
        if (!options->create || options->read_only) {
            return mn_fail(err, MNSEC_E_STORE_ABSENT, "store is not there; check the path");
        }
        MN_TRY(mn_sqlite_file_create(path, err));
    }
    mn_sqlite_access access = MN_SQLITE_ACCESS_WRITE;
    if (mn_sqlite_file_is_frozen(path)) {
        access = MN_SQLITE_ACCESS_FROZEN;
    } else if (options->read_only) {
        access = MN_SQLITE_ACCESS_READ;
    }
    MN_TRY(mn_sqlite_connection_open(path, access, options->busy_ms, err, &self->db));
    self->store.read_only = sqlite3_db_readonly(self->db, "main") != 0;
    return settle(self, options->create);
}

mnsec_status mn_store_sqlite_open(const mn_store_sqlite_options *options, mn_error *err,
                                  mn_store **out_store)
{
    if (!options || !options->path || !out_store) {
        return mn_fail(err, MNSEC_E_USAGE, "store has no path");
    }
    mn_sqlite *self = calloc(1, sizeof *self);
    if (!self) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    self->plan = options->plan ? options->plan : &mn_sqlite_migration_plan;
    self->owner = getpid();
    self->store = (mn_store){.backend = &backend,
                             .tables = self->plan->tables,
                             .table_count = self->plan->table_count,
                             .err = err};
    MN_AUTO_PTR(mn_store) store = &self->store;
    MN_TRY(connect(self, options));
    *out_store = mn_take(store);
    return MNSEC_OK;
}
