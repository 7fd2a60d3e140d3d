/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detached CAdES-B signatures: what is made here is judged by the openssl program as an auditor
 * runs it; what openssl makes otherwise is refused here.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "crypto/public/x509.h"
#include "scratch.h"
#include "soft_key.h"

#define YEAR_2027 INT64_C(1798761600)

static const mn_bytes content = {(const uint8_t *)"mnsec/x\r\n1\nroot\n", 16};

typedef struct signing {
    soft_key key;
    mn_buf cert;
    mn_buf cms;
} signing;

static void signing_make(signing *out_signing, mn_signature_alg alg)
{
    *out_signing = (signing){0};
    soft_key_make(&out_signing->key, alg, 2048);
    soft_key_certify(&out_signing->key, "audit", &out_signing->cert);
    cr_assert_eq(mn_cms_sign(content, mn_buf_view(&out_signing->cert), &out_signing->key.signer,
                             YEAR_2027, &out_signing->cms),
                 MNSEC_OK);
}

static void signing_wipe(signing *s)
{
    soft_key_wipe(&s->key);
    mn_buf_wipe(&s->cert);
    mn_buf_wipe(&s->cms);
}

static mnsec_status verify(const signing *s)
{
    return mn_cms_verify(mn_buf_view(&s->cms), content, mn_buf_view(&s->cert));
}

static void put(const char *name, mn_bytes bytes)
{
    cr_assert_eq(mn_config_write_file(scratch_path(name), bytes, 0600, NULL), MNSEC_OK);
}

/* content, certificate and key as files, for the openssl program. */
static void put_signing(const signing *s)
{
    MN_AUTO(mn_buf) pem = {0};
    cr_assert_eq(mn_x509_to_pem(mn_buf_view(&s->cert), &pem), MNSEC_OK);
    put("content", content);
    put("cert.pem", mn_buf_view(&pem));
    put("cms.der", mn_buf_view(&s->cms));
    FILE *file = fopen(scratch_path("key.pem"), "w");
    cr_assert_eq(PEM_write_PrivateKey(file, s->key.key, NULL, NULL, 0, NULL, NULL), 1);
    cr_assert_eq(fclose(file), 0);
}

/* Exit code of an openssl command in the scratch directory. */
static int openssl(const char *arguments)
{
    MN_AUTO(mn_buf) command = {0};
    cr_assert_eq(
        mn_buf_printf(&command, "cd %s && openssl %s >out 2>&1", scratch_directory(), arguments),
        MNSEC_OK);
    return system(mn_buf_text(&command));
}

/* A CMS by the openssl program, read back into s->cms. */
static void sign_by_openssl(signing *s, const char *options)
{
    MN_AUTO(mn_buf) command = {0};
    put_signing(s);
    cr_assert_eq(mn_buf_printf(&command,
                               "cms -sign -in content -inkey key.pem -signer cert.pem -outform DER"
                               " -out cms.der %s",
                               options),
                 MNSEC_OK);
    cr_assert_eq(openssl(mn_buf_text(&command)), 0);
    cr_assert_eq(mn_config_read_file(scratch_path("cms.der"), 65536, NULL, &s->cms), MNSEC_OK);
}

typedef struct kind {
    mn_signature_alg alg;
} kind;
static kind kinds[] = {{MN_SIGNATURE_ECDSA_P256_SHA256}, {MN_SIGNATURE_RSA_PKCS1_SHA256}};

ParameterizedTestParameters(cms, makes_what_openssl_verifies)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, cms, makes_what_openssl_verifies, .init = scratch_make,
                  .fini = scratch_remove)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, k->alg);
    put_signing(&s);

    const int verdict =
        openssl("cms -verify -cades -binary -inform DER -in cms.der -content content "
                "-CAfile cert.pem -purpose any -signer signer.pem");

    cr_expect_eq(verdict, 0);
    cr_expect_eq(openssl("x509 -in signer.pem -out a -outform DER"), 0);
    MN_AUTO(mn_buf) signer = {0};
    cr_assert_eq(mn_config_read_file(scratch_path("a"), 65536, NULL, &signer), MNSEC_OK);
    cr_assert_eq(signer.len, s.cert.len);
    cr_expect_arr_eq(signer.bytes, s.cert.bytes, signer.len);
}

Test(cms, makes_what_openssl_refuses_over_other_content, .init = scratch_make,
     .fini = scratch_remove)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    put_signing(&s);
    put("content", mn_bytes_of("other", 5));

    cr_expect_neq(openssl("cms -verify -cades -binary -inform DER -in cms.der -content content "
                          "-CAfile cert.pem -purpose any"),
                  0);
}

ParameterizedTestParameters(cms, verifies_what_it_signed)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, cms, verifies_what_it_signed)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, k->alg);

    cr_expect_eq(verify(&s), MNSEC_OK);
}

ParameterizedTestParameters(cms, verifies_what_openssl_signs_in_this_form)
{
    return cr_make_param_array(kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const kind *k, cms, verifies_what_openssl_signs_in_this_form,
                  .init = scratch_make, .fini = scratch_remove)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, k->alg);
    sign_by_openssl(&s, "-cades -binary");

    cr_expect_eq(verify(&s), MNSEC_OK);
}

Test(cms, signs_empty_content)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);

    cr_assert_eq(mn_cms_sign(mn_bytes_of(NULL, 0), mn_buf_view(&s.cert), &s.key.signer, 0, &s.cms),
                 MNSEC_OK);

    cr_expect_eq(mn_cms_verify(mn_buf_view(&s.cms), mn_bytes_of(NULL, 0), mn_buf_view(&s.cert)),
                 MNSEC_OK);
}

Test(cms, refuses_other_content)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);

    cr_expect_eq(mn_cms_verify(mn_buf_view(&s.cms), mn_bytes_of(content.bytes, content.len - 1),
                               mn_buf_view(&s.cert)),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_cms_verify(mn_buf_view(&s.cms), mn_bytes_of(NULL, 0), mn_buf_view(&s.cert)),
                 MNSEC_E_INTEGRITY);
}

/* Line ends are content. */
Test(cms, does_not_canonicalise_text)
{
    static const char unix_text[] = "mnsec/x\n1\nroot\n";
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);

    cr_expect_eq(mn_cms_verify(mn_buf_view(&s.cms), mn_bytes_of(unix_text, strlen(unix_text)),
                               mn_buf_view(&s.cert)),
                 MNSEC_E_INTEGRITY);
}

Test(cms, refuses_another_certificate)
{
    MN_AUTO(signing) s = {0};
    MN_AUTO(signing) other = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    signing_make(&other, MN_SIGNATURE_ECDSA_P256_SHA256);

    cr_expect_eq(mn_cms_verify(mn_buf_view(&s.cms), content, mn_buf_view(&other.cert)),
                 MNSEC_E_INTEGRITY);
}

/* Same key, same names, same serial: signing-certificate-v2 tells them apart. */
Test(cms, refuses_another_certificate_of_the_same_key)
{
    MN_AUTO(signing) s = {0};
    MN_AUTO(mn_buf) twin = {0};
    signing_make(&s, MN_SIGNATURE_RSA_PKCS1_SHA256);
    const mn_x509_request request = {.subject_cn = "audit",
                                     .issuer_cn = "audit",
                                     .subject_spki = s.key.signer.spki,
                                     .serial = {1}};
    cr_assert_eq(mn_x509_issue(&request, &s.key.signer, &twin), MNSEC_OK);

    cr_expect_eq(mn_cms_verify(mn_buf_view(&s.cms), content, mn_buf_view(&twin)),
                 MNSEC_E_INTEGRITY);
}

typedef struct variant {
    char why[40];
    char options[70];
} variant;

ParameterizedTestParameters(cms, refuses_what_is_no_cades_over_detached_data)
{
    static variant cases[] = {
        {"no signing-certificate-v2", "-binary"},
        {"no signed attributes", "-binary -noattr"},
        {"content inside", "-cades -binary -nodetach"},
        {"two signers", "-cades -binary -nocerts -signer cert.pem -inkey key.pem"},
        {"another digest", "-cades -binary -md sha512"},
        {"another content type", "-cades -binary -econtent_type 1.2.3.4"},
        {"indefinite lengths", "-cades -binary -stream"},
        {"canonicalised text", "-cades"},
    };
    return cr_make_param_array(variant, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const variant *v, cms, refuses_what_is_no_cades_over_detached_data,
                  .init = scratch_make, .fini = scratch_remove)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    sign_by_openssl(&s, v->options);

    cr_expect_eq(verify(&s), MNSEC_E_INTEGRITY, "%s", v->why);
}

Test(cms, refuses_every_truncation)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    const size_t whole = s.cms.len;

    for (s.cms.len = 0; s.cms.len < whole; s.cms.len++) {
        cr_expect_eq(verify(&s), MNSEC_E_INTEGRITY, "%zu bytes", s.cms.len);
    }
}

Test(cms, refuses_a_byte_after_the_end)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    cr_assert_eq(mn_buf_append(&s.cms, "", 1), MNSEC_OK);

    cr_expect_eq(verify(&s), MNSEC_E_INTEGRITY);
}

/* All but one: the version number of the SignerInfo, which decides nothing. */
Test(cms, refuses_a_changed_byte_of_the_signer_info)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    const uint8_t *cert = memmem(s.cms.bytes, s.cms.len, s.cert.bytes, s.cert.len);
    cr_assert_not_null(cert);
    const size_t after = (size_t)(cert - s.cms.bytes) + s.cert.len;
    const uint8_t *number = memmem(s.cms.bytes + after, s.cms.len - after, "\x02\x01\x01", 3);
    cr_assert_not_null(number);
    const size_t version = (size_t)(number - s.cms.bytes) + 2;

    for (size_t i = after; i < s.cms.len; i++) {
        s.cms.bytes[i] ^= 1;
        cr_expect_eq(verify(&s), i == version ? MNSEC_OK : MNSEC_E_INTEGRITY, "byte %zu",
                     i - after);
        s.cms.bytes[i] ^= 1;
    }
}

Test(cms, does_not_sign_with_a_certificate_of_another_key)
{
    MN_AUTO(signing) s = {0};
    MN_AUTO(signing) other = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    signing_make(&other, MN_SIGNATURE_ECDSA_P256_SHA256);

    cr_expect_eq(mn_cms_sign(content, mn_buf_view(&other.cert), &s.key.signer, 0, &s.cms),
                 MNSEC_E_USAGE);
}

Test(cms, does_not_hand_out_what_a_sick_token_signed)
{
    MN_AUTO(signing) s = {0};
    MN_AUTO(mn_buf) cms = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);
    s.key.damage = 1;

    cr_expect_eq(mn_cms_sign(content, mn_buf_view(&s.cert), &s.key.signer, 0, &cms),
                 MNSEC_E_INTEGRITY);
    cr_expect_eq(cms.len, 0);
}

Test(cms, refuses_a_time_before_1970)
{
    MN_AUTO(signing) s = {0};
    signing_make(&s, MN_SIGNATURE_ECDSA_P256_SHA256);

    cr_expect_eq(mn_cms_sign(content, mn_buf_view(&s.cert), &s.key.signer, -1, &s.cms),
                 MNSEC_E_USAGE);
}
