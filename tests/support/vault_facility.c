/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility of the tests. Its statements are signed and verified like any others; only the JSON
 * around a document is shorter than a log's, which the registry does not read.
 */
#include "vault_facility.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "scratch.h"
#include "statement_samples.h"
#include "store/sqlite/store_sqlite.h"

vault_facility_state vault_facility;

#define STATE (&vault_facility)
#define MUST(call)                                                                                 \
    do {                                                                                           \
        const mnsec_status must_status_ = (call);                                                  \
        cr_assert_eq(must_status_, MNSEC_OK, "%s: %s", mnsec_status_name(must_status_),            \
                     STATE->err->text);                                                            \
    } while (0)

/* --- statements --- */

/* Signed by the chief and applied, as the next entry. */
static void say(mn_statement *statement)
{
    const uint64_t index = mn_registry_count(STATE->registry);
    const char *event = mn_statement_event(statement->kind);
    MN_AUTO(mn_buf) document = {0};
    MN_AUTO(mn_buf) line = {0};
    MN_AUTO(mn_buf) signature = {0};
    uint8_t hash[MN_HASH_BYTES];
    MUST(mn_statement_encode(statement, &document));
    MUST(mn_buf_printf(&line, "{\"ev\":\"%s\",\"i\":%d}", event, (int)index));
    soft_key_sign(&STATE->chief.card, mn_buf_view(&line), &signature);
    mn_hash_bytes(mn_buf_view(&line), hash);
    const mn_registry_signature group = {
        .alg = MN_SIGNATURE_ECDSA_P256_SHA256,
        .certificate = mn_buf_view(&STATE->chief.certificate),
        .signature = mn_buf_view(&signature),
    };
    mn_registry_entry entry = {
        .index = index,
        .event = event,
        .statement = mn_buf_view(&line),
        .ah = "-",
        .document = mn_buf_view(&document),
        .signatures = &group,
        .signature_count = 1,
    };
    if (index > 0) {
        uint8_t head[MN_HASH_BYTES];
        mn_registry_head(STATE->registry, head);
        mn_base64_url_digest(head, entry.ah);
    }
    MUST(mn_registry_apply(STATE->registry, &entry, hash));
}

static void fill_enrolment(const vault_facility_person *person, mnsec_role role,
                           mn_enrolment *enrolment)
{
    mn_x509_info info;
    MUST(mn_x509_read(mn_buf_view(&person->certificate), &info));
    enrolment->person = person->id;
    enrolment->role = role;
    memcpy(enrolment->card, person->member.card, sizeof enrolment->card);
    memcpy(enrolment->certificate, info.fingerprint, sizeof enrolment->certificate);
    memcpy(enrolment->work, person->member.work, sizeof enrolment->work);
}

static void found(void)
{
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_FACILITY_FOUND);
    mn_founding *founding = &statement->u.founding;
    founding->facility = STATE->vault.facility;
    founding->recovery = STATE->recovery;
    founding->person_count = 3;
    sample_enrolment(0x51, &founding->persons[2]);
    fill_enrolment(&STATE->chief, MNSEC_ROLE_RESPONSIBLE, &founding->persons[0]);
    fill_enrolment(&STATE->clerk, MNSEC_ROLE_HANDLER, &founding->persons[1]);
    fill_enrolment(&STATE->leaver, MNSEC_ROLE_HANDLER, &founding->persons[2]);
    founding->single_control = true;
    for (size_t i = 0; i < 2; i++) {
        founding->departments[i].versions.id = STATE->departments[i];
        founding->departments[i].versions.argon2 = vault_facility_argon2();
    }
    mn_buf_wipe(&founding->attestation);
    MUST(mn_keyring_key_attest(STATE->token.keyring, &founding->attestation));
    say(statement);
}

/* --- people --- */

static void make_person(const char *name, vault_facility_person *person)
{
    mn_x509_info info;
    mn_random_id(&person->id);
    soft_key_make(&person->card, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_certify(&person->card, name, &person->certificate);
    MUST(mn_x509_read(mn_buf_view(&person->certificate), &info));
    memcpy(person->member.card, info.spki_hash, sizeof person->member.card);
    MUST(mn_p256_generate(&person->work, person->member.work));
}

static void wipe_person(vault_facility_person *person)
{
    soft_key_wipe(&person->card);
    mn_buf_wipe(&person->certificate);
    mn_secret_wipe(&person->work);
}

/* --- the whole --- */

static void open_store(void)
{
    const mn_store_sqlite_options options = {.path = scratch_path("facility.db"), .create = true};
    MUST(mn_store_sqlite_open(&options, STATE->err, &STATE->store));
}

static void add_key(mn_key_kind kind, const mnsec_id *department)
{
    mn_key_ref ref = {.kind = kind};
    if (department != NULL) {
        ref.department = *department;
        ref.epoch = 1;
    }
    MUST(mn_keyring_key_make(STATE->token.keyring, &ref));
}

static void make_keys(void)
{
    token_fixture_open("facility", &STATE->token);
    add_key(MN_KEY_PEPPER, NULL);
    for (size_t i = 0; i < 2; i++) {
        mn_random_id(&STATE->departments[i]);
        add_key(MN_KEY_DATA, &STATE->departments[i]);
        add_key(MN_KEY_INDEX, &STATE->departments[i]);
    }
}

static void make_recovery(void)
{
    MN_AUTO(mn_store_txn) txn = {0};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MUST(vault_facility_share_out(&txn, 1, 2, &STATE->chief, STATE->sheets, &STATE->recovery));
    vault_facility_commit(&txn);
}

static void make_group(size_t department)
{
    const vault_facility_person *people[] = {&STATE->chief, &STATE->clerk, &STATE->leaver};
    mn_vault_member members[3];
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) password = vault_facility_secret(VAULT_FACILITY_PASSWORD);
    for (size_t i = 0; i < 3; i++) {
        members[i] = people[i]->member;
    }
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MUST(mn_vault_group_make(&STATE->vault, &txn, vault_facility_versions(department), members, 3,
                             &STATE->recovery, &password));
    vault_facility_commit(&txn);
}

void vault_facility_make(void)
{
    token_fixture_make();
    STATE->err = &STATE->token.err;
    open_store();
    make_keys();
    STATE->vault =
        (mn_vault){.store = STATE->store, .keyring = STATE->token.keyring, .err = STATE->err};
    mn_random_id(&STATE->vault.facility);
    make_person("chief", &STATE->chief);
    make_person("clerk", &STATE->clerk);
    make_person("leaver", &STATE->leaver);
    make_recovery();
    MUST(mn_registry_new(STATE->err, &STATE->registry));
    found();
    make_group(0);
}

void vault_facility_remove(void)
{
    wipe_person(&STATE->chief);
    wipe_person(&STATE->clerk);
    wipe_person(&STATE->leaver);
    for (size_t i = 0; i < VAULT_FACILITY_SHEETS; i++) {
        mn_secret_wipe(&STATE->sheets[i]);
    }
    mn_registry_free(STATE->registry);
    mn_store_free(STATE->store);
    token_fixture_wipe(&STATE->token);
    token_fixture_remove();
}

const mn_department_versions *vault_facility_versions(size_t department)
{
    return &mn_registry_department_get(STATE->registry, &STATE->departments[department])->versions;
}

mn_argon2_params vault_facility_argon2(void)
{
    mn_argon2_params params;
    MUST(mn_argon2_calibrate(0, &params));
    return params;
}

mn_secret vault_facility_secret(const char *text)
{
    mn_secret secret = {0};
    MUST(mn_secret_copy(&secret, text, strlen(text)));
    return secret;
}

void vault_facility_begin(mn_store_mode mode, mn_store_txn *out_txn)
{
    MUST(mn_store_begin(STATE->store, mode, out_txn));
}

void vault_facility_commit(mn_store_txn *txn)
{
    MUST(mn_store_commit(txn));
}

void vault_facility_fill_second(void)
{
    make_group(1);
}

vault_facility_cost vault_facility_cost_of(void)
{
    return (vault_facility_cost){
        .macs = token_fixture_count(MN_FAULT_C_Sign),
        .encryptions = token_fixture_count(MN_FAULT_C_Encrypt),
        .decryptions = token_fixture_count(MN_FAULT_C_Decrypt),
    };
}

mnsec_status vault_facility_try_unlock(size_t department, const vault_facility_person *person,
                                       const char *password, mn_vault_department **out_department)
{
    MN_AUTO(mn_secret) typed = vault_facility_secret(password);
    mn_error_clear(STATE->err);
    return mn_vault_department_open(&STATE->vault, STATE->registry, &STATE->departments[department],
                                    person->member.card, &person->work, &typed, out_department);
}

mn_vault_department *vault_facility_unlock(size_t department, const char *password)
{
    mn_vault_department *unlocked = NULL;
    MUST(vault_facility_try_unlock(department, &STATE->clerk, password, &unlocked));
    return unlocked;
}

mnsec_status vault_facility_share_out(mn_store_txn *txn, uint64_t version, unsigned threshold,
                                      const vault_facility_person *holder,
                                      mn_secret out_sheets[VAULT_FACILITY_SHEETS],
                                      mn_recovery *out_recovery)
{
    MN_AUTO(mn_secret) private_key = {0};
    *out_recovery = (mn_recovery){
        .version = version, .threshold = threshold, .holder_count = 1 + VAULT_FACILITY_SHEETS};
    memcpy(out_recovery->holders[0], holder->member.card, sizeof out_recovery->holders[0]);
    MUST(mn_p256_generate(&private_key, out_recovery->key));
    return mn_vault_recovery_share_out(&STATE->vault, txn, out_recovery, &private_key,
                                       &holder->member, 1, out_sheets);
}

void vault_facility_withdraw(void)
{
    const mn_vault_member remaining[] = {STATE->chief.member, STATE->clerk.member};
    mn_department_versions next = *vault_facility_versions(0);
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_STAFF_WITHDRAW);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) group = {0};
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MUST(mn_vault_group_open(&STATE->vault, &txn, &next, STATE->chief.member.card,
                             &STATE->chief.work, next.g_version, &group));
    next.g_version++;
    next.s_version++;
    MUST(mn_vault_group_renew(&STATE->vault, &txn, &next, &group, remaining, 2, &STATE->recovery));
    MUST(mn_vault_group_remove(&STATE->vault, &txn, &next.id, STATE->leaver.member.card));
    vault_facility_commit(&txn);
    mn_withdrawal *withdrawal = &statement->u.withdrawal;
    withdrawal->person = STATE->leaver.id;
    for (size_t i = 0; i < 2; i++) {
        mn_department_versions *renewed = &withdrawal->departments[i];
        *renewed = *vault_facility_versions(i);
        renewed->g_version++;
        renewed->s_version++;
    }
    say(statement);
}

void vault_facility_set_password(const char *password)
{
    const mn_department_versions *former = vault_facility_versions(0);
    mn_department_versions next = *former;
    MN_AUTO_PTR(mn_statement) statement = sample_statement(MN_STATEMENT_PASSWORD_OPERATION);
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) old_password = vault_facility_secret(VAULT_FACILITY_PASSWORD);
    MN_AUTO(mn_secret) new_password = vault_facility_secret(password);
    MN_AUTO(mn_secret) operation = {0};
    next.o_version++;
    next.s_version++;
    next.wrap_version++;
    next.argon2 = vault_facility_argon2();
    vault_facility_begin(MN_STORE_WRITE, &txn);
    MUST(mn_vault_group_open_operation(&STATE->vault, &txn, former, &old_password, &operation));
    MUST(mn_vault_group_renew_operation(&STATE->vault, &txn, &next, &operation, &STATE->recovery,
                                        &new_password));
    vault_facility_commit(&txn);
    statement->u.operation = (mn_operation_change){.versions = next};
    say(statement);
}
