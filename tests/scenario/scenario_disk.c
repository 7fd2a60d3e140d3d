/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that is full or cannot be written, a store in use: nothing is half-done, no number is
 * shown without its entry, and all goes on when the disk does. */
#include <sqlite3.h>
#include <sys/stat.h>

#include "fault_vfs.h"
#include "scenario.h"

static void make_on_faulty_disk(void)
{
    fault_vfs_install();
    facility_fixture_make();
    facility_fixture_login_unlock(F, TARO, KAIGO);
}

static void remove_faulty_disk(void)
{
    fault_vfs_reset();
    facility_fixture_remove();
}

TestSuite(scenario_disk, .init = make_on_faulty_disk, .fini = remove_faulty_disk);

static mnsec_status show(const mnsec_id *record, char number[MNSEC_NUMBER_TEXT_BYTES])
{
    return mnsec_record_show(F->session, record, "源泉徴収票の作成", "TAX_SLIP", number);
}

static mnsec_status try_register(void)
{
    mnsec_id record = {0};
    return facility_fixture_try_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER, &record);
}

static void expect_whole(void)
{
    fault_vfs_reset();
    const int64_t done = facility_fixture_sql_integer(
        F, "SELECT count(*) FROM log_entry WHERE line LIKE '%\"ev\":\"record.register\",%' AND "
           "line LIKE '%\"out\":0,%'");
    cr_expect_eq(facility_fixture_sql_integer(F, "SELECT count(*) FROM record"), done);
    cr_expect_eq(facility_fixture_sql_integer(F, "SELECT count(*) FROM value"), done);
}

Test(scenario_disk, that_is_full_registers_nothing)
{
    fault_vfs_fail(FAULT_VFS_WRITE, 1, SQLITE_FULL, FAULT_VFS_ALWAYS);

    EXPECT(MNSEC_E_STORE_FULL, try_register());

    cr_expect(fault_vfs_hit());
    expect_whole();
}

Test(scenario_disk, that_is_full_shows_nothing)
{
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_count_reset(F);
    fault_vfs_fail(FAULT_VFS_WRITE, 1, SQLITE_FULL, FAULT_VFS_ALWAYS);

    EXPECT(MNSEC_E_STORE_FULL, show(&record, number));

    cr_expect_str_empty(number);
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_Decrypt), 0);
}

Test(scenario_disk, that_cannot_be_written_shows_nothing)
{
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    fault_vfs_fail(FAULT_VFS_WRITE, 1, SQLITE_READONLY, FAULT_VFS_ALWAYS);

    EXPECT(MNSEC_E_STORE_READ_ONLY, show(&record, number));

    cr_expect_str_empty(number);
}

Test(scenario_disk, that_was_full_is_used_again)
{
    char number[MNSEC_NUMBER_TEXT_BYTES] = "";
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    fault_vfs_fail(FAULT_VFS_WRITE, 1, SQLITE_FULL, FAULT_VFS_ALWAYS);
    EXPECT(MNSEC_E_STORE_FULL, show(&record, number));
    fault_vfs_reset();

    MUST(show(&record, number));

    cr_expect_str_eq(number, FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_reopen(F);
    facility_fixture_login(F, TARO);
}

Test(scenario_disk, that_is_full_does_not_keep_anybody_from_logging_out)
{
    fault_vfs_fail(FAULT_VFS_WRITE, 1, SQLITE_FULL, FAULT_VFS_ALWAYS);

    facility_fixture_logout(F);
    fault_vfs_reset();

    facility_fixture_reopen(F);
    facility_fixture_login(F, TARO);
}

Test(scenario_disk, that_is_full_does_not_keep_a_pulled_card_from_locking)
{
    fault_vfs_fail(FAULT_VFS_WRITE, 1, SQLITE_FULL, FAULT_VFS_ALWAYS);
    facility_fixture_pull(F, TARO);

    EXPECT(MNSEC_E_CARD_REMOVED, try_register());

    cr_expect_eq(mnsec_session_get_info(F->session).locked, 1);
}

Test(scenario_disk, that_fails_at_any_write_of_registering_leaves_all_or_nothing)
{
    mnsec_status status = MNSEC_E_INTERNAL;
    for (unsigned nth = 1; status != MNSEC_OK && nth < 60; nth++) {
        fault_vfs_fail(FAULT_VFS_CHANGES, nth, SQLITE_IOERR_WRITE, FAULT_VFS_ONCE);
        status = try_register();
        cr_expect(status == MNSEC_OK || fault_vfs_hit(), "call %u: %s", nth,
                  mnsec_status_name(status));
        expect_whole();
    }
    cr_expect_eq(status, MNSEC_OK, "it never passed");
}

Test(scenario_disk, in_use_by_another_program_is_said)
{
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open(F->store, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);

    EXPECT(MNSEC_E_STORE_BUSY, try_register());

    cr_assert_eq(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    EXPECT(MNSEC_OK, try_register());
}
