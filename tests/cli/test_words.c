/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/words.c: what the library says, in the language that was chosen.
 */
#include "words.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

typedef struct detail_case {
    char given[80];
    char japanese[120];
} detail_case;

ParameterizedTestParameters(words, tells_a_detail_in_japanese)
{
    static detail_case cases[] = {
        {"", ""},
        {"not permitted", "許可されていません"},
        {"kind: numbers of residents may not be kept", "種別: 利用者の個人番号は保管できません"},
        {"the action foo is not known", "foo という操作はありません"},
        {"cancelled while checking", "中断した所: 確認しています"},
        {"wait  seconds", "wait  seconds"},
        {"C_Login answered 0xa0", "C_Login answered 0xa0"},
        {"CKR: 0xa0", "CKR: 0xa0"},
    };
    return cr_make_param_array(detail_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(detail_case *c, words, tells_a_detail_in_japanese)
{
    char text[200];
    cr_assert(words_init("ja"));
    cr_assert(bindtextdomain(WORDS_DOMAIN, TEST_LOCALE) != NULL);

    words_detail(c->given, text, sizeof(text));

    cr_expect_str_eq(text, c->japanese);
}

Test(words, tells_a_detail_in_english_as_it_is)
{
    char text[200];
    cr_assert(words_init("en"));

    words_detail("wait 8 seconds", text, sizeof(text));

    cr_expect_str_eq(text, "wait 8 seconds");
}

Test(words, keeps_to_the_room_that_there_is)
{
    char text[8];
    cr_assert(words_init("en"));

    words_detail("kind: numbers of residents may not be kept", text, sizeof(text));

    cr_expect_str_eq(text, "kind: n");
}
