/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of the log and of signatures: what is read of them, and that they have one form. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "soft_key.h"
#include "verify/verify_read.h"

#define DIGEST_A "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define DIGEST_Z "__________________________________________8"
#define DEPT     "aaaaaaaaaaaaaaaaaaaaaaaaaa"

#define STATEMENT                                                                                  \
    "{\"_\":\"mnsec-audit/1\",\"ah\":\"" DIGEST_Z                                                  \
    "\",\"at\":41,\"auth\":\"card\",\"bh\":\"" DIGEST_A "\",\"dept\":\"" DEPT                      \
    "\",\"ev\":\"record.show\",\"log\":\"mnsec/x\",\"out\":0,\"pre\":\"" DIGEST_A                  \
    "\",\"ses\":7,\"sn\":3,\"st\":\"use\",\"ts\":1767225600}"
#define LINE STATEMENT "\t42 5 1767225601\t" DIGEST_A

static mn_bytes text_of(const char *text)
{
    return mn_bytes_of(text, strlen(text));
}

static bool says(mn_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.bytes, text, bytes.len) == 0;
}

Test(verify_line, reads_every_member)
{
    mn_verify_line line;

    cr_assert_eq(mn_verify_line_read(text_of(LINE), &line), MNSEC_OK);

    cr_expect(says(line.statement, STATEMENT));
    cr_expect(says(line.department, DEPT) && says(line.origin, "mnsec/x"));
    cr_expect(mn_verify_line_is(&line, "record.show"));
    cr_expect(line.has_head && line.is_signed);
    cr_expect_eq(line.head[0], 0xFF);
    cr_expect_eq(line.auth, MN_VERIFY_AUTH_CARD);
    cr_expect(line.at == 41 && line.outcome == 0 && line.ses == 7 && line.sn == 3);
    cr_expect(line.index == 42 && line.department_index == 5);
    cr_expect(line.ts == 1767225600 && line.time == 1767225601);
}

Test(verify_line, tells_none_from_a_digest_that_begins_like_it)
{
    static const char none[] = "{\"_\":\"mnsec-audit/1\",\"ah\":\"-\",\"at\":0,\"auth\":\"log\","
                               "\"bh\":\"" DIGEST_A "\",\"dept\":\"-\",\"ev\":\"clock.step\","
                               "\"log\":\"mnsec/x\",\"out\":0,\"pre\":\"" DIGEST_A
                               "\",\"ses\":0,\"sn\":0,\"st\":\"none\",\"ts\":0}\t0 1 0\t-";
    static const char some[] =
        STATEMENT "\t42 5 1767225601\t-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    mn_verify_line line;

    cr_assert_eq(mn_verify_line_read(text_of(none), &line), MNSEC_OK);
    cr_expect(!line.has_head && !line.is_signed);
    cr_assert_eq(mn_verify_line_read(text_of(some), &line), MNSEC_OK);
    cr_expect(line.is_signed);
    cr_expect_eq(line.signature[0], 0xF8);
}

Test(verify_line, refuses_every_truncation)
{
    mn_verify_line line;

    for (size_t len = 0; len < strlen(LINE); len++) {
        cr_expect_eq(mn_verify_line_read(mn_bytes_of(LINE, len), &line), MNSEC_E_USAGE_FORMAT,
                     "%zu bytes", len);
    }
}

typedef struct edit {
    char from[32];
    char to[64];
} edit;

ParameterizedTestParameters(verify_line, refuses_any_other_form)
{
    static edit edits[] = {
        {"\"_\"", "\"_ \""},
        {"mnsec-audit/1", "mnsec-audit/2"},
        {",\"at\"", ", \"at\""},
        {"\"at\":41", "\"at\":041"},
        {"\"at\":41", "\"at\":-1"},
        {"\"at\":41", "\"at\":9007199254740992"},
        {"\"at\":41", "\"at\":99999999999999999999999"},
        {"\"at\":41", "\"at\":41.0"},
        {"\"at\":41", "\"at\":"},
        {"\"card\"", "\"cards\""},
        {"\"card\"", "\"\""},
        {DEPT, "aaaaaaaaaaaaaaaaaaaaaaaaa"},
        {DEPT, "--"},
        {"record.show", "record"},
        {"record.show", ".show"},
        {"record.show", "record."},
        {"record.show", "a.b.c"},
        {"record.show", "record.\\u0073how"},
        {"mnsec/x", ""},
        {"mnsec/x", "mnsec x"},
        {"\"out\":0", "\"out\":1"},
        {"\"out\":0", "\"out\":16"},
        {"\"st\":\"use\"", "\"st\":\"uses\""},
        {"1767225600}", "1767225600 }"},
        {"\t42", " 42"},
        {"\t42 5 ", "\t42 5  "},
        {"\t42 5 ", "\t42  5 "},
        {"\t42 5 ", "\t042 5 "},
        {"\t42 5 ", "\t42\t5 "},
        {"1767225601\t", "1767225601\t\t"},
        {"1767225601\t", "1767225601\t-"},
        {"1767225601\t", "1767225601\n"},
    };
    return cr_make_param_array(edit, edits, sizeof(edits) / sizeof(edits[0]));
}

ParameterizedTest(const edit *e, verify_line, refuses_any_other_form)
{
    static const char whole[] = LINE;
    const char *at = strstr(whole, e->from);
    char edited[1024];
    mn_verify_line line;
    cr_assert_not_null(at);
    (void)snprintf(edited, sizeof(edited), "%.*s%s%s", (int)(at - whole), whole, e->to,
                   at + strlen(e->from));

    cr_expect_eq(mn_verify_line_read(text_of(edited), &line), MNSEC_E_USAGE_FORMAT, "%s", edited);
}

Test(verify_line, refuses_a_nul)
{
    char nul[] = LINE;
    mn_verify_line line;

    for (size_t i = 0; i < sizeof(nul) - 1; i++) {
        const char kept = nul[i];
        nul[i] = '\0';
        cr_expect_eq(mn_verify_line_read(mn_bytes_of(nul, sizeof(nul) - 1), &line),
                     MNSEC_E_USAGE_FORMAT);
        nul[i] = kept;
    }
}

typedef struct event {
    char name[24];
    uint64_t outcome;
    bool is_authority;
} event;

ParameterizedTestParameters(verify_line, knows_authority_events)
{
    static event events[] = {
        {"facility.found", 0, true}, {"facility.founder", 0, false}, {"staff.enrol", 0, true},
        {"staff.enrol", 4, false},   {"grant.give", 0, true},        {"policy.change", 0, true},
        {"restore.run", 0, true},    {"key.rekey", 0, true},         {"department.add", 0, true},
        {"record.show", 0, false},   {"session.login", 0, false},    {"staffing.x", 0, false},
    };
    return cr_make_param_array(event, events, sizeof(events) / sizeof(events[0]));
}

ParameterizedTest(const event *e, verify_line, knows_authority_events)
{
    const mn_verify_line line = {.event = text_of(e->name), .outcome = e->outcome};

    cr_expect_eq(mn_verify_line_is_authority(&line), e->is_authority, "%s", e->name);
}

/* A signature line of so many groups, each a real ECDSA signature. */
static void signature_line(size_t groups, mn_buf *out_line)
{
    MN_AUTO(soft_key) key = {0};
    MN_AUTO(mn_buf) raw = {0};
    MN_AUTO(mn_buf) der = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_sign(&key, text_of(STATEMENT), &raw);
    cr_assert_eq(mn_signature_der_from_raw(mn_buf_view(&raw), &der), MNSEC_OK);
    cr_assert_eq(mn_buf_append_text(out_line, "42"), MNSEC_OK);
    for (size_t i = 0; i < groups; i++) {
        cr_assert_eq(mn_buf_append_text(out_line, " es256 " DIGEST_Z " "), MNSEC_OK);
        cr_assert_eq(mn_base64_url_append(out_line, der.bytes, der.len), MNSEC_OK);
    }
}

Test(verify_line, reads_up_to_three_signatures)
{
    for (size_t count = 1; count <= 3; count++) {
        MN_AUTO(mn_buf) line = {0};
        MN_AUTO(mn_verify_line_groups) groups = {0};
        uint64_t index = 0;
        signature_line(count, &line);

        cr_assert_eq(mn_verify_line_signature_index(mn_buf_view(&line), &index), MNSEC_OK);
        cr_assert_eq(mn_verify_line_signatures(mn_buf_view(&line), &groups), MNSEC_OK);

        cr_expect_eq(index, 42);
        cr_assert_eq(groups.count, count);
        cr_expect_eq(groups.groups[count - 1].alg, MN_SIGNATURE_ECDSA_P256_SHA256);
        cr_expect_eq(groups.groups[count - 1].certificate[0], 0xFF);
        cr_expect_eq(groups.groups[count - 1].signature.len, 64);
    }
}

Test(verify_line, refuses_none_and_four_signatures)
{
    MN_AUTO(mn_buf) none = {0};
    MN_AUTO(mn_buf) four = {0};
    MN_AUTO(mn_verify_line_groups) groups = {0};
    signature_line(0, &none);
    signature_line(4, &four);

    cr_expect_eq(mn_verify_line_signatures(mn_buf_view(&none), &groups), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_verify_line_signatures(mn_buf_view(&four), &groups), MNSEC_E_USAGE_FORMAT);
}

Test(verify_line, refuses_every_truncation_of_signatures)
{
    MN_AUTO(mn_buf) line = {0};
    MN_AUTO(mn_verify_line_groups) groups = {0};
    signature_line(1, &line);

    for (size_t len = 0; len < line.len; len++) {
        cr_expect_eq(mn_verify_line_signatures(mn_bytes_of(line.bytes, len), &groups),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
    }
}

typedef struct bad {
    char line[96];
} bad;

ParameterizedTestParameters(verify_line, refuses_signatures_in_another_form)
{
    static bad cases[] = {
        {"42 es256 " DIGEST_A " "},        {"42  es256 " DIGEST_A " AAAA"},
        {"42 es256 " DIGEST_A "  AAAA"},   {"42 es256 " DIGEST_A " AAAA"},
        {"42 none " DIGEST_A " AAAA"},     {"42 rs512 " DIGEST_A " AAAA"},
        {"42 rs256 " DIGEST_A " AAAA "},   {"42 rs256 " DIGEST_A " AA=="},
        {"42 rs256 " DIGEST_A "A AAAA"},   {" rs256 " DIGEST_A " AAAA"},
        {"x rs256 " DIGEST_A " AAAA"},     {"042 rs256 " DIGEST_A " AAAA"},
        {"42\trs256 " DIGEST_A " AAAA"},   {""},
        {"42 rs256 " DIGEST_A " AAAA rs"},
    };
    return cr_make_param_array(bad, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const bad *c, verify_line, refuses_signatures_in_another_form)
{
    MN_AUTO(mn_verify_line_groups) groups = {0};
    cr_assert_eq(mn_verify_line_signatures(text_of("42 rs256 " DIGEST_A " AAAA"), &groups),
                 MNSEC_OK);

    cr_expect_eq(mn_verify_line_signatures(text_of(c->line), &groups), MNSEC_E_USAGE_FORMAT, "%s",
                 c->line);
}
