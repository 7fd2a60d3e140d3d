/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a range of entries, in order or newest first. An index that is missing is damage: the log
 * has no gaps. Decoding: audit_reader.c.
 */
#include "audit/audit_reader.h"

mnsec_status mn_audit_read(mn_audit *audit, mn_store_txn *txn, const mn_audit_range *range,
                           mn_audit_view_fn each, void *user)
{
    const uint64_t size = audit->state.tree.size;
    const uint64_t below = range->below < size ? range->below : size;
    if (range->from >= below) {
        return MNSEC_OK;
    }
    const mn_store_value from = mn_store_integer((int64_t)range->from);
    const mn_store_value end = mn_store_integer((int64_t)below);
    const mn_store_range rows = {.from = &from, .below = &end, .descending = range->descending};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_AUTO(mn_audit_reader) reader = {.audit = audit, .txn = txn};
    MN_TRY(mn_store_scan(txn, MN_TABLE_LOG_ENTRY, &rows, &cursor));
    for (uint64_t done = 0; done < below - range->from; done++) {
        const uint64_t index = range->descending ? below - 1 - done : range->from + done;
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END ||
            (status == MNSEC_OK && (uint64_t)row[0].integer != index)) {
            return mn_audit_fail(audit, index, "is missing");
        }
        MN_TRY(status);
        MN_TRY(mn_audit_reader_entry(&reader, index, row[1].bytes, range->with_body));
        MN_TRY(each(user, &reader.view));
    }
    return MNSEC_OK;
}
