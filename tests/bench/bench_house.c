/* SPDX-License-Identifier: Apache-2.0 */
/* People are made by counting, with a right check digit; nobody has two numbers. */
#include "bench_house.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check_digit.h"
#include "scratch.h"

#define MUST BENCH_HOUSE_MUST
#define SHOW 1000U

bench_house house;

/* --- people --------------------------------------------------------------------------------------
 */

void bench_house_number(char out_number[MNSEC_NUMBER_TEXT_BYTES])
{
    uint8_t digits[MNSEC_NUMBER_TEXT_BYTES];
    /* Spread over the range, as real ones are. */
    const unsigned long long spread = (++house.entered * 48271ULL) % 100000000000ULL;
    (void)snprintf((char *)digits, sizeof digits, "%011llu", spread);
    (void)snprintf(out_number, MNSEC_NUMBER_TEXT_BYTES, "%011llu%u", spread,
                   mn_check_digit(digits) % 10);
}

const char *bench_house_people(size_t count)
{
    char name[40];
    (void)snprintf(name, sizeof name, "people-%u.csv", house.entered);
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "we");
    cr_assert(file);
    (void)fputs("種別,コード,氏名,氏名カナ,生年月日,住所,個人番号,書類\n", file);
    for (size_t i = 0; i < count; i++) {
        char number[MNSEC_NUMBER_TEXT_BYTES];
        bench_house_number(number);
        (void)fprintf(file,
                      "職員,E%07u,山田 一郎,ヤマダ イチロウ,1985-04-01,"
                      "みどり県ひまわり市本町4丁目4番10号,%s,源泉徴収票\n",
                      house.entered, number);
    }
    cr_assert_eq(fclose(file), 0);
    return path;
}

static void tell_refusal(void *user, const mnsec_import_refusal *refusal)
{
    (void)user;
    (void)fprintf(stderr, "line %llu, %s: %s\n", (unsigned long long)refusal->line,
                  refusal->column ? refusal->column : "-", refusal->reason);
}

void bench_house_import(const char *path, size_t count)
{
    mnsec_import_options options = MNSEC_IMPORT_OPTIONS_INIT;
    mnsec_import_result result = {0};
    options.path = path;
    options.refused = tell_refusal;
    MUST(mnsec_record_import(house.session, &house.kaigo, &options, &result));
    cr_assert_eq(result.taken, count);
}

/* --- the records ---------------------------------------------------------------------------------
 */

/* From the file itself, by whoever may read it. */
static void list_records(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *rows = NULL;
    cr_assert_eq(sqlite3_open_v2(house.fixture->store, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "SELECT record, value_id FROM value ORDER BY random()", -1,
                                    &rows, NULL),
                 SQLITE_OK);
    size_t count = 0;
    while (sqlite3_step(rows) == SQLITE_ROW) {
        cr_assert_lt(count, house.count);
        bench_house_record *record = &house.records[count++];
        memcpy(record->id.bytes, sqlite3_column_blob(rows, 0), sizeof record->id.bytes);
        memcpy(record->value.bytes, sqlite3_column_blob(rows, 1), sizeof record->value.bytes);
    }
    cr_assert_eq(count, house.count);
    (void)sqlite3_finalize(rows);
    (void)sqlite3_close(db);
}

static int keep_number(void *user, const mnsec_id *id, const char *number)
{
    bench_house_record **at = user;
    (void)id;
    memcpy((*at)->number, number, MNSEC_NUMBER_TEXT_BYTES);
    (*at)++;
    return 0;
}

static void read_numbers(void)
{
    static mnsec_id ids[SHOW];
    for (size_t from = 0; from < house.count; from += SHOW) {
        const size_t count = house.count - from < SHOW ? house.count - from : SHOW;
        bench_house_record *at = &house.records[from];
        for (size_t i = 0; i < count; i++) {
            ids[i] = at[i].id;
        }
        MUST(mnsec_record_show_many(house.session, &house.kaigo, ids, count, BENCH_HOUSE_PURPOSE,
                                    BENCH_HOUSE_DOCUMENT, keep_number, &at));
    }
}

/* --- the whole -----------------------------------------------------------------------------------
 */

/* The workstation's configuration names SoftHSM in the place of the module before it. */
static void take_out_fault_module(void)
{
    char command[4 * PATH_MAX];
    char conf[PATH_MAX + 40];
    (void)snprintf(command, sizeof command, "sed -i 's/mnsec-tokens\\.so/softhsm.so/' '%s'",
                   house.fixture->workstation);
    (void)snprintf(conf, sizeof conf, "%s/sim/facility/softhsm2.conf", house.fixture->directory);
    cr_assert_eq(system(command), 0);
    cr_assert_eq(setenv("SOFTHSM2_CONF", conf, 1), 0);
}

void bench_house_found(bench_house_module module)
{
    facility_fixture_make();
    house = (bench_house){.fixture = &himawari};
    if (module == BENCH_HOUSE_TIMED) {
        take_out_fault_module();
    }
}

void bench_house_enter(const char *name)
{
    house.session = facility_fixture_login_unlock(house.fixture, name, KAIGO);
    house.kaigo = facility_fixture_department(house.fixture, KAIGO);
    house.opened = house.fixture->context->opened;
    MUST(mn_session_department(house.session, &house.kaigo, &house.department));
}

void bench_house_hire(const char *name, const char *profile)
{
    mnsec_enrolment_options options = MNSEC_ENROLMENT_OPTIONS_INIT;
    mnsec_grant grant = {
        .department = house.kaigo, .actions = FACILITY_FIXTURE_ACTIONS, .document = "*"};
    mnsec_id id = {0};
    options.name = name;
    options.role = MNSEC_ROLE_HANDLER;
    options.card = name;
    facility_fixture_logout(house.fixture);
    facility_fixture_login(house.fixture, HARUKO);
    facility_fixture_card(house.fixture, name, profile);
    facility_fixture_insert(house.fixture, name);
    MUST(mnsec_staff_enrol(house.fixture->session, &options, &grant.person));
    MUST(mnsec_grant_give(house.fixture->session, &grant, NULL, &id));
    facility_fixture_logout(house.fixture);
}

void bench_house_fill(size_t records)
{
    bench_house_enter(TARO);
    house.records = calloc(records, sizeof *house.records);
    house.count = records;
    cr_assert(house.records);
    bench_house_import(bench_house_people(records), records);
    list_records();
    read_numbers();
}

void bench_house_postpone(void)
{
    house.opened->checkpoint_ms = mn_clock_monotonic_ms(house.opened->clock);
    house.opened->checkpoint_size = mn_audit_size(house.opened->audit);
}

void bench_house_leave(void)
{
    free(house.records);
    facility_fixture_remove();
}
