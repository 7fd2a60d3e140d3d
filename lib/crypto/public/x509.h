/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is public, through OpenSSL: certificates (RFC 5280), signatures, CMS (RFC 5652,
 * CAdES-B RFC 5126). The second of the two doors of crypto/. No secret enters here: signing comes
 * in as a callback that a token answers.
 */
#ifndef MN_X509_H
#define MN_X509_H

#include "base/base.h"
#include "base/buf.h"

/* How a signature was made; the ALG word of a log signature group. */
typedef enum mn_signature_alg {
    MN_SIGNATURE_NONE = 0,
    MN_SIGNATURE_ECDSA_P256_SHA256, /* "es256", raw r || s, 64 bytes */
    MN_SIGNATURE_ECDSA_P384_SHA384, /* "es384", raw r || s, 96 bytes */
    MN_SIGNATURE_RSA_PKCS1_SHA256,  /* "rs256" */
    MN_SIGNATURE_RSA_PSS_SHA256     /* "ps256", salt 32 */
} mn_signature_alg;

/* File signature.c */
const char *mn_signature_alg_name(mn_signature_alg alg);
mn_signature_alg mn_signature_alg_parse(mn_bytes name);
/* Digest that alg signs: 32 or 48 bytes into out_digest, its length into out_len. */
MNSEC_MUST_USE mnsec_status mn_signature_digest(mn_signature_alg alg, mn_bytes message,
                                                uint8_t out_digest[64], size_t *out_len);
/* Is signature over message by the key of this SubjectPublicKeyInfo? INTEGRITY when not;
 * USAGE_FORMAT when key or signature is malformed or does not fit alg. */
MNSEC_MUST_USE mnsec_status mn_signature_verify(mn_bytes spki, mn_signature_alg alg,
                                                mn_bytes message, mn_bytes signature);
/* A public key read once, for many signatures (verification of an export). */
typedef struct mn_signature_key mn_signature_key;
MNSEC_MUST_USE mnsec_status mn_signature_key_new(mn_bytes spki, mn_signature_key **out_key);
MNSEC_MUST_USE mnsec_status mn_signature_key_verify(mn_signature_key *key, mn_signature_alg alg,
                                                    mn_bytes message, mn_bytes signature);
void mn_signature_key_free(mn_signature_key *key);
MN_AUTO_PTR_DECLARE(mn_signature_key)
/* ECDSA raw r || s to DER SEQUENCE and back. */
MNSEC_MUST_USE mnsec_status mn_signature_der_from_raw(mn_bytes raw, mn_buf *out_der);
MNSEC_MUST_USE mnsec_status mn_signature_raw_from_der(mn_bytes der, size_t coordinate_bytes,
                                                      mn_buf *out_raw);

/* Asked to sign a message (not a digest); answers raw r || s or RSA bytes, appended. */
typedef mnsec_status (*mn_x509_sign_fn)(void *user, mn_bytes message, mn_buf *out_signature);
typedef struct mn_x509_signer {
    mn_x509_sign_fn sign;
    void *user;
    mn_signature_alg alg; /* ECDSA_P256_SHA256 or RSA_PKCS1_SHA256 */
    mn_bytes spki;        /* its public key */
} mn_x509_signer;

/* What one wants to know of a certificate; borrowed DER, copied results. */
typedef struct mn_x509_info {
    uint8_t fingerprint[32]; /* SHA-256 of the DER */
    uint8_t spki_hash[32];   /* SHA-256 of the SubjectPublicKeyInfo: the identity of a card */
    int64_t not_before;
    int64_t not_after;
    char subject_cn[128];
} mn_x509_info;
MNSEC_MUST_USE mnsec_status mn_x509_read(mn_bytes der, mn_x509_info *out_info);
MNSEC_MUST_USE mnsec_status mn_x509_spki(mn_bytes der, mn_buf *out_spki);
/* Both at once. */
MNSEC_MUST_USE mnsec_status mn_x509_read_spki(mn_bytes der, mn_x509_info *out_info,
                                              mn_buf *out_spki);
/* File x509_known.c: the same, of certificates that come again, and their keys; each is read once
 * and kept for a while. Borrowed until the next get. */
typedef struct mn_x509_known mn_x509_known;
MNSEC_MUST_USE mnsec_status mn_x509_known_new(mn_x509_known **out_known);
void mn_x509_known_free(mn_x509_known *known);
MN_AUTO_PTR_DECLARE(mn_x509_known)
MNSEC_MUST_USE mnsec_status mn_x509_known_get(mn_x509_known *known, mn_bytes der,
                                              const mn_x509_info **out_info,
                                              mn_signature_key **out_key);
/* DER of the subject's name, which a token wants told beside the certificate. */
MNSEC_MUST_USE mnsec_status mn_x509_subject(mn_bytes der, mn_buf *out_name);
/* SubjectPublicKeyInfo of bare public key parts (from a token's public-key object). */
MNSEC_MUST_USE mnsec_status mn_x509_spki_from_point(mn_bytes point, mn_buf *out_spki);
MNSEC_MUST_USE mnsec_status mn_x509_spki_from_rsa(mn_bytes modulus, mn_bytes exponent,
                                                  mn_buf *out_spki);
/* Modulus and exponent (big-endian) of an RSA SPKI; point of a P-256 SPKI. USAGE_FORMAT otherwise.
 */
MNSEC_MUST_USE mnsec_status mn_x509_rsa_parts(mn_bytes spki, mn_buf *out_modulus,
                                              mn_buf *out_exponent);
MNSEC_MUST_USE mnsec_status mn_x509_point(mn_bytes spki, mn_buf *out_point);
MNSEC_MUST_USE mnsec_status mn_x509_to_pem(mn_bytes der, mn_buf *out_pem);
MNSEC_MUST_USE mnsec_status mn_x509_from_pem(mn_bytes pem, mn_buf *out_der);

/* A certificate to issue. */
typedef struct mn_x509_request {
    const char *subject_cn; /* UTF-8 */
    const char *issuer_cn;  /* equal to subject_cn = self-issued name */
    mn_bytes subject_spki;
    int64_t not_before;
    int64_t not_after;  /* 99991231235959Z when 0 (RFC 5280 4.1.2.5) */
    uint8_t serial[16]; /* made positive and non-zero by masking */
    bool is_ca;
    mn_bytes founding_hash; /* 32 bytes: put in the extension below; empty = none */
} mn_x509_request;
/* OID of the founding-hash extension: a UUID-based arc (2.25.<uuid>), written in FORMATS.md. */
MNSEC_MUST_USE mnsec_status mn_x509_issue(const mn_x509_request *request,
                                          const mn_x509_signer *issuer, mn_buf *out_der);
/* Is cert signed by issuer_spki? INTEGRITY when not. */
MNSEC_MUST_USE mnsec_status mn_x509_verify_issued(mn_bytes der, mn_bytes issuer_spki);
/* Founding hash inside, STATE_NOT_FOUND where there is none. */
MNSEC_MUST_USE mnsec_status mn_x509_founding_hash(mn_bytes der, uint8_t out_hash[32]);

/* File cms.c: detached CAdES-B over content by certificate cert (DER), signing by callback. */
MNSEC_MUST_USE mnsec_status mn_cms_sign(mn_bytes content, mn_bytes cert,
                                        const mn_x509_signer *signer, int64_t signing_time,
                                        mn_buf *out_der);
/* Detached signature over content by exactly this certificate (fingerprint of the pinned one),
 * signing-certificate-v2 required. INTEGRITY when not. */
MNSEC_MUST_USE mnsec_status mn_cms_verify(mn_bytes cms, mn_bytes content, mn_bytes pinned_cert);

#endif
