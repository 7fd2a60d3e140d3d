/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an act costs in PKCS#11 calls, exactly (docs/ARCHITECTURE.md): a real card takes a good part
 * of a second for each, and a call too many is a secret used once too often.
 */
#include "api/api_context.h"
#include "scenario.h"

TestSuite(scenario_calls, .init = facility_fixture_make, .fini = facility_fixture_remove);

/* Calls that use a PIN or a key. */
typedef struct use {
    uint64_t logins;
    uint64_t signatures; /* and MACs */
    uint64_t decryptions;
    uint64_t encryptions;
    uint64_t derivations;
} use;

typedef uint64_t (*count_fn)(const facility_fixture *f, mn_fault_fn fn);

static use use_of(count_fn count)
{
    return (use){
        .logins = count(F, MN_FAULT_C_Login),
        .signatures = count(F, MN_FAULT_C_Sign),
        .decryptions = count(F, MN_FAULT_C_Decrypt),
        .encryptions = count(F, MN_FAULT_C_Encrypt),
        .derivations = count(F, MN_FAULT_C_DeriveKey),
    };
}

static void expect_use(const char *whose, use found, use wanted)
{
    cr_expect_eq(found.logins, wanted.logins, "%s: %lu log-ins", whose, found.logins);
    cr_expect_eq(found.signatures, wanted.signatures, "%s: %lu signatures or MACs", whose,
                 found.signatures);
    cr_expect_eq(found.decryptions, wanted.decryptions, "%s: %lu decryptions", whose,
                 found.decryptions);
    cr_expect_eq(found.encryptions, wanted.encryptions, "%s: %lu encryptions", whose,
                 found.encryptions);
    cr_expect_eq(found.derivations, wanted.derivations, "%s: %lu derivations", whose,
                 found.derivations);
}

static void expect_card(use wanted)
{
    expect_use("card", use_of(facility_fixture_card_count), wanted);
}

static void expect_token(use wanted)
{
    expect_use("token", use_of(facility_fixture_token_count), wanted);
}

static void open_facility(void)
{
    const char *name = NULL;
    MUST(mnsec_facility_name(F->context, &name));
}

Test(scenario_calls, opening_looks_for_three_public_objects_and_logs_nobody_in)
{
    facility_fixture_count_reset(F);

    open_facility();

    /* Pin, audit certificate, checkpoint, each by class and label; where there is no trusted pin,
     * the weak one. */
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_FindObjectsInit),
                 F->context->opened->pin_is_weak ? 4 : 3);
    expect_token((use){0});
    expect_card((use){0});
}

Test(scenario_calls, login_uses_card_and_token_once_each)
{
    open_facility();
    facility_fixture_count_reset(F);

    facility_fixture_login(F, TARO);

    expect_card((use){.logins = 1, .decryptions = 1, .signatures = 1});
    expect_token((use){.logins = 1, .signatures = 1});
    /* One pass finds all keys and compares their attributes. */
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_FindObjectsInit), 1);
}

Test(scenario_calls, login_by_ecdh_derives_once)
{
    open_facility();
    facility_fixture_count_reset(F);

    facility_fixture_login(F, HANAKO);

    expect_card((use){.logins = 1, .derivations = 1, .signatures = 1});
}

Test(scenario_calls, login_by_signature_signs_twice)
{
    open_facility();
    facility_fixture_count_reset(F);

    facility_fixture_login(F, NAOTO);

    expect_card((use){.logins = 1, .signatures = 2});
}

Test(scenario_calls, unlock_is_one_mac_and_one_decryption)
{
    facility_fixture_login(F, TARO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_count_reset(F);

    MUST(mnsec_session_unlock(F->session, &kaigo));

    expect_card((use){0});
    expect_token((use){.signatures = 1, .decryptions = 1});
}

Test(scenario_calls, register_is_one_signature_two_encryptions_and_a_mac)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_count_reset(F);

    facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);

    expect_card((use){.signatures = 1});
    const bool by_host = F->context->opened->passport.outer >= MN_OUTER_RSA_OAEP;
    expect_token((use){.signatures = 1, .encryptions = by_host ? 0 : 2});
}

Test(scenario_calls, show_is_one_signature_and_one_decryption)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_count_reset(F);

    char number[MNSEC_NUMBER_TEXT_BYTES];
    MUST(mnsec_record_show(F->session, &record, "源泉徴収票の作成", "TAX_SLIP", number));

    expect_card((use){.signatures = 1});
    expect_token((use){.decryptions = 1});
}

static int ignore_number(void *user, const mnsec_id *id, const char *number)
{
    (void)user;
    (void)id;
    (void)number;
    return 0;
}

Test(scenario_calls, showing_many_is_one_signature_and_a_decryption_each)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    const mnsec_id ids[] = {
        facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER),
        facility_fixture_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER),
    };
    facility_fixture_count_reset(F);

    MUST(mnsec_record_show_many(F->session, &kaigo, ids, 2, "源泉徴収票の作成", "TAX_SLIP",
                                ignore_number, NULL));

    expect_card((use){.signatures = 1});
    expect_token((use){.decryptions = 2});
}

static int ignore_subject(void *user, const mnsec_subject *subject)
{
    (void)user;
    (void)subject;
    return 0;
}

Test(scenario_calls, list_is_one_signature)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_count_reset(F);

    MUST(mnsec_record_list(F->session, &kaigo, NULL, ignore_subject, NULL));

    expect_card((use){.signatures = 1});
    expect_token((use){0});
}

Test(scenario_calls, logout_is_one_signature_and_a_checkpoint)
{
    facility_fixture_login(F, TARO);
    facility_fixture_count_reset(F);

    facility_fixture_logout(F);

    expect_card((use){.signatures = 1});
    /* The checkpoint: note, CMS, and the object for the token, which is signed like the note. */
    expect_token((use){.signatures = 2});
}
