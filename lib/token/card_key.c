/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys of a logged-in card. A private key is known by the public half that the card shows under the
 * same CKA_ID, as certificate or public key; whether the two belong together is proven by use, not
 * here. Hashes and paddings that cards disagree on are made on the host: CKM_ECDSA over a digest,
 * CKM_RSA_PKCS over a DigestInfo.
 */
#include "token/card_key.h"

#include <string.h>

#include "crypto/secret/hash.h"
#include "crypto/secret/p256.h"

#define PUBLIC_MAX      32U
#define RSA_MIN_BYTES   256U
#define RSA_MAX_BYTES   512U
#define ECDSA_BYTES     64U
#define DER_OCTET_BYTES 2U

/* A public half and the CKA_ID that it is shown under. */
typedef struct public_half {
    mn_buf id;
    mn_buf spki;
} public_half;

typedef struct public_halves {
    public_half items[PUBLIC_MAX];
    size_t count;
} public_halves;

/* DigestInfo of SHA-256 without the digest (RFC 8017, 9.2, note 1). */
static const uint8_t digest_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

static void public_halves_wipe(public_halves *halves)
{
    for (size_t i = 0; i < halves->count; i++) {
        mn_buf_wipe(&halves->items[i].id);
        mn_buf_wipe(&halves->items[i].spki);
    }
    *halves = (public_halves){0};
}

void mn_card_keys_wipe(mn_card_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        mn_buf_wipe(&keys->items[i].spki);
    }
    *keys = (mn_card_keys){0};
}

mn_signature_alg mn_card_key_alg(mn_bytes spki)
{
    MN_AUTO(mn_buf) first = {0};
    MN_AUTO(mn_buf) exponent = {0};
    if (mn_x509_point(spki, &first) == MNSEC_OK) {
        return MN_SIGNATURE_ECDSA_P256_SHA256;
    }
    if (mn_x509_rsa_parts(spki, &first, &exponent) == MNSEC_OK && first.len >= RSA_MIN_BYTES &&
        first.len <= RSA_MAX_BYTES) {
        return MN_SIGNATURE_RSA_PKCS1_SHA256;
    }
    return MN_SIGNATURE_NONE;
}

/* --- one find pass --- */

static mnsec_status spki_of_certificate(const mn_p11_session *session, CK_OBJECT_HANDLE object,
                                        mn_buf *out_spki)
{
    MN_AUTO(mn_buf) der = {0};
    MN_TRY(mn_p11_session_attribute(session, object, CKA_VALUE, &der));
    return mn_x509_spki(mn_buf_view(&der), out_spki) == MNSEC_OK ? MNSEC_OK
                                                                 : MNSEC_E_STATE_NOT_FOUND;
}

/* CKA_EC_POINT is a DER OCTET STRING by the standard, a bare point on some cards. */
static mn_bytes bare_point(mn_bytes value)
{
    const bool wrapped = value.len == MN_P256_POINT_BYTES + DER_OCTET_BYTES &&
                         value.bytes[0] == 0x04 && value.bytes[1] == MN_P256_POINT_BYTES;
    return wrapped ? mn_bytes_of(value.bytes + DER_OCTET_BYTES, MN_P256_POINT_BYTES) : value;
}

static mnsec_status spki_of_key(const mn_p11_session *session, CK_OBJECT_HANDLE object,
                                mn_buf *out_spki)
{
    MN_AUTO(mn_buf) first = {0};
    mnsec_status status = mn_p11_session_attribute(session, object, CKA_EC_POINT, &first);
    if (status == MNSEC_OK) {
        status = mn_x509_spki_from_point(bare_point(mn_buf_view(&first)), out_spki);
        return status == MNSEC_OK ? MNSEC_OK : MNSEC_E_STATE_NOT_FOUND;
    }
    MN_AUTO(mn_buf) exponent = {0};
    MN_TRY(mn_p11_session_attribute(session, object, CKA_MODULUS, &first));
    MN_TRY(mn_p11_session_attribute(session, object, CKA_PUBLIC_EXPONENT, &exponent));
    status = mn_x509_spki_from_rsa(mn_buf_view(&first), mn_buf_view(&exponent), out_spki);
    return status == MNSEC_OK ? MNSEC_OK : MNSEC_E_STATE_NOT_FOUND;
}

static mnsec_status find_class(const mn_p11_session *session, CK_OBJECT_CLASS object_class,
                               mn_buf *out_handles)
{
    CK_ATTRIBUTE pattern[] = {{CKA_CLASS, &object_class, sizeof(object_class)}};
    return mn_p11_session_find(session, pattern, 1, out_handles);
}

static mnsec_status read_halves(const mn_p11_session *session, CK_OBJECT_CLASS object_class,
                                public_halves *halves)
{
    MN_AUTO(mn_buf) handles = {0};
    MN_TRY(find_class(session, object_class, &handles));
    for (size_t i = 0; i < mn_p11_session_found(&handles) && halves->count < PUBLIC_MAX; i++) {
        const CK_OBJECT_HANDLE object = mn_p11_session_handle(&handles, i);
        MN_AUTO(mn_buf) id = {0};
        MN_AUTO(mn_buf) spki = {0};
        mnsec_status status = mn_p11_session_attribute(session, object, CKA_ID, &id);
        if (status == MNSEC_OK) {
            status = object_class == CKO_CERTIFICATE ? spki_of_certificate(session, object, &spki)
                                                     : spki_of_key(session, object, &spki);
        }
        if (status == MNSEC_OK) {
            mn_buf_move(&halves->items[halves->count].id, &id);
            mn_buf_move(&halves->items[halves->count].spki, &spki);
            halves->count++;
        } else if (status != MNSEC_E_STATE_NOT_FOUND) {
            return status;
        }
    }
    return MNSEC_OK;
}

static public_half *half_of(public_halves *halves, const mn_buf *id)
{
    for (size_t i = 0; i < halves->count; i++) {
        if (halves->items[i].spki.len > 0 && halves->items[i].id.len == id->len &&
            (id->len == 0 || memcmp(halves->items[i].id.bytes, id->bytes, id->len) == 0)) {
            return &halves->items[i];
        }
    }
    return NULL;
}

static bool asks_at_every_use(const mn_p11_session *session, CK_OBJECT_HANDLE object)
{
    MN_AUTO(mn_buf) value = {0};
    return mn_p11_session_attribute(session, object, CKA_ALWAYS_AUTHENTICATE, &value) == MNSEC_OK &&
           value.len == sizeof(CK_BBOOL) && value.bytes[0] != CK_FALSE;
}

mnsec_status mn_card_key_read(const mn_p11_session *session, mn_card_keys *out_keys)
{
    MN_AUTO(public_halves) halves = {0};
    MN_TRY(read_halves(session, CKO_CERTIFICATE, &halves));
    MN_TRY(read_halves(session, CKO_PUBLIC_KEY, &halves));
    MN_AUTO(mn_buf) handles = {0};
    MN_TRY(find_class(session, CKO_PRIVATE_KEY, &handles));
    MN_AUTO(mn_card_keys) keys = {0};
    for (size_t i = 0; i < mn_p11_session_found(&handles) && keys.count < MN_CARD_KEY_MAX; i++) {
        const CK_OBJECT_HANDLE object = mn_p11_session_handle(&handles, i);
        MN_AUTO(mn_buf) id = {0};
        const mnsec_status status = mn_p11_session_attribute(session, object, CKA_ID, &id);
        public_half *half = status == MNSEC_OK ? half_of(&halves, &id) : NULL;
        if (status != MNSEC_OK && status != MNSEC_E_STATE_NOT_FOUND) {
            return status;
        }
        if (half == NULL) {
            continue;
        }
        mn_card_key *key = &keys.items[keys.count++];
        key->handle = object;
        key->asks_at_every_use = asks_at_every_use(session, object);
        mn_buf_move(&key->spki, &half->spki);
        key->alg = mn_card_key_alg(mn_buf_view(&key->spki));
    }
    *out_keys = keys;
    keys = (mn_card_keys){0};
    return MNSEC_OK;
}

const mn_card_key *mn_card_key_get(const mn_card_keys *keys, mn_bytes spki)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (keys->items[i].spki.len == spki.len && spki.len > 0 &&
            memcmp(keys->items[i].spki.bytes, spki.bytes, spki.len) == 0) {
            return &keys->items[i];
        }
    }
    return NULL;
}

/* --- operations --- */

mnsec_status mn_card_key_sign(const mn_p11_session *session, const mn_card_key *key,
                              mn_bytes message, mn_secret *out_signature)
{
    const CK_FUNCTION_LIST *calls = mn_p11_calls(session->module);
    const bool ec = key->alg == MN_SIGNATURE_ECDSA_P256_SHA256;
    CK_MECHANISM mechanism = {.mechanism = ec ? CKM_ECDSA : CKM_RSA_PKCS};
    uint8_t info[sizeof(digest_info) + MN_HASH_BYTES];
    memcpy(info, digest_info, sizeof(digest_info));
    mn_hash_bytes(message, info + sizeof(digest_info));
    uint8_t *data = ec ? info + sizeof(digest_info) : info;
    MN_AUTO(mn_secret) signature = {0};
    MN_TRY(mn_secret_init(&signature, RSA_MAX_BYTES));
    CK_RV rv = calls->C_SignInit(session->handle, &mechanism, key->handle);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_SignInit");
    }
    CK_ULONG len = signature.len;
    rv = calls->C_Sign(session->handle, data, ec ? MN_HASH_BYTES : sizeof(info), signature.bytes,
                       &len);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_Sign");
    }
    if (len > signature.len || (ec && len != ECDSA_BYTES)) {
        return mn_fail(session->err, MNSEC_E_CARD_FAULT, "a signature of %lu bytes", len);
    }
    return mn_secret_copy(out_signature, signature.bytes, len);
}

/* In libgcrypt's and our own code OAEP's hash and MGF1's are always the same. */
static const CK_RSA_PKCS_OAEP_PARAMS oaep_sha256 = {
    .hash_alg = CKM_SHA256, .mgf = CKG_MGF1_SHA256, .source = CKZ_DATA_SPECIFIED};
static const CK_RSA_PKCS_OAEP_PARAMS oaep_sha1 = {
    .hash_alg = CKM_SHA_1, .mgf = CKG_MGF1_SHA1, .source = CKZ_DATA_SPECIFIED};

mnsec_status mn_card_key_decrypt(const mn_p11_session *session, const mn_card_key *key,
                                 mn_rsa_padding padding, mn_bytes ciphertext,
                                 mn_secret *out_plaintext)
{
    const CK_FUNCTION_LIST *calls = mn_p11_calls(session->module);
    CK_RSA_PKCS_OAEP_PARAMS parameters = padding == MN_RSA_OAEP_SHA256 ? oaep_sha256 : oaep_sha1;
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &parameters, sizeof(parameters)};
    if (padding == MN_RSA_PKCS1_V15) {
        mechanism = (CK_MECHANISM){.mechanism = CKM_RSA_PKCS};
    }
    MN_AUTO(mn_secret) plaintext = {0};
    MN_AUTO(mn_buf) input = {0};
    MN_TRY(mn_secret_init(&plaintext, RSA_MAX_BYTES));
    MN_TRY(mn_buf_append(&input, ciphertext.bytes, ciphertext.len));
    CK_RV rv = calls->C_DecryptInit(session->handle, &mechanism, key->handle);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_DecryptInit");
    }
    CK_ULONG len = plaintext.len;
    rv = calls->C_Decrypt(session->handle, input.bytes, input.len, plaintext.bytes, &len);
    if (rv != CKR_OK && (mn_p11_is_lost(rv) || rv == CKR_HOST_MEMORY)) {
        return mn_p11_session_fail(session, rv, "C_Decrypt");
    }
    if (rv != CKR_OK || len > plaintext.len) {
        return MNSEC_E_INTEGRITY;
    }
    return mn_secret_copy(out_plaintext, plaintext.bytes, len);
}

static mnsec_status read_value(const mn_p11_session *session, CK_OBJECT_HANDLE object,
                               mn_secret *out_value)
{
    MN_AUTO(mn_secret) value = {0};
    MN_TRY(mn_secret_init(&value, MN_P256_SCALAR_BYTES));
    CK_ATTRIBUTE attribute = {CKA_VALUE, value.bytes, value.len};
    const CK_RV rv =
        mn_p11_calls(session->module)->C_GetAttributeValue(session->handle, object, &attribute, 1);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_GetAttributeValue");
    }
    if (attribute.ulValueLen != value.len) {
        return mn_fail(session->err, MNSEC_E_CARD_FAULT, "a shared secret of %lu bytes",
                       attribute.ulValueLen);
    }
    mn_secret_move(out_value, &value);
    return MNSEC_OK;
}

mnsec_status mn_card_key_derive(const mn_p11_session *session, const mn_card_key *key,
                                mn_bytes point, mn_secret *out_shared)
{
    const CK_FUNCTION_LIST *calls = mn_p11_calls(session->module);
    uint8_t peer[MN_P256_POINT_BYTES];
    if (point.len != sizeof(peer)) {
        return mn_fail(session->err, MNSEC_E_USAGE_FORMAT, "a point of %zu bytes", point.len);
    }
    memcpy(peer, point.bytes, sizeof(peer));
    CK_ECDH1_DERIVE_PARAMS parameters = {
        .kdf = CKD_NULL, .public_data_len = sizeof(peer), .public_data = peer};
    CK_MECHANISM mechanism = {CKM_ECDH1_DERIVE, &parameters, sizeof(parameters)};
    CK_OBJECT_CLASS object_class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_GENERIC_SECRET;
    CK_ULONG len = MN_P256_SCALAR_BYTES;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE template[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_KEY_TYPE, &type, sizeof(type)},
        {CKA_VALUE_LEN, &len, sizeof(len)},
        {CKA_TOKEN, &no, sizeof(no)},
        {CKA_SENSITIVE, &no, sizeof(no)},
        {CKA_EXTRACTABLE, &yes, sizeof(yes)},
    };
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const CK_RV rv = calls->C_DeriveKey(session->handle, &mechanism, key->handle, template,
                                        sizeof(template) / sizeof(template[0]), &object);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_DeriveKey");
    }
    const mnsec_status status = read_value(session, object, out_shared);
    /* It lies in the module's memory on the host: not one moment longer than needed. */
    (void)calls->C_DestroyObject(session->handle, object);
    return status;
}
