/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Layouts: an authority document as a table of its fields in order, each of which is a member of a
 * struct. One table serves writing, reading and freeing, so that none can differ from the others.
 * What is longer, larger or other than the table allows is refused. The tables: statement_layout.c.
 */
#ifndef MN_STATEMENT_FIELD_H
#define MN_STATEMENT_FIELD_H

#include "base/base.h"
#include "base/encode.h"

typedef struct mn_statement_layout mn_statement_layout;

typedef enum mn_statement_field_type {
    MN_STATEMENT_FIELD_END = 0,
    MN_STATEMENT_FIELD_NUMBER,         /* of 1, 4 or 8 bytes: min to max */
    MN_STATEMENT_FIELD_ID,             /* mnsec_id, not none */
    MN_STATEMENT_FIELD_FIXED,          /* uint8_t[size] */
    MN_STATEMENT_FIELD_POINT,          /* uint8_t[size], uncompressed point */
    MN_STATEMENT_FIELD_POINT_OR_EMPTY, /* the same; all zero = empty field */
    MN_STATEMENT_FIELD_TEXT,           /* char[size]: min to size - 1 bytes */
    MN_STATEMENT_FIELD_BYTES,          /* mn_buf: min to max bytes */
    MN_STATEMENT_FIELD_LONG_TEXT,      /* mn_buf: min to max bytes of text */
    MN_STATEMENT_FIELD_WORDS, /* mn_buf: up to max texts, each of which is_text, joined by spaces */
    MN_STATEMENT_FIELD_GROUP, /* struct: its fields stand here */
    MN_STATEMENT_FIELD_NESTED, /* struct: a whole encoding in one field */
    MN_STATEMENT_FIELD_LIST    /* array of size bytes an item: min to max items */
} mn_statement_field_type;

typedef struct mn_statement_field {
    mn_statement_field_type type;
    size_t offset; /* of the member in its struct */
    size_t size;
    uint64_t min;
    uint64_t max;
    bool (*is_text)(mn_bytes text); /* TEXT, LONG_TEXT, WORDS: what it may be made of */
    const mn_statement_layout *of;  /* GROUP, NESTED, LIST */
    size_t count_offset;            /* LIST: of the member (size_t) that counts the items */
} mn_statement_field;

struct mn_statement_layout {
    const char *purpose;               /* of a whole encoding; NULL = part of another */
    const mn_statement_field *fields;  /* the last is END */
    bool (*holds)(const void *object); /* what members must fulfil together; NULL = nothing */
};

/* Append the fields of object. USAGE_FORMAT where a member does not fit its field. */
MNSEC_MUST_USE mnsec_status mn_statement_field_write(const mn_statement_layout *layout,
                                                     const void *object, mn_buf *to);
/* Read the fields into object, which is zeroed; buffers that it then holds are freed by
 * mn_statement_field_wipe(), after a failure too. */
MNSEC_MUST_USE mnsec_status mn_statement_field_read(const mn_statement_layout *layout,
                                                    mn_decode *from, void *object);
/* The same for a whole encoding, purpose first and nothing after the last field. */
MNSEC_MUST_USE mnsec_status mn_statement_field_write_whole(const mn_statement_layout *layout,
                                                           const void *object, mn_buf *out_bytes);
MNSEC_MUST_USE mnsec_status mn_statement_field_read_whole(const mn_statement_layout *layout,
                                                          mn_bytes bytes, void *object);
void mn_statement_field_wipe(const mn_statement_layout *layout, void *object);

#endif
