/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM: opens the boxes of the GCM specification (McGrew and Viega, test cases 13 to 16),
 * seals what it can open, and opens nothing else.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "crypto/secret/aead.h"
#include "crypto/secret/crypto.h"
#include "hex.h"

static const mn_bytes aad = {(const uint8_t *)"whose", 5};
static mn_secret key;
static mn_buf sealed;

/* A key and a box of four bytes under it. */
static void start(void)
{
    MN_AUTO(mn_secret) plaintext = {0};
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    cr_assert_eq(mn_random_secret(&key, MN_AEAD_KEY_BYTES), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&plaintext, "text", 4), MNSEC_OK);
    cr_assert_eq(mn_aead_seal(&key, aad, &plaintext, &sealed), MNSEC_OK);
}

static void end(void)
{
    mn_secret_wipe(&key);
    mn_buf_wipe(&sealed);
}

TestSuite(aead, .init = start, .fini = end);

/* Opens by both doors, which must agree; leaves no output on failure. */
static mnsec_status open_both(mn_bytes other_aad, mn_bytes box)
{
    MN_AUTO(mn_secret) secret = {0};
    MN_AUTO(mn_buf) bytes = {0};
    const mnsec_status status = mn_aead_open(&key, other_aad, box, &secret);
    cr_assert_eq(mn_aead_open_bytes(&key, other_aad, box, &bytes), status);
    cr_expect_eq(secret.bytes == NULL, status != MNSEC_OK);
    cr_expect_eq(bytes.len == 0, status != MNSEC_OK);
    return status;
}

typedef struct gcm_case {
    char key[65];
    char nonce[25];
    char aad[41];
    char plaintext[129];
    char ciphertext_and_tag[161];
} gcm_case;

#define KEY_15 "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
#define PLAINTEXT_16                                                                               \
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"                             \
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define CIPHERTEXT_16                                                                              \
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"                             \
    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"

ParameterizedTestParameters(aead, opens_the_boxes_of_the_specification)
{
    static gcm_case cases[] = {
        {"0000000000000000000000000000000000000000000000000000000000000000",
         "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {"0000000000000000000000000000000000000000000000000000000000000000",
         "000000000000000000000000", "", "00000000000000000000000000000000",
         "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
        {KEY_15, "cafebabefacedbaddecaf888", "", PLAINTEXT_16 "1aafd255",
         CIPHERTEXT_16 "898015adb094dac5d93471bdec1a502270e3cc6c"},
        {KEY_15, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
         PLAINTEXT_16, CIPHERTEXT_16 "76fc6ece0f4e1768cddf8853bb2d551b"},
    };
    return cr_make_param_array(gcm_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const gcm_case *c, aead, opens_the_boxes_of_the_specification)
{
    MN_AUTO(mn_secret) case_key = {0};
    MN_AUTO(mn_buf) case_aad = {0};
    MN_AUTO(mn_buf) box = {0};
    MN_AUTO(mn_secret) plaintext = {0};
    hex_read_secret(c->key, &case_key);
    hex_read(c->aad, &case_aad);
    hex_read(c->nonce, &box);
    hex_read(c->ciphertext_and_tag, &box);

    cr_assert_eq(mn_aead_open(&case_key, mn_buf_view(&case_aad), mn_buf_view(&box), &plaintext),
                 MNSEC_OK);

    hex_expect(plaintext.bytes, plaintext.len, c->plaintext);
    cr_expect(gcry_is_secure(plaintext.bytes));
}

Test(aead, opens_what_it_sealed)
{
    MN_AUTO(mn_secret) secret = {0};
    MN_AUTO(mn_buf) bytes = {0};

    cr_assert_eq(mn_aead_open(&key, aad, mn_buf_view(&sealed), &secret), MNSEC_OK);
    cr_assert_eq(mn_aead_open_bytes(&key, aad, mn_buf_view(&sealed), &bytes), MNSEC_OK);

    cr_expect_eq(sealed.len, 4 + MN_AEAD_OVERHEAD_BYTES);
    cr_expect_arr_eq(secret.bytes, "text", 4);
    cr_expect_str_eq(mn_buf_text(&bytes), "text");
}

Test(aead, seals_to_the_end_of_what_the_buffer_holds)
{
    MN_AUTO(mn_buf) row = {0};
    MN_AUTO(mn_buf) opened = {0};
    cr_assert_eq(mn_buf_append_text(&row, "head"), MNSEC_OK);

    cr_assert_eq(mn_aead_seal_bytes(&key, aad, mn_bytes_of("body", 4), &row), MNSEC_OK);

    cr_assert_eq(row.len, 4 + 4 + MN_AEAD_OVERHEAD_BYTES);
    cr_expect_arr_eq(row.bytes, "head", 4);
    cr_assert_eq(mn_aead_open_bytes(&key, aad, mn_bytes_of(row.bytes + 4, row.len - 4), &opened),
                 MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&opened), "body");
}

Test(aead, never_seals_twice_with_the_same_nonce)
{
    MN_AUTO(mn_buf) again = {0};

    cr_assert_eq(mn_aead_seal_bytes(&key, aad, mn_bytes_of("text", 4), &again), MNSEC_OK);

    cr_expect_arr_neq(again.bytes, sealed.bytes, MN_AEAD_NONCE_BYTES);
}

Test(aead, refuses_every_truncation_and_a_byte_too_many)
{
    for (size_t len = 0; len < sealed.len; len++) {
        cr_expect_eq(open_both(aad, mn_bytes_of(sealed.bytes, len)), MNSEC_E_INTEGRITY, "%zu bytes",
                     len);
    }

    cr_expect_eq(open_both(aad, mn_bytes_of(sealed.bytes, sealed.len + 1)), MNSEC_E_INTEGRITY);
}

Test(aead, refuses_every_flipped_bit)
{
    for (size_t bit = 0; bit < sealed.len * 8; bit++) {
        sealed.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_expect_eq(open_both(aad, mn_buf_view(&sealed)), MNSEC_E_INTEGRITY, "bit %zu", bit);
        sealed.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    cr_expect_eq(open_both(aad, mn_buf_view(&sealed)), MNSEC_OK);
}

Test(aead, refuses_another_aad)
{
    cr_expect_eq(open_both(mn_bytes_of("Whose", 5), mn_buf_view(&sealed)), MNSEC_E_INTEGRITY);
    cr_expect_eq(open_both(mn_bytes_of("whos", 4), mn_buf_view(&sealed)), MNSEC_E_INTEGRITY);
    cr_expect_eq(open_both(mn_bytes_of(NULL, 0), mn_buf_view(&sealed)), MNSEC_E_INTEGRITY);
}

Test(aead, refuses_another_key)
{
    key.bytes[31] ^= 1;

    cr_expect_eq(open_both(aad, mn_buf_view(&sealed)), MNSEC_E_INTEGRITY);
}

Test(aead, refuses_a_key_of_another_length)
{
    MN_AUTO(mn_secret) short_key = {0};
    MN_AUTO(mn_buf) box = {0};
    cr_assert_eq(mn_random_secret(&short_key, 16), MNSEC_OK);

    cr_expect_eq(mn_aead_seal_bytes(&short_key, aad, mn_bytes_of("text", 4), &box), MNSEC_E_USAGE);
    cr_expect_eq(box.len, 0);
}

Test(aead, keeps_the_former_plaintext_on_failure)
{
    MN_AUTO(mn_secret) secret = {0};
    cr_assert_eq(mn_secret_copy(&secret, "kept", 4), MNSEC_OK);
    sealed.bytes[0] ^= 1;

    cr_expect_eq(mn_aead_open(&key, aad, mn_buf_view(&sealed), &secret), MNSEC_E_INTEGRITY);

    cr_expect_arr_eq(secret.bytes, "kept", 4);
}
