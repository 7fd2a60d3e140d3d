/* SPDX-License-Identifier: Apache-2.0 */
/* Who must sign which document: asked before anything is signed, and the same in the log. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "chain.h"

static chain c;

static void end(void)
{
    chain_wipe(&c);
}

TestSuite(registry_may, .fini = end);

static void expect_denied(mnsec_status status, const char *reason)
{
    cr_expect_eq(status, MNSEC_E_DENIED);
    cr_expect_str_eq(c.error.text, reason);
}

static void withdraw(chain_who who, chain_who by)
{
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, who), 1, by), MNSEC_OK, "%s", c.error.text);
}

/* --- documents that any responsible person signs alone --------------------------------------- */

typedef struct alone_case {
    mn_statement_kind kind;
} alone_case;

static alone_case alone_cases[] = {
    {MN_STATEMENT_GRANT_WITHDRAW},       {MN_STATEMENT_KEY_FACILITY_PIN},
    {MN_STATEMENT_WORKSTATION_REGISTER}, {MN_STATEMENT_POLICY_CHANGE},
    {MN_STATEMENT_GRANT_GIVE},
};

/* The sample, or a grant to hana under a new id. */
static mn_statement *alone_statement(mn_statement_kind kind)
{
    return kind == MN_STATEMENT_GRANT_GIVE ? chain_grant(0x42, CHAIN_HANA, 0x22)
                                           : sample_statement(kind);
}

ParameterizedTestParameters(registry_may, takes_one_signature_of_a_responsible_person)
{
    return cr_make_param_array(alone_case, alone_cases, 5);
}

ParameterizedTest(const alone_case *a, registry_may, takes_one_signature_of_a_responsible_person)
{
    chain_found_with_handler(&c);

    cr_expect_eq(chain_may(&c, alone_statement(a->kind), 1, CHAIN_BOB), MNSEC_OK, "%s",
                 c.error.text);
}

ParameterizedTestParameters(registry_may, refuses_a_handler_as_operator)
{
    return cr_make_param_array(alone_case, alone_cases, 5);
}

ParameterizedTest(const alone_case *a, registry_may, refuses_a_handler_as_operator)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, alone_statement(a->kind), 1, CHAIN_HANA),
                  "operator is not a responsible person");
}

ParameterizedTestParameters(registry_may, refuses_a_stranger_as_operator)
{
    return cr_make_param_array(alone_case, alone_cases, 5);
}

ParameterizedTest(const alone_case *a, registry_may, refuses_a_stranger_as_operator)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, alone_statement(a->kind), 1, CHAIN_MALLORY),
                  "operator's card is not enrolled");
}

ParameterizedTestParameters(registry_may, refuses_a_withdrawn_operator)
{
    return cr_make_param_array(alone_case, alone_cases, 5);
}

ParameterizedTest(const alone_case *a, registry_may, refuses_a_withdrawn_operator)
{
    chain_found_with_handler(&c);
    withdraw(CHAIN_BOB, CHAIN_ALICE);
    mn_statement *statement = alone_statement(a->kind);
    statement->u.facility_pin_version += a->kind == MN_STATEMENT_KEY_FACILITY_PIN;

    expect_denied(chain_may(&c, statement, 1, CHAIN_BOB), "operator was withdrawn");
}

ParameterizedTestParameters(registry_may, refuses_no_signature_at_all)
{
    return cr_make_param_array(alone_case, alone_cases, 5);
}

ParameterizedTest(const alone_case *a, registry_may, refuses_no_signature_at_all)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, alone_statement(a->kind), 0), "operator's card is not enrolled");
}

ParameterizedTestParameters(registry_may, refuses_a_signature_that_is_not_needed)
{
    return cr_make_param_array(alone_case, alone_cases, 5);
}

ParameterizedTest(const alone_case *a, registry_may, refuses_a_signature_that_is_not_needed)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, alone_statement(a->kind), 2, CHAIN_ALICE, CHAIN_BOB),
                  "there are more signatures than needed");
}

/* --- founding -------------------------------------------------------------------------------- */

Test(registry_may, lets_two_responsible_persons_found)
{
    chain_init(&c);

    cr_expect_eq(chain_may(&c, chain_founding(&c, 2), 2, CHAIN_ALICE, CHAIN_BOB), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, lets_the_first_two_of_three_found)
{
    chain_init(&c);

    cr_expect_eq(chain_may(&c, chain_founding(&c, 3), 2, CHAIN_ALICE, CHAIN_BOB), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, lets_one_found_alone)
{
    chain_init(&c);

    cr_expect_eq(chain_may(&c, chain_founding(&c, 1), 1, CHAIN_ALICE), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, skips_a_handler_among_the_founders)
{
    chain_init(&c);
    mn_statement *statement = chain_founding(&c, 3);
    statement->u.founding.persons[1].role = MNSEC_ROLE_HANDLER;

    cr_expect_eq(chain_may(&c, statement, 2, CHAIN_ALICE, CHAIN_CAROL), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, refuses_a_founding_without_the_second)
{
    chain_init(&c);

    expect_denied(chain_may(&c, chain_founding(&c, 2), 1, CHAIN_ALICE), "a signature is missing");
}

Test(registry_may, refuses_a_founding_signed_in_another_order)
{
    chain_init(&c);

    expect_denied(chain_may(&c, chain_founding(&c, 2), 2, CHAIN_BOB, CHAIN_ALICE),
                  "signers are not the first responsible persons");
}

Test(registry_may, refuses_a_founding_signed_twice_by_the_first)
{
    chain_init(&c);

    expect_denied(chain_may(&c, chain_founding(&c, 2), 2, CHAIN_ALICE, CHAIN_ALICE),
                  "signers are not the first responsible persons");
}

Test(registry_may, refuses_a_founding_by_a_stranger)
{
    chain_init(&c);

    expect_denied(chain_may(&c, chain_founding(&c, 1), 1, CHAIN_MALLORY),
                  "signers are not the first responsible persons");
}

/* --- staff.enrol ----------------------------------------------------------------------------- */

Test(registry_may, lets_one_responsible_person_enrol_a_handler)
{
    chain_found(&c, 2);

    cr_expect_eq(
        chain_may(&c, chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER), 2, CHAIN_ALICE, CHAIN_HANA),
        MNSEC_OK, "%s", c.error.text);
}

Test(registry_may, refuses_an_enrolment_without_the_new_card)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER), 1, CHAIN_ALICE),
                  "a signature is missing");
}

Test(registry_may, refuses_an_enrolment_with_another_card_in_the_new_ones_place)
{
    chain_found(&c, 2);

    expect_denied(
        chain_may(&c, chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER), 2, CHAIN_ALICE, CHAIN_BOB),
        "second group is not the new card's");
}

Test(registry_may, refuses_a_person_who_enrols_himself)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_enrol(&c, CHAIN_MALLORY, MNSEC_ROLE_HANDLER), 2,
                            CHAIN_MALLORY, CHAIN_MALLORY),
                  "operator's card is not enrolled");
}

Test(registry_may, refuses_an_enrolment_by_a_handler)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_enrol(&c, CHAIN_MALLORY, MNSEC_ROLE_HANDLER), 2, CHAIN_HANA,
                            CHAIN_MALLORY),
                  "operator is not a responsible person");
}

Test(registry_may, wants_a_second_for_another_responsible_person)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_enrol(&c, CHAIN_CAROL, MNSEC_ROLE_RESPONSIBLE), 2,
                            CHAIN_ALICE, CHAIN_CAROL),
                  "a signature is missing");
    cr_expect_eq(chain_may(&c, chain_enrol(&c, CHAIN_CAROL, MNSEC_ROLE_RESPONSIBLE), 3, CHAIN_ALICE,
                           CHAIN_CAROL, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);
}

Test(registry_may, wants_no_second_where_there_is_none)
{
    chain_found(&c, 1);

    cr_expect_eq(chain_may(&c, chain_enrol(&c, CHAIN_BOB, MNSEC_ROLE_RESPONSIBLE), 2, CHAIN_ALICE,
                           CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);
}

typedef struct second_case {
    chain_who second;
    char reason[64];
} second_case;

ParameterizedTestParameters(registry_may, refuses_a_second_who_is_none)
{
    static second_case cases[] = {
        {CHAIN_ALICE, "second signer is the operator"},
        {CHAIN_CAROL, "second signer is not a responsible person"},
        {CHAIN_HANA, "second signer is not a responsible person"},
        {CHAIN_MALLORY, "second signer is not a responsible person"},
    };
    return cr_make_param_array(second_case, cases, 4);
}

ParameterizedTest(const second_case *s, registry_may, refuses_a_second_who_is_none)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_enrol(&c, CHAIN_CAROL, MNSEC_ROLE_RESPONSIBLE), 3,
                            CHAIN_ALICE, CHAIN_CAROL, s->second),
                  s->reason);
}

Test(registry_may, refuses_a_second_who_was_withdrawn)
{
    chain_found(&c, 3);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_CAROL), 2, CHAIN_ALICE, CHAIN_BOB),
                 MNSEC_OK);

    expect_denied(chain_may(&c, chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_RESPONSIBLE), 3, CHAIN_ALICE,
                            CHAIN_HANA, CHAIN_CAROL),
                  "second signer is not a responsible person");
}

/* --- staff.withdraw -------------------------------------------------------------------------- */

Test(registry_may, lets_one_responsible_person_withdraw_a_handler)
{
    chain_found_with_handler(&c);

    cr_expect_eq(chain_may(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_BOB), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, refuses_a_withdrawal_by_a_handler)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_HANA),
                  "operator is not a responsible person");
}

/* Of two, one remains: there is nobody else to ask, and a lost card must not block. */
Test(registry_may, lets_one_of_two_withdraw_the_other)
{
    chain_found(&c, 2);

    cr_expect_eq(chain_may(&c, chain_withdraw(&c, CHAIN_BOB), 1, CHAIN_ALICE), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, wants_a_second_for_withdrawing_one_of_three)
{
    chain_found(&c, 3);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_CAROL), 1, CHAIN_ALICE),
                  "a signature is missing");
    cr_expect_eq(chain_may(&c, chain_withdraw(&c, CHAIN_CAROL), 2, CHAIN_ALICE, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);
}

Test(registry_may, refuses_the_person_concerned_as_second)
{
    chain_found(&c, 3);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_CAROL), 2, CHAIN_ALICE, CHAIN_CAROL),
                  "second signer is the person concerned");
}

Test(registry_may, wants_a_second_where_one_withdraws_himself)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_withdraw(&c, CHAIN_ALICE), 1, CHAIN_ALICE),
                  "a signature is missing");
    cr_expect_eq(chain_may(&c, chain_withdraw(&c, CHAIN_ALICE), 2, CHAIN_ALICE, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);
}

/* --- grant.give ------------------------------------------------------------------------------ */

Test(registry_may, wants_a_second_for_a_grant_to_oneself)
{
    chain_found(&c, 2);

    expect_denied(chain_may(&c, chain_grant(0x42, CHAIN_ALICE, 0x21), 1, CHAIN_ALICE),
                  "a signature is missing");
    cr_expect_eq(chain_may(&c, chain_grant(0x42, CHAIN_ALICE, 0x21), 2, CHAIN_ALICE, CHAIN_BOB),
                 MNSEC_OK, "%s", c.error.text);
}

Test(registry_may, lets_one_grant_to_the_other)
{
    chain_found(&c, 2);

    cr_expect_eq(chain_may(&c, chain_grant(0x42, CHAIN_BOB, 0x21), 1, CHAIN_ALICE), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, lets_a_single_person_grant_to_himself)
{
    chain_found(&c, 1);

    cr_expect_eq(chain_may(&c, chain_grant(0x42, CHAIN_ALICE, 0x21), 1, CHAIN_ALICE), MNSEC_OK,
                 "%s", c.error.text);
}

Test(registry_may, lets_the_last_one_grant_to_himself_after_the_others_left)
{
    chain_found(&c, 2);
    withdraw(CHAIN_BOB, CHAIN_ALICE);

    cr_expect_eq(chain_may(&c, chain_grant(0x42, CHAIN_ALICE, 0x21), 1, CHAIN_ALICE), MNSEC_OK,
                 "%s", c.error.text);
}

/* --- passwords ------------------------------------------------------------------------------- */

Test(registry_may, lets_everybody_change_the_own_password)
{
    chain_found_with_handler(&c);

    cr_expect_eq(chain_may(&c, chain_password(&c, CHAIN_HANA), 1, CHAIN_HANA), MNSEC_OK, "%s",
                 c.error.text);
    cr_expect_eq(chain_may(&c, chain_password(&c, CHAIN_ALICE), 1, CHAIN_ALICE), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, refuses_another_persons_password)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_password(&c, CHAIN_HANA), 1, CHAIN_ALICE),
                  "operator is not the person whose password changes");
}

Test(registry_may, refuses_the_password_of_a_withdrawn_person)
{
    chain_found_with_handler(&c);
    withdraw(CHAIN_HANA, CHAIN_ALICE);

    expect_denied(chain_may(&c, chain_password(&c, CHAIN_HANA), 1, CHAIN_HANA),
                  "operator was withdrawn");
}

Test(registry_may, lets_a_handler_of_the_department_change_its_operation_password)
{
    chain_found_with_handler(&c);

    cr_expect_eq(chain_may(&c, chain_operation(&c, 0x21), 1, CHAIN_HANA), MNSEC_OK, "%s",
                 c.error.text);
}

Test(registry_may, refuses_the_operation_password_of_another_department)
{
    chain_found_with_handler(&c);

    expect_denied(chain_may(&c, chain_operation(&c, 0x22), 1, CHAIN_HANA),
                  "operator has no grant in the department");
}

Test(registry_may, refuses_the_operation_password_once_the_grant_is_withdrawn)
{
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, sample_statement(MN_STATEMENT_GRANT_WITHDRAW), 1, CHAIN_ALICE),
                 MNSEC_OK);

    expect_denied(chain_may(&c, chain_operation(&c, 0x21), 1, CHAIN_HANA),
                  "operator has no grant in the department");
}

typedef struct role_case {
    mnsec_role role;
} role_case;

ParameterizedTestParameters(registry_may, refuses_the_operation_password_to_other_roles)
{
    static role_case cases[] = {{MNSEC_ROLE_AUDITOR}, {MNSEC_ROLE_UNATTENDED}};
    return cr_make_param_array(role_case, cases, 2);
}

ParameterizedTest(const role_case *r, registry_may, refuses_the_operation_password_to_other_roles)
{
    chain_found(&c, 2);
    cr_assert_eq(chain_say(&c, chain_enrol(&c, CHAIN_CAROL, r->role), 2, CHAIN_ALICE, CHAIN_CAROL),
                 MNSEC_OK);
    cr_assert_eq(chain_say(&c, chain_grant(0x42, CHAIN_CAROL, 0x21), 1, CHAIN_ALICE), MNSEC_OK);

    expect_denied(chain_may(&c, chain_operation(&c, 0x21), 1, CHAIN_CAROL),
                  "operator has no grant in the department");
}

Test(registry_may, lets_a_responsible_person_recover_an_operation_password)
{
    chain_found(&c, 2);
    mn_statement *statement = chain_operation(&c, 0x21);
    statement->u.operation.recovered = true;

    cr_expect_eq(chain_may(&c, statement, 1, CHAIN_ALICE), MNSEC_OK, "%s", c.error.text);
}

Test(registry_may, refuses_a_handler_who_recovers_an_operation_password)
{
    chain_found_with_handler(&c);
    mn_statement *statement = chain_operation(&c, 0x21);
    statement->u.operation.recovered = true;

    expect_denied(chain_may(&c, statement, 1, CHAIN_HANA), "operator is not a responsible person");
}

/* --- the same in the log --------------------------------------------------------------------- */

Test(registry_may, is_what_the_log_is_held_against)
{
    chain_found_with_handler(&c);

    cr_expect_eq(chain_say(&c, sample_statement(MN_STATEMENT_POLICY_CHANGE), 1, CHAIN_HANA),
                 MNSEC_E_INTEGRITY_AUTHORITY);
    cr_expect_not_null(strstr(c.error.text, "operator is not a responsible person"));
    cr_expect_eq(chain_say(&c, chain_grant(0x42, CHAIN_ALICE, 0x21), 1, CHAIN_ALICE),
                 MNSEC_E_INTEGRITY_AUTHORITY);
    cr_expect_not_null(strstr(c.error.text, "a signature is missing"));
    cr_expect_eq(chain_say(&c, sample_statement(MN_STATEMENT_POLICY_CHANGE), 1, CHAIN_MALLORY),
                 MNSEC_E_INTEGRITY_AUTHORITY);
    cr_expect_not_null(strstr(c.error.text, "not enrolled"));
}
