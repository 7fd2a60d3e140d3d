/* SPDX-License-Identifier: Apache-2.0 */
/* Pairs of a subject: set, found, removed, in one order whatever the order of setting. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "vault/vault_internal.h"

static void set(mn_vault_subject *subject, const char *key, const char *value)
{
    cr_assert_eq(mn_vault_subject_set(subject, key, value), MNSEC_OK);
}

Test(vault_subject, that_is_empty_has_nothing)
{
    MN_AUTO(mn_vault_subject) subject = {0};

    cr_expect_null(mn_vault_subject_get(&subject, "name"));
    cr_expect_eq(mn_vault_subject_set(&subject, "name", NULL), MNSEC_OK);
    cr_expect_null(mn_vault_subject_get(&subject, "name"));
}

Test(vault_subject, gives_each_value_as_a_text)
{
    MN_AUTO(mn_vault_subject) subject = {0};

    set(&subject, "name", "山田 花子");
    set(&subject, "kana", "ヤマダ ハナコ");
    set(&subject, "code", "");

    cr_expect_str_eq(mn_vault_subject_get(&subject, "name"), "山田 花子");
    cr_expect_str_eq(mn_vault_subject_get(&subject, "kana"), "ヤマダ ハナコ");
    cr_expect_str_eq(mn_vault_subject_get(&subject, "code"), "");
    cr_expect_null(mn_vault_subject_get(&subject, "nam"));
    cr_expect_null(mn_vault_subject_get(&subject, "names"));
}

Test(vault_subject, has_one_form_whatever_the_order_of_setting)
{
    MN_AUTO(mn_vault_subject) a = {0};
    MN_AUTO(mn_vault_subject) b = {0};
    set(&a, "kana", "k");
    set(&a, "code", "c");
    set(&a, "name", "n");

    set(&b, "name", "other");
    set(&b, "extra", "e");
    set(&b, "kana", "k");
    set(&b, "name", "n");
    set(&b, "code", "c");
    set(&b, "extra", NULL);

    cr_assert_eq(a.bytes.len, b.bytes.len);
    cr_expect_arr_eq(a.bytes.bytes, b.bytes.bytes, a.bytes.len);
}

Test(vault_subject, refuses_what_is_no_text_and_keeps_what_was)
{
    MN_AUTO(mn_vault_subject) subject = {0};
    set(&subject, "name", "n");

    cr_expect_eq(mn_vault_subject_set(&subject, "name", "\xff"), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_vault_subject_set(&subject, "\xff", "x"), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_vault_subject_set(&subject, "", "x"), MNSEC_E_USAGE);

    cr_expect_str_eq(mn_vault_subject_get(&subject, "name"), "n");
}

Test(vault_subject, refuses_more_than_64_kib)
{
    MN_AUTO(mn_vault_subject) subject = {0};
    char *value = calloc(1, 65537);
    memset(value, 'a', 65536);

    cr_expect_eq(mn_vault_subject_set(&subject, "name", value), MNSEC_E_USAGE_FORMAT);
    value[60000] = '\0';
    cr_expect_eq(mn_vault_subject_set(&subject, "name", value), MNSEC_OK);
    cr_expect_eq(mn_vault_subject_set(&subject, "other", value), MNSEC_E_USAGE_FORMAT);
    free(value);
}

Test(vault_subject, reads_back_what_it_wrote_and_refuses_every_truncation)
{
    MN_AUTO(mn_vault_subject) subject = {0};
    MN_AUTO(mn_vault_subject) read = {0};
    MN_AUTO(mn_buf) bytes = {0};
    set(&subject, "kana", "k");
    set(&subject, "name", "n");
    cr_assert_eq(mn_vault_subject_encode(&subject, &bytes), MNSEC_OK);

    cr_assert_eq(mn_vault_subject_decode(mn_buf_view(&bytes), &read), MNSEC_OK);
    cr_expect_str_eq(mn_vault_subject_get(&read, "name"), "n");
    size_t accepted = 0;
    for (size_t len = 0; len < bytes.len; len++) {
        accepted += mn_vault_subject_decode(mn_bytes_of(bytes.bytes, len), &read) == MNSEC_OK;
    }
    cr_expect_eq(accepted, 2, "whole pairs only: none, or the first");
}

Test(vault_subject, that_is_empty_is_written_and_read_too)
{
    MN_AUTO(mn_vault_subject) subject = {0};
    MN_AUTO(mn_buf) bytes = {0};

    cr_assert_eq(mn_vault_subject_encode(&subject, &bytes), MNSEC_OK);

    cr_expect_eq(mn_vault_subject_decode(mn_buf_view(&bytes), &subject), MNSEC_OK);
    cr_expect_null(mn_vault_subject_get(&subject, "name"));
}

typedef struct pairs_case {
    char what[24];
    char texts[4][8];
    size_t count;
} pairs_case;

ParameterizedTestParameters(vault_subject, refuses_to_read)
{
    static pairs_case cases[] = {
        {"keys out of order", {"b", "x", "a", "x"}, 4},
        {"a key twice", {"a", "x", "a", "y"}, 4},
        {"an empty key", {"", "x"}, 2},
        {"a key without value", {"a", "x", "b"}, 3},
        {"no UTF-8", {"a", "\xff"}, 2},
    };
    return cr_make_param_array(pairs_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const pairs_case *c, vault_subject, refuses_to_read)
{
    MN_AUTO(mn_vault_subject) subject = {0};
    MN_AUTO(mn_buf) bytes = {0};
    set(&subject, "kept", "yes");
    cr_assert_eq(mn_encode_begin(&bytes, "mnsec/subject/1"), MNSEC_OK);
    for (size_t i = 0; i < c->count; i++) {
        cr_assert_eq(mn_encode_bytes(&bytes, c->texts[i], strlen(c->texts[i])), MNSEC_OK);
    }

    cr_expect_eq(mn_vault_subject_decode(mn_buf_view(&bytes), &subject), MNSEC_E_USAGE_FORMAT, "%s",
                 c->what);
    cr_expect_str_eq(mn_vault_subject_get(&subject, "kept"), "yes");
}
