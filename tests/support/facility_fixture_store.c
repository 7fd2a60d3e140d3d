/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store of the facility from outside: what a person with the file and a tool of his own can do
 * to it, and what stands in its log, read by nothing that is under test.
 */
#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facility_fixture.h"

static void copy_store(const char *from, const char *to)
{
    char command[4 * PATH_MAX];
    snprintf(command, sizeof command,
             "rm -f '%s' '%s-wal' '%s-shm' && for e in '' -wal -shm; do [ ! -f '%s'$e ] || "
             "cp '%s'$e '%s'$e || exit 1; done",
             to, to, to, from, from, to);
    cr_assert_eq(system(command), 0);
}

static void saved_path(const facility_fixture *f, const char *name, char out_path[PATH_MAX])
{
    snprintf(out_path, PATH_MAX, "%s/saved-%s", f->directory, name);
}

void facility_fixture_save(facility_fixture *f, const char *name)
{
    char path[PATH_MAX];
    cr_assert_null(f->context);
    saved_path(f, name, path);
    copy_store(f->store, path);
}

void facility_fixture_restore(facility_fixture *f, const char *name)
{
    char path[PATH_MAX];
    cr_assert_null(f->context);
    saved_path(f, name, path);
    copy_store(path, f->store);
}

static sqlite3 *open_store(const facility_fixture *f)
{
    sqlite3 *db = NULL;
    cr_assert_eq(sqlite3_open_v2(f->store, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

int facility_fixture_sql(facility_fixture *f, const char *sql)
{
    sqlite3 *db = open_store(f);
    char *problem = NULL;
    const int code = sqlite3_exec(db, sql, NULL, NULL, &problem);
    cr_assert_eq(code, SQLITE_OK, "%s: %s", sql, problem);
    const int changes = sqlite3_total_changes(db);
    sqlite3_close(db);
    return changes;
}

int64_t facility_fixture_sql_integer(facility_fixture *f, const char *sql)
{
    sqlite3 *db = open_store(f);
    sqlite3_stmt *statement = NULL;
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(db));
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW, "%s", sql);
    const int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

int64_t facility_fixture_log_size(facility_fixture *f)
{
    return facility_fixture_sql_integer(f, "SELECT count(*) FROM log_entry");
}

size_t facility_fixture_log_count(facility_fixture *f, const char *event)
{
    char sql[200];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM log_entry WHERE line LIKE '%%\"ev\":\"%s\"%%'",
             event);
    return (size_t)facility_fixture_sql_integer(f, sql);
}

static const char *read_newest(facility_fixture *f, const char *table, const char *event)
{
    static char text[16384];
    char sql[400];
    snprintf(sql, sizeof sql,
             "SELECT line FROM %s WHERE i = (SELECT max(i) FROM log_entry WHERE line LIKE "
             "'%%\"ev\":\"%s\"%%')",
             table, event);
    sqlite3 *db = open_store(f);
    sqlite3_stmt *statement = NULL;
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    text[0] = '\0';
    if (sqlite3_step(statement) == SQLITE_ROW) {
        snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return text;
}

const char *facility_fixture_log_line(facility_fixture *f, const char *event)
{
    return read_newest(f, "log_entry", event);
}

const char *facility_fixture_log_body(facility_fixture *f, const char *event)
{
    return read_newest(f, "log_body", event);
}
