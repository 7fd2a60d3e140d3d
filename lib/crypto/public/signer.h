/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a token, behind the callback of mn_x509_signer, for a signature. Seen by public/ only. */
#ifndef MN_SIGNER_H
#define MN_SIGNER_H

#include "x509.h"

/* Over message, in the form that X.509 and CMS carry: ECDSA in DER, RSA as it is. Verified with the
 * signer's public key, so that a sick token is noticed here. Errors: the callback's; INTEGRITY */
MNSEC_MUST_USE mnsec_status mn_signer_sign(const mn_x509_signer *signer, mn_bytes message,
                                           mn_buf *out_signature);

#endif
