/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys: one encoding each; everything weaker, stranger or longer is refused. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/core_names.h>
#include <string.h>

#include "crypto/public/public_key.h"
#include "hex.h"
#include "soft_key.h"

/* RFC 6979, A.2.5 */
#define X "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
#define Y "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"

static mnsec_status read_hex(const char *spki)
{
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    hex_read(spki, &der);
    return mn_public_key_read(mn_buf_view(&der), &key);
}

/* SPKI of a key that OpenSSL makes. */
static void generate(mn_buf *out_spki, EVP_PKEY *key)
{
    unsigned char *der = NULL;
    const int len = i2d_PUBKEY(key, &der);
    cr_assert_eq(mn_ossl_take_der(der, len, out_spki), MNSEC_OK);
    EVP_PKEY_free(key);
}

/* Modulus of bits bits whose lowest bit is odd. */
static mnsec_status from_rsa(size_t bits, uint8_t odd, mn_bytes exponent)
{
    uint8_t modulus[1024] = {0};
    const size_t len = bits / 8;
    modulus[0] = 0x80;
    modulus[len - 1] = odd;
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    return mn_public_key_from_rsa(mn_bytes_of(modulus, len), exponent, &key);
}

Test(public_key, reads_each_kind)
{
    MN_AUTO(soft_key) p256 = {0};
    MN_AUTO(soft_key) p384 = {0};
    MN_AUTO(soft_key) rsa = {0};
    MN_AUTO_PTR(EVP_PKEY) a = NULL;
    MN_AUTO_PTR(EVP_PKEY) b = NULL;
    MN_AUTO_PTR(EVP_PKEY) c = NULL;
    soft_key_make(&p256, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_make(&p384, MN_SIGNATURE_ECDSA_P384_SHA384, 0);
    soft_key_make(&rsa, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);

    cr_assert_eq(mn_public_key_read(p256.signer.spki, &a), MNSEC_OK);
    cr_assert_eq(mn_public_key_read(p384.signer.spki, &b), MNSEC_OK);
    cr_assert_eq(mn_public_key_read(rsa.signer.spki, &c), MNSEC_OK);

    cr_expect_eq(mn_public_key_kind_of(a), MN_PUBLIC_KEY_P256);
    cr_expect_eq(mn_public_key_kind_of(b), MN_PUBLIC_KEY_P384);
    cr_expect_eq(mn_public_key_kind_of(c), MN_PUBLIC_KEY_RSA);
}

Test(public_key, refuses_every_truncation)
{
    MN_AUTO(soft_key) rsa = {0};
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    soft_key_make(&rsa, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);

    for (size_t len = 0; len < rsa.spki.len; len++) {
        cr_expect_eq(mn_public_key_read(mn_bytes_of(rsa.spki.bytes, len), &key),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

typedef struct bad {
    char why[40];
    char spki[400];
} bad;

ParameterizedTestParameters(public_key, refuses_other_encodings_and_points)
{
    static bad cases[] = {
        {"byte after the end", "3059301306072a8648ce3d020106082a8648ce3d030107034200 04" X Y "00"},
        {"compressed point", "3039301306072a8648ce3d020106082a8648ce3d030107032200 03" X},
        {"hybrid point", "3059301306072a8648ce3d020106082a8648ce3d030107034200 07" X Y},
        {"point off the curve", "3059301306072a8648ce3d020106082a8648ce3d030107034200 04" X X},
        {"point at infinity", "3019301306072a8648ce3d020106082a8648ce3d03010703020000"},
        {"unused bits", "3059301306072a8648ce3d020106082a8648ce3d030107034201 04" X Y},
        {"long form of a length", "308159301306072a8648ce3d020106082a8648ce3d030107034200 04" X Y},
        {"no curve", "304f300906072a8648ce3d0201034200 04" X Y},
        {"Ed25519", "302a300506032b6570032100" X},
    };
    return cr_make_param_array(bad, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad *c, public_key, refuses_other_encodings_and_points)
{
    cr_assert_eq(read_hex("3059301306072a8648ce3d020106082a8648ce3d030107034200 04" X Y), MNSEC_OK);

    cr_expect_eq(read_hex(c->spki), MNSEC_E_USAGE_FORMAT, "%s", c->why);
}

Test(public_key, refuses_other_curves)
{
    MN_AUTO(mn_buf) p521 = {0};
    MN_AUTO(mn_buf) k256 = {0};
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    generate(&p521, EVP_EC_gen("P-521"));
    generate(&k256, EVP_EC_gen("secp256k1"));

    cr_expect_eq(mn_public_key_read(mn_buf_view(&p521), &key), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_public_key_read(mn_buf_view(&k256), &key), MNSEC_E_USAGE_FORMAT);
}

Test(public_key, refuses_a_curve_written_out)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    EVP_PKEY *explicit_curve = EVP_EC_gen("P-256");
    cr_assert_eq(EVP_PKEY_set_utf8_string_param(explicit_curve, OSSL_PKEY_PARAM_EC_ENCODING,
                                                OSSL_PKEY_EC_ENCODING_EXPLICIT),
                 1);
    generate(&spki, explicit_curve);
    cr_assert_gt(spki.len, 91);

    cr_expect_eq(mn_public_key_read(mn_buf_view(&spki), &key), MNSEC_E_USAGE_FORMAT);
}

Test(public_key, refuses_short_and_long_rsa)
{
    const mn_bytes f4 = mn_bytes_of("\x01\x00\x01", 3);

    cr_expect_eq(from_rsa(1024, 1, f4), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2040, 1, f4), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, f4), MNSEC_OK);
    cr_expect_eq(from_rsa(4096, 1, f4), MNSEC_OK);
    cr_expect_eq(from_rsa(4104, 1, f4), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(8192, 1, f4), MNSEC_E_USAGE_FORMAT);
}

Test(public_key, refuses_rsa_numbers_that_are_even_or_too_simple)
{
    cr_expect_eq(from_rsa(2048, 2, mn_bytes_of("\x01\x00\x01", 3)), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, mn_bytes_of("\x01\x00\x00", 3)), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, mn_bytes_of("\x01", 1)), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, mn_bytes_of("\x00", 1)), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, mn_bytes_of("", 0)), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, mn_bytes_of("\x01\0\0\0\0\0\0\0\x01", 9)), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(from_rsa(2048, 1, mn_bytes_of("\x03", 1)), MNSEC_OK);
}

Test(public_key, leaves_the_error_queue_of_the_host_alone)
{
    ERR_clear_error();

    cr_expect_eq(mn_signature_verify(mn_bytes_of("x", 1), MN_SIGNATURE_ECDSA_P256_SHA256,
                                     mn_bytes_of("", 0), mn_bytes_of("", 0)),
                 MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(ERR_peek_error(), 0UL);
}
