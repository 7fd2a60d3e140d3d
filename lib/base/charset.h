/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text file from a Japanese office, read as UTF-8: it may be UTF-8 with or without byte order
 * mark, or CP932 (what Windows calls Shift-JIS). The encoding is found by reading the file once
 * before the first byte is given out, so that nothing is guessed half-way. Memory is bounded and,
 * since such files hold Individual Numbers, secure.
 */
#ifndef MN_CHARSET_H
#define MN_CHARSET_H

#include "error.h"

/* A file longer than this is refused. */
#define MN_CHARSET_FILE_MAX_BYTES (64 * 1024 * 1024)

/* X(NAME, what is wrong: an English msgid). The table of docs/FORMATS.md, section 6.4. */
#define MN_CHARSET_FAULT_LIST(X)                                                                   \
    X(NONE, "nothing is wrong")                                                                    \
    X(UNKNOWN, "the text is neither UTF-8 nor CP932 (Shift-JIS)")                                  \
    X(UTF16, "the file is UTF-16; save it as CSV UTF-8")                                           \
    X(NOT_A_FILE, "this is not a regular file")                                                    \
    X(TOO_LARGE, "the file is larger than 64 MiB")

typedef enum mn_charset_fault {
#define MN_CHARSET_FAULT_ENUM(name, text) MN_CHARSET_FAULT_##name,
    MN_CHARSET_FAULT_LIST(MN_CHARSET_FAULT_ENUM)
#undef MN_CHARSET_FAULT_ENUM
} mn_charset_fault;

/* What keeps a file from being read, and where. */
typedef struct mn_charset_refusal {
    mn_charset_fault fault;
    uint64_t line; /* from 1; 0 = the file as a whole */
} mn_charset_refusal;

typedef struct mn_charset mn_charset;

/* Errors: STATE_NOT_FOUND, STORE (cannot be read), USAGE_FORMAT with *out_refusal, INTERNAL_MEMORY
 */
MNSEC_MUST_USE mnsec_status mn_charset_open(const char *path, mn_error *err,
                                            mn_charset **out_charset,
                                            mn_charset_refusal *out_refusal);
void mn_charset_free(mn_charset *charset);
MN_AUTO_PTR_DECLARE(mn_charset)
/* "UTF-8" or "CP932"; static. */
const char *mn_charset_name(const mn_charset *charset);
/* The next bytes of UTF-8, a byte order mark left out; *out_len 0 at the end. charset is an
 * mn_charset; the form is that of mn_csv_read_fn. Errors: STORE, USAGE_FORMAT (the file changed) */
MNSEC_MUST_USE mnsec_status mn_charset_read(void *charset, uint8_t *out_bytes, size_t capacity,
                                            size_t *out_len);
/* English msgid; static. */
const char *mn_charset_fault_text(mn_charset_fault fault);

#endif
