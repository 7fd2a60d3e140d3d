/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two secrets behind a department: G_d, sealed to each member's work key, and O_d, wrapped
 * under the operation password; S_d takes both. A renewed secret holds its former version, so
 * that whoever has the newest reaches every older one, and nobody who left reaches a newer one.
 * The recovery key's boxes: vault_recovery.c.
 */
#include "crypto/secret/crypto.h"
#include "vault_internal.h"

static mn_box_ref member_box(const mn_vault *vault, const mnsec_id *department,
                             const uint8_t card[32], uint64_t g_version)
{
    return (mn_box_ref){.facility = vault->facility,
                        .kind = MN_BOX_GROUP,
                        .owner = mn_bytes_of(card, 32),
                        .subject = mn_bytes_of(department->bytes, sizeof(department->bytes)),
                        .version = g_version};
}

static mnsec_status seal_to_members(const mn_vault *vault, mn_store_txn *txn,
                                    const mn_department_versions *versions,
                                    const mn_vault_member *members, size_t member_count,
                                    const mn_secret *group)
{
    if (member_count == 0) {
        return mn_fail(vault->err, MNSEC_E_USAGE, "a department without members would be lost");
    }
    for (size_t i = 0; i < member_count; i++) {
        MN_TRY(mn_vault_group_seal(vault, txn, &versions->id, versions->g_version, &members[i],
                                   group));
    }
    return MNSEC_OK;
}

/* The directory secret of a new department: under the outer lock alone, so that a stolen store with
 * somebody's G_d is no directory. */
static mnsec_status make_directory(const mn_vault *vault, mn_store_txn *txn,
                                   const mnsec_id *department)
{
    const mn_box_ref ref = mn_vault_box(vault, MN_BOX_DIRECTORY, department, MN_VAULT_FIRST_EPOCH);
    const mn_key_ref key = mn_vault_data_key(department, MN_VAULT_FIRST_EPOCH);
    MN_AUTO(mn_secret) directory = {0};
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_random_secret(&directory, MN_VAULT_SECRET_BYTES));
    MN_TRY(mn_box_aad(&ref, &aad));
    MN_TRY(mn_keyring_key_seal(vault->keyring, &key, mn_buf_view(&aad),
                               mn_bytes_of(directory.bytes, directory.len), &box));
    return mn_box_put(txn, &ref, mn_buf_view(&box));
}

/* The version before next under next's secret. */
static mnsec_status seal_former(const mn_vault *vault, mn_store_txn *txn, mn_box_kind kind,
                                const mnsec_id *department, uint64_t next_version,
                                const mn_secret *next, const mn_secret *former)
{
    const mn_box_ref ref = mn_vault_box(vault, kind, department, next_version - 1);
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_vault_key_former(vault, department, next_version - 1, next, &key));
    return mn_box_seal(txn, &ref, &key, former);
}

static mnsec_status open_former(const mn_vault *vault, mn_store_txn *txn, mn_box_kind kind,
                                const mnsec_id *department, uint64_t version,
                                const mn_secret *newer, mn_secret *out_secret)
{
    const mn_box_ref ref = mn_vault_box(vault, kind, department, version);
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_vault_key_former(vault, department, version, newer, &key));
    return mn_box_open(txn, &ref, &key, out_secret);
}

mnsec_status mn_vault_group_former(const mn_vault *vault, mn_store_txn *txn, mn_box_kind kind,
                                   const mnsec_id *department, uint64_t newest_version,
                                   const mn_secret *newest, uint64_t version, mn_secret *out_secret)
{
    if (version == 0 || version > newest_version) {
        return mn_fail(vault->err, MNSEC_E_STATE_CHANGED, "a department's secrets were renewed");
    }
    MN_AUTO(mn_secret) secret = {0};
    MN_TRY(mn_secret_copy(&secret, newest->bytes, newest->len));
    for (uint64_t at = newest_version; at > version; at--) {
        const mnsec_status status =
            open_former(vault, txn, kind, department, at - 1, &secret, &secret);
        if (status == MNSEC_E_STATE_NOT_FOUND || status == MNSEC_E_INTEGRITY) {
            return mn_fail(vault->err, MNSEC_E_INTEGRITY, "a former secret of a department is %s",
                           status == MNSEC_E_INTEGRITY ? "not what it was" : "gone");
        }
        MN_TRY(status);
    }
    mn_secret_move(out_secret, &secret);
    return MNSEC_OK;
}

mnsec_status mn_vault_group_make(const mn_vault *vault, mn_store_txn *txn,
                                 const mn_department_versions *versions,
                                 const mn_vault_member *members, size_t member_count,
                                 const mn_recovery *recovery, const mn_secret *operation_password)
{
    MN_AUTO(mn_secret) group = {0};
    MN_AUTO(mn_secret) operation = {0};
    MN_TRY(mn_random_secret(&group, MN_VAULT_SECRET_BYTES));
    MN_TRY(mn_random_secret(&operation, MN_VAULT_SECRET_BYTES));
    MN_TRY(seal_to_members(vault, txn, versions, members, member_count, &group));
    MN_TRY(make_directory(vault, txn, &versions->id));
    if (recovery->version > 0) {
        MN_TRY(mn_vault_recovery_reseal(vault, txn, recovery, versions, &group, &operation));
    }
    return mn_vault_group_wrap_operation(vault, txn, versions, &operation, operation_password);
}

mnsec_status mn_vault_group_open(const mn_vault *vault, mn_store_txn *txn,
                                 const mn_department_versions *versions, const uint8_t card[32],
                                 const mn_secret *work, uint64_t g_version, mn_secret *out_group)
{
    const mn_box_ref ref = member_box(vault, &versions->id, card, versions->g_version);
    MN_AUTO(mn_secret) newest = {0};
    const mnsec_status status = mn_box_open_with(txn, &ref, work, &newest);
    if (status == MNSEC_E_INTEGRITY) {
        return mn_fail(vault->err, status, "the department's secret for this card does not open");
    }
    MN_TRY(status);
    return mn_vault_group_former(vault, txn, MN_BOX_FORMER_GROUP, &versions->id,
                                 versions->g_version, &newest, g_version, out_group);
}

mnsec_status mn_vault_group_seal(const mn_vault *vault, mn_store_txn *txn,
                                 const mnsec_id *department, uint64_t g_version,
                                 const mn_vault_member *member, const mn_secret *group)
{
    const mn_box_ref ref = member_box(vault, department, member->card, g_version);
    return mn_box_seal_to(txn, &ref, member->work, group);
}

mnsec_status mn_vault_group_remove(const mn_vault *vault, mn_store_txn *txn,
                                   const mnsec_id *department, const uint8_t card[32])
{
    (void)vault;
    const mn_vault_sweep sweep = {
        .kind = MN_BOX_GROUP,
        .owner = mn_bytes_of(card, 32),
        .subject = mn_bytes_of(department->bytes, sizeof(department->bytes)),
    };
    return mn_vault_sweep_run(txn, &sweep);
}

mnsec_status mn_vault_group_forget_card(const mn_vault *vault, mn_store_txn *txn,
                                        const uint8_t card[32])
{
    (void)vault;
    static const mn_box_kind kinds[] = {MN_BOX_DOOR,   MN_BOX_WORK,           MN_BOX_FACILITY_PIN,
                                        MN_BOX_SO_PIN, MN_BOX_RECOVERY_SHARE, MN_BOX_GROUP};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const mn_vault_sweep sweep = {.kind = kinds[i], .owner = mn_bytes_of(card, 32)};
        MN_TRY(mn_vault_sweep_run(txn, &sweep));
    }
    return MNSEC_OK;
}

mnsec_status mn_vault_group_renew(const mn_vault *vault, mn_store_txn *txn,
                                  const mn_department_versions *next, const mn_secret *old_group,
                                  const mn_vault_member *members, size_t member_count,
                                  const mn_recovery *recovery)
{
    MN_AUTO(mn_secret) group = {0};
    MN_TRY(mn_random_secret(&group, MN_VAULT_SECRET_BYTES));
    MN_TRY(seal_to_members(vault, txn, next, members, member_count, &group));
    if (recovery->version > 0) {
        MN_TRY(mn_vault_recovery_seal(vault, txn, recovery, MN_BOX_RECOVERY_GROUP, &next->id,
                                      next->g_version, &group));
    }
    return seal_former(vault, txn, MN_BOX_FORMER_GROUP, &next->id, next->g_version, &group,
                       old_group);
}

mnsec_status mn_vault_group_open_operation(const mn_vault *vault, mn_store_txn *txn,
                                           const mn_department_versions *versions,
                                           const mn_secret *operation_password,
                                           mn_secret *out_operation)
{
    const mn_box_ref ref =
        mn_vault_box(vault, MN_BOX_OPERATION, &versions->id, versions->wrap_version);
    MN_AUTO(mn_secret) key = {0};
    mnsec_status status = MNSEC_E_INTEGRITY; /* nothing typed opens nothing */
    if (!mn_secret_is_empty(operation_password)) {
        MN_TRY(mn_vault_key_operation(vault, versions, operation_password, &key));
        status = mn_box_open(txn, &ref, &key, out_operation);
    }
    switch (status) {
    case MNSEC_E_INTEGRITY:
        return mn_fail(vault->err, MNSEC_E_DENIED_OPERATION_PASSWORD, "operation password refused");
    case MNSEC_E_STATE_NOT_FOUND:
        return mn_fail(vault->err, MNSEC_E_INTEGRITY_STORE, "the operation secret is gone");
    default:
        return status;
    }
}

mnsec_status mn_vault_group_wrap_operation(const mn_vault *vault, mn_store_txn *txn,
                                           const mn_department_versions *next,
                                           const mn_secret *operation,
                                           const mn_secret *new_password)
{
    const mn_box_ref ref = mn_vault_box(vault, MN_BOX_OPERATION, &next->id, next->wrap_version);
    const mn_vault_sweep former = {
        .kind = MN_BOX_OPERATION, .owner = ref.owner, .keep_version = next->wrap_version};
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_vault_key_operation(vault, next, new_password, &key));
    MN_TRY(mn_box_seal(txn, &ref, &key, operation));
    return mn_vault_sweep_run(txn, &former);
}

mnsec_status mn_vault_group_renew_operation(const mn_vault *vault, mn_store_txn *txn,
                                            const mn_department_versions *next,
                                            const mn_secret *old_operation,
                                            const mn_recovery *recovery,
                                            const mn_secret *new_password)
{
    MN_AUTO(mn_secret) operation = {0};
    MN_TRY(mn_random_secret(&operation, MN_VAULT_SECRET_BYTES));
    MN_TRY(seal_former(vault, txn, MN_BOX_FORMER_OPERATION, &next->id, next->o_version, &operation,
                       old_operation));
    if (recovery->version > 0) {
        MN_TRY(mn_vault_recovery_seal(vault, txn, recovery, MN_BOX_RECOVERY_OPERATION, &next->id,
                                      next->o_version, &operation));
    }
    return mn_vault_group_wrap_operation(vault, txn, next, &operation, new_password);
}
