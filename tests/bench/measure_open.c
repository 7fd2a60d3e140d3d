/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G17: opening a facility, which verifies everything that is trusted from then on, and logging in.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "bench_house.h"
#include "crypto/secret/argon2.h"
#include "scratch.h"
#include "token/p11.h"

#define MUST  BENCH_HOUSE_MUST
#define FEW   100
#define MANY  2000
#define OPENS 3

static facility_fixture second;

/* And closed: a module that is loaded already would not start anew. */
static void open_facility(void *user)
{
    facility_fixture *fixture = user;
    for (int i = 0; i < OPENS; i++) {
        const char *name = NULL;
        facility_fixture_reopen(fixture);
        FACILITY_FIXTURE_MUST(fixture, mnsec_facility_name(fixture->context, &name));
        facility_fixture_close(fixture);
    }
}

/* --- what cannot be saved ------------------------------------------------------------------------
 */

static void read_objects(const mn_p11_session *session, CK_OBJECT_CLASS object_class)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern[] = {{CKA_CLASS, &object_class, sizeof object_class},
                              {CKA_TOKEN, &yes, sizeof yes}};
    MN_AUTO(mn_buf) found = {0};
    MUST(mn_p11_session_find(session, pattern, 2, &found));
    for (size_t i = 0; i < mn_p11_session_found(&found); i++) {
        MN_AUTO(mn_buf) value = {0};
        MUST(
            mn_p11_session_attribute(session, mn_p11_session_handle(&found, i), CKA_VALUE, &value));
    }
}

/* Pin and audit certificate in one pass, checkpoints in another. */
static void read_token(void)
{
    char path[PATH_MAX];
    CK_SLOT_ID slot = 0;
    MN_AUTO(mn_buf) slots = {0};
    MN_AUTO_PTR(mn_p11) module = NULL;
    MN_AUTO(mn_p11_session) session = {0};
    (void)snprintf(path, sizeof path, "%s/sim/facility/softhsm.so", house.fixture->directory);
    MUST(mn_p11_load(path, NULL, &module));
    MUST(mn_p11_slots(module, true, NULL, &slots));
    memcpy(&slot, slots.bytes, sizeof slot);
    MUST(mn_p11_session_open(module, slot, false, MN_P11_TOKEN, NULL, &session));
    read_objects(&session, CKO_CERTIFICATE);
    read_objects(&session, CKO_DATA);
}

static void read_store(void)
{
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open_v2(house.fixture->store, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db,
                              "SELECT e.line, s.line, b.line FROM authority a JOIN log_entry e "
                              "USING (i) JOIN log_sig s USING (i) JOIN log_body b USING (i)",
                              NULL, NULL, NULL),
                 SQLITE_OK);
    (void)sqlite3_close(db);
}

static void open_raw(void *user)
{
    (void)user;
    for (int i = 0; i < OPENS; i++) {
        read_token();
        read_store();
    }
}

Test(measure_open, against_reading_token_and_store)
{
    bench_house_found(BENCH_HOUSE_TIMED);
    bench_house_fill(FEW);
    facility_fixture_logout(house.fixture);
    facility_fixture_close(house.fixture);
    bench_title("Opening a facility, %d records there", FEW);

    bench_compare(&(bench_goal){
        .name = "G17",
        .what = "opening: trust before secrets",
        .against = "C_Initialize + public objects + statements",
        .at_most = 1.25,
        .why = "every signed statement is verified, its certificates read",
        .items = OPENS,
        .alone = true,
        .ours = open_facility,
        .bare = open_raw,
        .user = house.fixture,
    });
    bench_house_leave();
}

/* --- does it grow? -------------------------------------------------------------------------------
 */

static void open_second(void *user)
{
    (void)user;
    open_facility(&second);
}

Test(measure_open, does_not_grow_with_the_records)
{
    bench_house_found(BENCH_HOUSE_COUNTED);
    bench_house_fill(FEW);
    facility_fixture_logout(house.fixture);
    facility_fixture_close(house.fixture);
    facility_fixture_add(&second, "second");
    house.fixture = &second;
    bench_house_fill(MANY);
    facility_fixture_logout(&second);
    facility_fixture_close(&second);
    bench_title("Opening a facility, through the fault module");

    bench_compare(&(bench_goal){
        .name = "G17",
        .what = "opening with 2,000 records",
        .against = "opening with 100",
        .at_most = 1.10,
        .items = OPENS,
        .alone = true,
        .ours = open_second,
        .bare = open_facility,
        .user = &himawari,
    });
    facility_fixture_end(&second);
    bench_house_leave();
}

/* --- logging in ----------------------------------------------------------------------------------
 */

static void log_in_and_out(void *user)
{
    (void)user;
    facility_fixture_login(house.fixture, TARO);
    facility_fixture_logout(house.fixture);
}

static void stretch_password(void *user)
{
    const mn_argon2_params *params = user;
    MN_AUTO(mn_secret) password = {0};
    MN_AUTO(mn_secret) stretched = {0};
    MUST(mn_secret_copy(&password, "hidamari no neko da", 19));
    MUST(mn_argon2_derive(&password, params, &stretched));
}

Test(measure_open, logging_in_against_stretching_the_password)
{
    bench_house_found(BENCH_HOUSE_TIMED);
    static mn_argon2_params params;
    MUST(mn_argon2_calibrate(0, &params));
    bench_title("Logging in");
    bench_compare(&(bench_goal){
        .name = "-",
        .what = "log-in and log-out",
        .against = "Argon2id at its floor",
        .rounds = 5,
        .ours = log_in_and_out,
        .bare = stretch_password,
        .user = &params,
    });
    bench_house_leave();
}
