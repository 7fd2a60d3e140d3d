/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the log, byte for byte. The vectors were made by python3 (json, hashlib, base64), not by
 * this code.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "audit/audit_line.h"
#include "crypto/secret/hash.h"
#include "hex.h"

#define STATEMENT                                                                                  \
    "{\"_\":\"mnsec-audit/1\",\"ah\":\"j3b9UBu2jvcfTidrwo8pvOEAOwwsnZR43oG1v8DN4ek\",\"at\":4660," \
    "\"auth\":\"card\",\"bh\":\"QbwZiGpQRrdQh4ZfJlPtIKJzcvchkzf-bnRdQHef7So\","                    \
    "\"dept\":\"baeaqcaibaeaqcaibaeaqcaiba\",\"ev\":\"record.show\","                              \
    "\"log\":\"mnsec/beeqscijbeeqscijbeeqscijbe\",\"out\":0,"                                      \
    "\"pre\":\"aVJS9mS5OyN1_Bc4aToyoZ6Mci_hToGj2AzFuFqSPaA\",\"ses\":17,\"sn\":4,\"st\":\"use\","  \
    "\"ts\":1790000000}"
#define SIGNATURES "4711 es256 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo MAYCAQECAQI"
#define LINE       STATEMENT "\t4711 12 1790000003\tmMCsqBY4MN2aONjIi6zx9CMusg14Tb_f4X5J-oNRSyo"
#define LEAF       "5ccd7f575cb56315160a7b45cc4e0c1925ca4a347573c8df671bdc61ffc1d938"
/* What changes in a line changes one of these. */
#define FOUNDING                                                                                   \
    "{\"_\":\"mnsec-audit/1\",\"ah\":\"-\",\"at\":0,\"auth\":\"card\","                            \
    "\"bh\":\"QbwZiGpQRrdQh4ZfJlPtIKJzcvchkzf-bnRdQHef7So\",\"dept\":\"-\","                       \
    "\"ev\":\"facility.found\",\"log\":\"mnsec/beeqscijbeeqscijbeeqscijbe\",\"out\":0,"            \
    "\"pre\":\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\",\"ses\":0,\"sn\":0,\"st\":\"none\","  \
    "\"ts\":0}"

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

static mn_audit_statement sample(void)
{
    mn_audit_statement statement = {
        .has_ah = true,
        .at = 4660,
        .auth = MN_AUDIT_AUTH_CARD,
        .department = id_of(8),
        .action = MN_ACTION_RECORD_SHOW,
        .origin = "mnsec/beeqscijbeeqscijbeeqscijbe",
        .outcome = MN_AUDIT_SUCCESS,
        .session = {17, 4},
        .ts = 1790000000,
    };
    mn_hash_bytes(bytes_of("authority"), statement.ah);
    mn_hash_bytes(bytes_of("pre"), statement.pre.bytes);
    static const uint8_t bh[32] = {0x41, 0xbc, 0x19, 0x88, 0x6a, 0x50, 0x46, 0xb7, 0x50, 0x87, 0x86,
                                   0x5f, 0x26, 0x53, 0xed, 0x20, 0xa2, 0x73, 0x72, 0xf7, 0x21, 0x93,
                                   0x37, 0xfe, 0x6e, 0x74, 0x5d, 0x40, 0x77, 0x9f, 0xed, 0x2a};
    memcpy(statement.bh, bh, sizeof(bh));
    return statement;
}

Test(audit_line, is_written_as_the_vector)
{
    MN_AUTO(mn_buf) statement = {0};
    MN_AUTO(mn_buf) text = {0};
    const mn_audit_statement from = sample();
    cr_assert_eq(mn_audit_line_statement_write(&from, &statement), MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&statement), STATEMENT);
    mn_audit_line line = {.text = mn_buf_view(&statement),
                          .index = 4711,
                          .dn = 12,
                          .t = 1790000003,
                          .is_signed = true};
    mn_hash_bytes(bytes_of(SIGNATURES), line.sighash);

    cr_assert_eq(mn_audit_line_write(&line, &text), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&text), LINE);
    mn_tlog_hash leaf;
    mn_tlog_tree_leaf(mn_buf_view(&text), &leaf);
    MN_AUTO(mn_buf) expected = {0};
    hex_read(LEAF, &expected);
    cr_expect_arr_eq(leaf.bytes, expected.bytes, sizeof(leaf.bytes));
}

Test(audit_line, is_read_as_it_was_written)
{
    const mn_audit_statement expected = sample();
    mn_audit_line line;
    uint8_t sighash[32];
    mn_hash_bytes(bytes_of(SIGNATURES), sighash);

    cr_assert_eq(mn_audit_line_read(bytes_of(LINE), &line), MNSEC_OK);

    cr_expect_eq(line.index, 4711);
    cr_expect_eq(line.dn, 12);
    cr_expect_eq(line.t, 1790000003);
    cr_expect(line.is_signed);
    cr_expect_arr_eq(line.sighash, sighash, 32);
    cr_expect_eq(line.text.len, strlen(STATEMENT));
    cr_expect_eq(line.statement.at, expected.at);
    cr_expect_eq(line.statement.auth, expected.auth);
    cr_expect_eq(line.statement.action, expected.action);
    cr_expect_eq(line.statement.session.ses, 17);
    cr_expect_eq(line.statement.session.sn, 4);
    cr_expect_eq(line.statement.ts, expected.ts);
    cr_expect(line.statement.has_ah);
    cr_expect_arr_eq(line.statement.ah, expected.ah, 32);
    cr_expect_arr_eq(line.statement.bh, expected.bh, 32);
    cr_expect_arr_eq(line.statement.pre.bytes, expected.pre.bytes, 32);
    cr_expect(mnsec_id_equal(&line.statement.department, &expected.department));
    cr_expect_str_eq(line.statement.origin, expected.origin);
}

Test(audit_line, of_a_founding_is_read)
{
    mn_audit_line line;

    cr_assert_eq(mn_audit_line_read(bytes_of(FOUNDING "\t0 1 0\t-"), &line), MNSEC_OK);

    cr_expect_not(line.statement.has_ah);
    cr_expect_not(line.is_signed);
    cr_expect(mnsec_id_is_none(&line.statement.department));
    cr_expect_eq(line.statement.action, MN_ACTION_FACILITY_FOUND);
}

Test(audit_line, whose_digest_begins_with_a_hyphen_is_signed)
{
    mn_audit_line line;

    cr_assert_eq(
        mn_audit_line_read(
            bytes_of(STATEMENT "\t1 2 3\t-MCsqBY4MN2aONjIi6zx9CMusg14Tb_f4X5J-oNRSyo"), &line),
        MNSEC_OK);

    cr_expect(line.is_signed);
}

Test(audit_line, cut_anywhere_is_refused)
{
    for (size_t len = 0; len < strlen(LINE); len++) {
        mn_audit_line line = {.index = 42};
        cr_expect_eq(mn_audit_line_read(mn_bytes_of(LINE, len), &line), MNSEC_E_USAGE_FORMAT,
                     "%zu bytes", len);
        cr_expect_eq(line.index, 42);
    }
}

Test(audit_line, with_any_byte_changed_is_refused_or_read_as_it_then_is)
{
    for (size_t at = 0; at < strlen(LINE); at++) {
        char text[] = LINE;
        mn_audit_line line;
        MN_AUTO(mn_buf) statement = {0};
        MN_AUTO(mn_buf) again = {0};
        text[at] ^= 1;
        if (mn_audit_line_read(bytes_of(text), &line) != MNSEC_OK) {
            continue;
        }
        cr_assert_eq(mn_audit_line_statement_write(&line.statement, &statement), MNSEC_OK);
        line.text = mn_buf_view(&statement);
        cr_assert_eq(mn_audit_line_write(&line, &again), MNSEC_OK);
        cr_expect_str_eq(mn_buf_text(&again), text, "byte %zu", at);
    }
}

typedef struct text_case {
    char text[640];
} text_case;

ParameterizedTestParameters(audit_line, of_another_form_is_refused)
{
#define HEAD                                                                                       \
    "{\"_\":\"mnsec-audit/"                                                                        \
    "1\",\"ah\":\"-\",\"at\":0,\"auth\":\"card\",\"bh\":\"QbwZiGpQRrdQh4ZfJlPtIKJzcvchkzf-"        \
    "bnRdQHef7So\","
#define TAIL                                                                                       \
    "\"log\":\"mnsec/"                                                                             \
    "a\",\"out\":0,\"pre\":\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\",\"ses\":0,\"sn\":0,"    \
    "\"st\":\"none\",\"ts\":0}"
    static text_case cases[] = {
        {LINE "\n"},
        {LINE " "},
        {STATEMENT},
        {STATEMENT "\t4711 12 1790000003"},
        {STATEMENT "\t04711 12 1790000003\t-"},
        {STATEMENT "\t4711 12 -1\t-"},
        {STATEMENT "\t4711  12 1790000003\t-"},
        {STATEMENT "\t4711 12 1790000003\t--"},
        {STATEMENT "\t9007199254740992 12 1790000003\t-"},
        {HEAD "\"dept\":\"-\",\"ev\":\"log.write\"," TAIL "\t0 1 0\t-"}, /* no such event */
        {HEAD "\"dept\":\"\",\"ev\":\"log.read\"," TAIL "\t0 1 0\t-"},
        {HEAD "\"dept\":\"aaaaaaaaaaaaaaaaaaaaaaaaaa\",\"ev\":\"log.read\"," TAIL "\t0 1 0\t-"},
        {HEAD "\"dept\":\"BAEAQCAIBAEAQCAIBAEAQCAIBA\",\"ev\":\"log.read\"," TAIL "\t0 1 0\t-"},
        {HEAD "\"dept\":\"-\",\"ev\":\"record.show\"," TAIL "\t0 1 0\t-"}, /* another stage */
        {HEAD "\"dept\":\"-\",\"ev\":\"log.read\",\"foo\":1," TAIL "\t0 1 0\t-"},
        {HEAD "\"dept\":\"-\", \"ev\":\"log.read\"," TAIL "\t0 1 0\t-"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_line, of_another_form_is_refused)
{
    mn_audit_line line;

    cr_expect_eq(mn_audit_line_read(bytes_of(c->text), &line), MNSEC_E_USAGE_FORMAT, "%s", c->text);
}

Test(audit_line, is_not_written_with_a_value_that_has_no_form)
{
    MN_AUTO(mn_buf) text = {0};
    mn_audit_statement statement = sample();
    statement.action = MN_ACTION_NONE;
    cr_expect_eq(mn_audit_line_statement_write(&statement, &text), MNSEC_E_USAGE);
    statement = sample();
    statement.auth = (mn_audit_auth)9;
    cr_expect_eq(mn_audit_line_statement_write(&statement, &text), MNSEC_E_USAGE);
    statement = sample();
    statement.outcome = (mn_audit_outcome)1;
    cr_expect_eq(mn_audit_line_statement_write(&statement, &text), MNSEC_E_USAGE);
    statement = sample();
    statement.ts = -1;
    cr_expect_eq(mn_audit_line_statement_write(&statement, &text), MNSEC_E_USAGE);
}

static void sign_sample(mn_audit_signature *signature)
{
    uint8_t raw[64] = {0};
    raw[31] = 1;
    raw[63] = 2;
    *signature = (mn_audit_signature){.alg = MN_SIGNATURE_ECDSA_P256_SHA256};
    memset(signature->certificate, 0xAA, sizeof(signature->certificate));
    cr_assert_eq(mn_buf_append(&signature->signature, raw, sizeof(raw)), MNSEC_OK);
}

Test(audit_line, of_signatures_is_written_as_the_vector)
{
    MN_AUTO(mn_audit_signature) signature = {.alg = MN_SIGNATURE_NONE};
    MN_AUTO(mn_buf) text = {0};
    sign_sample(&signature);

    cr_assert_eq(mn_audit_line_groups_write(4711, &signature, 1, &text), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&text), SIGNATURES);
}

Test(audit_line, of_signatures_is_read_back)
{
    MN_AUTO(mn_audit_line_groups) groups = {.count = 0};
    MN_AUTO(mn_audit_signature) expected = {.alg = MN_SIGNATURE_NONE};
    MN_AUTO(mn_buf) raw = {0};
    sign_sample(&expected);
    static const char two[] = SIGNATURES " rs256 qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo AAAA";

    cr_assert_eq(mn_audit_line_groups_read(bytes_of(two), &groups), MNSEC_OK);

    cr_expect_eq(groups.index, 4711);
    cr_assert_eq(groups.count, 2);
    cr_expect_eq(groups.groups[1].alg, MN_SIGNATURE_RSA_PKCS1_SHA256);
    cr_expect_arr_eq(groups.groups[0].certificate, expected.certificate, 32);
    cr_assert_eq(
        mn_audit_line_raw(groups.groups[0].alg, mn_buf_view(&groups.groups[0].signature), &raw),
        MNSEC_OK);
    cr_assert_eq(raw.len, 64);
    cr_expect_arr_eq(raw.bytes, expected.signature.bytes, 64);
}

Test(audit_line, of_signatures_cut_anywhere_is_refused_or_another)
{
    /* base64 may be cut at some letters and be another signature; nothing before may be. */
    const size_t whole = strlen(SIGNATURES) - strlen("MAYCAQECAQI");
    for (size_t len = 0; len <= whole; len++) {
        MN_AUTO(mn_audit_line_groups) groups = {.count = 0};
        cr_expect_eq(mn_audit_line_groups_read(mn_bytes_of(SIGNATURES, len), &groups),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

ParameterizedTestParameters(audit_line, of_signatures_of_another_form_is_refused)
{
#define FP "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo"
    static text_case cases[] = {
        {"1"},
        {"1 "},
        {"01 rs256 " FP " AAAA"},
        {"1 rs512 " FP " AAAA"},
        {"1 rs256 " FP " AAAA "},
        {"1 rs256 " FP "  AAAA"},
        {"1 rs256 " FP " AA=="},
        {"1 rs256 " FP " AAAA rs256 " FP " AAAA rs256 " FP " AAAA rs256 " FP " AAAA"},
    };
    return cr_make_param_array(text_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const text_case *c, audit_line, of_signatures_of_another_form_is_refused)
{
    MN_AUTO(mn_audit_line_groups) groups = {.count = 0};

    cr_expect_eq(mn_audit_line_groups_read(bytes_of(c->text), &groups), MNSEC_E_USAGE_FORMAT, "%s",
                 c->text);
}

Test(audit_line, of_signatures_is_not_written_for_none_or_too_many)
{
    mn_audit_signature signatures[4] = {{.alg = MN_SIGNATURE_NONE}};
    MN_AUTO(mn_buf) text = {0};

    cr_expect_eq(mn_audit_line_groups_write(1, signatures, 0, &text), MNSEC_E_USAGE);
    cr_expect_eq(mn_audit_line_groups_write(1, signatures, 4, &text), MNSEC_E_USAGE);
    cr_expect_eq(mn_audit_line_groups_write(1, signatures, 1, &text), MNSEC_E_USAGE_FORMAT);
}
