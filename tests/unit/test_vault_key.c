/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The derivations of docs/FORMATS.md 4.3 that need no token, against values that a few lines of
 * Python (hmac, hashlib, struct) made out of that page.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "hex.h"
#include "vault/vault_internal.h"

static mn_vault vault;
static mnsec_id department;
static mnsec_id record;
static mn_secret group;
static mn_secret operation;
static mn_secret key;

static void fill(mn_secret *secret, uint8_t byte)
{
    cr_assert_eq(mn_secret_init(secret, MN_VAULT_SECRET_BYTES), MNSEC_OK);
    memset(secret->bytes, byte, secret->len);
}

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    memset(vault.facility.bytes, 0x01, sizeof vault.facility.bytes);
    memset(department.bytes, 0x02, sizeof department.bytes);
    memset(record.bytes, 0x03, sizeof record.bytes);
    fill(&group, 0x11);
    fill(&operation, 0x22);
}

static void end(void)
{
    mn_secret_wipe(&group);
    mn_secret_wipe(&operation);
    mn_secret_wipe(&key);
}

TestSuite(vault_key, .init = start, .fini = end);

static void derive_department(void)
{
    cr_assert_eq(mn_vault_key_department(&vault, &department, 7, &group, &operation, &key),
                 MNSEC_OK);
}

Test(vault_key, derives_the_secret_of_a_department)
{
    derive_department();

    hex_expect(key.bytes, key.len,
               "88ae6d00d2cfdd4010c6bc29ad48fdb86427e96c7c055e916206832ac25af49e");
}

Test(vault_key, derives_the_key_of_a_former_secret)
{
    cr_assert_eq(mn_vault_key_former(&vault, &department, 6, &group, &key), MNSEC_OK);

    hex_expect(key.bytes, key.len,
               "26ba3ccd19274bb47d7ec57f8ab9ef86bd970bab2a5a60963dc7195c71be5854");
}

Test(vault_key, derives_the_key_of_a_number)
{
    MN_AUTO(mn_secret) root = {0};
    MN_AUTO(mn_secret) number_key = {0};
    derive_department();

    cr_assert_eq(mn_vault_key_root(&key, &root), MNSEC_OK);
    cr_assert_eq(mn_vault_key_number(&root, &record, &number_key), MNSEC_OK);

    hex_expect(number_key.bytes, number_key.len,
               "bb15d37bf124608fec6eb3272e404db3c416a3f8289217005fbd023958e89b08");
}

Test(vault_key, derives_the_key_of_the_blind_index)
{
    MN_AUTO(mn_secret) index_key = {0};
    derive_department();

    cr_assert_eq(mn_vault_key_index(&key, &department, &index_key), MNSEC_OK);

    hex_expect(index_key.bytes, index_key.len,
               "3a414a5ed1e8fd23ba5195496d4bd4748749291c24fe60efc2e3e372e9eb33d2");
}

Test(vault_key, derives_the_key_of_the_directory)
{
    MN_AUTO(mn_secret) directory = {0};
    fill(&directory, 0x33);

    cr_assert_eq(mn_vault_key_directory(&department, 1, 5, &group, &directory, &key), MNSEC_OK);

    hex_expect(key.bytes, key.len,
               "bae221a8c77d73e67c28b92dd70158bcbddaa4aaaed62be8d8feffd6a0be300d");
}
