/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying signatures: vectors of RFC 6979, signatures made by OpenSSL for each algorithm, and the
 * refusal of every other message, key, algorithm and length. The two forms of an ECDSA signature:
 * each has exactly one of the other.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "crypto/public/x509.h"
#include "hex.h"
#include "soft_key.h"

#define P256_SPKI_HEAD "3059301306072a8648ce3d020106082a8648ce3d030107034200"
#define P384_SPKI_HEAD "3076301006072a8648ce3d020106052b81040022036200"

static const mn_bytes hello = {(const uint8_t *)"hello", 5};

typedef struct vector {
    mn_signature_alg alg;
    char spki[300];
    char message[8];
    char signature[200];
} vector;

/* RFC 6979, A.2.5 and A.2.6 */
static vector rfc6979[] = {
    {MN_SIGNATURE_ECDSA_P256_SHA256,
     P256_SPKI_HEAD "04"
                    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
     "sample",
     "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
     "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
    {MN_SIGNATURE_ECDSA_P256_SHA256,
     P256_SPKI_HEAD "04"
                    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
                    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
     "test",
     "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
     "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"},
    {MN_SIGNATURE_ECDSA_P384_SHA384,
     P384_SPKI_HEAD "04"
                    "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
                    "DEF8F0EA9055866064A254515480BC13"
                    "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1"
                    "288B231C3AE0D4FE7344FD2533264720",
     "sample",
     "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
     "81A648152E44ACF96E36DD1E80FABE46"
     "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94F"
     "A329C145786E679E7B82C71A38628AC8"},
};

ParameterizedTestParameters(signature, verifies_the_vectors_of_rfc_6979)
{
    return cr_make_param_array(vector, rfc6979, sizeof(rfc6979) / sizeof(rfc6979[0]));
}

ParameterizedTest(const vector *v, signature, verifies_the_vectors_of_rfc_6979)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) value = {0};
    hex_read(v->spki, &spki);
    hex_read(v->signature, &value);
    const mn_bytes message = mn_bytes_of(v->message, strlen(v->message));

    cr_expect_eq(mn_signature_verify(mn_buf_view(&spki), v->alg, message, mn_buf_view(&value)),
                 MNSEC_OK);
    cr_expect_eq(mn_signature_verify(mn_buf_view(&spki), v->alg, hello, mn_buf_view(&value)),
                 MNSEC_E_INTEGRITY);
}

typedef struct kind {
    mn_signature_alg alg;
    char name[8];
    size_t digest_len;
} kind;

static kind kinds[] = {
    {MN_SIGNATURE_ECDSA_P256_SHA256, "es256", 32},
    {MN_SIGNATURE_ECDSA_P384_SHA384, "es384", 48},
    {MN_SIGNATURE_RSA_PKCS1_SHA256, "rs256", 32},
    {MN_SIGNATURE_RSA_PSS_SHA256, "ps256", 32},
};

ParameterizedTestParameters(signature, verifies_what_openssl_signs)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, signature, verifies_what_openssl_signs)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) value = {0};
    soft_key_make(&key, k->alg, 2048);
    soft_key_sign(&key, hello, &value);

    cr_expect_eq(mn_signature_verify(key.signer.spki, k->alg, hello, mn_buf_view(&value)),
                 MNSEC_OK);
}

ParameterizedTestParameters(signature, refuses_a_signature_with_any_byte_changed)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, signature, refuses_a_signature_with_any_byte_changed)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) value = {0};
    soft_key_make(&key, k->alg, 2048);
    soft_key_sign(&key, hello, &value);

    for (size_t i = 0; i < value.len; i++) {
        value.bytes[i] ^= 1;
        cr_expect_eq(mn_signature_verify(key.signer.spki, k->alg, hello, mn_buf_view(&value)),
                     MNSEC_E_INTEGRITY, "byte %zu", i);
        value.bytes[i] ^= 1;
    }
}

ParameterizedTestParameters(signature, refuses_every_truncation_of_a_signature)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, signature, refuses_every_truncation_of_a_signature)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) value = {0};
    soft_key_make(&key, k->alg, 2048);
    soft_key_sign(&key, hello, &value);

    for (size_t len = 0; len < value.len; len++) {
        cr_expect_eq(
            mn_signature_verify(key.signer.spki, k->alg, hello, mn_bytes_of(value.bytes, len)),
            MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

ParameterizedTestParameters(signature, refuses_the_signature_of_another_key)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, signature, refuses_the_signature_of_another_key)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(soft_key) other = {0};
    MN_AUTO(mn_buf) value = {0};
    soft_key_make(&key, k->alg, 2048);
    soft_key_make(&other, k->alg, 2048);
    soft_key_sign(&other, hello, &value);

    cr_expect_eq(mn_signature_verify(key.signer.spki, k->alg, hello, mn_buf_view(&value)),
                 MNSEC_E_INTEGRITY);
}

Test(signature, refuses_an_algorithm_that_does_not_fit_the_key)
{
    MN_AUTO(soft_key) p256 = {0};
    MN_AUTO(soft_key) rsa = {0};
    static const uint8_t zeros[256] = {0};
    soft_key_make(&p256, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_make(&rsa, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);

    cr_expect_eq(mn_signature_verify(p256.signer.spki, MN_SIGNATURE_ECDSA_P384_SHA384, hello,
                                     mn_bytes_of(zeros, 96)),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_signature_verify(p256.signer.spki, MN_SIGNATURE_RSA_PKCS1_SHA256, hello,
                                     mn_bytes_of(zeros, 256)),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_signature_verify(rsa.signer.spki, MN_SIGNATURE_ECDSA_P256_SHA256, hello,
                                     mn_bytes_of(zeros, 64)),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(
        mn_signature_verify(rsa.signer.spki, MN_SIGNATURE_NONE, hello, mn_bytes_of(zeros, 256)),
        MNSEC_E_USAGE_FORMAT);
}

Test(signature, tells_the_two_paddings_of_rsa_apart)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) value = {0};
    soft_key_make(&key, MN_SIGNATURE_RSA_PSS_SHA256, 2048);
    soft_key_sign(&key, hello, &value);

    cr_expect_eq(mn_signature_verify(key.signer.spki, MN_SIGNATURE_RSA_PKCS1_SHA256, hello,
                                     mn_buf_view(&value)),
                 MNSEC_E_INTEGRITY);
}

Test(signature, uses_one_key_for_many_signatures_of_both_paddings)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) pss = {0};
    MN_AUTO(mn_buf) pkcs1 = {0};
    MN_AUTO_PTR(mn_signature_key) once = NULL;
    soft_key_make(&key, MN_SIGNATURE_RSA_PSS_SHA256, 2048);
    soft_key_sign(&key, hello, &pss);
    key.signer.alg = MN_SIGNATURE_RSA_PKCS1_SHA256;
    soft_key_sign(&key, hello, &pkcs1);
    cr_assert_eq(mn_signature_key_new(key.signer.spki, &once), MNSEC_OK);

    for (int i = 0; i < 3; i++) {
        cr_expect_eq(
            mn_signature_key_verify(once, MN_SIGNATURE_RSA_PSS_SHA256, hello, mn_buf_view(&pss)),
            MNSEC_OK);
        cr_expect_eq(mn_signature_key_verify(once, MN_SIGNATURE_RSA_PKCS1_SHA256, hello,
                                             mn_buf_view(&pkcs1)),
                     MNSEC_OK);
        cr_expect_eq(
            mn_signature_key_verify(once, MN_SIGNATURE_RSA_PKCS1_SHA256, hello, mn_buf_view(&pss)),
            MNSEC_E_INTEGRITY);
    }
}

ParameterizedTestParameters(signature, names_each_algorithm_and_reads_the_name)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, signature, names_each_algorithm_and_reads_the_name)
{
    cr_expect_str_eq(mn_signature_alg_name(k->alg), k->name);
    cr_expect_eq(mn_signature_alg_parse(mn_bytes_of(k->name, strlen(k->name))), k->alg);
}

Test(signature, knows_no_other_algorithm)
{
    cr_expect_str_eq(mn_signature_alg_name(MN_SIGNATURE_NONE), "none");
    cr_expect_eq(mn_signature_alg_parse(mn_bytes_of("none", 4)), MN_SIGNATURE_NONE);
    cr_expect_eq(mn_signature_alg_parse(mn_bytes_of("es25", 4)), MN_SIGNATURE_NONE);
    cr_expect_eq(mn_signature_alg_parse(mn_bytes_of("es2567", 6)), MN_SIGNATURE_NONE);
    cr_expect_eq(mn_signature_alg_parse(mn_bytes_of("ES256", 5)), MN_SIGNATURE_NONE);
    cr_expect_eq(mn_signature_alg_parse(mn_bytes_of("", 0)), MN_SIGNATURE_NONE);
}

ParameterizedTestParameters(signature, gives_the_digest_that_is_signed)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, signature, gives_the_digest_that_is_signed)
{
    static const uint8_t sha256_head[] = {0xba, 0x78, 0x16, 0xbf}; /* FIPS 180-4, "abc" */
    static const uint8_t sha384_head[] = {0xcb, 0x00, 0x75, 0x3f};
    uint8_t digest[64];
    size_t len = 0;

    cr_assert_eq(mn_signature_digest(k->alg, mn_bytes_of("abc", 3), digest, &len), MNSEC_OK);

    cr_expect_eq(len, k->digest_len);
    cr_expect_arr_eq(digest, len == 48 ? sha384_head : sha256_head, 4);
}

Test(signature, gives_no_digest_of_an_unknown_algorithm)
{
    uint8_t digest[64];
    size_t len = 0;

    cr_expect_eq(mn_signature_digest(MN_SIGNATURE_NONE, hello, digest, &len), MNSEC_E_USAGE);
}

/* RFC 6979, A.2.5, "sample" with SHA-256, and its ECDSA-Sig-Value: both numbers have the high bit,
 * so each has a leading zero. */
#define R        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
#define S        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"

#define ZEROS_31 "00000000000000000000000000000000000000000000000000000000000000"

typedef struct pair {
    char raw[200];
    char der[220];
    size_t coordinate;
} pair;

static pair pairs[] = {
    {R S, "3046 022100" R "022100" S, 32},
    {ZEROS_31 "01" ZEROS_31 "7f", "3006 020101 02017f", 32},
    {ZEROS_31 "80" ZEROS_31 "ff", "3008 02020080 020200ff", 32},
    {"00000000000000000000000000000000" R "00000000000000000000000000000000" S,
     "3046 022100" R "022100" S, 48},
};

ParameterizedTestParameters(signature, writes_raw_as_der_and_back)
{
    return cr_make_param_array(pair, pairs, sizeof(pairs) / sizeof(pairs[0]));
}

ParameterizedTest(const pair *p, signature, writes_raw_as_der_and_back)
{
    MN_AUTO(mn_buf) raw = {0};
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) back = {0};
    hex_read(p->raw, &raw);
    hex_read(p->der, &expected);

    cr_assert_eq(mn_signature_der_from_raw(mn_buf_view(&raw), &der), MNSEC_OK);
    cr_assert_eq(mn_signature_raw_from_der(mn_buf_view(&der), p->coordinate, &back), MNSEC_OK);

    cr_assert_eq(der.len, expected.len);
    cr_expect_arr_eq(der.bytes, expected.bytes, der.len);
    cr_assert_eq(back.len, raw.len);
    cr_expect_arr_eq(back.bytes, raw.bytes, raw.len);
}

typedef struct bad {
    char why[40];
    char der[220];
} bad;

ParameterizedTestParameters(signature, refuses_der_no_encoder_writes)
{
    static bad cases[] = {
        {"empty", ""},
        {"byte after the end", "3006 020101 020101 00"},
        {"byte inside the sequence", "3007 020101 020101 00"},
        {"long form of a short length", "308106 020101 020101"},
        {"long form inside", "3007 02810101 020101"},
        {"indefinite length", "3080 020101 020101 0000"},
        {"superfluous leading zero", "3007 02020001 020101"},
        {"zero r", "3006 020100 020101"},
        {"zero s", "3006 020101 020100"},
        {"negative r", "3006 0201ff 020101"},
        {"negative s", "3006 020101 020180"},
        {"empty integer", "3005 0200 020101"},
        {"one number", "3003 020101"},
        {"three numbers", "3009 020101 020101 020101"},
        {"another tag", "3106 020101 020101"},
        {"octet string for a number", "3006 040101 020101"},
        {"33 significant bytes", "3026 022101" R "020101"},
    };
    return cr_make_param_array(bad, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad *c, signature, refuses_der_no_encoder_writes)
{
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) raw = {0};
    hex_read(c->der, &der);
    cr_assert_eq(mn_buf_append_text(&raw, "kept"), MNSEC_OK);

    cr_expect_eq(mn_signature_raw_from_der(mn_buf_view(&der), 32, &raw), MNSEC_E_USAGE_FORMAT, "%s",
                 c->why);
    cr_expect_str_eq(mn_buf_text(&raw), "kept");
}

Test(signature, refuses_every_truncation_of_der)
{
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) raw = {0};
    hex_read(pairs[0].der, &der);

    for (size_t len = 0; len < der.len; len++) {
        cr_expect_eq(mn_signature_raw_from_der(mn_bytes_of(der.bytes, len), 32, &raw),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

Test(signature, refuses_every_other_length_of_raw)
{
    static const uint8_t ones[100] = {[0 ... 99] = 1};
    MN_AUTO(mn_buf) der = {0};

    for (size_t len = 0; len <= sizeof(ones); len++) {
        const mnsec_status expected = len == 64 || len == 96 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
        cr_expect_eq(mn_signature_der_from_raw(mn_bytes_of(ones, len), &der), expected, "%zu bytes",
                     len);
    }
}

Test(signature, refuses_a_zero_number_in_raw)
{
    uint8_t raw[64] = {0};
    MN_AUTO(mn_buf) der = {0};

    raw[0] = 1;
    cr_expect_eq(mn_signature_der_from_raw(mn_bytes_of(raw, 64), &der), MNSEC_E_USAGE_FORMAT);
    raw[0] = 0;
    raw[63] = 1;
    cr_expect_eq(mn_signature_der_from_raw(mn_bytes_of(raw, 64), &der), MNSEC_E_USAGE_FORMAT);
}

Test(signature, knows_two_curves)
{
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) raw = {0};
    hex_read("3006 020101 020101", &der);

    cr_expect_eq(mn_signature_raw_from_der(mn_buf_view(&der), 0, &raw), MNSEC_E_USAGE);
    cr_expect_eq(mn_signature_raw_from_der(mn_buf_view(&der), 66, &raw), MNSEC_E_USAGE);
}
