/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading certificates (RFC 5280) and the public keys in them. A certificate is taken whole, with a
 * key this product knows, or refused; its own bytes are what is hashed. Names in it are for display
 * only: who somebody is, is the hash of his key. Issuing is in x509_issue.c.
 */
#include "x509.h"

#include <openssl/pem.h>
#include <string.h>
#include <time.h>

#include "public_key.h"
#include "text.h"
#include "x509_extension.h"

#define DIGEST_BYTES  32U
#define PEM_MAX_BYTES (2 * MN_OSSL_DER_MAX_BYTES)

/* What may sign a certificate here. */
static const int signature_nids[] = {NID_ecdsa_with_SHA256, NID_ecdsa_with_SHA384,
                                     NID_sha256WithRSAEncryption};

static mnsec_status sha256(mn_bytes bytes, uint8_t out_digest[DIGEST_BYTES])
{
    return EVP_Digest(bytes.bytes, bytes.len, out_digest, NULL, EVP_sha256(), NULL) == 1
               ? MNSEC_OK
               : MNSEC_E_INTERNAL_CRYPTO;
}

static mnsec_status seconds(const ASN1_TIME *time, int64_t *out_seconds)
{
    struct tm parts = {0};
    if (ASN1_TIME_to_tm(time, &parts) != 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_seconds = timegm(&parts);
    return MNSEC_OK;
}

/* Longest beginning of text that is whole characters and at most max bytes. */
static size_t whole_characters(mn_bytes text, size_t max)
{
    size_t len = text.len < max ? text.len : max;
    while (len < text.len && len > 0 && (text.bytes[len] & 0xC0U) == 0x80) {
        len--;
    }
    return len;
}

/* The last common name of the subject, cut to what fits; empty where there is none, or one that
 * could play tricks on a terminal. */
static void read_common_name(const X509 *cert, char *out_name, size_t size)
{
    out_name[0] = '\0';
    const X509_NAME *subject = X509_get_subject_name(cert);
    int at = -1;
    for (int next = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); next >= 0;
         next = X509_NAME_get_index_by_NID(subject, NID_commonName, next)) {
        at = next;
    }
    if (at < 0) {
        return;
    }
    unsigned char *utf8 = NULL;
    const int len =
        ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    const mn_bytes name = mn_bytes_of(utf8, len < 0 ? 0 : (size_t)len);
    if (len > 0 && mn_text_is_clean(name, false)) {
        const size_t fitting = whole_characters(name, size - 1);
        memcpy(out_name, utf8, fitting);
        out_name[fitting] = '\0';
    }
    OPENSSL_free(utf8);
}

static mnsec_status read_spki(const X509 *cert, mn_buf *out_spki)
{
    unsigned char *der = NULL;
    const int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_ossl_take_der(der, len, &spki));
    MN_TRY(mn_public_key_read(mn_buf_view(&spki), &key));
    mn_buf_move(out_spki, &spki);
    return MNSEC_OK;
}

/* OpenSSL would ask on the terminal for the password of an encrypted PEM. */
static int no_answer(char *buf, int size, int writing, void *user)
{
    (void)buf;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static bool may_sign(int nid)
{
    for (size_t i = 0; i < sizeof(signature_nids) / sizeof(signature_nids[0]); i++) {
        if (signature_nids[i] == nid) {
            return true;
        }
    }
    return false;
}

mnsec_status mn_x509_read_spki(mn_bytes der, mn_x509_info *out_info, mn_buf *out_spki)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_AUTO(mn_buf) spki = {0};
    mn_x509_info info = {0};
    MN_TRY(mn_ossl_read_x509(der, &cert));
    MN_TRY(read_spki(cert, &spki));
    MN_TRY(sha256(der, info.fingerprint));
    MN_TRY(sha256(mn_buf_view(&spki), info.spki_hash));
    MN_TRY(seconds(X509_get0_notBefore(cert), &info.not_before));
    MN_TRY(seconds(X509_get0_notAfter(cert), &info.not_after));
    read_common_name(cert, info.subject_cn, sizeof(info.subject_cn));
    *out_info = info;
    mn_buf_move(out_spki, &spki);
    return MNSEC_OK;
}

mnsec_status mn_x509_read(mn_bytes der, mn_x509_info *out_info)
{
    MN_AUTO(mn_buf) spki = {0};
    return mn_x509_read_spki(der, out_info, &spki);
}

mnsec_status mn_x509_spki(mn_bytes der, mn_buf *out_spki)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_TRY(mn_ossl_read_x509(der, &cert));
    return read_spki(cert, out_spki);
}

mnsec_status mn_x509_subject(mn_bytes der, mn_buf *out_name)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_TRY(mn_ossl_read_x509(der, &cert));
    const unsigned char *name = NULL;
    size_t len = 0;
    if (X509_NAME_get0_der(X509_get_subject_name(cert), &name, &len) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO(mn_buf) copy = {0};
    MN_TRY(mn_buf_append(&copy, name, len));
    mn_buf_move(out_name, &copy);
    return MNSEC_OK;
}

mnsec_status mn_x509_spki_from_point(mn_bytes point, mn_buf *out_spki)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_public_key_from_point(point, &key));
    return mn_public_key_write(key, out_spki);
}

mnsec_status mn_x509_spki_from_rsa(mn_bytes modulus, mn_bytes exponent, mn_buf *out_spki)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_public_key_from_rsa(modulus, exponent, &key));
    return mn_public_key_write(key, out_spki);
}

mnsec_status mn_x509_rsa_parts(mn_bytes spki, mn_buf *out_modulus, mn_buf *out_exponent)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_public_key_read(spki, &key));
    return mn_public_key_rsa(key, out_modulus, out_exponent);
}

mnsec_status mn_x509_point(mn_bytes spki, mn_buf *out_point)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_public_key_read(spki, &key));
    if (mn_public_key_kind_of(key) != MN_PUBLIC_KEY_P256) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return mn_public_key_point(key, out_point);
}

mnsec_status mn_x509_to_pem(mn_bytes der, mn_buf *out_pem)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_TRY(mn_ossl_read_x509(der, &cert));
    MN_AUTO_PTR(BIO) text = BIO_new(BIO_s_mem());
    if (text == NULL || PEM_write_bio(text, PEM_STRING_X509, "", der.bytes, (long)der.len) <= 0) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    char *start = NULL;
    const long len = BIO_get_mem_data(text, &start);
    MN_AUTO(mn_buf) pem = {0};
    MN_TRY(mn_buf_append(&pem, start, (size_t)len));
    mn_buf_move(out_pem, &pem);
    return MNSEC_OK;
}

mnsec_status mn_x509_from_pem(mn_bytes pem, mn_buf *out_der)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    if (pem.len == 0 || pem.len > PEM_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO_PTR(BIO) text = BIO_new_mem_buf(pem.bytes, (int)pem.len);
    if (text == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    unsigned char *bytes = NULL;
    long len = 0;
    if (PEM_bytes_read_bio(&bytes, &len, NULL, PEM_STRING_X509, text, no_answer, NULL) != 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) again = {0};
    MN_TRY(mn_ossl_take_der(bytes, (int)len, &der));
    MN_TRY(mn_x509_to_pem(mn_buf_view(&der), &again));
    if (again.len != pem.len || memcmp(again.bytes, pem.bytes, pem.len) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_buf_move(out_der, &der);
    return MNSEC_OK;
}

mnsec_status mn_x509_verify_issued(mn_bytes der, mn_bytes issuer_spki)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_AUTO_PTR(EVP_PKEY) issuer = NULL;
    MN_TRY(mn_ossl_read_x509(der, &cert));
    MN_TRY(mn_public_key_read(issuer_spki, &issuer));
    return may_sign(X509_get_signature_nid(cert)) && X509_verify(cert, issuer) == 1
               ? MNSEC_OK
               : MNSEC_E_INTEGRITY;
}

mnsec_status mn_x509_founding_hash(mn_bytes der, uint8_t out_hash[32])
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_AUTO_PTR(ASN1_OBJECT) oid = OBJ_txt2obj(MN_X509_EXTENSION_FOUNDING_HASH, 1);
    MN_TRY(mn_ossl_read_x509(der, &cert));
    if (oid == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    const int at = X509_get_ext_by_OBJ(cert, oid, -1);
    if (at < 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    if (X509_get_ext_by_OBJ(cert, oid, at) >= 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(cert, at));
    const unsigned char *from = ASN1_STRING_get0_data(value);
    const unsigned char *end = from + ASN1_STRING_length(value);
    MN_AUTO_PTR(ASN1_OCTET_STRING) hash = d2i_ASN1_OCTET_STRING(NULL, &from, end - from);
    if (hash == NULL || from != end || ASN1_STRING_length(hash) != DIGEST_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy(out_hash, ASN1_STRING_get0_data(hash), DIGEST_BYTES);
    return MNSEC_OK;
}
