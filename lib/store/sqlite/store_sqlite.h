/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded back end: one SQLite file, WAL, synchronous=FULL. The only place that knows SQL. */
#ifndef MN_STORE_SQLITE_H
#define MN_STORE_SQLITE_H

#include "store/store.h"

/* "MnSe" in the header of the file: file(1) and we know it by this. */
#define MN_STORE_SQLITE_APPLICATION_ID 0x4d6e5365

/* One step from a schema number to the next. */
typedef struct mn_store_sqlite_migration {
    int to; /* schema number afterwards; applies to a store of to - 1 */
    const char
        *sql; /* statements parted by semicolons; what they leave is held against the tables */
} mn_store_sqlite_migration;

/* A schema and the way to it from every older one. */
typedef struct mn_store_sqlite_plan {
    int schema; /* number, from 1 */
    const mn_store_table *tables;
    size_t table_count;
    const mn_store_sqlite_migration *migrations; /* in order */
    size_t migration_count;
} mn_store_sqlite_plan;

typedef struct mn_store_sqlite_options {
    const char *path;
    bool create;    /* make it when absent (founding); else STORE_ABSENT */
    bool read_only; /* never writes, not even recovery of the WAL where that can be avoided */
    const mn_store_sqlite_plan *plan; /* NULL = the product's */
    unsigned busy_ms;                 /* wait for another writer; 0 = 5 s */
} mn_store_sqlite_options;

/* Migrates an older schema, rehearsed first on a backup copy beside it; refuses a newer one
 * (STORE_NEWER), a foreign application_id, planted triggers and views, tables and indexes that
 * differ from their declaration (INTEGRITY_STORE, the text names the object), network file systems
 * (STORE_NETWORK), symbolic links and places that everyone can write to (STORE). A file of no bytes
 * is an absent store: what a creation cut short leaves. */
MNSEC_MUST_USE mnsec_status mn_store_sqlite_open(const mn_store_sqlite_options *options,
                                                 mn_error *err, mn_store **out_store);

#endif
