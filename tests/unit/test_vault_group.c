/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G_d and O_d: given to those who are to have them, renewed when somebody leaves, and not to be had
 * by anybody else.
 */
#include <criterion/criterion.h>

#include "vault/vault_internal.h"
#include "vault_facility.h"
#include "vault_row.h"

TestSuite(vault_group, .init = vault_facility_make, .fini = vault_facility_remove);

static mn_store_txn txn;
static mn_secret secret;

static mnsec_status open_group(const vault_facility_person *person, const mn_secret *work,
                               uint64_t g_version)
{
    mn_store_txn_wipe(&txn);
    vault_facility_begin(MN_STORE_READ, &txn);
    const mnsec_status status =
        mn_vault_group_open(&vault_facility.vault, &txn, vault_facility_versions(0),
                            person->member.card, work, g_version, &secret);
    mn_store_txn_wipe(&txn);
    return status;
}

static mnsec_status open_operation(const mn_department_versions *versions, const char *password)
{
    MN_AUTO(mn_secret) typed = vault_facility_secret(password);
    mn_error_clear(vault_facility.err);
    mn_store_txn_wipe(&txn);
    vault_facility_begin(MN_STORE_READ, &txn);
    const mnsec_status status =
        mn_vault_group_open_operation(&vault_facility.vault, &txn, versions, &typed, &secret);
    mn_store_txn_wipe(&txn);
    return status;
}

Test(vault_group, is_the_same_for_every_member)
{
    MN_AUTO(mn_secret) of_chief = {0};

    cr_assert_eq(open_group(&vault_facility.chief, &vault_facility.chief.work, 1), MNSEC_OK);
    mn_secret_move(&of_chief, &secret);
    cr_assert_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 1), MNSEC_OK);

    cr_expect_eq(secret.len, 32);
    cr_expect(mn_secret_equal(&of_chief, &secret));
}

Test(vault_group, does_not_open_with_anothers_work_key)
{
    cr_expect_eq(open_group(&vault_facility.chief, &vault_facility.clerk.work, 1),
                 MNSEC_E_INTEGRITY);
}

Test(vault_group, has_no_box_in_a_department_that_gave_none)
{
    vault_facility_begin(MN_STORE_READ, &txn);

    cr_expect_eq(mn_vault_group_open(&vault_facility.vault, &txn, vault_facility_versions(1),
                                     vault_facility.clerk.member.card, &vault_facility.clerk.work,
                                     1, &secret),
                 MNSEC_E_STATE_NOT_FOUND);
    mn_store_txn_wipe(&txn);
}

Test(vault_group, box_of_another_department_does_not_open_in_its_place)
{
    MN_AUTO(vault_row) row = {0};
    vault_facility_fill_second();
    const mnsec_id *departments = vault_facility.departments;
    const mn_store_value key[] = {mn_store_integer(MN_BOX_GROUP),
                                  mn_store_blob(vault_facility.clerk.member.card, 32),
                                  mn_store_blob(departments[1].bytes, 16), mn_store_integer(1)};
    vault_row_read(MN_TABLE_SEALED, key, &row);

    vault_row_set(&row, 2, departments[0].bytes, 16);
    vault_row_write(&row);

    cr_expect_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 1),
                 MNSEC_E_INTEGRITY);
}

Test(vault_group, renewed_reaches_the_former_one)
{
    MN_AUTO(mn_secret) former = {0};
    cr_assert_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 1), MNSEC_OK);
    mn_secret_move(&former, &secret);

    vault_facility_withdraw();

    cr_assert_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 2), MNSEC_OK);
    cr_expect_not(mn_secret_equal(&secret, &former));
    cr_assert_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 1), MNSEC_OK);
    cr_expect(mn_secret_equal(&secret, &former));
}

Test(vault_group, leaves_nothing_for_who_was_withdrawn)
{
    const mn_store_value equal[] = {mn_store_integer(MN_BOX_GROUP),
                                    mn_store_blob(vault_facility.leaver.member.card, 32)};
    const mn_store_range range = {.equal = equal, .equal_count = 2};
    cr_assert_eq(vault_row_count(MN_TABLE_SEALED, &range), 1);

    vault_facility_withdraw();

    cr_expect_eq(vault_row_count(MN_TABLE_SEALED, &range), 0);
    cr_expect_eq(open_group(&vault_facility.leaver, &vault_facility.leaver.work, 1),
                 MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_group, removes_the_boxes_of_one_department_only)
{
    const mn_store_value equal[] = {mn_store_integer(MN_BOX_GROUP),
                                    mn_store_blob(vault_facility.leaver.member.card, 32)};
    const mn_store_range range = {.equal = equal, .equal_count = 2};
    vault_facility_fill_second();

    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_vault_group_remove(&vault_facility.vault, &txn, &vault_facility.departments[1],
                                       vault_facility.leaver.member.card),
                 MNSEC_OK);
    vault_facility_commit(&txn);

    cr_expect_eq(vault_row_count(MN_TABLE_SEALED, &range), 1);
    cr_expect_eq(open_group(&vault_facility.leaver, &vault_facility.leaver.work, 1), MNSEC_OK);
}

Test(vault_group, forgets_everything_that_a_card_opens)
{
    const mn_store_value of_shares[] = {mn_store_integer(MN_BOX_RECOVERY_SHARE)};
    const mn_store_range shares = {.equal = of_shares, .equal_count = 1};
    const mn_store_value of_groups[] = {mn_store_integer(MN_BOX_GROUP)};
    const mn_store_range groups = {.equal = of_groups, .equal_count = 1};

    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(
        mn_vault_group_forget_card(&vault_facility.vault, &txn, vault_facility.chief.member.card),
        MNSEC_OK);
    vault_facility_commit(&txn);

    cr_expect_eq(vault_row_count(MN_TABLE_SEALED, &shares), 0);
    cr_expect_eq(vault_row_count(MN_TABLE_SEALED, &groups), 2, "clerk and leaver keep theirs");
}

Test(vault_group, finds_a_former_secret_that_is_gone)
{
    vault_facility_withdraw();
    const mn_vault_sweep sweep = {.kind = MN_BOX_FORMER_GROUP};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_vault_sweep_run(&txn, &sweep), MNSEC_OK);
    vault_facility_commit(&txn);

    cr_expect_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 1),
                 MNSEC_E_INTEGRITY);
}

Test(vault_group, refuses_a_version_that_is_not_in_force_yet)
{
    cr_expect_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 2),
                 MNSEC_E_STATE_CHANGED);
    cr_expect_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 0),
                 MNSEC_E_STATE_CHANGED);
}

Test(vault_group, refuses_to_be_renewed_for_nobody)
{
    mn_department_versions next = *vault_facility_versions(0);
    next.g_version = 2;
    cr_assert_eq(open_group(&vault_facility.clerk, &vault_facility.clerk.work, 1), MNSEC_OK);
    vault_facility_begin(MN_STORE_WRITE, &txn);

    cr_expect_eq(mn_vault_group_renew(&vault_facility.vault, &txn, &next, &secret, NULL, 0,
                                      &vault_facility.recovery),
                 MNSEC_E_USAGE);
    mn_store_txn_wipe(&txn);
}

Test(vault_group, takes_one_mac_for_the_operation_password)
{
    token_fixture_reset_counts();

    cr_assert_eq(open_operation(vault_facility_versions(0), VAULT_FACILITY_PASSWORD), MNSEC_OK);

    const vault_facility_cost cost = vault_facility_cost_of();
    cr_expect_eq(cost.macs, 1);
    cr_expect_eq(cost.encryptions + cost.decryptions, 0);
}

Test(vault_group, refuses_another_operation_password)
{
    cr_expect_eq(open_operation(vault_facility_versions(0), "operation password two"),
                 MNSEC_E_DENIED_OPERATION_PASSWORD);
    cr_expect(mn_secret_is_empty(&secret));
}

Test(vault_group, forgets_the_former_operation_password)
{
    mn_department_versions next = *vault_facility_versions(0);
    MN_AUTO(mn_secret) operation = {0};
    MN_AUTO(mn_secret) password = vault_facility_secret("operation password two");
    cr_assert_eq(open_operation(&next, VAULT_FACILITY_PASSWORD), MNSEC_OK);
    mn_secret_move(&operation, &secret);
    const mn_department_versions former = next;
    next.wrap_version = 2;
    next.argon2 = vault_facility_argon2();

    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(
        mn_vault_group_wrap_operation(&vault_facility.vault, &txn, &next, &operation, &password),
        MNSEC_OK);
    vault_facility_commit(&txn);

    cr_expect_eq(open_operation(&former, VAULT_FACILITY_PASSWORD), MNSEC_E_INTEGRITY_STORE);
    cr_assert_eq(open_operation(&next, "operation password two"), MNSEC_OK);
    cr_expect(mn_secret_equal(&secret, &operation));
}

Test(vault_group, renewed_operation_secret_reaches_the_former_one)
{
    MN_AUTO(mn_secret) former = {0};
    MN_AUTO(mn_secret) reached = {0};
    vault_facility_withdraw();
    cr_assert_eq(open_operation(vault_facility_versions(0), VAULT_FACILITY_PASSWORD), MNSEC_OK);
    mn_secret_move(&former, &secret);

    vault_facility_set_password("operation password two");

    cr_assert_eq(open_operation(vault_facility_versions(0), "operation password two"), MNSEC_OK);
    cr_expect_not(mn_secret_equal(&secret, &former));
    vault_facility_begin(MN_STORE_READ, &txn);
    cr_assert_eq(mn_vault_group_former(&vault_facility.vault, &txn, MN_BOX_FORMER_OPERATION,
                                       &vault_facility.departments[0], 2, &secret, 1, &reached),
                 MNSEC_OK);
    mn_store_txn_wipe(&txn);
    cr_expect(mn_secret_equal(&reached, &former));
}
