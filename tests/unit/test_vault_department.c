/* SPDX-License-Identifier: Apache-2.0 */
/* A department opens for a member with the operation password, at its exact price, and for nobody
 * else. */
#include <criterion/criterion.h>

#include "crypto/secret/crypto.h"
#include "vault/vault_internal.h"
#include "vault_facility.h"
#include "vault_row.h"

TestSuite(vault_department, .init = vault_facility_make, .fini = vault_facility_remove);

/* A box of the second department in the place of the first one's. */
static void misplace(mn_box_kind kind)
{
    MN_AUTO(vault_row) row = {0};
    const mnsec_id *departments = vault_facility.departments;
    const mn_store_value key[] = {mn_store_integer(kind), mn_store_blob(departments[1].bytes, 16),
                                  mn_store_blob("", 0), mn_store_integer(1)};
    vault_row_read(MN_TABLE_SEALED, key, &row);
    vault_row_set(&row, 1, departments[0].bytes, 16);
    vault_row_write(&row);
}

static mnsec_status try_unlock(const vault_facility_person *person, const char *password)
{
    MN_AUTO_PTR(mn_vault_department) department = NULL;
    const mnsec_status status = vault_facility_try_unlock(0, person, password, &department);
    cr_expect_eq(department == NULL, status != MNSEC_OK);
    return status;
}

Test(vault_department, opens_with_one_mac_and_one_decryption)
{
    MN_AUTO_PTR(mn_vault_department) department = NULL;
    token_fixture_reset_counts();

    department = vault_facility_unlock(0, VAULT_FACILITY_PASSWORD);

    const vault_facility_cost cost = vault_facility_cost_of();
    cr_expect_eq(cost.macs, 1);
    cr_expect_eq(cost.decryptions, 1);
    cr_expect_eq(cost.encryptions, 0);
    cr_expect(mnsec_id_equal(mn_vault_department_id(department), &vault_facility.departments[0]));
}

Test(vault_department, refuses_another_operation_password)
{
    cr_expect_eq(try_unlock(&vault_facility.clerk, "operation password two"),
                 MNSEC_E_DENIED_OPERATION_PASSWORD);
    cr_expect_eq(try_unlock(&vault_facility.clerk, ""), MNSEC_E_DENIED_OPERATION_PASSWORD);
}

Test(vault_department, refuses_who_has_no_key_of_it)
{
    vault_facility_withdraw();

    cr_expect_eq(try_unlock(&vault_facility.leaver, VAULT_FACILITY_PASSWORD), MNSEC_E_DENIED);
}

Test(vault_department, refuses_one_card_with_anothers_work_key)
{
    mn_secret_wipe(&vault_facility.clerk.work);
    cr_assert_eq(mn_secret_copy(&vault_facility.clerk.work, vault_facility.chief.work.bytes,
                                vault_facility.chief.work.len),
                 MNSEC_OK);

    cr_expect_eq(try_unlock(&vault_facility.clerk, VAULT_FACILITY_PASSWORD), MNSEC_E_INTEGRITY);
}

Test(vault_department, does_not_open_with_the_operation_box_of_another)
{
    vault_facility_fill_second();

    misplace(MN_BOX_OPERATION);

    cr_expect_eq(try_unlock(&vault_facility.clerk, VAULT_FACILITY_PASSWORD),
                 MNSEC_E_DENIED_OPERATION_PASSWORD);
}

Test(vault_department, does_not_open_with_the_directory_secret_of_another)
{
    vault_facility_fill_second();

    misplace(MN_BOX_DIRECTORY);

    cr_expect_eq(try_unlock(&vault_facility.clerk, VAULT_FACILITY_PASSWORD), MNSEC_E_INTEGRITY);
}

Test(vault_department, finds_a_directory_secret_that_is_gone)
{
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_vault_sweep sweep = {.kind = MN_BOX_DIRECTORY};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_vault_sweep_run(&txn, &sweep), MNSEC_OK);
    vault_facility_commit(&txn);

    cr_expect_eq(try_unlock(&vault_facility.clerk, VAULT_FACILITY_PASSWORD),
                 MNSEC_E_INTEGRITY_STORE);
}

Test(vault_department, does_not_open_in_another_facility)
{
    mn_random_id(&vault_facility.vault.facility);

    cr_expect_eq(try_unlock(&vault_facility.clerk, VAULT_FACILITY_PASSWORD), MNSEC_E_INTEGRITY);
}

Test(vault_department, that_nobody_named_is_not_found)
{
    mn_random_id(&vault_facility.departments[0]);

    cr_expect_eq(try_unlock(&vault_facility.clerk, VAULT_FACILITY_PASSWORD),
                 MNSEC_E_STATE_NOT_FOUND);
}

Test(vault_department, has_a_new_secret_after_each_renewal_and_reaches_the_former_ones)
{
    MN_AUTO_PTR(mn_vault_department) first = vault_facility_unlock(0, VAULT_FACILITY_PASSWORD);
    vault_facility_withdraw();
    MN_AUTO_PTR(mn_vault_department) second = vault_facility_unlock(0, VAULT_FACILITY_PASSWORD);
    vault_facility_set_password("operation password two");
    MN_AUTO_PTR(mn_vault_department) third = vault_facility_unlock(0, "operation password two");
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) reached = {0};
    vault_facility_begin(MN_STORE_READ, &txn);

    cr_expect_not(mn_secret_equal(&first->secret, &second->secret));
    cr_expect_not(mn_secret_equal(&second->secret, &third->secret));
    cr_assert_eq(mn_vault_department_secret(third, &txn, 1, &reached), MNSEC_OK);
    cr_expect(mn_secret_equal(&reached, &first->secret));
    cr_assert_eq(mn_vault_department_secret(third, &txn, 2, &reached), MNSEC_OK);
    cr_expect(mn_secret_equal(&reached, &second->secret));
}

Test(vault_department, refuses_a_version_of_its_secret_that_never_was)
{
    MN_AUTO_PTR(mn_vault_department) department = vault_facility_unlock(0, VAULT_FACILITY_PASSWORD);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) secret = {0};
    vault_facility_begin(MN_STORE_READ, &txn);

    cr_expect_eq(mn_vault_department_secret(department, &txn, 2, &secret),
                 MNSEC_E_INTEGRITY_RECORD);
    cr_expect_eq(mn_vault_department_secret(department, &txn, 0, &secret),
                 MNSEC_E_INTEGRITY_RECORD);
    cr_expect(mn_secret_is_empty(&secret));
}
