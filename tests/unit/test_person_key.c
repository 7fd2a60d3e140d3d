/* SPDX-License-Identifier: Apache-2.0 */
/* What card and password open together, and that neither a wrong card nor a wrong password does. */
#include <criterion/criterion.h>

#include "crypto/secret/crypto.h"
#include "registry/box.h"
#include "session/person_key.h"
#include "vault_facility.h"
#include "vault_row.h"

#define PASSWORD "correct horse battery"

static mn_person_key_owner owner;
static mn_argon2_params argon2;
static mn_secret card_secret;
static mn_secret out;
static uint8_t door[MN_P256_POINT_BYTES];
static uint8_t work[MN_P256_POINT_BYTES];

/* Keys of the clerk, made. */
static void start(void)
{
    MN_AUTO(mn_store_txn) txn = {0};
    vault_facility_make();
    MN_AUTO(mn_secret) password = vault_facility_secret(PASSWORD);
    owner.facility = vault_facility.vault.facility;
    owner.person = vault_facility.clerk.id;
    memcpy(owner.card, vault_facility.clerk.member.card, sizeof owner.card);
    argon2 = vault_facility_argon2();
    cr_assert_eq(mn_random_secret(&card_secret, 32), MNSEC_OK);
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_person_key_make(&txn, vault_facility.token.keyring, &owner, &card_secret,
                                    &password, &argon2, door, work),
                 MNSEC_OK);
    vault_facility_commit(&txn);
}

static void end(void)
{
    mn_secret_wipe(&card_secret);
    mn_secret_wipe(&out);
    vault_facility_remove();
}

TestSuite(person_key, .init = start, .fini = end);

static mnsec_status open_door(void)
{
    MN_AUTO(mn_store_txn) txn = {0};
    mn_error_clear(vault_facility.err);
    vault_facility_begin(MN_STORE_READ, &txn);
    return mn_person_key_open_door(&txn, &owner, &card_secret, &out);
}

static mnsec_status open_work(const char *text, uint64_t version)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) password = vault_facility_secret(text);
    mn_error_clear(vault_facility.err);
    vault_facility_begin(MN_STORE_READ, &txn);
    return mn_person_key_open_work(&txn, vault_facility.token.keyring, &owner, &card_secret,
                                   &password, &argon2, version, &out);
}

static void expect_private_half_of(const uint8_t point[MN_P256_POINT_BYTES])
{
    uint8_t computed[MN_P256_POINT_BYTES];
    cr_assert_eq(mn_p256_public(&out, computed), MNSEC_OK);
    cr_expect_arr_eq(computed, point, sizeof computed);
}

Test(person_key, of_the_door_opens_with_the_card_alone)
{
    token_fixture_reset_counts();

    cr_assert_eq(open_door(), MNSEC_OK);

    expect_private_half_of(door);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 0);
}

Test(person_key, of_work_opens_with_card_and_password_and_one_mac)
{
    token_fixture_reset_counts();

    cr_assert_eq(open_work(PASSWORD, 1), MNSEC_OK);

    expect_private_half_of(work);
    const vault_facility_cost cost = vault_facility_cost_of();
    cr_expect_eq(cost.macs, 1);
    cr_expect_eq(cost.encryptions + cost.decryptions, 0);
}

Test(person_key, does_not_open_with_another_card_secret)
{
    card_secret.bytes[0] ^= 1;

    cr_expect_eq(open_door(), MNSEC_E_DENIED_LOGIN);
    cr_expect_eq(open_work(PASSWORD, 1), MNSEC_E_DENIED_LOGIN);
    cr_expect(mn_secret_is_empty(&out));
}

Test(person_key, does_not_open_with_another_password)
{
    cr_expect_eq(open_work("correct horse batter", 1), MNSEC_E_DENIED_LOGIN);
    cr_expect_eq(open_work("", 1), MNSEC_E_DENIED_LOGIN);
}

Test(person_key, does_not_open_for_another_person_of_the_same_card)
{
    MN_AUTO(vault_row) row = {0};
    const mn_store_value key[] = {mn_store_integer(MN_BOX_DOOR), mn_store_blob(owner.card, 32),
                                  mn_store_blob(owner.person.bytes, 16), mn_store_integer(1)};
    vault_row_read(MN_TABLE_SEALED, key, &row);
    mn_random_id(&owner.person);

    vault_row_set(&row, 2, owner.person.bytes, 16);
    vault_row_write(&row);

    cr_expect_eq(open_door(), MNSEC_E_DENIED_LOGIN);
}

Test(person_key, that_is_gone_is_a_fault_of_the_store)
{
    mn_random_id(&owner.person);

    cr_expect_eq(open_door(), MNSEC_E_INTEGRITY_STORE);
    cr_expect_eq(open_work(PASSWORD, 1), MNSEC_E_INTEGRITY_STORE);
}

Test(person_key, is_the_same_under_a_new_password_and_forgets_the_former_one)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) password = vault_facility_secret("another password");
    cr_assert_eq(open_work(PASSWORD, 1), MNSEC_OK);
    argon2 = vault_facility_argon2();
    vault_facility_begin(MN_STORE_WRITE, &txn);

    cr_assert_eq(mn_person_key_rewrap(&txn, vault_facility.token.keyring, &owner, &card_secret,
                                      &password, &argon2, 2, &out),
                 MNSEC_OK);
    vault_facility_commit(&txn);

    cr_expect_eq(open_work(PASSWORD, 1), MNSEC_E_INTEGRITY_STORE);
    cr_expect_eq(open_work(PASSWORD, 2), MNSEC_E_DENIED_LOGIN);
    cr_assert_eq(open_work("another password", 2), MNSEC_OK);
    expect_private_half_of(work);
}

Test(person_key, of_the_door_opens_the_facility_pin_of_a_version)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) pin = vault_facility_secret("facility pin");
    MN_AUTO(mn_secret) private_door = {0};
    const mn_box_ref ref = {.facility = owner.facility,
                            .kind = MN_BOX_FACILITY_PIN,
                            .owner = mn_bytes_of(owner.card, 32),
                            .version = 3};
    cr_assert_eq(open_door(), MNSEC_OK);
    mn_secret_move(&private_door, &out);
    vault_facility_begin(MN_STORE_WRITE, &txn);
    cr_assert_eq(mn_box_seal_to(&txn, &ref, door, &pin), MNSEC_OK);

    cr_expect_eq(mn_person_key_open_pin(&txn, &owner, &private_door, 3, &out), MNSEC_OK);
    cr_expect(mn_secret_equal(&out, &pin));
    cr_expect_eq(mn_person_key_open_pin(&txn, &owner, &private_door, 2, &out),
                 MNSEC_E_STATE_NOT_FOUND);
    private_door.bytes[31] ^= 1;
    cr_expect_eq(mn_person_key_open_pin(&txn, &owner, &private_door, 3, &out), MNSEC_E_INTEGRITY);
}
