/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this folder share: the handle behind an mn_store and the parts it is made of.
 * Not for anyone outside the folder but its unit tests.
 */
#ifndef MN_SQLITE_HANDLE_H
#define MN_SQLITE_HANDLE_H

#include <sys/types.h>

#include <sqlite3.h>

#include "store/sqlite/store_sqlite.h"

/* --- sqlite_sql.c: SQL text from declarations ------------------------------------------------- */
typedef enum mn_sqlite_operation {
    MN_SQLITE_BEGIN_READ = 1,
    MN_SQLITE_BEGIN_WRITE,
    MN_SQLITE_COMMIT,
    MN_SQLITE_ROLLBACK,
    MN_SQLITE_COOKIE,
    MN_SQLITE_GET,
    MN_SQLITE_INSERT,
    MN_SQLITE_REPLACE,
    MN_SQLITE_REMOVE,
    MN_SQLITE_SCAN,
    MN_SQLITE_COUNT
} mn_sqlite_operation;

/* What tells one prepared statement from another. Parameters are numbered in the order: values of
 * the row or key, or of a range: equal values, from, below, limit. */
typedef struct mn_sqlite_shape {
    mn_sqlite_operation operation;
    const mn_store_table *table;
    const mn_store_index *index; /* NULL = primary key */
    size_t equal_count;
    bool has_from, has_below, descending, has_limit;
} mn_sqlite_shape;

MNSEC_MUST_USE mnsec_status mn_sqlite_sql_table(const mn_store_sqlite_plan *plan,
                                                const mn_store_table *table, mn_buf *out_sql);
MNSEC_MUST_USE mnsec_status mn_sqlite_sql_index(const mn_store_table *table,
                                                const mn_store_index *index, mn_buf *out_sql);
MNSEC_MUST_USE mnsec_status mn_sqlite_sql_statement(const mn_sqlite_shape *shape, mn_buf *out_sql);

/* --- sqlite_statement.c: prepared once, used again ----------------------------------------------
 */
typedef struct mn_sqlite_statement mn_sqlite_statement;
struct mn_sqlite_statement {
    mn_sqlite_statement *next;
    mn_sqlite_shape shape;
    sqlite3_stmt *stmt;
    bool busy;
};

/* --- the handle ------------------------------------------------------------------------------- */
typedef struct mn_sqlite_cursor mn_sqlite_cursor;
struct mn_sqlite_cursor {
    mn_store_cursor cursor; /* first */
    mn_sqlite_cursor *next;
    mn_sqlite_statement *statement; /* NULL once it has nothing more to give */
    mnsec_status ended;             /* what it answers then */
};

typedef struct mn_sqlite {
    mn_store store; /* first */
    sqlite3 *db;
    const mn_store_sqlite_plan *plan;
    mn_buf path; /* absolute, without symbolic links */
    mn_sqlite_statement *statements;
    mn_sqlite_statement *lent; /* the get whose row the caller borrows */
    mn_sqlite_cursor *cursors;
    int64_t cookie; /* schema cookie of the schema that was verified */
    pid_t owner;
} mn_sqlite;

/* A free statement of this shape, marked busy until released. */
MNSEC_MUST_USE mnsec_status mn_sqlite_statement_take(mn_sqlite *self, const mn_sqlite_shape *shape,
                                                     mn_sqlite_statement **out_statement);
void mn_sqlite_statement_release(mn_sqlite_statement *statement);
/* A statement without parameters and rows, such as COMMIT. */
MNSEC_MUST_USE mnsec_status mn_sqlite_statement_run(mn_sqlite *self, mn_sqlite_operation operation);
void mn_sqlite_statement_finalize_all(mn_sqlite *self);

/* --- sqlite_row.c: rows in and out --------------------------------------------------------------
 */
/* lasting = SQLite copies the bytes, for statements stepped after the caller's values are gone. */
MNSEC_MUST_USE int mn_sqlite_row_bind(sqlite3_stmt *stmt, int first, const mn_store_value *values,
                                      size_t count, bool lasting);
/* The row a statement stands on, checked against the declaration. Borrowed from the statement. */
MNSEC_MUST_USE mnsec_status mn_sqlite_row_read(sqlite3_stmt *stmt, const mn_store_table *table,
                                               mn_error *err, mn_store_value *out_row);

/* --- sqlite_scan.c: cursors and counts
 * ------------------------------------------------------------ */
MNSEC_MUST_USE mnsec_status mn_sqlite_scan_open(mn_store *store, mn_store_table_id table,
                                                const mn_store_range *range,
                                                mn_store_cursor **out_cursor);
MNSEC_MUST_USE mnsec_status mn_sqlite_scan_next(mn_store_cursor *cursor, mn_store_value *out_row);
void mn_sqlite_scan_close(mn_store_cursor *cursor);
MNSEC_MUST_USE mnsec_status mn_sqlite_scan_count(mn_store *store, mn_store_table_id table,
                                                 const mn_store_range *range, uint64_t *out_count);
/* The transaction ends: every cursor lets go of its statement. */
void mn_sqlite_scan_end_all(mn_sqlite *self);

/* --- sqlite_error.c: what SQLite's codes mean here
 * ------------------------------------------------ */
/* Status of a result code other than OK, ROW and DONE, with its detail. db may be NULL. */
MNSEC_MUST_USE mnsec_status mn_sqlite_error(mn_error *err, sqlite3 *db, int code);
/* The same, without a detail. */
mnsec_status mn_sqlite_error_status(int code);

/* --- sqlite_file.c: the file and the place it lies in -------------------------------------------
 */
/* Absolute path with the directory's symbolic links resolved; directory and file system checked. */
MNSEC_MUST_USE mnsec_status mn_sqlite_file_locate(const char *path, mn_error *err,
                                                  mn_buf *out_path);
/* Is it there? Refuses what is not a plain file of ours; looks at its -wal, -shm, -journal too. */
MNSEC_MUST_USE mnsec_status mn_sqlite_file_inspect(const char *path, mn_error *err,
                                                   bool *out_present);
/* An empty file, mode 0600, durable in its directory. One that appears meanwhile is left alone. */
MNSEC_MUST_USE mnsec_status mn_sqlite_file_create(const char *path, mn_error *err);
/* Remove it and what SQLite keeps beside it. */
void mn_sqlite_file_remove(const char *path);
/* Kind of file system, by f_type of statfs(2): name of one that cannot hold a store, else NULL. */
const char *mn_sqlite_file_remote_kind(uint64_t magic);
/* Closed cleanly on a disk that is mounted read-only: nobody can change it while it is read. */
bool mn_sqlite_file_is_frozen(const char *path);

/* --- sqlite_connection.c: a hardened connection
 * --------------------------------------------------- */
typedef enum mn_sqlite_access {
    MN_SQLITE_ACCESS_WRITE,
    MN_SQLITE_ACCESS_READ,
    MN_SQLITE_ACCESS_FROZEN
} mn_sqlite_access;
MNSEC_MUST_USE mnsec_status mn_sqlite_connection_open(const char *path, mn_sqlite_access access,
                                                      unsigned busy_ms, mn_error *err,
                                                      sqlite3 **out_db);
/* Fixed SQL of our own without rows. */
MNSEC_MUST_USE mnsec_status mn_sqlite_connection_run(sqlite3 *db, const char *sql, mn_error *err);
/* One integer, such as of a PRAGMA. */
MNSEC_MUST_USE mnsec_status mn_sqlite_connection_ask(sqlite3 *db, const char *sql, mn_error *err,
                                                     int64_t *out_value);
/* WAL, and nothing else. */
MNSEC_MUST_USE mnsec_status mn_sqlite_connection_use_wal(sqlite3 *db, mn_error *err);

/* --- sqlite_schema.c: whose file is it, and is it what we declared?
 * ------------------------------- */
typedef struct mn_sqlite_identity {
    bool empty; /* no page has been written */
    int64_t application_id;
    int64_t schema;
} mn_sqlite_identity;
MNSEC_MUST_USE mnsec_status mn_sqlite_schema_identify(sqlite3 *db, mn_error *err,
                                                      mn_sqlite_identity *out_identity);
/* INTEGRITY_STORE where the application is another, STORE_NEWER where the schema is newer. */
MNSEC_MUST_USE mnsec_status mn_sqlite_schema_accept(const mn_sqlite_identity *identity,
                                                    const mn_store_sqlite_plan *plan,
                                                    mn_error *err);
/* Every object is declared and every declared object is there, word for word. */
MNSEC_MUST_USE mnsec_status mn_sqlite_schema_verify(sqlite3 *db, const mn_store_sqlite_plan *plan,
                                                    mn_error *err);
/* Make the declared objects in an empty file, within the caller's transaction. */
MNSEC_MUST_USE mnsec_status mn_sqlite_schema_create(sqlite3 *db, const mn_store_sqlite_plan *plan,
                                                    mn_error *err);

/* --- sqlite_check.c: every page and every row
 * ----------------------------------------------------- */
MNSEC_MUST_USE mnsec_status mn_sqlite_check_deep(sqlite3 *db, const mn_store_sqlite_plan *plan,
                                                 mn_error *err);

/* --- sqlite_migration.c -------------------------------------------------------------------------
 */
extern const mn_store_sqlite_plan mn_sqlite_migration_plan;
/* Bring an older store to the plan's schema, outside any transaction; nothing to do is success. */
MNSEC_MUST_USE mnsec_status mn_sqlite_migration_run(sqlite3 *db, const char *path,
                                                    const mn_store_sqlite_plan *plan,
                                                    mn_error *err);

#endif
