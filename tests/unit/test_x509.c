/* SPDX-License-Identifier: Apache-2.0 */
/* Reading certificates and the keys in them. */
#include <criterion/criterion.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

#include "crypto/public/ossl.h"
#include "crypto/public/x509.h"
#include "hex.h"
#include "soft_key.h"

#define YEAR_2026 INT64_C(1767225600)

typedef struct sample {
    soft_key key;
    mn_buf der;
} sample;

static void sample_make(sample *out_sample, const char *name)
{
    *out_sample = (sample){0};
    soft_key_make(&out_sample->key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_certify(&out_sample->key, name, &out_sample->der);
}

static void sample_wipe(sample *s)
{
    soft_key_wipe(&s->key);
    mn_buf_wipe(&s->der);
}

static void sha256(mn_bytes bytes, uint8_t out_digest[32])
{
    size_t len = 0;
    uint8_t digest[64];
    cr_assert_eq(mn_signature_digest(MN_SIGNATURE_RSA_PKCS1_SHA256, bytes, digest, &len), MNSEC_OK);
    memcpy(out_digest, digest, 32);
}

/* A certificate as another CA makes it: digest and subject key of its choice. */
static void foreign(EVP_PKEY *key, const EVP_MD *digest, const char *name, mn_buf *out_der)
{
    X509 *cert = X509_new();
    cr_assert(X509_set_version(cert, 2) == 1 && X509_set_pubkey(cert, key) == 1);
    cr_assert(X509_gmtime_adj(X509_getm_notBefore(cert), 0) != NULL &&
              X509_gmtime_adj(X509_getm_notAfter(cert), 60) != NULL);
    if (name != NULL) {
        cr_assert_eq(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_UTF8,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    }
    cr_assert_gt(X509_sign(cert, key, digest), 0);
    unsigned char *der = NULL;
    const int len = i2d_X509(cert, &der);
    cr_assert_eq(mn_ossl_take_der(der, len, out_der), MNSEC_OK);
    X509_free(cert);
    EVP_PKEY_free(key);
}

Test(x509, tells_what_one_wants_to_know)
{
    MN_AUTO(sample) s = {0};
    sample_make(&s, "桜苑 監査");
    mn_x509_info info;
    uint8_t digest[32];

    cr_assert_eq(mn_x509_read(mn_buf_view(&s.der), &info), MNSEC_OK);

    cr_expect_str_eq(info.subject_cn, "桜苑 監査");
    cr_expect_eq(info.not_before, YEAR_2026);
    cr_expect_eq(info.not_after, INT64_C(253402300799));
    sha256(mn_buf_view(&s.der), digest);
    cr_expect_arr_eq(info.fingerprint, digest, 32);
    sha256(s.key.signer.spki, digest);
    cr_expect_arr_eq(info.spki_hash, digest, 32);
}

Test(x509, gives_the_key)
{
    MN_AUTO(sample) s = {0};
    MN_AUTO(mn_buf) spki = {0};
    sample_make(&s, "a");

    cr_assert_eq(mn_x509_spki(mn_buf_view(&s.der), &spki), MNSEC_OK);

    cr_assert_eq(spki.len, s.key.spki.len);
    cr_expect_arr_eq(spki.bytes, s.key.spki.bytes, spki.len);
}

Test(x509, gives_the_subject_as_der)
{
    /* Name of one set of one attribute: commonName, UTF8String "ab". */
    static const uint8_t expected[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                       0x55, 0x04, 0x03, 0x0c, 0x02, 'a',  'b'};
    MN_AUTO(sample) s;
    MN_AUTO(mn_buf) name = {0};
    sample_make(&s, "ab");

    cr_assert_eq(mn_x509_subject(mn_buf_view(&s.der), &name), MNSEC_OK);

    cr_assert_eq(name.len, sizeof(expected));
    cr_expect_arr_eq(name.bytes, expected, sizeof(expected));
}

Test(x509, refuses_every_truncation)
{
    MN_AUTO(sample) s = {0};
    MN_AUTO(mn_buf) spki = {0};
    mn_x509_info info;
    sample_make(&s, "a");

    for (size_t len = 0; len < s.der.len; len++) {
        const mn_bytes cut = mn_bytes_of(s.der.bytes, len);
        cr_expect_eq(mn_x509_read(cut, &info), MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
        cr_expect_eq(mn_x509_spki(cut, &spki), MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

Test(x509, refuses_a_byte_after_the_end)
{
    MN_AUTO(sample) s = {0};
    mn_x509_info info;
    sample_make(&s, "a");
    cr_assert_eq(mn_buf_append(&s.der, "", 1), MNSEC_OK);

    cr_expect_eq(mn_x509_read(mn_buf_view(&s.der), &info), MNSEC_E_USAGE_FORMAT);
}

Test(x509, refuses_keys_this_product_does_not_know)
{
    MN_AUTO(mn_buf) short_rsa = {0};
    MN_AUTO(mn_buf) p521 = {0};
    mn_x509_info info;
    foreign(EVP_RSA_gen(1024), EVP_sha256(), "a", &short_rsa);
    foreign(EVP_EC_gen("P-521"), EVP_sha256(), "a", &p521);

    cr_expect_eq(mn_x509_read(mn_buf_view(&short_rsa), &info), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_x509_read(mn_buf_view(&p521), &info), MNSEC_E_USAGE_FORMAT);
}

Test(x509, shows_no_name_where_there_is_none)
{
    MN_AUTO(mn_buf) der = {0};
    mn_x509_info info;
    foreign(EVP_EC_gen("P-256"), EVP_sha256(), NULL, &der);

    cr_assert_eq(mn_x509_read(mn_buf_view(&der), &info), MNSEC_OK);

    cr_expect_str_empty(info.subject_cn);
}

Test(x509, shows_no_name_that_could_play_tricks_on_a_terminal)
{
    MN_AUTO(mn_buf) der = {0};
    mn_x509_info info;
    foreign(EVP_EC_gen("P-256"), EVP_sha256(), "\033[2Jresponsible", &der);

    cr_assert_eq(mn_x509_read(mn_buf_view(&der), &info), MNSEC_OK);

    cr_expect_str_empty(info.subject_cn);
}

Test(x509, cuts_a_long_name_between_characters)
{
    MN_AUTO(sample) s = {0};
    mn_x509_info info;
    sample_make(&s, "あああああああああああああああああああああああああああああああああああああああ"
                    "あああああああああ");

    cr_assert_eq(mn_x509_read(mn_buf_view(&s.der), &info), MNSEC_OK);

    cr_expect_eq(strlen(info.subject_cn), 126); /* 42 characters of 3 bytes */
}

Test(x509, turns_a_point_into_a_key_and_back)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) point = {0};
    MN_AUTO(mn_buf) spki = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);

    cr_assert_eq(mn_x509_point(key.signer.spki, &point), MNSEC_OK);
    cr_assert_eq(mn_x509_spki_from_point(mn_buf_view(&point), &spki), MNSEC_OK);

    cr_assert_eq(spki.len, key.spki.len);
    cr_expect_arr_eq(spki.bytes, key.spki.bytes, spki.len);
}

Test(x509, turns_rsa_numbers_into_a_key_and_back)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) modulus = {0};
    MN_AUTO(mn_buf) exponent = {0};
    MN_AUTO(mn_buf) spki = {0};
    soft_key_make(&key, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);

    cr_assert_eq(mn_x509_rsa_parts(key.signer.spki, &modulus, &exponent), MNSEC_OK);
    cr_assert_eq(mn_x509_spki_from_rsa(mn_buf_view(&modulus), mn_buf_view(&exponent), &spki),
                 MNSEC_OK);

    cr_expect_eq(modulus.len, 256);
    cr_expect_eq(exponent.len, 3);
    cr_assert_eq(spki.len, key.spki.len);
    cr_expect_arr_eq(spki.bytes, key.spki.bytes, spki.len);
}

Test(x509, refuses_the_parts_of_another_kind)
{
    MN_AUTO(soft_key) rsa = {0};
    MN_AUTO(soft_key) p384 = {0};
    MN_AUTO(mn_buf) a = {0};
    MN_AUTO(mn_buf) b = {0};
    soft_key_make(&rsa, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);
    soft_key_make(&p384, MN_SIGNATURE_ECDSA_P384_SHA384, 0);

    cr_expect_eq(mn_x509_point(rsa.signer.spki, &a), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_x509_point(p384.signer.spki, &a), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_x509_rsa_parts(p384.signer.spki, &a, &b), MNSEC_E_USAGE_FORMAT);
}

Test(x509, refuses_every_truncation_of_a_point)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) point = {0};
    MN_AUTO(mn_buf) spki = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    cr_assert_eq(mn_x509_point(key.signer.spki, &point), MNSEC_OK);

    for (size_t len = 0; len < point.len; len++) {
        cr_expect_eq(mn_x509_spki_from_point(mn_bytes_of(point.bytes, len), &spki),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

Test(x509, writes_pem_and_reads_it_back)
{
    MN_AUTO(sample) s = {0};
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) der = {0};
    sample_make(&s, "a");

    cr_assert_eq(mn_x509_to_pem(mn_buf_view(&s.der), &pem), MNSEC_OK);
    cr_assert_eq(mn_x509_from_pem(mn_buf_view(&pem), &der), MNSEC_OK);

    cr_expect_eq(strncmp(mn_buf_text(&pem), "-----BEGIN CERTIFICATE-----\n", 28), 0);
    cr_assert_eq(der.len, s.der.len);
    cr_expect_arr_eq(der.bytes, s.der.bytes, der.len);
}

Test(x509, refuses_every_truncation_of_pem)
{
    MN_AUTO(sample) s = {0};
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) der = {0};
    sample_make(&s, "a");
    cr_assert_eq(mn_x509_to_pem(mn_buf_view(&s.der), &pem), MNSEC_OK);

    for (size_t len = 0; len < pem.len; len++) {
        cr_expect_eq(mn_x509_from_pem(mn_bytes_of(pem.bytes, len), &der), MNSEC_E_USAGE_FORMAT,
                     "%zu bytes", len);
    }
}

Test(x509, refuses_anything_around_pem)
{
    MN_AUTO(sample) s = {0};
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) before = {0};
    MN_AUTO(mn_buf) der = {0};
    sample_make(&s, "a");
    cr_assert_eq(mn_x509_to_pem(mn_buf_view(&s.der), &pem), MNSEC_OK);
    cr_assert_eq(mn_buf_printf(&before, "text\n%s", mn_buf_text(&pem)), MNSEC_OK);
    cr_assert_eq(mn_buf_append_text(&pem, "\n"), MNSEC_OK);

    cr_expect_eq(mn_x509_from_pem(mn_buf_view(&before), &der), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_x509_from_pem(mn_buf_view(&pem), &der), MNSEC_E_USAGE_FORMAT);
}

Test(x509, refuses_encrypted_pem_without_asking_for_its_password)
{
    static const char pem[] = "-----BEGIN CERTIFICATE-----\n"
                              "Proc-Type: 4,ENCRYPTED\n"
                              "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                              "AAAAAAAAAAAAAAAAAAAAAA==\n"
                              "-----END CERTIFICATE-----\n";
    MN_AUTO(mn_buf) der = {0};

    cr_expect_eq(mn_x509_from_pem(mn_bytes_of(pem, strlen(pem)), &der), MNSEC_E_USAGE_FORMAT);
}

Test(x509, tells_who_issued)
{
    MN_AUTO(sample) s = {0};
    MN_AUTO(soft_key) other = {0};
    sample_make(&s, "a");
    soft_key_make(&other, MN_SIGNATURE_ECDSA_P256_SHA256, 0);

    cr_expect_eq(mn_x509_verify_issued(mn_buf_view(&s.der), s.key.signer.spki), MNSEC_OK);
    cr_expect_eq(mn_x509_verify_issued(mn_buf_view(&s.der), other.signer.spki), MNSEC_E_INTEGRITY);
}

Test(x509, does_not_take_sha1_for_a_signature)
{
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) spki = {0};
    foreign(EVP_RSA_gen(2048), EVP_sha1(), "a", &der);
    cr_assert_eq(mn_x509_spki(mn_buf_view(&der), &spki), MNSEC_OK);

    cr_expect_eq(mn_x509_verify_issued(mn_buf_view(&der), mn_buf_view(&spki)), MNSEC_E_INTEGRITY);
}

Test(x509, finds_no_founding_hash_in_an_ordinary_certificate)
{
    MN_AUTO(sample) s = {0};
    uint8_t hash[32];
    sample_make(&s, "a");

    cr_expect_eq(mn_x509_founding_hash(mn_buf_view(&s.der), hash), MNSEC_E_STATE_NOT_FOUND);
}
