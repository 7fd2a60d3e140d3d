/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows are JSON objects; a table is a way to read them. Numbers may pass through here (show), so
 * jansson's memory is wiped when freed and standard output has a buffer of ours.
 */
#include "print.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unictype.h>
#include <unilbrk.h>
#include <unistd.h>
#include <unistr.h>
#include <uniwidth.h>

#include "era.h"
#include "exit.h"
#include "words.h"

#define CELL_BYTES 512
#define GAP        2U
#define PHRASE_MIN 24U
#define CUT_MIN    6U /* narrower nothing can be told */

static char output_buffer[BUFSIZ];

static void free_wiped(void *memory)
{
    if (memory != NULL) {
        explicit_bzero(memory, malloc_usable_size(memory));
        free(memory);
    }
}

static void format_local(int64_t seconds, bool with_clock, char *out_cell)
{
    const time_t when = (time_t)seconds;
    struct tm local;
    if (localtime_r(&when, &local) == NULL ||
        (with_clock ? strftime(out_cell, CELL_BYTES, "%F %R", &local)
                    : strftime(out_cell, CELL_BYTES, "%F", &local)) == 0) {
        (void)snprintf(out_cell, CELL_BYTES, "?");
    }
}

static void format_text(const char *text, char *out_cell)
{
    if (text == NULL || text[0] == '\0') {
        (void)snprintf(out_cell, CELL_BYTES, "-");
        return;
    }
    print_clean(text, out_cell, CELL_BYTES);
}

static void format_word(const char *text, char *out_cell)
{
    format_text(text == NULL || text[0] == '\0' ? NULL : _(text), out_cell);
}

static void format_date(const char *iso, char *out_cell)
{
    char japanese[ERA_TEXT_BYTES];
    const bool era = iso != NULL && words_are_japanese() && era_format_iso(iso, japanese);
    format_text(era ? japanese : iso, out_cell);
}

static void format_cell(const print_column *column, const json_t *row, char out_cell[CELL_BYTES])
{
    const json_t *value = json_object_get(row, column->key);
    const char *text = json_string_value(value);
    const int64_t number = json_integer_value(value);
    (void)snprintf(out_cell, CELL_BYTES, "-");
    switch (column->kind) {
    case PRINT_WORD:
    case PRINT_PHRASE:
        format_word(text, out_cell);
        break;
    case PRINT_COUNT:
        if (json_is_integer(value)) {
            (void)snprintf(out_cell, CELL_BYTES, "%jd", (intmax_t)number);
        }
        break;
    case PRINT_TIME:
    case PRINT_DAY:
    case PRINT_SPARE_DAY:
    case PRINT_UNTIL:
        if (number != 0) {
            format_local(number - (column->kind == PRINT_UNTIL), column->kind == PRINT_TIME,
                         out_cell);
        }
        break;
    case PRINT_DATE:
        format_date(text, out_cell);
        break;
    case PRINT_FLAG:
        if (json_is_true(value)) {
            (void)snprintf(out_cell, CELL_BYTES, "%s", _("yes"));
        }
        break;
    case PRINT_TEXT:
    case PRINT_WHOLE:
    case PRINT_SPARE:
    case PRINT_HIDDEN:
    case PRINT_HIDDEN_TIME:
    default:
        format_text(text, out_cell);
        break;
    }
}

static void put_padded(const char *text, size_t width, bool to_the_right, bool is_last)
{
    const size_t taken = print_width(text);
    const int space = (int)(width > taken ? width - taken : 0);
    if (to_the_right) {
        printf("%*s%s", space, "", text);
    } else {
        printf("%s%*s", text, is_last ? 0 : space, "");
    }
    if (!is_last) {
        printf("%*s", (int)GAP, "");
    }
}

static bool is_hidden(const print_table *table, size_t c)
{
    return table->columns[c].kind == PRINT_HIDDEN || table->columns[c].kind == PRINT_HIDDEN_TIME;
}

/* Widths are 0 for what is not shown. */
static size_t last_shown(const size_t *widths, size_t count)
{
    size_t last = 0;
    for (size_t c = 0; c < count; c++) {
        last = widths[c] > 0 ? c : last;
    }
    return last;
}

static size_t column_width(const print_table *table, size_t c)
{
    size_t width = print_width(_(table->columns[c].heading));
    size_t i;
    json_t *row;
    json_array_foreach(table->rows, i, row)
    {
        char cell[CELL_BYTES];
        format_cell(&table->columns[c], row, cell);
        const size_t taken = print_width(cell);
        width = taken > width ? taken : width;
    }
    return width;
}

static size_t line_width(const size_t *widths, size_t count)
{
    size_t width = 0;
    for (size_t c = 0; c < count; c++) {
        width += widths[c] > 0 ? widths[c] + (width > 0 ? GAP : 0) : 0;
    }
    return width;
}

/* In several lines, each under the first, parted where the script allows it. */
static void put_phrase(const char *text, size_t indent, size_t width)
{
    char breaks[CELL_BYTES];
    const size_t len = strlen(text);
    (void)u8_width_linebreaks((const uint8_t *)text, len, (int)width, 0, 0, NULL, "UTF-8", breaks);
    for (size_t i = 0; i < len; i++) {
        if (breaks[i] == UC_BREAK_POSSIBLE || breaks[i] == UC_BREAK_MANDATORY) {
            printf("\n%*s", (int)indent, "");
        }
        putchar(text[i]);
    }
}

/* One line of the table; row NULL = the headings. */
static void put_line(const print_table *table, const size_t *widths, const json_t *row)
{
    const size_t last = last_shown(widths, table->count);
    for (size_t c = 0; c <= last; c++) {
        char cell[CELL_BYTES];
        if (widths[c] == 0) {
            continue;
        }
        if (row == NULL) {
            (void)snprintf(cell, sizeof(cell), "%s", _(table->columns[c].heading));
        } else {
            format_cell(&table->columns[c], row, cell);
        }
        if (table->columns[c].kind == PRINT_PHRASE && print_width(cell) > widths[c]) {
            put_phrase(cell, line_width(widths, c) + GAP, widths[c]);
            continue;
        }
        print_cut(cell, widths[c]);
        put_padded(cell, widths[c], table->columns[c].kind == PRINT_COUNT, c == last);
    }
    putchar('\n');
}

/* Cells of the terminal that standard output is; 0 = it is none. */
static size_t terminal_columns(void)
{
    struct winsize size = {0};
    return isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col
                                                                                      : 0;
}

static bool is_spare(print_kind kind)
{
    return kind == PRINT_SPARE || kind == PRINT_SPARE_DAY;
}

/* How narrow a column may become; SIZE_MAX = it keeps its width. */
static size_t narrowest(print_kind kind)
{
    switch (kind) {
    case PRINT_TEXT:
    case PRINT_WORD:
        return CUT_MIN;
    case PRINT_PHRASE:
        return PHRASE_MIN;
    default:
        return SIZE_MAX;
    }
}

/* Make the lines as narrow as the terminal, as far as that can be. */
static void fit(const print_table *table, size_t *widths, size_t limit)
{
    if (limit == 0) {
        return;
    }
    for (size_t c = table->count; c-- > 0 && line_width(widths, table->count) > limit;) {
        widths[c] = is_spare(table->columns[c].kind) ? 0 : widths[c];
    }
    while (line_width(widths, table->count) > limit) {
        size_t widest = table->count;
        for (size_t c = 0; c < table->count; c++) {
            const bool wider = widest == table->count || widths[c] > widths[widest];
            widest = wider && widths[c] > narrowest(table->columns[c].kind) ? c : widest;
        }
        if (widest == table->count) {
            return;
        }
        widths[widest]--;
    }
}

static bool is_time(print_kind kind)
{
    return kind == PRINT_TIME || kind == PRINT_DAY || kind == PRINT_SPARE_DAY ||
           kind == PRINT_UNTIL || kind == PRINT_HIDDEN_TIME;
}

/* Times become ISO texts. A new object, or NULL. */
static json_t *row_for_json(const print_table *table, json_t *row)
{
    json_t *copy = json_copy(row);
    for (size_t c = 0; copy != NULL && c < table->count; c++) {
        const char *key = table->columns[c].key;
        const int64_t seconds = json_integer_value(json_object_get(row, key));
        char text[PRINT_TIME_BYTES];
        if (!is_time(table->columns[c].kind)) {
            continue;
        }
        print_iso_time(seconds, text);
        (void)json_object_set_new(copy, key, seconds != 0 ? json_string(text) : json_null());
    }
    return copy;
}

/* Takes the value. */
static mnsec_status put_json(json_t *value)
{
    const mnsec_status status = print_json(value);
    json_decref(value);
    return status;
}

void print_init(void)
{
    json_set_alloc_funcs(malloc, free_wiped);
    (void)setvbuf(stdout, output_buffer, _IOFBF, sizeof(output_buffer));
}

mnsec_status print_end(void)
{
    const bool failed = fflush(stdout) != 0 || ferror(stdout) != 0;
    explicit_bzero(output_buffer, sizeof(output_buffer));
    return failed ? exit_refuse(MNSEC_E_STORE, _("standard output cannot be written")) : MNSEC_OK;
}

mnsec_status print_table_init(print_table *out_table, const print_column *columns, size_t count)
{
    json_t *rows = json_array();
    if (rows == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *out_table = (print_table){.columns = columns, .count = count, .rows = rows};
    return MNSEC_OK;
}

mnsec_status print_table_add(print_table *table, json_t *row)
{
    /* NULL is refused by jansson too */
    return json_array_append_new(table->rows, row) == 0 ? MNSEC_OK : MNSEC_E_INTERNAL_MEMORY;
}

size_t print_table_rows(const print_table *table)
{
    return json_array_size(table->rows);
}

typedef struct sort_order {
    const char *const *keys;
    size_t key_count;
    const char *by;
} sort_order;

static const char *first_text(const json_t *row, const sort_order *order)
{
    for (size_t i = 0; i < order->key_count; i++) {
        const char *text = json_string_value(json_object_get(row, order->keys[i]));
        if (text != NULL && text[0] != '\0') {
            return text;
        }
    }
    return "";
}

static int compare_rows(const void *a, const void *b, void *user)
{
    const sort_order *order = user;
    const json_t *left = *(json_t *const *)a;
    const json_t *right = *(json_t *const *)b;
    const int names = strcmp(first_text(left, order), first_text(right, order));
    const sort_order last = {.keys = &order->by, .key_count = 1};
    return names != 0 ? names : strcmp(first_text(left, &last), first_text(right, &last));
}

mnsec_status print_table_sort(print_table *table, const char *const keys[], size_t key_count,
                              const char *by)
{
    sort_order order = {.keys = keys, .key_count = key_count, .by = by};
    const size_t count = json_array_size(table->rows);
    json_t *sorted = json_array();
    json_t **rows = calloc(count + 1, sizeof(json_t *));
    bool failed = rows == NULL || sorted == NULL;
    for (size_t i = 0; !failed && i < count; i++) {
        rows[i] = json_array_get(table->rows, i);
    }
    if (!failed && count > 0) {
        qsort_r(rows, count, sizeof(json_t *), compare_rows, &order);
    }
    for (size_t i = 0; !failed && i < count; i++) {
        failed = json_array_append(sorted, rows[i]) != 0;
    }
    free(rows);
    if (failed) {
        json_decref(sorted);
        return MNSEC_E_INTERNAL_MEMORY;
    }
    json_decref(table->rows);
    table->rows = sorted;
    return MNSEC_OK;
}

mnsec_status print_table_list(const print_table *table, bool json)
{
    if (json) {
        return put_json(print_table_json(table));
    }
    size_t *widths = calloc(table->count, sizeof(*widths));
    if (widths == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    for (size_t c = 0; c < table->count; c++) {
        widths[c] = is_hidden(table, c) ? 0 : column_width(table, c);
    }
    fit(table, widths, terminal_columns());
    put_line(table, widths, NULL);
    size_t i;
    json_t *row;
    json_array_foreach(table->rows, i, row)
    {
        put_line(table, widths, row);
    }
    free(widths);
    return MNSEC_OK;
}

mnsec_status print_table_show(const print_table *table, bool json)
{
    json_t *row = json_array_get(table->rows, 0);
    if (json) {
        return put_json(print_table_row_json(table, 0));
    }
    size_t width = 0;
    for (size_t c = 0; c < table->count; c++) {
        const size_t taken = print_width(_(table->columns[c].heading));
        width = taken > width ? taken : width;
    }
    for (size_t c = 0; c < table->count; c++) {
        char cell[CELL_BYTES];
        if (!is_hidden(table, c)) {
            format_cell(&table->columns[c], row, cell);
            put_padded(_(table->columns[c].heading), width, false, false);
            printf("%s\n", cell);
            explicit_bzero(cell, sizeof(cell));
        }
    }
    return MNSEC_OK;
}

json_t *print_table_json(const print_table *table)
{
    json_t *list = json_array();
    size_t i;
    json_t *row;
    json_array_foreach(table->rows, i, row)
    {
        if (json_array_append_new(list, row_for_json(table, row)) != 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *print_table_row_json(const print_table *table, size_t row)
{
    return row_for_json(table, json_array_get(table->rows, row));
}

void print_table_wipe(print_table *table)
{
    json_decref(table->rows);
    *table = (print_table){0};
}

mnsec_status print_id(const mnsec_id *id, bool json)
{
    char text[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(id, text);
    if (!json) {
        printf("%s\n", text);
        return MNSEC_OK;
    }
    return put_json(json_pack("{s:s}", "id", text));
}

mnsec_status print_json(const json_t *value)
{
    if (value == NULL || json_dumpf(value, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY) != 0) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    putchar('\n');
    return MNSEC_OK;
}

size_t print_width(const char *text)
{
    const int width = u8_strwidth((const uint8_t *)text, "UTF-8");
    return width > 0 ? (size_t)width : 0;
}

void print_cut(char *text, size_t width)
{
    static const char mark[] = "..";
    if (print_width(text) <= width || width < sizeof(mark) - 1) {
        return;
    }
    size_t taken = 0;
    uint8_t *at = (uint8_t *)text;
    while (*at != '\0') {
        ucs4_t character;
        const int len = u8_mbtouc(&character, at, strlen((const char *)at));
        const int cells = uc_width(character, "UTF-8");
        taken += cells > 0 ? (size_t)cells : 0;
        if (taken + sizeof(mark) - 1 > width) {
            break;
        }
        at += len;
    }
    memcpy(at, mark, sizeof(mark)); /* at least two cells were behind at */
}

/* Nothing that moves a cursor, ends a line or turns the order of what stands beside it. */
static bool is_harmless(ucs4_t character)
{
    return character != 0xFFFD && character != 0x2028 && character != 0x2029 &&
           !uc_is_property_bidi_control(character) && uc_width(character, "UTF-8") >= 0;
}

void print_clean(const char *text, char *out_text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t left = strlen(text);
    size_t used = 0;
    while (left > 0) {
        ucs4_t character;
        const int len = u8_mbtouc(&character, at, left);
        const bool good = is_harmless(character);
        const size_t wanted = good ? (size_t)len : 1;
        if (used + wanted >= size) {
            break;
        }
        memcpy(out_text + used, good ? at : (const uint8_t *)"?", wanted);
        used += wanted;
        at += len;
        left -= (size_t)len;
    }
    out_text[used] = '\0';
}

void print_iso_time(int64_t seconds, char out_text[PRINT_TIME_BYTES])
{
    const time_t when = (time_t)seconds;
    struct tm utc;
    if (gmtime_r(&when, &utc) == NULL ||
        strftime(out_text, PRINT_TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
        (void)snprintf(out_text, PRINT_TIME_BYTES, "?");
    }
}
