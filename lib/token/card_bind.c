/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three ways to bind a secret to a card's key. A method is a pair: prepare makes what the
 * binding stores (and, where the host can know it, the answer that the card must give), compute is
 * the card's one operation. Enrolment computes and compares; flags are never believed. A key that
 * does not sign is tried before the signing key.
 */
#include "token/card_bind.h"

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "crypto/secret/p256.h"

#define SECRET_BYTES 32U

typedef mnsec_status (*prepare_fn)(mn_card_binding *binding, mn_secret *out_expected);
typedef mnsec_status (*compute_fn)(const mn_card_bench *bench, const mn_card_key *key,
                                   const mn_card_binding *binding, mn_secret *out_raw);

typedef struct way {
    mn_card_method method;
    uint32_t padding;
    mn_signature_alg key; /* kind of key that it takes, named by its signature */
    prepare_fn prepare;
    compute_fn compute;
} way;

/* --- ECDH: an ephemeral point is kept, its scalar is not --- */

static mnsec_status prepare_ecdh(mn_card_binding *binding, mn_secret *out_expected)
{
    MN_AUTO(mn_buf) card_point = {0};
    MN_AUTO(mn_secret) scalar = {0};
    uint8_t point[MN_P256_POINT_BYTES];
    MN_TRY(mn_x509_point(mn_buf_view(&binding->key_spki), &card_point));
    if (card_point.len != MN_P256_POINT_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_p256_generate(&scalar, point));
    MN_TRY(mn_p256_shared(&scalar, card_point.bytes, out_expected));
    return mn_buf_append(&binding->data, point, sizeof(point));
}

static mnsec_status compute_ecdh(const mn_card_bench *bench, const mn_card_key *key,
                                 const mn_card_binding *binding, mn_secret *out_raw)
{
    return mn_card_key_derive(bench->session, key, mn_buf_view(&binding->data), out_raw);
}

/* --- RSA decryption: a random secret, encrypted by the host --- */

static mnsec_status prepare_decrypt(mn_card_binding *binding, mn_secret *out_expected)
{
    MN_AUTO(mn_buf) modulus = {0};
    MN_AUTO(mn_buf) exponent = {0};
    MN_TRY(mn_x509_rsa_parts(mn_buf_view(&binding->key_spki), &modulus, &exponent));
    MN_TRY(mn_random_secret(out_expected, SECRET_BYTES));
    return mn_rsa_encrypt(mn_buf_view(&modulus), mn_buf_view(&exponent),
                          (mn_rsa_padding)binding->padding, out_expected, &binding->data);
}

static mnsec_status compute_oaep(const mn_card_bench *bench, const mn_card_key *key,
                                 const mn_card_binding *binding, mn_secret *out_raw)
{
    const mnsec_status status =
        mn_card_key_decrypt(bench->session, key, (mn_rsa_padding)binding->padding,
                            mn_buf_view(&binding->data), out_raw);
    if (status == MNSEC_E_INTEGRITY) {
        return mn_fail(bench->session->err, MNSEC_E_CARD_FAULT,
                       "the card cannot decrypt what was bound to it");
    }
    return status;
}

/* What bad padding gives: a secret that looks like any other and opens nothing. */
static mnsec_status make_decoy(const mn_card_bench *bench, const mn_card_binding *binding,
                               mn_secret *out_decoy)
{
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(mn_encode_begin(&info, "mnsec/card-decoy/1"));
    MN_TRY(mn_encode_bytes(&info, binding->data.bytes, binding->data.len));
    return mn_hash_hkdf(bench->decoy_key, mn_bytes_of(NULL, 0), mn_buf_view(&info), SECRET_BYTES,
                        out_decoy);
}

/* One status and one path, whatever the padding was (RFC 8017, 7.2.2, note). */
static mnsec_status compute_v15(const mn_card_bench *bench, const mn_card_key *key,
                                const mn_card_binding *binding, mn_secret *out_raw)
{
    MN_AUTO(mn_secret) raw = {0};
    MN_AUTO(mn_secret) decrypted = {0};
    MN_TRY(make_decoy(bench, binding, &raw));
    const mnsec_status status = mn_card_key_decrypt(bench->session, key, MN_RSA_PKCS1_V15,
                                                    mn_buf_view(&binding->data), &decrypted);
    if (status != MNSEC_OK && status != MNSEC_E_INTEGRITY) {
        return status;
    }
    const bool good = status == MNSEC_OK && decrypted.len == SECRET_BYTES;
    const uint8_t *source = good ? decrypted.bytes : raw.bytes;
    const uint8_t mask = (uint8_t)(0U - (unsigned)good);
    for (size_t i = 0; i < SECRET_BYTES; i++) {
        raw.bytes[i] = (uint8_t)((source[i] & mask) | (raw.bytes[i] & ~mask));
    }
    mn_secret_move(out_raw, &raw);
    return MNSEC_OK;
}

/* --- RSA signature: of a salt; the signature itself is the secret --- */

static mnsec_status prepare_sign(mn_card_binding *binding, mn_secret *out_expected)
{
    (void)out_expected; /* only the card knows */
    uint8_t salt[MN_CARD_BINDING_SALT_BYTES];
    mn_random_bytes(salt, sizeof(salt));
    return mn_buf_append(&binding->data, salt, sizeof(salt));
}

static mnsec_status compute_sign(const mn_card_bench *bench, const mn_card_key *key,
                                 const mn_card_binding *binding, mn_secret *out_raw)
{
    MN_AUTO(mn_buf) message = {0};
    MN_AUTO(mn_secret) signature = {0};
    MN_TRY(mn_card_binding_message(binding, &message));
    MN_TRY(mn_card_key_sign(bench->session, key, mn_buf_view(&message), &signature));
    if (mn_signature_verify(mn_buf_view(&binding->key_spki), MN_SIGNATURE_RSA_PKCS1_SHA256,
                            mn_buf_view(&message),
                            mn_bytes_of(signature.bytes, signature.len)) != MNSEC_OK) {
        return mn_fail(bench->session->err, MNSEC_E_CARD_UNSUITABLE,
                       "the card does not hold the key that it shows");
    }
    mn_secret_move(out_raw, &signature);
    return MNSEC_OK;
}

/* --- the table, best first --- */

static const way ways[] = {
    {MN_CARD_METHOD_ECDH, 0, MN_SIGNATURE_ECDSA_P256_SHA256, prepare_ecdh, compute_ecdh},
    {MN_CARD_METHOD_RSA_DECRYPT, MN_RSA_OAEP_SHA256, MN_SIGNATURE_RSA_PKCS1_SHA256, prepare_decrypt,
     compute_oaep},
    {MN_CARD_METHOD_RSA_DECRYPT, MN_RSA_OAEP_SHA1, MN_SIGNATURE_RSA_PKCS1_SHA256, prepare_decrypt,
     compute_oaep},
    {MN_CARD_METHOD_RSA_DECRYPT, MN_RSA_PKCS1_V15, MN_SIGNATURE_RSA_PKCS1_SHA256, prepare_decrypt,
     compute_v15},
    {MN_CARD_METHOD_RSA_SIGN, 0, MN_SIGNATURE_RSA_PKCS1_SHA256, prepare_sign, compute_sign},
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Twice where the host cannot know the answer: a signature that is not deterministic would never
 * give the secret again. */
static mnsec_status try_way(const mn_card_bench *bench, const way *candidate,
                            const mn_card_key *key, mn_card_binding *out_binding,
                            mn_secret *out_raw)
{
    MN_AUTO(mn_card_binding)
    binding = {.method = candidate->method, .padding = candidate->padding};
    MN_AUTO(mn_secret) expected = {0};
    MN_AUTO(mn_secret) raw = {0};
    MN_TRY(mn_buf_append(&binding.key_spki, key->spki.bytes, key->spki.len));
    MN_TRY(candidate->prepare(&binding, &expected));
    if (mn_secret_is_empty(&expected)) {
        MN_TRY(candidate->compute(bench, key, &binding, &expected));
    }
    MN_TRY(candidate->compute(bench, key, &binding, &raw));
    if (!mn_secret_equal(&expected, &raw)) {
        return mn_fail(bench->session->err, MNSEC_E_CARD_UNSUITABLE,
                       "the card does not give the same secret again");
    }
    *out_binding = binding;
    binding = (mn_card_binding){0};
    mn_secret_move(out_raw, &raw);
    return MNSEC_OK;
}

static bool is_signing_key(const mn_card_bench *bench, const mn_card_key *key)
{
    return mn_card_key_get(bench->keys, bench->signing_spki) == key;
}

/* Is a failure of one way a reason to try the next, or is it the card that is gone? */
static bool may_go_on(const mn_card_bench *bench, mnsec_status status)
{
    return mnsec_status_class(status) == MNSEC_CLASS_CARD && status != MNSEC_E_CARD_REMOVED &&
           status != MNSEC_E_CARD_ABSENT &&
           (bench->session->err == NULL || !mn_p11_is_lost((CK_RV)bench->session->err->native));
}

/* STATE_NOT_FOUND where no key of the card does it. */
static mnsec_status try_keys(const mn_card_bench *bench, const way *candidate, bool signing,
                             mn_card_binding *out_binding, mn_secret *out_raw)
{
    for (size_t i = 0; i < bench->keys->count; i++) {
        const mn_card_key *key = &bench->keys->items[i];
        if (key->alg != candidate->key || key->asks_at_every_use ||
            is_signing_key(bench, key) != signing) {
            continue;
        }
        const mnsec_status status = try_way(bench, candidate, key, out_binding, out_raw);
        if (status == MNSEC_OK || !may_go_on(bench, status)) {
            return status;
        }
        mn_error_clear(bench->session->err);
    }
    return MNSEC_E_STATE_NOT_FOUND;
}

static mnsec_status find_way(const mn_card_bench *bench, mn_card_method method,
                             mn_card_binding *out_binding, mn_secret *out_raw)
{
    for (size_t i = 0; i < WAYS; i++) {
        if (method != MN_CARD_METHOD_NONE && method != ways[i].method) {
            continue;
        }
        mnsec_status status = try_keys(bench, &ways[i], false, out_binding, out_raw);
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            status = try_keys(bench, &ways[i], true, out_binding, out_raw);
        }
        if (status != MNSEC_E_STATE_NOT_FOUND) {
            return status;
        }
    }
    return mn_fail(bench->session->err, MNSEC_E_CARD_UNSUITABLE,
                   "no key of the card can bind a secret");
}

mnsec_status mn_card_bind_make(const mn_card_bench *bench, mn_card_method method,
                               mn_card_binding *out_binding, mn_secret *out_card_secret)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) raw = {0};
    MN_TRY(find_way(bench, method, &binding, &raw));
    MN_TRY(mn_card_binding_derive(&binding, &raw, out_card_secret));
    mn_card_binding_wipe(out_binding);
    *out_binding = binding;
    binding = (mn_card_binding){0};
    return MNSEC_OK;
}

static const way *way_of(const mn_card_binding *binding)
{
    for (size_t i = 0; i < WAYS; i++) {
        if (ways[i].method == binding->method && ways[i].padding == binding->padding) {
            return &ways[i];
        }
    }
    return NULL;
}

mnsec_status mn_card_bind_open(const mn_card_bench *bench, const mn_card_binding *binding,
                               mn_secret *out_card_secret)
{
    const way *bound = way_of(binding);
    const mn_card_key *key = mn_card_key_get(bench->keys, mn_buf_view(&binding->key_spki));
    if (bound == NULL || key == NULL || key->alg != bound->key) {
        return mn_fail(bench->session->err, MNSEC_E_CARD_UNSUITABLE,
                       "the card has no key for this binding");
    }
    MN_AUTO(mn_secret) raw = {0};
    MN_TRY(bound->compute(bench, key, binding, &raw));
    return mn_card_binding_derive(binding, &raw, out_card_secret);
}
