/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility token is lost: what lies in the store and in the spare opens a number all the same,
 * by a handler's card, his password and the operation password, with nothing of the lost token.
 */
#include "api/api_login.h"
#include "fault_client.h"
#include "scenario.h"
#include "session/person_key.h"
#include "vault/vault.h"

TestSuite(scenario_escrow, .init = facility_fixture_make, .fini = facility_fixture_remove);

static void secret_of(const char *text, mn_secret *out_secret)
{
    MUST(mn_secret_copy(out_secret, text, strlen(text)));
}

/* By label, as founding names it; logged in with what it shows of itself. */
static mn_keyring *open_spare(const mn_opened *opened, mn_passport *out_passport)
{
    char id[MNSEC_ID_TEXT_BYTES];
    char uri[2 * PATH_MAX];
    MN_AUTO(mn_secret) pin = {0};
    mn_keyring *spare = NULL;
    mnsec_id_format(&opened->workstation.facility, id);
    snprintf(uri, sizeof uri,
             "pkcs11:token=spare-%.20s?module-path=%s/sim/facility/mnsec-tokens.so", id,
             F->directory);
    secret_of(F->shown.spare_pin, &pin);
    MUST(mn_keyring_open(uri, opened->err, &spare));
    MUST(mn_keyring_login(spare, &pin, NULL));
    MUST(mn_passport_probe(spare, out_passport));
    mn_keyring_logout(spare);
    MUST(mn_keyring_login(spare, &pin, out_passport));
    return spare;
}

static void unwrap_all(mn_keyring *spare, mn_store *store)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    size_t count = 0;
    MUST(mn_store_begin(store, MN_STORE_READ, &txn));
    MUST(mn_store_scan(&txn, MN_TABLE_ESCROW, &(mn_store_range){0}, &cursor));
    while (mn_store_cursor_next(cursor, row) == MNSEC_OK) {
        char name[40];
        mn_key_ref ref = {.kind = (mn_key_kind)row[0].integer, .epoch = (uint32_t)row[2].integer};
        memcpy(ref.department.bytes, row[1].bytes.bytes, sizeof ref.department.bytes);
        snprintf(name, sizeof name, "%.*s", (int)row[3].bytes.len,
                 (const char *)row[3].bytes.bytes);
        MUST(mn_keyring_escrow_unwrap(spare, &ref, name, row[4].bytes));
        count++;
    }
    cr_assert_eq(count, 5, "pepper, and data and index key of two departments");
}

static void unplug_facility_token(const mn_opened *opened)
{
    char label[40];
    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&opened->workstation.facility, id);
    snprintf(label, sizeof label, "mnsec-%.20s", id);
    cr_assert(mn_fault_client_unplug(F->token_state, label));
}

/* The person's work key, with the pepper of the spare. */
static void open_work(const mn_vault *vault, mn_secret *out_work)
{
    const mnsec_session *session = F->session;
    const mn_registry_person *person =
        mn_registry_person_get(session->opened->registry, &session->person);
    mn_person_key_owner owner = {.facility = vault->facility, .person = session->person};
    memcpy(owner.card, session->card, sizeof owner.card);
    MN_AUTO(mn_secret) card_secret = {0};
    MN_AUTO(mn_secret) password = {0};
    MN_AUTO(mn_store_txn) txn = {0};
    secret_of(facility_fixture_password(TARO), &password);
    MUST(mn_login_card_secret(F->session, &card_secret));
    MUST(mn_store_begin(vault->store, MN_STORE_READ, &txn));
    MUST(mn_person_key_open_work(&txn, vault->keyring, &owner, &card_secret, &password,
                                 &person->argon2, person->password_version, out_work));
}

static void open_number(const mn_vault *vault, const mnsec_id *record, mn_secret *out_number)
{
    const mn_opened *opened = F->session->opened;
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    MN_AUTO(mn_secret) work = {0};
    MN_AUTO(mn_secret) operation = {0};
    MN_AUTO_PTR(mn_vault_department) department = NULL;
    const mn_audit_index *index = NULL;
    mnsec_id newest = {0};
    secret_of(facility_fixture_operation(KAIGO), &operation);
    open_work(vault, &work);
    MUST(mn_vault_department_open(vault, opened->registry, &kaigo, F->session->card, &work,
                                  &operation, &department));
    MN_AUTO(mn_store_txn) txn = {0};
    MUST(mn_store_begin(vault->store, MN_STORE_READ, &txn));
    MUST(mn_opened_index(F->session->opened, &txn, &index));
    MUST(mn_audit_index_get(index, record, &newest));
    MUST(mn_vault_number_open(department, &txn, record, &newest, out_number));
}

Test(scenario_escrow, opens_a_number_through_the_spare_alone)
{
    FACILITY_FIXTURE_NEEDS_SPARE();
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    mn_opened *opened = F->session->opened;
    mn_passport passport = {0};
    MN_AUTO_PTR(mn_keyring) spare = open_spare(opened, &passport);
    unwrap_all(spare, opened->store);
    unplug_facility_token(opened);

    const mn_vault vault = {
        .facility = opened->workstation.facility,
        .store = opened->store,
        .keyring = spare,
        .err = opened->err,
    };
    MN_AUTO(mn_secret) number = {0};
    open_number(&vault, &record, &number);

    cr_assert_eq(number.len, strlen(FACILITY_FIXTURE_NUMBER));
    cr_expect(memcmp(number.bytes, FACILITY_FIXTURE_NUMBER, number.len) == 0);
}
