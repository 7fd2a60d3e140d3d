/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes of the table SEALED. What a box is for stands in its AAD, never in the row alone; a kind is
 * sealed in one way and has owners and subjects of one size (FORMATS.md 4.3), and anything else is
 * refused before a key is used. A box that does not open sets no detail: a wrong password looks
 * like this, and its cause is for the log.
 */
#include "box.h"

#include "base/encode.h"
#include "crypto/secret/aead.h"

#define CARD_BYTES    32
#define VERSION_BYTES 8
#define COLUMNS       5
#define COLUMN_BOX    4

typedef enum method {
    METHOD_NONE = 0,
    METHOD_KEY,   /* AEAD under a symmetric key */
    METHOD_POINT, /* sealed to a P-256 key */
    METHOD_CALLER /* by the caller, elsewhere */
} method;

typedef struct sort {
    method method;
    size_t owner_bytes;
    size_t subject_bytes;
} sort;

static const sort sorts[] = {
    [MN_BOX_DOOR] = {METHOD_KEY, CARD_BYTES, MNSEC_ID_BYTES},
    [MN_BOX_WORK] = {METHOD_KEY, CARD_BYTES, MNSEC_ID_BYTES},
    [MN_BOX_FACILITY_PIN] = {METHOD_POINT, CARD_BYTES, 0},
    [MN_BOX_SO_PIN] = {METHOD_POINT, CARD_BYTES, 0},
    [MN_BOX_RECOVERY_SHARE] = {METHOD_POINT, CARD_BYTES, 0},
    [MN_BOX_GROUP] = {METHOD_POINT, CARD_BYTES, MNSEC_ID_BYTES},
    [MN_BOX_OPERATION] = {METHOD_KEY, MNSEC_ID_BYTES, 0},
    [MN_BOX_RECOVERY_GROUP] = {METHOD_POINT, MNSEC_ID_BYTES, VERSION_BYTES},
    [MN_BOX_RECOVERY_OPERATION] = {METHOD_POINT, MNSEC_ID_BYTES, VERSION_BYTES},
    [MN_BOX_FORMER_OPERATION] = {METHOD_KEY, MNSEC_ID_BYTES, 0},
    [MN_BOX_DIRECTORY] = {METHOD_CALLER, MNSEC_ID_BYTES, 0},
    [MN_BOX_FORMER_GROUP] = {METHOD_KEY, MNSEC_ID_BYTES, 0},
};

/* NULL where the reference is not one of FORMATS.md. */
static const sort *sort_of(const mn_box_ref *ref)
{
    if ((size_t)ref->kind >= sizeof(sorts) / sizeof(sorts[0])) {
        return NULL;
    }
    const sort *found = &sorts[ref->kind];
    const bool fits = found->method != METHOD_NONE && ref->owner.len == found->owner_bytes &&
                      ref->subject.len == found->subject_bytes && ref->version <= INT64_MAX;
    return fits ? found : NULL;
}

static bool is_sealed_by(const mn_box_ref *ref, method how)
{
    const sort *found = sort_of(ref);
    return found != NULL && found->method == how;
}

static void fill_key(const mn_box_ref *ref, mn_store_value row[COLUMNS])
{
    row[0] = mn_store_integer(ref->kind);
    row[1] = mn_store_blob(ref->owner.bytes, ref->owner.len);
    row[2] = mn_store_blob(ref->subject.bytes, ref->subject.len);
    row[3] = mn_store_integer((int64_t)ref->version);
}

mnsec_status mn_box_aad(const mn_box_ref *ref, mn_buf *out_aad)
{
    if (sort_of(ref) == NULL) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) aad = {0};
    MN_TRY(mn_encode_begin(&aad, "mnsec/sealed/1"));
    MN_TRY(mn_encode_id(&aad, &ref->facility));
    MN_TRY(mn_encode_u64(&aad, (uint64_t)ref->kind));
    MN_TRY(mn_encode_bytes(&aad, ref->owner.bytes, ref->owner.len));
    MN_TRY(mn_encode_bytes(&aad, ref->subject.bytes, ref->subject.len));
    MN_TRY(mn_encode_u64(&aad, ref->version));
    mn_buf_move(out_aad, &aad);
    return MNSEC_OK;
}

mnsec_status mn_box_seal(mn_store_txn *txn, const mn_box_ref *ref, const mn_secret *key,
                         const mn_secret *plaintext)
{
    if (!is_sealed_by(ref, METHOD_KEY)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_box_aad(ref, &aad));
    MN_TRY(mn_aead_seal(key, mn_buf_view(&aad), plaintext, &box));
    return mn_box_put(txn, ref, mn_buf_view(&box));
}

mnsec_status mn_box_open(mn_store_txn *txn, const mn_box_ref *ref, const mn_secret *key,
                         mn_secret *out_plaintext)
{
    if (!is_sealed_by(ref, METHOD_KEY)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_box_aad(ref, &aad));
    MN_TRY(mn_box_get(txn, ref, &box));
    return mn_aead_open(key, mn_buf_view(&aad), mn_buf_view(&box), out_plaintext);
}

mnsec_status mn_box_seal_to(mn_store_txn *txn, const mn_box_ref *ref,
                            const uint8_t point[MN_P256_POINT_BYTES], const mn_secret *plaintext)
{
    if (!is_sealed_by(ref, METHOD_POINT)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_box_aad(ref, &aad));
    MN_TRY(mn_p256_seal(point, mn_buf_view(&aad), plaintext, &box));
    return mn_box_put(txn, ref, mn_buf_view(&box));
}

mnsec_status mn_box_open_with(mn_store_txn *txn, const mn_box_ref *ref,
                              const mn_secret *private_key, mn_secret *out_plaintext)
{
    if (!is_sealed_by(ref, METHOD_POINT)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_box_aad(ref, &aad));
    MN_TRY(mn_box_get(txn, ref, &box));
    return mn_p256_open(private_key, mn_buf_view(&aad), mn_buf_view(&box), out_plaintext);
}

mnsec_status mn_box_put(mn_store_txn *txn, const mn_box_ref *ref, mn_bytes box)
{
    if (sort_of(ref) == NULL) {
        return MNSEC_E_USAGE;
    }
    mn_store_value row[COLUMNS];
    fill_key(ref, row);
    row[COLUMN_BOX] = mn_store_blob(box.bytes, box.len);
    return mn_store_put(txn, MN_TABLE_SEALED, row);
}

mnsec_status mn_box_get(mn_store_txn *txn, const mn_box_ref *ref, mn_buf *out_box)
{
    if (sort_of(ref) == NULL) {
        return MNSEC_E_USAGE;
    }
    mn_store_value key[COLUMNS];
    mn_store_value row[COLUMNS];
    fill_key(ref, key);
    MN_TRY(mn_store_get(txn, MN_TABLE_SEALED, key, row));
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_buf_append(&box, row[COLUMN_BOX].bytes.bytes, row[COLUMN_BOX].bytes.len));
    mn_buf_move(out_box, &box);
    return MNSEC_OK;
}

mnsec_status mn_box_remove(mn_store_txn *txn, const mn_box_ref *ref)
{
    if (sort_of(ref) == NULL) {
        return MNSEC_E_USAGE;
    }
    mn_store_value key[COLUMNS];
    fill_key(ref, key);
    return mn_store_remove(txn, MN_TABLE_SEALED, key);
}
