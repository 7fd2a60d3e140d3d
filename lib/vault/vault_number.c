/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One Individual Number under its two locks (docs/FORMATS.md 4.3). The inner lock is shut and
 * opened here, on the host; the outer one on the token, which never sees a number. A number is
 * opened for one call and held by nobody else. Both locks name facility, department, record, field
 * and value id, so that nothing opens in another's place, and an older value not at all. Who has a
 * given number: vault_index.c.
 */
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/aead.h"
#include "vault_internal.h"

#define PADDED_BYTES 32U

enum {
    VALUE_RECORD,
    VALUE_FIELD,
    VALUE_ID,
    VALUE_EPOCH,
    VALUE_S_VERSION,
    VALUE_OUTER,
    VALUE_SPARE,
    VALUE_TAG,
    VALUE_COLUMNS
};
enum { RECORD_DEPARTMENT = 1, RECORD_COLUMNS = 7 };

/* What the locks of a value are bound to. */
typedef struct place {
    mnsec_id record;
    mnsec_id value;
    uint32_t epoch;
    uint64_t s_version;
} place;

static bool is_number(const mn_secret *secret)
{
    bool digits = secret->bytes != NULL && secret->len == MN_VAULT_NUMBER_DIGITS;
    for (size_t i = 0; digits && i < secret->len; i++) {
        digits = secret->bytes[i] >= '0' && secret->bytes[i] <= '9';
    }
    return digits;
}

/* --- what is authenticated --- */

static mnsec_status begin_aad(const mn_vault_department *department, const char *purpose,
                              const mnsec_id *record, mn_buf *aad)
{
    MN_TRY(mn_encode_begin(aad, purpose));
    MN_TRY(mn_encode_id(aad, &department->vault.facility));
    MN_TRY(mn_encode_id(aad, &department->id));
    return mn_encode_id(aad, record);
}

static mnsec_status inner_aad(const mn_vault_department *department, const place *at, mn_buf *aad)
{
    MN_TRY(begin_aad(department, "mnsec/number-inner/1", &at->record, aad));
    MN_TRY(mn_encode_u64(aad, MN_VAULT_FIELD_NUMBER));
    MN_TRY(mn_encode_u64(aad, at->s_version));
    return mn_encode_id(aad, &at->value);
}

static mnsec_status outer_aad(const mn_vault_department *department, const place *at, mn_buf *aad)
{
    MN_TRY(begin_aad(department, "mnsec/number-outer/1", &at->record, aad));
    MN_TRY(mn_encode_u64(aad, MN_VAULT_FIELD_NUMBER));
    MN_TRY(mn_encode_u64(aad, at->epoch));
    return mn_encode_id(aad, &at->value);
}

static mnsec_status tag_aad(const mn_vault_department *department, const place *at, mn_buf *aad)
{
    MN_TRY(begin_aad(department, "mnsec/index-outer/1", &at->record, aad));
    return mn_encode_u64(aad, at->epoch);
}

/* --- the two locks --- */

static mnsec_status shut_inner(const mn_vault_department *department, mn_store_txn *txn,
                               const place *at, const mn_secret *number, mn_buf *out_inner)
{
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_secret) padded = {0};
    MN_AUTO(mn_buf) aad = {0};
    MN_TRY(mn_secret_init(&padded, PADDED_BYTES));
    memcpy(padded.bytes, number->bytes, number->len);
    MN_TRY(mn_vault_department_number_key(department, txn, at->s_version, &at->record, &key));
    MN_TRY(inner_aad(department, at, &aad));
    return mn_aead_seal(&key, mn_buf_view(&aad), &padded, out_inner);
}

static mnsec_status open_inner(const mn_vault_department *department, mn_store_txn *txn,
                               const place *at, const mn_secret *inner, mn_secret *out_number)
{
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_secret) padded = {0};
    MN_AUTO(mn_buf) aad = {0};
    MN_TRY(mn_vault_department_number_key(department, txn, at->s_version, &at->record, &key));
    MN_TRY(inner_aad(department, at, &aad));
    const mnsec_status status =
        mn_aead_open(&key, mn_buf_view(&aad), mn_bytes_of(inner->bytes, inner->len), &padded);
    if (status == MNSEC_E_INTEGRITY) {
        return mn_vault_department_tampered(department,
                                            "the inner lock of the number does not open");
    }
    MN_TRY(status);
    MN_AUTO(mn_secret) number = {0};
    MN_TRY(mn_secret_copy(&number, padded.bytes,
                          padded.len == PADDED_BYTES ? MN_VAULT_NUMBER_DIGITS : 0));
    if (!is_number(&number)) {
        return mn_vault_department_tampered(department, "what the locks held is no number");
    }
    mn_secret_move(out_number, &number);
    return MNSEC_OK;
}

/* The token's refusal alone does not say who is sick: the row or the token. */
static mnsec_status judge_outer(const mn_vault_department *department, const mn_key_ref *key)
{
    mn_error *err = department->vault.err;
    const long native = err == NULL ? 0 : err->native;
    const mn_founding *founding = mn_registry_founding(department->registry);
    mn_error_clear(err);
    MN_TRY(
        mn_keyring_key_test(department->vault.keyring, key, mn_buf_view(&founding->attestation)));
    return mn_fail_native(err, MNSEC_E_INTEGRITY_RECORD, native,
                          "the outer lock of the number does not open");
}

/* Exactly one decryption on the token. */
static mnsec_status open_outer(const mn_vault_department *department, const place *at,
                               const mn_buf *outer, mn_secret *out_inner)
{
    const mn_key_ref key = mn_vault_data_key(&department->id, at->epoch);
    mn_keyring *keyring = department->vault.keyring;
    MN_AUTO(mn_buf) aad = {0};
    if (at->epoch != department->epoch && !mn_keyring_key_exists(keyring, &key)) {
        return mn_vault_department_tampered(department, "the row names an epoch that has no key");
    }
    MN_TRY(outer_aad(department, at, &aad));
    const mnsec_status status =
        mn_keyring_key_open(keyring, &key, mn_buf_view(&aad), mn_buf_view(outer), out_inner);
    return status == MNSEC_E_INTEGRITY ? judge_outer(department, &key) : status;
}

/* --- rows --- */

/* Is the record there, in this department? STATE_NOT_FOUND */
static mnsec_status find_record(const mn_vault_department *department, mn_store_txn *txn,
                                const mnsec_id *record)
{
    const mn_store_value key[] = {mn_vault_id_value(record)};
    mn_store_value row[RECORD_COLUMNS];
    mnsec_id owner = {0};
    MN_TRY(mn_store_get(txn, MN_TABLE_RECORD, key, row));
    const bool is_ours =
        mn_vault_is_id(&row[RECORD_DEPARTMENT], &owner) && mnsec_id_equal(&owner, &department->id);
    return is_ours ? MNSEC_OK : MNSEC_E_STATE_NOT_FOUND;
}

/* STATE_CONFLICT: the record has a number already, or another record has this one. Else the row of
 * the blind index that the number is to have. */
static mnsec_status refuse_conflict(const mn_vault_department *department, mn_store_txn *txn,
                                    const mnsec_id *record, const mn_secret *number,
                                    mn_vault_index *out_index, mnsec_id *out_existing)
{
    const mn_store_value key[] = {mn_vault_id_value(record),
                                  mn_store_integer(MN_VAULT_FIELD_NUMBER)};
    mn_store_value row[VALUE_COLUMNS];
    mnsec_status status = mn_store_get(txn, MN_TABLE_VALUE, key, row);
    if (status == MNSEC_OK) {
        *out_existing = *record;
    }
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        MN_TRY(mn_vault_index_make(department, txn, department->versions.s_version,
                                   department->epoch, number, out_index));
        status = mn_vault_index_find(department, txn, out_index, out_existing);
    }
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        status = mn_vault_index_search(department, txn, number, true, out_existing);
    }
    if (status == MNSEC_OK) {
        return MNSEC_E_STATE_CONFLICT;
    }
    return status == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : status;
}

static mnsec_status put_value(const mn_vault_department *department, mn_store_txn *txn,
                              const place *at, const mn_secret *number, const mn_secret *tag)
{
    const mn_key_ref key = mn_vault_data_key(&department->id, at->epoch);
    mn_keyring *keyring = department->vault.keyring;
    MN_AUTO(mn_buf) inner = {0};
    MN_AUTO(mn_buf) outer = {0};
    MN_AUTO(mn_buf) sealed_tag = {0};
    MN_AUTO(mn_buf) value_aad = {0};
    MN_AUTO(mn_buf) index_aad = {0};
    MN_TRY(outer_aad(department, at, &value_aad));
    MN_TRY(tag_aad(department, at, &index_aad));
    MN_TRY(shut_inner(department, txn, at, number, &inner));
    MN_TRY(
        mn_keyring_key_seal(keyring, &key, mn_buf_view(&value_aad), mn_buf_view(&inner), &outer));
    MN_TRY(mn_keyring_key_seal(keyring, &key, mn_buf_view(&index_aad),
                               mn_bytes_of(tag->bytes, tag->len), &sealed_tag));
    const mn_store_value row[VALUE_COLUMNS] = {
        [VALUE_RECORD] = mn_vault_id_value(&at->record),
        [VALUE_FIELD] = mn_store_integer(MN_VAULT_FIELD_NUMBER),
        [VALUE_ID] = mn_vault_id_value(&at->value),
        [VALUE_EPOCH] = mn_store_integer(at->epoch),
        [VALUE_S_VERSION] = mn_store_integer((int64_t)at->s_version),
        [VALUE_OUTER] = mn_store_blob(outer.bytes, outer.len),
        [VALUE_SPARE] = mn_store_null(),
        [VALUE_TAG] = mn_store_blob(sealed_tag.bytes, sealed_tag.len),
    };
    return mn_store_insert(txn, MN_TABLE_VALUE, row);
}

/* The row of a value, out of reach of the transaction. */
static mnsec_status read_value(const mn_vault_department *department, mn_store_txn *txn,
                               const mnsec_id *record, place *out_place, mn_buf *out_outer)
{
    const mn_store_value key[] = {mn_vault_id_value(record),
                                  mn_store_integer(MN_VAULT_FIELD_NUMBER)};
    mn_store_value row[VALUE_COLUMNS];
    MN_TRY(mn_store_get(txn, MN_TABLE_VALUE, key, row));
    const int64_t epoch = row[VALUE_EPOCH].integer;
    const int64_t s_version = row[VALUE_S_VERSION].integer;
    out_place->record = *record;
    if (!mn_vault_is_id(&row[VALUE_ID], &out_place->value) || epoch < 1 ||
        epoch > department->epoch || s_version < 1) {
        return mn_vault_department_tampered(department,
                                            "the row of the number names what cannot be");
    }
    out_place->epoch = (uint32_t)epoch;
    out_place->s_version = (uint64_t)s_version;
    return mn_buf_append(out_outer, row[VALUE_OUTER].bytes.bytes, row[VALUE_OUTER].bytes.len);
}

mnsec_status mn_vault_number_put(mn_vault_department *department, mn_store_txn *txn,
                                 const mnsec_id *record, const mnsec_id *value,
                                 const mn_secret *number, mnsec_id *out_existing)
{
    if (!is_number(number)) {
        return mn_fail(department->vault.err, MNSEC_E_USAGE_FORMAT, "not twelve digits");
    }
    const place at = {.record = *record,
                      .value = *value,
                      .epoch = department->epoch,
                      .s_version = department->versions.s_version};
    MN_AUTO(mn_vault_index) index = {0};
    mnsec_id existing = {0};
    MN_TRY(find_record(department, txn, record));
    const mnsec_status status = refuse_conflict(department, txn, record, number, &index, &existing);
    if (status == MNSEC_E_STATE_CONFLICT && out_existing != NULL) {
        *out_existing = existing;
    }
    MN_TRY(status);
    MN_TRY(put_value(department, txn, &at, number, &index.tag));
    return mn_vault_index_put(department, txn, &index, record);
}

mnsec_status mn_vault_number_open(mn_vault_department *department, mn_store_txn *txn,
                                  const mnsec_id *record, const mnsec_id *newest,
                                  mn_secret *out_number)
{
    place at = {0};
    MN_AUTO(mn_buf) outer = {0};
    MN_AUTO(mn_secret) inner = {0};
    MN_TRY(read_value(department, txn, record, &at, &outer));
    if (!mnsec_id_equal(&at.value, newest)) {
        return mn_vault_department_tampered(department,
                                            "the number is not the one that the log names last");
    }
    MN_TRY(open_outer(department, &at, &outer, &inner));
    return open_inner(department, txn, &at, &inner, out_number);
}

mnsec_status mn_vault_number_search(mn_vault_department *department, mn_store_txn *txn,
                                    const mn_secret *number, mnsec_id *out_record)
{
    if (!is_number(number)) {
        return mn_fail(department->vault.err, MNSEC_E_USAGE_FORMAT, "not twelve digits");
    }
    return mn_vault_index_search(department, txn, number, false, out_record);
}

mnsec_status mn_vault_number_remove(mn_vault_department *department, mn_store_txn *txn,
                                    const mnsec_id *record)
{
    const mn_store_value key[] = {mn_vault_id_value(record),
                                  mn_store_integer(MN_VAULT_FIELD_NUMBER)};
    MN_TRY(find_record(department, txn, record));
    MN_TRY(mn_store_remove(txn, MN_TABLE_VALUE, key));
    return mn_vault_index_remove(txn, record);
}
