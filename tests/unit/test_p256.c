/* SPDX-License-Identifier: Apache-2.0 */
/*
 * P-256: the exchange of RFC 5903, section 8.1; a box opened by hand as docs/FORMATS.md, section
 * 4.4, describes it; and the refusal of every box and every point that is not right.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/aead.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "crypto/secret/p256.h"
#include "hex.h"

#define I_PRIVATE "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
#define I_X       "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
#define I_Y       "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
#define R_PRIVATE "c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53"
#define R_X       "d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
#define R_Y       "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab"
#define SHARED_X  "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"

static const mn_bytes aad = {(const uint8_t *)"for whom", 8};
static mn_secret private_key;
static uint8_t public_key[MN_P256_POINT_BYTES];
static mn_buf sealed;

static void start(void)
{
    MN_AUTO(mn_secret) plaintext = {0};
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    cr_assert_eq(mn_p256_generate(&private_key, public_key), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&plaintext, "secret", 6), MNSEC_OK);
    cr_assert_eq(mn_p256_seal(public_key, aad, &plaintext, &sealed), MNSEC_OK);
}

static void end(void)
{
    mn_secret_wipe(&private_key);
    mn_buf_wipe(&sealed);
}

TestSuite(p256, .init = start, .fini = end);

static mnsec_status open_box(mn_bytes other_aad, size_t len)
{
    MN_AUTO(mn_secret) plaintext = {0};
    const mnsec_status status =
        mn_p256_open(&private_key, other_aad, mn_bytes_of(sealed.bytes, len), &plaintext);
    cr_expect_eq(plaintext.bytes == NULL, status != MNSEC_OK);
    return status;
}

typedef struct exchange_case {
    char own_private[65];
    char own_public[131];
    char peer[131];
} exchange_case;

ParameterizedTestParameters(p256, agrees_with_the_exchange_of_rfc_5903)
{
    static exchange_case cases[] = {
        {I_PRIVATE, "04" I_X I_Y, "04" R_X R_Y},
        {R_PRIVATE, "04" R_X R_Y, "04" I_X I_Y},
    };
    return cr_make_param_array(exchange_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const exchange_case *c, p256, agrees_with_the_exchange_of_rfc_5903)
{
    MN_AUTO(mn_secret) own = {0};
    MN_AUTO(mn_buf) peer = {0};
    MN_AUTO(mn_secret) shared = {0};
    uint8_t own_public[MN_P256_POINT_BYTES];
    hex_read_secret(c->own_private, &own);
    hex_read(c->peer, &peer);

    cr_assert_eq(mn_p256_public(&own, own_public), MNSEC_OK);
    cr_assert_eq(mn_p256_shared(&own, peer.bytes, &shared), MNSEC_OK);

    hex_expect(own_public, sizeof(own_public), c->own_public);
    hex_expect(shared.bytes, shared.len, SHARED_X);
    cr_expect(gcry_is_secure(shared.bytes));
}

Test(p256, generates_pairs_that_fit_and_differ)
{
    MN_AUTO(mn_secret) other = {0};
    uint8_t other_public[MN_P256_POINT_BYTES];
    uint8_t computed[MN_P256_POINT_BYTES];

    cr_assert_eq(mn_p256_generate(&other, other_public), MNSEC_OK);

    cr_assert_eq(mn_p256_public(&other, computed), MNSEC_OK);
    cr_expect_arr_eq(computed, other_public, sizeof(computed));
    cr_expect_not(mn_secret_equal(&other, &private_key));
    cr_expect(gcry_is_secure(other.bytes));
}

Test(p256, opens_what_it_sealed)
{
    MN_AUTO(mn_secret) plaintext = {0};

    cr_assert_eq(mn_p256_open(&private_key, aad, mn_buf_view(&sealed), &plaintext), MNSEC_OK);

    cr_expect_eq(sealed.len, 6 + MN_P256_SEAL_OVERHEAD_BYTES);
    cr_expect_eq(plaintext.len, 6);
    cr_expect_arr_eq(plaintext.bytes, "secret", 6);
}

Test(p256, seals_as_the_format_says)
{
    MN_AUTO(mn_secret) shared = {0};
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_secret) plaintext = {0};
    MN_AUTO(mn_buf) info = {0};
    cr_assert_eq(mn_encode_begin(&info, "mnsec/seal/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&info, sealed.bytes, MN_P256_POINT_BYTES), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&info, public_key, MN_P256_POINT_BYTES), MNSEC_OK);

    cr_assert_eq(mn_p256_shared(&private_key, sealed.bytes, &shared), MNSEC_OK);
    cr_assert_eq(mn_hash_hkdf(&shared, mn_bytes_of(NULL, 0), mn_buf_view(&info), 32, &key),
                 MNSEC_OK);
    cr_assert_eq(mn_aead_open(&key, aad,
                              mn_bytes_of(sealed.bytes + MN_P256_POINT_BYTES,
                                          sealed.len - MN_P256_POINT_BYTES),
                              &plaintext),
                 MNSEC_OK);

    cr_expect_arr_eq(plaintext.bytes, "secret", 6);
}

Test(p256, seals_with_an_ephemeral_key_of_its_own_each_time)
{
    MN_AUTO(mn_secret) plaintext = {0};
    MN_AUTO(mn_buf) again = {0};
    cr_assert_eq(mn_secret_copy(&plaintext, "secret", 6), MNSEC_OK);

    cr_assert_eq(mn_p256_seal(public_key, aad, &plaintext, &again), MNSEC_OK);

    cr_expect_arr_neq(again.bytes, sealed.bytes, MN_P256_POINT_BYTES);
}

Test(p256, refuses_every_truncation_of_a_box_and_a_byte_too_many)
{
    for (size_t len = 0; len < sealed.len; len++) {
        cr_expect_eq(open_box(aad, len), MNSEC_E_INTEGRITY, "%zu bytes", len);
    }
    cr_expect_eq(open_box(aad, sealed.len + 1), MNSEC_E_INTEGRITY);
    cr_expect_eq(open_box(aad, sealed.len), MNSEC_OK);
}

Test(p256, refuses_a_box_with_any_byte_changed)
{
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.bytes[i] ^= 0x01;
        cr_expect_eq(open_box(aad, sealed.len), MNSEC_E_INTEGRITY, "byte %zu", i);
        sealed.bytes[i] ^= 0x01;
    }
    cr_expect_eq(open_box(aad, sealed.len), MNSEC_OK);
}

Test(p256, refuses_another_aad)
{
    cr_expect_eq(open_box(mn_bytes_of("for whoM", 8), sealed.len), MNSEC_E_INTEGRITY);
    cr_expect_eq(open_box(mn_bytes_of(NULL, 0), sealed.len), MNSEC_E_INTEGRITY);
}

Test(p256, refuses_the_box_of_another_person)
{
    uint8_t other_public[MN_P256_POINT_BYTES];
    cr_assert_eq(mn_p256_generate(&private_key, other_public), MNSEC_OK);

    cr_expect_eq(open_box(aad, sealed.len), MNSEC_E_INTEGRITY);
}

/* The point -P has the same x, so the same shared secret; the box names the point it was made for.
 */
Test(p256, refuses_a_box_whose_ephemeral_point_was_mirrored)
{
    MN_AUTO(mn_buf) prime = {0};
    hex_read("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", &prime);
    unsigned borrow = 0;
    for (size_t i = 32; i-- > 0;) {
        const unsigned y = sealed.bytes[33 + i] + borrow;
        borrow = prime.bytes[i] < y ? 1U : 0U;
        sealed.bytes[33 + i] = (uint8_t)(prime.bytes[i] - y);
    }
    MN_AUTO(mn_secret) shared = {0};
    cr_assert_eq(mn_p256_shared(&private_key, sealed.bytes, &shared), MNSEC_OK);

    cr_expect_eq(open_box(aad, sealed.len), MNSEC_E_INTEGRITY);
}

typedef struct point_case {
    char what[32];
    char point[131];
} point_case;

#define ZERO_32 "0000000000000000000000000000000000000000000000000000000000000000"
#define PRIME   "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"
/* y of the point with x = 0, and that y with the prime added to x: the same point, written badly.
 */
#define Y_OF_0 "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4"

ParameterizedTestParameters(p256, refuses_a_point)
{
    static point_case cases[] = {
        {"off the curve", "04" I_X R_Y},
        {"off by one", "04" I_X "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb2"},
        {"of zeros", "04" ZERO_32 ZERO_32},
        {"with another first byte", "00" I_X I_Y},
        {"compressed", "03" I_X I_Y},
        {"hybrid", "07" I_X I_Y},
        {"with x not reduced", "04" PRIME Y_OF_0},
    };
    return cr_make_param_array(point_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const point_case *c, p256, refuses_a_point)
{
    MN_AUTO(mn_buf) point = {0};
    MN_AUTO(mn_secret) shared = {0};
    MN_AUTO(mn_buf) box = {0};
    hex_read(c->point, &point);

    cr_expect_eq(mn_p256_shared(&private_key, point.bytes, &shared), MNSEC_E_USAGE_FORMAT, "%s",
                 c->what);
    cr_expect_eq(mn_p256_seal(point.bytes, aad, &private_key, &box), MNSEC_E_USAGE_FORMAT);
    cr_expect(mn_secret_is_empty(&shared));
    cr_expect_eq(box.len, 0);
}

Test(p256, knows_the_point_with_x_zero)
{
    MN_AUTO(mn_buf) point = {0};
    MN_AUTO(mn_secret) shared = {0};
    hex_read("04" ZERO_32 Y_OF_0, &point);

    cr_expect_eq(mn_p256_shared(&private_key, point.bytes, &shared), MNSEC_OK);
}

typedef struct scalar_case {
    char what[24];
    char scalar[69];
} scalar_case;

ParameterizedTestParameters(p256, refuses_a_private_key)
{
    static scalar_case cases[] = {
        {"zero", ZERO_32},
        {"the order", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
        {"above the order", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
        {"too short", "01"},
        {"too long", "00" I_PRIVATE},
        {"empty", ""},
    };
    return cr_make_param_array(scalar_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const scalar_case *c, p256, refuses_a_private_key)
{
    MN_AUTO(mn_secret) scalar = {0};
    MN_AUTO(mn_secret) shared = {0};
    MN_AUTO(mn_secret) plaintext = {0};
    uint8_t point[MN_P256_POINT_BYTES] = {0};
    hex_read_secret(c->scalar, &scalar);

    cr_expect_eq(mn_p256_public(&scalar, point), MNSEC_E_USAGE_FORMAT, "%s", c->what);
    cr_expect_eq(mn_p256_shared(&scalar, public_key, &shared), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_p256_open(&scalar, aad, mn_buf_view(&sealed), &plaintext), MNSEC_E_INTEGRITY);
    cr_expect_eq(point[0], 0, "the output was touched");
}

Test(p256, accepts_the_smallest_and_the_largest_private_key)
{
    MN_AUTO(mn_secret) one = {0};
    MN_AUTO(mn_secret) largest = {0};
    uint8_t of_one[MN_P256_POINT_BYTES];
    uint8_t of_largest[MN_P256_POINT_BYTES];
    hex_read_secret("0000000000000000000000000000000000000000000000000000000000000001", &one);
    hex_read_secret("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", &largest);

    cr_assert_eq(mn_p256_public(&one, of_one), MNSEC_OK);
    cr_assert_eq(mn_p256_public(&largest, of_largest), MNSEC_OK);

    cr_expect_arr_eq(of_one, of_largest, 33, "n - 1 times G is -G, with the same x");
    cr_expect_arr_neq(of_one + 33, of_largest + 33, 32);
}
