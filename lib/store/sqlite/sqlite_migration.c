/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an older schema to this one. All steps are rehearsed on a copy beside the store: applied,
 * held against the declaration, every page and row read. Only then the same steps run on the store
 * itself, in one transaction that is checked before it commits. The copy is gone afterwards,
 * whatever happened; one that a crash left is removed by the next run. Other writers wait
 * meanwhile, readers keep their snapshot.
 *
 * A new schema: raise .schema, change store_schema.c, add a row to steps. A step's text must leave
 * tables whose definition is word for word what sqlite_sql.c writes, or it is refused.
 */
#include "sqlite_handle.h"

#include <stdio.h>

const mn_store_sqlite_plan mn_sqlite_migration_plan = {
    .schema = 1,
    .tables = mn_store_schema,
    .table_count = MN_TABLE_COUNT,
};

static mnsec_status apply_step(sqlite3 *db, const mn_store_sqlite_migration *step, mn_error *err)
{
    char sql[64];
    MN_TRY(mn_sqlite_connection_run(db, step->sql, err));
    (void)snprintf(sql, sizeof sql, "PRAGMA user_version=%d", step->to);
    return mn_sqlite_connection_run(db, sql, err);
}

/* Within the caller's transaction. */
static mnsec_status apply(sqlite3 *db, const mn_store_sqlite_plan *plan, int64_t schema,
                          mn_error *err)
{
    for (size_t i = 0; i < plan->migration_count; i++) {
        if (plan->migrations[i].to == schema + 1) {
            MN_TRY(apply_step(db, &plan->migrations[i], err));
            schema++;
        }
    }
    if (schema != plan->schema) {
        return mn_fail(err, MNSEC_E_INTERNAL, "no migration leads on from schema %lld",
                       (long long)schema);
    }
    /* Moves the schema cookie, by which open handles see that they must look again, also where the
     * steps changed rows only. */
    MN_TRY(mn_sqlite_connection_run(
        db, "CREATE TABLE mn_migrated (x INTEGER) STRICT; DROP TABLE mn_migrated", err));
    MN_TRY(mn_sqlite_schema_verify(db, plan, err));
    return mn_sqlite_check_deep(db, plan, err);
}

static mnsec_status apply_in_transaction(sqlite3 *db, const mn_store_sqlite_plan *plan,
                                         int64_t schema, mn_error *err)
{
    MN_TRY(mn_sqlite_connection_run(db, "BEGIN IMMEDIATE", err));
    mnsec_status status = apply(db, plan, schema, err);
    if (status == MNSEC_OK) {
        status = mn_sqlite_connection_run(db, "COMMIT", err);
    }
    if (status != MNSEC_OK) {
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

/* The copy and the two connections that make it; wiping closes them and removes the copy. */
typedef struct rehearsal {
    mn_buf path;
    sqlite3 *source;
    sqlite3 *copy;
} rehearsal;

static void rehearsal_wipe(rehearsal *run)
{
    (void)sqlite3_close(run->source);
    (void)sqlite3_close(run->copy);
    if (run->path.len > 0) {
        mn_sqlite_file_remove(mn_buf_text(&run->path));
    }
    mn_buf_wipe(&run->path);
}

static mnsec_status copy_pages(rehearsal *run, mn_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(run->copy, "main", run->source, "main");
    if (!backup) {
        return mn_sqlite_error(err, run->copy, sqlite3_extended_errcode(run->copy));
    }
    const int code = sqlite3_backup_step(backup, -1);
    (void)sqlite3_backup_finish(backup);
    return code == SQLITE_DONE
               ? MNSEC_OK
               : mn_sqlite_error(err, run->copy, code == SQLITE_OK ? SQLITE_BUSY : code);
}

/* The caller holds the store's write lock, so the copy is of what will be migrated. Steps may drop
 * and rebuild tables that others refer to; the references are checked as a whole afterwards. */
static mnsec_status rehearse(const char *path, const mn_store_sqlite_plan *plan, int64_t schema,
                             mn_error *err)
{
    MN_AUTO(rehearsal) run = {0};
    MN_TRY(mn_buf_printf(&run.path, "%s.migrating", path));
    const char *copy = mn_buf_text(&run.path);
    mn_sqlite_file_remove(copy);
    MN_TRY(mn_sqlite_file_create(copy, err));
    MN_TRY(mn_sqlite_connection_open(copy, MN_SQLITE_ACCESS_WRITE, 0, err, &run.copy));
    MN_TRY(mn_sqlite_connection_open(path, MN_SQLITE_ACCESS_READ, 0, err, &run.source));
    MN_TRY(
        mn_sqlite_connection_run(run.copy, "PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF", err));
    MN_TRY(copy_pages(&run, err));
    return apply_in_transaction(run.copy, plan, schema, err);
}

/* Within the write lock. Another process may have migrated while this one waited for it. */
static mnsec_status migrate_locked(sqlite3 *db, const char *path, const mn_store_sqlite_plan *plan,
                                   mn_error *err)
{
    mn_sqlite_identity identity = {0};
    MN_TRY(mn_sqlite_schema_identify(db, err, &identity));
    MN_TRY(mn_sqlite_schema_accept(&identity, plan, err));
    if (identity.schema == plan->schema) {
        return MNSEC_OK;
    }
    MN_TRY(rehearse(path, plan, identity.schema, err));
    return apply(db, plan, identity.schema, err);
}

static mnsec_status migrate(sqlite3 *db, const char *path, const mn_store_sqlite_plan *plan,
                            mn_error *err)
{
    MN_TRY(mn_sqlite_connection_run(db, "BEGIN IMMEDIATE", err));
    mnsec_status status = migrate_locked(db, path, plan, err);
    if (status == MNSEC_OK) {
        status = mn_sqlite_connection_run(db, "COMMIT", err);
    }
    if (status != MNSEC_OK) {
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    }
    return status;
}

mnsec_status mn_sqlite_migration_run(sqlite3 *db, const char *path,
                                     const mn_store_sqlite_plan *plan, mn_error *err)
{
    MN_TRY(mn_sqlite_connection_run(db, "PRAGMA foreign_keys=OFF", err));
    const mnsec_status status = migrate(db, path, plan, err);
    MN_TRY(mn_sqlite_connection_run(db, "PRAGMA foreign_keys=ON", err));
    return status;
}
