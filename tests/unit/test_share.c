/* SPDX-License-Identifier: Apache-2.0 */
/* Shares: enough of them give the secret back, whichever they are; too few do not. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "crypto/secret/crypto.h"

#define COUNT_MAX 16

static mn_secret secret;
static mn_secret shares[COUNT_MAX];

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    cr_assert_eq(mn_random_secret(&secret, 32), MNSEC_OK);
}

static void end(void)
{
    mn_secret_wipe(&secret);
    for (size_t i = 0; i < COUNT_MAX; i++) {
        mn_secret_wipe(&shares[i]);
    }
}

TestSuite(share, .init = start, .fini = end);

/* The shares whose bit is set in choice, joined: is it the secret? */
static bool gives_back(unsigned choice, unsigned count)
{
    mn_secret chosen[COUNT_MAX] = {0};
    unsigned chosen_count = 0;
    for (unsigned i = 0; i < count; i++) {
        if ((choice >> i & 1U) != 0) {
            chosen[chosen_count++] = shares[i]; /* lent */
        }
    }
    MN_AUTO(mn_secret) joined = {0};
    cr_assert_eq(mn_share_join(chosen, chosen_count, &joined), MNSEC_OK);
    cr_assert_eq(joined.len, secret.len);
    return mn_secret_equal(&joined, &secret);
}

typedef struct split_case {
    unsigned threshold;
    unsigned count;
} split_case;

ParameterizedTestParameters(share, gives_the_secret_back_from_any_that_suffice_and_from_no_fewer)
{
    static split_case cases[] = {{2, 2}, {2, 3}, {3, 5}, {5, 8}, {8, 8}};
    return cr_make_param_array(split_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const split_case *c, share,
                  gives_the_secret_back_from_any_that_suffice_and_from_no_fewer)
{
    cr_assert_eq(mn_share_split(&secret, c->threshold, c->count, shares), MNSEC_OK);

    for (unsigned choice = 1; choice < 1U << c->count; choice++) {
        const bool suffices = (unsigned)__builtin_popcount(choice) >= c->threshold;
        cr_expect_eq(gives_back(choice, c->count), suffices, "choice %x", choice);
    }
}

Test(share, carries_its_number_first_and_lies_in_secure_memory)
{
    cr_assert_eq(mn_share_split(&secret, 2, 16, shares), MNSEC_OK);

    for (size_t i = 0; i < 16; i++) {
        cr_expect_eq(shares[i].len, 33);
        cr_expect_eq(shares[i].bytes[0], i + 1);
        cr_expect(gcry_is_secure(shares[i].bytes));
    }
}

Test(share, differs_from_split_to_split)
{
    MN_AUTO(mn_secret) former = {0};
    cr_assert_eq(mn_share_split(&secret, 2, 3, shares), MNSEC_OK);
    mn_secret_move(&former, &shares[0]);

    cr_assert_eq(mn_share_split(&secret, 2, 3, shares), MNSEC_OK);

    cr_expect_not(mn_secret_equal(&former, &shares[0]));
}

/* GF(256) with polynomial 0x11D: f(x) = 0x42 + 0x01 x, so f(1) = 0x43 and f(2) = 0x40. */
Test(share, joins_by_the_arithmetic_of_the_scheme)
{
    MN_AUTO(mn_secret) joined = {0};
    cr_assert_eq(mn_secret_copy(&shares[0], "\x01\x43", 2), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&shares[1], "\x02\x40", 2), MNSEC_OK);

    cr_assert_eq(mn_share_join(shares, 2, &joined), MNSEC_OK);

    cr_expect_eq(joined.len, 1);
    cr_expect_eq(joined.bytes[0], 0x42);
}

Test(share, that_was_changed_gives_another_secret)
{
    cr_assert_eq(mn_share_split(&secret, 2, 2, shares), MNSEC_OK);

    shares[1].bytes[7] ^= 1;

    cr_expect_not(gives_back(3, 2));
}

ParameterizedTestParameters(share, refuses_to_split_outside_its_bounds)
{
    static split_case cases[] = {{0, 3}, {1, 3}, {3, 2}, {9, 16}, {2, 17}, {2, 0}};
    return cr_make_param_array(split_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const split_case *c, share, refuses_to_split_outside_its_bounds)
{
    cr_expect_eq(mn_share_split(&secret, c->threshold, c->count, shares), MNSEC_E_USAGE);
    cr_expect(mn_secret_is_empty(&shares[0]));
}

Test(share, refuses_to_split_an_empty_secret)
{
    const mn_secret empty = {0};

    cr_expect_eq(mn_share_split(&empty, 2, 3, shares), MNSEC_E_USAGE);
}

typedef struct join_case {
    char what[24];
    uint8_t second[8];
    size_t len;
    mnsec_status status;
} join_case;

ParameterizedTestParameters(share, refuses_to_join)
{
    static join_case cases[] = {
        {"the same share twice", {1, 2, 3}, 3, MNSEC_E_USAGE_FORMAT},
        {"number zero", {0, 2, 3}, 3, MNSEC_E_USAGE_FORMAT},
        {"a shorter share", {2, 2}, 2, MNSEC_E_USAGE_FORMAT},
        {"a longer share", {2, 2, 3, 4}, 4, MNSEC_E_USAGE_FORMAT},
        {"an empty share", {0}, 0, MNSEC_E_USAGE_FORMAT},
    };
    return cr_make_param_array(join_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const join_case *c, share, refuses_to_join)
{
    MN_AUTO(mn_secret) joined = {0};
    cr_assert_eq(mn_secret_copy(&shares[0], "\x01\x02\x03", 3), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&shares[1], c->second, c->len), MNSEC_OK);

    cr_expect_eq(mn_share_join(shares, 2, &joined), c->status, "%s", c->what);
    cr_expect(mn_secret_is_empty(&joined));
}

Test(share, refuses_to_join_nothing_and_a_number_alone)
{
    MN_AUTO(mn_secret) joined = {0};

    cr_expect_eq(mn_share_join(shares, 2, &joined), MNSEC_E_USAGE, "no share");
    cr_expect_eq(mn_share_join(shares, 0, &joined), MNSEC_E_USAGE, "count 0");
    cr_assert_eq(mn_secret_copy(&shares[0], "\x01", 1), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&shares[1], "\x02", 1), MNSEC_OK);
    cr_expect_eq(mn_share_join(shares, 2, &joined), MNSEC_E_USAGE, "numbers alone");
}
