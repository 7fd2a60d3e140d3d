/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption to an RSA key: OpenSSL, which stands here for the card, opens it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "crypto/secret/crypto.h"
#include "hex.h"

static EVP_PKEY *card;
static mn_buf modulus;
static mn_buf exponent;
static mn_secret plaintext;

static void read_number(const char *name, mn_buf *out_bytes)
{
    BIGNUM *number = NULL;
    uint8_t *bytes = NULL;
    cr_assert_eq(EVP_PKEY_get_bn_param(card, name, &number), 1);
    cr_assert_eq(mn_buf_extend(out_bytes, (size_t)BN_num_bytes(number), &bytes), MNSEC_OK);
    cr_assert_gt(BN_bn2bin(number, bytes), 0);
    BN_free(number);
}

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    card = EVP_RSA_gen(2048);
    cr_assert_not_null(card);
    read_number(OSSL_PKEY_PARAM_RSA_N, &modulus);
    read_number(OSSL_PKEY_PARAM_RSA_E, &exponent);
    cr_assert_eq(mn_random_secret(&plaintext, 32), MNSEC_OK);
}

static void end(void)
{
    EVP_PKEY_free(card);
    mn_buf_wipe(&modulus);
    mn_buf_wipe(&exponent);
    mn_secret_wipe(&plaintext);
}

TestSuite(rsa, .init = start, .fini = end);

static mnsec_status encrypt(mn_rsa_padding padding, mn_buf *out_ciphertext)
{
    return mn_rsa_encrypt(mn_buf_view(&modulus), mn_buf_view(&exponent), padding, &plaintext,
                          out_ciphertext);
}

typedef struct padding_case {
    mn_rsa_padding ours;
    int theirs;
    char digest[8];
} padding_case;

ParameterizedTestParameters(rsa, encrypts_what_openssl_opens)
{
    static padding_case cases[] = {
        {MN_RSA_OAEP_SHA256, RSA_PKCS1_OAEP_PADDING, "SHA256"},
        {MN_RSA_OAEP_SHA1, RSA_PKCS1_OAEP_PADDING, "SHA1"},
        {MN_RSA_PKCS1_V15, RSA_PKCS1_PADDING, ""},
    };
    return cr_make_param_array(padding_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const padding_case *c, rsa, encrypts_what_openssl_opens)
{
    MN_AUTO(mn_buf) ciphertext = {0};
    uint8_t opened[256];
    size_t len = sizeof(opened);

    cr_assert_eq(encrypt(c->ours, &ciphertext), MNSEC_OK);

    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(card, NULL);
    cr_assert_eq(EVP_PKEY_decrypt_init(context), 1);
    cr_assert_eq(EVP_PKEY_CTX_set_rsa_padding(context, c->theirs), 1);
    if (c->digest[0] != '\0') {
        cr_assert_eq(EVP_PKEY_CTX_set_rsa_oaep_md_name(context, c->digest, NULL), 1);
        cr_assert_eq(EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, c->digest, NULL), 1);
    }
    cr_assert_eq(ciphertext.len, 256);
    cr_assert_eq(EVP_PKEY_decrypt(context, opened, &len, ciphertext.bytes, ciphertext.len), 1);
    cr_assert_eq(len, plaintext.len);
    cr_expect_arr_eq(opened, plaintext.bytes, len);
    EVP_PKEY_CTX_free(context);
}

Test(rsa, reads_a_modulus_with_a_zero_in_front)
{
    MN_AUTO(mn_buf) longer = {0};
    MN_AUTO(mn_buf) ciphertext = {0};
    cr_assert_eq(mn_buf_append(&longer, "\0", 1), MNSEC_OK);
    cr_assert_eq(mn_buf_append(&longer, modulus.bytes, modulus.len), MNSEC_OK);
    mn_buf_move(&modulus, &longer);

    cr_assert_eq(encrypt(MN_RSA_OAEP_SHA256, &ciphertext), MNSEC_OK);

    cr_expect_eq(ciphertext.len, 256);
}

Test(rsa, pads_at_random)
{
    MN_AUTO(mn_buf) a = {0};
    MN_AUTO(mn_buf) b = {0};

    cr_assert_eq(encrypt(MN_RSA_OAEP_SHA256, &a), MNSEC_OK);
    cr_assert_eq(encrypt(MN_RSA_OAEP_SHA256, &b), MNSEC_OK);

    cr_expect_arr_neq(a.bytes, b.bytes, 256);
}

Test(rsa, refuses_an_unknown_padding)
{
    MN_AUTO(mn_buf) ciphertext = {0};

    cr_expect_eq(encrypt((mn_rsa_padding)0, &ciphertext), MNSEC_E_USAGE);
    cr_expect_eq(encrypt((mn_rsa_padding)4, &ciphertext), MNSEC_E_USAGE);
    cr_expect_eq(ciphertext.len, 0);
}

Test(rsa, refuses_a_plaintext_that_does_not_fit)
{
    MN_AUTO(mn_buf) ciphertext = {0};

    cr_assert_eq(mn_random_secret(&plaintext, 256 - 2 * 32 - 2), MNSEC_OK);
    cr_expect_eq(encrypt(MN_RSA_OAEP_SHA256, &ciphertext), MNSEC_OK);
    mn_buf_reset(&ciphertext);
    cr_assert_eq(mn_random_secret(&plaintext, 256 - 2 * 32 - 1), MNSEC_OK);
    cr_expect_eq(encrypt(MN_RSA_OAEP_SHA256, &ciphertext), MNSEC_E_USAGE);
    cr_expect_eq(ciphertext.len, 0);
}

Test(rsa, refuses_an_empty_plaintext)
{
    MN_AUTO(mn_buf) ciphertext = {0};
    mn_secret_wipe(&plaintext);

    cr_expect_eq(encrypt(MN_RSA_OAEP_SHA256, &ciphertext), MNSEC_E_USAGE);
}

typedef struct key_case {
    char what[24];
    size_t modulus_len;
    uint8_t modulus_first;
    uint8_t modulus_last;
    char exponent[24];
} key_case;

ParameterizedTestParameters(rsa, refuses_a_key)
{
    static key_case cases[] = {
        {"of 2047 bits", 256, 0x7F, 1, "010001"},
        {"of 1024 bits", 128, 0x80, 1, "010001"},
        {"of 4104 bits", 513, 0x80, 1, "010001"},
        {"longer than any", 8192, 0x80, 1, "010001"},
        {"of no bytes", 0, 0, 0, "010001"},
        {"with an even modulus", 256, 0x80, 2, "010001"},
        {"with an even exponent", 256, 0x80, 1, "010002"},
        {"with exponent 3", 256, 0x80, 1, "03"},
        {"with exponent 1", 256, 0x80, 1, "01"},
        {"without exponent", 256, 0x80, 1, ""},
        {"with a huge exponent", 256, 0x80, 1, "010000000000000001"},
    };
    return cr_make_param_array(key_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const key_case *c, rsa, refuses_a_key)
{
    MN_AUTO(mn_buf) ciphertext = {0};
    uint8_t *bytes = NULL;
    mn_buf_wipe(&modulus);
    mn_buf_wipe(&exponent);
    if (c->modulus_len > 0) {
        cr_assert_eq(mn_buf_extend(&modulus, c->modulus_len, &bytes), MNSEC_OK);
        bytes[c->modulus_len - 1] = c->modulus_last;
        bytes[0] = c->modulus_first;
    }
    hex_read(c->exponent, &exponent);

    cr_expect_eq(encrypt(MN_RSA_OAEP_SHA256, &ciphertext), MNSEC_E_USAGE_FORMAT, "%s", c->what);
    cr_expect_eq(ciphertext.len, 0);
}
