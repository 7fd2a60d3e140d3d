/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RFC 4180 as a table of steps over five states. A mistake is noted and the rest of its line passed
 * over; but once a quoted field has run over a line end, a mistake in that row means that the quote
 * was never meant to go so far: which line then is a row and which is the inside of a field is not
 * known any more, so reading ends there rather than take a wrong row.
 */
#include "csv.h"

#include <stdlib.h>

#include "secret.h"

#define CHUNK_BYTES 4096U

typedef enum state { STATE_START, STATE_PLAIN, STATE_QUOTED, STATE_CLOSED, STATE_SKIP } state;
typedef enum kind { KIND_QUOTE, KIND_COMMA, KIND_BREAK, KIND_NUL, KIND_OTHER, KIND_END } kind;
typedef enum act { ACT_NONE, ACT_ADD, ACT_END_FIELD, ACT_END_ROW } act;

typedef struct step {
    state next;
    act act;
    mn_csv_fault fault;
} step;

struct mn_csv {
    mn_csv_read_fn read;
    void *user;
    mn_secret chunk;
    size_t chunk_at, chunk_len;
    bool after_cr;    /* a LF that follows belongs to it */
    mnsec_status end; /* not OK: the answer from now on, nothing more can be read */
    uint64_t line;    /* of the next byte */
    mn_secret bytes;  /* of the row, quotes taken away */
    size_t used;
    size_t field_at; /* where the field begins in bytes */
    mn_bytes fields[MN_CSV_ROW_MAX_FIELDS];
    size_t count;
    state state;
    mn_csv_fault fault;
    bool over_lines; /* a quoted field of the row holds a line end */
};

/* clang-format off */
static const step steps[][KIND_END + 1] = {
    [STATE_START] = {
        [KIND_QUOTE] = {STATE_QUOTED, ACT_NONE,      MN_CSV_FAULT_NONE},
        [KIND_COMMA] = {STATE_START,  ACT_END_FIELD, MN_CSV_FAULT_NONE},
        [KIND_BREAK] = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE},
        [KIND_NUL]   = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NUL},
        [KIND_OTHER] = {STATE_PLAIN,  ACT_ADD,       MN_CSV_FAULT_NONE},
        [KIND_END]   = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE}},
    [STATE_PLAIN] = {
        [KIND_QUOTE] = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_STRAY_QUOTE},
        [KIND_COMMA] = {STATE_START,  ACT_END_FIELD, MN_CSV_FAULT_NONE},
        [KIND_BREAK] = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE},
        [KIND_NUL]   = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NUL},
        [KIND_OTHER] = {STATE_PLAIN,  ACT_ADD,       MN_CSV_FAULT_NONE},
        [KIND_END]   = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE}},
    [STATE_QUOTED] = {
        [KIND_QUOTE] = {STATE_CLOSED, ACT_NONE,      MN_CSV_FAULT_NONE},
        [KIND_COMMA] = {STATE_QUOTED, ACT_ADD,       MN_CSV_FAULT_NONE},
        [KIND_BREAK] = {STATE_QUOTED, ACT_ADD,       MN_CSV_FAULT_NONE},
        [KIND_NUL]   = {STATE_QUOTED, ACT_NONE,      MN_CSV_FAULT_NUL},
        [KIND_OTHER] = {STATE_QUOTED, ACT_ADD,       MN_CSV_FAULT_NONE},
        [KIND_END]   = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_UNCLOSED_QUOTE}},
    [STATE_CLOSED] = {
        [KIND_QUOTE] = {STATE_QUOTED, ACT_ADD,       MN_CSV_FAULT_NONE},
        [KIND_COMMA] = {STATE_START,  ACT_END_FIELD, MN_CSV_FAULT_NONE},
        [KIND_BREAK] = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE},
        [KIND_NUL]   = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NUL},
        [KIND_OTHER] = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_AFTER_QUOTE},
        [KIND_END]   = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE}},
    [STATE_SKIP] = {
        [KIND_QUOTE] = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NONE},
        [KIND_COMMA] = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NONE},
        [KIND_BREAK] = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE},
        [KIND_NUL]   = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NONE},
        [KIND_OTHER] = {STATE_SKIP,   ACT_NONE,      MN_CSV_FAULT_NONE},
        [KIND_END]   = {STATE_START,  ACT_END_ROW,   MN_CSV_FAULT_NONE}},
};
/* clang-format on */

static kind kind_of(uint8_t byte)
{
    switch (byte) {
    case '"':
        return KIND_QUOTE;
    case ',':
        return KIND_COMMA;
    case '\n':
        return KIND_BREAK;
    case '\0':
        return KIND_NUL;
    default:
        return KIND_OTHER;
    }
}

/* The next byte as it came; *out_kind is KIND_END where there is none. */
static mnsec_status next_raw(mn_csv *csv, uint8_t *out_byte, kind *out_kind)
{
    if (csv->chunk_at == csv->chunk_len) {
        size_t len = 0;
        MN_TRY(csv->read(csv->user, csv->chunk.bytes, csv->chunk.len, &len));
        csv->chunk_at = 0;
        csv->chunk_len = len;
        if (len == 0) {
            *out_kind = KIND_END;
            return MNSEC_OK;
        }
    }
    *out_byte = csv->chunk.bytes[csv->chunk_at++];
    *out_kind = kind_of(*out_byte);
    return MNSEC_OK;
}

/* The next byte, each form of line end as one LF. */
static mnsec_status next_byte(mn_csv *csv, uint8_t *out_byte, kind *out_kind)
{
    uint8_t byte = 0;
    MN_TRY(next_raw(csv, &byte, out_kind));
    if (csv->after_cr && *out_kind == KIND_BREAK) {
        MN_TRY(next_raw(csv, &byte, out_kind));
    }
    csv->after_cr = *out_kind == KIND_OTHER && byte == '\r';
    if (csv->after_cr) {
        byte = '\n';
        *out_kind = KIND_BREAK;
    }
    if (*out_kind == KIND_BREAK) {
        csv->line++;
    }
    *out_byte = byte;
    return MNSEC_OK;
}

/* The first mistake of a row is the one that is told. */
static void note(mn_csv *csv, mn_csv_fault fault)
{
    if (csv->fault == MN_CSV_FAULT_NONE) {
        csv->fault = fault;
    }
}

static void add(mn_csv *csv, uint8_t byte)
{
    if (csv->fault != MN_CSV_FAULT_NONE) {
        return;
    }
    if (csv->used - csv->field_at == MN_CSV_FIELD_MAX_BYTES) {
        note(csv, MN_CSV_FAULT_FIELD_TOO_LONG);
        return;
    }
    if (csv->used == csv->bytes.len) {
        note(csv, MN_CSV_FAULT_ROW_TOO_LONG);
        return;
    }
    csv->bytes.bytes[csv->used++] = byte;
}

static void end_field(mn_csv *csv)
{
    if (csv->fault != MN_CSV_FAULT_NONE) {
        return;
    }
    if (csv->count == MN_CSV_ROW_MAX_FIELDS) {
        note(csv, MN_CSV_FAULT_TOO_MANY_FIELDS);
        return;
    }
    csv->fields[csv->count++] =
        mn_bytes_of(csv->bytes.bytes + csv->field_at, csv->used - csv->field_at);
    csv->field_at = csv->used;
}

static void begin_row(mn_csv *csv)
{
    mn_secret_erase(csv->bytes.bytes, csv->used);
    csv->used = 0;
    csv->field_at = 0;
    csv->count = 0;
    csv->state = STATE_START;
    csv->fault = MN_CSV_FAULT_NONE;
    csv->over_lines = false;
}

/* One byte further; true when the row has ended. */
static bool advance(mn_csv *csv, uint8_t byte, kind what)
{
    const step *taken = &steps[csv->state][what];
    csv->over_lines = csv->over_lines || (csv->state == STATE_QUOTED && what == KIND_BREAK);
    csv->state = taken->next;
    if (taken->fault != MN_CSV_FAULT_NONE) {
        note(csv, taken->fault);
    }
    if (taken->act == ACT_ADD) {
        add(csv, byte);
    } else if (taken->act != ACT_NONE) {
        end_field(csv);
    }
    if (csv->fault != MN_CSV_FAULT_NONE && csv->over_lines) {
        csv->fault = MN_CSV_FAULT_UNCLOSED_QUOTE;
        csv->end = MNSEC_E_STATE_END;
    }
    if (what == KIND_END) {
        csv->end = MNSEC_E_STATE_END;
    }
    return taken->act == ACT_END_ROW || csv->end != MNSEC_OK;
}

static mnsec_status read_row(mn_csv *csv)
{
    begin_row(csv);
    bool done = false;
    while (!done) {
        uint8_t byte = 0;
        kind what = KIND_END;
        const mnsec_status status = next_byte(csv, &byte, &what);
        if (status != MNSEC_OK) {
            csv->end = status;
            return status;
        }
        done = advance(csv, byte, what);
    }
    return MNSEC_OK;
}

static bool is_empty(const mn_csv *csv)
{
    return csv->fault == MN_CSV_FAULT_NONE && csv->used == 0;
}

mnsec_status mn_csv_open(mn_csv_read_fn read, void *user, mn_csv **out_csv)
{
    MN_AUTO_PTR(mn_csv) csv = calloc(1, sizeof(*csv));
    if (csv == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    csv->read = read;
    csv->user = user;
    csv->line = 1;
    MN_TRY(mn_secret_init(&csv->chunk, CHUNK_BYTES));
    MN_TRY(mn_secret_init(&csv->bytes, MN_CSV_ROW_MAX_BYTES));
    *out_csv = mn_take(csv);
    return MNSEC_OK;
}

void mn_csv_free(mn_csv *csv)
{
    if (csv == NULL) {
        return;
    }
    mn_secret_wipe(&csv->chunk);
    mn_secret_wipe(&csv->bytes);
    free(csv);
}

mnsec_status mn_csv_next(mn_csv *csv, mn_csv_row *out_row)
{
    uint64_t line = 0;
    do {
        if (csv->end != MNSEC_OK) {
            return csv->end;
        }
        line = csv->line;
        MN_TRY(read_row(csv));
    } while (is_empty(csv));

    *out_row = (mn_csv_row){.line = line, .fault = csv->fault};
    if (csv->fault != MN_CSV_FAULT_NONE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    out_row->fields = csv->fields;
    out_row->count = csv->count;
    return MNSEC_OK;
}

const char *mn_csv_fault_text(mn_csv_fault fault)
{
    static const char *const texts[] = {
#define FAULT_TEXT(name, text) [MN_CSV_FAULT_##name] = text,
        MN_CSV_FAULT_LIST(FAULT_TEXT)
#undef FAULT_TEXT
    };
    const size_t count = sizeof(texts) / sizeof(texts[0]);
    return (size_t)fault < count ? texts[fault] : "unknown fault";
}
