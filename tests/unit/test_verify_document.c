/* SPDX-License-Identifier: Apache-2.0 */
/* Authority documents: who is enrolled, withdrawn, given a grant. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/encode.h"
#include "statement_samples.h"
#include "verify/verify_read.h"

static const mnsec_id person = {{1, 2, 3}};
static const mnsec_id grant = {{4, 5, 6}};
static const mnsec_id department = {{7, 8, 9}};
static const uint8_t card[32] = {0xCA};
static const uint8_t certificate[32] = {0xCE};

static void ok(mnsec_status status)
{
    cr_assert_eq(status, MNSEC_OK);
}

/* fields of one byte, which the reader passes over */
static void fields(mn_buf *document, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        ok(mn_encode_bytes(document, "x", 1));
    }
}

static void recovery(mn_buf *document)
{
    fields(document, 3);
    ok(mn_encode_u64(document, 2));
    fields(document, 2);
}

static void enrolment(mn_buf *document)
{
    MN_AUTO(mn_buf) inner = {0};
    ok(mn_encode_begin(&inner, "mnsec/enrolment/1"));
    ok(mn_encode_id(&inner, &person));
    ok(mn_encode_text(&inner, "山田"));
    ok(mn_encode_u64(&inner, 2));
    ok(mn_encode_bytes(&inner, card, sizeof(card)));
    ok(mn_encode_bytes(&inner, certificate, sizeof(certificate)));
    fields(&inner, 9);
    ok(mn_encode_bytes(document, inner.bytes, inner.len));
}

static void founding(mn_buf *document)
{
    ok(mn_encode_begin(document, "mnsec/facility.found/1"));
    fields(document, 4);
    ok(mn_encode_bytes(document, "audit", 5));
    ok(mn_encode_u64(document, 1));
    fields(document, 2);
    recovery(document);
    ok(mn_encode_u64(document, 2));
    fields(document, 22);
    fields(document, 2);
    ok(mn_encode_u64(document, 2));
    enrolment(document);
    enrolment(document);
    ok(mn_encode_u64(document, 0));
    ok(mn_encode_u64(document, 1));
    fields(document, 1);
}

static void enrol(mn_buf *document)
{
    ok(mn_encode_begin(document, "mnsec/staff.enrol/1"));
    enrolment(document);
    recovery(document);
}

static void withdraw(mn_buf *document)
{
    ok(mn_encode_begin(document, "mnsec/staff.withdraw/1"));
    ok(mn_encode_id(document, &person));
    fields(document, 2);
    ok(mn_encode_u64(document, 1));
    fields(document, 4);
    recovery(document);
}

static void give(mn_buf *document)
{
    ok(mn_encode_begin(document, "mnsec/grant.give/1"));
    ok(mn_encode_id(document, &grant));
    ok(mn_encode_id(document, &person));
    ok(mn_encode_id(document, &department));
    ok(mn_encode_u64(document, 1));
    fields(document, 4);
}

static mnsec_status read_as(const char *event, mn_bytes document, mn_verify_document *out_document)
{
    const mn_verify_line line = {.event = mn_bytes_of(event, strlen(event))};
    return mn_verify_document_read(&line, document, out_document);
}

static void expect_person(const mn_verify_person *found)
{
    cr_expect(mnsec_id_equal(&found->id, &person));
    cr_expect_eq(found->role, 2);
    cr_expect_arr_eq(found->card, card, sizeof(card));
    cr_expect_arr_eq(found->certificate, certificate, sizeof(certificate));
}

Test(verify_document, reads_a_founding)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    founding(&bytes);

    cr_assert_eq(read_as("facility.found", mn_buf_view(&bytes), &document), MNSEC_OK);

    cr_expect_eq(document.kind, MN_VERIFY_DOCUMENT_FOUNDING);
    cr_assert_eq(document.audit_certificate.len, 5);
    cr_expect_arr_eq(document.audit_certificate.bytes, "audit", 5);
    cr_assert_eq(document.person_count, 2);
    expect_person(&document.persons[0]);
    expect_person(&document.persons[1]);
}

Test(verify_document, reads_an_enrolment)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    enrol(&bytes);

    cr_assert_eq(read_as("staff.enrol", mn_buf_view(&bytes), &document), MNSEC_OK);

    cr_assert_eq(document.person_count, 1);
    expect_person(&document.persons[0]);
}

Test(verify_document, reads_a_withdrawal_and_a_grant)
{
    MN_AUTO(mn_buf) leaving = {0};
    MN_AUTO(mn_buf) given = {0};
    mn_verify_document document;
    withdraw(&leaving);
    give(&given);

    cr_assert_eq(read_as("staff.withdraw", mn_buf_view(&leaving), &document), MNSEC_OK);
    cr_expect(mnsec_id_equal(&document.person, &person));
    cr_assert_eq(read_as("grant.give", mn_buf_view(&given), &document), MNSEC_OK);
    cr_expect(mnsec_id_equal(&document.grant, &grant));
    cr_expect(mnsec_id_equal(&document.person, &person));
    cr_expect(mnsec_id_equal(&document.department, &department));
}

ParameterizedTestParameters(verify_document, reads_what_the_registry_writes)
{
    static mn_statement_kind kinds[] = {
        MN_STATEMENT_FACILITY_FOUND,       MN_STATEMENT_STAFF_ENROL,
        MN_STATEMENT_STAFF_WITHDRAW,       MN_STATEMENT_GRANT_GIVE,
        MN_STATEMENT_GRANT_WITHDRAW,       MN_STATEMENT_PASSWORD_CHANGE,
        MN_STATEMENT_PASSWORD_OPERATION,   MN_STATEMENT_KEY_FACILITY_PIN,
        MN_STATEMENT_WORKSTATION_REGISTER, MN_STATEMENT_POLICY_CHANGE,
    };
    return cr_make_param_array(mn_statement_kind, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

ParameterizedTest(const mn_statement_kind *kind, verify_document, reads_what_the_registry_writes)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(*kind);
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    ok(mn_statement_encode(statement, &bytes));

    cr_expect_eq(read_as(mn_statement_event(*kind), mn_buf_view(&bytes), &document), MNSEC_OK, "%s",
                 mn_statement_event(*kind));
}

Test(verify_document, passes_over_what_changes_nobodys_authority)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    ok(mn_encode_begin(&bytes, "mnsec/policy.change/1"));
    fields(&bytes, 2);

    cr_assert_eq(read_as("policy.change", mn_buf_view(&bytes), &document), MNSEC_OK);

    cr_expect_eq(document.kind, MN_VERIFY_DOCUMENT_OTHER);
}

Test(verify_document, refuses_the_document_of_another_event)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    enrol(&bytes);

    cr_expect_eq(read_as("staff.withdraw", mn_buf_view(&bytes), &document), MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(read_as("staff.enrolx", mn_buf_view(&bytes), &document), MNSEC_E_USAGE_FORMAT);
}

static void expect_every_truncation_refused(const char *event, void (*write)(mn_buf *))
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    write(&bytes);
    cr_assert_eq(read_as(event, mn_buf_view(&bytes), &document), MNSEC_OK);

    for (size_t len = 0; len < bytes.len; len++) {
        cr_expect_eq(read_as(event, mn_bytes_of(bytes.bytes, len), &document), MNSEC_E_USAGE_FORMAT,
                     "%s, %zu bytes", event, len);
    }
    ok(mn_encode_u64(&bytes, 0));
    cr_expect_eq(read_as(event, mn_buf_view(&bytes), &document), MNSEC_E_USAGE_FORMAT);
}

Test(verify_document, refuses_every_truncation_and_a_field_too_many)
{
    expect_every_truncation_refused("facility.found", founding);
    expect_every_truncation_refused("staff.enrol", enrol);
    expect_every_truncation_refused("staff.withdraw", withdraw);
    expect_every_truncation_refused("grant.give", give);
}

Test(verify_document, refuses_more_persons_than_a_founding_may_have)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    ok(mn_encode_begin(&bytes, "mnsec/facility.found/1"));
    fields(&bytes, 5);
    ok(mn_encode_u64(&bytes, 0));
    recovery(&bytes);
    ok(mn_encode_u64(&bytes, 0));
    fields(&bytes, 2);
    ok(mn_encode_u64(&bytes, MN_VERIFY_PERSONS + 1));
    for (unsigned i = 0; i <= MN_VERIFY_PERSONS; i++) {
        enrolment(&bytes);
    }
    ok(mn_encode_u64(&bytes, 0));
    ok(mn_encode_u64(&bytes, 0));

    cr_expect_eq(read_as("facility.found", mn_buf_view(&bytes), &document), MNSEC_E_USAGE_FORMAT);
}

/* A count of 2^64 − 1 items ends where the bytes end. */
Test(verify_document, is_not_misled_by_a_huge_count)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_verify_document document;
    ok(mn_encode_begin(&bytes, "mnsec/facility.found/1"));
    fields(&bytes, 5);
    ok(mn_encode_u64(&bytes, UINT64_MAX));
    fields(&bytes, 20);

    cr_expect_eq(read_as("facility.found", mn_buf_view(&bytes), &document), MNSEC_E_USAGE_FORMAT);
}
