/* SPDX-License-Identifier: Apache-2.0 */
/* Which new passwords are taken. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/error.h"
#include "crypto/secret/crypto.h"
#include "session/strength.h"

struct candidate {
    char text[64];
    mnsec_status expected;
};

ParameterizedTestParameters(strength, judges_a_new_password)
{
    static struct candidate candidates[] = {
        {"kurumi-no-ki-ga-3bon", MNSEC_OK},
        {"夏の朝は涼しいです", MNSEC_OK},
        {"short", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"eleven-char", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"aaaaaaaaaaaaaaaa", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"abcdefghijklmnop", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"hanako-no-password", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"", MNSEC_E_USAGE_WEAK_PASSWORD},
    };
    return cr_make_param_array(struct candidate, candidates,
                               sizeof candidates / sizeof candidates[0]);
}

ParameterizedTest(struct candidate *candidate, strength, judges_a_new_password)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    mn_error err = {0};
    MN_AUTO(mn_secret) password = {0};
    if (candidate->text[0] != '\0') {
        cr_assert_eq(mn_secret_copy(&password, candidate->text, strlen(candidate->text)), MNSEC_OK);
    }

    const mnsec_status status = mn_strength_check(&password, "hanako", &err);

    cr_expect_eq(status, candidate->expected, "%s: %s", candidate->text, err.text);
}

Test(strength, never_repeats_what_was_typed)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    mn_error err = {0};
    MN_AUTO(mn_secret) password = {0};
    cr_assert_eq(mn_secret_copy(&password, "himawarihima", 12), MNSEC_OK);

    const mnsec_status status = mn_strength_check(&password, "himawari", &err);

    cr_expect_eq(status, MNSEC_E_USAGE_WEAK_PASSWORD);
    cr_expect_null(strstr(err.text, "himawari"));
}
