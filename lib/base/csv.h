/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comma-separated values as RFC 4180 has them, one row at a time, in bounded secure memory (rows
 * hold Individual Numbers). Line ends are CR LF, LF or CR. A malformed row is told with its line,
 * and reading goes on behind it; only where a quote is not closed nothing more can be read.
 * The text is not interpreted: see charset.h for its encoding, policy/subject.h for its meaning.
 */
#ifndef MN_CSV_H
#define MN_CSV_H

#include "base.h"

#define MN_CSV_FIELD_MAX_BYTES 1024U
#define MN_CSV_ROW_MAX_BYTES   8192U
#define MN_CSV_ROW_MAX_FIELDS  64U

/* X(NAME, what is wrong: an English msgid). The table of docs/FORMATS.md, section 6.4. */
#define MN_CSV_FAULT_LIST(X)                                                                       \
    X(NONE, "nothing is wrong")                                                                    \
    X(NUL, "the row holds a NUL byte")                                                             \
    X(FIELD_TOO_LONG, "a field is longer than 1024 bytes")                                         \
    X(ROW_TOO_LONG, "the row is longer than 8192 bytes")                                           \
    X(TOO_MANY_FIELDS, "the row has more than 64 fields")                                          \
    X(STRAY_QUOTE, "a quote stands inside a field that is not quoted")                             \
    X(AFTER_QUOTE, "something stands behind a closing quote")                                      \
    X(UNCLOSED_QUOTE, "a quote is not closed; nothing from here on was read")

typedef enum mn_csv_fault {
#define MN_CSV_FAULT_ENUM(name, text) MN_CSV_FAULT_##name,
    MN_CSV_FAULT_LIST(MN_CSV_FAULT_ENUM)
#undef MN_CSV_FAULT_ENUM
} mn_csv_fault;

/* Where text comes from: at most capacity bytes, *out_len 0 at the end. */
typedef mnsec_status (*mn_csv_read_fn)(void *user, uint8_t *out_bytes, size_t capacity,
                                       size_t *out_len);

/* One row; fields are borrowed until the next call. */
typedef struct mn_csv_row {
    uint64_t line; /* where it begins, from 1 */
    const mn_bytes *fields;
    size_t count;
    mn_csv_fault fault; /* not NONE: there are no fields */
} mn_csv_row;

typedef struct mn_csv mn_csv;

/* read and user are borrowed until mn_csv_free(). Errors: INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status mn_csv_open(mn_csv_read_fn read, void *user, mn_csv **out_csv);
void mn_csv_free(mn_csv *csv);
MN_AUTO_PTR_DECLARE(mn_csv)
/* The next row that is not empty. Errors: STATE_END after the last; USAGE_FORMAT: malformed, see
 * out_row->fault, and go on; whatever read answers, from then on */
MNSEC_MUST_USE mnsec_status mn_csv_next(mn_csv *csv, mn_csv_row *out_row);
/* English msgid; static. */
const char *mn_csv_fault_text(mn_csv_fault fault);

#endif
