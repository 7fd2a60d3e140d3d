/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds the certificate. OpenSSL can sign one only with a key it holds, so a throw-away key of the
 * same kind signs first, which fills in the algorithm; the card then signs the same bytes and its
 * signature takes the place of the first.
 */
#include "make_card_cert.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define POINT_BYTES   65
#define SIGNATURE_MAX 512

EVP_PKEY *mn_make_card_cert_ec_key(const unsigned char *point, size_t len)
{
    /* SubjectPublicKeyInfo of P-256 up to the point, RFC 5480 */
    static const unsigned char head[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                         0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                         0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    unsigned char spki[sizeof head + POINT_BYTES];
    const unsigned char *at = spki;
    if (len != POINT_BYTES) {
        return NULL;
    }
    memcpy(spki, head, sizeof head);
    memcpy(spki + sizeof head, point, len);
    return d2i_PUBKEY(NULL, &at, sizeof spki);
}

EVP_PKEY *mn_make_card_cert_rsa_key(const unsigned char *modulus, size_t modulus_len,
                                    const unsigned char *exponent, size_t exponent_len)
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_len, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM *params = NULL;
    if (n != NULL && e != NULL && build != NULL && context != NULL &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        params = OSSL_PARAM_BLD_to_param(build);
    }
    if (params == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        key = NULL;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    BN_free(n);
    BN_free(e);
    return key;
}

bool mn_make_card_cert_is_name(const char *name)
{
    const size_t len = strlen(name);
    if (len == 0 || len > 32 || name[0] == '.') {
        return false;
    }
    for (size_t at = 0; at < len;) {
        unsigned long character;
        const int bytes = UTF8_getc((const unsigned char *)name + at, (int)(len - at), &character);
        if (bytes <= 0 || character < 0x20 || (character >= 0x7f && character < 0xa0) ||
            character == '/' || character == '%') {
            return false;
        }
        at += (size_t)bytes;
    }
    return true;
}

static bool add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    const bool added = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    const bool set = number != NULL && BN_rand(number, 120, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) &&
                     BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return set;
}

static bool fill(X509 *certificate, const char *name, EVP_PKEY *key)
{
    X509_NAME *subject = X509_get_subject_name(certificate);
    return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
           X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(certificate, subject) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) != NULL &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), 3650, 0, NULL) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature");
}

static bool sign_with_throwaway(X509 *certificate, const EVP_PKEY *key)
{
    EVP_PKEY *throwaway = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC
                              ? EVP_EC_gen("P-256")
                              : EVP_RSA_gen(1024); /* its signature is thrown away too */
    const bool is_signed = throwaway != NULL && X509_sign(certificate, throwaway, EVP_sha256()) > 0;
    EVP_PKEY_free(throwaway);
    return is_signed;
}

/* Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING } */
static bool assemble(const unsigned char *tbs, int tbs_len, const X509_ALGOR *algorithm,
                     unsigned char *signature, size_t signature_len, unsigned char **out_der,
                     size_t *out_len)
{
    ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
    if (bits == NULL || ASN1_BIT_STRING_set(bits, signature, (int)signature_len) != 1) {
        ASN1_BIT_STRING_free(bits);
        return false;
    }
    bits->flags &= ~(0x07L | ASN1_STRING_FLAG_BITS_LEFT);
    bits->flags |= ASN1_STRING_FLAG_BITS_LEFT; /* a signature has no unused bits */
    const int content = tbs_len + i2d_X509_ALGOR(algorithm, NULL) + i2d_ASN1_BIT_STRING(bits, NULL);
    const int total = ASN1_object_size(1, content, V_ASN1_SEQUENCE);
    unsigned char *der = total > 0 ? malloc((size_t)total) : NULL;
    if (der != NULL) {
        unsigned char *at = der;
        ASN1_put_object(&at, 1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
        memcpy(at, tbs, (size_t)tbs_len);
        at += tbs_len;
        (void)i2d_X509_ALGOR(algorithm, &at);
        (void)i2d_ASN1_BIT_STRING(bits, &at);
        *out_der = der;
        *out_len = (size_t)total;
    }
    ASN1_BIT_STRING_free(bits);
    return der != NULL;
}

bool mn_make_card_cert(const char *name, EVP_PKEY *key, mn_make_card_cert_sign sign, void *user,
                       unsigned char **out_der, size_t *out_len)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t signature_len = sizeof signature;
    unsigned char *tbs = NULL;
    bool made = false;
    X509 *certificate = X509_new();
    if (certificate != NULL && fill(certificate, name, key) &&
        sign_with_throwaway(certificate, key)) {
        const int tbs_len = i2d_re_X509_tbs(certificate, &tbs);
        made = tbs_len > 0 && sign(user, tbs, (size_t)tbs_len, signature, &signature_len) &&
               assemble(tbs, tbs_len, X509_get0_tbs_sigalg(certificate), signature, signature_len,
                        out_der, out_len);
    }
    OPENSSL_free(tbs);
    X509_free(certificate);
    return made;
}
