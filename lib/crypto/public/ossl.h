/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL's objects in the idiom of this tree: MN_AUTO_PTR for what it allocates, its DER into an
 * mn_buf, DER read whole or not at all, and its per-thread error queue left as the host program had
 * it. Seen by public/ only.
 */
#ifndef MN_OSSL_H
#define MN_OSSL_H

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "base/base.h"
#include "base/buf.h"

/* No certificate, key, signature or CMS of ours is longer; more is refused as hostile. */
#define MN_OSSL_DER_MAX_BYTES (64U * 1024U)

MN_AUTO_PTR_DECLARE(ASN1_OBJECT)
MN_AUTO_PTR_DECLARE(ASN1_OCTET_STRING)
MN_AUTO_PTR_DECLARE(ASN1_TIME)
MN_AUTO_PTR_DECLARE(BIO)
MN_AUTO_PTR_DECLARE(CMS_ContentInfo)
MN_AUTO_PTR_DECLARE(ECDSA_SIG)
MN_AUTO_PTR_DECLARE(ESS_SIGNING_CERT_V2)
MN_AUTO_PTR_DECLARE(EVP_PKEY)
MN_AUTO_PTR_DECLARE(EVP_PKEY_CTX)
MN_AUTO_PTR_DECLARE(OSSL_PARAM)
MN_AUTO_PTR_DECLARE(OSSL_PARAM_BLD)
MN_AUTO_PTR_DECLARE(X509)
MN_AUTO_PTR_DECLARE(X509_EXTENSION)
MN_AUTO_PTR_DECLARE(X509_NAME)

static inline void BIGNUM_free(BIGNUM *number)
{
    BN_free(number);
}
MN_AUTO_PTR_DECLARE(BIGNUM)

/* MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark(): what OpenSSL reports until the scope ends
 * is forgotten then. */
typedef int mn_ossl_errors __attribute__((unused));
mn_ossl_errors mn_ossl_errors_mark(void);
void mn_ossl_errors_wipe(mn_ossl_errors *errors);

/* der of len bytes, as an i2d function allocated it, replaces out_der and is freed. A len that says
 * failure is INTERNAL_CRYPTO. */
MNSEC_MUST_USE mnsec_status mn_ossl_take_der(unsigned char *der, int len, mn_buf *out_der);
/* A certificate, all of der and nothing after it. Errors: USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_ossl_read_x509(mn_bytes der, X509 **out_cert);

#endif
