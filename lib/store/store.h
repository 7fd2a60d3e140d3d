/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows and transactions behind one struct of functions. Nothing above knows SQL; nothing below
 * knows what a row means. The tables and their columns are declared once, in store_schema.c, and
 * every back end makes itself from that declaration; tests/conformance runs one suite over any
 * back end.
 *
 * A row is an array of values in the order of the table's columns. The first key_columns columns are
 * the primary key. Values of a scanned or read row are borrowed until the next call on the
 * transaction (get) or cursor (scan).
 *
 * Only one write transaction exists at a time, over all processes; readers see a snapshot.
 * Commit is durable when it returns (power loss included). An auto-wiped transaction rolls back.
 */
#ifndef MN_STORE_H
#define MN_STORE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

typedef enum mn_store_type {
    MN_STORE_NULL = 0,
    MN_STORE_INTEGER, /* int64_t */
    MN_STORE_TEXT,    /* UTF-8 without NUL */
    MN_STORE_BLOB
} mn_store_type;

typedef struct mn_store_value {
    mn_store_type type;
    int64_t integer;
    mn_bytes bytes; /* TEXT and BLOB */
} mn_store_value;

typedef struct mn_store_column {
    const char *name;
    mn_store_type type;
    bool nullable;
    const char *references; /* table whose single key column this points to, or NULL */
} mn_store_column;

/* A secondary index: the named leading columns in order. */
typedef struct mn_store_index {
    const char *name;
    const char *columns[4];
    bool unique;
} mn_store_index;

#define MN_STORE_MAX_COLUMNS 16
typedef struct mn_store_table {
    const char *name;
    mn_store_column columns[MN_STORE_MAX_COLUMNS];
    size_t key_columns;
    mn_store_index indexes[4];
} mn_store_table;

/* THE tables; the numeric value is the index into mn_store_schema. "key -> rest", ? = nullable.
 * Who exists and who may what is not here: that is read from the signed statements in the log. */
typedef enum mn_store_table_id {
    MN_TABLE_META = 0,    /* key TEXT -> value BLOB */
    MN_TABLE_LOG_ENTRY,   /* i INTEGER -> line TEXT (statement TAB stamp TAB sighash, without LF) */
    MN_TABLE_LOG_SIG,     /* i INTEGER -> line TEXT */
    MN_TABLE_LOG_BODY,    /* i INTEGER -> line TEXT */
    MN_TABLE_LOG_NODE,    /* level INTEGER, n INTEGER -> hash BLOB: full inner subtrees, level >= 1 */
    MN_TABLE_AUTHORITY,   /* n INTEGER -> i INTEGER: which entries are authority statements */
    MN_TABLE_CHECKPOINT,  /* size INTEGER -> text TEXT, note BLOB?, cms BLOB */
    MN_TABLE_CERT,        /* fp BLOB -> der BLOB: every certificate the log names */
    MN_TABLE_SEALED,      /* kind INTEGER, owner BLOB, subject BLOB, version INTEGER -> box BLOB */
    MN_TABLE_RECORD,      /* id BLOB -> department BLOB, kind INTEGER, linked BLOB?, epoch INTEGER,
                             s_version INTEGER, directory BLOB (sealed); index by_department(department),
                             index by_linked(linked); linked references record */
    MN_TABLE_VALUE,       /* record BLOB, field INTEGER -> value_id BLOB, epoch INTEGER, s_version INTEGER,
                             outer BLOB, spare BLOB?, tag BLOB? (t under the outer lock); record references record */
    MN_TABLE_BLIND_INDEX, /* department BLOB, s_version INTEGER, epoch INTEGER, tag BLOB -> record BLOB;
                             index by_record(record); record references record */
    MN_TABLE_ESCROW,      /* kind INTEGER, department BLOB, epoch INTEGER -> spare_key BLOB, blob BLOB */
    MN_TABLE_COUNT
} mn_store_table_id;
extern const mn_store_table mn_store_schema[MN_TABLE_COUNT];

typedef struct mn_store mn_store;
typedef struct mn_store_txn mn_store_txn;
typedef struct mn_store_cursor mn_store_cursor;

typedef enum mn_store_mode { MN_STORE_READ = 1, MN_STORE_WRITE = 2 } mn_store_mode;

/* Which rows of a scan, in key (or index) order. Zeroed range = all rows, ascending. */
typedef struct mn_store_range {
    const char *index;           /* NULL = primary key */
    const mn_store_value *equal; /* leading columns fixed to these values */
    size_t equal_count;
    const mn_store_value *from;  /* next column >= from, may be NULL */
    const mn_store_value *below; /* next column < below, may be NULL */
    bool descending;
    uint64_t limit;              /* 0 = no limit */
} mn_store_range;

/* A back end. Everything is called through mn_store_* below, which checks arguments against the
 * schema first; errors set the detail in the mn_error given at opening. */
typedef struct mn_store_backend {
    mnsec_status (*begin)(mn_store *store, mn_store_mode mode);
    mnsec_status (*commit)(mn_store *store);
    void (*rollback)(mn_store *store);
    mnsec_status (*get)(mn_store *store, mn_store_table_id table, const mn_store_value *key,
                        mn_store_value *out_row);
    mnsec_status (*put)(mn_store *store, mn_store_table_id table, const mn_store_value *row,
                        bool replace);
    mnsec_status (*remove)(mn_store *store, mn_store_table_id table, const mn_store_value *key);
    mnsec_status (*scan_open)(mn_store *store, mn_store_table_id table, const mn_store_range *range,
                              mn_store_cursor **out_cursor);
    mnsec_status (*scan_next)(mn_store_cursor *cursor, mn_store_value *out_row);
    void (*scan_close)(mn_store_cursor *cursor);
    mnsec_status (*count)(mn_store *store, mn_store_table_id table, const mn_store_range *range,
                          uint64_t *out_count);
    mnsec_status (*check)(mn_store *store, bool deep);
    void (*close)(mn_store *store);
} mn_store_backend;

/* First member of every back end's own struct. */
struct mn_store {
    const mn_store_backend *backend;
    mn_error *err;
    bool in_transaction;
    mn_store_mode mode;
    bool read_only; /* opened so, or refused for writing */
};

void mn_store_free(mn_store *store);
MN_AUTO_PTR_DECLARE(mn_store)

/* A transaction on the caller's stack; one at a time per store. */
struct mn_store_txn {
    mn_store *store;
};
/* Errors: STORE_BUSY (after the back end's own wait of 5 s), STORE_READ_ONLY, STORE_FULL */
MNSEC_MUST_USE mnsec_status mn_store_begin(mn_store *store, mn_store_mode mode,
                                           mn_store_txn *out_txn);
MNSEC_MUST_USE mnsec_status mn_store_commit(mn_store_txn *txn);
void mn_store_txn_wipe(mn_store_txn *txn); /* rolls back unless committed; MN_AUTO(mn_store_txn) */

/* out_row has room for every column of the table. Errors: STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_store_get(mn_store_txn *txn, mn_store_table_id table,
                                         const mn_store_value *key, mn_store_value *out_row);
/* Errors: STATE_CONFLICT (key or unique index taken, or a reference to a missing row) */
MNSEC_MUST_USE mnsec_status mn_store_insert(mn_store_txn *txn, mn_store_table_id table,
                                            const mn_store_value *row);
/* Insert or replace the row of the same key. */
MNSEC_MUST_USE mnsec_status mn_store_put(mn_store_txn *txn, mn_store_table_id table,
                                         const mn_store_value *row);
/* STATE_NOT_FOUND where there is none. Content is overwritten in the file (secure delete). */
MNSEC_MUST_USE mnsec_status mn_store_remove(mn_store_txn *txn, mn_store_table_id table,
                                            const mn_store_value *key);
MNSEC_MUST_USE mnsec_status mn_store_scan(mn_store_txn *txn, mn_store_table_id table,
                                          const mn_store_range *range,
                                          mn_store_cursor **out_cursor);
/* Next row; STATE_END after the last. Rows written meanwhile in the same transaction may or may
 * not be seen. */
MNSEC_MUST_USE mnsec_status mn_store_cursor_next(mn_store_cursor *cursor, mn_store_value *out_row);
void mn_store_cursor_free(mn_store_cursor *cursor);
MN_AUTO_PTR_DECLARE(mn_store_cursor)
MNSEC_MUST_USE mnsec_status mn_store_count(mn_store_txn *txn, mn_store_table_id table,
                                           const mn_store_range *range, uint64_t *out_count);
/* Is the file whole? deep reads every page. Errors: INTEGRITY_STORE */
MNSEC_MUST_USE mnsec_status mn_store_check(mn_store *store, bool deep);

static inline mn_store_value mn_store_integer(int64_t value)
{
    return (mn_store_value){.type = MN_STORE_INTEGER, .integer = value};
}
static inline mn_store_value mn_store_blob(const void *bytes, size_t len)
{
    return (mn_store_value){.type = MN_STORE_BLOB, .bytes = mn_bytes_of(bytes, len)};
}
mn_store_value mn_store_text(const char *text);
static inline mn_store_value mn_store_null(void)
{
    return (mn_store_value){.type = MN_STORE_NULL};
}

#endif
