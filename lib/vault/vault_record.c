/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory side of a record: whose it is. A row opens with the directory key of its epoch and
 * g version, on the host, so that lists are fast; the department's S_d is not needed and no number
 * is near. What a row shows in the clear (kind, link) stands sealed inside as well, and has to
 * agree.
 */
#include "base/encode.h"
#include "crypto/secret/aead.h"
#include "vault_internal.h"

#define DIRECTORY_PURPOSE "mnsec/directory-row/1"

enum { ID, DEPARTMENT, KIND, LINKED, EPOCH, S_VERSION, DIRECTORY, COLUMNS };

/* A row of the table, out of reach of the transaction. */
typedef struct sealed_row {
    mnsec_id id;
    mnsec_id department;
    uint32_t kind;
    mnsec_id linked;
    uint32_t epoch;
    uint64_t s_version;
    mn_buf directory;
} sealed_row;

static void sealed_row_wipe(sealed_row *row)
{
    mn_buf_wipe(&row->directory);
}

/* --- the sealed part --- */

static mnsec_status make_aad(const mn_vault_department *department, const sealed_row *row,
                             uint64_t g_version, mn_buf *aad)
{
    MN_TRY(mn_encode_begin(aad, "mnsec/directory/1"));
    MN_TRY(mn_encode_id(aad, &department->vault.facility));
    MN_TRY(mn_encode_id(aad, &department->id));
    MN_TRY(mn_encode_id(aad, &row->id));
    MN_TRY(mn_encode_u64(aad, row->epoch));
    return mn_encode_u64(aad, g_version);
}

static mnsec_status encode_directory(const mn_vault_record *record, mn_buf *plaintext)
{
    MN_AUTO(mn_buf) subject = {0};
    MN_TRY(mn_vault_subject_encode(&record->subject, &subject));
    MN_TRY(mn_encode_begin(plaintext, DIRECTORY_PURPOSE));
    MN_TRY(mn_encode_u64(plaintext, record->kind));
    MN_TRY(mn_encode_id(plaintext, &record->linked));
    return mn_encode_bytes(plaintext, subject.bytes, subject.len);
}

static mnsec_status decode_directory(mn_bytes plaintext, const sealed_row *row,
                                     mn_vault_record *out_record)
{
    mn_decode decode;
    uint64_t kind = 0;
    mnsec_id linked = {0};
    mn_bytes subject;
    MN_TRY(mn_decode_begin(&decode, plaintext, DIRECTORY_PURPOSE));
    MN_TRY(mn_decode_u64(&decode, &kind));
    MN_TRY(mn_decode_id(&decode, &linked));
    MN_TRY(mn_decode_bytes(&decode, &subject));
    MN_TRY(mn_decode_end(&decode));
    if (kind != row->kind || !mnsec_id_equal(&linked, &row->linked)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    out_record->id = row->id;
    out_record->department = row->department;
    out_record->kind = row->kind;
    out_record->linked = row->linked;
    return mn_vault_subject_decode(subject, &out_record->subject);
}

static mnsec_status seal_row(const mn_vault_department *department, mn_store_txn *txn,
                             const mn_vault_record *record, sealed_row *row)
{
    uint64_t g_version = 0;
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) plaintext = {0};
    MN_TRY(mn_vault_department_directory_key(department, txn, row->epoch, row->s_version,
                                             &g_version, &key));
    MN_TRY(make_aad(department, row, g_version, &aad));
    MN_TRY(encode_directory(record, &plaintext));
    return mn_aead_seal_bytes(&key, mn_buf_view(&aad), mn_buf_view(&plaintext), &row->directory);
}

static mnsec_status open_row(const mn_vault_department *department, mn_store_txn *txn,
                             const sealed_row *row, mn_vault_record *out_record)
{
    uint64_t g_version = 0;
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) plaintext = {0};
    MN_AUTO(mn_vault_record) record = {0};
    MN_TRY(mn_vault_department_directory_key(department, txn, row->epoch, row->s_version,
                                             &g_version, &key));
    MN_TRY(make_aad(department, row, g_version, &aad));
    mnsec_status status =
        mn_aead_open_bytes(&key, mn_buf_view(&aad), mn_buf_view(&row->directory), &plaintext);
    if (status == MNSEC_OK) {
        status = decode_directory(mn_buf_view(&plaintext), row, &record);
    }
    if (status == MNSEC_E_INTEGRITY || status == MNSEC_E_USAGE_FORMAT) {
        return mn_vault_department_tampered(department, "the directory side does not open");
    }
    MN_TRY(status);
    mn_vault_record_wipe(out_record);
    *out_record = record;
    record = (mn_vault_record){0};
    return MNSEC_OK;
}

/* --- rows --- */

static mnsec_status read_row(const mn_vault_department *department, const mn_store_value *values,
                             sealed_row *out_row)
{
    const int64_t kind = values[KIND].integer;
    const int64_t epoch = values[EPOCH].integer;
    const int64_t s_version = values[S_VERSION].integer;
    const bool is_linked = values[LINKED].type != MN_STORE_NULL;
    out_row->linked = (mnsec_id){0};
    if (!mn_vault_is_id(&values[ID], &out_row->id) ||
        !mn_vault_is_id(&values[DEPARTMENT], &out_row->department) ||
        (is_linked && !mn_vault_is_id(&values[LINKED], &out_row->linked)) || kind < 0 ||
        kind > UINT32_MAX || epoch < 1 || epoch > department->epoch || s_version < 1) {
        return mn_vault_department_tampered(department,
                                            "the row of the record names what cannot be");
    }
    out_row->kind = (uint32_t)kind;
    out_row->epoch = (uint32_t)epoch;
    out_row->s_version = (uint64_t)s_version;
    mn_buf_reset(&out_row->directory);
    return mn_buf_append(&out_row->directory, values[DIRECTORY].bytes.bytes,
                         values[DIRECTORY].bytes.len);
}

/* The row of a record of this department. STATE_NOT_FOUND: there is none, or it is another's */
static mnsec_status get_row(const mn_vault_department *department, mn_store_txn *txn,
                            const mnsec_id *id, sealed_row *out_row)
{
    const mn_store_value key[] = {mn_vault_id_value(id)};
    mn_store_value values[COLUMNS];
    mnsec_id owner = {0};
    MN_TRY(mn_store_get(txn, MN_TABLE_RECORD, key, values));
    if (mn_vault_is_id(&values[DEPARTMENT], &owner) && !mnsec_id_equal(&owner, &department->id)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    return read_row(department, values, out_row);
}

mnsec_status mn_vault_record_department(const mn_vault *vault, mn_store_txn *txn,
                                        const mnsec_id *id, mnsec_id *out_department)
{
    const mn_store_value key[] = {mn_store_blob(id->bytes, sizeof(id->bytes))};
    mn_store_value values[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_get(txn, MN_TABLE_RECORD, key, values));
    return mn_vault_is_id(&values[DEPARTMENT], out_department)
               ? MNSEC_OK
               : mn_fail(vault->err, MNSEC_E_INTEGRITY_RECORD,
                         "the row of the record names what cannot be");
}

void mn_vault_record_wipe(mn_vault_record *record)
{
    mn_vault_subject_wipe(&record->subject);
    *record = (mn_vault_record){0};
}

mnsec_status mn_vault_record_put(mn_vault_department *department, mn_store_txn *txn,
                                 const mn_vault_record *record, bool replace)
{
    if (mnsec_id_is_none(&record->id) || !mnsec_id_equal(&record->department, &department->id)) {
        return mn_fail(department->vault.err, MNSEC_E_USAGE, "no record of this department");
    }
    MN_AUTO(sealed_row) former = {0};
    MN_AUTO(sealed_row) row = {
        .id = record->id, .epoch = department->epoch, .s_version = department->versions.s_version};
    if (replace) {
        MN_TRY(get_row(department, txn, &record->id, &former));
    }
    MN_TRY(seal_row(department, txn, record, &row));
    const mn_store_value values[COLUMNS] = {
        [ID] = mn_vault_id_value(&record->id),
        [DEPARTMENT] = mn_vault_id_value(&department->id),
        [KIND] = mn_store_integer(record->kind),
        [LINKED] = mnsec_id_is_none(&record->linked) ? mn_store_null()
                                                     : mn_vault_id_value(&record->linked),
        [EPOCH] = mn_store_integer(row.epoch),
        [S_VERSION] = mn_store_integer((int64_t)row.s_version),
        [DIRECTORY] = mn_store_blob(row.directory.bytes, row.directory.len),
    };
    return replace ? mn_store_put(txn, MN_TABLE_RECORD, values)
                   : mn_store_insert(txn, MN_TABLE_RECORD, values);
}

mnsec_status mn_vault_record_get(mn_vault_department *department, mn_store_txn *txn,
                                 const mnsec_id *id, mn_vault_record *out_record)
{
    MN_AUTO(sealed_row) row = {0};
    MN_TRY(get_row(department, txn, id, &row));
    return open_row(department, txn, &row, out_record);
}

mnsec_status mn_vault_record_each(mn_vault_department *department, mn_store_txn *txn,
                                  mn_vault_record_fn each, void *user)
{
    const mn_store_value equal[] = {mn_vault_id_value(&department->id)};
    const mn_store_range range = {.index = "by_department", .equal = equal, .equal_count = 1};
    mn_store_value values[COLUMNS];
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_AUTO(sealed_row) row = {0};
    MN_AUTO(mn_vault_record) record = {0};
    MN_TRY(mn_store_scan(txn, MN_TABLE_RECORD, &range, &cursor));
    mnsec_status status = mn_store_cursor_next(cursor, values);
    while (status == MNSEC_OK) {
        MN_TRY(read_row(department, values, &row));
        MN_TRY(open_row(department, txn, &row, &record));
        MN_TRY(each(user, &record));
        status = mn_store_cursor_next(cursor, values);
    }
    return status == MNSEC_E_STATE_END ? MNSEC_OK : status;
}
