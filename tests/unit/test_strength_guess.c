/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken out of a password before it is judged. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "session/strength_guess.h"

/* One name each: kana in every shape that is typed otherwise in Latin letters. */
struct sounding {
    char name[32];
    char password[48];
    bool has_name;
};

ParameterizedTestParameters(strength_guess, knows_kana_in_latin_letters)
{
    static struct sounding soundings[] = {
        {"ひまわり苑", "xxhimawarixx", true}, {"ヒマワリ", "xxhimawarixx", true},
        {"きょうこ", "xxkyoukoxx", true},     {"しょうじ", "xxshoujixx", true},
        {"はっとり", "xxhattorixx", true},    {"ハートフル", "xxhatofuruxx", true},
        {"じゅんこ", "xxjunkoxx", true},      {"ひまわり苑", "ひまわり苑です", true},
        {"Green Hill", "xxgreenxx", true},    {"あい", "xxaixx", false},
        {"ひまわり苑", "xxhimawaxx", false},  {"", "xxxx", false},
    };
    return cr_make_param_array(struct sounding, soundings, sizeof soundings / sizeof soundings[0]);
}

ParameterizedTest(struct sounding *s, strength_guess, knows_kana_in_latin_letters)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    const char *const names[] = {s->name};
    MN_AUTO(mn_secret) password = {0};
    MN_AUTO(mn_secret) core = {0};
    mn_strength_guess guess = {0};
    cr_assert_eq(mn_secret_copy(&password, s->password, strlen(s->password)), MNSEC_OK);

    cr_assert_eq(mn_strength_guess_take(&password, names, 1, &guess, &core), MNSEC_OK);

    cr_expect_eq(guess.has_name, s->has_name, "%s in %s", s->name, s->password);
}

Test(strength_guess, gives_the_core_in_small_letters)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    MN_AUTO(mn_secret) password = {0};
    MN_AUTO(mn_secret) core = {0};
    mn_strength_guess guess = {0};
    cr_assert_eq(mn_secret_copy(&password, "12-Kur0mi!!", 11), MNSEC_OK);

    cr_assert_eq(mn_strength_guess_take(&password, NULL, 0, &guess, &core), MNSEC_OK);

    cr_expect_eq(core.len, 6);
    cr_expect(mn_secret_equal_bytes(core.bytes, "kuromi", 6));
}

Test(strength_guess, has_a_core_that_is_empty_where_there_are_no_letters)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    MN_AUTO(mn_secret) password = {0};
    MN_AUTO(mn_secret) core = {0};
    mn_strength_guess guess = {0};
    cr_assert_eq(mn_secret_copy(&password, "9758-3164", 9), MNSEC_OK);

    cr_assert_eq(mn_strength_guess_take(&password, NULL, 0, &guess, &core), MNSEC_OK);

    cr_expect_eq(core.len, 0);
    cr_expect_eq(guess.left, 0);
}
