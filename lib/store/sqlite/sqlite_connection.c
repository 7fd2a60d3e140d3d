/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection that trusts neither the file nor chance: defensive, no trusted schema, no
 * extensions, no triggers, no views, small limits; full synchronisation, secure delete, foreign
 * keys, no mmap. Every setting is read back, since SQLite ignores what it was built without.
 */
#include "sqlite_handle.h"

#include <string.h>

#define BUSY_MS      5000U
#define ROW_OVERHEAD 4096

static const struct {
    int option;
    int value;
} switches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
    {SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},
};

static const struct {
    int limit;
    int value;
} limits[] = {
    {SQLITE_LIMIT_LENGTH, (int)MN_STORE_MAX_ROW_BYTES + ROW_OVERHEAD},
    {SQLITE_LIMIT_SQL_LENGTH, 65536},
    {SQLITE_LIMIT_COLUMN, 100},
    {SQLITE_LIMIT_EXPR_DEPTH, 20},
    {SQLITE_LIMIT_COMPOUND_SELECT, 4},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 100},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

static const struct {
    const char *set;
    const char *get;
    int64_t value;
} pragmas[] = {
    {"PRAGMA cell_size_check=ON", "PRAGMA cell_size_check", 1},
    {"PRAGMA secure_delete=ON", "PRAGMA secure_delete", 1},
    {"PRAGMA synchronous=FULL", "PRAGMA synchronous", 2},
    {"PRAGMA temp_store=MEMORY", "PRAGMA temp_store", 2},
    {"PRAGMA foreign_keys=ON", "PRAGMA foreign_keys", 1},
    {"PRAGMA recursive_triggers=OFF", "PRAGMA recursive_triggers", 0},
};

static mnsec_status harden(sqlite3 *db, mn_error *err)
{
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        int now = -1;
        const int code = sqlite3_db_config(db, switches[i].option, switches[i].value, &now);
        if (code != SQLITE_OK || now != switches[i].value) {
            return mn_fail_native(err, MNSEC_E_INTERNAL, code, "SQLite refuses safety option %d",
                                  switches[i].option);
        }
    }
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        (void)sqlite3_limit(db, limits[i].limit, limits[i].value);
    }
    return MNSEC_OK;
}

/* The value comes back from SQLite, without touching the file. */
static mnsec_status configure(sqlite3 *db, mn_error *err)
{
    for (size_t i = 0; i < sizeof pragmas / sizeof pragmas[0]; i++) {
        int64_t now = -1;
        MN_TRY(mn_sqlite_connection_run(db, pragmas[i].set, err));
        MN_TRY(mn_sqlite_connection_ask(db, pragmas[i].get, err, &now));
        if (now != pragmas[i].value) {
            return mn_fail(err, MNSEC_E_INTERNAL, "SQLite refuses %s", pragmas[i].set);
        }
    }
    /* Answers a row only where mmap is compiled in. */
    return mn_sqlite_connection_run(db, "PRAGMA mmap_size=0", err);
}

/* file: URI of a frozen file; only unreserved characters and slashes go unescaped. */
static mnsec_status frozen_uri(const char *path, mn_buf *out_uri)
{
    MN_TRY(mn_buf_append_text(out_uri, "file:"));
    for (const char *at = path; *at != '\0'; at++) {
        const bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                           (*at >= '0' && *at <= '9') || strchr("/-._~", *at) != NULL;
        if (plain) {
            MN_TRY(mn_buf_append(out_uri, at, 1));
        } else {
            MN_TRY(mn_buf_printf(out_uri, "%%%02X", (unsigned)(unsigned char)*at));
        }
    }
    return mn_buf_append_text(out_uri, "?immutable=1");
}

mnsec_status mn_sqlite_connection_run(sqlite3 *db, const char *sql, mn_error *err)
{
    const int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? MNSEC_OK : mn_sqlite_error(err, db, code);
}

mnsec_status mn_sqlite_connection_ask(sqlite3 *db, const char *sql, mn_error *err,
                                      int64_t *out_value)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_NO_VTAB, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(err, db, code);
    }
    code = sqlite3_step(stmt);
    const int64_t value = code == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    (void)sqlite3_finalize(stmt);
    if (code != SQLITE_ROW) {
        return mn_sqlite_error(err, db, code == SQLITE_DONE ? SQLITE_INTERNAL : code);
    }
    *out_value = value;
    return MNSEC_OK;
}

mnsec_status mn_sqlite_connection_use_wal(sqlite3 *db, mn_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v3(db, "PRAGMA journal_mode=WAL", -1, 0, &stmt, NULL);
    if (code != SQLITE_OK) {
        return mn_sqlite_error(err, db, code);
    }
    code = sqlite3_step(stmt);
    const unsigned char *mode = code == SQLITE_ROW ? sqlite3_column_text(stmt, 0) : NULL;
    const bool is_wal = mode && sqlite3_stricmp((const char *)mode, "wal") == 0;
    (void)sqlite3_finalize(stmt);
    if (code != SQLITE_ROW) {
        return mn_sqlite_error(err, db, code == SQLITE_DONE ? SQLITE_INTERNAL : code);
    }
    return is_wal ? MNSEC_OK
                  : mn_fail(err, MNSEC_E_STORE, "file system cannot hold a write-ahead log");
}

mnsec_status mn_sqlite_connection_open(const char *path, mn_sqlite_access access, unsigned busy_ms,
                                       mn_error *err, sqlite3 **out_db)
{
    if (sqlite3_threadsafe() == 0) {
        return mn_fail(err, MNSEC_E_INTERNAL, "SQLite was built without thread safety");
    }
    MN_AUTO(mn_buf) uri = {0};
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_NOFOLLOW |
                SQLITE_OPEN_EXRESCODE;
    flags |= access == MN_SQLITE_ACCESS_WRITE ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if (access == MN_SQLITE_ACCESS_FROZEN) {
        MN_TRY(frozen_uri(path, &uri));
        flags |= SQLITE_OPEN_URI;
    }
    sqlite3 *db = NULL;
    const int code = sqlite3_open_v2(access == MN_SQLITE_ACCESS_FROZEN ? mn_buf_text(&uri) : path,
                                     &db, flags, NULL);
    mnsec_status status = code == SQLITE_OK ? harden(db, err) : mn_sqlite_error(err, db, code);
    if (status == MNSEC_OK) {
        (void)sqlite3_busy_timeout(db, (int)(busy_ms > 0 ? busy_ms : BUSY_MS));
        status = configure(db, err);
    }
    if (status != MNSEC_OK) {
        (void)sqlite3_close(db);
        return status;
    }
    *out_db = db;
    return MNSEC_OK;
}
