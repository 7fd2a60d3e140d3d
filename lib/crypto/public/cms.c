/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detached CAdES-B signatures (RFC 5652, RFC 5126): what an auditor checks with `openssl cms`. The
 * signed attributes are put together by OpenSSL, their DER goes to the signer (a token, behind a
 * callback), the answer into the SignerInfo; no byte of DER is written by hand. Trust is one pinned
 * certificate, never a chain: names, validity and what else a CMS carries decide nothing.
 */
#include <limits.h>
#include <openssl/pkcs7.h>
#include <string.h>

#include "public_key.h"
#include "signer.h"

typedef STACK_OF(X509_ATTRIBUTE) attributes;
typedef STACK_OF(X509) certificates;

/* The elements are borrowed. */
static void attributes_free(attributes *list)
{
    sk_X509_ATTRIBUTE_free(list);
}
static void certificates_free(certificates *list)
{
    sk_X509_free(list);
}
MN_AUTO_PTR_DECLARE(attributes)
MN_AUTO_PTR_DECLARE(certificates)

#define SHA256_BYTES 32
/* Detached content as it is; the certificate alone as trust; its chain is nobody's business. */
#define VERIFY_FLAGS (CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY)
#define SINGLE       (-3) /* lastpos: the attribute exists once, with one value */

static mnsec_status done(int answer)
{
    return answer == 1 ? MNSEC_OK : MNSEC_E_INTERNAL_CRYPTO;
}

static mnsec_status encode(const CMS_ContentInfo *cms, mn_buf *out_der)
{
    unsigned char *der = NULL;
    const int len = i2d_CMS_ContentInfo(cms, &der);
    return mn_ossl_take_der(der, len, out_der);
}

/* A SignedData without content and with one SignerInfo, which holds signing-certificate-v2. */
static mnsec_status start(mn_bytes cert_der, mn_bytes spki, CMS_ContentInfo **out_cms,
                          CMS_SignerInfo **out_signer)
{
    MN_AUTO_PTR(X509) cert = NULL;
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_TRY(mn_ossl_read_x509(cert_der, &cert));
    MN_TRY(mn_public_key_read(spki, &key));
    if (EVP_PKEY_eq(X509_get0_pubkey(cert), key) != 1) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO_PTR(CMS_ContentInfo)
    cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_DETACHED | CMS_BINARY);
    if (cms == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    CMS_SignerInfo *signer = CMS_add1_signer(cms, cert, key, EVP_sha256(),
                                             CMS_PARTIAL | CMS_CADES | CMS_BINARY | CMS_NOSMIMECAP);
    if (signer == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    *out_cms = mn_take(cms);
    *out_signer = signer;
    return MNSEC_OK;
}

static mnsec_status add_attributes(CMS_SignerInfo *signer, mn_bytes content, int64_t signing_time)
{
    uint8_t digest[SHA256_BYTES];
    MN_AUTO_PTR(ASN1_TIME) time = ASN1_TIME_set(NULL, signing_time);
    if (time == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_TRY(done(EVP_Digest(content.bytes, content.len, digest, NULL, EVP_sha256(), NULL)));
    MN_TRY(done(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                            OBJ_nid2obj(NID_pkcs7_data), -1)));
    MN_TRY(done(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                            digest, sizeof(digest))));
    return done(CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, ASN1_STRING_type(time),
                                            time, -1));
}

/* The signed attributes as they are signed: SET OF, in DER (RFC 5652, 5.4). */
static mnsec_status encode_attributes(const CMS_SignerInfo *signer, mn_buf *out_der)
{
    MN_AUTO_PTR(attributes) list = sk_X509_ATTRIBUTE_new_null();
    if (list == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    for (int i = 0; i < CMS_signed_get_attr_count(signer); i++) {
        if (sk_X509_ATTRIBUTE_push(list, CMS_signed_get_attr(signer, i)) == 0) {
            return MNSEC_E_INTERNAL_CRYPTO;
        }
    }
    unsigned char *der = NULL;
    const int len = ASN1_item_i2d((const ASN1_VALUE *)list, &der, ASN1_ITEM_rptr(PKCS7_ATTR_SIGN));
    return mn_ossl_take_der(der, len, out_der);
}

static mnsec_status sign(CMS_SignerInfo *info, const mn_x509_signer *signer)
{
    MN_AUTO(mn_buf) message = {0};
    MN_AUTO(mn_buf) signature = {0};
    MN_TRY(encode_attributes(info, &message));
    MN_TRY(mn_signer_sign(signer, mn_buf_view(&message), &signature));
    return done(
        ASN1_STRING_set(CMS_SignerInfo_get0_signature(info), signature.bytes, (int)signature.len));
}

/* All of der, and as an encoder writes it. */
static mnsec_status decode(mn_bytes der, CMS_ContentInfo **out_cms)
{
    if (der.len == 0 || der.len > MN_OSSL_DER_MAX_BYTES) {
        return MNSEC_E_INTEGRITY;
    }
    const unsigned char *at = der.bytes;
    MN_AUTO_PTR(CMS_ContentInfo) cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.len);
    MN_AUTO(mn_buf) again = {0};
    if (cms == NULL || encode(cms, &again) != MNSEC_OK || again.len != der.len ||
        memcmp(again.bytes, der.bytes, der.len) != 0) {
        return MNSEC_E_INTEGRITY;
    }
    *out_cms = mn_take(cms);
    return MNSEC_OK;
}

/* The only SignerInfo of detached data, by the algorithms of ours; NULL else. */
static CMS_SignerInfo *only_signer(CMS_ContentInfo *cms)
{
    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed || CMS_is_detached(cms) != 1 ||
        OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data) {
        return NULL;
    }
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    if (sk_CMS_SignerInfo_num(signers) != 1) {
        return NULL;
    }
    CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, 0);
    X509_ALGOR *digest = NULL;
    X509_ALGOR *signature = NULL;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, &signature);
    const int nid = OBJ_obj2nid(signature->algorithm);
    const bool known = nid == NID_ecdsa_with_SHA256 || nid == NID_rsaEncryption ||
                       nid == NID_sha256WithRSAEncryption;
    return known && OBJ_obj2nid(digest->algorithm) == NID_sha256 ? signer : NULL;
}

/* Do the signed attributes name data as content and cert as the signer's? */
static bool names_certificate(const CMS_SignerInfo *signer, certificates *pinned)
{
    const ASN1_OBJECT *type = CMS_signed_get0_data_by_OBJ(
        signer, OBJ_nid2obj(NID_pkcs9_contentType), SINGLE, V_ASN1_OBJECT);
    const ASN1_STRING *value = CMS_signed_get0_data_by_OBJ(
        signer, OBJ_nid2obj(NID_id_smime_aa_signingCertificateV2), SINGLE, V_ASN1_SEQUENCE);
    if (type == NULL || value == NULL || OBJ_obj2nid(type) != NID_pkcs7_data) {
        return false;
    }
    const unsigned char *at = ASN1_STRING_get0_data(value);
    const unsigned char *end = at + ASN1_STRING_length(value);
    MN_AUTO_PTR(ESS_SIGNING_CERT_V2) named = d2i_ESS_SIGNING_CERT_V2(NULL, &at, end - at);
    return named != NULL && at == end && OSSL_ESS_check_signing_certs(NULL, named, pinned, 1) == 1;
}

mnsec_status mn_cms_sign(mn_bytes content, mn_bytes cert, const mn_x509_signer *signer,
                         int64_t signing_time, mn_buf *out_der)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    if (signing_time < 0 || (signer->alg != MN_SIGNATURE_ECDSA_P256_SHA256 &&
                             signer->alg != MN_SIGNATURE_RSA_PKCS1_SHA256)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO_PTR(CMS_ContentInfo) cms = NULL;
    CMS_SignerInfo *info = NULL;
    MN_AUTO(mn_buf) der = {0};
    MN_TRY(start(cert, signer->spki, &cms, &info));
    MN_TRY(add_attributes(info, content, signing_time));
    MN_TRY(sign(info, signer));
    MN_TRY(encode(cms, &der));
    MN_TRY(mn_cms_verify(mn_buf_view(&der), content, cert));
    mn_buf_move(out_der, &der);
    return MNSEC_OK;
}

mnsec_status mn_cms_verify(mn_bytes cms_der, mn_bytes content, mn_bytes pinned_cert)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    MN_AUTO_PTR(X509) cert = NULL;
    MN_AUTO_PTR(CMS_ContentInfo) cms = NULL;
    MN_AUTO_PTR(certificates) pinned = sk_X509_new_null();
    MN_TRY(mn_ossl_read_x509(pinned_cert, &cert));
    if (content.len > INT_MAX) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO_PTR(BIO) data =
        BIO_new_mem_buf(content.len == 0 ? "" : (const void *)content.bytes, (int)content.len);
    /* CMS_verify() of OpenSSL 3.0 copies a bare memory BIO, and loses the copy when the list of
     * digests names one it does not know. Behind a filter, the content is read as it is. */
    MN_AUTO_PTR(BIO) filter = BIO_new(BIO_f_buffer());
    if (data == NULL || filter == NULL || pinned == NULL || sk_X509_push(pinned, cert) == 0) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    (void)BIO_push(filter, data);
    MN_TRY(decode(cms_der, &cms));
    const CMS_SignerInfo *signer = only_signer(cms);
    return signer != NULL && names_certificate(signer, pinned) &&
                   CMS_verify(cms, pinned, NULL, filter, NULL, VERIFY_FLAGS) == 1
               ? MNSEC_OK
               : MNSEC_E_INTEGRITY;
}
