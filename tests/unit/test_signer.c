/* SPDX-License-Identifier: Apache-2.0 */
/* A token's answer is verified before it is used. */
#include <criterion/criterion.h>

#include "crypto/public/signer.h"
#include "soft_key.h"

static const mn_bytes hello = {(const uint8_t *)"hello", 5};

static mnsec_status fail(void *user, mn_bytes message, mn_buf *out_signature)
{
    (void)user;
    (void)message;
    (void)out_signature;
    return MNSEC_E_TOKEN_FAULT;
}

Test(signer, gives_ecdsa_in_der)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) signature = {0};
    MN_AUTO(mn_buf) raw = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);

    cr_assert_eq(mn_signer_sign(&key.signer, hello, &signature), MNSEC_OK);

    cr_assert_eq(mn_signature_raw_from_der(mn_buf_view(&signature), 32, &raw), MNSEC_OK);
    cr_expect_eq(mn_signature_verify(key.signer.spki, key.signer.alg, hello, mn_buf_view(&raw)),
                 MNSEC_OK);
}

Test(signer, gives_rsa_as_it_is)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) signature = {0};
    soft_key_make(&key, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);

    cr_assert_eq(mn_signer_sign(&key.signer, hello, &signature), MNSEC_OK);

    cr_expect_eq(
        mn_signature_verify(key.signer.spki, key.signer.alg, hello, mn_buf_view(&signature)),
        MNSEC_OK);
}

Test(signer, refuses_a_wrong_answer)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) signature = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    key.damage = 1;

    cr_expect_eq(mn_signer_sign(&key.signer, hello, &signature), MNSEC_E_INTEGRITY);
    cr_expect_eq(signature.len, 0);
}

Test(signer, refuses_a_short_answer)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) signature = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    key.damage = 2;

    cr_expect_eq(mn_signer_sign(&key.signer, hello, &signature), MNSEC_E_INTEGRITY);
    cr_expect_eq(signature.len, 0);
}

Test(signer, hands_on_what_the_token_says)
{
    MN_AUTO(mn_buf) signature = {0};
    const mn_x509_signer sick = {.sign = fail, .alg = MN_SIGNATURE_ECDSA_P256_SHA256};

    cr_expect_eq(mn_signer_sign(&sick, hello, &signature), MNSEC_E_TOKEN_FAULT);
}
