/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of the log's tables, as what they stand for. Everything that comes out of the store is
 * judged here or by the readers of audit_line.c: the file may have been written by anybody.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/audit_log.h"
#include "crypto/secret/hash.h"

static mn_store_value key_of(uint64_t n)
{
    return mn_store_integer((int64_t)n);
}

/* Integer of the newest row of a table whose key is one integer, below `below`; STATE_END where
 * there is none. */
static mnsec_status newest(mn_store_txn *txn, mn_store_table_id table, mn_store_value *row)
{
    const mn_store_range range = {.descending = true, .limit = 1};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, table, &range, &cursor));
    return mn_store_cursor_next(cursor, row);
}

mnsec_status mn_audit_row_line(mn_store_txn *txn, mn_store_table_id table, uint64_t index,
                               mn_buf *out_line)
{
    const mn_store_value key = key_of(index);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_get(txn, table, &key, row));
    mn_buf_reset(out_line);
    return mn_buf_append(out_line, row[1].bytes.bytes, row[1].bytes.len);
}

mnsec_status mn_audit_row_entry(mn_audit *audit, mn_store_txn *txn, uint64_t index,
                                mn_buf *out_text, mn_audit_line *out_line)
{
    const mnsec_status status = mn_audit_row_line(txn, MN_TABLE_LOG_ENTRY, index, out_text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_audit_fail(audit, index, "is missing");
    }
    MN_TRY(status);
    if (mn_audit_line_read(mn_buf_view(out_text), out_line) != MNSEC_OK ||
        out_line->index != index) {
        return mn_audit_fail(audit, index, "is malformed");
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_row_count(mn_store_txn *txn, uint64_t *out_count)
{
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    const mnsec_status status = newest(txn, MN_TABLE_LOG_ENTRY, row);
    if (status == MNSEC_E_STATE_END) {
        *out_count = 0;
        return MNSEC_OK;
    }
    MN_TRY(status);
    if (row[0].integer < 0 || (uint64_t)row[0].integer >= MN_TLOG_MAX_SIZE) {
        return mn_fail(txn->store->err, MNSEC_E_INTEGRITY_LOG, "an entry has no proper index");
    }
    *out_count = (uint64_t)row[0].integer + 1;
    return MNSEC_OK;
}

mnsec_status mn_audit_row_insert(mn_store_txn *txn, mn_store_table_id table, uint64_t index,
                                 const mn_buf *line)
{
    const mn_store_value row[] = {key_of(index), mn_store_text(mn_buf_text(line))};
    return mn_store_insert(txn, table, row);
}

mnsec_status mn_audit_row_certificate(mn_audit *audit, mn_store_txn *txn,
                                      const uint8_t fingerprint[32], mn_buf *out_der)
{
    const mn_store_value key = mn_store_blob(fingerprint, 32);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_get(txn, MN_TABLE_CERT, &key, row));
    uint8_t digest[MN_HASH_BYTES];
    mn_hash_bytes(row[1].bytes, digest);
    if (memcmp(digest, fingerprint, sizeof(digest)) != 0) {
        return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG,
                       "a stored certificate has another fingerprint");
    }
    mn_buf_reset(out_der);
    return mn_buf_append(out_der, row[1].bytes.bytes, row[1].bytes.len);
}

mnsec_status mn_audit_row_key(mn_audit *audit, mn_store_txn *txn, const uint8_t fingerprint[32],
                              mn_signature_key **out_key)
{
    const mn_x509_info *info = NULL;
    MN_AUTO(mn_buf) certificate = {0};
    MN_TRY(mn_audit_row_certificate(audit, txn, fingerprint, &certificate));
    return mn_x509_known_get(audit->known, mn_buf_view(&certificate), &info, out_key);
}

mnsec_status mn_audit_row_authority(mn_store_txn *txn, uint64_t n, uint64_t *out_index)
{
    const mn_store_value key = key_of(n);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_get(txn, MN_TABLE_AUTHORITY, &key, row));
    *out_index = (uint64_t)row[1].integer;
    return MNSEC_OK;
}

mnsec_status mn_audit_row_authority_count(mn_store_txn *txn, uint64_t below, uint64_t *out_count)
{
    const mn_store_range range = {.descending = true};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_AUTHORITY, &range, &cursor));
    for (;;) {
        mn_store_value row[MN_STORE_MAX_COLUMNS];
        const mnsec_status status = mn_store_cursor_next(cursor, row);
        if (status == MNSEC_E_STATE_END) {
            *out_count = 0;
            return MNSEC_OK;
        }
        MN_TRY(status);
        if ((uint64_t)row[1].integer < below) {
            *out_count = (uint64_t)row[0].integer + 1;
            return MNSEC_OK;
        }
    }
}
