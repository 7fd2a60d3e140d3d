/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may follow what. Each refusal is asked of mn_registry_may() with the signers that would be
 * right; that the same document unspoilt is accepted, test_registry_may.c and
 * test_registry_apply.c show.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "chain.h"

static chain c;

static void end(void)
{
    chain_wipe(&c);
}

TestSuite(registry_rules, .fini = end);

static void expect_denied(mnsec_status status, const char *reason)
{
    cr_expect_eq(status, MNSEC_E_DENIED);
    cr_expect_str_eq(c.error.text, reason);
}

/* --- facility.found -------------------------------------------------------------------------- */

static mn_statement *founding;

static void begin_founding(void)
{
    chain_init(&c);
    founding = chain_founding(&c, 2);
}

static void expect_no_founding(const char *reason)
{
    expect_denied(chain_may(&c, founding, 2, CHAIN_ALICE, CHAIN_BOB), reason);
}

Test(registry_rules, refuse_a_second_founding)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_founding(&c, 2), 2, CHAIN_ALICE, CHAIN_BOB),
                  "facility is founded already");
}

Test(registry_rules, refuse_everything_else_before_the_founding)
{
    chain_init(&c);

    expect_denied(chain_may(&c, sample_statement(MN_STATEMENT_POLICY_CHANGE), 1, CHAIN_ALICE),
                  "facility is not founded");
}

Test(registry_rules, refuse_a_document_of_no_kind)
{
    chain_found(&c, 2);
    mn_statement *statement = sample_statement(MN_STATEMENT_KEY_FACILITY_PIN);
    statement->kind = MN_STATEMENT_NONE;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "document is of no known kind");
}

Test(registry_rules, refuse_two_departments_of_one_id)
{
    begin_founding();
    founding->u.founding.departments[1].versions.id = sample_id(0x21);
    expect_no_founding("department id is used twice");
}

Test(registry_rules, refuse_two_founders_of_one_id)
{
    begin_founding();
    founding->u.founding.persons[1].person = chain_person(CHAIN_ALICE);
    expect_no_founding("person id is used twice");
}

Test(registry_rules, refuse_two_founders_with_one_card)
{
    begin_founding();
    memcpy(founding->u.founding.persons[1].card, c.cards[CHAIN_ALICE].hash, 32);
    expect_no_founding("card is enrolled twice");
}

Test(registry_rules, refuse_a_first_founder_who_is_not_responsible)
{
    begin_founding();
    founding->u.founding.persons[0].role = MNSEC_ROLE_HANDLER;
    expect_no_founding("first person is not responsible");
}

Test(registry_rules, refuse_single_control_by_two)
{
    begin_founding();
    founding->u.founding.single_control = true;
    expect_no_founding("single control does not agree with the number of responsible persons");
}

Test(registry_rules, refuse_a_single_person_who_does_not_say_so)
{
    chain_init(&c);
    mn_statement *statement = chain_founding(&c, 1);
    statement->u.founding.single_control = false;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "single control does not agree with the number of responsible persons");
}

Test(registry_rules, refuse_a_recovery_key_that_begins_at_version_2)
{
    begin_founding();
    founding->u.founding.recovery.version = 2;
    expect_no_founding("first recovery version is not 1");
}

Test(registry_rules, refuse_a_recovery_share_of_a_stranger_at_founding)
{
    begin_founding();
    memcpy(founding->u.founding.recovery.holders[0], c.cards[CHAIN_MALLORY].hash, 32);
    expect_no_founding("a recovery share is held by a card that is not a responsible person's");
}

Test(registry_rules, refuse_a_recovery_share_of_a_handler_at_founding)
{
    chain_init(&c);
    mn_statement *statement = chain_founding(&c, 2);
    statement->u.founding.persons[1].role = MNSEC_ROLE_HANDLER;
    statement->u.founding.single_control = true;
    memcpy(statement->u.founding.recovery.holders[0], c.cards[CHAIN_BOB].hash, 32);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "a recovery share is held by a card that is not a responsible person's");
}

/* --- staff.enrol ----------------------------------------------------------------------------- */

Test(registry_rules, refuse_a_card_that_is_enrolled)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER);
    statement->u.enrol.enrolment.person = sample_id(0x77);

    expect_denied(chain_may(&c, statement, 2, CHAIN_ALICE, CHAIN_HANA), "card is enrolled already");
}

Test(registry_rules, refuse_a_card_that_was_enrolled_once)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);
    mn_statement *statement = chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER);
    statement->u.enrol.enrolment.person = sample_id(0x77);

    expect_denied(chain_may(&c, statement, 2, CHAIN_ALICE, CHAIN_HANA), "card is enrolled already");
}

Test(registry_rules, refuse_a_person_id_that_is_known)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER);
    statement->u.enrol.enrolment.person = chain_person(CHAIN_BOB);

    expect_denied(chain_may(&c, statement, 2, CHAIN_ALICE, CHAIN_HANA),
                  "person id is known already");
}

static mn_statement *enrol_carol_with_recovery(uint64_t version)
{
    mn_statement *statement = chain_enrol(&c, CHAIN_CAROL, MNSEC_ROLE_RESPONSIBLE);
    mn_recovery *recovery = &statement->u.enrol.recovery;
    *recovery = (mn_recovery){.version = version, .threshold = 2, .holder_count = 2};
    sample_point(0x44, recovery->key);
    return statement;
}

Test(registry_rules, take_the_next_recovery_key_on_paper)
{
    chain_found(&c, 2);

    cr_expect_eq(
        chain_may(&c, enrol_carol_with_recovery(2), 3, CHAIN_ALICE, CHAIN_CAROL, CHAIN_BOB),
        MNSEC_OK, "%s", c.error.text);
}

Test(registry_rules, refuse_a_recovery_version_that_does_not_follow)
{
    chain_found(&c, 2);

    expect_denied(
        chain_may(&c, enrol_carol_with_recovery(1), 3, CHAIN_ALICE, CHAIN_CAROL, CHAIN_BOB),
        "recovery version does not follow the one in force");
    expect_denied(
        chain_may(&c, enrol_carol_with_recovery(3), 3, CHAIN_ALICE, CHAIN_CAROL, CHAIN_BOB),
        "recovery version does not follow the one in force");
}

Test(registry_rules, refuse_a_recovery_key_with_a_handlers_enrolment)
{
    chain_found(&c, 2);
    mn_statement *statement = enrol_carol_with_recovery(2);
    statement->u.enrol.enrolment.role = MNSEC_ROLE_HANDLER;

    expect_denied(chain_may(&c, statement, 2, CHAIN_ALICE, CHAIN_CAROL),
                  "recovery key changes without a change among responsible persons");
}

Test(registry_rules, refuse_a_recovery_share_of_a_handler)
{
    chain_found_with_handler(&c);
    mn_statement *statement = enrol_carol_with_recovery(2);
    memcpy(statement->u.enrol.recovery.holders[0], c.cards[CHAIN_HANA].hash, 32);

    expect_denied(chain_may(&c, statement, 3, CHAIN_ALICE, CHAIN_CAROL, CHAIN_BOB),
                  "a recovery share is held by a card that is not a responsible person's");
}

/* --- staff.withdraw -------------------------------------------------------------------------- */

Test(registry_rules, refuse_to_withdraw_somebody_unknown)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE),
                  "person is not known");
}

Test(registry_rules, refuse_to_withdraw_twice)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE),
                  "person was withdrawn already");
}

Test(registry_rules, refuse_to_withdraw_the_last_responsible_person)
{
    chain_found(&c, 2);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_BOB), 1, CHAIN_ALICE), MNSEC_OK);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_ALICE), 1, CHAIN_ALICE),
                  "last responsible person cannot be withdrawn");
}

Test(registry_rules, refuse_a_withdrawal_that_keeps_the_facility_pin)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.facility_pin_version--;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "facility PIN version does not follow the one in force");
}

Test(registry_rules, refuse_a_withdrawal_that_jumps_a_facility_pin)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.facility_pin_version++;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "facility PIN version does not follow the one in force");
}

static void expect_versions_refused(int g, int o, int s)
{
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    mn_department_versions *versions = &statement->u.withdrawal.departments[1];
    versions->g_version += (uint64_t)(int64_t)g;
    versions->o_version += (uint64_t)(int64_t)o;
    versions->s_version += (uint64_t)(int64_t)s;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "versions of a department do not follow those in force");
}

Test(registry_rules, refuse_a_withdrawal_whose_department_versions_do_not_follow)
{
    chain_found_with_handler(&c);

    expect_versions_refused(-1, 0, 0);
    expect_versions_refused(1, 0, 0);
    expect_versions_refused(0, 1, 0);
    expect_versions_refused(0, 0, -1);
    expect_versions_refused(0, 0, 1);
}

Test(registry_rules, refuse_a_withdrawal_that_names_an_unknown_department)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.departments[1].id = sample_id(0x77);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "department is not known");
}

Test(registry_rules, refuse_a_withdrawal_that_names_a_department_twice)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.departments[1] = statement->u.withdrawal.departments[0];

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "department is named twice");
}

Test(registry_rules, refuse_a_withdrawal_that_forgets_a_department_of_the_person)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.departments[0] = statement->u.withdrawal.departments[1];
    statement->u.withdrawal.department_count = 1;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "a department that the person could open is missing");
}

Test(registry_rules, refuse_a_withdrawal_that_forgets_a_department_whose_grant_was_withdrawn)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                 MNSEC_OK);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.department_count = 0;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "a department that the person could open is missing");
}

Test(registry_rules, refuse_a_responsible_persons_withdrawal_that_forgets_any_department)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_withdraw(&c, CHAIN_BOB);
    statement->u.withdrawal.department_count = 1;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "a department that the person could open is missing");
}

static mn_statement *withdraw_bob_with_recovery(const uint8_t holder[32])
{
    mn_statement *statement = chain_withdraw(&c, CHAIN_BOB);
    mn_recovery *recovery = &statement->u.withdrawal.recovery;
    *recovery = (mn_recovery){.version = 2, .threshold = 2, .holder_count = 2};
    sample_point(0x44, recovery->key);
    memcpy(recovery->holders[0], holder, 32);
    return statement;
}

Test(registry_rules, take_a_recovery_key_shared_among_those_who_stay)
{
    chain_found(&c, 2);

    cr_expect_eq(
        chain_may(&c, withdraw_bob_with_recovery(c.cards[CHAIN_ALICE].hash), 1, CHAIN_ALICE),
        MNSEC_OK, "%s", c.error.text);
}

Test(registry_rules, refuse_a_recovery_share_of_the_one_who_goes)
{
    chain_found(&c, 2);

    expect_denied(
        chain_may(&c, withdraw_bob_with_recovery(c.cards[CHAIN_BOB].hash), 1, CHAIN_ALICE),
        "a recovery share is held by a card that is not a responsible person's");
}

Test(registry_rules, refuse_a_recovery_key_with_a_handlers_withdrawal)
{
    chain_found_with_handler(&c);
    mn_statement *statement = withdraw_bob_with_recovery(c.cards[CHAIN_ALICE].hash);
    statement->u.withdrawal.person = chain_person(CHAIN_HANA);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "recovery key changes without a change among responsible persons");
}

/* --- grants ---------------------------------------------------------------------------------- */

Test(registry_rules, refuse_a_grant_id_that_is_known)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_grant(0x41, CHAIN_HANA, 0x22), 1, CHAIN_ALICE),
                  "grant id is known already");
}

Test(registry_rules, refuse_the_id_of_a_withdrawn_grant)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                 MNSEC_OK);

    expect_denied(chain_may(&c, chain_grant(0x41, CHAIN_HANA, 0x22), 1, CHAIN_ALICE),
                  "grant id is known already");
}

Test(registry_rules, refuse_a_grant_to_somebody_unknown)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_grant(0x42, CHAIN_HANA, 0x21), 1, CHAIN_ALICE),
                  "person is not known");
}

Test(registry_rules, refuse_a_grant_to_a_withdrawn_person)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);

    expect_denied(chain_may(&c, chain_grant(0x42, CHAIN_HANA, 0x21), 1, CHAIN_ALICE),
                  "person was withdrawn");
}

Test(registry_rules, refuse_a_grant_in_an_unknown_department)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_grant(0x42, CHAIN_HANA, 0x77), 1, CHAIN_ALICE),
                  "department is not known");
}

Test(registry_rules, refuse_to_withdraw_an_unknown_grant)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                  "grant is not known");
}

Test(registry_rules, refuse_to_withdraw_a_grant_twice)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                 MNSEC_OK);

    expect_denied(chain_may(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                  "grant was withdrawn already");
}

Test(registry_rules, refuse_to_withdraw_a_grant_that_went_with_its_person)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);

    expect_denied(chain_may(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                  "grant was withdrawn already");
}

/* --- versions -------------------------------------------------------------------------------- */

Test(registry_rules, refuse_the_password_of_somebody_unknown)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_password(&c, CHAIN_ALICE);
    statement->u.password.person = sample_id(0x77);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "person is not known");
}

Test(registry_rules, refuse_a_password_on_another_card)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_password(&c, CHAIN_ALICE);
    memcpy(statement->u.password.card, c.cards[CHAIN_BOB].hash, 32);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "card is not that person's");
}

Test(registry_rules, refuse_a_password_version_that_stays_or_jumps)
{
    chain_found(&c, 2);
    mn_statement *same = chain_password(&c, CHAIN_ALICE);
    mn_statement *jump = chain_password(&c, CHAIN_ALICE);
    same->u.password.version--;
    jump->u.password.version++;

    expect_denied(chain_may(&c, same, 1, CHAIN_ALICE),
                  "password version does not follow the one in force");
    expect_denied(chain_may(&c, jump, 1, CHAIN_ALICE),
                  "password version does not follow the one in force");
}

static void expect_operation_refused(int wrap, int g, int o, int s)
{
    mn_statement *statement = chain_operation(&c, 0x21);
    mn_department_versions *versions = &statement->u.operation.versions;
    versions->wrap_version += (uint64_t)(int64_t)wrap;
    versions->g_version += (uint64_t)(int64_t)g;
    versions->o_version += (uint64_t)(int64_t)o;
    versions->s_version += (uint64_t)(int64_t)s;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE),
                  "versions of the department do not follow those in force");
}

Test(registry_rules, refuse_an_operation_password_whose_versions_do_not_follow)
{
    chain_found(&c, 2);

    expect_operation_refused(-1, 0, 0, 0);
    expect_operation_refused(1, 0, 0, 0);
    expect_operation_refused(0, 1, 0, 0);
    expect_operation_refused(0, 0, 1, 0);
    expect_operation_refused(0, 0, 0, 1);
    expect_operation_refused(0, 0, 1, 1);
}

Test(registry_rules, refuse_a_due_operation_password_that_keeps_the_old_secret)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);

    expect_operation_refused(0, 0, -1, -1);
    expect_operation_refused(0, 0, -1, 0);
    expect_operation_refused(0, 0, 0, -1);
}

Test(registry_rules, refuse_the_operation_password_of_an_unknown_department)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_operation(&c, 0x21);
    statement->u.operation.versions.id = sample_id(0x77);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "department is not known");
}

Test(registry_rules, refuse_a_recovery_where_there_is_no_recovery_key)
{
    chain_init(&c);
    mn_statement *without = chain_founding(&c, 2);
    without->u.founding.recovery = (mn_recovery){0};
    cr_assert_eq(chain_say(&c, without, 2, CHAIN_ALICE, CHAIN_BOB), MNSEC_OK, "%s", c.error.text);
    mn_statement *statement = chain_operation(&c, 0x21);
    statement->u.operation.recovered = true;

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "there is no recovery key");
}

Test(registry_rules, take_a_first_recovery_key_later)
{
    chain_init(&c);
    mn_statement *without = chain_founding(&c, 2);
    without->u.founding.recovery = (mn_recovery){0};
    cr_assert_eq(chain_say(&c, without, 2, CHAIN_ALICE, CHAIN_BOB), MNSEC_OK, "%s", c.error.text);

    cr_expect_eq(
        chain_may(&c, enrol_carol_with_recovery(1), 3, CHAIN_ALICE, CHAIN_CAROL, CHAIN_BOB),
        MNSEC_OK, "%s", c.error.text);
}

Test(registry_rules, refuse_a_facility_pin_version_that_stays_or_jumps)
{
    chain_found(&c, 2);
    mn_statement *same = sample_statement(MN_STATEMENT_KEY_FACILITY_PIN);
    mn_statement *jump = sample_statement(MN_STATEMENT_KEY_FACILITY_PIN);
    same->u.facility_pin_version = 1;
    jump->u.facility_pin_version = 3;

    expect_denied(chain_may(&c, same, 1, CHAIN_ALICE),
                  "facility PIN version does not follow the one in force");
    expect_denied(chain_may(&c, jump, 1, CHAIN_ALICE),
                  "facility PIN version does not follow the one in force");
}

Test(registry_rules, refuse_a_workstation_id_that_is_known)
{
    chain_found(&c, 2);
    mn_statement *statement = sample_statement(MN_STATEMENT_WORKSTATION_REGISTER);
    statement->u.workstation.id = sample_id(0x31);

    expect_denied(chain_may(&c, statement, 1, CHAIN_ALICE), "workstation id is known already");
}
