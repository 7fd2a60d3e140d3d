/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A department, unlocked: G_d out of the person's box, O_d out of the operation password, S_d out
 * of both, and the directory secret, which takes the token. What is open is of the versions in
 * force at that moment; older ones are reached through the boxes of former secrets, newer ones
 * never. Numbers: vault_number.c; names: vault_record.c.
 */
#include <stdlib.h>

#include "vault_internal.h"

static mnsec_status open_group(mn_vault_department *department, mn_store_txn *txn,
                               const uint8_t card[32], const mn_secret *work)
{
    const mnsec_status status =
        mn_vault_group_open(&department->vault, txn, &department->versions, card, work,
                            department->versions.g_version, &department->group);
    return status == MNSEC_E_STATE_NOT_FOUND
               ? mn_fail(department->vault.err, MNSEC_E_DENIED,
                         "no key of this department is sealed to this card")
               : status;
}

/* One decryption on the token. */
static mnsec_status open_directory(const mn_vault_department *department, mn_store_txn *txn,
                                   uint32_t epoch, mn_secret *out_directory)
{
    const mn_vault *vault = &department->vault;
    const mn_box_ref ref = mn_vault_box(vault, MN_BOX_DIRECTORY, &department->id, epoch);
    const mn_key_ref key = mn_vault_data_key(&department->id, epoch);
    MN_AUTO(mn_buf) aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_TRY(mn_box_aad(&ref, &aad));
    const mnsec_status status = mn_box_get(txn, &ref, &box);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(vault->err, MNSEC_E_INTEGRITY_STORE, "the directory secret is gone");
    }
    MN_TRY(status);
    return mn_keyring_key_open(vault->keyring, &key, mn_buf_view(&aad), mn_buf_view(&box),
                               out_directory);
}

static mnsec_status open_secrets(mn_vault_department *department, mn_store_txn *txn,
                                 const uint8_t card[32], const mn_secret *work,
                                 const mn_secret *operation_password)
{
    const mn_vault *vault = &department->vault;
    MN_TRY(open_group(department, txn, card, work));
    MN_TRY(mn_vault_group_open_operation(vault, txn, &department->versions, operation_password,
                                         &department->operation));
    MN_TRY(mn_vault_key_department(vault, &department->id, department->versions.s_version,
                                   &department->group, &department->operation,
                                   &department->secret));
    return open_directory(department, txn, department->epoch, &department->directory);
}

/* What is used for every row is derived once. */
static mnsec_status derive_keys(mn_vault_department *department)
{
    MN_TRY(mn_vault_key_root(&department->secret, &department->number_root));
    MN_TRY(mn_vault_key_index(&department->secret, &department->id, &department->index_key));
    return mn_vault_key_directory(&department->id, department->epoch,
                                  department->versions.g_version, &department->group,
                                  &department->directory, &department->directory_key);
}

/* g and o version of an s version that a row names. */
static mnsec_status read_history(const mn_vault_department *department, uint64_t s_version,
                                 uint64_t *out_g, uint64_t *out_o)
{
    mn_error *err = department->vault.err;
    if (s_version > department->versions.s_version) {
        return mn_fail(err, MNSEC_E_INTEGRITY_RECORD,
                       "a row names a version of the department's secret that is not in force");
    }
    const mnsec_status status = mn_registry_department_history(
        department->registry, &department->id, s_version, out_g, out_o);
    return status == MNSEC_E_STATE_NOT_FOUND
               ? mn_fail(err, MNSEC_E_INTEGRITY_RECORD,
                         "a row names a version of the department's secret that never was")
               : status;
}

mnsec_status mn_vault_department_open(const mn_vault *vault, const mn_registry *registry,
                                      const mnsec_id *id, const uint8_t card[32],
                                      const mn_secret *work, const mn_secret *operation_password,
                                      mn_vault_department **out_department)
{
    const mn_registry_department *known = mn_registry_department_get(registry, id);
    if (known == NULL) {
        return mn_fail(vault->err, MNSEC_E_STATE_NOT_FOUND, "no such department");
    }
    MN_AUTO_PTR(mn_vault_department) department = calloc(1, sizeof(*department));
    if (department == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    department->vault = *vault;
    department->registry = registry;
    department->id = known->id;
    department->epoch = known->epoch;
    department->versions = known->versions;
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(vault->store, MN_STORE_READ, &txn));
    MN_TRY(open_secrets(department, &txn, card, work, operation_password));
    MN_TRY(derive_keys(department));
    *out_department = mn_take(department);
    return MNSEC_OK;
}

void mn_vault_department_free(mn_vault_department *department)
{
    if (department != NULL) {
        mn_secret_wipe(&department->group);
        mn_secret_wipe(&department->operation);
        mn_secret_wipe(&department->secret);
        mn_secret_wipe(&department->directory);
        mn_secret_wipe(&department->number_root);
        mn_secret_wipe(&department->index_key);
        mn_secret_wipe(&department->directory_key);
        free(department);
    }
}

const mnsec_id *mn_vault_department_id(const mn_vault_department *department)
{
    return &department->id;
}

mnsec_status mn_vault_department_tampered(const mn_vault_department *department, const char *what)
{
    return mn_fail(department->vault.err, MNSEC_E_INTEGRITY_RECORD, "%s", what);
}

mnsec_status mn_vault_department_secret(const mn_vault_department *department, mn_store_txn *txn,
                                        uint64_t s_version, mn_secret *out_secret)
{
    const mn_vault *vault = &department->vault;
    const mn_department_versions *versions = &department->versions;
    if (s_version == versions->s_version) {
        return mn_secret_copy(out_secret, department->secret.bytes, department->secret.len);
    }
    uint64_t g_version = 0;
    uint64_t o_version = 0;
    MN_AUTO(mn_secret) group = {0};
    MN_AUTO(mn_secret) operation = {0};
    MN_TRY(read_history(department, s_version, &g_version, &o_version));
    MN_TRY(mn_vault_group_former(vault, txn, MN_BOX_FORMER_GROUP, &department->id,
                                 versions->g_version, &department->group, g_version, &group));
    MN_TRY(mn_vault_group_former(vault, txn, MN_BOX_FORMER_OPERATION, &department->id,
                                 versions->o_version, &department->operation, o_version,
                                 &operation));
    return mn_vault_key_department(vault, &department->id, s_version, &group, &operation,
                                   out_secret);
}

mnsec_status mn_vault_department_number_key(const mn_vault_department *department,
                                            mn_store_txn *txn, uint64_t s_version,
                                            const mnsec_id *record, mn_secret *out_key)
{
    if (s_version == department->versions.s_version) {
        return mn_vault_key_number(&department->number_root, record, out_key);
    }
    MN_AUTO(mn_secret) secret = {0};
    MN_AUTO(mn_secret) root = {0};
    MN_TRY(mn_vault_department_secret(department, txn, s_version, &secret));
    MN_TRY(mn_vault_key_root(&secret, &root));
    return mn_vault_key_number(&root, record, out_key);
}

mnsec_status mn_vault_department_index_key(const mn_vault_department *department, mn_store_txn *txn,
                                           uint64_t s_version, mn_secret *out_key)
{
    if (s_version == department->versions.s_version) {
        return mn_secret_copy(out_key, department->index_key.bytes, department->index_key.len);
    }
    MN_AUTO(mn_secret) secret = {0};
    MN_TRY(mn_vault_department_secret(department, txn, s_version, &secret));
    return mn_vault_key_index(&secret, &department->id, out_key);
}

mnsec_status mn_vault_department_directory_key(const mn_vault_department *department,
                                               mn_store_txn *txn, uint32_t epoch,
                                               uint64_t s_version, uint64_t *out_g_version,
                                               mn_secret *out_key)
{
    uint64_t g_version = department->versions.g_version;
    uint64_t o_version = 0;
    MN_AUTO(mn_secret) group = {0};
    MN_AUTO(mn_secret) directory = {0};
    if (s_version != department->versions.s_version) {
        MN_TRY(read_history(department, s_version, &g_version, &o_version));
    }
    if (epoch == department->epoch && g_version == department->versions.g_version) {
        MN_TRY(mn_secret_copy(out_key, department->directory_key.bytes,
                              department->directory_key.len));
        *out_g_version = g_version;
        return MNSEC_OK;
    }
    MN_TRY(mn_vault_group_former(&department->vault, txn, MN_BOX_FORMER_GROUP, &department->id,
                                 department->versions.g_version, &department->group, g_version,
                                 &group));
    if (epoch == department->epoch) {
        MN_TRY(mn_secret_copy(&directory, department->directory.bytes, department->directory.len));
    } else {
        MN_TRY(open_directory(department, txn, epoch, &directory));
    }
    MN_TRY(mn_vault_key_directory(&department->id, epoch, g_version, &group, &directory, out_key));
    *out_g_version = g_version;
    return MNSEC_OK;
}
