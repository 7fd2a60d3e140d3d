/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recovery key: G_d and O_d of every department are sealed to its public half too; its private
 * half exists only in shares, at the holders' work keys and on paper, and in secure memory while
 * shares are joined. A new recovery key leaves no box behind that the former one opens.
 */
#include <string.h>

#include "crypto/secret/crypto.h"
#include "vault_internal.h"

#define VERSION_BYTES 8U

/* A reference with its subject, the recovery version in 8 bytes. */
typedef struct recovery_box {
    uint8_t subject[VERSION_BYTES];
    mn_box_ref ref;
} recovery_box;

static void refer(const mn_vault *vault, const mn_recovery *recovery, mn_box_kind kind,
                  const mnsec_id *department, uint64_t version, recovery_box *out_box)
{
    for (size_t i = 0; i < VERSION_BYTES; i++) {
        out_box->subject[VERSION_BYTES - 1 - i] = (uint8_t)(recovery->version >> (8 * i));
    }
    out_box->ref = mn_vault_box(vault, kind, department, version);
    out_box->ref.subject = mn_bytes_of(out_box->subject, sizeof(out_box->subject));
}

static mn_box_ref share_box(const mn_vault *vault, const mn_recovery *recovery,
                            const uint8_t card[32])
{
    return (mn_box_ref){.facility = vault->facility,
                        .kind = MN_BOX_RECOVERY_SHARE,
                        .owner = mn_bytes_of(card, 32),
                        .version = recovery->version};
}

static mnsec_status open_kind(const mn_vault *vault, mn_store_txn *txn, const mn_recovery *recovery,
                              const mn_secret *recovery_private, mn_box_kind kind,
                              const mnsec_id *department, uint64_t version, mn_secret *out_secret)
{
    recovery_box box;
    refer(vault, recovery, kind, department, version, &box);
    const mnsec_status status = mn_box_open_with(txn, &box.ref, recovery_private, out_secret);
    return status == MNSEC_E_INTEGRITY
               ? mn_fail(vault->err, status, "a box for the recovery key does not open")
               : status;
}

/* Boxes of a kind that former recovery keys open. */
static mnsec_status sweep_former(const mn_vault *vault, mn_store_txn *txn,
                                 const mn_recovery *recovery, mn_box_kind kind,
                                 const mnsec_id *department)
{
    recovery_box box;
    refer(vault, recovery, kind, department, 1, &box);
    const mn_vault_sweep sweep = {
        .kind = kind, .owner = box.ref.owner, .keep_subject = box.ref.subject};
    return mn_vault_sweep_run(txn, &sweep);
}

/* Shares to the work keys of the holders; those on paper come after them. */
static mnsec_status hand_out(const mn_vault *vault, mn_store_txn *txn, const mn_recovery *recovery,
                             const mn_vault_member *holders, size_t holder_count,
                             const mn_secret *shares)
{
    for (size_t i = 0; i < holder_count; i++) {
        const mn_box_ref ref = share_box(vault, recovery, holders[i].card);
        MN_TRY(mn_box_seal_to(txn, &ref, holders[i].work, &shares[i]));
    }
    const mn_vault_sweep former = {.kind = MN_BOX_RECOVERY_SHARE,
                                   .keep_version = recovery->version};
    return mn_vault_sweep_run(txn, &former);
}

mnsec_status mn_vault_recovery_seal(const mn_vault *vault, mn_store_txn *txn,
                                    const mn_recovery *recovery, mn_box_kind kind,
                                    const mnsec_id *department, uint64_t version,
                                    const mn_secret *secret)
{
    recovery_box box;
    refer(vault, recovery, kind, department, version, &box);
    return mn_box_seal_to(txn, &box.ref, recovery->key, secret);
}

mnsec_status mn_vault_recovery_share_out(const mn_vault *vault, mn_store_txn *txn,
                                         const mn_recovery *recovery, const mn_secret *private_key,
                                         const mn_vault_member *holders, size_t holder_count,
                                         mn_secret *out_paper_shares)
{
    if (recovery->version == 0 || recovery->holder_count > MN_STATEMENT_MAX_HOLDERS ||
        holder_count > recovery->holder_count || recovery->threshold > recovery->holder_count) {
        return mn_fail(vault->err, MNSEC_E_USAGE, "no such division of the recovery key");
    }
    mn_secret shares[MN_STATEMENT_MAX_HOLDERS] = {0};
    mnsec_status status = mn_share_split(private_key, (unsigned)recovery->threshold,
                                         (unsigned)recovery->holder_count, shares);
    if (status == MNSEC_OK) {
        status = hand_out(vault, txn, recovery, holders, holder_count, shares);
    }
    for (size_t i = 0; i < MN_STATEMENT_MAX_HOLDERS; i++) {
        if (status == MNSEC_OK && i >= holder_count && i < recovery->holder_count) {
            mn_secret_move(&out_paper_shares[i - holder_count], &shares[i]);
        }
        mn_secret_wipe(&shares[i]);
    }
    return status;
}

mnsec_status mn_vault_recovery_share(const mn_vault *vault, mn_store_txn *txn,
                                     const mn_recovery *recovery, const uint8_t card[32],
                                     const mn_secret *work, mn_secret *out_share)
{
    const mn_box_ref ref = share_box(vault, recovery, card);
    const mnsec_status status = mn_box_open_with(txn, &ref, work, out_share);
    return status == MNSEC_E_INTEGRITY
               ? mn_fail(vault->err, status, "the recovery share of this card does not open")
               : status;
}

mnsec_status mn_vault_recovery_join(const mn_vault *vault, const mn_recovery *recovery,
                                    const mn_secret *shares, size_t share_count,
                                    mn_secret *out_private)
{
    MN_AUTO(mn_secret) private_key = {0};
    uint8_t point[MN_P256_POINT_BYTES] = {0};
    mnsec_status status = MNSEC_E_USAGE;
    if (recovery->version > 0 && share_count <= MN_STATEMENT_MAX_HOLDERS) {
        status = mn_share_join(shares, (unsigned)share_count, &private_key);
    }
    if (status == MNSEC_OK) {
        status = mn_p256_public(&private_key, point);
    }
    if (mnsec_status_class(status) == MNSEC_CLASS_INTERNAL) {
        return status;
    }
    if (status != MNSEC_OK || memcmp(point, recovery->key, sizeof(point)) != 0) {
        return mn_fail(vault->err, MNSEC_E_DENIED, "the shares do not give the recovery key");
    }
    mn_secret_move(out_private, &private_key);
    return MNSEC_OK;
}

mnsec_status mn_vault_recovery_open(const mn_vault *vault, mn_store_txn *txn,
                                    const mn_recovery *recovery, const mn_secret *recovery_private,
                                    const mn_department_versions *versions, mn_secret *out_group,
                                    mn_secret *out_operation)
{
    MN_AUTO(mn_secret) group = {0};
    MN_AUTO(mn_secret) operation = {0};
    MN_TRY(open_kind(vault, txn, recovery, recovery_private, MN_BOX_RECOVERY_GROUP, &versions->id,
                     versions->g_version, &group));
    MN_TRY(open_kind(vault, txn, recovery, recovery_private, MN_BOX_RECOVERY_OPERATION,
                     &versions->id, versions->o_version, &operation));
    mn_secret_move(out_group, &group);
    mn_secret_move(out_operation, &operation);
    return MNSEC_OK;
}

mnsec_status mn_vault_recovery_reseal(const mn_vault *vault, mn_store_txn *txn,
                                      const mn_recovery *recovery,
                                      const mn_department_versions *versions,
                                      const mn_secret *group, const mn_secret *operation)
{
    MN_TRY(mn_vault_recovery_seal(vault, txn, recovery, MN_BOX_RECOVERY_GROUP, &versions->id,
                                  versions->g_version, group));
    MN_TRY(mn_vault_recovery_seal(vault, txn, recovery, MN_BOX_RECOVERY_OPERATION, &versions->id,
                                  versions->o_version, operation));
    MN_TRY(sweep_former(vault, txn, recovery, MN_BOX_RECOVERY_GROUP, &versions->id));
    return sweep_former(vault, txn, recovery, MN_BOX_RECOVERY_OPERATION, &versions->id);
}
