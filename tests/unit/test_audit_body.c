/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Body lines, byte for byte (the vector was made by python3), and what may not stand in one: above
 * all, an Individual Number. The numbers are made up.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "audit/audit_body.h"

#define BODY                                                                                         \
    "{\"d\":{\"actor\":\"aeaqcaibaeaqcaibaeaqcaibae\","                                              \
    "\"card\":\"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\",\"count\":3,"                          \
    "\"doc\":\"TAX_SLIP SI_HP\",\"items\":[[\"ambqgaydambqgaydambqgaydam\","                         \
    "\"aqcaibaeaqcaibaeaqcaibaeaq\"],[\"aucqkbifaucqkbifaucqkbifau\","                               \
    "\"aydambqgaydambqgaydambqgay\"]],\"kind\":\"employee\",\"osuser\":\"tanaka\","                  \
    "\"purpose\":\"年末調整\",\"reason\":\"a \\\"quoted\\\" \\\\ reason\",\"role\":\"handler\"," \
    "\"software\":\"0.1.0\",\"ws\":\"a4dqobyha4dqobyha4dqobyha4\",\"year\":2026},"                   \
    "\"salt\":\"AAECAwQFBgcICQoLDA0ODw\"}"
#define SALT "\"salt\":\"AAECAwQFBgcICQoLDA0ODw\"}"

static const uint8_t salt[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static mn_bytes bytes_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

static mnsec_id id_of(uint8_t fill)
{
    mnsec_id id;
    memset(id.bytes, fill, sizeof(id.bytes));
    return id;
}

static mnsec_status write_body(const mn_audit_body *body, mn_buf *out_line)
{
    return mn_audit_body_write(body, salt, NULL, out_line);
}

static mnsec_status read_text(const char *line)
{
    MN_AUTO(mn_audit_body_copy) copy = {.items = NULL};
    return mn_audit_body_read(bytes_of(line), &copy);
}

Test(audit_body, is_written_as_the_vector)
{
    const mnsec_id actor = id_of(1);
    const mnsec_id ws = id_of(7);
    const mnsec_id items[2][2] = {{id_of(3), id_of(4)}, {id_of(5), id_of(6)}};
    uint8_t card[32];
    memset(card, 2, sizeof(card));
    const mn_audit_body body = {
        .actor = &actor,
        .card = card,
        .count = 3,
        .has_count = true,
        .doc = "TAX_SLIP SI_HP",
        .items = items,
        .item_count = 2,
        .kind = "employee",
        .osuser = "tanaka",
        .purpose = "年末調整",
        .reason = "a \"quoted\" \\ reason",
        .role = "handler",
        .software = "0.1.0",
        .ws = &ws,
        .year = 2026,
    };
    MN_AUTO(mn_buf) line = {0};

    cr_assert_eq(write_body(&body, &line), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&line), BODY);
}

Test(audit_body, is_read_as_it_was_written)
{
    MN_AUTO(mn_audit_body_copy) copy = {.items = NULL};
    MN_AUTO(mn_buf) again = {0};
    const mnsec_id actor = id_of(1);
    const mnsec_id last = id_of(6);

    cr_assert_eq(mn_audit_body_read(bytes_of(BODY), &copy), MNSEC_OK);

    cr_expect(mnsec_id_equal(copy.body.actor, &actor));
    cr_expect(copy.body.has_count);
    cr_expect_eq(copy.body.count, 3);
    cr_expect_str_eq(copy.body.reason, "a \"quoted\" \\ reason");
    cr_assert_eq(copy.body.item_count, 2);
    cr_expect(mnsec_id_equal(&copy.body.items[1][1], &last));
    cr_expect_eq(copy.body.year, 2026);
    cr_expect_null(copy.body.value);
    cr_expect_null(copy.body.medium);
    cr_assert_eq(write_body(&copy.body, &again), MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&again), BODY);
}

Test(audit_body, without_members_is_written_and_read)
{
    static const mn_audit_body nothing;
    MN_AUTO(mn_buf) line = {0};

    cr_assert_eq(write_body(&nothing, &line), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&line), "{\"d\":{}," SALT);
    cr_expect_eq(read_text(mn_buf_text(&line)), MNSEC_OK);
}

Test(audit_body, keeps_a_count_of_none)
{
    const mn_audit_body body = {.has_count = true};
    MN_AUTO(mn_buf) line = {0};

    cr_assert_eq(write_body(&body, &line), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&line), "{\"d\":{\"count\":0}," SALT);
    cr_expect_eq(read_text(mn_buf_text(&line)), MNSEC_OK);
}

Test(audit_body, carries_a_document)
{
    const mn_audit_body body = {.authority = mn_bytes_of("\0doc", 4)};
    MN_AUTO(mn_buf) line = {0};
    MN_AUTO(mn_audit_body_copy) copy = {.items = NULL};

    cr_assert_eq(write_body(&body, &line), MNSEC_OK);
    cr_assert_eq(mn_audit_body_read(mn_buf_view(&line), &copy), MNSEC_OK);

    cr_assert_eq(copy.body.authority.len, 4);
    cr_expect_arr_eq(copy.body.authority.bytes, "\0doc", 4);
}

Test(audit_body, cut_anywhere_is_refused)
{
    for (size_t len = 0; len < strlen(BODY); len++) {
        MN_AUTO(mn_audit_body_copy) copy = {.items = NULL};
        cr_expect_eq(mn_audit_body_read(mn_bytes_of(BODY, len), &copy), MNSEC_E_USAGE_FORMAT,
                     "%zu bytes", len);
    }
}

typedef struct text_case {
    char text[256];
} text_case;

ParameterizedTestParameters(audit_body, of_another_form_is_refused)
{
    static text_case cases[] = {
        {"{\"d\":{}," SALT "\n"},
        {"{\"d\":{},\"salt\":\"AAECAwQFBgcICQoLDA0O\"}"},
        {"{\"d\":{},\"salt\":\"AAECAwQFBgcICQoLDA0ODxA\"}"},
        {"{\"d\":{},\"salt\":\"\"}"},
        {"{\"d\":{} ," SALT},
        {"{\"d\":{\"foo\":\"bar\"}," SALT},                /* foreign */
        {"{\"d\":{\"year\":2026,\"year\":2026}," SALT},    /* twice */
        {"{\"d\":{\"year\":2026,\"reason\":\"x\"}," SALT}, /* out of order */
        {"{\"d\":{,\"year\":2026}," SALT},
        {"{\"d\":{\"year\":2026,}," SALT},
        {"{\"d\":{\"year\":0}," SALT},
        {"{\"d\":{\"year\":\"2026\"}," SALT},
        {"{\"d\":{\"reason\":\"\"}," SALT},
        {"{\"d\":{\"reason\":\"a\\nb\"}," SALT}, /* an escape nobody writes */
        {"{\"d\":{\"reason\":\"\\u0061\"}," SALT},
        {"{\"d\":{\"reason\":\"a\tb\"}," SALT},
        {"{\"d\":{\"reason\":\"\xFF\"}," SALT},
        {"{\"d\":{\"reason\":1}," SALT},
        {"{\"d\":{\"role\":\"owner\"}," SALT},
        {"{\"d\":{\"kind\":\"cat\"}," SALT},
        {"{\"d\":{\"items\":[]}," SALT},
        {"{\"d\":{\"items\":[[\"ambqgaydambqgaydambqgaydam\"]]}," SALT},
        {"{\"d\":{\"authdoc\":\"\"}," SALT},
        {"{\"d\":{\"card\":\"AgI\"}," SALT},
        {"{\"d\":{\"record\":\"-\"}," SALT},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_body, of_another_form_is_refused)
{
    cr_expect_eq(read_text(c->text), MNSEC_E_USAGE_FORMAT, "%s", c->text);
}

ParameterizedTestParameters(audit_body, with_a_number_in_it_is_refused)
{
    static text_case cases[] = {
        {"123456789018"},
        {"番号は1234-5678-9018です"},
        {"１２３４５６７８９０１８"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_body, with_a_number_in_it_is_refused)
{
    const mn_audit_body bodies[] = {
        {.doc = c->text},      {.medium = c->text}, {.osuser = c->text},
        {.purpose = c->text},  {.reason = c->text}, {.recipient = c->text},
        {.software = c->text}, {.role = c->text},   {.kind = c->text},
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        MN_AUTO(mn_buf) line = {0};
        mn_error err = {0};
        cr_expect_eq(mn_audit_body_write(&bodies[i], salt, &err, &line), MNSEC_E_USAGE_FORMAT,
                     "%zu", i);
        cr_expect_null(strstr(err.text, c->text), "the number is in the error");
        cr_expect_eq(line.len, 0);
    }
}

Test(audit_body, with_an_id_that_looks_like_a_number_is_written)
{
    /* ids and digests are exempt: they are made by chance, and fixed in length. */
    uint8_t digest[32];
    memset(digest, 0xD3, sizeof(digest)); /* 09PT0 … */
    const mn_audit_body body = {.outhash = digest};
    MN_AUTO(mn_buf) line = {0};

    cr_expect_eq(write_body(&body, &line), MNSEC_OK);
}

ParameterizedTestParameters(audit_body, with_a_text_of_no_use_is_refused)
{
    static text_case cases[] = {{"two\nlines"}, {"a\tb"}, {"\x1b[2J"}, {"\xFF"}};
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_body, with_a_text_of_no_use_is_refused)
{
    const mn_audit_body body = {.reason = c->text};
    MN_AUTO(mn_buf) line = {0};

    cr_expect_eq(write_body(&body, &line), MNSEC_E_USAGE_FORMAT);
}

Test(audit_body, with_too_long_a_text_is_refused)
{
    char text[MN_AUDIT_BODY_MAX_TEXT_BYTES + 2];
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    const mn_audit_body too_long = {.reason = text};
    const mn_audit_body just_so = {.reason = text + 1};
    MN_AUTO(mn_buf) line = {0};

    cr_expect_eq(write_body(&too_long, &line), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(write_body(&just_so, &line), MNSEC_OK);
    cr_expect_eq(read_text(mn_buf_text(&line)), MNSEC_OK);
}

Test(audit_body, with_an_integer_that_json_cannot_hold_is_refused)
{
    const mn_audit_body body = {.policy = UINT64_C(1) << 53};
    MN_AUTO(mn_buf) line = {0};

    cr_expect_eq(write_body(&body, &line), MNSEC_E_USAGE_FORMAT);
}
