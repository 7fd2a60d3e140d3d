/* SPDX-License-Identifier: Apache-2.0 */
/* Ids: RFC 4648 base32 in lower case, one text for each id. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "mnsec/id.h"

typedef struct id_vector {
    mnsec_id id;
    char text[MNSEC_ID_TEXT_BYTES];
} id_vector;

/* From `base32 | tr A-Z a-z | tr -d =`. */
static id_vector vectors[] = {
    {{{0}}, "aaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {{"foobarfoobarfoob"}, "mzxw6ytbojtg633cmfzgm33pmi"},
    {{{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}},
     "7777777777777777777777777"
     "4"},
};

ParameterizedTestParameters(id, is_written_as_base32)
{
    return cr_make_param_array(id_vector, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

ParameterizedTest(const id_vector *v, id, is_written_as_base32)
{
    char text[MNSEC_ID_TEXT_BYTES];

    mnsec_id_format(&v->id, text);

    cr_expect_str_eq(text, v->text);
}

ParameterizedTestParameters(id, is_read_back)
{
    return cr_make_param_array(id_vector, vectors, sizeof(vectors) / sizeof(vectors[0]));
}

ParameterizedTest(const id_vector *v, id, is_read_back)
{
    mnsec_id id;
    memset(&id, 0x55, sizeof(id));

    cr_assert_eq(mnsec_id_parse(v->text, &id), MNSEC_OK);

    cr_expect(mnsec_id_equal(&id, &v->id));
}

Test(id, is_read_in_upper_case)
{
    mnsec_id id;

    cr_assert_eq(mnsec_id_parse("MZXW6YTBOJTG633CMFZGM33PMI", &id), MNSEC_OK);

    cr_expect_arr_eq(id.bytes, "foobarfoobarfoob", 16);
}

typedef struct bad_id {
    char text[40];
} bad_id;

ParameterizedTestParameters(id, refuses_other_forms)
{
    static bad_id cases[] = {
        {""},
        {"mzxw6ytbojtg633cmfzgm33pmia"},      /* too long */
        {"mzxw6ytbojtg633cmfzgm33pmi======"}, /* padded */
        {"mzxw6ytbojtg633cmfzgm33pmj"},       /* bits no encoder sets */
        {"mzxw6ytbojtg633cmfzgm33pm0"},       /* not a letter of base32 */
        {"mzxw6ytbojtg633cmfzgm33pm1"},
        {"mzxw6ytbojtg633cmfzgm33pm8"},
        {"mzxw6ytbojtg633cmfzgm33pm "},
        {" mzxw6ytbojtg633cmfzgm33pm"},
        {"mzxw6ytbojtg-33cmfzgm33pmi"},
        {"mzxw6ytbojtg633cmfzgm33p\xC3\xA9"},
    };
    return cr_make_param_array(bad_id, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad_id *c, id, refuses_other_forms)
{
    mnsec_id id;
    mnsec_id before;
    memset(&id, 0x55, sizeof(id));
    before = id;

    cr_expect_eq(mnsec_id_parse(c->text, &id), MNSEC_E_USAGE_FORMAT);
    cr_expect(mnsec_id_equal(&id, &before), "the output was touched");
}

Test(id, refuses_every_truncation)
{
    for (size_t len = 0; len < MNSEC_ID_TEXT_BYTES - 1; len++) {
        char text[MNSEC_ID_TEXT_BYTES] = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
        mnsec_id id;
        text[len] = '\0';

        cr_expect_eq(mnsec_id_parse(text, &id), MNSEC_E_USAGE_FORMAT, "%zu letters", len);
    }
}

Test(id, refuses_a_missing_argument)
{
    mnsec_id id;

    cr_expect_eq(mnsec_id_parse(NULL, &id), MNSEC_E_USAGE);
    cr_expect_eq(mnsec_id_parse("aaaaaaaaaaaaaaaaaaaaaaaaaa", NULL), MNSEC_E_USAGE);
}

Test(id, differs_in_any_one_byte)
{
    const mnsec_id a = {"foobarfoobarfoob"};

    for (size_t i = 0; i < MNSEC_ID_BYTES; i++) {
        mnsec_id b = a;
        b.bytes[i] ^= 1;
        cr_expect_not(mnsec_id_equal(&a, &b), "byte %zu", i);
    }
}

Test(id, is_none_only_when_all_bytes_are_zero)
{
    mnsec_id id = {{0}};
    cr_expect(mnsec_id_is_none(&id));

    id.bytes[15] = 1;

    cr_expect_not(mnsec_id_is_none(&id));
}
