/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G6, G11, G12: numbers read in bulk and one by one, with the entry that is durable before.
 */
#include <criterion/criterion.h>

#include "api/api_record.h"
#include "bench.h"
#include "bench_disk.h"
#include "bench_house.h"
#include "bench_raw.h"

#define MUST    BENCH_HOUSE_MUST
#define RECORDS 1000 /* as many as one call shows */
#define SINGLES 20
#define JIRO    "給与次郎"

static mnsec_id ids[RECORDS];

/* --- in bulk -------------------------------------------------------------------------------------
 */

static void open_all(void *user)
{
    (void)user;
    MN_AUTO(mn_store_txn) txn = {0};
    MUST(mn_store_begin(house.opened->store, MN_STORE_READ, &txn));
    for (size_t i = 0; i < RECORDS; i++) {
        mnsec_id newest = {0};
        MN_AUTO(mn_secret) number = {0};
        MUST(mn_audit_index_get(house.opened->index, &ids[i], &newest));
        MUST(mn_vault_number_open(house.department, &txn, &ids[i], &newest, &number));
    }
}

/* How much of what is done by the host is added to the bare sum. */
typedef struct bare_bulk {
    bool host;  /* the inner lock */
    bool entry; /* the card's signature and one durable write */
} bare_bulk;

static void open_all_raw(void *user)
{
    const bare_bulk *with = user;
    bench_raw_scan();
    for (size_t i = 0; i < RECORDS; i++) {
        bench_raw_decrypt(i);
        if (with->host) {
            bench_raw_host_mac();
            bench_raw_host_cipher(32);
        }
    }
    if (with->entry) {
        bench_raw_card_sign();
        bench_disk_write();
    }
}

static int ignore(void *user, const mnsec_id *id, const char *number)
{
    (void)user;
    (void)id;
    (void)number;
    return 0;
}

static void show_all(void *user)
{
    (void)user;
    MUST(mnsec_record_show_many(house.session, &house.kaigo, ids, RECORDS, BENCH_HOUSE_PURPOSE,
                                BENCH_HOUSE_DOCUMENT, ignore, NULL));
}

static void measure_bulk(void)
{
    bare_bulk with = {0};
    bench_goal goal = {
        .name = "G6",
        .what = "1,000 numbers inside the vault",
        .against = "scan + C_Decrypt",
        .at_most = 1.10,
        .why = "the inner lock is the host's own work: next line",
        .items = RECORDS,
        .alone = true,
        .ours = open_all,
        .bare = open_all_raw,
        .user = &with,
    };
    bench_compare(&goal);
    with.host = true;
    goal.what = "the same";
    goal.against = "+ inner lock: HMAC, GCM";
    goal.why = "a SELECT by id for each, checked; keys in locked memory";
    bench_compare(&goal);
    with.entry = true;
    goal.alone = false;
    goal.durable = true;
    goal.what = "mnsec_record_show_many of 1,000";
    goal.against = "+ C_Sign of the card + 4 KiB synced";
    goal.why = "each was taken for this purpose? all named in the entry";
    goal.ours = show_all;
    bench_compare(&goal);
}

/* --- with and without an entry -------------------------------------------------------------------
 */

/* What no entry spares either: each number is asked whether it was taken for this purpose. */
static void open_all_for_purpose(void *user)
{
    MN_AUTO(mn_store_txn) txn = {0};
    MUST(mn_store_begin(house.opened->store, MN_STORE_READ, &txn));
    for (size_t i = 0; i < RECORDS; i++) {
        MUST(mn_record_is_for(house.department, &txn, &ids[i], BENCH_HOUSE_DOCUMENT,
                              house.opened->err));
    }
    mn_store_txn_wipe(&txn);
    open_all(user);
}

static void measure_batch(void)
{
    facility_fixture_count_reset(house.fixture);
    show_all(NULL);
    cr_expect(bench_count("G12", "1,000 audited reads: signatures of the card",
                          facility_fixture_card_count(house.fixture, MN_FAULT_C_Sign), 1));
    bench_compare(&(bench_goal){
        .name = "G12",
        .what = "1,000 audited reads in one batch",
        .against = "the batch inside the vault, no entry",
        .at_most = 1.25,
        .why = "1,000 records named in the entry, a signature, a commit",
        .durable = true,
        .items = RECORDS,
        .ours = show_all,
        .bare = open_all_for_purpose,
    });
}

/* --- one by one ----------------------------------------------------------------------------------
 */

static void show_singly(void *user)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    (void)user;
    bench_house_postpone();
    for (size_t i = 0; i < SINGLES; i++) {
        MUST(mnsec_record_show(house.session, &ids[i], BENCH_HOUSE_PURPOSE, BENCH_HOUSE_DOCUMENT,
                               number));
    }
}

static void show_singly_raw(void *user)
{
    (void)user;
    for (size_t i = 0; i < SINGLES; i++) {
        bench_raw_card_sign();
        bench_disk_write();
        bench_raw_get(i);
        bench_raw_decrypt(i);
    }
}

static void measure_single(const char *what)
{
    bench_compare(&(bench_goal){
        .name = "G11",
        .what = what,
        .against = "C_Sign of the card + 4 KiB synced + read",
        .at_most = 1.20,
        .why = "signature verified twice; the card is another process",
        .durable = true,
        .items = SINGLES,
        .ours = show_singly,
        .bare = show_singly_raw,
    });
}

Test(measure_read, against_raw_work_and_reads_without_an_entry)
{
    bench_house_found(BENCH_HOUSE_TIMED);
    bench_house_fill(RECORDS);
    bench_raw_open(TARO);
    for (size_t i = 0; i < RECORDS; i++) {
        ids[i] = house.records[i].id;
    }
    bench_title("Reading numbers, %d records", RECORDS);

    measure_bulk();
    measure_batch();
    measure_single("mnsec_record_show, P-256 card");
    bench_raw_close();
    bench_house_hire(JIRO, "rsa");
    bench_house_enter(JIRO);
    bench_raw_open(JIRO);
    measure_single("mnsec_record_show, RSA-2048 card");

    bench_raw_close();
    bench_house_leave();
}
