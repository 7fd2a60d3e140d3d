/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chain of statements: what is verified before a statement counts, and what changes once it
 * does. Who may say what: test_registry_may.c; what may follow what: test_registry_rules.c.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/base64.h"
#include "chain.h"
#include "crypto/secret/hash.h"

static chain c;

static void end(void)
{
    chain_wipe(&c);
}

TestSuite(registry_apply, .fini = end);

/* --- refusals: nothing of the statement counts ----------------------------------------------- */

static void expect_refused(const chain_entry *entry, const char *reason)
{
    uint8_t before[32];
    uint8_t after[32];
    mn_registry_head(c.registry, before);
    const uint64_t count = mn_registry_count(c.registry);
    const size_t persons = mn_registry_person_count(c.registry);

    cr_expect_eq(mn_registry_apply(c.registry, &entry->entry, c.founding_hash),
                 MNSEC_E_INTEGRITY_AUTHORITY);

    mn_registry_head(c.registry, after);
    cr_expect_not_null(strstr(c.error.text, reason), "%s", c.error.text);
    cr_expect_arr_eq(before, after, sizeof(before));
    cr_expect_eq(mn_registry_count(c.registry), count);
    cr_expect_eq(mn_registry_person_count(c.registry), persons);
}

/* Enrolment of hana by alice, the entry that most tests spoil. */
static void make_enrolment(chain_entry *out_entry)
{
    static const chain_who signers[] = {CHAIN_ALICE, CHAIN_HANA};
    MN_AUTO_PTR(mn_statement) statement = chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER);
    chain_entry_make(&c, statement, 2, signers, out_entry);
}

static void make_founding(chain_entry *out_entry)
{
    static const chain_who signers[] = {CHAIN_ALICE, CHAIN_BOB};
    MN_AUTO_PTR(mn_statement) statement = chain_founding(&c, 2);
    chain_entry_make(&c, statement, 2, signers, out_entry);
    mn_hash_bytes(out_entry->entry.statement, c.founding_hash);
}

Test(registry_apply, refuses_a_founding_that_is_not_the_trusted_one)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_init(&c);
    make_founding(&entry);

    c.founding_hash[31] ^= 1;

    expect_refused(&entry, "not the founding that is trusted");
}

Test(registry_apply, refuses_a_founding_without_a_hash_to_trust)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_init(&c);
    make_founding(&entry);

    cr_expect_eq(mn_registry_apply(c.registry, &entry.entry, NULL), MNSEC_E_INTEGRITY_AUTHORITY);
    cr_expect_eq(mn_registry_count(c.registry), 0);
}

Test(registry_apply, refuses_a_founding_that_is_not_entry_0)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_init(&c);
    make_founding(&entry);

    entry.entry.index = 1;

    expect_refused(&entry, "does not begin with entry 0");
}

Test(registry_apply, refuses_a_founding_that_follows_something)
{
    static const chain_who signers[] = {CHAIN_ALICE, CHAIN_BOB};
    MN_AUTO(chain_entry) entry = {0};
    chain_init(&c);
    make_founding(&entry);
    mn_base64_url_digest(c.founding_hash, entry.entry.ah);
    chain_entry_sign(&c, &entry, 2, signers);
    mn_hash_bytes(entry.entry.statement, c.founding_hash);

    expect_refused(&entry, "does not begin with entry 0");
}

Test(registry_apply, refuses_a_chain_that_begins_without_founding)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_init(&c);
    make_enrolment(&entry);
    mn_hash_bytes(entry.entry.statement, c.founding_hash);

    expect_refused(&entry, "facility is not founded");
}

Test(registry_apply, refuses_a_statement_that_follows_another_one)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.entry.ah[0] ^= 1;

    expect_refused(&entry, "does not follow the newest one");
}

Test(registry_apply, refuses_a_statement_without_predecessor_after_the_first)
{
    static const chain_who signers[] = {CHAIN_ALICE, CHAIN_HANA};
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    memcpy(entry.entry.ah, "-", 2);
    chain_entry_sign(&c, &entry, 2, signers);

    expect_refused(&entry, "does not follow the newest one");
}

Test(registry_apply, refuses_a_statement_that_is_replayed)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    cr_assert_eq(chain_apply(&c, &entry), MNSEC_OK, "%s", c.error.text);

    entry.entry.index = c.next_index;

    expect_refused(&entry, "does not follow the newest one");
}

Test(registry_apply, refuses_statements_in_another_order)
{
    static const chain_who signers[] = {CHAIN_BOB};
    MN_AUTO(chain_entry) first = {0};
    MN_AUTO(chain_entry) second = {0};
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_POLICY_CHANGE);
    chain_found(&c, 2);
    make_enrolment(&first);
    uint8_t digest[32];
    chain_entry_make(&c, statement, 1, signers, &second);
    mn_hash_bytes(first.entry.statement, digest);
    mn_base64_url_digest(digest, second.entry.ah);
    chain_entry_sign(&c, &second, 1, signers);

    expect_refused(&second, "does not follow the newest one");
    cr_assert_eq(chain_apply(&c, &first), MNSEC_OK, "%s", c.error.text);
    second.entry.index = c.next_index;
    cr_expect_eq(chain_apply(&c, &second), MNSEC_OK, "in order: %s", c.error.text);
}

Test(registry_apply, refuses_an_index_that_does_not_grow)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.entry.index = 0;

    expect_refused(&entry, "stands before");
}

Test(registry_apply, refuses_an_edited_statement)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.statement.bytes[entry.statement.len - 3] ^= 1;

    expect_refused(&entry, "signature does not verify");
}

Test(registry_apply, refuses_a_malformed_document)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.entry.document.len--;

    expect_refused(&entry, "document is malformed");
}

Test(registry_apply, refuses_the_document_of_another_event)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.entry.event = "grant.give";

    expect_refused(&entry, "document is malformed");
}

Test(registry_apply, refuses_an_event_without_authority)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.entry.event = "record.show";

    expect_refused(&entry, "no authority event");
}

Test(registry_apply, refuses_a_statement_without_signature)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.entry.signature_count = 0;

    expect_refused(&entry, "not enrolled");
}

Test(registry_apply, refuses_more_signatures_than_there_can_be)
{
    static const chain_who signers[] = {CHAIN_ALICE, CHAIN_HANA, CHAIN_BOB, CHAIN_BOB};
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    chain_entry_sign(&c, &entry, 4, signers);

    expect_refused(&entry, "more signatures than needed");
}

typedef struct group_case {
    size_t group;
} group_case;

ParameterizedTestParameters(registry_apply, refuses_a_signature_over_something_else)
{
    static group_case cases[] = {{0}, {1}};
    return cr_make_param_array(group_case, cases, 2);
}

ParameterizedTest(const group_case *g, registry_apply, refuses_a_signature_over_something_else)
{
    static const chain_who signers[] = {CHAIN_ALICE, CHAIN_HANA};
    MN_AUTO(chain_entry) entry = {0};
    MN_AUTO(chain_entry) other = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    make_enrolment(&other);
    other.entry.ah[5] ^= 1;
    chain_entry_sign(&c, &other, 2, signers);

    entry.signatures[g->group].signature = mn_buf_view(&other.signature_bytes[g->group]);

    expect_refused(&entry, "signature does not verify");
}

ParameterizedTestParameters(registry_apply, refuses_a_signature_by_another_key)
{
    static group_case cases[] = {{0}, {1}};
    return cr_make_param_array(group_case, cases, 2);
}

ParameterizedTest(const group_case *g, registry_apply, refuses_a_signature_by_another_key)
{
    chain_who signers[] = {CHAIN_ALICE, CHAIN_HANA};
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    const mn_bytes shown = entry.signatures[g->group].certificate;
    signers[g->group] = CHAIN_MALLORY;
    chain_entry_sign(&c, &entry, 2, signers);

    entry.signatures[g->group].certificate = shown;

    expect_refused(&entry, "signature does not verify");
}

Test(registry_apply, refuses_a_signature_of_another_algorithm)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.signatures[0].alg = MN_SIGNATURE_ECDSA_P384_SHA384;

    expect_refused(&entry, "signature does not verify");
}

Test(registry_apply, refuses_an_empty_signature)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.signatures[1].signature = (mn_bytes){0};

    expect_refused(&entry, "signature does not verify");
}

Test(registry_apply, refuses_a_malformed_certificate)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);

    entry.signatures[0].certificate.len--;

    expect_refused(&entry, "certificate of a signer is malformed");
}

ParameterizedTestParameters(registry_apply, refuses_another_certificate_of_the_enrolled_key)
{
    static group_case cases[] = {{0}, {1}};
    return cr_make_param_array(group_case, cases, 2);
}

ParameterizedTest(const group_case *g, registry_apply,
                  refuses_another_certificate_of_the_enrolled_key)
{
    MN_AUTO(chain_entry) entry = {0};
    MN_AUTO(mn_buf) other = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    chain_card_certify(&c.cards[g->group == 0 ? CHAIN_ALICE : CHAIN_HANA], &other);

    entry.signatures[g->group].certificate = mn_buf_view(&other);

    expect_refused(&entry, "certificate is not the one that was enrolled");
}

Test(registry_apply, names_the_entry_that_does_not_hold)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    entry.entry.index = 4711;
    entry.entry.signature_count = 1;

    expect_refused(&entry, "entry 4711: a signature is missing");
}

Test(registry_apply, goes_on_after_a_refusal)
{
    MN_AUTO(chain_entry) entry = {0};
    chain_found(&c, 2);
    make_enrolment(&entry);
    entry.entry.signature_count = 1;
    expect_refused(&entry, "a signature is missing");

    entry.entry.signature_count = 2;

    cr_expect_eq(chain_apply(&c, &entry), MNSEC_OK, "%s", c.error.text);
}

/* --- effects --------------------------------------------------------------------------------- */

Test(registry_apply, founds)
{
    chain_found(&c, 2);

    const mn_founding *founding = mn_registry_founding(c.registry);
    const mn_registry_department *department = mn_registry_department_at(c.registry, 1);
    const mn_registry_person *bob = mn_registry_person_at(c.registry, 1);
    const mnsec_id workstation = sample_id(0x31);
    uint8_t head[32];
    mn_registry_head(c.registry, head);
    cr_assert_not_null(founding);
    cr_assert_not_null(department);
    cr_assert_not_null(bob);
    cr_expect_str_eq(founding->name, "ひまわり苑");
    cr_expect_eq(mn_registry_count(c.registry), 1);
    cr_expect_arr_eq(head, c.founding_hash, sizeof(head));
    cr_expect_eq(mn_registry_facility_pin_version(c.registry), 1);
    cr_expect_eq(mn_registry_recovery(c.registry)->version, 1);
    cr_expect_eq(mn_registry_department_count(c.registry), 2);
    cr_expect_str_eq(department->name, "経理");
    cr_expect_eq(department->epoch, 1);
    cr_expect_eq(department->versions.wrap_version, 1);
    cr_expect_not(department->operation_password_due);
    cr_expect_eq(mn_registry_person_count(c.registry), 2);
    cr_expect_eq(bob->password_version, 1);
    cr_expect_eq(bob->argon2.kib, MN_ARGON2_FLOOR_KIB);
    cr_expect_not(bob->withdrawn);
    cr_expect(mn_registry_workstation_is_known(c.registry, &workstation));
}

Test(registry_apply, founds_with_a_single_person)
{
    chain_found(&c, 1);

    cr_expect_eq(mn_registry_person_count(c.registry), 1);
    cr_expect(mn_registry_founding(c.registry)->single_control);
}

typedef struct alg_case {
    mn_signature_alg alg;
} alg_case;

ParameterizedTestParameters(registry_apply, takes_cards_of_other_algorithms)
{
    static alg_case cases[] = {{MN_SIGNATURE_ECDSA_P384_SHA384}, {MN_SIGNATURE_RSA_PKCS1_SHA256}};
    return cr_make_param_array(alg_case, cases, 2);
}

ParameterizedTest(const alg_case *a, registry_apply, takes_cards_of_other_algorithms)
{
    chain_found(&c, 2);
    chain_card_wipe(&c.cards[CHAIN_HANA]);
    chain_card_make(&c.cards[CHAIN_HANA], a->alg);

    cr_expect_eq(
        chain_say(&c, chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER), 2, CHAIN_ALICE, CHAIN_HANA),
        MNSEC_OK, "%s", c.error.text);
    cr_expect_eq(chain_say(&c, chain_password(&c, CHAIN_HANA), 1, CHAIN_HANA), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_apply, enrols_a_person)
{
    chain_found(&c, 2);
    const uint64_t index = c.next_index;

    cr_assert_eq(
        chain_say(&c, chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER), 2, CHAIN_BOB, CHAIN_HANA),
        MNSEC_OK, "%s", c.error.text);

    const mn_registry_person *hana =
        mn_registry_person_by_card(c.registry, c.cards[CHAIN_HANA].hash);
    cr_assert_not_null(hana);
    cr_expect_eq(hana->enrolled_index, index);
    cr_expect_eq(hana->enrolled_at, 1700000000 + (int64_t)index);
    cr_expect_eq(hana->enrolment->role, MNSEC_ROLE_HANDLER);
    cr_expect_str_eq(mn_buf_text(&hana->enrolment->binding), "binding");
    cr_expect_eq(mn_registry_recovery(c.registry)->version, 1, "recovery as before");
}

Test(registry_apply, enrols_a_responsible_person_with_a_new_recovery_key)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_enrol(&c, CHAIN_CAROL, MNSEC_ROLE_RESPONSIBLE);
    mn_recovery *recovery = &statement->u.enrol.recovery;
    *recovery = (mn_recovery){.version = 2, .threshold = 2, .holder_count = 2};
    sample_point(0x44, recovery->key);
    memcpy(recovery->holders[0], c.cards[CHAIN_BOB].hash, 32);
    memcpy(recovery->holders[1], c.cards[CHAIN_CAROL].hash, 32);

    cr_assert_eq(chain_say(&c, statement, 3, CHAIN_ALICE, CHAIN_CAROL, CHAIN_BOB), MNSEC_OK, "%s",
                 c.error.text);

    cr_expect_eq(mn_registry_recovery(c.registry)->version, 2);
    cr_expect_eq(mn_registry_recovery(c.registry)->key[64], 0x44);
    cr_expect_eq(mn_registry_recovery(c.registry)->holder_count, 2);
}

Test(registry_apply, withdraws_a_person_with_grants_and_secrets)
{
    chain_found_with_handler(&c);

    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK, "%s",
                 c.error.text);

    const mn_registry_person *hana =
        mn_registry_person_by_card(c.registry, c.cards[CHAIN_HANA].hash);
    const mn_registry_department *department = mn_registry_department_at(c.registry, 0);
    cr_expect(hana->withdrawn);
    cr_expect(mn_registry_grant_at(c.registry, 0)->withdrawn);
    cr_expect_eq(mn_registry_facility_pin_version(c.registry), 2);
    cr_expect_eq(department->versions.g_version, 2);
    cr_expect_eq(department->versions.s_version, 2);
    cr_expect_eq(department->versions.o_version, 1);
    cr_expect_eq(department->versions.wrap_version, 1);
    cr_expect_eq(department->versions.argon2.salt[0], 0x80 + 0x21, "password still the old one");
    cr_expect(department->operation_password_due);
}

Test(registry_apply, keeps_the_secrets_of_departments_a_withdrawal_does_not_name)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.department_count = 1;

    cr_assert_eq(chain_say(&c, statement, 1, CHAIN_ALICE), MNSEC_OK, "%s", c.error.text);

    cr_expect(mn_registry_department_at(c.registry, 0)->operation_password_due);
    cr_expect_not(mn_registry_department_at(c.registry, 1)->operation_password_due);
    cr_expect_eq(mn_registry_department_at(c.registry, 1)->versions.g_version, 1);
}

Test(registry_apply, gives_a_grant)
{
    chain_found_with_handler(&c);

    const mn_registry_grant *given = mn_registry_grant_at(c.registry, 0);
    cr_assert_not_null(given);
    cr_expect_not(given->withdrawn);
    cr_expect_eq(given->grant->action_count, 2);
    cr_expect_str_eq(given->grant->actions[1], "record.show");
    cr_expect_str_eq(given->grant->document, "TAX_SLIP");
}

Test(registry_apply, withdraws_a_grant)
{
    chain_found_with_handler(&c);

    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);

    cr_expect(mn_registry_grant_at(c.registry, 0)->withdrawn);
}

Test(registry_apply, changes_an_own_password)
{
    chain_found_with_handler(&c);

    cr_assert_eq(chain_say(&c, chain_password(&c, CHAIN_HANA), 1, CHAIN_HANA), MNSEC_OK, "%s",
                 c.error.text);

    const mn_registry_person *hana =
        mn_registry_person_by_card(c.registry, c.cards[CHAIN_HANA].hash);
    cr_expect_eq(hana->password_version, 2);
    cr_expect_eq(hana->argon2.salt[0], 0x80 + 0x16);
    cr_expect_neq(hana->enrolment->argon2.salt[0], 0x80 + 0x16, "the enrolment stays as signed");
}

Test(registry_apply, wraps_the_same_secret_under_a_new_operation_password)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_operation(&c, 0x21);
    sample_argon2(0x55, &statement->u.operation.versions.argon2);

    cr_assert_eq(chain_say(&c, statement, 1, CHAIN_ALICE), MNSEC_OK, "%s", c.error.text);

    const mn_registry_department *department = mn_registry_department_at(c.registry, 0);
    cr_expect_eq(department->versions.wrap_version, 2);
    cr_expect_eq(department->versions.o_version, 1);
    cr_expect_eq(department->versions.s_version, 1);
    cr_expect_eq(department->versions.argon2.salt[0], 0x80 + 0x55);
}

Test(registry_apply, makes_a_new_secret_with_an_operation_password_that_was_due)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);

    cr_assert_eq(chain_say(&c, chain_operation(&c, 0x21), 1, CHAIN_ALICE), MNSEC_OK, "%s",
                 c.error.text);

    const mn_registry_department *department = mn_registry_department_at(c.registry, 0);
    cr_expect_eq(department->versions.wrap_version, 2);
    cr_expect_eq(department->versions.g_version, 2);
    cr_expect_eq(department->versions.o_version, 2);
    cr_expect_eq(department->versions.s_version, 3);
    cr_expect_not(department->operation_password_due);
}

Test(registry_apply, counts_facility_pins)
{
    chain_found(&c, 2);

    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_KEY_FACILITY_PIN), 1, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);

    cr_expect_eq(mn_registry_facility_pin_version(c.registry), 2);
}

Test(registry_apply, registers_a_workstation)
{
    const mnsec_id id = sample_id(0x32);
    chain_found(&c, 2);
    cr_assert_not(mn_registry_workstation_is_known(c.registry, &id));

    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_WORKSTATION_REGISTER), 1, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);

    cr_expect(mn_registry_workstation_is_known(c.registry, &id));
}

Test(registry_apply, keeps_the_newest_value_of_a_policy)
{
    chain_found(&c, 2);
    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_POLICY_CHANGE), 1, CHAIN_ALICE),
                 MNSEC_OK, "%s", c.error.text);
    mn_statement *statement = sample_statement(MN_STATEMENT_POLICY_CHANGE);
    cr_assert_eq(mn_buf_append_text(&statement->u.policy.value, "0"), MNSEC_OK);

    cr_assert_eq(chain_say(&c, statement, 1, CHAIN_ALICE), MNSEC_OK, "%s", c.error.text);

    cr_expect_str_eq(mn_registry_policy(c.registry, "session.idle_seconds"), "3000");
}

Test(registry_apply, moves_the_head_to_the_newest_statement)
{
    static const chain_who signers[] = {CHAIN_ALICE};
    MN_AUTO(chain_entry) entry = {0};
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_POLICY_CHANGE);
    uint8_t digest[32];
    uint8_t head[32];
    chain_found(&c, 2);
    chain_entry_make(&c, statement, 1, signers, &entry);
    mn_hash_bytes(entry.entry.statement, digest);

    cr_assert_eq(chain_apply(&c, &entry), MNSEC_OK, "%s", c.error.text);

    mn_registry_head(c.registry, head);
    cr_expect_arr_eq(head, digest, sizeof(head));
    cr_expect_eq(mn_registry_count(c.registry), 2);
}

Test(registry_apply, keeps_what_it_lent_while_more_is_applied)
{
    chain_found_with_handler(&c);
    const mn_registry_person *alice = mn_registry_person_at(c.registry, 0);
    const mn_registry_grant *first = mn_registry_grant_at(c.registry, 0);

    for (uint8_t i = 0; i < 40; i++) {
        cr_assert_eq(
            chain_say(&c, chain_grant((uint8_t)(0x60 + i), CHAIN_HANA, 0x22), 1, CHAIN_BOB),
            MNSEC_OK);
    }

    cr_expect_eq(alice, mn_registry_person_at(c.registry, 0));
    cr_expect_eq(first, mn_registry_grant_at(c.registry, 0));
    cr_expect_eq(first->grant->id.bytes[0], 0x41);
}
