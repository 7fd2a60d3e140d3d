/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Department secrets and the two locks of a number (docs/FORMATS.md 4.3): inner lock on
 * the host by S_d, outer lock on the token by the data key of (department, epoch). No cache of
 * opened numbers. Nothing here asks whether the caller may: api_guard has done so.
 */
#ifndef MN_VAULT_H
#define MN_VAULT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"
#include "registry/registry.h"
#include "store/store.h"
#include "token/keyring.h"

/* What every function here works with; borrowed. */
typedef struct mn_vault {
    mnsec_id facility;
    mn_store *store;
    mn_keyring *keyring; /* logged in */
    mn_error *err;
} mn_vault;

/* --- vault_group.c: G_d, O_d, their boxes, recovery --- */
/* Someone to whom G_d is sealed. */
typedef struct mn_vault_member {
    uint8_t card[32];
    uint8_t work[MN_P256_POINT_BYTES];
} mn_vault_member;
/* Founding: new G_d, O_d, directory secret of a department at versions 1 (epoch 1), sealed to the
 * members, to the recovery key (version > 0) and O_d under the operation password. The token has
 * the department's data key of epoch 1 already. */
MNSEC_MUST_USE mnsec_status mn_vault_group_make(const mn_vault *vault, mn_store_txn *txn,
                                                const mn_department_versions *versions,
                                                const mn_vault_member *members, size_t member_count,
                                                const mn_recovery *recovery,
                                                const mn_secret *operation_password);
/* G_d of a version, older ones through the chain of former boxes. */
MNSEC_MUST_USE mnsec_status mn_vault_group_open(const mn_vault *vault, mn_store_txn *txn,
                                                const mn_department_versions *versions,
                                                const uint8_t card[32], const mn_secret *work,
                                                uint64_t g_version, mn_secret *out_group);
MNSEC_MUST_USE mnsec_status mn_vault_group_seal(const mn_vault *vault, mn_store_txn *txn,
                                                const mnsec_id *department, uint64_t g_version,
                                                const mn_vault_member *member,
                                                const mn_secret *group);
/* Remove a member's boxes (withdrawal of a grant or person). */
MNSEC_MUST_USE mnsec_status mn_vault_group_remove(const mn_vault *vault, mn_store_txn *txn,
                                                  const mnsec_id *department,
                                                  const uint8_t card[32]);
/* Remove every box that this card's keys open: a person was withdrawn. */
MNSEC_MUST_USE mnsec_status mn_vault_group_forget_card(const mn_vault *vault, mn_store_txn *txn,
                                                       const uint8_t card[32]);
/* Withdrawal: a new G_d (g_version of next) to the members who remain and the recovery key; the old
 * one sealed under it. */
MNSEC_MUST_USE mnsec_status mn_vault_group_renew(const mn_vault *vault, mn_store_txn *txn,
                                                 const mn_department_versions *next,
                                                 const mn_secret *old_group,
                                                 const mn_vault_member *members,
                                                 size_t member_count, const mn_recovery *recovery);
/* O_d under the operation password. One MAC. DENIED_OPERATION_PASSWORD */
MNSEC_MUST_USE mnsec_status mn_vault_group_open_operation(const mn_vault *vault, mn_store_txn *txn,
                                                          const mn_department_versions *versions,
                                                          const mn_secret *operation_password,
                                                          mn_secret *out_operation);
/* Wrap O_d under a new operation password (next->wrap_version, next->argon2); what former
 * passwords open goes when the transaction commits. */
MNSEC_MUST_USE mnsec_status mn_vault_group_wrap_operation(const mn_vault *vault, mn_store_txn *txn,
                                                          const mn_department_versions *next,
                                                          const mn_secret *operation,
                                                          const mn_secret *new_password);
/* A new O_d (next->o_version): the old one sealed under it, sealed to recovery, wrapped by
 * password. */
MNSEC_MUST_USE mnsec_status mn_vault_group_renew_operation(const mn_vault *vault, mn_store_txn *txn,
                                                           const mn_department_versions *next,
                                                           const mn_secret *old_operation,
                                                           const mn_recovery *recovery,
                                                           const mn_secret *new_password);
/* Recovery (vault_recovery.c): the private half of recovery->key split over the holders' work keys,
 * then over recovery->holder_count - holder_count sheets of paper, whose shares are answered.
 * Shares of former keys go. */
MNSEC_MUST_USE mnsec_status mn_vault_recovery_share_out(const mn_vault *vault, mn_store_txn *txn,
                                                        const mn_recovery *recovery,
                                                        const mn_secret *private_key,
                                                        const mn_vault_member *holders,
                                                        size_t holder_count,
                                                        mn_secret *out_paper_shares);
MNSEC_MUST_USE mnsec_status mn_vault_recovery_share(const mn_vault *vault, mn_store_txn *txn,
                                                    const mn_recovery *recovery,
                                                    const uint8_t card[32], const mn_secret *work,
                                                    mn_secret *out_share);
/* Private key out of shares, checked against recovery->key. DENIED */
MNSEC_MUST_USE mnsec_status mn_vault_recovery_join(const mn_vault *vault,
                                                   const mn_recovery *recovery,
                                                   const mn_secret *shares, size_t share_count,
                                                   mn_secret *out_private);
MNSEC_MUST_USE mnsec_status mn_vault_recovery_open(const mn_vault *vault, mn_store_txn *txn,
                                                   const mn_recovery *recovery,
                                                   const mn_secret *recovery_private,
                                                   const mn_department_versions *versions,
                                                   mn_secret *out_group, mn_secret *out_operation);
/* Seal G_d and O_d anew to another recovery key (holders changed); what former keys open goes. */
MNSEC_MUST_USE mnsec_status mn_vault_recovery_reseal(const mn_vault *vault, mn_store_txn *txn,
                                                     const mn_recovery *recovery,
                                                     const mn_department_versions *versions,
                                                     const mn_secret *group,
                                                     const mn_secret *operation);

/* --- vault_department.c: a department, unlocked --- */
typedef struct mn_vault_department mn_vault_department;
/* One MAC and one decryption on the token (O_d; directory secret). Keeps S_d of the version in
 * force; S_d of older versions is made when a value needs it. registry gives the history, and is
 * lent until the department is freed. Reads the store in a transaction of its own. DENIED: nothing
 * of the department is sealed to the card; DENIED_OPERATION_PASSWORD */
MNSEC_MUST_USE mnsec_status mn_vault_department_open(const mn_vault *vault,
                                                     const mn_registry *registry,
                                                     const mnsec_id *department,
                                                     const uint8_t card[32], const mn_secret *work,
                                                     const mn_secret *operation_password,
                                                     mn_vault_department **out_department);
void mn_vault_department_free(mn_vault_department *department);
MN_AUTO_PTR_DECLARE(mn_vault_department)
const mnsec_id *mn_vault_department_id(const mn_vault_department *department);

/* --- vault_number.c: one number --- */
#define MN_VAULT_NUMBER_DIGITS 12
#define MN_VAULT_FIELD_NUMBER  1
/* Shut both locks and put VALUE and BLIND_INDEX rows. STATE_NOT_FOUND: no such record here.
 * STATE_CONFLICT: the number is there already, or the record has one (out_existing, may be NULL,
 * names the record). Token calls: 2 encryptions, 1 MAC; 1 MAC more for each older live pair, as in
 * search. */
MNSEC_MUST_USE mnsec_status mn_vault_number_put(mn_vault_department *department, mn_store_txn *txn,
                                                const mnsec_id *record, const mnsec_id *value,
                                                const mn_secret *number, mnsec_id *out_existing);
/* Exactly one token decryption. newest is the value id the log names: another one in the row is
 * INTEGRITY_RECORD, and so is anything that does not open (TOKEN_FAULT where the known-answer test
 * fails too). STATE_NOT_FOUND: the record has no number. */
MNSEC_MUST_USE mnsec_status mn_vault_number_open(mn_vault_department *department, mn_store_txn *txn,
                                                 const mnsec_id *record, const mnsec_id *newest,
                                                 mn_secret *out_number);
/* Which record has it? One MAC per live pair (s version, epoch): one that has rows in the blind
 * index. STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_vault_number_search(mn_vault_department *department,
                                                   mn_store_txn *txn, const mn_secret *number,
                                                   mnsec_id *out_record);
/* Remove value and index rows (number changed; not a disposal). */
MNSEC_MUST_USE mnsec_status mn_vault_number_remove(mn_vault_department *department,
                                                   mn_store_txn *txn, const mnsec_id *record);

/* --- vault_subject.c: what a directory row says --- */
/* Canonical mnsec/subject/1: pairs (key text, value text); owned here. */
typedef struct mn_vault_subject {
    mn_buf bytes; /* encoded pairs */
} mn_vault_subject;
void mn_vault_subject_wipe(mn_vault_subject *subject);
/* Borrowed until the next change. NULL = absent */
const char *mn_vault_subject_get(const mn_vault_subject *subject, const char *key);
/* value NULL removes. Errors: USAGE_FORMAT (not UTF-8, more than 64 KiB in all) */
MNSEC_MUST_USE mnsec_status mn_vault_subject_set(mn_vault_subject *subject, const char *key,
                                                 const char *value);
/* --- vault_record.c: the directory side of a record --- */
typedef struct mn_vault_record {
    mnsec_id id;
    mnsec_id department;
    uint32_t kind;   /* mnsec_subject_kind */
    mnsec_id linked; /* none = not linked */
    mn_vault_subject subject;
} mn_vault_record;
void mn_vault_record_wipe(mn_vault_record *record);
/* In the epoch and versions in force. replace: STATE_NOT_FOUND where there is none, else
 * STATE_CONFLICT where there is one, or where linked is not there. */
MNSEC_MUST_USE mnsec_status mn_vault_record_put(mn_vault_department *department, mn_store_txn *txn,
                                                const mn_vault_record *record, bool replace);
/* STATE_NOT_FOUND: also where it is another department's. INTEGRITY_RECORD */
MNSEC_MUST_USE mnsec_status mn_vault_record_get(mn_vault_department *department, mn_store_txn *txn,
                                                const mnsec_id *id, mn_vault_record *out_record);
/* Whose record is it, by its row alone, unlocked or not? STATE_NOT_FOUND. The department that opens
 * the row proves it. */
MNSEC_MUST_USE mnsec_status mn_vault_record_department(const mn_vault *vault, mn_store_txn *txn,
                                                       const mnsec_id *id,
                                                       mnsec_id *out_department);
typedef mnsec_status (*mn_vault_record_fn)(void *user, const mn_vault_record *record);
/* Every record of the department, by id. A row that does not open: INTEGRITY_RECORD. */
MNSEC_MUST_USE mnsec_status mn_vault_record_each(mn_vault_department *department, mn_store_txn *txn,
                                                 mn_vault_record_fn each, void *user);

#endif
