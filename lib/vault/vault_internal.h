/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of vault/ share: the derivations of docs/FORMATS.md 4.3 (vault_key.c), references
 * to boxes and ids in rows, the removal of boxes that are no longer good, the department that is
 * unlocked, and the blind index.
 */
#ifndef MN_VAULT_INTERNAL_H
#define MN_VAULT_INTERNAL_H

#include <string.h>

#include "registry/box.h"
#include "vault/vault.h"

/* G_d, O_d, the directory secret and everything derived from them. */
#define MN_VAULT_SECRET_BYTES 32
/* Epoch of a department that has just been founded. */
#define MN_VAULT_FIRST_EPOCH 1U

/* --- vault_key.c --- */
/* Argon2id, then one MAC on the token. */
MNSEC_MUST_USE mnsec_status mn_vault_key_operation(const mn_vault *vault,
                                                   const mn_department_versions *versions,
                                                   const mn_secret *password, mn_secret *out_key);
/* S_d. */
MNSEC_MUST_USE mnsec_status mn_vault_key_department(const mn_vault *vault,
                                                    const mnsec_id *department, uint64_t s_version,
                                                    const mn_secret *group,
                                                    const mn_secret *operation, mn_secret *out_key);
/* Key of the box that holds the former version of a secret. */
MNSEC_MUST_USE mnsec_status mn_vault_key_former(const mn_vault *vault, const mnsec_id *department,
                                                uint64_t former_version, const mn_secret *newer,
                                                mn_secret *out_key);
/* The root of all number keys is S_d after the first half of HKDF, the same for every record. */
MNSEC_MUST_USE mnsec_status mn_vault_key_root(const mn_secret *department_secret,
                                              mn_secret *out_root);
MNSEC_MUST_USE mnsec_status mn_vault_key_number(const mn_secret *root, const mnsec_id *record,
                                                mn_secret *out_key);
MNSEC_MUST_USE mnsec_status mn_vault_key_index(const mn_secret *department_secret,
                                               const mnsec_id *department, mn_secret *out_key);
MNSEC_MUST_USE mnsec_status mn_vault_key_directory(const mnsec_id *department, uint32_t epoch,
                                                   uint64_t g_version, const mn_secret *group,
                                                   const mn_secret *directory, mn_secret *out_key);

/* --- vault_sweep.c --- */
/* Boxes to remove: all of a kind, an owner (no bytes: of every owner) and a subject (likewise), but
 * those of the version to keep (0: none) and of the subject to keep (no bytes: none). */
typedef struct mn_vault_sweep {
    mn_box_kind kind;
    mn_bytes owner;
    mn_bytes subject;
    uint64_t keep_version;
    mn_bytes keep_subject;
} mn_vault_sweep;
MNSEC_MUST_USE mnsec_status mn_vault_sweep_run(mn_store_txn *txn, const mn_vault_sweep *sweep);

/* --- vault_group.c --- */
/* A box of a department as owner, without subject. */
static inline mn_box_ref mn_vault_box(const mn_vault *vault, mn_box_kind kind,
                                      const mnsec_id *department, uint64_t version)
{
    return (mn_box_ref){.facility = vault->facility,
                        .kind = kind,
                        .owner = mn_bytes_of(department->bytes, sizeof(department->bytes)),
                        .version = version};
}
static inline mn_key_ref mn_vault_data_key(const mnsec_id *department, uint32_t epoch)
{
    return (mn_key_ref){.kind = MN_KEY_DATA, .department = *department, .epoch = epoch};
}
/* Back from a secret (kind FORMER_GROUP or FORMER_OPERATION) of version newest to an older one. */
MNSEC_MUST_USE mnsec_status mn_vault_group_former(const mn_vault *vault, mn_store_txn *txn,
                                                  mn_box_kind kind, const mnsec_id *department,
                                                  uint64_t newest_version, const mn_secret *newest,
                                                  uint64_t version, mn_secret *out_secret);

/* --- vault_recovery.c --- */
/* One secret to the recovery key. */
MNSEC_MUST_USE mnsec_status mn_vault_recovery_seal(const mn_vault *vault, mn_store_txn *txn,
                                                   const mn_recovery *recovery, mn_box_kind kind,
                                                   const mnsec_id *department, uint64_t version,
                                                   const mn_secret *secret);

/* --- vault_department.c --- */
struct mn_vault_department {
    mn_vault vault;
    const mn_registry *registry;
    mnsec_id id;
    uint32_t epoch;
    mn_department_versions versions; /* in force when it was opened */
    mn_secret group;                 /* G_d of versions */
    mn_secret operation;             /* O_d of versions */
    mn_secret secret;                /* S_d of versions */
    mn_secret directory;             /* directory secret of epoch */
    mn_secret number_root;           /* of S_d */
    mn_secret index_key;             /* of S_d */
    mn_secret directory_key;         /* of G_d and the directory secret */
};
/* S_d of a version in which something was written; a copy. Unknown versions: INTEGRITY_RECORD */
MNSEC_MUST_USE mnsec_status mn_vault_department_secret(const mn_vault_department *department,
                                                       mn_store_txn *txn, uint64_t s_version,
                                                       mn_secret *out_secret);
/* Keys of a number and of the blind index, of an s version. */
MNSEC_MUST_USE mnsec_status mn_vault_department_number_key(const mn_vault_department *department,
                                                           mn_store_txn *txn, uint64_t s_version,
                                                           const mnsec_id *record,
                                                           mn_secret *out_key);
MNSEC_MUST_USE mnsec_status mn_vault_department_index_key(const mn_vault_department *department,
                                                          mn_store_txn *txn, uint64_t s_version,
                                                          mn_secret *out_key);
/* Key of a directory row, and the g version that it was made with. No token call in the epoch in
 * force, one decryption in an older one. */
MNSEC_MUST_USE mnsec_status mn_vault_department_directory_key(const mn_vault_department *department,
                                                              mn_store_txn *txn, uint32_t epoch,
                                                              uint64_t s_version,
                                                              uint64_t *out_g_version,
                                                              mn_secret *out_key);
/* The row was tampered with: INTEGRITY_RECORD with the detail. */
MNSEC_MUST_USE mnsec_status mn_vault_department_tampered(const mn_vault_department *department,
                                                         const char *what);

/* --- vault_index.c --- */
/* What the blind index knows of a number under one (s version, epoch). */
typedef struct mn_vault_index {
    uint64_t s_version;
    uint32_t epoch;
    mn_secret tag;   /* t, which stays under the outer lock */
    mn_secret index; /* public once it is in a row */
} mn_vault_index;
void mn_vault_index_wipe(mn_vault_index *index);
/* One MAC on the token. */
MNSEC_MUST_USE mnsec_status mn_vault_index_make(const mn_vault_department *department,
                                                mn_store_txn *txn, uint64_t s_version,
                                                uint32_t epoch, const mn_secret *number,
                                                mn_vault_index *out_index);
/* Which record has it? STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_vault_index_find(const mn_vault_department *department,
                                                mn_store_txn *txn, const mn_vault_index *index,
                                                mnsec_id *out_record);
/* Through every live pair, the newest first (or those before it only), one MAC each.
 * STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_vault_index_search(const mn_vault_department *department,
                                                  mn_store_txn *txn, const mn_secret *number,
                                                  bool older_only, mnsec_id *out_record);
MNSEC_MUST_USE mnsec_status mn_vault_index_put(const mn_vault_department *department,
                                               mn_store_txn *txn, const mn_vault_index *index,
                                               const mnsec_id *record);
MNSEC_MUST_USE mnsec_status mn_vault_index_remove(mn_store_txn *txn, const mnsec_id *record);

/* --- vault_subject.c --- */
MNSEC_MUST_USE mnsec_status mn_vault_subject_encode(const mn_vault_subject *subject,
                                                    mn_buf *out_bytes);
/* Errors: USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_vault_subject_decode(mn_bytes bytes, mn_vault_subject *out_subject);

/* --- rows --- */
static inline mn_store_value mn_vault_id_value(const mnsec_id *id)
{
    return mn_store_blob(id->bytes, sizeof(id->bytes));
}
static inline bool mn_vault_is_id(const mn_store_value *value, mnsec_id *out_id)
{
    if (value->bytes.len != sizeof(out_id->bytes)) {
        return false;
    }
    memcpy(out_id->bytes, value->bytes.bytes, sizeof(out_id->bytes));
    return true;
}

#endif
