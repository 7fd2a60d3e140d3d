/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Issuing certificates: the audit certificate, the pin, and cards in trials. OpenSSL builds the
 * certificate, the signer (a token, behind a callback) signs its tbsCertificate, and what comes out
 * is verified before it is handed on. Key identifiers are the first 160 bits of SHA-256 (RFC 7093,
 * method 1): no SHA-1 anywhere.
 */
#include <openssl/x509v3.h>
#include <string.h>

#include "public_key.h"
#include "signer.h"
#include "x509_extension.h"

#define VERSION_3            2
#define END_OF_TIME          INT64_C(253402300799) /* 99991231235959Z, RFC 5280 4.1.2.5 */
#define KEY_IDENTIFIER_BYTES 20
#define DIGEST_BYTES         32U

MN_AUTO_PTR_DECLARE(AUTHORITY_KEYID)
MN_AUTO_PTR_DECLARE(X509_PUBKEY)

typedef struct signature_form {
    mn_signature_alg alg;
    int nid;
    int parameter;
} signature_form;

static const signature_form forms[] = {
    {MN_SIGNATURE_ECDSA_P256_SHA256, NID_ecdsa_with_SHA256, V_ASN1_UNDEF},
    {MN_SIGNATURE_RSA_PKCS1_SHA256, NID_sha256WithRSAEncryption, V_ASN1_NULL},
};

static const signature_form *find_form(mn_signature_alg alg)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].alg == alg) {
            return &forms[i];
        }
    }
    return NULL;
}

static mnsec_status done(int answer)
{
    return answer == 1 ? MNSEC_OK : MNSEC_E_INTERNAL_CRYPTO;
}

static mnsec_status set_serial(X509 *cert, const uint8_t serial[16])
{
    uint8_t bytes[16];
    memcpy(bytes, serial, sizeof(bytes));
    bytes[0] = (uint8_t)((bytes[0] & 0x7FU) | 0x40U); /* positive, non-zero, always 16 bytes */
    MN_AUTO_PTR(BIGNUM) number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    if (number == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    return BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) == NULL ? MNSEC_E_INTERNAL_CRYPTO
                                                                           : MNSEC_OK;
}

static mnsec_status make_name(const char *common_name, X509_NAME **out_name)
{
    MN_AUTO_PTR(X509_NAME) name = X509_NAME_new();
    if (name == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    if (X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                   (const unsigned char *)common_name, -1, -1, 0) != 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_name = mn_take(name);
    return MNSEC_OK;
}

static mnsec_status set_names(X509 *cert, const mn_x509_request *request)
{
    MN_AUTO_PTR(X509_NAME) subject = NULL;
    MN_AUTO_PTR(X509_NAME) issuer = NULL;
    MN_TRY(make_name(request->subject_cn, &subject));
    MN_TRY(make_name(request->issuer_cn, &issuer));
    MN_TRY(done(X509_set_subject_name(cert, subject)));
    return done(X509_set_issuer_name(cert, issuer));
}

static mnsec_status set_validity(X509 *cert, const mn_x509_request *request)
{
    const int64_t not_after = request->not_after == 0 ? END_OF_TIME : request->not_after;
    if (request->not_before < 0 || not_after < request->not_before || not_after > END_OF_TIME) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO_PTR(ASN1_TIME) from = ASN1_TIME_set(NULL, request->not_before);
    MN_AUTO_PTR(ASN1_TIME) until = ASN1_TIME_set(NULL, not_after);
    if (from == NULL || until == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_TRY(done(X509_set1_notBefore(cert, from)));
    return done(X509_set1_notAfter(cert, until));
}

static mnsec_status set_key(X509 *cert, mn_bytes spki)
{
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_public_key_read(spki, &key));
    return done(X509_set_pubkey(cert, key));
}

static mnsec_status add_text_extension(X509 *cert, int nid, const char *value)
{
    MN_AUTO_PTR(X509_EXTENSION) extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    if (extension == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    return done(X509_add_ext(cert, extension, -1));
}

/* Of the key's bits, without algorithm. */
static mnsec_status key_identifier(const X509_PUBKEY *key, ASN1_OCTET_STRING **out_identifier)
{
    const unsigned char *bits = NULL;
    int len = 0;
    uint8_t digest[DIGEST_BYTES];
    MN_TRY(done(X509_PUBKEY_get0_param(NULL, &bits, &len, NULL, key)));
    MN_TRY(done(EVP_Digest(bits, (size_t)len, digest, NULL, EVP_sha256(), NULL)));
    MN_AUTO_PTR(ASN1_OCTET_STRING) identifier = ASN1_OCTET_STRING_new();
    if (identifier == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_TRY(done(ASN1_OCTET_STRING_set(identifier, digest, KEY_IDENTIFIER_BYTES)));
    *out_identifier = mn_take(identifier);
    return MNSEC_OK;
}

static mnsec_status add_subject_key_identifier(X509 *cert)
{
    MN_AUTO_PTR(ASN1_OCTET_STRING) identifier = NULL;
    MN_TRY(key_identifier(X509_get_X509_PUBKEY(cert), &identifier));
    return done(X509_add1_ext_i2d(cert, NID_subject_key_identifier, identifier, 0, 0));
}

static mnsec_status add_authority_key_identifier(X509 *cert, mn_bytes issuer_spki)
{
    MN_AUTO_PTR(EVP_PKEY) issuer = NULL;
    MN_AUTO_PTR(X509_PUBKEY) key = NULL;
    MN_AUTO_PTR(AUTHORITY_KEYID) authority = AUTHORITY_KEYID_new();
    MN_TRY(mn_public_key_read(issuer_spki, &issuer));
    if (authority == NULL || X509_PUBKEY_set(&key, issuer) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_TRY(key_identifier(key, &authority->keyid));
    return done(X509_add1_ext_i2d(cert, NID_authority_key_identifier, authority, 0, 0));
}

static mnsec_status add_founding_hash(X509 *cert, mn_bytes hash)
{
    if (hash.len == 0) {
        return MNSEC_OK;
    }
    if (hash.len != DIGEST_BYTES) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO_PTR(ASN1_OBJECT) oid = OBJ_txt2obj(MN_X509_EXTENSION_FOUNDING_HASH, 1);
    MN_AUTO_PTR(ASN1_OCTET_STRING) inner = ASN1_OCTET_STRING_new();
    MN_AUTO_PTR(ASN1_OCTET_STRING) outer = ASN1_OCTET_STRING_new();
    if (oid == NULL || inner == NULL || outer == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO(mn_buf) value = {0};
    unsigned char *der = NULL;
    MN_TRY(done(ASN1_OCTET_STRING_set(inner, hash.bytes, DIGEST_BYTES)));
    const int len = i2d_ASN1_OCTET_STRING(inner, &der);
    MN_TRY(mn_ossl_take_der(der, len, &value));
    MN_TRY(done(ASN1_OCTET_STRING_set(outer, value.bytes, (int)value.len)));
    MN_AUTO_PTR(X509_EXTENSION) extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, outer);
    if (extension == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    return done(X509_add_ext(cert, extension, -1));
}

static mnsec_status add_extensions(X509 *cert, const mn_x509_request *request, mn_bytes issuer_spki)
{
    MN_TRY(add_text_extension(cert, NID_basic_constraints,
                              request->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE"));
    MN_TRY(add_text_extension(cert, NID_key_usage,
                              request->is_ca ? "critical,digitalSignature,keyCertSign"
                                             : "critical,digitalSignature"));
    MN_TRY(add_subject_key_identifier(cert));
    MN_TRY(add_authority_key_identifier(cert, issuer_spki));
    return add_founding_hash(cert, request->founding_hash);
}

/* Name the algorithm inside and outside of what is signed. OpenSSL 3.0 has no setter: its getters
 * lend what the certificate, which is ours, owns; the unions take the const away. */
static mnsec_status set_algorithm(X509 *cert, const signature_form *form)
{
    union {
        const X509_ALGOR *lent;
        X509_ALGOR *own;
    } inner = {X509_get0_tbs_sigalg(cert)}, outer = {NULL};
    X509_get0_signature(NULL, &outer.lent, cert);
    MN_TRY(done(X509_ALGOR_set0(inner.own, OBJ_nid2obj(form->nid), form->parameter, NULL)));
    return done(X509_ALGOR_set0(outer.own, OBJ_nid2obj(form->nid), form->parameter, NULL));
}

static mnsec_status set_signature(X509 *cert, mn_bytes bits)
{
    union {
        const ASN1_BIT_STRING *lent;
        ASN1_BIT_STRING *own;
    } signature = {NULL};
    X509_get0_signature(&signature.lent, NULL, cert);
    MN_TRY(done(ASN1_STRING_set(signature.own, bits.bytes, (int)bits.len)));
    signature.own->flags = ASN1_STRING_FLAG_BITS_LEFT; /* whole bytes, no unused bits */
    return MNSEC_OK;
}

static mnsec_status encode(const X509 *cert, mn_buf *out_der)
{
    unsigned char *der = NULL;
    const int len = i2d_X509(cert, &der);
    return mn_ossl_take_der(der, len, out_der);
}

static mnsec_status sign(X509 *cert, const mn_x509_signer *issuer)
{
    MN_AUTO(mn_buf) tbs = {0};
    MN_AUTO(mn_buf) signature = {0};
    unsigned char *der = NULL;
    const int len = i2d_re_X509_tbs(cert, &der);
    MN_TRY(mn_ossl_take_der(der, len, &tbs));
    MN_TRY(mn_signer_sign(issuer, mn_buf_view(&tbs), &signature));
    return set_signature(cert, mn_buf_view(&signature));
}

mnsec_status mn_x509_issue(const mn_x509_request *request, const mn_x509_signer *issuer,
                           mn_buf *out_der)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    const signature_form *form = find_form(issuer->alg);
    if (form == NULL) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO_PTR(X509) cert = X509_new();
    if (cert == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_TRY(done(X509_set_version(cert, VERSION_3)));
    MN_TRY(set_serial(cert, request->serial));
    MN_TRY(set_names(cert, request));
    MN_TRY(set_validity(cert, request));
    MN_TRY(set_key(cert, request->subject_spki));
    MN_TRY(add_extensions(cert, request, issuer->spki));
    MN_TRY(set_algorithm(cert, form));
    MN_TRY(sign(cert, issuer));
    MN_AUTO(mn_buf) der = {0};
    MN_TRY(encode(cert, &der));
    MN_TRY(mn_x509_verify_issued(mn_buf_view(&der), issuer->spki));
    mn_buf_move(out_der, &der);
    return MNSEC_OK;
}
