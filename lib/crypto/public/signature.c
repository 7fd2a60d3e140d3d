/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying signatures. One table says for each algorithm which key, digest, padding and length it
 * has; what does not fit in all of them is malformed. Only an answer of exactly 1 from OpenSSL is a
 * valid signature. A key keeps its verifying context, so that an export with a hundred thousand
 * signatures parses each key once. ECDSA signatures have two forms, r || s as tokens give them and
 * DER as X.509, CMS and the log write them (RFC 3279); one signature has exactly one of each.
 */
#include <openssl/rsa.h>
#include <string.h>

#include "public_key.h"

#define PSS_SALT_BYTES 32
#define P256_BYTES     32U /* of a coordinate */
#define P384_BYTES     48U

typedef struct signature_form {
    mn_signature_alg alg;
    const char *name;
    mn_public_key_kind kind;
    const EVP_MD *(*digest)(void);
    size_t coordinate_bytes; /* of raw r || s; 0 for RSA */
    int padding;             /* of RSA */
} signature_form;

static const signature_form forms[] = {
    {MN_SIGNATURE_ECDSA_P256_SHA256, "es256", MN_PUBLIC_KEY_P256, EVP_sha256, P256_BYTES, 0},
    {MN_SIGNATURE_ECDSA_P384_SHA384, "es384", MN_PUBLIC_KEY_P384, EVP_sha384, P384_BYTES, 0},
    {MN_SIGNATURE_RSA_PKCS1_SHA256, "rs256", MN_PUBLIC_KEY_RSA, EVP_sha256, 0, RSA_PKCS1_PADDING},
    {MN_SIGNATURE_RSA_PSS_SHA256, "ps256", MN_PUBLIC_KEY_RSA, EVP_sha256, 0, RSA_PKCS1_PSS_PADDING},
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

struct mn_signature_key {
    EVP_PKEY *pkey;
    const signature_form *ready; /* the form that verifier is set up for */
    EVP_PKEY_CTX *verifier;
};

static const signature_form *find_form(mn_signature_alg alg)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (forms[i].alg == alg) {
            return &forms[i];
        }
    }
    return NULL;
}

static bool set_padding(EVP_PKEY_CTX *verifier, int padding)
{
    if (padding == 0) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(verifier, padding) == 1 &&
           (padding != RSA_PKCS1_PSS_PADDING ||
            (EVP_PKEY_CTX_set_rsa_mgf1_md(verifier, EVP_sha256()) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(verifier, PSS_SALT_BYTES) == 1));
}

static mnsec_status prepare(mn_signature_key *key, const signature_form *form)
{
    if (key->ready == form) {
        return MNSEC_OK;
    }
    MN_AUTO_PTR(EVP_PKEY_CTX) verifier = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
    if (verifier == NULL || EVP_PKEY_verify_init(verifier) != 1 ||
        !set_padding(verifier, form->padding) ||
        EVP_PKEY_CTX_set_signature_md(verifier, form->digest()) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    EVP_PKEY_CTX_free(key->verifier);
    key->verifier = mn_take(verifier);
    key->ready = form;
    return MNSEC_OK;
}

/* The signature as OpenSSL wants it: ECDSA in DER, RSA as it is. */
static mnsec_status adapt(const mn_signature_key *key, const signature_form *form,
                          mn_bytes signature, mn_buf *out_adapted)
{
    if (form->coordinate_bytes > 0) {
        if (signature.len != 2 * form->coordinate_bytes) {
            return MNSEC_E_USAGE_FORMAT;
        }
        return mn_signature_der_from_raw(signature, out_adapted);
    }
    if (signature.len != (size_t)EVP_PKEY_get_size(key->pkey)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_buf_append(out_adapted, signature.bytes, signature.len);
}

static bool is_coordinate(size_t bytes)
{
    return bytes == P256_BYTES || bytes == P384_BYTES;
}

/* Both numbers positive and no longer than bytes? */
static bool fits(const ECDSA_SIG *pair, size_t bytes)
{
    const BIGNUM *r = ECDSA_SIG_get0_r(pair);
    const BIGNUM *s = ECDSA_SIG_get0_s(pair);
    return !BN_is_zero(r) && !BN_is_zero(s) && !BN_is_negative(r) && !BN_is_negative(s) &&
           (size_t)BN_num_bytes(r) <= bytes && (size_t)BN_num_bytes(s) <= bytes;
}

static mnsec_status write_der(const ECDSA_SIG *pair, mn_buf *out_der)
{
    unsigned char *der = NULL;
    const int len = i2d_ECDSA_SIG(pair, &der);
    return mn_ossl_take_der(der, len, out_der);
}

const char *mn_signature_alg_name(mn_signature_alg alg)
{
    const signature_form *found = find_form(alg);
    return found == NULL ? "none" : found->name;
}

mn_signature_alg mn_signature_alg_parse(mn_bytes name)
{
    for (size_t i = 0; i < FORMS; i++) {
        if (name.len == strlen(forms[i].name) && memcmp(name.bytes, forms[i].name, name.len) == 0) {
            return forms[i].alg;
        }
    }
    return MN_SIGNATURE_NONE;
}

mnsec_status mn_signature_digest(mn_signature_alg alg, mn_bytes message, uint8_t out_digest[64],
                                 size_t *out_len)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    const signature_form *form = find_form(alg);
    if (form == NULL) {
        return MNSEC_E_USAGE;
    }
    unsigned len = 0;
    if (EVP_Digest(message.bytes, message.len, out_digest, &len, form->digest(), NULL) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    *out_len = len;
    return MNSEC_OK;
}

mnsec_status mn_signature_key_new(mn_bytes spki, mn_signature_key **out_key)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(EVP_PKEY) pkey = NULL;
    MN_TRY(mn_public_key_read(spki, &pkey));
    mn_signature_key *key = OPENSSL_zalloc(sizeof(*key));
    if (key == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    key->pkey = mn_take(pkey);
    *out_key = key;
    return MNSEC_OK;
}

void mn_signature_key_free(mn_signature_key *key)
{
    if (key == NULL) {
        return;
    }
    EVP_PKEY_CTX_free(key->verifier);
    EVP_PKEY_free(key->pkey);
    OPENSSL_free(key);
}

mnsec_status mn_signature_key_verify(mn_signature_key *key, mn_signature_alg alg, mn_bytes message,
                                     mn_bytes signature)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    const signature_form *form = find_form(alg);
    if (form == NULL || mn_public_key_kind_of(key->pkey) != form->kind) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) adapted = {0};
    uint8_t digest[64];
    size_t digest_len = 0;
    MN_TRY(adapt(key, form, signature, &adapted));
    MN_TRY(mn_signature_digest(alg, message, digest, &digest_len));
    MN_TRY(prepare(key, form));
    return EVP_PKEY_verify(key->verifier, adapted.bytes, adapted.len, digest, digest_len) == 1
               ? MNSEC_OK
               : MNSEC_E_INTEGRITY;
}

mnsec_status mn_signature_verify(mn_bytes spki, mn_signature_alg alg, mn_bytes message,
                                 mn_bytes signature)
{
    MN_AUTO_PTR(mn_signature_key) key = NULL;
    MN_TRY(mn_signature_key_new(spki, &key));
    return mn_signature_key_verify(key, alg, message, signature);
}

mnsec_status mn_signature_der_from_raw(mn_bytes raw, mn_buf *out_der)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    const size_t half = raw.len / 2;
    if (raw.len % 2 != 0 || !is_coordinate(half)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO_PTR(ECDSA_SIG) pair = ECDSA_SIG_new();
    MN_AUTO_PTR(BIGNUM) r = BN_bin2bn(raw.bytes, (int)half, NULL);
    MN_AUTO_PTR(BIGNUM) s = BN_bin2bn(raw.bytes + half, (int)half, NULL);
    if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    r = NULL; /* pair has them now */
    s = NULL;
    if (!fits(pair, half)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return write_der(pair, out_der);
}

mnsec_status mn_signature_raw_from_der(mn_bytes der, size_t coordinate_bytes, mn_buf *out_raw)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    if (!is_coordinate(coordinate_bytes)) {
        return MNSEC_E_USAGE;
    }
    if (der.len == 0 || der.len > MN_OSSL_DER_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const unsigned char *at = der.bytes;
    MN_AUTO_PTR(ECDSA_SIG) pair = d2i_ECDSA_SIG(NULL, &at, (long)der.len);
    if (pair == NULL || !fits(pair, coordinate_bytes)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) again = {0};
    MN_TRY(write_der(pair, &again));
    if (again.len != der.len || memcmp(again.bytes, der.bytes, der.len) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) raw = {0};
    uint8_t *to = NULL;
    const int bytes = (int)coordinate_bytes;
    MN_TRY(mn_buf_extend(&raw, 2 * coordinate_bytes, &to));
    (void)BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, bytes);
    (void)BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + bytes, bytes);
    mn_buf_move(out_raw, &raw);
    return MNSEC_OK;
}
