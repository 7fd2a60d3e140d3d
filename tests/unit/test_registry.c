/* SPDX-License-Identifier: Apache-2.0 */
/* What the registry answers: about the founding, people, grants, versions, signatures needed. */
#include <criterion/criterion.h>
#include <string.h>

#include "chain.h"

static chain c;

static void end(void)
{
    chain_wipe(&c);
}

TestSuite(registry, .fini = end);

static unsigned needs(mn_statement *statement, chain_who operator_person)
{
    MN_AUTO_PTR(mn_statement) asked = statement;
    const mnsec_id id = chain_person(operator_person);
    return mn_registry_needs(c.registry, asked, &id);
}

Test(registry, knows_nothing_before_the_founding)
{
    static const uint8_t zeros[32];
    uint8_t head[32] = {1};
    const mnsec_id id = sample_id(0x21);
    chain_init(&c);

    mn_registry_head(c.registry, head);

    cr_expect_arr_eq(head, zeros, sizeof(head));
    cr_expect_eq(mn_registry_count(c.registry), 0);
    cr_expect_null(mn_registry_founding(c.registry));
    cr_expect_null(mn_registry_recovery(c.registry));
    cr_expect_null(mn_registry_department_get(c.registry, &id));
    cr_expect_null(mn_registry_person_at(c.registry, 0));
    cr_expect_null(mn_registry_person_by_card(c.registry, c.cards[CHAIN_ALICE].hash));
    cr_expect_null(mn_registry_grant_at(c.registry, 0));
    cr_expect_not(mn_registry_workstation_is_known(c.registry, &id));
    cr_expect_null(mn_registry_policy(c.registry, "session.idle_seconds"));
}

Test(registry, finds_a_person_by_id_and_by_card)
{
    const mnsec_id id = chain_person(CHAIN_BOB);
    const mnsec_id stranger = sample_id(0x77);
    chain_found(&c, 2);

    const mn_registry_person *bob = mn_registry_person_get(c.registry, &id);

    cr_assert_not_null(bob);
    cr_expect_eq(bob, mn_registry_person_by_card(c.registry, c.cards[CHAIN_BOB].hash));
    cr_expect_null(mn_registry_person_get(c.registry, &stranger));
    cr_expect_null(mn_registry_person_by_card(c.registry, c.cards[CHAIN_MALLORY].hash));
}

Test(registry, finds_a_withdrawn_person_by_card)
{
    chain_found(&c, 2);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_BOB), 1, CHAIN_ALICE), MNSEC_OK);

    const mn_registry_person *bob = mn_registry_person_by_card(c.registry, c.cards[CHAIN_BOB].hash);

    cr_assert_not_null(bob);
    cr_expect(bob->withdrawn);
}

Test(registry, has_nothing_past_the_end_of_its_lists)
{
    chain_found_with_handler(&c);

    cr_expect_null(mn_registry_person_at(c.registry, mn_registry_person_count(c.registry)));
    cr_expect_null(mn_registry_grant_at(c.registry, mn_registry_grant_count(c.registry)));
    cr_expect_null(mn_registry_department_at(c.registry, mn_registry_department_count(c.registry)));
}

Test(registry, remembers_of_which_versions_a_department_secret_was_made)
{
    const mnsec_id id = sample_id(0x21);
    uint64_t g = 0;
    uint64_t o = 0;
    chain_found_with_handler(&c);
    cr_assert_eq(chain_say(&c, chain_withdraw(&c, CHAIN_HANA), 1, CHAIN_ALICE), MNSEC_OK);
    cr_assert_eq(chain_say(&c, chain_operation(&c, 0x21), 1, CHAIN_ALICE), MNSEC_OK);
    cr_assert_eq(chain_say(&c, chain_operation(&c, 0x21), 1, CHAIN_ALICE), MNSEC_OK);

    cr_assert_eq(mn_registry_department_history(c.registry, &id, 1, &g, &o), MNSEC_OK);
    cr_expect(g == 1 && o == 1);
    cr_assert_eq(mn_registry_department_history(c.registry, &id, 2, &g, &o), MNSEC_OK);
    cr_expect(g == 2 && o == 1);
    cr_assert_eq(mn_registry_department_history(c.registry, &id, 3, &g, &o), MNSEC_OK);
    cr_expect(g == 2 && o == 2);
    cr_expect_eq(mn_registry_department_history(c.registry, &id, 4, &g, &o),
                 MNSEC_E_STATE_NOT_FOUND);
    cr_expect(g == 2 && o == 2, "outputs set on success only");
}

Test(registry, remembers_each_department_by_itself)
{
    const mnsec_id other = sample_id(0x22);
    const mnsec_id unknown = sample_id(0x77);
    uint64_t g = 0;
    uint64_t o = 0;
    chain_found_with_handler(&c);
    mn_statement *statement = chain_withdraw(&c, CHAIN_HANA);
    statement->u.withdrawal.department_count = 1;
    cr_assert_eq(chain_say(&c, statement, 1, CHAIN_ALICE), MNSEC_OK);

    cr_expect_eq(mn_registry_department_history(c.registry, &other, 1, &g, &o), MNSEC_OK);
    cr_expect_eq(mn_registry_department_history(c.registry, &other, 2, &g, &o),
                 MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_registry_department_history(c.registry, &unknown, 1, &g, &o),
                 MNSEC_E_STATE_NOT_FOUND);
}

Test(registry, counts_the_signatures_a_founding_needs)
{
    chain_init(&c);

    cr_expect_eq(needs(chain_founding(&c, 1), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_founding(&c, 2), CHAIN_ALICE), 2);
    cr_expect_eq(needs(chain_founding(&c, 3), CHAIN_ALICE), 2);
}

Test(registry, counts_the_signatures_an_enrolment_needs)
{
    chain_found(&c, 2);

    cr_expect_eq(needs(chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_enrol(&c, CHAIN_CAROL, MNSEC_ROLE_RESPONSIBLE), CHAIN_ALICE), 2);
}

Test(registry, counts_the_signatures_a_withdrawal_needs)
{
    chain_found_with_handler(&c);

    cr_expect_eq(needs(chain_withdraw(&c, CHAIN_HANA), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_withdraw(&c, CHAIN_BOB), CHAIN_ALICE), 1, "nobody else is left");
    cr_expect_eq(needs(chain_withdraw(&c, CHAIN_BOB), CHAIN_BOB), 2);
    cr_expect_eq(needs(chain_withdraw(&c, CHAIN_MALLORY), CHAIN_ALICE), 1, "nobody is meant");
}

Test(registry, counts_the_signatures_a_grant_needs)
{
    chain_found_with_handler(&c);

    cr_expect_eq(needs(chain_grant(0x42, CHAIN_HANA, 0x21), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_grant(0x42, CHAIN_ALICE, 0x21), CHAIN_ALICE), 2);
}

Test(registry, needs_one_signature_everywhere_in_single_control)
{
    chain_found(&c, 1);

    cr_expect_eq(needs(chain_enrol(&c, CHAIN_BOB, MNSEC_ROLE_RESPONSIBLE), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_withdraw(&c, CHAIN_ALICE), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_grant(0x42, CHAIN_ALICE, 0x21), CHAIN_ALICE), 1);
}

Test(registry, needs_one_signature_for_everything_else)
{
    chain_found(&c, 3);

    cr_expect_eq(needs(sample_statement(MN_STATEMENT_POLICY_CHANGE), CHAIN_ALICE), 1);
    cr_expect_eq(needs(sample_statement(MN_STATEMENT_KEY_FACILITY_PIN), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_operation(&c, 0x21), CHAIN_ALICE), 1);
    cr_expect_eq(needs(chain_password(&c, CHAIN_ALICE), CHAIN_ALICE), 1);
}

Test(registry, is_freed_when_null)
{
    chain_init(&c);

    mn_registry_free(NULL);

    cr_expect_eq(mn_registry_count(c.registry), 0);
}
