/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table SEALED: every secret that the store keeps for somebody, each under a key that the store
 * does not have. The AAD of a box names facility, kind, owner, subject and version
 * (FORMATS.md 4.3), so that a box put in another's place, or an older one, does not open.
 */
#ifndef MN_BOX_H
#define MN_BOX_H

#include "base/base.h"
#include "base/buf.h"
#include "base/secret.h"
#include "crypto/secret/p256.h"
#include "store/store.h"

typedef enum mn_box_kind {
    MN_BOX_DOOR = 1,
    MN_BOX_WORK = 2,
    MN_BOX_FACILITY_PIN = 3,
    MN_BOX_SO_PIN = 4,
    MN_BOX_RECOVERY_SHARE = 5,
    MN_BOX_GROUP = 6,
    MN_BOX_OPERATION = 7,
    MN_BOX_RECOVERY_GROUP = 8,
    MN_BOX_RECOVERY_OPERATION = 9,
    MN_BOX_FORMER_OPERATION = 10,
    MN_BOX_DIRECTORY = 11,
    MN_BOX_FORMER_GROUP = 12
} mn_box_kind;

/* Which box. owner and subject are borrowed; subject may be empty. */
typedef struct mn_box_ref {
    mnsec_id facility;
    mn_box_kind kind;
    mn_bytes owner;
    mn_bytes subject;
    uint64_t version;
} mn_box_ref;

MNSEC_MUST_USE mnsec_status mn_box_aad(const mn_box_ref *ref, mn_buf *out_aad);
/* Under a symmetric key of 32 bytes. */
MNSEC_MUST_USE mnsec_status mn_box_seal(mn_store_txn *txn, const mn_box_ref *ref,
                                        const mn_secret *key, const mn_secret *plaintext);
/* Errors: STATE_NOT_FOUND (no such box), INTEGRITY (does not open) */
MNSEC_MUST_USE mnsec_status mn_box_open(mn_store_txn *txn, const mn_box_ref *ref,
                                        const mn_secret *key, mn_secret *out_plaintext);
/* To a P-256 public key, and with its private half. */
MNSEC_MUST_USE mnsec_status mn_box_seal_to(mn_store_txn *txn, const mn_box_ref *ref,
                                           const uint8_t point[MN_P256_POINT_BYTES],
                                           const mn_secret *plaintext);
MNSEC_MUST_USE mnsec_status mn_box_open_with(mn_store_txn *txn, const mn_box_ref *ref,
                                             const mn_secret *private_key,
                                             mn_secret *out_plaintext);
/* Bytes that the caller sealed himself (kind 11: outer lock). */
MNSEC_MUST_USE mnsec_status mn_box_put(mn_store_txn *txn, const mn_box_ref *ref, mn_bytes box);
MNSEC_MUST_USE mnsec_status mn_box_get(mn_store_txn *txn, const mn_box_ref *ref, mn_buf *out_box);
MNSEC_MUST_USE mnsec_status mn_box_remove(mn_store_txn *txn, const mn_box_ref *ref);

#endif
