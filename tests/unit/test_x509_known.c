/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates that come again: told as when they were read, never one for another. */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/public/x509.h"
#include "soft_key.h"

#define MORE_THAN_KEPT 40

static const mn_bytes hello = {(const uint8_t *)"hello", 5};

static mn_x509_known *known;
static soft_key key;
static mn_buf der;

static void make(void)
{
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_certify(&key, "somebody", &der);
    cr_assert_eq(mn_x509_known_new(&known), MNSEC_OK);
}

static void end(void)
{
    mn_x509_known_free(known);
    soft_key_wipe(&key);
    mn_buf_wipe(&der);
}

TestSuite(x509_known, .init = make, .fini = end);

static void expect_known(void)
{
    const mn_x509_info *info = NULL;
    mn_signature_key *found = NULL;
    mn_x509_info read;
    MN_AUTO(mn_buf) signature = {0};
    cr_assert_eq(mn_x509_known_get(known, mn_buf_view(&der), &info, &found), MNSEC_OK);
    cr_assert_eq(mn_x509_read(mn_buf_view(&der), &read), MNSEC_OK);
    cr_assert_eq(key.signer.sign(key.signer.user, hello, &signature), MNSEC_OK);

    cr_expect_arr_eq(info->fingerprint, read.fingerprint, sizeof read.fingerprint);
    cr_expect_arr_eq(info->spki_hash, read.spki_hash, sizeof read.spki_hash);
    cr_expect_str_eq(info->subject_cn, "somebody");
    cr_expect_eq(mn_signature_key_verify(found, MN_SIGNATURE_ECDSA_P256_SHA256, hello,
                                         mn_buf_view(&signature)),
                 MNSEC_OK);
}

Test(x509_known, tells_what_the_certificate_says)
{
    expect_known();
}

Test(x509_known, reads_a_certificate_once)
{
    const mn_x509_info *info = NULL;
    mn_signature_key *first = NULL;
    mn_signature_key *second = NULL;
    cr_assert_eq(mn_x509_known_get(known, mn_buf_view(&der), &info, &first), MNSEC_OK);

    cr_assert_eq(mn_x509_known_get(known, mn_buf_view(&der), &info, &second), MNSEC_OK);

    cr_expect_eq(first, second);
}

Test(x509_known, reads_again_what_many_others_have_driven_out)
{
    const mn_x509_info *info = NULL;
    mn_signature_key *found = NULL;
    expect_known();
    for (int i = 0; i < MORE_THAN_KEPT; i++) {
        MN_AUTO(mn_buf) other = {0};
        soft_key_certify(&key, "somebody else", &other);
        cr_assert_eq(mn_x509_known_get(known, mn_buf_view(&other), &info, &found), MNSEC_OK);
    }

    expect_known();
}

Test(x509_known, keeps_nothing_of_what_is_malformed)
{
    const mn_x509_info *info = NULL;
    mn_signature_key *found = NULL;
    const mn_bytes cut = mn_bytes_of(der.bytes, der.len - 1);

    cr_expect_eq(mn_x509_known_get(known, cut, &info, &found), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_x509_known_get(known, cut, &info, &found), MNSEC_E_USAGE_FORMAT);

    cr_expect_null(info);
    cr_expect_null(found);
    expect_known();
}

Test(x509_known, knows_no_certificate_of_other_bytes)
{
    const mn_x509_info *info = NULL;
    mn_signature_key *found = NULL;
    expect_known();
    der.bytes[der.len - 1] ^= 1; /* in its signature, which reading does not verify */
    cr_assert_eq(mn_x509_known_get(known, mn_buf_view(&der), &info, &found), MNSEC_OK);

    expect_known();
}
