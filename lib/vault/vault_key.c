/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The derivations of a department's keys, as the table of docs/FORMATS.md 4.3 has them, one
 * function a row. Each info names purpose, facility or department, and the version, so that no two
 * keys are the same and none is good in another's place.
 */
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/argon2.h"
#include "crypto/secret/hash.h"
#include "vault_internal.h"

static mnsec_status join(const mn_secret *first, const mn_secret *second, mn_secret *out_joined)
{
    MN_TRY(mn_secret_init(out_joined, first->len + second->len));
    memcpy(out_joined->bytes, first->bytes, first->len);
    memcpy(out_joined->bytes + first->len, second->bytes, second->len);
    return MNSEC_OK;
}

static mnsec_status derive(const mn_secret *ikm, const mn_buf *info, mn_secret *out_key)
{
    return mn_hash_hkdf(ikm, mn_bytes_of(NULL, 0), mn_buf_view(info), MN_VAULT_SECRET_BYTES,
                        out_key);
}

static mnsec_status begin(mn_buf *info, const char *purpose, const mnsec_id *first)
{
    MN_TRY(mn_encode_begin(info, purpose));
    return mn_encode_id(info, first);
}

mnsec_status mn_vault_key_operation(const mn_vault *vault, const mn_department_versions *versions,
                                    const mn_secret *password, mn_secret *out_key)
{
    const mn_key_ref pepper = {.kind = MN_KEY_PEPPER};
    MN_AUTO(mn_buf) head = {0};
    MN_AUTO(mn_buf) info = {0};
    MN_AUTO(mn_secret) strengthened = {0};
    MN_AUTO(mn_secret) message = {0};
    MN_AUTO(mn_secret) mac = {0};
    MN_TRY(begin(&head, "mnsec/operation/1", &vault->facility));
    MN_TRY(mn_encode_id(&head, &versions->id));
    MN_TRY(begin(&info, "mnsec/operation-key/1", &vault->facility));
    MN_TRY(mn_encode_id(&info, &versions->id));
    MN_TRY(mn_argon2_derive(password, &versions->argon2, &strengthened));
    MN_TRY(mn_encode_secret(&head, &strengthened, &message));
    MN_TRY(
        mn_keyring_key_mac(vault->keyring, &pepper, mn_bytes_of(message.bytes, message.len), &mac));
    return derive(&mac, &info, out_key);
}

mnsec_status mn_vault_key_department(const mn_vault *vault, const mnsec_id *department,
                                     uint64_t s_version, const mn_secret *group,
                                     const mn_secret *operation, mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_AUTO(mn_secret) both = {0};
    MN_TRY(begin(&info, "mnsec/department-secret/1", &vault->facility));
    MN_TRY(mn_encode_id(&info, department));
    MN_TRY(mn_encode_u64(&info, s_version));
    MN_TRY(join(group, operation, &both));
    return derive(&both, &info, out_key);
}

mnsec_status mn_vault_key_former(const mn_vault *vault, const mnsec_id *department,
                                 uint64_t former_version, const mn_secret *newer,
                                 mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(begin(&info, "mnsec/former/1", &vault->facility));
    MN_TRY(mn_encode_id(&info, department));
    MN_TRY(mn_encode_u64(&info, former_version));
    return derive(newer, &info, out_key);
}

mnsec_status mn_vault_key_root(const mn_secret *department_secret, mn_secret *out_root)
{
    return mn_hash_hkdf_extract(department_secret, mn_bytes_of(NULL, 0), out_root);
}

mnsec_status mn_vault_key_number(const mn_secret *root, const mnsec_id *record, mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(begin(&info, "mnsec/number-key/1", record));
    return mn_hash_hkdf_expand(root, mn_buf_view(&info), MN_VAULT_SECRET_BYTES, out_key);
}

mnsec_status mn_vault_key_index(const mn_secret *department_secret, const mnsec_id *department,
                                mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(begin(&info, "mnsec/index-key/1", department));
    return derive(department_secret, &info, out_key);
}

mnsec_status mn_vault_key_directory(const mnsec_id *department, uint32_t epoch, uint64_t g_version,
                                    const mn_secret *group, const mn_secret *directory,
                                    mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_AUTO(mn_secret) both = {0};
    MN_TRY(begin(&info, "mnsec/directory-key/1", department));
    MN_TRY(mn_encode_u64(&info, epoch));
    MN_TRY(mn_encode_u64(&info, g_version));
    MN_TRY(join(group, directory, &both));
    return derive(&both, &info, out_key);
}
