/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every file of public/ needs of OpenSSL. A decoder of OpenSSL stops where its object ends;
 * here the object must end where the bytes end, so that nothing rides along unsigned.
 */
#include "ossl.h"

mn_ossl_errors mn_ossl_errors_mark(void)
{
    return ERR_set_mark();
}

void mn_ossl_errors_wipe(mn_ossl_errors *errors)
{
    (void)errors;
    (void)ERR_pop_to_mark();
}

mnsec_status mn_ossl_take_der(unsigned char *der, int len, mn_buf *out_der)
{
    if (len <= 0 || der == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO(mn_buf) copy = {0};
    const mnsec_status status = mn_buf_append(&copy, der, (size_t)len);
    OPENSSL_free(der);
    MN_TRY(status);
    mn_buf_move(out_der, &copy);
    return MNSEC_OK;
}

mnsec_status mn_ossl_read_x509(mn_bytes der, X509 **out_cert)
{
    if (der.len == 0 || der.len > MN_OSSL_DER_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const unsigned char *at = der.bytes;
    MN_AUTO_PTR(X509) cert = d2i_X509(NULL, &at, (long)der.len);
    if (cert == NULL || at != der.bytes + der.len) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_cert = mn_take(cert);
    return MNSEC_OK;
}
