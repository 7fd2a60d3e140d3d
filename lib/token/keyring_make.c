/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys made on the token after a shape (keyring_shape.c): a secret key, a key pair, a key unwrapped
 * by a pair; and the public half of a pair as a SubjectPublicKeyInfo. Token keys and the throw-away
 * session keys of the passport's probe are made by the same lines, so that what was probed is what
 * will be made.
 */
#include <string.h>

#include "keyring_internal.h"

#define POINT_BYTES 65

/* DER of the OBJECT IDENTIFIER of P-256 (RFC 5480). */
static const uint8_t p256_oid[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const uint8_t rsa_exponent[] = {0x01, 0x00, 0x01};

mnsec_status mn_keyring_make_secret(mn_keyring *keyring, const mn_keyring_shape *shape,
                                    const char *label, CK_OBJECT_HANDLE *out_key)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    mn_keyring_template secret;
    mn_keyring_shape_fill(shape, label, &secret);
    mn_keyring_shape_add(&secret, CKA_VALUE_LEN, &secret.shape.bytes, sizeof(secret.shape.bytes));

    CK_MECHANISM mechanism = {.mechanism = mn_keyring_shape_maker(shape)};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    const CK_RV rv = mn_keyring_calls(keyring)->C_GenerateKey(
        work->handle, &mechanism, secret.attributes, secret.count, &key);
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_GenerateKey");
    }
    *out_key = key;
    return MNSEC_OK;
}

/* What may come out of an unwrapping key: never a secret that can be read or goes out anywhere. */
static size_t fill_unwrap_template(const mn_keyring_shape *unwrapped, const CK_BBOOL *yes,
                                   const CK_BBOOL *no, CK_ATTRIBUTE out_attributes[3])
{
    const bool is_extractable = (unwrapped->set & MN_FLAG_EXTRACTABLE) != 0;
    out_attributes[0] = (CK_ATTRIBUTE){CKA_PRIVATE, mn_keyring_lend(yes), sizeof(*yes)};
    out_attributes[1] = (CK_ATTRIBUTE){CKA_SENSITIVE, mn_keyring_lend(yes), sizeof(*yes)};
    out_attributes[2] =
        is_extractable ? (CK_ATTRIBUTE){CKA_WRAP_WITH_TRUSTED, mn_keyring_lend(yes), sizeof(*yes)}
                       : (CK_ATTRIBUTE){CKA_EXTRACTABLE, mn_keyring_lend(no), sizeof(*no)};
    return 3;
}

mnsec_status mn_keyring_make_pair(mn_keyring *keyring, const mn_keyring_pair *pair,
                                  const char *label, CK_OBJECT_HANDLE *out_private,
                                  CK_OBJECT_HANDLE *out_public)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    mn_keyring_template private_half;
    mn_keyring_template public_half;
    CK_ATTRIBUTE unwrap[3];
    mn_keyring_shape_fill(&pair->private_half, label, &private_half);
    mn_keyring_shape_fill(&pair->public_half, label, &public_half);
    mn_keyring_shape_add(&private_half, CKA_ID, label, strlen(label));
    mn_keyring_shape_add(&public_half, CKA_ID, label, strlen(label));
    if (pair->public_half.key_type == CKK_EC) {
        mn_keyring_shape_add(&public_half, CKA_EC_PARAMS, p256_oid, sizeof(p256_oid));
    } else {
        mn_keyring_shape_add(&public_half, CKA_MODULUS_BITS, &pair->rsa_bits,
                             sizeof(pair->rsa_bits));
        mn_keyring_shape_add(&public_half, CKA_PUBLIC_EXPONENT, rsa_exponent, sizeof(rsa_exponent));
    }
    if (pair->unwrapped.object_class == CKO_SECRET_KEY) {
        const size_t count =
            fill_unwrap_template(&pair->unwrapped, &private_half.yes, &private_half.no, unwrap);
        mn_keyring_shape_add(&private_half, CKA_UNWRAP_TEMPLATE, unwrap, count * sizeof(unwrap[0]));
    }

    CK_MECHANISM mechanism = {.mechanism = mn_keyring_shape_maker(&pair->private_half)};
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    const CK_RV rv = mn_keyring_calls(keyring)->C_GenerateKeyPair(
        work->handle, &mechanism, public_half.attributes, public_half.count,
        private_half.attributes, private_half.count, &public_key, &private_key);
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_GenerateKeyPair");
    }
    *out_private = private_key;
    *out_public = public_key;
    return MNSEC_OK;
}

mnsec_status mn_keyring_make_public(mn_keyring *keyring, const mn_keyring_shape *shape,
                                    const char *label, mn_bytes spki, CK_OBJECT_HANDLE *out_key)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work(keyring, &work));
    MN_AUTO(mn_buf) modulus = {0};
    MN_AUTO(mn_buf) exponent = {0};
    if (mn_x509_rsa_parts(spki, &modulus, &exponent) != MNSEC_OK) {
        return mn_fail(keyring->err, MNSEC_E_USAGE_FORMAT, "this is no RSA public key");
    }
    mn_keyring_template public_half;
    mn_keyring_shape_fill(shape, label, &public_half);
    mn_keyring_shape_add(&public_half, CKA_MODULUS, modulus.bytes, modulus.len);
    mn_keyring_shape_add(&public_half, CKA_PUBLIC_EXPONENT, exponent.bytes, exponent.len);
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    const CK_RV rv = mn_keyring_calls(keyring)->C_CreateObject(work->handle, public_half.attributes,
                                                               public_half.count, &key);
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_CreateObject");
    }
    *out_key = key;
    return MNSEC_OK;
}

mnsec_status mn_keyring_make_wrapped(mn_keyring *keyring, mn_rsa_padding padding,
                                     CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key,
                                     mn_buf *out_wrapped)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    CK_RSA_PKCS_OAEP_PARAMS oaep = mn_keyring_lock_oaep(padding);
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep)};
    uint8_t room[MN_KEYRING_MAX_WRAPPED];
    CK_ULONG len = sizeof(room);
    const CK_RV rv =
        mn_keyring_calls(keyring)->C_WrapKey(work->handle, &mechanism, wrapping, key, room, &len);
    if (rv != CKR_OK || len > sizeof(room)) {
        return mn_keyring_fail(keyring, rv == CKR_OK ? CKR_GENERAL_ERROR : rv, "C_WrapKey");
    }
    MN_AUTO(mn_buf) wrapped = {0};
    MN_TRY(mn_buf_append(&wrapped, room, len));
    mn_buf_move(out_wrapped, &wrapped);
    return MNSEC_OK;
}

/* Tokens do not agree on what to say of a blob that does not open. */
static bool is_about_blob(CK_RV rv)
{
    switch (rv) {
    case CKR_GENERAL_ERROR:
    case CKR_FUNCTION_FAILED:
    case CKR_ENCRYPTED_DATA_INVALID:
    case CKR_ENCRYPTED_DATA_LEN_RANGE:
    case CKR_WRAPPED_KEY_INVALID:
    case CKR_WRAPPED_KEY_LEN_RANGE:
        return true;
    default:
        return false;
    }
}

mnsec_status mn_keyring_make_unwrapped(mn_keyring *keyring, mn_rsa_padding padding,
                                       CK_OBJECT_HANDLE unwrapping, const mn_keyring_shape *shape,
                                       const char *label, mn_bytes wrapped,
                                       CK_OBJECT_HANDLE *out_key)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    mn_keyring_template secret;
    mn_keyring_shape_fill(shape, label, &secret);
    CK_RSA_PKCS_OAEP_PARAMS oaep = mn_keyring_lock_oaep(padding);
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep)};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    const CK_RV rv = mn_keyring_calls(keyring)->C_UnwrapKey(
        work->handle, &mechanism, unwrapping, mn_keyring_lend(wrapped.bytes), (CK_ULONG)wrapped.len,
        secret.attributes, secret.count, &key);
    if (rv != CKR_OK && is_about_blob(rv)) {
        return mn_keyring_failed(keyring, mn_fail_native(keyring->err, MNSEC_E_INTEGRITY, (long)rv,
                                                         "C_UnwrapKey answered 0x%lx", rv));
    }
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_UnwrapKey");
    }
    *out_key = key;
    return MNSEC_OK;
}

/* An EC point is an OCTET STRING to the standard, and bare to some tokens. */
static mn_bytes bare_point(const mn_buf *value)
{
    const bool is_wrapped =
        value->len == POINT_BYTES + 2 && value->bytes[0] == 0x04 && value->bytes[1] == POINT_BYTES;
    return is_wrapped ? mn_bytes_of(value->bytes + 2, POINT_BYTES) : mn_buf_view(value);
}

static mnsec_status read_spki(const mn_p11_session *work, CK_OBJECT_HANDLE key, bool is_ec,
                              mn_buf *out_spki)
{
    MN_AUTO(mn_buf) first = {0};
    MN_AUTO(mn_buf) second = {0};
    if (is_ec) {
        MN_TRY(mn_p11_session_attribute(work, key, CKA_EC_POINT, &first));
        return mn_x509_spki_from_point(bare_point(&first), out_spki);
    }
    MN_TRY(mn_p11_session_attribute(work, key, CKA_MODULUS, &first));
    MN_TRY(mn_p11_session_attribute(work, key, CKA_PUBLIC_EXPONENT, &second));
    return mn_x509_spki_from_rsa(mn_buf_view(&first), mn_buf_view(&second), out_spki);
}

mnsec_status mn_keyring_make_spki(mn_keyring *keyring, CK_OBJECT_HANDLE key, bool is_ec,
                                  mn_buf *out_spki)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work(keyring, &work));
    MN_AUTO(mn_buf) spki = {0};
    const mnsec_status status = read_spki(work, key, is_ec, &spki);
    if (mnsec_status_class(status) == MNSEC_CLASS_USAGE || status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT, "the token tells no proper public key");
    }
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    mn_buf_move(out_spki, &spki);
    return MNSEC_OK;
}
