/* SPDX-License-Identifier: Apache-2.0 */
/* The embedded back end: one SQLite file, WAL, synchronous=FULL. The only place that knows SQL. */
#ifndef MN_STORE_SQLITE_H
#define MN_STORE_SQLITE_H

#include "store/store.h"

typedef struct mn_store_sqlite_options {
    const char *path;
    bool create;    /* make it when absent (founding); else STORE_ABSENT */
    bool read_only; /* never writes, not even recovery of the WAL where that can be avoided */
} mn_store_sqlite_options;

/* Migrates an older schema on a backup copy beside it; refuses a newer one (STORE_NEWER), a foreign
 * application_id (INTEGRITY_STORE), planted triggers and views (INTEGRITY_STORE) and network file
 * systems (STORE_NETWORK). */
MNSEC_MUST_USE mnsec_status mn_store_sqlite_open(const mn_store_sqlite_options *options,
                                                 mn_error *err, mn_store **out_store);

#endif
