/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blind index: who has a given number, without opening any (docs/FORMATS.md 4.3). The host
 * makes t out of the number and S_d, the token makes the index out of t, so neither the store nor
 * the token alone answers a guess. A pair (s version, epoch) is live while it is in force, and as
 * long as the store has rows of it.
 */
#include "base/encode.h"
#include "crypto/secret/hash.h"
#include "vault_internal.h"

enum { DEPARTMENT, S_VERSION, EPOCH, INDEX, RECORD, COLUMNS };

static void fill(const mn_vault_department *department, const mn_vault_index *index,
                 mn_store_value row[COLUMNS])
{
    row[DEPARTMENT] = mn_vault_id_value(&department->id);
    row[S_VERSION] = mn_store_integer((int64_t)index->s_version);
    row[EPOCH] = mn_store_integer(index->epoch);
    row[INDEX] = mn_store_blob(index->index.bytes, index->index.len);
}

/* t, on the host. */
static mnsec_status make_tag(const mn_vault_department *department, mn_store_txn *txn,
                             uint64_t s_version, const mn_secret *number, mn_secret *out_tag)
{
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_vault_department_index_key(department, txn, s_version, &key));
    return mn_hash_hmac(&key, mn_bytes_of(number->bytes, number->len), out_tag);
}

/* One MAC on the token over t. */
static mnsec_status make_index(const mn_vault_department *department, uint32_t epoch,
                               const mn_secret *tag, mn_secret *out_index)
{
    const mn_key_ref key = {.kind = MN_KEY_INDEX, .department = department->id, .epoch = epoch};
    MN_AUTO(mn_buf) head = {0};
    MN_AUTO(mn_secret) message = {0};
    MN_TRY(mn_encode_begin(&head, "mnsec/index/1"));
    MN_TRY(mn_encode_secret(&head, tag, &message));
    return mn_keyring_key_mac(department->vault.keyring, &key,
                              mn_bytes_of(message.bytes, message.len), out_index);
}

static bool is_in_force(const mn_vault_department *department, uint64_t s_version, uint32_t epoch)
{
    return s_version == department->versions.s_version && epoch == department->epoch;
}

/* STATE_NOT_FOUND: no row can be of this pair. */
static mnsec_status check_live(const mn_vault_department *department, mn_store_txn *txn,
                               uint64_t s_version, uint32_t epoch)
{
    if (is_in_force(department, s_version, epoch)) {
        return MNSEC_OK;
    }
    const mn_vault_index pair = {.s_version = s_version, .epoch = epoch};
    mn_store_value equal[COLUMNS];
    mn_store_value row[COLUMNS];
    fill(department, &pair, equal);
    const mn_store_range range = {.equal = equal, .equal_count = INDEX, .limit = 1};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_BLIND_INDEX, &range, &cursor));
    const mnsec_status status = mn_store_cursor_next(cursor, row);
    return status == MNSEC_E_STATE_END ? MNSEC_E_STATE_NOT_FOUND : status;
}

static mnsec_status search_pair(const mn_vault_department *department, mn_store_txn *txn,
                                uint64_t s_version, uint32_t epoch, const mn_secret *number,
                                mnsec_id *out_record)
{
    MN_AUTO(mn_vault_index) index = {0};
    MN_TRY(check_live(department, txn, s_version, epoch));
    MN_TRY(mn_vault_index_make(department, txn, s_version, epoch, number, &index));
    return mn_vault_index_find(department, txn, &index, out_record);
}

/* One row that names the record. STATE_END: none is left */
static mnsec_status remove_one(mn_store_txn *txn, const mnsec_id *record)
{
    const mn_store_value equal[] = {mn_vault_id_value(record)};
    const mn_store_range range = {
        .index = "by_record", .equal = equal, .equal_count = 1, .limit = 1};
    mn_store_value row[COLUMNS];
    MN_AUTO(mn_buf) department = {0};
    MN_AUTO(mn_buf) index = {0};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(mn_store_scan(txn, MN_TABLE_BLIND_INDEX, &range, &cursor));
    MN_TRY(mn_store_cursor_next(cursor, row));
    MN_TRY(mn_buf_append(&department, row[DEPARTMENT].bytes.bytes, row[DEPARTMENT].bytes.len));
    MN_TRY(mn_buf_append(&index, row[INDEX].bytes.bytes, row[INDEX].bytes.len));
    const mn_store_value key[] = {
        mn_store_blob(department.bytes, department.len),
        mn_store_integer(row[S_VERSION].integer),
        mn_store_integer(row[EPOCH].integer),
        mn_store_blob(index.bytes, index.len),
    };
    mn_store_cursor_free(mn_take(cursor));
    return mn_store_remove(txn, MN_TABLE_BLIND_INDEX, key);
}

void mn_vault_index_wipe(mn_vault_index *index)
{
    mn_secret_wipe(&index->tag);
    mn_secret_wipe(&index->index);
}

mnsec_status mn_vault_index_make(const mn_vault_department *department, mn_store_txn *txn,
                                 uint64_t s_version, uint32_t epoch, const mn_secret *number,
                                 mn_vault_index *out_index)
{
    MN_TRY(make_tag(department, txn, s_version, number, &out_index->tag));
    MN_TRY(make_index(department, epoch, &out_index->tag, &out_index->index));
    out_index->s_version = s_version;
    out_index->epoch = epoch;
    return MNSEC_OK;
}

mnsec_status mn_vault_index_find(const mn_vault_department *department, mn_store_txn *txn,
                                 const mn_vault_index *index, mnsec_id *out_record)
{
    mn_store_value key[COLUMNS];
    mn_store_value row[COLUMNS];
    fill(department, index, key);
    MN_TRY(mn_store_get(txn, MN_TABLE_BLIND_INDEX, key, row));
    return mn_vault_is_id(&row[RECORD], out_record)
               ? MNSEC_OK
               : mn_vault_department_tampered(department, "the blind index names no record");
}

mnsec_status mn_vault_index_search(const mn_vault_department *department, mn_store_txn *txn,
                                   const mn_secret *number, bool older_only, mnsec_id *out_record)
{
    for (uint64_t s_version = department->versions.s_version; s_version > 0; s_version--) {
        for (uint32_t epoch = department->epoch; epoch > 0; epoch--) {
            if (older_only && is_in_force(department, s_version, epoch)) {
                continue;
            }
            const mnsec_status status =
                search_pair(department, txn, s_version, epoch, number, out_record);
            if (status != MNSEC_E_STATE_NOT_FOUND) {
                return status;
            }
        }
    }
    return MNSEC_E_STATE_NOT_FOUND;
}

mnsec_status mn_vault_index_put(const mn_vault_department *department, mn_store_txn *txn,
                                const mn_vault_index *index, const mnsec_id *record)
{
    mn_store_value row[COLUMNS];
    fill(department, index, row);
    row[RECORD] = mn_vault_id_value(record);
    return mn_store_insert(txn, MN_TABLE_BLIND_INDEX, row);
}

mnsec_status mn_vault_index_remove(mn_store_txn *txn, const mnsec_id *record)
{
    mnsec_status status = MNSEC_OK;
    while (status == MNSEC_OK) {
        status = remove_one(txn, record);
    }
    return status == MNSEC_E_STATE_END ? MNSEC_OK : status;
}
