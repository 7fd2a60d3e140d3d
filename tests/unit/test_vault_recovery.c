/* SPDX-License-Identifier: Apache-2.0 */
/* The recovery key: any two shares, never one, and no key that was replaced. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "crypto/secret/crypto.h"
#include "vault/vault_internal.h"
#include "vault_facility.h"
#include "vault_row.h"

static mn_store_txn txn;
static mn_secret shares[2];
static mn_secret private_key;
static mn_secret group;
static mn_secret operation;

static void end(void)
{
    mn_secret *secrets[] = {&shares[0], &shares[1], &private_key, &group, &operation};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        mn_secret_wipe(secrets[i]);
    }
    vault_facility_remove();
}

TestSuite(vault_recovery, .init = vault_facility_make, .fini = end);

static const mn_vault *vault(void)
{
    return &vault_facility.vault;
}

/* The chief's share and the one on paper. */
static void gather(void)
{
    vault_facility_begin(MN_STORE_READ, &txn);
    cr_assert_eq(mn_vault_recovery_share(vault(), &txn, &vault_facility.recovery,
                                         vault_facility.chief.member.card,
                                         &vault_facility.chief.work, &shares[0]),
                 MNSEC_OK);
    mn_store_txn_wipe(&txn);
    cr_assert_eq(
        mn_secret_copy(&shares[1], vault_facility.sheets[0].bytes, vault_facility.sheets[0].len),
        MNSEC_OK);
}

static mnsec_status join(size_t count)
{
    mn_error_clear(vault_facility.err);
    return mn_vault_recovery_join(vault(), &vault_facility.recovery, shares, count, &private_key);
}

static mnsec_status recover(const mn_recovery *recovery)
{
    mn_error_clear(vault_facility.err);
    vault_facility_begin(MN_STORE_READ, &txn);
    const mnsec_status status = mn_vault_recovery_open(
        vault(), &txn, recovery, &private_key, vault_facility_versions(0), &group, &operation);
    mn_store_txn_wipe(&txn);
    return status;
}

static void expect_secrets_in_force(const char *password)
{
    MN_AUTO(mn_secret) typed = vault_facility_secret(password);
    MN_AUTO(mn_secret) other = {0};
    const mn_department_versions *versions = vault_facility_versions(0);
    vault_facility_begin(MN_STORE_READ, &txn);
    cr_assert_eq(mn_vault_group_open(vault(), &txn, versions, vault_facility.clerk.member.card,
                                     &vault_facility.clerk.work, versions->g_version, &other),
                 MNSEC_OK);
    cr_expect(mn_secret_equal(&other, &group));
    cr_assert_eq(mn_vault_group_open_operation(vault(), &txn, versions, &typed, &other), MNSEC_OK);
    cr_expect(mn_secret_equal(&other, &operation));
    mn_store_txn_wipe(&txn);
}

Test(vault_recovery, opens_both_secrets_with_two_shares)
{
    gather();

    cr_assert_eq(join(2), MNSEC_OK);
    cr_assert_eq(recover(&vault_facility.recovery), MNSEC_OK);

    expect_secrets_in_force(VAULT_FACILITY_PASSWORD);
}

Test(vault_recovery, opens_what_was_renewed_since)
{
    vault_facility_withdraw();
    vault_facility_set_password("operation password two");
    gather();

    cr_assert_eq(join(2), MNSEC_OK);
    cr_assert_eq(recover(&vault_facility.recovery), MNSEC_OK);

    expect_secrets_in_force("operation password two");
}

Test(vault_recovery, refuses_one_share)
{
    gather();

    cr_expect_eq(join(1), MNSEC_E_DENIED);
    cr_expect_eq(join(0), MNSEC_E_DENIED);
    cr_expect(mn_secret_is_empty(&private_key));
}

Test(vault_recovery, refuses_a_share_twice)
{
    gather();
    cr_assert_eq(mn_secret_copy(&shares[1], shares[0].bytes, shares[0].len), MNSEC_OK);

    cr_expect_eq(join(2), MNSEC_E_DENIED);
}

Test(vault_recovery, refuses_a_share_with_a_slip_of_the_pen)
{
    gather();
    shares[1].bytes[5] ^= 1;

    cr_expect_eq(join(2), MNSEC_E_DENIED);
}

Test(vault_recovery, refuses_where_there_is_no_recovery_key)
{
    const mn_recovery none = {0};
    gather();

    cr_expect_eq(mn_vault_recovery_join(vault(), &none, shares, 2, &private_key), MNSEC_E_DENIED);
}

Test(vault_recovery, has_no_share_for_who_holds_none)
{
    vault_facility_begin(MN_STORE_READ, &txn);

    cr_expect_eq(mn_vault_recovery_share(vault(), &txn, &vault_facility.recovery,
                                         vault_facility.clerk.member.card,
                                         &vault_facility.clerk.work, &shares[0]),
                 MNSEC_E_STATE_NOT_FOUND);
    mn_store_txn_wipe(&txn);
}

Test(vault_recovery, opens_with_paper_alone)
{
    for (size_t i = 0; i < VAULT_FACILITY_SHEETS; i++) {
        mn_secret_move(&shares[i], &vault_facility.sheets[i]);
    }

    cr_expect_eq(join(2), MNSEC_OK);
}

/* The clerk's card instead of the chief's; what is in force is sealed to the new key. */
static void replace_key(mn_recovery *out_next, mn_secret sheets[VAULT_FACILITY_SHEETS])
{
    gather();
    cr_assert_eq(join(2), MNSEC_OK);
    cr_assert_eq(recover(&vault_facility.recovery), MNSEC_OK);
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(vault_facility_share_out(&txn, 2, 2, &vault_facility.clerk, sheets, out_next),
                 MNSEC_OK);
    cr_assert_eq(mn_vault_recovery_reseal(vault(), &txn, out_next, vault_facility_versions(0),
                                          &group, &operation),
                 MNSEC_OK);
    vault_facility_commit(&txn);
}

static uint64_t count_boxes(mn_box_kind kind)
{
    const mn_store_value equal[] = {mn_store_integer(kind)};
    const mn_store_range range = {.equal = equal, .equal_count = 1};
    return vault_row_count(MN_TABLE_SEALED, &range);
}

Test(vault_recovery, leaves_nothing_that_a_former_key_opens)
{
    mn_recovery next;
    mn_secret sheets[VAULT_FACILITY_SHEETS] = {0};

    replace_key(&next, sheets);

    cr_expect_eq(recover(&vault_facility.recovery), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(recover(&next), MNSEC_E_INTEGRITY, "the former private key");
    cr_expect_eq(count_boxes(MN_BOX_RECOVERY_GROUP), 1);
    cr_expect_eq(count_boxes(MN_BOX_RECOVERY_OPERATION), 1);
    cr_expect_eq(count_boxes(MN_BOX_RECOVERY_SHARE), 1, "the clerk's alone");
    mn_secret_wipe(&sheets[0]);
    mn_secret_wipe(&sheets[1]);
}

Test(vault_recovery, opens_with_the_key_that_replaced_another)
{
    mn_recovery next;
    mn_secret sheets[VAULT_FACILITY_SHEETS] = {0};

    replace_key(&next, sheets);

    vault_facility_begin(MN_STORE_READ, &txn);
    cr_assert_eq(mn_vault_recovery_share(vault(), &txn, &next, vault_facility.clerk.member.card,
                                         &vault_facility.clerk.work, &shares[0]),
                 MNSEC_OK);
    mn_store_txn_wipe(&txn);
    mn_secret_move(&shares[1], &sheets[1]);
    cr_assert_eq(mn_vault_recovery_join(vault(), &next, shares, 2, &private_key), MNSEC_OK);
    cr_assert_eq(recover(&next), MNSEC_OK);
    expect_secrets_in_force(VAULT_FACILITY_PASSWORD);
    mn_secret_wipe(&sheets[0]);
}

typedef struct division_case {
    char what[24];
    uint64_t version;
    unsigned threshold;
} division_case;

ParameterizedTestParameters(vault_recovery, refuses_a_division_that_cannot_be)
{
    static division_case cases[] = {
        {"one share suffices", 2, 1}, {"more than there are", 2, 4}, {"without a version", 0, 2}};
    return cr_make_param_array(division_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const division_case *c, vault_recovery, refuses_a_division_that_cannot_be)
{
    mn_recovery next;
    mn_secret sheets[VAULT_FACILITY_SHEETS] = {0};
    vault_facility_begin(MN_STORE_WRITE, &txn);

    cr_expect_eq(vault_facility_share_out(&txn, c->version, c->threshold, &vault_facility.chief,
                                          sheets, &next),
                 MNSEC_E_USAGE, "%s", c->what);
    cr_expect(mn_secret_is_empty(&sheets[0]));
    mn_store_txn_wipe(&txn);
}
