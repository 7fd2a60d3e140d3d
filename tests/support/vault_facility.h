/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A facility for tests of vault and session: a store and a token in the scratch directory, two
 * departments, three persons with cards in software, and the registry that their signed statements
 * give. One per test process. Every step that fails fails the test.
 *
 *     TestSuite(vault_number, .init = vault_facility_make, .fini = vault_facility_remove);
 */
#ifndef MN_VAULT_FACILITY_H
#define MN_VAULT_FACILITY_H

#include "registry/registry.h"
#include "soft_key.h"
#include "token_fixture.h"
#include "vault/vault.h"

#define VAULT_FACILITY_PASSWORD "operation password one"
#define VAULT_FACILITY_SHEETS   2

typedef struct vault_facility_person {
    mnsec_id id;
    soft_key card;
    mn_buf certificate;
    mn_vault_member member; /* card hash and public work key */
    mn_secret work;
} vault_facility_person;

typedef struct vault_facility_state {
    token_fixture token;
    mn_error *err; /* the token's, and everybody else's */
    mn_store *store;
    mn_registry *registry;
    mn_vault vault;
    mn_recovery recovery;                    /* two of three: chief, and two sheets */
    mn_secret sheets[VAULT_FACILITY_SHEETS]; /* the shares on paper */
    vault_facility_person chief;             /* responsible */
    vault_facility_person clerk;
    vault_facility_person leaver; /* may be withdrawn */
    mnsec_id departments[2];      /* the first has its secrets, sealed to all three */
} vault_facility_state;
extern vault_facility_state vault_facility;

void vault_facility_make(void);
void vault_facility_remove(void);

/* Versions in force. */
const mn_department_versions *vault_facility_versions(size_t department);
/* Fresh Argon2id parameters at the floor. */
mn_argon2_params vault_facility_argon2(void);
mn_secret vault_facility_secret(const char *text);
void vault_facility_begin(mn_store_mode mode, mn_store_txn *out_txn);
void vault_facility_commit(mn_store_txn *txn);

/* Calls that use a key, since token_fixture_reset_counts(): what an operation costs on a device. */
typedef struct vault_facility_cost {
    uint64_t macs;
    uint64_t encryptions;
    uint64_t decryptions;
} vault_facility_cost;
vault_facility_cost vault_facility_cost_of(void);

/* Secrets of the second department, at versions 1 under the same operation password. */
void vault_facility_fill_second(void);
/* Unlocked by the clerk. */
mn_vault_department *vault_facility_unlock(size_t department, const char *password);
mnsec_status vault_facility_try_unlock(size_t department, const vault_facility_person *person,
                                       const char *password, mn_vault_department **out_department);
/* A new recovery key of this version, any threshold of its shares, one of which is the holder's and
 * the others on paper. The status is that of sharing it out. */
mnsec_status vault_facility_share_out(mn_store_txn *txn, uint64_t version, unsigned threshold,
                                      const vault_facility_person *holder,
                                      mn_secret out_sheets[VAULT_FACILITY_SHEETS],
                                      mn_recovery *out_recovery);
/* The leaver leaves: G_d of the first department renewed, statement applied. */
void vault_facility_withdraw(void);
/* After that: O_d of the first department renewed under a new password, statement applied. */
void vault_facility_set_password(const char *password);

#endif
