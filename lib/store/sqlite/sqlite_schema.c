/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose file is it, and does it hold exactly what we declared? Every object in the file must be one
 * of ours, its text equal to the one we would write: a trigger, a view, a further table or a
 * changed column would be somebody else's code or data inside our transactions.
 */
#include "sqlite_handle.h"

#include <stdio.h>
#include <string.h>

#define NAME_SHOWN 40

static mnsec_status refuse(mn_error *err, const char *what, const char *name)
{
    char shown[NAME_SHOWN + 1] = {0};
    for (size_t i = 0; name && i < NAME_SHOWN && name[i] != '\0'; i++) {
        const bool plain = (name[i] >= 'a' && name[i] <= 'z') ||
                           (name[i] >= 'A' && name[i] <= 'Z') ||
                           (name[i] >= '0' && name[i] <= '9') || name[i] == '_';
        shown[i] = plain ? name[i] : '?'; /* the name may be hostile */
    }
    return mn_fail(err, MNSEC_E_INTEGRITY_STORE, "store %s %s; restore it from a backup", what,
                   shown);
}

mnsec_status mn_sqlite_schema_identify(sqlite3 *db, mn_error *err, mn_sqlite_identity *out_identity)
{
    mn_sqlite_identity identity = {0};
    int64_t pages = 0;
    MN_TRY(mn_sqlite_connection_ask(db, "PRAGMA page_count", err, &pages));
    MN_TRY(mn_sqlite_connection_ask(db, "PRAGMA application_id", err, &identity.application_id));
    MN_TRY(mn_sqlite_connection_ask(db, "PRAGMA user_version", err, &identity.schema));
    int64_t objects = 0;
    MN_TRY(mn_sqlite_connection_ask(db, "SELECT count(*) FROM sqlite_schema", err, &objects));
    /* One page without objects is what setting the journal mode leaves of a new file. */
    identity.empty =
        pages <= 1 && objects == 0 && identity.application_id == 0 && identity.schema == 0;
    *out_identity = identity;
    return MNSEC_OK;
}

mnsec_status mn_sqlite_schema_accept(const mn_sqlite_identity *identity,
                                     const mn_store_sqlite_plan *plan, mn_error *err)
{
    if (identity->application_id != MN_STORE_SQLITE_APPLICATION_ID) {
        return mn_fail(err, MNSEC_E_INTEGRITY_STORE,
                       "file belongs to another program; check the path");
    }
    if (identity->schema > plan->schema) {
        return mn_fail(err, MNSEC_E_STORE_NEWER,
                       "store has schema %lld, this software knows %d; update the software",
                       (long long)identity->schema, plan->schema);
    }
    if (identity->schema < 1) {
        return mn_fail(err, MNSEC_E_INTEGRITY_STORE,
                       "store has no schema number; restore it from a backup");
    }
    return MNSEC_OK;
}

/* An object that the plan declares. */
typedef struct declared {
    const mn_store_table *table;
    const mn_store_index *index; /* NULL = the table itself */
} declared;

static bool is_named(const char *name, const mn_store_table *table, const mn_store_index *index)
{
    char full[128];
    (void)snprintf(full, sizeof full, index ? "%s_%s" : "%s%s", table->name,
                   index ? index->name : "");
    return strcmp(full, name) == 0;
}

static bool find_declared(const mn_store_sqlite_plan *plan, const char *kind, const char *name,
                          declared *out_declared)
{
    const bool wants_index = strcmp(kind, "index") == 0;
    for (size_t i = 0; i < plan->table_count; i++) {
        const mn_store_table *table = &plan->tables[i];
        if (!wants_index && strcmp(kind, "table") == 0 && is_named(name, table, NULL)) {
            *out_declared = (declared){.table = table};
            return true;
        }
        for (size_t n = 0; wants_index && n < mn_store_table_indexes(table); n++) {
            if (is_named(name, table, &table->indexes[n])) {
                *out_declared = (declared){.table = table, .index = &table->indexes[n]};
                return true;
            }
        }
    }
    return false;
}

/* The index that SQLite makes itself for the key of a table whose rows are kept apart from it. */
static bool is_own_key_index(const mn_store_sqlite_plan *plan, const char *name, const char *table)
{
    static const char prefix[] = "sqlite_autoindex_";
    for (size_t i = 0; i < plan->table_count; i++) {
        const char *declared_name = plan->tables[i].name;
        const size_t len = strlen(declared_name);
        if (plan->tables[i].wide && strcmp(table, declared_name) == 0 &&
            strncmp(name, prefix, sizeof prefix - 1) == 0 &&
            strncmp(name + sizeof prefix - 1, declared_name, len) == 0 &&
            strcmp(name + sizeof prefix - 1 + len, "_1") == 0) {
            return true;
        }
    }
    return false;
}

static const char *text_of(sqlite3_stmt *stmt, int column)
{
    const unsigned char *text = sqlite3_column_text(stmt, column);
    return text ? (const char *)text : "";
}

/* Columns of stmt: type, name, tbl_name, sql. Counts the object where it is a declared one. */
static mnsec_status verify_object(sqlite3_stmt *stmt, const mn_store_sqlite_plan *plan,
                                  mn_error *err, size_t *count)
{
    const char *kind = text_of(stmt, 0);
    const char *name = text_of(stmt, 1);
    const char *table = text_of(stmt, 2);
    const char *found = text_of(stmt, 3);
    declared object = {0};
    if (!find_declared(plan, kind, name, &object)) {
        if (strcmp(kind, "index") == 0 && found[0] == '\0' && is_own_key_index(plan, name, table)) {
            return MNSEC_OK;
        }
        return refuse(err, "holds an object that is not its own:", name);
    }
    MN_AUTO(mn_buf) sql = {0};
    MN_TRY(object.index ? mn_sqlite_sql_index(object.table, object.index, &sql)
                        : mn_sqlite_sql_table(plan, object.table, &sql));
    if (strcmp(mn_buf_text(&sql), found) != 0 || strcmp(table, object.table->name) != 0) {
        return refuse(err, "has a changed definition of", name);
    }
    (*count)++;
    return MNSEC_OK;
}

static size_t count_declared(const mn_store_sqlite_plan *plan)
{
    size_t count = plan->table_count;
    for (size_t i = 0; i < plan->table_count; i++) {
        count += mn_store_table_indexes(&plan->tables[i]);
    }
    return count;
}

static mnsec_status verify_objects(sqlite3 *db, sqlite3_stmt *stmt,
                                   const mn_store_sqlite_plan *plan, mn_error *err)
{
    size_t count = 0;
    int code;
    while ((code = sqlite3_step(stmt)) == SQLITE_ROW) {
        MN_TRY(verify_object(stmt, plan, err, &count));
    }
    if (code != SQLITE_DONE) {
        return mn_sqlite_error(err, db, code);
    }
    /* Names are unique in a file that SQLite opens, so the right number is the right set. */
    if (count != count_declared(plan)) {
        return refuse(err, "lacks some of its", "tables");
    }
    return MNSEC_OK;
}

static mnsec_status verify_encoding(sqlite3 *db, mn_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v3(db, "PRAGMA encoding", -1, 0, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(err, db, code);
    }
    code = sqlite3_step(stmt);
    const bool is_utf8 = code == SQLITE_ROW && strcmp(text_of(stmt, 0), "UTF-8") == 0;
    (void)sqlite3_finalize(stmt);
    return is_utf8 ? MNSEC_OK : refuse(err, "has another text encoding than", "UTF_8");
}

mnsec_status mn_sqlite_schema_verify(sqlite3 *db, const mn_store_sqlite_plan *plan, mn_error *err)
{
    MN_TRY(verify_encoding(db, err));
    sqlite3_stmt *stmt = NULL;
    const int code = sqlite3_prepare_v3(db, "SELECT type, name, tbl_name, sql FROM sqlite_schema",
                                        -1, 0, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(err, db, code);
    }
    const mnsec_status status = verify_objects(db, stmt, plan, err);
    (void)sqlite3_finalize(stmt);
    return status;
}

static mnsec_status create_table(sqlite3 *db, const mn_store_sqlite_plan *plan,
                                 const mn_store_table *table, mn_error *err)
{
    MN_AUTO(mn_buf) sql = {0};
    MN_TRY(mn_sqlite_sql_table(plan, table, &sql));
    MN_TRY(mn_sqlite_connection_run(db, mn_buf_text(&sql), err));
    for (size_t i = 0; i < mn_store_table_indexes(table); i++) {
        mn_buf_reset(&sql);
        MN_TRY(mn_sqlite_sql_index(table, &table->indexes[i], &sql));
        MN_TRY(mn_sqlite_connection_run(db, mn_buf_text(&sql), err));
    }
    return MNSEC_OK;
}

mnsec_status mn_sqlite_schema_create(sqlite3 *db, const mn_store_sqlite_plan *plan, mn_error *err)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                   MN_STORE_SQLITE_APPLICATION_ID, plan->schema);
    MN_TRY(mn_sqlite_connection_run(db, sql, err));
    for (size_t i = 0; i < plan->table_count; i++) {
        MN_TRY(create_table(db, plan, &plan->tables[i], err));
    }
    return mn_sqlite_schema_verify(db, plan, err);
}
