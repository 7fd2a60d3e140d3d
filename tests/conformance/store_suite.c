/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The behaviours themselves. Tables: note (text key, every type, nulls), person (blob key, unique
 * and plain indexes, a reference to itself), pair (two key columns), line (integer key), page (wide
 * rows), tag (all columns are key).
 */
#include "store_suite.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

enum { NOTE, PERSON, PAIR, LINE, PAGE, TAG };
enum { PERSON_ID, PERSON_HOME, PERSON_NUMBER, PERSON_PARENT };

#define SHORT_WAIT_MS 50
#define LONG_WAIT_MS  20000

/* clang-format off */
const mn_store_table store_suite_tables[STORE_SUITE_TABLES] = {
    [NOTE] = {
        .name = "note",
        .columns = {{.name = "key", .type = MN_STORE_TEXT},
                    {.name = "body", .type = MN_STORE_BLOB, .nullable = true},
                    {.name = "rank", .type = MN_STORE_INTEGER, .nullable = true},
                    {.name = "title", .type = MN_STORE_TEXT, .nullable = true}},
        .key_columns = 1,
        .indexes = {{.name = "by_rank", .columns = {"rank"}}},
    },
    [PERSON] = {
        .name = "person",
        .columns = {{.name = "id", .type = MN_STORE_BLOB},
                    {.name = "home", .type = MN_STORE_TEXT},
                    {.name = "number", .type = MN_STORE_INTEGER},
                    {.name = "parent", .type = MN_STORE_BLOB, .nullable = true,
                     .references = "person"}},
        .key_columns = 1,
        .indexes = {{.name = "by_number", .columns = {"number"}, .unique = true},
                    {.name = "by_home", .columns = {"home"}},
                    {.name = "by_parent", .columns = {"parent"}},
                    {.name = "by_home_number", .columns = {"home", "number"}}},
    },
    [PAIR] = {
        .name = "pair",
        .columns = {{.name = "a", .type = MN_STORE_INTEGER},
                    {.name = "b", .type = MN_STORE_BLOB},
                    {.name = "c", .type = MN_STORE_BLOB}},
        .key_columns = 2,
    },
    [LINE] = {
        .name = "line",
        .columns = {{.name = "i", .type = MN_STORE_INTEGER},
                    {.name = "text", .type = MN_STORE_TEXT}},
        .key_columns = 1,
    },
    [PAGE] = {
        .name = "page",
        .columns = {{.name = "id", .type = MN_STORE_BLOB},
                    {.name = "bytes", .type = MN_STORE_BLOB}},
        .key_columns = 1,
        .wide = true,
    },
    [TAG] = {
        .name = "tag",
        .columns = {{.name = "name", .type = MN_STORE_TEXT},
                    {.name = "n", .type = MN_STORE_INTEGER}},
        .key_columns = 2,
    },
};
/* clang-format on */

static mn_error error;

#define OK(call)                                                                                   \
    do {                                                                                           \
        const mnsec_status status_ = (call);                                                       \
        cr_assert_eq(status_, MNSEC_OK, "%s: %s", mnsec_status_name(status_), error.text);         \
    } while (0)
#define IS(call, expected)                                                                         \
    do {                                                                                           \
        const mnsec_status status_ = (call);                                                       \
        cr_assert_eq(status_, (expected), "%s: %s", mnsec_status_name(status_), error.text);       \
    } while (0)

/* --- short hands ------------------------------------------------------------------------------ */

static mn_store *open_wish(const store_suite_factory *factory, const store_suite_wish *wish)
{
    mn_store *store = NULL;
    OK(factory->open(scratch_directory(), wish, &error, &store));
    return store;
}

static mn_store *open_store(const store_suite_factory *factory)
{
    return open_wish(factory, &(store_suite_wish){.create = true});
}

static mn_store *open_hurried(const store_suite_factory *factory)
{
    return open_wish(factory, &(store_suite_wish){.create = true, .busy_ms = SHORT_WAIT_MS});
}

static void put_line(mn_store_txn *txn, int64_t i, const char *text)
{
    const mn_store_value row[] = {mn_store_integer(i), mn_store_text(text)};
    OK(mn_store_put(txn, (mn_store_table_id)LINE, row));
}

static mnsec_status get_line(mn_store_txn *txn, int64_t i)
{
    mn_store_value row[2];
    const mn_store_value key = mn_store_integer(i);
    return mn_store_get(txn, (mn_store_table_id)LINE, &key, row);
}

/* In a transaction of its own. */
static void commit_line(mn_store *store, int64_t i)
{
    MN_AUTO(mn_store_txn) txn = {0};
    OK(mn_store_begin(store, MN_STORE_WRITE, &txn));
    put_line(&txn, i, "line");
    OK(mn_store_commit(&txn));
}

static mnsec_status look_for_line(mn_store *store, int64_t i)
{
    MN_AUTO(mn_store_txn) txn = {0};
    OK(mn_store_begin(store, MN_STORE_READ, &txn));
    return get_line(&txn, i);
}

static mnsec_status insert_person(mn_store_txn *txn, const char *id, const char *home,
                                  int64_t number, const char *parent)
{
    const mn_store_value row[] = {mn_store_blob(id, strlen(id)), mn_store_text(home),
                                  mn_store_integer(number),
                                  parent ? mn_store_blob(parent, strlen(parent)) : mn_store_null()};
    return mn_store_insert(txn, (mn_store_table_id)PERSON, row);
}

static bool is_bytes(const mn_store_value *value, const void *bytes, size_t len)
{
    return value->bytes.len == len && (len == 0 || memcmp(value->bytes.bytes, bytes, len) == 0);
}

/* One letter for each row of a scan, of a column with one-letter values. */
static const char *letters(mn_store_txn *txn, int table, size_t column, const mn_store_range *range)
{
    static char found[64];
    size_t count = 0;
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    OK(mn_store_scan(txn, (mn_store_table_id)table, range, &cursor));
    mnsec_status status;
    while ((status = mn_store_cursor_next(cursor, row)) == MNSEC_OK) {
        cr_assert(count + 1 < sizeof found && row[column].bytes.len == 1);
        found[count++] = (char)row[column].bytes.bytes[0];
    }
    IS(status, MNSEC_E_STATE_END);
    found[count] = '\0';
    return found;
}

/* A store with five people and a transaction on it; number descends where id ascends. */
typedef struct scene {
    mn_store *store;
    mn_store_txn txn;
} scene;

static void scene_wipe(scene *used)
{
    mn_store_txn_wipe(&used->txn);
    mn_store_free(used->store);
}

static void scene_begin(const store_suite_factory *factory, scene *out_scene)
{
    out_scene->store = open_store(factory);
    OK(mn_store_begin(out_scene->store, MN_STORE_WRITE, &out_scene->txn));
}

static void scene_people(const store_suite_factory *factory, scene *out_scene)
{
    scene_begin(factory, out_scene);
    OK(insert_person(&out_scene->txn, "c", "west", 3, NULL));
    OK(insert_person(&out_scene->txn, "a", "east", 5, "c"));
    OK(insert_person(&out_scene->txn, "e", "east", 1, "c"));
    OK(insert_person(&out_scene->txn, "b", "west", 4, "a"));
    OK(insert_person(&out_scene->txn, "d", "east", 2, NULL));
}

/* --- values ----------------------------------------------------------------------------------- */

void store_suite_gives_back_every_type_as_it_was_put(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value put[] = {mn_store_text("鍵"), mn_store_blob("\0\xff\x01", 3),
                                  mn_store_integer(-42), mn_store_text("ひまわり苑")};
    mn_store_value got[4];

    OK(mn_store_put(&s.txn, (mn_store_table_id)NOTE, put));
    OK(mn_store_get(&s.txn, (mn_store_table_id)NOTE, put, got));

    cr_expect_eq(got[0].type, MN_STORE_TEXT);
    cr_expect(is_bytes(&got[0], "鍵", strlen("鍵")));
    cr_expect_eq(got[1].type, MN_STORE_BLOB);
    cr_expect(is_bytes(&got[1], "\0\xff\x01", 3));
    cr_expect_eq(got[2].type, MN_STORE_INTEGER);
    cr_expect_eq(got[2].integer, -42);
    cr_expect_eq(got[3].type, MN_STORE_TEXT);
    cr_expect(is_bytes(&got[3], "ひまわり苑", strlen("ひまわり苑")));
}

void store_suite_keeps_null_apart_from_empty(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value none[] = {mn_store_text("n"), mn_store_null(), mn_store_null(),
                                   mn_store_null()};
    const mn_store_value empty[] = {mn_store_text(""), mn_store_blob(NULL, 0), mn_store_integer(0),
                                    mn_store_text("")};
    mn_store_value got[4];
    OK(mn_store_put(&s.txn, (mn_store_table_id)NOTE, none));
    OK(mn_store_put(&s.txn, (mn_store_table_id)NOTE, empty));

    OK(mn_store_get(&s.txn, (mn_store_table_id)NOTE, none, got));
    cr_expect(got[1].type == MN_STORE_NULL && got[2].type == MN_STORE_NULL &&
              got[3].type == MN_STORE_NULL);

    OK(mn_store_get(&s.txn, (mn_store_table_id)NOTE, empty, got));
    cr_expect(got[1].type == MN_STORE_BLOB && got[1].bytes.len == 0 && got[1].bytes.bytes);
    cr_expect(got[3].type == MN_STORE_TEXT && got[3].bytes.len == 0 && got[3].bytes.bytes);
}

void store_suite_keeps_the_ends_of_the_integers(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);

    put_line(&s.txn, INT64_MIN, "least");
    put_line(&s.txn, INT64_MAX, "most");

    OK(get_line(&s.txn, INT64_MIN));
    OK(get_line(&s.txn, INT64_MAX));
}

void store_suite_keeps_keys_with_zero_bytes_apart(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const char zeros[3] = {0};

    for (size_t len = 0; len <= sizeof zeros; len++) {
        const char content = (char)('0' + len);
        const mn_store_value row[] = {mn_store_blob(zeros, len), mn_store_blob(&content, 1)};
        OK(mn_store_insert(&s.txn, (mn_store_table_id)PAGE, row));
    }

    cr_expect_str_eq(letters(&s.txn, PAGE, 1, NULL), "0123");
}

void store_suite_keeps_a_blob_of_20_megabytes(const store_suite_factory *factory)
{
    const size_t len = 20U * 1024U * 1024U;
    uint8_t *bytes = malloc(len);
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i * 31 + (i >> 12));
    }
    mn_store *store = open_store(factory);
    const mn_store_value row[] = {mn_store_blob("big", 3), mn_store_blob(bytes, len)};
    mn_store_value got[2];

    mn_store_txn txn;
    OK(mn_store_begin(store, MN_STORE_WRITE, &txn));
    OK(mn_store_insert(&txn, (mn_store_table_id)PAGE, row));
    OK(mn_store_commit(&txn));
    mn_store_free(store);
    store = open_store(factory);
    OK(mn_store_begin(store, MN_STORE_READ, &txn));
    OK(mn_store_get(&txn, (mn_store_table_id)PAGE, row, got));

    cr_expect(is_bytes(&got[1], bytes, len));
    mn_store_txn_wipe(&txn);
    mn_store_free(store);
    free(bytes);
}

/* --- rows ------------------------------------------------------------------------------------- */

void store_suite_answers_not_found_for_a_missing_row(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    put_line(&s.txn, 1, "one");

    IS(get_line(&s.txn, 2), MNSEC_E_STATE_NOT_FOUND);

    cr_expect_str_eq(error.text, "", "an answer leaves no error behind");
    OK(get_line(&s.txn, 1));
}

void store_suite_insert_refuses_a_taken_key_and_goes_on(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value first[] = {mn_store_integer(7), mn_store_text("first")};
    const mn_store_value second[] = {mn_store_integer(7), mn_store_text("second")};
    mn_store_value got[2];
    OK(mn_store_insert(&s.txn, (mn_store_table_id)LINE, first));

    IS(mn_store_insert(&s.txn, (mn_store_table_id)LINE, second), MNSEC_E_STATE_CONFLICT);

    OK(mn_store_get(&s.txn, (mn_store_table_id)LINE, first, got));
    cr_expect(is_bytes(&got[1], "first", 5));
    OK(mn_store_commit(&s.txn));
}

void store_suite_insert_refuses_a_taken_unique_value_and_goes_on(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);

    IS(insert_person(&s.txn, "f", "east", 3, NULL), MNSEC_E_STATE_CONFLICT);

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, NULL), "abcde");
    OK(mn_store_commit(&s.txn));
}

void store_suite_put_replaces_the_row_of_the_same_key(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value key = mn_store_integer(7);
    mn_store_value got[2];
    put_line(&s.txn, 7, "first");

    put_line(&s.txn, 7, "second");

    OK(mn_store_get(&s.txn, (mn_store_table_id)LINE, &key, got));
    cr_expect(is_bytes(&got[1], "second", 6));
}

void store_suite_put_refuses_the_unique_value_of_another_row(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value row[] = {mn_store_blob("a", 1), mn_store_text("east"), mn_store_integer(3),
                                  mn_store_null()};

    IS(mn_store_put(&s.txn, (mn_store_table_id)PERSON, row), MNSEC_E_STATE_CONFLICT);

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, NULL), "abcde");
}

void store_suite_put_keeps_the_rows_that_refer_to_it(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value row[] = {mn_store_blob("c", 1), mn_store_text("north"),
                                  mn_store_integer(3), mn_store_null()};
    const mn_store_value parent = mn_store_blob("c", 1);
    const mn_store_range children = {.index = "by_parent", .equal = &parent, .equal_count = 1};

    OK(mn_store_put(&s.txn, (mn_store_table_id)PERSON, row));

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &children), "ae");
}

void store_suite_put_of_a_row_that_is_all_key_can_be_repeated(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value row[] = {mn_store_text("x"), mn_store_integer(1)};

    OK(mn_store_put(&s.txn, (mn_store_table_id)TAG, row));
    OK(mn_store_put(&s.txn, (mn_store_table_id)TAG, row));

    cr_expect_str_eq(letters(&s.txn, TAG, 0, NULL), "x");
    IS(mn_store_insert(&s.txn, (mn_store_table_id)TAG, row), MNSEC_E_STATE_CONFLICT);
}

void store_suite_remove_takes_one_row_away(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value key = mn_store_blob("d", 1);

    OK(mn_store_remove(&s.txn, (mn_store_table_id)PERSON, &key));

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, NULL), "abce");
    const mn_store_range by_home = {.index = "by_home"};
    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &by_home), "aebc");
}

void store_suite_remove_answers_not_found_for_a_missing_row(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value key = mn_store_blob("x", 1);

    IS(mn_store_remove(&s.txn, (mn_store_table_id)PERSON, &key), MNSEC_E_STATE_NOT_FOUND);

    OK(mn_store_commit(&s.txn));
}

void store_suite_refuses_a_reference_to_a_missing_row(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);

    IS(insert_person(&s.txn, "f", "east", 6, "x"), MNSEC_E_STATE_CONFLICT);

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, NULL), "abcde");
    OK(mn_store_commit(&s.txn));
}

void store_suite_refuses_to_remove_a_row_that_another_refers_to(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value key = mn_store_blob("c", 1);

    IS(mn_store_remove(&s.txn, (mn_store_table_id)PERSON, &key), MNSEC_E_STATE_CONFLICT);

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, NULL), "abcde");
    OK(mn_store_commit(&s.txn));
}

/* --- scans ------------------------------------------------------------------------------------ */

void store_suite_scans_integer_keys_as_numbers(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);

    put_line(&s.txn, 10, "d");
    put_line(&s.txn, -1, "b");
    put_line(&s.txn, 9, "c");
    put_line(&s.txn, -10, "a");

    cr_expect_str_eq(letters(&s.txn, LINE, 1, NULL), "abcd");
}

void store_suite_scans_text_keys_byte_by_byte(const store_suite_factory *factory)
{
    static const char *const keys[] = {"é", "b", "B", "あ", "ab", ""};
    static const char marks[] = "e"
                                "c"
                                "a"
                                "f"
                                "b"
                                "0";
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const mn_store_value row[] = {mn_store_text(keys[i]), mn_store_blob(&marks[i], 1),
                                      mn_store_null(), mn_store_null()};
        OK(mn_store_insert(&s.txn, (mn_store_table_id)NOTE, row));
    }

    cr_expect_str_eq(letters(&s.txn, NOTE, 1, NULL), "0abcef");
}

void store_suite_scans_blob_keys_byte_by_byte(const store_suite_factory *factory)
{
    static const struct {
        const char *key;
        size_t len;
        char mark;
    } rows[] = {
        {"\xff", 1, 'e'}, {"\x80", 1, 'd'}, {"a", 1, 'b'}, {"a\0", 2, 'c'}, {"\0\xff", 2, 'a'}};
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const mn_store_value row[] = {mn_store_blob(rows[i].key, rows[i].len),
                                      mn_store_blob(&rows[i].mark, 1)};
        OK(mn_store_insert(&s.txn, (mn_store_table_id)PAGE, row));
    }

    cr_expect_str_eq(letters(&s.txn, PAGE, 1, NULL), "abcde");
}

static void fill_pairs(mn_store_txn *txn)
{
    static const struct {
        int64_t a;
        char b[2];
        char c[2];
    } rows[] = {{2, "x", "d"}, {1, "z", "c"}, {1, "x", "a"},
                {3, "a", "f"}, {1, "y", "b"}, {2, "y", "e"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const mn_store_value row[] = {mn_store_integer(rows[i].a), mn_store_blob(rows[i].b, 1),
                                      mn_store_blob(rows[i].c, 1)};
        OK(mn_store_insert(txn, (mn_store_table_id)PAIR, row));
    }
}

void store_suite_scans_keys_of_two_columns_in_their_order(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);

    fill_pairs(&s.txn);

    cr_expect_str_eq(letters(&s.txn, PAIR, 2, NULL), "abcdef");
}

void store_suite_scans_an_index_in_its_order_and_equal_values_in_key_order(
    const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_range by_home = {.index = "by_home"};
    const mn_store_range by_number = {.index = "by_number"};
    const mn_store_range by_home_number = {.index = "by_home_number"};

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &by_home), "adebc");
    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &by_number), "edcba");
    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &by_home_number), "edacb");
}

void store_suite_scans_backwards(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_range backwards = {.descending = true};

    fill_pairs(&s.txn);

    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &backwards), "fedcba");
}

void store_suite_scans_an_index_backwards(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_range backwards = {.index = "by_home", .descending = true};

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &backwards), "cbeda");
}

void store_suite_scans_from_a_bound_to_below_another(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value two = mn_store_integer(2), four = mn_store_integer(4);
    for (int64_t i = 0; i < 6; i++) {
        const char text[] = {(char)('0' + i), '\0'};
        put_line(&s.txn, i, text);
    }

    const mn_store_range both = {.from = &two, .below = &four};
    cr_expect_str_eq(letters(&s.txn, LINE, 1, &both), "23");
    const mn_store_range from = {.from = &two};
    cr_expect_str_eq(letters(&s.txn, LINE, 1, &from), "2345");
    const mn_store_range below = {.below = &four, .descending = true};
    cr_expect_str_eq(letters(&s.txn, LINE, 1, &below), "3210");
    const mn_store_range nothing = {.from = &four, .below = &two};
    cr_expect_str_eq(letters(&s.txn, LINE, 1, &nothing), "");
}

void store_suite_scans_with_leading_columns_fixed(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_pairs(&s.txn);
    const mn_store_value one = mn_store_integer(1), y = mn_store_blob("y", 1);

    const mn_store_range all = {.equal = &one, .equal_count = 1};
    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &all), "abc");
    const mn_store_range from = {.equal = &one, .equal_count = 1, .from = &y};
    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &from), "bc");
    const mn_store_range below = {.equal = &one, .equal_count = 1, .below = &y};
    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &below), "a");
    const mn_store_value both[] = {one, y};
    const mn_store_range exactly = {.equal = both, .equal_count = 2};
    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &exactly), "b");
}

void store_suite_scans_an_index_with_a_column_fixed_and_a_bound(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value east = mn_store_text("east"), two = mn_store_integer(2);

    const mn_store_range range = {
        .index = "by_home_number", .equal = &east, .equal_count = 1, .from = &two};

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &range), "da");
}

/* How a long list by index is read in parts: where the last part ended. */
void store_suite_scans_an_index_with_the_key_as_bound(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value east = mn_store_text("east"), d = mn_store_blob("d", 1);

    const mn_store_range range = {
        .index = "by_home", .equal = &east, .equal_count = 1, .from = &d, .limit = 1};

    cr_expect_str_eq(letters(&s.txn, PERSON, PERSON_ID, &range), "d");
}

static void fill_ranks(mn_store_txn *txn)
{
    static const struct {
        char key[2];
        int64_t rank; /* 0 = none */
    } rows[] = {{"a", 0}, {"b", 2}, {"c", 1}, {"d", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const mn_store_value row[] = {
            mn_store_text(rows[i].key), mn_store_null(),
            rows[i].rank ? mn_store_integer(rows[i].rank) : mn_store_null(), mn_store_null()};
        OK(mn_store_insert(txn, (mn_store_table_id)NOTE, row));
    }
}

void store_suite_scans_rows_without_a_value(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_ranks(&s.txn);
    const mn_store_value none = mn_store_null();

    const mn_store_range without = {.index = "by_rank", .equal = &none, .equal_count = 1};
    cr_expect_str_eq(letters(&s.txn, NOTE, 0, &without), "ad");
    const mn_store_range all = {.index = "by_rank"};
    cr_expect_str_eq(letters(&s.txn, NOTE, 0, &all), "adcb");
}

void store_suite_leaves_rows_without_a_value_out_of_a_bound(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_ranks(&s.txn);
    const mn_store_value two = mn_store_integer(2), least = mn_store_integer(INT64_MIN);

    const mn_store_range below = {.index = "by_rank", .below = &two};
    cr_expect_str_eq(letters(&s.txn, NOTE, 0, &below), "c");
    const mn_store_range from = {.index = "by_rank", .from = &least};
    cr_expect_str_eq(letters(&s.txn, NOTE, 0, &from), "cb");
}

void store_suite_stops_at_the_limit(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_pairs(&s.txn);

    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &(mn_store_range){.limit = 2}), "ab");
    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &(mn_store_range){.limit = 2, .descending = true}),
                     "fe");
}

void store_suite_takes_any_limit(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_pairs(&s.txn);

    cr_expect_str_eq(letters(&s.txn, PAIR, 2, &(mn_store_range){.limit = UINT64_MAX}), "abcdef");
}

void store_suite_answers_end_again_and_again(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    put_line(&s.txn, 1, "a");
    mn_store_value row[2];
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    OK(mn_store_scan(&s.txn, (mn_store_table_id)LINE, NULL, &cursor));
    OK(mn_store_cursor_next(cursor, row));

    IS(mn_store_cursor_next(cursor, row), MNSEC_E_STATE_END);
    IS(mn_store_cursor_next(cursor, row), MNSEC_E_STATE_END);

    mn_store_cursor_free(mn_take(cursor));
}

void store_suite_lets_two_cursors_of_one_range_go_on_apart(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_pairs(&s.txn);
    mn_store_value slow_row[3], fast_row[3];
    mn_store_cursor *slow = NULL, *fast = NULL;
    OK(mn_store_scan(&s.txn, (mn_store_table_id)PAIR, NULL, &slow));
    OK(mn_store_scan(&s.txn, (mn_store_table_id)PAIR, NULL, &fast));

    OK(mn_store_cursor_next(slow, slow_row));
    OK(mn_store_cursor_next(fast, fast_row));
    OK(mn_store_cursor_next(fast, fast_row));

    cr_expect(is_bytes(&slow_row[2], "a", 1));
    cr_expect(is_bytes(&fast_row[2], "b", 1));
    mn_store_cursor_free(fast);
    OK(mn_store_cursor_next(slow, slow_row));
    cr_expect(is_bytes(&slow_row[2], "b", 1));
    mn_store_cursor_free(slow);
}

void store_suite_lets_go_of_range_values_once_the_scan_is_open(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    char home[] = "east";
    char bound[] = "b";
    const mn_store_value equal = mn_store_text(home), from = mn_store_blob(bound, 1);
    const mn_store_range range = {
        .index = "by_home", .equal = &equal, .equal_count = 1, .from = &from};
    mn_store_value row[4];
    mn_store_cursor *cursor = NULL;
    OK(mn_store_scan(&s.txn, (mn_store_table_id)PERSON, &range, &cursor));

    memset(home, 'x', sizeof home - 1);
    memset(bound, 'x', sizeof bound - 1);

    OK(mn_store_cursor_next(cursor, row));
    cr_expect(is_bytes(&row[PERSON_ID], "d", 1));
    OK(mn_store_cursor_next(cursor, row));
    cr_expect(is_bytes(&row[PERSON_ID], "e", 1));
    IS(mn_store_cursor_next(cursor, row), MNSEC_E_STATE_END);
    mn_store_cursor_free(cursor);
}

void store_suite_ends_a_cursor_with_its_transaction(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    fill_pairs(&s.txn);
    mn_store_value row[3];
    mn_store_cursor *cursor = NULL;
    OK(mn_store_scan(&s.txn, (mn_store_table_id)PAIR, NULL, &cursor));
    OK(mn_store_cursor_next(cursor, row));

    OK(mn_store_commit(&s.txn));
    OK(mn_store_begin(s.store, MN_STORE_READ, &s.txn));

    IS(mn_store_cursor_next(cursor, row), MNSEC_E_USAGE);
    mn_store_cursor_free(cursor);
}

void store_suite_removes_the_rows_of_a_scan_one_by_one(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    for (int64_t i = 0; i < 500; i++) {
        put_line(&s.txn, i, "line");
    }
    mn_store_value row[2];
    mn_store_cursor *cursor = NULL;
    OK(mn_store_scan(&s.txn, (mn_store_table_id)LINE, NULL, &cursor));

    mnsec_status status;
    while ((status = mn_store_cursor_next(cursor, row)) == MNSEC_OK) {
        const mn_store_value key = mn_store_integer(row[0].integer);
        OK(mn_store_remove(&s.txn, (mn_store_table_id)LINE, &key));
    }

    IS(status, MNSEC_E_STATE_END);
    mn_store_cursor_free(cursor);
    uint64_t count = 1;
    OK(mn_store_count(&s.txn, (mn_store_table_id)LINE, NULL, &count));
    cr_expect_eq(count, 0);
}

void store_suite_counts_all_a_range_and_up_to_a_limit(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    const mn_store_value east = mn_store_text("east");
    const mn_store_range in_east = {.index = "by_home", .equal = &east, .equal_count = 1};
    const mn_store_range two = {.limit = 2};
    uint64_t all = 0, some = 0, limited = 0;

    OK(mn_store_count(&s.txn, (mn_store_table_id)PERSON, NULL, &all));
    OK(mn_store_count(&s.txn, (mn_store_table_id)PERSON, &in_east, &some));
    OK(mn_store_count(&s.txn, (mn_store_table_id)PERSON, &two, &limited));

    cr_expect_eq(all, 5);
    cr_expect_eq(some, 3);
    cr_expect_eq(limited, 2);
}

/* --- transactions ----------------------------------------------------------------------------- */

void store_suite_wiping_a_transaction_leaves_nothing_of_it(const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    commit_line(store, 1);
    mn_store_txn txn;
    OK(mn_store_begin(store, MN_STORE_WRITE, &txn));
    const mn_store_value one = mn_store_integer(1);
    put_line(&txn, 2, "two");
    OK(mn_store_remove(&txn, (mn_store_table_id)LINE, &one));

    mn_store_txn_wipe(&txn);

    OK(look_for_line(store, 1));
    IS(look_for_line(store, 2), MNSEC_E_STATE_NOT_FOUND);
    mn_store_free(store);
}

void store_suite_freeing_a_store_leaves_nothing_of_an_open_transaction(
    const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    mn_store_txn txn;
    OK(mn_store_begin(store, MN_STORE_WRITE, &txn));
    put_line(&txn, 2, "two");

    mn_store_free(store);

    store = open_store(factory);
    IS(look_for_line(store, 2), MNSEC_E_STATE_NOT_FOUND);
    mn_store_free(store);
}

void store_suite_shows_a_change_to_its_own_transaction(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    const mn_store_value one = mn_store_integer(1);

    put_line(&s.txn, 1, "one");
    OK(get_line(&s.txn, 1));
    OK(mn_store_remove(&s.txn, (mn_store_table_id)LINE, &one));

    IS(get_line(&s.txn, 1), MNSEC_E_STATE_NOT_FOUND);
}

void store_suite_shows_a_change_to_others_only_once_committed(const store_suite_factory *factory)
{
    mn_store *writer = open_store(factory);
    mn_store *reader = open_store(factory);
    mn_store_txn txn;
    OK(mn_store_begin(writer, MN_STORE_WRITE, &txn));
    put_line(&txn, 1, "one");

    IS(look_for_line(reader, 1), MNSEC_E_STATE_NOT_FOUND);
    OK(mn_store_commit(&txn));
    OK(look_for_line(reader, 1));

    mn_store_free(writer);
    mn_store_free(reader);
}

void store_suite_shows_a_reader_the_store_as_it_was_when_it_began(
    const store_suite_factory *factory)
{
    mn_store *writer = open_store(factory);
    mn_store *reader = open_store(factory);
    mn_store_txn txn;
    OK(mn_store_begin(reader, MN_STORE_READ, &txn));

    commit_line(writer, 1);

    IS(get_line(&txn, 1), MNSEC_E_STATE_NOT_FOUND);
    OK(mn_store_commit(&txn));
    OK(look_for_line(reader, 1));
    mn_store_free(writer);
    mn_store_free(reader);
}

void store_suite_answers_busy_to_a_second_writer(const store_suite_factory *factory)
{
    mn_store *first = open_store(factory);
    mn_store *second = open_hurried(factory);
    mn_store_txn held, refused = {0};
    OK(mn_store_begin(first, MN_STORE_WRITE, &held));

    IS(mn_store_begin(second, MN_STORE_WRITE, &refused), MNSEC_E_STORE_BUSY);

    cr_expect_null(refused.store);
    mn_store_txn_wipe(&held);
    mn_store_free(first);
    mn_store_free(second);
}

void store_suite_lets_the_second_writer_in_after_the_first(const store_suite_factory *factory)
{
    mn_store *first = open_store(factory);
    mn_store *second = open_hurried(factory);
    mn_store_txn held, refused;
    OK(mn_store_begin(first, MN_STORE_WRITE, &held));
    put_line(&held, 1, "first");
    IS(mn_store_begin(second, MN_STORE_WRITE, &refused), MNSEC_E_STORE_BUSY);

    OK(mn_store_commit(&held));
    commit_line(second, 2);

    OK(look_for_line(first, 1));
    OK(look_for_line(first, 2));
    mn_store_free(first);
    mn_store_free(second);
}

void store_suite_lets_a_reader_in_beside_a_writer(const store_suite_factory *factory)
{
    mn_store *writer = open_store(factory);
    mn_store *reader = open_hurried(factory);
    commit_line(writer, 1);
    mn_store_txn held;
    OK(mn_store_begin(writer, MN_STORE_WRITE, &held));

    OK(look_for_line(reader, 1));

    mn_store_txn_wipe(&held);
    mn_store_free(writer);
    mn_store_free(reader);
}

void store_suite_keeps_what_was_committed_after_closing(const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    for (int64_t i = 0; i < 20; i++) {
        commit_line(store, i);
    }
    mn_store_free(store);

    store = open_wish(factory, &(store_suite_wish){.create = false});

    for (int64_t i = 0; i < 20; i++) {
        OK(look_for_line(store, i));
    }
    mn_store_free(store);
}

/* --- handles ---------------------------------------------------------------------------------- */

typedef struct worker {
    const store_suite_factory *factory;
    int64_t first;
    int64_t count;
    mnsec_status status;
} worker;

static mnsec_status work(const worker *job, mn_error *err)
{
    const store_suite_wish wish = {.busy_ms = LONG_WAIT_MS};
    MN_AUTO_PTR(mn_store) store = NULL;
    MN_TRY(job->factory->open(scratch_directory(), &wish, err, &store));
    for (int64_t i = job->first; i < job->first + job->count; i++) {
        const mn_store_value row[] = {mn_store_integer(i), mn_store_text("line")};
        MN_AUTO(mn_store_txn) txn = {0};
        MN_TRY(mn_store_begin(store, MN_STORE_WRITE, &txn));
        MN_TRY(mn_store_insert(&txn, (mn_store_table_id)LINE, row));
        MN_TRY(mn_store_commit(&txn));
    }
    return MNSEC_OK;
}

static void *work_in_thread(void *argument)
{
    worker *job = argument;
    mn_error err = {0};
    job->status = work(job, &err);
    return NULL;
}

void store_suite_lets_two_threads_write_through_their_own_handles(
    const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    worker jobs[2] = {{.factory = factory, .first = 0, .count = 40},
                      {.factory = factory, .first = 1000, .count = 40}};
    pthread_t threads[2];

    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_create(&threads[i], NULL, work_in_thread, &jobs[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
    }

    OK(jobs[0].status);
    OK(jobs[1].status);
    mn_store_txn txn;
    uint64_t count = 0;
    OK(mn_store_begin(store, MN_STORE_READ, &txn));
    OK(mn_store_count(&txn, (mn_store_table_id)LINE, NULL, &count));
    cr_expect_eq(count, 80);
    mn_store_txn_wipe(&txn);
    mn_store_free(store);
}

/* Child: writes and waits, a byte each way, until told to commit. Exit code 0 = all went well. */
static void write_slowly(const store_suite_factory *factory, int in, int out)
{
    const store_suite_wish wish = {.create = true};
    mn_error err = {0};
    mn_store *store = NULL;
    mn_store_txn txn;
    char byte = 'x';
    const mn_store_value row[] = {mn_store_integer(1), mn_store_text("child")};
    const bool good = factory->open(scratch_directory(), &wish, &err, &store) == MNSEC_OK &&
                      mn_store_begin(store, MN_STORE_WRITE, &txn) == MNSEC_OK &&
                      mn_store_insert(&txn, (mn_store_table_id)LINE, row) == MNSEC_OK &&
                      write(out, &byte, 1) == 1 && read(in, &byte, 1) == 1 &&
                      mn_store_commit(&txn) == MNSEC_OK;
    mn_store_free(store);
    _exit(good ? 0 : 1);
}

void store_suite_answers_busy_while_another_process_writes(const store_suite_factory *factory)
{
    int to_child[2], from_child[2];
    cr_assert_eq(pipe(to_child), 0);
    cr_assert_eq(pipe(from_child), 0);
    const pid_t child = fork(); /* before this process opens any handle */
    cr_assert(child >= 0);
    if (child == 0) {
        write_slowly(factory, to_child[0], from_child[1]);
    }
    char byte = 0;
    int ended = 0;
    mn_store_txn txn;
    cr_assert_eq(close(from_child[1]), 0);
    cr_assert_eq(read(from_child[0], &byte, 1), 1, "the child did not come to write");
    mn_store *store = open_hurried(factory);

    IS(mn_store_begin(store, MN_STORE_WRITE, &txn), MNSEC_E_STORE_BUSY);
    IS(look_for_line(store, 1), MNSEC_E_STATE_NOT_FOUND);
    cr_assert_eq(write(to_child[1], &byte, 1), 1);
    cr_assert_eq(waitpid(child, &ended, 0), child);

    cr_expect(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    OK(look_for_line(store, 1));
    mn_store_free(store);
}

void store_suite_refuses_a_handle_in_a_forked_child(const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    const pid_t child = fork();
    cr_assert(child >= 0);
    if (child == 0) {
        mn_store_txn txn;
        const mnsec_status status = mn_store_begin(store, MN_STORE_READ, &txn);
        mn_store_free(store);
        _exit(status == MNSEC_E_INTERNAL_FORKED ? 0 : 1);
    }
    int ended = 0;

    cr_assert_eq(waitpid(child, &ended, 0), child);

    cr_expect(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    commit_line(store, 1);
    mn_store_free(store);
}

/* --- refusals --------------------------------------------------------------------------------- */

void store_suite_refuses_to_write_when_opened_read_only(const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    commit_line(store, 1);
    mn_store_free(store);
    mn_store_txn txn;
    store = open_wish(factory, &(store_suite_wish){.read_only = true});

    IS(mn_store_begin(store, MN_STORE_WRITE, &txn), MNSEC_E_STORE_READ_ONLY);

    OK(look_for_line(store, 1));
    cr_expect(store->read_only);
    mn_store_free(store);
}

void store_suite_refuses_to_write_in_a_read_transaction(const store_suite_factory *factory)
{
    mn_store *store = open_store(factory);
    commit_line(store, 1);
    const mn_store_value row[] = {mn_store_integer(1), mn_store_text("other")};
    mn_store_txn txn;
    OK(mn_store_begin(store, MN_STORE_READ, &txn));

    IS(mn_store_put(&txn, (mn_store_table_id)LINE, row), MNSEC_E_USAGE);
    IS(mn_store_insert(&txn, (mn_store_table_id)LINE, row), MNSEC_E_USAGE);
    IS(mn_store_remove(&txn, (mn_store_table_id)LINE, row), MNSEC_E_USAGE);

    OK(get_line(&txn, 1));
    mn_store_txn_wipe(&txn);
    mn_store_free(store);
}

void store_suite_refuses_a_transaction_within_another(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    mn_store_txn inner;

    IS(mn_store_begin(s.store, MN_STORE_READ, &inner), MNSEC_E_USAGE);

    put_line(&s.txn, 1, "one");
    OK(mn_store_commit(&s.txn));
}

void store_suite_refuses_an_ended_transaction(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_begin(factory, &s);
    OK(mn_store_commit(&s.txn));

    IS(get_line(&s.txn, 1), MNSEC_E_USAGE);
    IS(mn_store_commit(&s.txn), MNSEC_E_USAGE);
}

void store_suite_answers_absent_where_there_is_no_store(const store_suite_factory *factory)
{
    mn_store *store = NULL;

    IS(factory->open(scratch_directory(), &(store_suite_wish){.create = false}, &error, &store),
       MNSEC_E_STORE_ABSENT);

    cr_expect_null(store);
    cr_expect_eq(scratch_count(), 0, "looking leaves nothing behind");
}

void store_suite_finds_a_used_store_whole(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);
    fill_pairs(&s.txn);
    OK(mn_store_commit(&s.txn));

    OK(mn_store_check(s.store, false));
    OK(mn_store_check(s.store, true));

    commit_line(s.store, 1);
}

void store_suite_checks_inside_a_transaction_too(const store_suite_factory *factory)
{
    MN_AUTO(scene) s = {0};
    scene_people(factory, &s);

    OK(mn_store_check(s.store, true));

    OK(mn_store_commit(&s.txn));
}
