/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removal of boxes that must not be opened again: of a member who left, under a former password,
 * for a former recovery key. What is swept is found in the store itself, not guessed from version
 * numbers, so that nothing stays behind. The store overwrites what it removes.
 */
#include <string.h>

#include "vault_internal.h"

enum { KIND, OWNER, SUBJECT, VERSION, COLUMNS = 5 };

/* Key of a row, out of reach of the cursor it came from. */
typedef struct found {
    mn_buf owner;
    mn_buf subject;
    int64_t version;
} found;

static void found_wipe(found *row)
{
    mn_buf_wipe(&row->owner);
    mn_buf_wipe(&row->subject);
}

static bool is_same(mn_bytes a, mn_bytes b)
{
    return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

static bool is_kept(const mn_vault_sweep *sweep, const mn_store_value *row)
{
    if (sweep->subject.len > 0 && !is_same(row[SUBJECT].bytes, sweep->subject)) {
        return true; /* not meant at all */
    }
    return (sweep->keep_version > 0 && row[VERSION].integer >= 0 &&
            (uint64_t)row[VERSION].integer == sweep->keep_version) ||
           (sweep->keep_subject.len > 0 && is_same(row[SUBJECT].bytes, sweep->keep_subject));
}

static mnsec_status copy(const mn_store_value *row, found *out_row)
{
    mn_buf_reset(&out_row->owner);
    mn_buf_reset(&out_row->subject);
    MN_TRY(mn_buf_append(&out_row->owner, row[OWNER].bytes.bytes, row[OWNER].bytes.len));
    MN_TRY(mn_buf_append(&out_row->subject, row[SUBJECT].bytes.bytes, row[SUBJECT].bytes.len));
    out_row->version = row[VERSION].integer;
    return MNSEC_OK;
}

/* The first row that is to go. STATE_END: none is left */
static mnsec_status next(mn_store_txn *txn, const mn_vault_sweep *sweep, found *out_row)
{
    const mn_store_value equal[] = {mn_store_integer(sweep->kind),
                                    mn_store_blob(sweep->owner.bytes, sweep->owner.len)};
    const mn_store_range range = {.equal = equal, .equal_count = sweep->owner.len > 0 ? 2 : 1};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    mn_store_value row[COLUMNS];
    MN_TRY(mn_store_scan(txn, MN_TABLE_SEALED, &range, &cursor));
    do {
        MN_TRY(mn_store_cursor_next(cursor, row));
    } while (is_kept(sweep, row));
    return copy(row, out_row);
}

mnsec_status mn_vault_sweep_run(mn_store_txn *txn, const mn_vault_sweep *sweep)
{
    MN_AUTO(found) row = {0};
    mnsec_status status = next(txn, sweep, &row);
    while (status == MNSEC_OK) {
        const mn_store_value key[] = {
            mn_store_integer(sweep->kind),
            mn_store_blob(row.owner.bytes, row.owner.len),
            mn_store_blob(row.subject.bytes, row.subject.len),
            mn_store_integer(row.version),
        };
        MN_TRY(mn_store_remove(txn, MN_TABLE_SEALED, key));
        status = next(txn, sweep, &row);
    }
    return status == MNSEC_E_STATE_END ? MNSEC_OK : status;
}
