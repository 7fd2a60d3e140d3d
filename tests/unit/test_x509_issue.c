/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing certificates by a signer behind a callback; OpenSSL's own eyes judge them. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "crypto/public/ossl.h"
#include "crypto/public/x509.h"
#include "soft_key.h"

#define YEAR_2026 INT64_C(1767225600)
#define YEAR_2050 INT64_C(2524608000)

static const uint8_t founding[32] = {1, 2, 3, 4, 5};

static mn_x509_request request_for(const soft_key *subject)
{
    return (mn_x509_request){.subject_cn = "苑",
                             .issuer_cn = "苑",
                             .subject_spki = subject->signer.spki,
                             .not_before = YEAR_2026,
                             .not_after = YEAR_2050,
                             .serial = {0xFF, 0xFF}};
}

static X509 *parse(const mn_buf *der)
{
    X509 *cert = NULL;
    cr_assert_eq(mn_ossl_read_x509(mn_buf_view(der), &cert), MNSEC_OK);
    return cert;
}

typedef struct kind {
    mn_signature_alg alg;
    int nid;
} kind;
static kind kinds[] = {{MN_SIGNATURE_ECDSA_P256_SHA256, NID_ecdsa_with_SHA256},
                       {MN_SIGNATURE_RSA_PKCS1_SHA256, NID_sha256WithRSAEncryption}};

ParameterizedTestParameters(x509_issue, makes_a_certificate_that_openssl_verifies)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, x509_issue, makes_a_certificate_that_openssl_verifies)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, k->alg, 2048);
    mn_x509_request request = request_for(&key);
    request.is_ca = true;

    cr_assert_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_OK);

    MN_AUTO_PTR(X509) cert = parse(&der);
    cr_expect_eq(X509_verify(cert, key.key), 1);
    cr_expect_eq(X509_get_signature_nid(cert), k->nid);
    cr_expect_eq(X509_get_version(cert), 2);
    cr_expect_eq(X509_self_signed(cert, 1), 1);
    cr_expect_eq(X509_check_ca(cert), 1);
    cr_expect_eq(X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN);
    cr_expect_eq(X509_check_issued(cert, cert), X509_V_OK);
}

Test(x509_issue, makes_a_certificate_for_another_key)
{
    MN_AUTO(soft_key) issuer = {0};
    MN_AUTO(soft_key) subject = {0};
    MN_AUTO(mn_buf) issuer_der = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&issuer, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_make(&subject, MN_SIGNATURE_RSA_PKCS1_SHA256, 2048);
    soft_key_certify(&issuer, "苑", &issuer_der);
    const mn_x509_request request = request_for(&subject);

    cr_assert_eq(mn_x509_issue(&request, &issuer.signer, &der), MNSEC_OK);

    MN_AUTO_PTR(X509) ca = parse(&issuer_der);
    MN_AUTO_PTR(X509) cert = parse(&der);
    cr_expect_eq(X509_check_issued(ca, cert), X509_V_OK); /* names and key identifiers */
    cr_expect_eq(mn_x509_verify_issued(mn_buf_view(&der), issuer.signer.spki), MNSEC_OK);
    cr_expect_eq(X509_check_ca(cert), 0);
    cr_expect_eq(X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE);
}

Test(x509_issue, writes_the_times_asked_for)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    mn_x509_info info;
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    const mn_x509_request request = request_for(&key);

    cr_assert_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_OK);

    cr_assert_eq(mn_x509_read(mn_buf_view(&der), &info), MNSEC_OK);
    cr_expect_eq(info.not_before, YEAR_2026);
    cr_expect_eq(info.not_after, YEAR_2050);
    MN_AUTO_PTR(X509) cert = parse(&der);
    cr_expect_eq(ASN1_STRING_type(X509_get0_notBefore(cert)), V_ASN1_UTCTIME);
    cr_expect_eq(ASN1_STRING_type(X509_get0_notAfter(cert)), V_ASN1_GENERALIZEDTIME);
}

Test(x509_issue, writes_a_positive_serial_whatever_was_drawn)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    mn_x509_request request = request_for(&key);
    memset(request.serial, 0, sizeof(request.serial));

    cr_assert_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_OK);

    MN_AUTO_PTR(X509) cert = parse(&der);
    cr_expect_eq(ASN1_STRING_type(X509_get0_serialNumber(cert)), V_ASN1_INTEGER);
    cr_expect_eq(ASN1_STRING_length(X509_get0_serialNumber(cert)), 16);
}

Test(x509_issue, carries_the_founding_hash)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    uint8_t hash[32] = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    mn_x509_request request = request_for(&key);
    request.founding_hash = mn_bytes_of(founding, sizeof(founding));

    cr_assert_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_OK);

    cr_assert_eq(mn_x509_founding_hash(mn_buf_view(&der), hash), MNSEC_OK);
    cr_expect_arr_eq(hash, founding, sizeof(hash));
}

Test(x509_issue, refuses_a_founding_hash_of_another_length)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    mn_x509_request request = request_for(&key);
    request.founding_hash = mn_bytes_of(founding, sizeof(founding) - 1);

    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_USAGE);
}

Test(x509_issue, refuses_an_end_before_the_beginning)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    mn_x509_request request = request_for(&key);
    request.not_after = YEAR_2026 - 1;

    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_USAGE);
}

Test(x509_issue, refuses_a_name_that_is_not_utf8_or_too_long)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    char long_name[66];
    memset(long_name, 'a', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    mn_x509_request request = request_for(&key);

    request.subject_cn = "\xC3\x28";
    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_USAGE_FORMAT);
    request.subject_cn = long_name;
    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_USAGE_FORMAT);
    request.subject_cn = "";
    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_USAGE_FORMAT);
}

Test(x509_issue, refuses_a_signer_whose_algorithm_is_not_for_certificates)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P384_SHA384, 0);
    const mn_x509_request request = request_for(&key);

    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_USAGE);
}

Test(x509_issue, hands_out_nothing_that_a_sick_token_signed)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    key.damage = 1;
    const mn_x509_request request = request_for(&key);

    cr_expect_eq(mn_x509_issue(&request, &key.signer, &der), MNSEC_E_INTEGRITY);
    cr_expect_eq(der.len, 0);
}
