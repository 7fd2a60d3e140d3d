/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authority documents: bytes as docs/FORMATS.md writes them (computed apart, from that page alone),
 * the way back, and the refusal of every document that the page does not allow.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "hex.h"
#include "registry/statement.h"
#include "statement_samples.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(statement, .init = start);

static void encode_sample(mn_statement_kind kind, mn_buf *out_bytes)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(kind);
    cr_assert_eq(mn_statement_encode(statement, out_bytes), MNSEC_OK);
}

static mnsec_status decode(mn_statement_kind kind, mn_bytes bytes)
{
    MN_AUTO_PTR(mn_statement) statement = NULL;
    const mnsec_status status = mn_statement_decode(kind, bytes, &statement);
    cr_expect_eq(statement != NULL, status == MNSEC_OK, "output set on success only");
    return status;
}

/* --- bytes ----------------------------------------------------------------------------------- */

Test(statement, writes_a_grant_as_the_format_says)
{
    MN_AUTO(mn_buf) bytes = {0};

    encode_sample(MN_STATEMENT_GRANT_GIVE, &bytes);

    hex_expect(bytes.bytes, bytes.len,
               "00000000126d6e7365632f6772616e742e676976652f3100000010414141414141414141414141"
               "414141410000001015151515151515151515151515151515000000102121212121212121212121"
               "21212121210000000800000000000000020000000b7265636f72642e6c6973740000000b726563"
               "6f72642e73686f77000000085441585f534c495000000008000000006553f10000000008000000"
               "006b49d200");
}

Test(statement, writes_an_enrolment_as_the_format_says)
{
    MN_AUTO(mn_buf) bytes = {0};

    encode_sample(MN_STATEMENT_STAFF_ENROL, &bytes);

    hex_expect(bytes.bytes, bytes.len,
               "00000000136d6e7365632f73746166662e656e726f6c2f310000017400000000116d6e7365632f"
               "656e726f6c6d656e742f3100000010151515151515151515151515151515150000000de5b1b1e7"
               "94b020e88ab1e5ad90000000080000000000000001000000201515151515151515151515151515"
               "151515151515151515151515151515151515000000201616161616161616161616161616161616"
               "1616161616161616161616161616160000000762696e64696e6700000041041515151515151515"
               "151515151515151515151515151515151515151515151515151515151515151515151515151515"
               "151515151515151515151515151515151500000041041616161616161616161616161616161616"
               "161616161616161616161616161616161616161616161616161616161616161616161616161616"
               "161616161616161600000008000000000000000300000008000000000001000000000008000000"
               "0000000001000000109595959595959595959595959595959500000008000000006553f1000000"
               "0008000000006b49d2000000000800000000000000020000004104333333333333333333333333"
               "333333333333333333333333333333333333333333333333333333333333333333333333333333"
               "333333333333333333333333330000000800000000000000020000000800000000000000030000"
               "002011111111111111111111111111111111111111111111111111111111111111110000002015"
               "151515151515151515151515151515151515151515151515151515151515150000002000000000"
               "00000000000000000000000000000000000000000000000000000000");
}

typedef struct kind_case {
    mn_statement_kind kind;
    size_t len;
    char digest[65];
} kind_case;

/* SHA-256 of the samples' bytes. */
static kind_case kind_cases[] = {
    {MN_STATEMENT_FACILITY_FOUND, 1538,
     "19dd998d328b5633260e12eeafb63f9dd536d2d2292a5a4eb5f419b42ffd66c7"},
    {MN_STATEMENT_STAFF_ENROL, 613,
     "595e7b554eef7f6f433d151f255481f98b8b2fa6182dd9b3a4bbd64461eb62ad"},
    {MN_STATEMENT_STAFF_WITHDRAW, 233,
     "5fe5f5a543436839496f14db51ea206c6cb35794a9780f2093adfb647b45b369"},
    {MN_STATEMENT_GRANT_GIVE, 161,
     "825c0654291fcc3fbb6090d79057ced1448cc1a007e3aba816de6b419f5ca1d2"},
    {MN_STATEMENT_GRANT_WITHDRAW, 63,
     "ca7d3db68d8a132e0cda996c08537e440dc83ec78c48c91703dd2980fe6746d4"},
    {MN_STATEMENT_PASSWORD_CHANGE, 152,
     "5500f2122b75f61070f75ed82cdc36f0e3ca178c584171b54c39bdc286547d63"},
    {MN_STATEMENT_PASSWORD_OPERATION, 167,
     "827ca77d9bb859b771e38f461ef5b140739477c36c618a5eb19f7ca47b01c1f7"},
    {MN_STATEMENT_KEY_FACILITY_PIN, 41,
     "ae822c3d024df2531dc266759468f225dc185b87d9c00cc51c544af31193d02c"},
    {MN_STATEMENT_WORKSTATION_REGISTER, 63,
     "264b880d1cc9ad444e04eb13376ce1c4c564ef280ba5618ab1f02e666fca96b6"},
    {MN_STATEMENT_POLICY_CHANGE, 57,
     "768c29e6dcb5e053fd3ad035a1a8459d4e8f484509dda083b76fc0ac088bd0b2"},
};
#define KIND_CASES (sizeof(kind_cases) / sizeof(kind_cases[0]))

ParameterizedTestParameters(statement, writes_the_bytes_of_the_format)
{
    return cr_make_param_array(kind_case, kind_cases, KIND_CASES);
}

ParameterizedTest(const kind_case *c, statement, writes_the_bytes_of_the_format)
{
    MN_AUTO(mn_buf) bytes = {0};
    uint8_t digest[MN_HASH_BYTES];

    encode_sample(c->kind, &bytes);

    mn_hash_bytes(mn_buf_view(&bytes), digest);
    cr_expect_eq(bytes.len, c->len, "%zu bytes", bytes.len);
    hex_expect(digest, sizeof(digest), c->digest);
}

ParameterizedTestParameters(statement, reads_back_what_it_wrote)
{
    return cr_make_param_array(kind_case, kind_cases, KIND_CASES);
}

ParameterizedTest(const kind_case *c, statement, reads_back_what_it_wrote)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) again = {0};
    MN_AUTO_PTR(mn_statement) statement = NULL;
    encode_sample(c->kind, &bytes);

    cr_assert_eq(mn_statement_decode(c->kind, mn_buf_view(&bytes), &statement), MNSEC_OK);
    cr_assert_eq(mn_statement_encode(statement, &again), MNSEC_OK);

    cr_expect_eq(statement->kind, c->kind);
    cr_assert_eq(again.len, bytes.len);
    cr_expect_arr_eq(again.bytes, bytes.bytes, bytes.len);
}

Test(statement, reads_every_member_of_an_enrolment)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO_PTR(mn_statement) expected = sample_statement(MN_STATEMENT_STAFF_ENROL);
    MN_AUTO_PTR(mn_statement) statement = NULL;
    encode_sample(MN_STATEMENT_STAFF_ENROL, &bytes);

    cr_assert_eq(mn_statement_decode(MN_STATEMENT_STAFF_ENROL, mn_buf_view(&bytes), &statement),
                 MNSEC_OK);

    const mn_enrolment *is = &statement->u.enrol.enrolment;
    const mn_enrolment *should = &expected->u.enrol.enrolment;
    cr_expect(mnsec_id_equal(&is->person, &should->person));
    cr_expect_str_eq(is->name, should->name);
    cr_expect_eq(is->role, MNSEC_ROLE_RESPONSIBLE);
    cr_expect_arr_eq(is->card, should->card, sizeof(is->card));
    cr_expect_arr_eq(is->certificate, should->certificate, sizeof(is->certificate));
    cr_expect_str_eq(mn_buf_text(&is->binding), "binding");
    cr_expect_arr_eq(is->door, should->door, sizeof(is->door));
    cr_expect_arr_eq(is->work, should->work, sizeof(is->work));
    cr_expect_eq(is->argon2.passes, should->argon2.passes);
    cr_expect_eq(is->argon2.kib, should->argon2.kib);
    cr_expect_eq(is->argon2.lanes, should->argon2.lanes);
    cr_expect_arr_eq(is->argon2.salt, should->argon2.salt, sizeof(is->argon2.salt));
    cr_expect_eq(is->valid_from, should->valid_from);
    cr_expect_eq(is->valid_until, should->valid_until);
    cr_expect_eq(statement->u.enrol.recovery.version, 2);
    cr_expect_eq(statement->u.enrol.recovery.threshold, 2);
    cr_expect_eq(statement->u.enrol.recovery.holder_count, 3);
}

Test(statement, reads_accepted_risks_as_words_and_spare_keys_by_name)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO_PTR(mn_statement) statement = NULL;
    encode_sample(MN_STATEMENT_FACILITY_FOUND, &bytes);

    cr_assert_eq(mn_statement_decode(MN_STATEMENT_FACILITY_FOUND, mn_buf_view(&bytes), &statement),
                 MNSEC_OK);

    const mn_founding *founding = &statement->u.founding;
    cr_expect_str_eq(mn_buf_text(&founding->accepted_risks), "no-spare software-token");
    cr_expect_eq(founding->spare_count, 2);
    cr_expect_str_eq(founding->spare[1].name, "epoch 1");
    cr_expect_str_eq(mn_buf_text(&founding->spare[1].spki), "spki 2");
    cr_expect_str_eq(founding->departments[1].name, "経理");
}

Test(statement, carries_as_many_actions_as_there_may_be)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_GRANT_GIVE);
    MN_AUTO(mn_buf) bytes = {0};
    statement->u.grant.action_count = MN_STATEMENT_MAX_ACTIONS;
    for (int i = 0; i < MN_STATEMENT_MAX_ACTIONS; i++) {
        (void)snprintf(statement->u.grant.actions[i], sizeof(statement->u.grant.actions[i]),
                       "action.%c%c", 'a' + i / 26, 'a' + i % 26);
    }

    cr_assert_eq(mn_statement_encode(statement, &bytes), MNSEC_OK);
    cr_expect_eq(decode(MN_STATEMENT_GRANT_GIVE, mn_buf_view(&bytes)), MNSEC_OK);
}

Test(statement, carries_a_founding_without_spare_recovery_and_risks)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_FACILITY_FOUND);
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO_PTR(mn_statement) again = NULL;
    statement->u.founding.spare_count = 0;
    statement->u.founding.recovery = (mn_recovery){0};
    mn_buf_reset(&statement->u.founding.accepted_risks);

    cr_assert_eq(mn_statement_encode(statement, &bytes), MNSEC_OK);
    cr_assert_eq(mn_statement_decode(MN_STATEMENT_FACILITY_FOUND, mn_buf_view(&bytes), &again),
                 MNSEC_OK);

    cr_expect_eq(again->u.founding.spare_count, 0);
    cr_expect_eq(again->u.founding.recovery.version, 0);
    cr_expect_eq(again->u.founding.accepted_risks.len, 0);
}

/* --- names ----------------------------------------------------------------------------------- */

ParameterizedTestParameters(statement, finds_a_kind_by_its_event)
{
    return cr_make_param_array(kind_case, kind_cases, KIND_CASES);
}

ParameterizedTest(const kind_case *c, statement, finds_a_kind_by_its_event)
{
    cr_assert_not_null(mn_statement_event(c->kind));
    cr_expect_eq(mn_statement_kind_of(mn_statement_event(c->kind)), c->kind);
}

Test(statement, knows_no_kind_for_an_event_without_authority)
{
    cr_expect_eq(mn_statement_kind_of("record.show"), MN_STATEMENT_NONE);
    cr_expect_eq(mn_statement_kind_of(""), MN_STATEMENT_NONE);
}

Test(statement, knows_no_event_for_an_unknown_kind)
{
    cr_expect_null(mn_statement_event(MN_STATEMENT_NONE));
    cr_expect_null(mn_statement_event((mn_statement_kind)(MN_STATEMENT_POLICY_CHANGE + 1)));
    cr_expect_null(mn_statement_event((mn_statement_kind)-1));
}

Test(statement, is_not_made_of_no_kind)
{
    MN_AUTO_PTR(mn_statement) statement = NULL;

    cr_expect_eq(mn_statement_new(MN_STATEMENT_NONE, &statement), MNSEC_E_USAGE);
    cr_expect_null(statement);
}

/* --- refusals: whole documents --------------------------------------------------------------- */

ParameterizedTestParameters(statement, refuses_every_truncation)
{
    return cr_make_param_array(kind_case, kind_cases, KIND_CASES);
}

ParameterizedTest(const kind_case *c, statement, refuses_every_truncation)
{
    MN_AUTO(mn_buf) bytes = {0};
    encode_sample(c->kind, &bytes);

    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len); /* reading past it is seen */
        memcpy(exact, bytes.bytes, len);

        cr_expect_eq(decode(c->kind, mn_bytes_of(exact, len)), MNSEC_E_USAGE_FORMAT, "%zu bytes",
                     len);
        free(exact);
    }
}

ParameterizedTestParameters(statement, refuses_a_byte_too_many)
{
    return cr_make_param_array(kind_case, kind_cases, KIND_CASES);
}

ParameterizedTest(const kind_case *c, statement, refuses_a_byte_too_many)
{
    MN_AUTO(mn_buf) bytes = {0};
    encode_sample(c->kind, &bytes);
    cr_assert_eq(mn_buf_append(&bytes, "\0", 1), MNSEC_OK);

    cr_expect_eq(decode(c->kind, mn_buf_view(&bytes)), MNSEC_E_USAGE_FORMAT);
}

ParameterizedTestParameters(statement, refuses_a_document_of_another_kind)
{
    return cr_make_param_array(kind_case, kind_cases, KIND_CASES);
}

ParameterizedTest(const kind_case *c, statement, refuses_a_document_of_another_kind)
{
    MN_AUTO(mn_buf) bytes = {0};
    encode_sample(c->kind, &bytes);

    for (size_t i = 0; i < KIND_CASES; i++) {
        if (kind_cases[i].kind != c->kind) {
            cr_expect_eq(decode(kind_cases[i].kind, mn_buf_view(&bytes)), MNSEC_E_USAGE_FORMAT);
        }
    }
}

/* --- refusals: single fields ----------------------------------------------------------------- */

/* A copy of an encoding whose field n, counted from 0 behind the purpose, has another content.
 * Length of what it had. */
static size_t replace_field(mn_bytes encoded, const char *purpose, size_t n, mn_bytes content,
                            mn_buf *out_bytes)
{
    mn_decode from;
    cr_assert_eq(mn_encode_begin(out_bytes, purpose), MNSEC_OK);
    cr_assert_eq(mn_decode_begin(&from, encoded, purpose), MNSEC_OK);
    size_t former_len = SIZE_MAX;
    for (size_t at = 0; !mn_decode_is_done(&from); at++) {
        mn_bytes field;
        cr_assert_eq(mn_decode_bytes(&from, &field), MNSEC_OK);
        former_len = at == n ? field.len : former_len;
        field = at == n ? content : field;
        cr_assert_eq(mn_encode_bytes(out_bytes, field.bytes, field.len), MNSEC_OK);
    }
    cr_assert_neq(former_len, SIZE_MAX, "there is no such field");
    return former_len;
}

#define IN_ENROLMENT 100 /* field numbers from here on are those of the nested enrolment */

/* Read a sample whose field n has another content. */
static mnsec_status decode_with(mn_statement_kind kind, size_t n, mn_bytes content,
                                size_t *out_former_len)
{
    char purpose[64];
    MN_AUTO(mn_buf) sample = {0};
    MN_AUTO(mn_buf) changed = {0};
    MN_AUTO(mn_buf) nested = {0};
    (void)snprintf(purpose, sizeof(purpose), "mnsec/%s/1", mn_statement_event(kind));
    encode_sample(kind, &sample);
    if (n >= IN_ENROLMENT) {
        mn_decode from;
        mn_bytes enrolment;
        cr_assert_eq(mn_decode_begin(&from, mn_buf_view(&sample), purpose), MNSEC_OK);
        cr_assert_eq(mn_decode_bytes(&from, &enrolment), MNSEC_OK);
        *out_former_len =
            replace_field(enrolment, "mnsec/enrolment/1", n - IN_ENROLMENT, content, &nested);
        (void)replace_field(mn_buf_view(&sample), purpose, 0, mn_buf_view(&nested), &changed);
    } else {
        *out_former_len = replace_field(mn_buf_view(&sample), purpose, n, content, &changed);
    }
    return decode(kind, mn_buf_view(&changed));
}

typedef struct number_case {
    char what[64];
    mn_statement_kind kind;
    size_t field;
    uint64_t value;
} number_case;

static number_case bad_numbers[] = {
    {"no department", MN_STATEMENT_FACILITY_FOUND, 17, 0},
    {"21 departments", MN_STATEMENT_FACILITY_FOUND, 17, 21},
    {"65 spare keys", MN_STATEMENT_FACILITY_FOUND, 5, 65},
    {"epoch 0", MN_STATEMENT_FACILITY_FOUND, 20, 0},
    {"epoch above 32 bits", MN_STATEMENT_FACILITY_FOUND, 20, UINT64_C(1) << 32},
    {"first g version not 1", MN_STATEMENT_FACILITY_FOUND, 21, 2},
    {"first wrap version not 1", MN_STATEMENT_FACILITY_FOUND, 24, 0},
    {"no person", MN_STATEMENT_FACILITY_FOUND, 42, 0},
    {"9 persons", MN_STATEMENT_FACILITY_FOUND, 42, 9},
    {"single control neither yes nor no", MN_STATEMENT_FACILITY_FOUND, 45, 2},
    {"17 risks", MN_STATEMENT_FACILITY_FOUND, 46, 17},
    {"a risk too few", MN_STATEMENT_FACILITY_FOUND, 46, 1},
    {"no role", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 2, 0},
    {"unknown role", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 2, 5},
    {"too few passes", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 8, 2},
    {"too many passes", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 8, 65},
    {"passes above 32 bits", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 8, (UINT64_C(1) << 32) + 3},
    {"too little memory", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 9, 65535},
    {"too much memory", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 9, 1048577},
    {"no lane", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 10, 0},
    {"too many lanes", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 10, 17},
    {"validity that ends as it begins", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 13, 1700000000},
    {"a time before 1970", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 12, UINT64_MAX},
    {"recovery that is as before, with a key", MN_STATEMENT_STAFF_ENROL, 1, 0},
    {"recovery version of 2^63", MN_STATEMENT_STAFF_ENROL, 1, UINT64_C(1) << 63},
    {"threshold 1", MN_STATEMENT_STAFF_ENROL, 3, 1},
    {"threshold above the holders", MN_STATEMENT_STAFF_ENROL, 3, 4},
    {"17 holders", MN_STATEMENT_STAFF_ENROL, 4, 17},
    {"a holder too few", MN_STATEMENT_STAFF_ENROL, 4, 2},
    {"facility PIN version 0", MN_STATEMENT_STAFF_WITHDRAW, 2, 0},
    {"21 departments left", MN_STATEMENT_STAFF_WITHDRAW, 3, 21},
    {"a department too many", MN_STATEMENT_STAFF_WITHDRAW, 3, 3},
    {"threshold without recovery", MN_STATEMENT_STAFF_WITHDRAW, 14, 2},
    {"no action", MN_STATEMENT_GRANT_GIVE, 3, 0},
    {"49 actions", MN_STATEMENT_GRANT_GIVE, 3, 49},
    {"more actions than any memory", MN_STATEMENT_GRANT_GIVE, 3, UINT64_MAX},
    {"an action too many", MN_STATEMENT_GRANT_GIVE, 3, 3},
    {"a grant that ends as it begins", MN_STATEMENT_GRANT_GIVE, 8, 1700000000},
    {"password version 0", MN_STATEMENT_PASSWORD_CHANGE, 2, 0},
    {"wrap version 0", MN_STATEMENT_PASSWORD_OPERATION, 1, 0},
    {"recovered neither yes nor no", MN_STATEMENT_PASSWORD_OPERATION, 9, 2},
    {"PIN version 0", MN_STATEMENT_KEY_FACILITY_PIN, 0, 0},
    {"PIN version of 2^63", MN_STATEMENT_KEY_FACILITY_PIN, 0, UINT64_C(1) << 63},
};

ParameterizedTestParameters(statement, refuses_a_number_out_of_bounds)
{
    return cr_make_param_array(number_case, bad_numbers,
                               sizeof(bad_numbers) / sizeof(bad_numbers[0]));
}

ParameterizedTest(const number_case *c, statement, refuses_a_number_out_of_bounds)
{
    uint8_t content[8];
    for (size_t i = 0; i < sizeof(content); i++) {
        content[i] = (uint8_t)(c->value >> (56 - 8 * i));
    }

    size_t former_len = 0;

    cr_expect_eq(decode_with(c->kind, c->field, mn_bytes_of(content, sizeof(content)), &former_len),
                 MNSEC_E_USAGE_FORMAT, "%s", c->what);
    cr_expect_eq(former_len, sizeof(content), "%s: the field is no number", c->what);
}

typedef struct content_case {
    char what[48];
    mn_statement_kind kind;
    size_t field;
    size_t len;
    char content[80];
} content_case;

#define CONTENT(text) sizeof(text) - 1, text

static content_case bad_contents[] = {
    {"id of zeros", MN_STATEMENT_GRANT_GIVE, 0, CONTENT("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")},
    {"id of 15 bytes", MN_STATEMENT_GRANT_GIVE, 0, CONTENT("123456789012345")},
    {"id of 17 bytes", MN_STATEMENT_GRANT_GIVE, 1, CONTENT("12345678901234567")},
    {"number of 7 bytes", MN_STATEMENT_GRANT_GIVE, 7, CONTENT("\0\0\0\0\0\0\1")},
    {"action twice", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record.show")},
    {"actions out of order", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record.zoom")},
    {"action without noun", MN_STATEMENT_GRANT_GIVE, 4, CONTENT(".list")},
    {"action without verb", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record.")},
    {"action without dot", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record")},
    {"action with a space", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("rec ord.list")},
    {"action with a capital", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("Record.list")},
    {"action with two dots", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record.a.b")},
    {"action with a NUL", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record.a\0b")},
    {"empty action", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("")},
    {"action of 32 bytes", MN_STATEMENT_GRANT_GIVE, 4, CONTENT("record.aaaaaaaaaaaaaaaaaaaaaaaaa")},
    {"no document kind", MN_STATEMENT_GRANT_GIVE, 6, CONTENT("")},
    {"document kind in small letters", MN_STATEMENT_GRANT_GIVE, 6, CONTENT("tax_slip")},
    {"two stars", MN_STATEMENT_GRANT_GIVE, 6, CONTENT("**")},
    {"document kind of 32 bytes", MN_STATEMENT_GRANT_GIVE, 6,
     CONTENT("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF")},
    {"name that is not UTF-8", MN_STATEMENT_WORKSTATION_REGISTER, 1, CONTENT("\xE8\x8B")},
    {"name with a NUL", MN_STATEMENT_WORKSTATION_REGISTER, 1, CONTENT("a\0b")},
    {"name with a line feed", MN_STATEMENT_WORKSTATION_REGISTER, 1, CONTENT("a\nb")},
    {"empty name", MN_STATEMENT_WORKSTATION_REGISTER, 1, CONTENT("")},
    {"reason that is not UTF-8", MN_STATEMENT_GRANT_WITHDRAW, 1, CONTENT("\xFF")},
    {"empty policy key", MN_STATEMENT_POLICY_CHANGE, 0, CONTENT("")},
    {"policy key with a capital", MN_STATEMENT_POLICY_CHANGE, 0, CONTENT("Session")},
    {"policy key of 64 bytes", MN_STATEMENT_POLICY_CHANGE, 0,
     CONTENT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")},
    {"policy value that is not UTF-8", MN_STATEMENT_POLICY_CHANGE, 1, CONTENT("\xFF")},
    {"empty enrolment", MN_STATEMENT_STAFF_ENROL, 0, CONTENT("")},
    {"person without name", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 1, CONTENT("")},
    {"card hash of 31 bytes", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 3,
     CONTENT("1234567890123456789012345678901")},
    {"empty binding", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 5, CONTENT("")},
    {"empty point", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 6, CONTENT("")},
    {"compressed point", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 7,
     CONTENT("\2"
             "1234567890123456789012345678901234567890123456789012345678901234")},
    {"salt of 15 bytes", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 11, CONTENT("123456789012345")},
    {"recovery without key", MN_STATEMENT_STAFF_ENROL, 2, CONTENT("")},
    {"recovery key of 64 bytes", MN_STATEMENT_STAFF_ENROL, 2,
     CONTENT("\4"
             "123456789012345678901234567890123456789012345678901234567890123")},
    {"holder twice", MN_STATEMENT_STAFF_ENROL, 5,
     CONTENT("\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15"
             "\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15\x15")},
    {"risk with a space", MN_STATEMENT_FACILITY_FOUND, 47, CONTENT("no spare")},
    {"empty risk", MN_STATEMENT_FACILITY_FOUND, 47, CONTENT("")},
    {"risk of 32 bytes", MN_STATEMENT_FACILITY_FOUND, 47,
     CONTENT("abcdefghijklmnopqrstuvwxyzabcdef")},
    {"empty passport", MN_STATEMENT_FACILITY_FOUND, 2, CONTENT("")},
    {"spare name of 32 bytes", MN_STATEMENT_FACILITY_FOUND, 6,
     CONTENT("abcdefghijklmnopqrstuvwxyzabcdef")},
};

ParameterizedTestParameters(statement, refuses_a_field_that_is_not_what_it_should_be)
{
    return cr_make_param_array(content_case, bad_contents,
                               sizeof(bad_contents) / sizeof(bad_contents[0]));
}

ParameterizedTest(const content_case *c, statement, refuses_a_field_that_is_not_what_it_should_be)
{
    size_t former_len = 0;

    cr_expect_eq(decode_with(c->kind, c->field, mn_bytes_of(c->content, c->len), &former_len),
                 MNSEC_E_USAGE_FORMAT, "%s", c->what);
}

typedef struct length_case {
    char what[32];
    mn_statement_kind kind;
    size_t field;
    size_t longest;
} length_case;

static length_case lengths[] = {
    {"name of a facility", MN_STATEMENT_FACILITY_FOUND, 1, 200},
    {"passport", MN_STATEMENT_FACILITY_FOUND, 2, 1024 * 1024},
    {"attestation", MN_STATEMENT_FACILITY_FOUND, 3, 1024 * 1024},
    {"audit certificate", MN_STATEMENT_FACILITY_FOUND, 4, 16 * 1024},
    {"name of a person", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 1, 200},
    {"binding", MN_STATEMENT_STAFF_ENROL, IN_ENROLMENT + 5, 8 * 1024},
    {"reason", MN_STATEMENT_STAFF_WITHDRAW, 1, 200},
    {"name of a workstation", MN_STATEMENT_WORKSTATION_REGISTER, 1, 200},
    {"policy value", MN_STATEMENT_POLICY_CHANGE, 1, 4096},
};

ParameterizedTestParameters(statement, takes_the_longest_field_and_none_longer)
{
    return cr_make_param_array(length_case, lengths, sizeof(lengths) / sizeof(lengths[0]));
}

ParameterizedTest(const length_case *c, statement, takes_the_longest_field_and_none_longer)
{
    MN_AUTO(mn_buf) content = {0};
    uint8_t *letters = NULL;
    size_t former_len = 0;
    cr_assert_eq(mn_buf_extend(&content, c->longest + 1, &letters), MNSEC_OK);
    memset(letters, 'a', content.len);

    cr_expect_eq(decode_with(c->kind, c->field, mn_bytes_of(letters, c->longest), &former_len),
                 MNSEC_OK, "%s", c->what);
    cr_expect_eq(decode_with(c->kind, c->field, mn_bytes_of(letters, c->longest + 1), &former_len),
                 MNSEC_E_USAGE_FORMAT, "%s", c->what);
}

/* --- refusals: writing ----------------------------------------------------------------------- */

Test(statement, does_not_write_what_would_not_be_read)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_GRANT_GIVE);
    MN_AUTO(mn_buf) bytes = {0};
    (void)snprintf(statement->u.grant.document, sizeof(statement->u.grant.document), "tax slip");

    cr_expect_eq(mn_statement_encode(statement, &bytes), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(bytes.len, 0);
}

Test(statement, does_not_write_a_text_without_end)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_WORKSTATION_REGISTER);
    MN_AUTO(mn_buf) bytes = {0};
    memset(statement->u.workstation.name, 'a', sizeof(statement->u.workstation.name));

    cr_expect_eq(mn_statement_encode(statement, &bytes), MNSEC_E_USAGE_FORMAT);
}

Test(statement, does_not_write_more_items_than_there_is_room_for)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_GRANT_GIVE);
    MN_AUTO(mn_buf) bytes = {0};
    statement->u.grant.action_count = MN_STATEMENT_MAX_ACTIONS + 1;

    cr_expect_eq(mn_statement_encode(statement, &bytes), MNSEC_E_USAGE_FORMAT);
}

Test(statement, does_not_write_an_individual_number)
{
    MN_AUTO_PTR(mn_statement) withdrawal = sample_statement(MN_STATEMENT_STAFF_WITHDRAW);
    MN_AUTO_PTR(mn_statement) policy = sample_statement(MN_STATEMENT_POLICY_CHANGE);
    MN_AUTO(mn_buf) bytes = {0};
    (void)snprintf(withdrawal->u.withdrawal.reason, sizeof(withdrawal->u.withdrawal.reason),
                   "番号 1234 5678 9018");
    cr_assert_eq(mn_buf_append_text(&policy->u.policy.value, " 123456789018"), MNSEC_OK);

    cr_expect_eq(mn_statement_encode(withdrawal, &bytes), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_statement_encode(policy, &bytes), MNSEC_E_USAGE_FORMAT);
}
