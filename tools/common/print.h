/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results on standard output: as a table for people, as JSON for programs, from the same rows.
 *
 *     static const print_column columns[] = {{"name", N_("NAME"), PRINT_TEXT}, …};
 *     MN_AUTO(print_table) people = {0};
 *     MN_TRY(print_table_init(&people, columns, COUNT_OF(columns)));
 *     MN_TRY(print_table_add(&people, json_pack("{s:s}", "name", person->name)));
 *     MN_TRY(print_table_list(&people, cli_has(command, "json")));
 *
 * A list is a JSON array of objects, one thing is an object; the keys are the columns' keys and are
 * promised in the man page. Whatever comes from a store or a card is cleaned of control characters
 * on its way to a terminal, and wide characters count as two.
 */
#ifndef TOOLS_PRINT_H
#define TOOLS_PRINT_H

#include <jansson.h>
#include <stdio.h>

#include "idiom.h"
#include "mnsec/id.h"

/* How a value is shown. In JSON: a string, an integer or a boolean; null or absent = "-". */
typedef enum print_kind {
    PRINT_TEXT,        /* a string, as it is */
    PRINT_WHOLE,       /* likewise, and never cut: it is typed again */
    PRINT_PHRASE,      /* a string that the catalogue translates; goes on below, never cut */
    PRINT_WORD,        /* a string that the catalogue translates; JSON has the English code */
    PRINT_COUNT,       /* an integer, to the right */
    PRINT_TIME,        /* integer seconds: local "2026-11-25 10:02"; ISO 8601 with Z in JSON */
    PRINT_DAY,         /* integer seconds: the local day; 0 = none */
    PRINT_UNTIL,       /* integer seconds, exclusive: the last day before; 0 = none */
    PRINT_DATE,        /* a string YYYY-MM-DD: in Japanese with its era, as on a form */
    PRINT_FLAG,        /* a boolean: yes or - */
    PRINT_SPARE,       /* a string; left out where a terminal is too narrow */
    PRINT_SPARE_DAY,   /* as PRINT_DAY, likewise */
    PRINT_HIDDEN,      /* only in JSON */
    PRINT_HIDDEN_TIME, /* only in JSON, ISO 8601 */
} print_kind;

typedef struct print_column {
    const char *key;
    const char *heading; /* N_() text */
    print_kind kind;
} print_column;

typedef struct print_table {
    const print_column *columns;
    size_t count;
    json_t *rows;
} print_table;

/* Call first in main(): what JSON and standard output held in memory is wiped when it is freed. */
void print_init(void);
/* Write out what is buffered, wipe the buffer. Errors: STORE (standard output cannot be written) */
MNSEC_MUST_USE mnsec_status print_end(void);

MNSEC_MUST_USE mnsec_status print_table_init(print_table *out_table, const print_column *columns,
                                             size_t count);
/* Takes row (NULL = out of memory). */
MNSEC_MUST_USE mnsec_status print_table_add(print_table *table, json_t *row);
size_t print_table_rows(const print_table *table);
/* Rows in the order of the first of keys that a row has, then of by. */
MNSEC_MUST_USE mnsec_status print_table_sort(print_table *table, const char *const keys[],
                                             size_t key_count, const char *by);
/* Every row. On a terminal lines fit its width: PRINT_SPARE goes, then the widest texts are cut;
 * a phrase, which must be the last column, goes on in the next line. */
MNSEC_MUST_USE mnsec_status print_table_list(const print_table *table, bool json);
/* The one row, a line for each column. */
MNSEC_MUST_USE mnsec_status print_table_show(const print_table *table, bool json);
/* The same as JSON, for a value that holds more; NULL when out of memory. */
json_t *print_table_json(const print_table *table);
json_t *print_table_row_json(const print_table *table, size_t row);
void print_table_wipe(print_table *table);
/* The id of what was made: by itself for people and scripts, {"id": …} in JSON. */
MNSEC_MUST_USE mnsec_status print_id(const mnsec_id *id, bool json);
/* Any other JSON value (not taken). */
MNSEC_MUST_USE mnsec_status print_json(const json_t *value);

/* Cells that a UTF-8 text takes on a terminal. */
size_t print_width(const char *text);
/* Cut to so many cells, with ".." at the end where something is missing. */
void print_cut(char *text, size_t width);
/* Text with control characters and broken UTF-8 replaced by "?"; cut to fit, between characters. */
void print_clean(const char *text, char *out_text, size_t size);
/* ISO 8601, UTC: 2026-11-25T01:02:03Z */
#define PRINT_TIME_BYTES 32
void print_iso_time(int64_t seconds, char out_text[PRINT_TIME_BYTES]);

#endif
