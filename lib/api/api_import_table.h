/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an import remembers of its rows: a table from texts (codes, numbers) to record ids. Only a
 * keyed digest of a text is kept, under a key that lives as long as the table, so that a number in
 * memory is never in the clear and never the same twice. 48 bytes an entry.
 */
#ifndef MN_API_IMPORT_TABLE_H
#define MN_API_IMPORT_TABLE_H

#include "base/base.h"
#include "base/secret.h"

typedef struct mn_import_table {
    mn_secret key;
    struct mn_import_slot *slots;
    size_t slot_count; /* a power of two, or 0 */
    size_t used;
} mn_import_table;

void mn_import_table_wipe(mn_import_table *table); /* MN_AUTO */
/* STATE_CONFLICT: the text is there already, and keeps its id. */
MNSEC_MUST_USE mnsec_status mn_import_table_add(mn_import_table *table, mn_bytes text,
                                                const mnsec_id *id);
/* STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_import_table_get(mn_import_table *table, mn_bytes text,
                                                mnsec_id *out_id);

#endif
