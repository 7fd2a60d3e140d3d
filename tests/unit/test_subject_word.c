/* SPDX-License-Identifier: Apache-2.0 */
/* The words that a column may hold: found by code and name, each meaning one thing. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/text.h"
#include "policy/document.h"
#include "policy/subject/subject_word.h"

typedef struct word_case {
    mn_subject_word_group group;
    char text[40];
    char code[40];
} word_case;

ParameterizedTestParameters(subject_word, is_found_by_code_and_name)
{
    static word_case cases[] = {
        {MN_SUBJECT_WORD_GROUP_KIND, "employee", "employee"},
        {MN_SUBJECT_WORD_GROUP_KIND, "Employee", "employee"},
        {MN_SUBJECT_WORD_GROUP_KIND, "職員", "employee"},
        {MN_SUBJECT_WORD_GROUP_METHOD, "Second Time", "second-time"},
        {MN_SUBJECT_WORD_GROUP_METHOD, "second_time", "second-time"},
        {MN_SUBJECT_WORD_GROUP_PROOF, "パスポート", "passport"},
        {MN_SUBJECT_WORD_GROUP_DOCUMENT, "tax_dep", "TAX_DEP"},
        {MN_SUBJECT_WORD_GROUP_DOCUMENT, "健康保険・厚生年金", "SI_HP"},
        {MN_SUBJECT_WORD_GROUP_CHANNEL, "対面", "face"},
    };
    return cr_make_param_array(word_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const word_case *c, subject_word, is_found_by_code_and_name)
{
    const mn_subject_word *word = mn_subject_word_find(c->group, c->text);

    cr_assert_not_null(word);
    cr_expect_str_eq(word->code, c->code);
}

ParameterizedTestParameters(subject_word, is_not_found)
{
    static word_case cases[] = {
        {MN_SUBJECT_WORD_GROUP_KIND, "", ""},
        {MN_SUBJECT_WORD_GROUP_KIND, "employees", ""},
        {MN_SUBJECT_WORD_GROUP_KIND, "employe", ""},
        {MN_SUBJECT_WORD_GROUP_KIND, "職員|社員", ""},
        {MN_SUBJECT_WORD_GROUP_CHANNEL, "employee", ""}, /* of another group */
        {MN_SUBJECT_WORD_GROUP_NONE, "employee", ""},
    };
    return cr_make_param_array(word_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const word_case *c, subject_word, is_not_found)
{
    cr_expect_null(mn_subject_word_find(c->group, c->text));
}

/* Every name of a word, one after the other. */
static void expect_own_names(const mn_subject_word *word)
{
    char name[128];
    for (const char *at = word->names; *at != '\0';) {
        const size_t len = strcspn(at, "|");
        cr_assert_lt(len, sizeof(name));
        memcpy(name, at, len);
        name[len] = '\0';
        cr_expect_eq(mn_subject_word_find(word->group, name), word, "%s means two things", name);
        MN_AUTO(mn_buf) normal = {0};
        cr_assert_eq(mn_text_nfkc(mn_bytes_of(name, len), &normal), MNSEC_OK);
        cr_expect_str_eq(mn_buf_text(&normal), name, "is never found, since it is not in NFKC");
        at += len + (at[len] == '|');
    }
}

Test(subject_word, means_one_thing)
{
    for (size_t n = 0; mn_subject_word_at(n) != NULL; n++) {
        const mn_subject_word *word = mn_subject_word_at(n);

        cr_expect_eq(mn_subject_word_find(word->group, word->code), word, "%s", word->code);
        expect_own_names(word);
    }
}

Test(subject_word, knows_each_document_kind_and_no_other)
{
    size_t count = 0;
    for (size_t n = 0; mn_subject_word_at(n) != NULL; n++) {
        const mn_subject_word *word = mn_subject_word_at(n);
        const bool document = word->group == MN_SUBJECT_WORD_GROUP_DOCUMENT;
        count += document;
        cr_expect_eq(mn_document_get(word->code) != NULL, document, "%s", word->code);
    }
    cr_expect_eq(count, mn_document_count());
}
