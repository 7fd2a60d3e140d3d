/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Argon2id against the reference implementation: the keys below were made by Debian's `argon2`
 * ("0123456789abcdef" -id -t T -m M -p P -l 32 -r), because RFC 9106's own vector is below the
 * floor.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "crypto/secret/argon2.h"
#include "crypto/secret/crypto.h"
#include "hex.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(argon2, .init = start);

typedef struct derive_case {
    uint32_t passes;
    uint32_t kib;
    uint32_t lanes;
    char key[65];
} derive_case;

static mnsec_status derive(const derive_case *c, mn_secret *out_key)
{
    mn_argon2_params params = {.passes = c->passes, .kib = c->kib, .lanes = c->lanes};
    MN_AUTO(mn_secret) password = {0};
    memcpy(params.salt, "0123456789abcdef", sizeof(params.salt));
    MN_TRY(mn_secret_copy(&password, "correct horse 苑", strlen("correct horse 苑")));
    return mn_argon2_derive(&password, &params, out_key);
}

ParameterizedTestParameters(argon2, derives_what_the_reference_implementation_derives)
{
    static derive_case cases[] = {
        {3, 65536, 1, "331d778b698578a36287d5cfb05198e4a1fe94b1d3bbb41521d54a3e9792898e"},
        {4, 131072, 2, "ae1ed47b55858606003e919e877cd78e94fab78913e5f80f9301bd10063d6a09"},
    };
    return cr_make_param_array(derive_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const derive_case *c, argon2, derives_what_the_reference_implementation_derives)
{
    MN_AUTO(mn_secret) key = {0};

    cr_assert_eq(derive(c, &key), MNSEC_OK);

    hex_expect(key.bytes, key.len, c->key);
    cr_expect(gcry_is_secure(key.bytes));
}

ParameterizedTestParameters(argon2, refuses_parameters_below_the_floor_or_above_the_ceiling)
{
    static derive_case cases[] = {
        {2, 65536, 1, ""}, {0, 65536, 1, ""},  {65, 65536, 1, ""},  {UINT32_MAX, 65536, 1, ""},
        {3, 65535, 1, ""}, {3, 0, 1, ""},      {3, 1048577, 1, ""}, {3, UINT32_MAX, 1, ""},
        {3, 65536, 0, ""}, {3, 65536, 17, ""},
    };
    return cr_make_param_array(derive_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const derive_case *c, argon2,
                  refuses_parameters_below_the_floor_or_above_the_ceiling)
{
    MN_AUTO(mn_secret) key = {0};

    cr_expect_eq(derive(c, &key), MNSEC_E_USAGE_CONFIG);
    cr_expect(mn_secret_is_empty(&key));
}

Test(argon2, refuses_an_empty_password)
{
    const mn_secret none = {0};
    mn_argon2_params params;
    MN_AUTO(mn_secret) key = {0};
    cr_assert_eq(mn_argon2_calibrate(0, &params), MNSEC_OK);

    cr_expect_eq(mn_argon2_derive(&none, &params, &key), MNSEC_E_USAGE);
    cr_expect(mn_secret_is_empty(&key));
}

Test(argon2, calibrates_to_the_floor_at_once_with_a_fresh_salt)
{
    mn_argon2_params a = {0};
    mn_argon2_params b = {0};

    cr_assert_eq(mn_argon2_calibrate(0, &a), MNSEC_OK);
    cr_assert_eq(mn_argon2_calibrate(0, &b), MNSEC_OK);

    cr_expect_eq(a.passes, MN_ARGON2_FLOOR_PASSES);
    cr_expect_eq(a.kib, MN_ARGON2_FLOOR_KIB);
    cr_expect_eq(a.lanes, 1);
    cr_expect_arr_neq(a.salt, b.salt, sizeof(a.salt));
}

Test(argon2, calibrates_to_parameters_that_it_accepts_however_long_it_may_take)
{
    mn_argon2_params params = {0};

    cr_assert_eq(mn_argon2_calibrate(UINT32_MAX, &params), MNSEC_OK);

    cr_expect_eq(params.passes, MN_ARGON2_CEILING_PASSES);
    cr_expect_eq(params.kib, MN_ARGON2_FLOOR_KIB);
}
