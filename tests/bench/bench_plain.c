/* SPDX-License-Identifier: Apache-2.0 */
/* Ids are made by counting, and spread: real ones are random, so rows go to all pages. */
#include "bench_plain.h"

#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench_house.h"
#include "scratch.h"

#define TEXT_MAX   (128U * 1024U)
#define ITEM_BYTES 50U /* two ids in an entry's body */

typedef enum plain_row { RECORD, VALUE, INDEX, LINE, BODY, SIGNATURE, NODE, ROWS } plain_row;

/* ?1 is an id or index that is new each time, ?2 text of the length that the newest row has. */
static const struct {
    const char *insert;
    const char *length;
} rows[ROWS] = {
    [RECORD] = {"INSERT INTO record SELECT ?1, ?3, 1, NULL, 1, 1, ?2",
                "SELECT max(length(directory)) FROM record"},
    [VALUE] = {"INSERT INTO value SELECT ?1, 1, ?3, 1, 1, ?2, NULL, zeroblob(61)",
               "SELECT max(length(outer)) FROM value"},
    [INDEX] = {"INSERT INTO blind_index SELECT ?3, 1, 1, ?2, ?1",
               "SELECT max(length(tag)) FROM blind_index"},
    [LINE] = {"INSERT INTO log_entry VALUES (?1, ?2)", "SELECT max(length(line)) FROM log_entry"},
    [BODY] = {"INSERT INTO log_body VALUES (?1, ?2)",
              "SELECT length(line) FROM log_body ORDER BY i DESC LIMIT 1"},
    [SIGNATURE] = {"INSERT INTO log_sig VALUES (?1, ?2)",
                   "SELECT length(line) FROM log_sig ORDER BY i DESC LIMIT 1"},
    [NODE] = {"INSERT INTO log_node VALUES (99, ?1, ?2)", "SELECT 32"},
};

static struct {
    sqlite3 *db;
    sqlite3_stmt *inserts[ROWS];
    int lengths[ROWS];
    uint64_t made;
} plain;

static char text[TEXT_MAX];

static void run(const char *sql)
{
    cr_assert_eq(sqlite3_exec(plain.db, sql, NULL, NULL, NULL), SQLITE_OK, "%s: %s", sql,
                 sqlite3_errmsg(plain.db));
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    cr_assert_eq(sqlite3_prepare_v3(plain.db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL),
                 SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(plain.db));
    return statement;
}

static int ask(const char *sql)
{
    sqlite3_stmt *statement = prepare(sql);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    const int answer = sqlite3_column_int(statement, 0);
    (void)sqlite3_finalize(statement);
    return answer;
}

/* A blob of its own: SQLite takes text and blob for different things. */
static bool is_text(plain_row row)
{
    return row == LINE || row == BODY || row == SIGNATURE;
}

static void insert(plain_row row, const void *id, int id_len, int len)
{
    sqlite3_stmt *statement = plain.inserts[row];
    if (id) {
        (void)sqlite3_bind_blob(statement, 1, id, id_len, SQLITE_STATIC);
    } else {
        (void)sqlite3_bind_int64(statement, 1, (sqlite3_int64)(1000000 + plain.made));
    }
    if (is_text(row)) {
        (void)sqlite3_bind_text(statement, 2, text, len, SQLITE_STATIC);
    } else {
        (void)sqlite3_bind_blob(statement, 2, text, len, SQLITE_STATIC);
    }
    if (sqlite3_bind_parameter_count(statement) == 3) {
        (void)sqlite3_bind_blob(statement, 3, house.kaigo.bytes, sizeof house.kaigo.bytes,
                                SQLITE_STATIC);
    }
    cr_assert_eq(sqlite3_step(statement), SQLITE_DONE, "%s", sqlite3_errmsg(plain.db));
    (void)sqlite3_reset(statement);
}

void bench_plain_open(void)
{
    char sql[PATH_MAX + 20];
    const char *path = scratch_path("plain.db");
    plain.made = 0;
    memset(text, 'x', sizeof text);
    cr_assert_eq(sqlite3_open_v2(house.fixture->store, &plain.db, SQLITE_OPEN_READONLY, NULL),
                 SQLITE_OK);
    (void)snprintf(sql, sizeof sql, "VACUUM INTO '%s'", path);
    run(sql);
    (void)sqlite3_close(plain.db);
    cr_assert_eq(
        sqlite3_open_v2(path, &plain.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL),
        SQLITE_OK);
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("PRAGMA foreign_keys = ON");
    for (int i = 0; i < ROWS; i++) {
        plain.lengths[i] = ask(rows[i].length);
        plain.inserts[i] = prepare(rows[i].insert);
    }
}

void bench_plain_close(void)
{
    for (int i = 0; i < ROWS; i++) {
        (void)sqlite3_finalize(plain.inserts[i]);
    }
    (void)sqlite3_close(plain.db);
}

void bench_plain_begin(void)
{
    run("BEGIN IMMEDIATE");
}

void bench_plain_commit(void)
{
    run("COMMIT");
}

void bench_plain_record(void)
{
    mnsec_id id = {0};
    const uint64_t spread = ++plain.made * 0x9e3779b97f4a7c15ULL;
    memcpy(id.bytes, &spread, sizeof spread);
    memcpy(text, &spread, sizeof spread);
    insert(RECORD, id.bytes, sizeof id.bytes, plain.lengths[RECORD]);
    insert(VALUE, id.bytes, sizeof id.bytes, plain.lengths[VALUE]);
    insert(INDEX, id.bytes, sizeof id.bytes, plain.lengths[INDEX]);
    memset(text, 'x', sizeof spread);
}

void bench_plain_entry(size_t items)
{
    const int body = plain.lengths[BODY] + (int)(items * ITEM_BYTES);
    plain.made++;
    insert(BODY, NULL, 0, body);
    insert(SIGNATURE, NULL, 0, plain.lengths[SIGNATURE]);
    insert(LINE, NULL, 0, plain.lengths[LINE]);
    insert(NODE, NULL, 0, plain.lengths[NODE]);
}
