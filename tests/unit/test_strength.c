/* SPDX-License-Identifier: Apache-2.0 */
/* Which new passwords are taken. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/error.h"
#include "crypto/secret/crypto.h"
#include "session/strength.h"

/* A person, a department and a facility. */
static const char *const names[] = {"たるみ 花子", NULL, "あゆかわ苑"};

struct candidate {
    char text[64];
    mnsec_status expected;
};

ParameterizedTestParameters(strength, judges_a_new_password)
{
    static struct candidate candidates[] = {
        {"kurumi-no-ki-ga-3bon", MNSEC_OK},
        {"夏の朝は涼しいです", MNSEC_OK},
        {"tsuki7-Mori4-kaze9", MNSEC_OK},
        {"umi3-Yama8-soumu-hoshi5", MNSEC_OK},
        {"ame no hi wa hon wo yomu", MNSEC_OK},
        {"k7#mQ2!xP9&zR4", MNSEC_OK},
        {"asagao to tonbo 7hiki", MNSEC_OK},
        {"himawari no tane wo karasu ga", MNSEC_OK},
        {"雨の日は図書館で本を読む", MNSEC_OK},
        {"correct horse battery staple", MNSEC_OK},
        {"short", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"eleven-char", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"aaaaaaaaaaaaaaaa", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"abcdefghijklmnop", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"tarumi-no-password", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"password1234", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"Password1234", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"p@ssw0rd2024!", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"passw0rd!!!!", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"1234password", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"welcome12345", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"W3lcome-2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"himawari2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"Himawari@2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"!!himawari!!2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"sakurasakura", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"sakura-sakura-1", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"sunshine2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"kaigo20240401", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"reiwa6nen2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"tanaka19800301", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"tarumi0401-2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"ayukawa-ayukawa", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"たるみ20240401", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"ひまわりひまわり", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"パスワード1234", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"マイナンバー", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"1qaz2wsx3edc", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"qwertyuiop12", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"zxcvbnm,./12", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"asdfghjkl;:]", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"aiueokakikukeko", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"asdf1234asdf1234", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"abc123abc123", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"198003011980", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"2024-04-01-09:30", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"arigatou2024", MNSEC_E_USAGE_WEAK_PASSWORD},
        {"ayukawaen-no-mori-to-kaze", MNSEC_E_USAGE_WEAK_PASSWORD},
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

    const mnsec_status status = mn_strength_check(&password, names, 3, &err);

    cr_expect_eq(status, candidate->expected, "%s: %s", candidate->text, err.text);
}

Test(strength, never_repeats_what_was_typed)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    mn_error err = {0};
    MN_AUTO(mn_secret) password = {0};
    cr_assert_eq(mn_secret_copy(&password, "himawarihima", 12), MNSEC_OK);

    const mnsec_status status = mn_strength_check(&password, names, 3, &err);

    cr_expect_eq(status, MNSEC_E_USAGE_WEAK_PASSWORD);
    cr_expect_null(strstr(err.text, "himawari"));
}

Test(strength, says_what_to_do)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    mn_error err = {0};
    MN_AUTO(mn_secret) password = {0};
    cr_assert_eq(mn_secret_copy(&password, "welcome12345", 12), MNSEC_OK);

    const mnsec_status status = mn_strength_check(&password, names, 3, &err);

    cr_expect_eq(status, MNSEC_E_USAGE_WEAK_PASSWORD);
    cr_expect_not_null(strstr(err.text, "take several words"));
}
