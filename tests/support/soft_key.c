/* SPDX-License-Identifier: Apache-2.0 */
/* Keys in software. What fails here is a broken test: abort. */
#include "soft_key.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define YEAR_2026 INT64_C(1767225600)

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static mnsec_status answer(void *user, mn_bytes message, mn_buf *out_signature)
{
    const soft_key *key = (const soft_key *)user;
    soft_key_sign(key, message, out_signature);
    out_signature->bytes[out_signature->len - 1] ^= key->damage == 1;
    out_signature->len -= key->damage == 2;
    return MNSEC_OK;
}

static EVP_PKEY *generate(mn_signature_alg alg, unsigned bits)
{
    switch (alg) {
    case MN_SIGNATURE_ECDSA_P256_SHA256:
        return EVP_EC_gen("P-256");
    case MN_SIGNATURE_ECDSA_P384_SHA384:
        return EVP_EC_gen("P-384");
    default:
        return EVP_RSA_gen(bits);
    }
}

void soft_key_make(soft_key *out_key, mn_signature_alg alg, unsigned bits)
{
    EVP_PKEY *key = generate(alg, bits);
    unsigned char *der = NULL;
    const int len = i2d_PUBKEY(key, &der);
    *out_key = (soft_key){.key = key};
    must(len > 0 && mn_buf_append(&out_key->spki, der, (size_t)len) == MNSEC_OK);
    OPENSSL_free(der);
    out_key->signer = (mn_x509_signer){
        .sign = answer, .user = out_key, .alg = alg, .spki = mn_buf_view(&out_key->spki)};
}

void soft_key_wipe(soft_key *key)
{
    EVP_PKEY_free(key->key);
    mn_buf_wipe(&key->spki);
    *key = (soft_key){0};
}

void soft_key_sign(const soft_key *key, mn_bytes message, mn_buf *out_signature)
{
    const bool is_p384 = key->signer.alg == MN_SIGNATURE_ECDSA_P384_SHA384;
    const bool is_ec = is_p384 || key->signer.alg == MN_SIGNATURE_ECDSA_P256_SHA256;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *padding = NULL;
    uint8_t bytes[1024];
    size_t len = sizeof(bytes);
    must(EVP_DigestSignInit(context, &padding, is_p384 ? EVP_sha384() : EVP_sha256(), NULL,
                            key->key) == 1);
    if (key->signer.alg == MN_SIGNATURE_RSA_PSS_SHA256) {
        must(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1);
    }
    must(EVP_DigestSign(context, bytes, &len, message.bytes, message.len) == 1);
    EVP_MD_CTX_free(context);
    if (!is_ec) {
        must(mn_buf_append(out_signature, bytes, len) == MNSEC_OK);
        return;
    }
    const unsigned char *at = bytes;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &at, (long)len);
    const int coordinate = is_p384 ? 48 : 32;
    uint8_t *to = NULL;
    must(mn_buf_extend(out_signature, 2 * (size_t)coordinate, &to) == MNSEC_OK);
    must(BN_bn2binpad(ECDSA_SIG_get0_r(pair), to, coordinate) > 0 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(pair), to + coordinate, coordinate) > 0);
    ECDSA_SIG_free(pair);
}

void soft_key_certify(const soft_key *key, const char *name, mn_buf *out_der)
{
    const mn_x509_request request = {.subject_cn = name,
                                     .issuer_cn = name,
                                     .subject_spki = mn_buf_view(&key->spki),
                                     .not_before = YEAR_2026,
                                     .serial = {1},
                                     .is_ca = true};
    must(mn_x509_issue(&request, &key->signer, out_der) == MNSEC_OK);
}
