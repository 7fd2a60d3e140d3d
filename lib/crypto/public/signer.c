/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signature by a token. What it answers is not believed: it is verified before anything is
 * built on it, because a signature that is wrong must not be found out years later by an auditor.
 */
#include "signer.h"

mnsec_status mn_signer_sign(const mn_x509_signer *signer, mn_bytes message, mn_buf *out_signature)
{
    MN_AUTO(mn_buf) answer = {0};
    MN_TRY(signer->sign(signer->user, message, &answer));
    const mnsec_status verdict =
        mn_signature_verify(signer->spki, signer->alg, message, mn_buf_view(&answer));
    if (verdict != MNSEC_OK) {
        return verdict == MNSEC_E_USAGE_FORMAT ? MNSEC_E_INTEGRITY : verdict;
    }
    if (signer->alg == MN_SIGNATURE_ECDSA_P256_SHA256) {
        return mn_signature_der_from_raw(mn_buf_view(&answer), out_signature);
    }
    mn_buf_move(out_signature, &answer);
    return MNSEC_OK;
}
