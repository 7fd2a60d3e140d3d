/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G1, G2: who has this number, and the number itself. The entry that every public call writes is
 * the disk's and the card's, and is measured in measure_read.c.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "bench.h"
#include "bench_house.h"
#include "bench_raw.h"
#include "token/keyring_internal.h"

#define MUST    BENCH_HOUSE_MUST
#define RECORDS 2000
#define ITEMS   500

static size_t next_record(void)
{
    static size_t at;
    return at++ % house.count; /* in the order of chance that the records have */
}

static void look_up(size_t record, mn_store_txn *txn)
{
    const bench_house_record *wanted = &house.records[record];
    const mn_audit_index *newest = NULL;
    mnsec_id found = {0};
    mnsec_id value = {0};
    MN_AUTO(mn_secret) number = {0};
    MN_AUTO(mn_secret) opened = {0};
    MUST(mn_secret_copy(&number, wanted->number, MNSEC_NUMBER_TEXT_BYTES - 1));
    MUST(mn_vault_number_search(house.department, txn, &number, &found));
    newest = house.opened->index;
    MUST(mn_audit_index_get(newest, &found, &value));
    MUST(mn_vault_number_open(house.department, txn, &found, &value, &opened));
    cr_assert(mn_secret_equal(&number, &opened));
}

static void look_up_all(void *user)
{
    (void)user;
    MN_AUTO(mn_store_txn) txn = {0};
    MUST(mn_store_begin(house.opened->store, MN_STORE_READ, &txn));
    for (size_t i = 0; i < ITEMS; i++) {
        look_up(next_record(), &txn);
    }
}

static void look_up_raw(void *user)
{
    const bool *with_host = user;
    bench_raw_begin();
    for (size_t i = 0; i < ITEMS; i++) {
        const size_t record = next_record();
        bench_raw_mac();
        bench_raw_find(record);
        bench_raw_decrypt(record);
        if (*with_host) {
            bench_raw_host_mac(); /* t */
            bench_raw_host_mac(); /* key of the number */
            bench_raw_host_cipher(32);
        }
    }
    bench_raw_end();
}

/* Keys as they are on the token, in the place of their session copies. */
static void use_token_keys(bool token_keys)
{
    static CK_OBJECT_HANDLE copies[MN_KEYRING_MAX_KEYS];
    mn_keyring *keyring = house.opened->keyring;
    for (size_t i = 0; i < keyring->key_count; i++) {
        mn_keyring_entry *entry = &keyring->keys[i];
        if (entry->use != entry->token) {
            copies[i] = entry->use;
        }
        entry->use = token_keys || copies[i] == CK_INVALID_HANDLE ? entry->token : copies[i];
    }
}

static void look_up_by_token_keys(void *user)
{
    use_token_keys(true);
    look_up_all(user);
    use_token_keys(false);
}

static void look_up_raw_by_token_keys(void *user)
{
    bench_raw_use_token_keys(true);
    look_up_raw(user);
    bench_raw_use_token_keys(false);
}

Test(measure_lookup, against_raw_work_and_token_keys)
{
    bool with_host = false;
    bench_house_found(BENCH_HOUSE_TIMED);
    bench_house_fill(RECORDS);
    bench_raw_open(TARO);
    bench_title("Looking a number up among %d, inside the vault", RECORDS);

    bench_goal goal = {
        .name = "G1",
        .what = "look-up by number",
        .against = "HMAC + SELECT + C_Decrypt",
        .at_most = 1.15,
        .why = "the inner lock is the host's own work: next line",
        .items = ITEMS,
        .alone = true,
        .ours = look_up_all,
        .bare = look_up_raw,
        .user = &with_host,
    };
    bench_compare(&goal);
    with_host = true;
    goal.what = "the same";
    goal.against = "+ inner lock: 2 HMAC, 1 GCM";
    goal.why = "keys in locked memory, rows checked, 2 SELECTs";
    bench_compare(&goal);

    with_host = false;
    goal.name = "G2";
    goal.what = "look-up with session copies";
    goal.against = "look-up with token objects";
    goal.at_most = 0.50;
    goal.why = "what the token saves is part of it: next line";
    goal.bare = look_up_by_token_keys;
    bench_compare(&goal);
    goal.what = "bare look-up with session copies";
    goal.against = "bare look-up with token objects";
    goal.why = "the floor of the line above, here";
    goal.at_most = 0;
    goal.ours = look_up_raw;
    goal.bare = look_up_raw_by_token_keys;
    bench_compare(&goal);
    bench_raw_close();
    bench_house_leave();
}
