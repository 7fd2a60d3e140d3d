/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows and transactions behind one struct of functions. Nothing above knows SQL; nothing below
 * knows what a row means. The tables and their columns are declared once, in store_schema.c, and
 * every back end makes itself from that declaration; tests/conformance runs one suite over any
 * back end.
 *
 * A row is an array of values in the order of the table's columns. The first key_columns columns
 * are the primary key. Values of a scanned or read row are borrowed until the next call on the
 * transaction (get) or cursor (scan), and no longer than the transaction.
 *
 * Only one write transaction exists at a time, over all processes; readers see the store as it was
 * when their transaction began. Commit is durable when it returns (power loss included). An
 * auto-wiped transaction rolls back. A fault inside a write transaction (full disk, corrupt page …)
 * dooms it: everything after it, commit included, answers the same status and nothing is kept.
 *
 * STATE_NOT_FOUND, STATE_CONFLICT and STATE_END are answers, not faults: they set no detail in the
 * mn_error and leave the transaction usable.
 *
 * A handle belongs to one thread. Handles of the same store, in one process or many, are
 * independent. Transactions and cursors end before their store is freed. After a fork the child is
 * refused (INTERNAL_FORKED) and must open a handle of its own.
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

#define MN_STORE_MAX_COLUMNS       16
#define MN_STORE_MAX_INDEXES       4
#define MN_STORE_MAX_INDEX_COLUMNS 4
/* All values of one row together; more is USAGE when written and INTEGRITY_STORE when read. */
#define MN_STORE_MAX_ROW_BYTES (64U * 1024U * 1024U)

/* A secondary index: the named leading columns in order. */
typedef struct mn_store_index {
    const char *name;
    const char *columns[MN_STORE_MAX_INDEX_COLUMNS];
    bool unique;
} mn_store_index;

typedef struct mn_store_table {
    const char *name;
    mn_store_column columns[MN_STORE_MAX_COLUMNS];
    size_t key_columns;
    mn_store_index indexes[MN_STORE_MAX_INDEXES];
    bool wide; /* rows of a kilobyte and more: kept apart from the tree of their keys */
} mn_store_table;

/* Columns or indexes that a table has. */
size_t mn_store_table_columns(const mn_store_table *table);
size_t mn_store_table_indexes(const mn_store_table *table);
/* Column by name; MN_STORE_MAX_COLUMNS where there is none. */
size_t mn_store_table_column(const mn_store_table *table, const char *name);
/* A scan by index (NULL = primary key) is ordered by: the index's columns, then the key's columns
 * that are not among them. Column number at a place of this order; MN_STORE_MAX_COLUMNS at its end.
 */
size_t mn_store_table_order(const mn_store_table *table, const mn_store_index *index, size_t place);
/* Index by name; NULL where there is none. */
const mn_store_index *mn_store_table_index(const mn_store_table *table, const char *name);

/* THE tables; the numeric value is the index into mn_store_schema. "key -> rest", ? = nullable.
 * Who exists and who may what is not here: that is read from the signed statements in the log. */
typedef enum mn_store_table_id {
    MN_TABLE_META = 0,  /* key TEXT -> value BLOB */
    MN_TABLE_LOG_ENTRY, /* i INTEGER -> line TEXT (statement TAB stamp TAB sighash, without LF) */
    MN_TABLE_LOG_SIG,   /* i INTEGER -> line TEXT */
    MN_TABLE_LOG_BODY,  /* i INTEGER -> line TEXT */
    MN_TABLE_LOG_NODE,  /* level INTEGER, n INTEGER -> hash BLOB: full inner subtrees, level >= 1 */
    MN_TABLE_AUTHORITY, /* n INTEGER -> i INTEGER: which entries are authority statements */
    MN_TABLE_CHECKPOINT, /* size INTEGER -> text TEXT, note BLOB?, cms BLOB */
    MN_TABLE_CERT,       /* fp BLOB -> der BLOB: every certificate the log names */
    MN_TABLE_SEALED,     /* kind INTEGER, owner BLOB, subject BLOB, version INTEGER -> box BLOB */
    /* id BLOB -> department BLOB, kind INTEGER, linked BLOB?, epoch INTEGER, s_version INTEGER,
     * directory BLOB (sealed); index by_department(department), index by_linked(linked); linked
     * references record */
    MN_TABLE_RECORD,
    /* record BLOB, field INTEGER -> value_id BLOB, epoch INTEGER, s_version INTEGER, outer BLOB,
     * spare BLOB?, tag BLOB? (t under the outer lock); record references record */
    MN_TABLE_VALUE,
    /* department BLOB, s_version INTEGER, epoch INTEGER, tag BLOB -> record BLOB; index
     * by_record(record); record references record */
    MN_TABLE_BLIND_INDEX,
    MN_TABLE_ESCROW, /* kind INTEGER, department BLOB, epoch INTEGER -> spare_key BLOB, blob BLOB */
    MN_TABLE_COUNT
} mn_store_table_id;
extern const mn_store_table mn_store_schema[MN_TABLE_COUNT];

typedef struct mn_store mn_store;
typedef struct mn_store_txn mn_store_txn;
typedef struct mn_store_cursor mn_store_cursor;

typedef enum mn_store_mode { MN_STORE_READ = 1, MN_STORE_WRITE = 2 } mn_store_mode;

/* Which rows of a scan, in key (or index) order. Zeroed range = all rows, ascending. Integers are
 * ordered as numbers, TEXT and BLOB byte by byte, NULL before all. */
typedef struct mn_store_range {
    const char *index;           /* NULL = primary key */
    const mn_store_value *equal; /* leading columns of the order fixed to these; NULL is one */
    size_t equal_count;
    const mn_store_value *from; /* next column >= from, may be NULL; a row with NULL there is out */
    const mn_store_value *below; /* next column < below, likewise */
    bool descending;
    uint64_t limit; /* 0 = no limit */
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
    const mn_store_table *tables; /* mn_store_schema; conformance tests bring their own */
    size_t table_count;
    mn_error *err;
    bool in_transaction;
    mn_store_mode mode;
    mnsec_status failure; /* the fault that doomed the write transaction */
    bool read_only;       /* opened so, or refused for writing */
};
/* First member of every back end's own cursor. */
struct mn_store_cursor {
    mn_store *store;
    const mn_store_table *table;
    bool live; /* its transaction has not ended */
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
/* Errors: STATE_CONFLICT (key or unique index taken, or a reference to a missing row); the row is
 * not written, the transaction goes on. */
MNSEC_MUST_USE mnsec_status mn_store_insert(mn_store_txn *txn, mn_store_table_id table,
                                            const mn_store_value *row);
/* Insert or replace the row of the same key; rows that refer to it stay. Errors: as insert */
MNSEC_MUST_USE mnsec_status mn_store_put(mn_store_txn *txn, mn_store_table_id table,
                                         const mn_store_value *row);
/* STATE_NOT_FOUND where there is none, STATE_CONFLICT where another row refers to it. Content is
 * overwritten in the file (secure delete). */
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
/* Is the store whole? Compares the tables with their declaration; deep also reads every page and
 * every row. What a value says is not known here: seals, signatures and the log's tree prove that.
 * Outside a transaction or inside one. Errors: INTEGRITY_STORE */
MNSEC_MUST_USE mnsec_status mn_store_check(mn_store *store, bool deep);

static inline mn_store_value mn_store_integer(int64_t value)
{
    return (mn_store_value){.type = MN_STORE_INTEGER, .integer = value};
}
static inline mn_store_value mn_store_blob(const void *bytes, size_t len)
{
    return (mn_store_value){.type = MN_STORE_BLOB, .bytes = mn_bytes_of(bytes, len)};
}
/* NULL where the value fits the column, else what is wrong with it. */
const char *mn_store_value_problem(const mn_store_column *column, const mn_store_value *value);
/* Values borrow what they are made from. */
mn_store_value mn_store_text(const char *text);
static inline mn_store_value mn_store_null(void)
{
    return (mn_store_value){.type = MN_STORE_NULL};
}

#endif
