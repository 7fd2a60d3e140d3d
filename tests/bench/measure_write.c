/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G9, G10: registering one person, durable at once, and importing many.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "bench.h"
#include "bench_house.h"
#include "bench_plain.h"
#include "bench_raw.h"

#define MUST          BENCH_HOUSE_MUST
#define RECORDS       100
#define SINGLES       10
#define ROWS          500
#define IMPORTS       5
#define SEALED_NUMBER 60 /* the inner lock's box */
#define SEALED_TAG    32

/* --- one by one ----------------------------------------------------------------------------------
 */

static void register_some(void *user)
{
    const bool *with_code = user;
    bench_house_postpone();
    for (size_t i = 0; i < SINGLES; i++) {
        char code[20] = "";
        char number[MNSEC_NUMBER_TEXT_BYTES];
        bench_house_number(number);
        if (*with_code) {
            (void)snprintf(code, sizeof code, "R%u", house.entered);
        }
        facility_fixture_register(house.fixture, KAIGO, code, number);
    }
}

static void register_raw(void *user)
{
    (void)user;
    for (size_t i = 0; i < SINGLES; i++) {
        bench_raw_card_sign();
        bench_raw_mac();
        bench_raw_encrypt(SEALED_NUMBER);
        bench_raw_encrypt(SEALED_TAG);
        bench_plain_begin();
        bench_plain_record();
        bench_plain_entry(0);
        bench_plain_commit();
    }
}

static void measure_single(const char *what, bool with_code, double at_most, const char *why)
{
    bench_compare(&(bench_goal){
        .name = "G9",
        .what = what,
        .against = "rows in plain SQLite + card + token",
        .at_most = at_most,
        .why = why,
        .durable = true,
        .items = SINGLES,
        .ours = register_some,
        .bare = register_raw,
        .user = &with_code,
    });
}

/* --- many ----------------------------------------------------------------------------------------
 */

typedef struct importing {
    const char *paths[3 * IMPORTS];
    size_t next;
    bool host; /* what the host seals is added to the bare sum */
} importing;

static void import_next(void *user)
{
    importing *files = user;
    bench_house_import(files->paths[files->next++], ROWS);
}

static void import_raw(void *user)
{
    const importing *files = user;
    bench_raw_card_sign();
    bench_plain_begin();
    for (size_t i = 0; i < ROWS; i++) {
        bench_raw_mac();
        bench_raw_encrypt(SEALED_NUMBER);
        bench_raw_encrypt(SEALED_TAG);
        if (files->host) {
            bench_raw_host_mac();
            bench_raw_host_mac();
            bench_raw_host_cipher(32);
            bench_raw_host_cipher(400);
        }
        bench_plain_record();
    }
    bench_plain_entry(ROWS);
    bench_plain_commit();
}

static void measure_import(bool host)
{
    static importing files;
    files = (importing){.host = host};
    for (size_t i = 0; i < sizeof files.paths / sizeof files.paths[0]; i++) {
        files.paths[i] = bench_house_people(ROWS);
    }
    bench_compare(&(bench_goal){
        .name = "G10",
        .what = "mnsec_record_import of 500",
        .against = host ? "+ host: 2 HMAC, 2 GCM a row" : "rows in plain SQLite + card + token",
        .at_most = 1.18,
        .why = "fields checked and brought to one form, twice",
        .rounds = IMPORTS,
        .items = ROWS,
        .alone = true,
        .ours = import_next,
        .bare = import_raw,
        .user = &files,
    });
}

static void begin(void)
{
    bench_house_found(BENCH_HOUSE_TIMED);
    bench_house_fill(RECORDS);
    facility_fixture_register(house.fixture, KAIGO, "N-1", FACILITY_FIXTURE_NUMBER);
    bench_raw_open(TARO);
    bench_plain_open();
}

static void end(void)
{
    bench_plain_close();
    bench_raw_close();
    bench_house_leave();
}

Test(measure_write, against_the_same_rows_in_plain_sqlite)
{
    begin();
    bench_title("Registering, %d records there", RECORDS);
    measure_single("mnsec_record_register, no code", false, 1.30,
                   "signature verified twice; the card is another process");
    measure_single("with a code, among hundreds", true, 1.30,
                   "each code compared: none is indexed");
    measure_import(false);
    measure_single("with a code, among thousands", true, 0, "likewise");
    end();
}

Test(measure_write, in_bulk_against_rows_and_what_the_host_seals)
{
    begin();
    bench_title("Importing, %d records there", RECORDS);
    measure_import(true);
    end();
}
