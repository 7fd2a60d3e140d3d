/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G3 and the counts of G9, G10, G12: exactly how many calls of PKCS#11 and how many durable writes
 * an act costs. Every call is counted, not those alone that use a key; none more is forgiven.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "bench.h"
#include "bench_disk.h"
#include "bench_house.h"
#include "token/keyring_internal.h"

#define MUST    BENCH_HOUSE_MUST
#define RECORDS 200
#define POOL    64 /* IVs from one C_GenerateRandom */

static uint64_t token(mn_fault_fn fn)
{
    return facility_fixture_token_count(house.fixture, fn);
}

/* Looking whether the card is there is no use of it, and happens by the clock. */
static uint64_t card_uses(void)
{
    static const mn_fault_fn uses[] = {MN_FAULT_C_Login,       MN_FAULT_C_SignInit,
                                       MN_FAULT_C_Sign,        MN_FAULT_C_DecryptInit,
                                       MN_FAULT_C_Decrypt,     MN_FAULT_C_DeriveKey,
                                       MN_FAULT_C_OpenSession, MN_FAULT_C_FindObjectsInit};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        sum += facility_fixture_card_count(house.fixture, uses[i]);
    }
    return sum;
}

static void begin(void)
{
    facility_fixture_count_reset(house.fixture);
    bench_disk_reset();
}

static void expect(const char *goal, const char *what, uint64_t found, uint64_t wanted)
{
    cr_expect(bench_count(goal, what, found, wanted));
}

static void count_lookup(void)
{
    const bench_house_record *record = &house.records[0];
    mnsec_id found = {0};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_AUTO(mn_secret) number = {0};
    MN_AUTO(mn_secret) opened = {0};
    MUST(mn_secret_copy(&number, record->number, MNSEC_NUMBER_TEXT_BYTES - 1));
    begin();
    MUST(mn_store_begin(house.opened->store, MN_STORE_READ, &txn));
    MUST(mn_vault_number_search(house.department, &txn, &number, &found));
    MUST(mn_vault_number_open(house.department, &txn, &found, &record->value, &opened));
    expect("G3", "look-up in the vault: calls of the token, all", token(MN_FAULT_ANY), 4);
    expect("G3", "  C_SignInit, C_Sign", token(MN_FAULT_C_SignInit) + token(MN_FAULT_C_Sign), 2);
    expect("G3", "  C_DecryptInit, C_Decrypt",
           token(MN_FAULT_C_DecryptInit) + token(MN_FAULT_C_Decrypt), 2);
    expect("G3", "  uses of the card", card_uses(), 0);
    expect("G3", "  durable writes", bench_disk_syncs(), 0);
}

static void count_show(void)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    begin();
    MUST(mnsec_record_show(house.session, &house.records[0].id, BENCH_HOUSE_PURPOSE,
                           BENCH_HOUSE_DOCUMENT, number));
    expect("G3", "show: calls of the token, C_DecryptInit and C_Decrypt", token(MN_FAULT_ANY), 2);
    expect("G3", "  uses of the card, C_SignInit and C_Sign", card_uses(), 2);
    expect("G3", "  durable writes", bench_disk_syncs(), 1);
}

static void count_search(void)
{
    mnsec_id found = {0};
    facility_fixture_answers(house.fixture, MNSEC_SECRET_NUMBER, "", house.records[0].number);
    begin();
    MUST(mnsec_record_search(house.session, &house.kaigo, &found));
    expect("G3", "search: calls of the token, C_SignInit and C_Sign", token(MN_FAULT_ANY), 2);
    expect("G3", "  uses of the card", card_uses(), 2);
    expect("G3", "  durable writes", bench_disk_syncs(), 1);
}

static void count_register(void)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    bench_house_number(number);
    begin();
    facility_fixture_register(house.fixture, KAIGO, "N-1", number);
    const uint64_t pools = token(MN_FAULT_C_GenerateRandom);
    cr_expect_leq(pools, 1);
    expect("G9", "register: calls of the token, 2 for a MAC and 4 for two seals",
           token(MN_FAULT_ANY) - pools, 6);
    expect("G9", "  uses of the card", card_uses(), 2);
    expect("G9", "  durable writes", bench_disk_syncs(), 1);
}

static void count_import(void)
{
    const char *path = bench_house_people(RECORDS);
    const size_t left = house.opened->keyring->ivs_left;
    begin();
    bench_house_import(path, RECORDS);
    expect("G10", "import of 200: calls of the token, 6 a row, without random numbers",
           token(MN_FAULT_ANY) - token(MN_FAULT_C_GenerateRandom), 6 * RECORDS);
    expect("G10", "  C_GenerateRandom, one for 64 IVs", token(MN_FAULT_C_GenerateRandom),
           (2 * RECORDS - left + POOL - 1) / POOL);
    expect("G10", "  uses of the card", card_uses(), 2);
    expect("G10", "  durable writes", bench_disk_syncs(), 1);
}

static int ignore(void *user, const mnsec_id *id, const char *number)
{
    (void)user;
    (void)id;
    (void)number;
    return 0;
}

static void count_batch(void)
{
    mnsec_id ids[RECORDS];
    for (size_t i = 0; i < RECORDS; i++) {
        ids[i] = house.records[i].id;
    }
    begin();
    MUST(mnsec_record_show_many(house.session, &house.kaigo, ids, RECORDS, BENCH_HOUSE_PURPOSE,
                                BENCH_HOUSE_DOCUMENT, ignore, NULL));
    expect("G12", "batch of 200: calls of the token, 2 a number", token(MN_FAULT_ANY), 2 * RECORDS);
    expect("G12", "  uses of the card", card_uses(), 2);
    expect("G12", "  durable writes", bench_disk_syncs(), 1);
}

Test(measure_calls, are_exactly_as_many_as_must_be)
{
    bench_house_found(BENCH_HOUSE_COUNTED);
    bench_house_fill(RECORDS);
    bench_title("Calls and durable writes of one act (ours: found; bare: wanted)");

    count_lookup();
    count_show();
    count_search();
    count_register();
    count_batch();
    count_import();

    bench_house_leave();
}
