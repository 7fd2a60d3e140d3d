/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading an export: files below one folder, lines of a file, and what a line says. Everything here
 * is hostile input, held against the one form that docs/FORMATS.md gives it; what reads is
 * canonical, and nothing is judged yet.
 */
#ifndef MN_VERIFY_READ_H
#define MN_VERIFY_READ_H

#include "base/base.h"
#include "base/buf.h"
#include "crypto/public/x509.h"
#include "tlog/tlog.h"

#define MN_VERIFY_BLOCK     65536U /* entries in a file, and how far `at` may lag */
#define MN_VERIFY_LINE_MAX  4096U
#define MN_VERIFY_GROUPS    3U
#define MN_VERIFY_SIG_MAX   8192U
#define MN_VERIFY_BODY_MAX  (8U * 1024U * 1024U)
#define MN_VERIFY_SMALL_MAX (64U * 1024U)         /* certificates, texts */
#define MN_VERIFY_LIST_MAX  (32U * 1024U * 1024U) /* MANIFEST.sha256, history */
#define MN_VERIFY_NAME_MAX  200U

/* File verify_file.c: plain files below one folder; links are never followed. A name that does not
 * exist: STATE_NOT_FOUND; one that is no plain file: INTEGRITY. */
typedef int mn_verify_file; /* descriptor; -1 = none */
void mn_verify_file_wipe(mn_verify_file *file);
MNSEC_MUST_USE mnsec_status mn_verify_file_open(int folder, const char *name,
                                                mn_verify_file *out_file);
/* len bytes, or as many as there still are. */
MNSEC_MUST_USE mnsec_status mn_verify_file_next(mn_verify_file file, uint8_t *to, size_t len,
                                                size_t *out_len);
/* A whole file; USAGE_FORMAT where it is longer than max. */
MNSEC_MUST_USE mnsec_status mn_verify_file_read(int folder, const char *name, size_t max,
                                                mn_buf *out_bytes);
MNSEC_MUST_USE mnsec_status mn_verify_file_digest(int folder, const char *name,
                                                  uint8_t out_digest[32]);

/* File verify_folder.c */
MNSEC_MUST_USE mnsec_status mn_verify_folder_open(const char *path, mn_verify_file *out_folder);
/* Everything below but folders, in no order. A visit that fails ends the walk. */
typedef mnsec_status (*mn_verify_folder_fn)(void *user, const char *name, bool is_plain);
MNSEC_MUST_USE mnsec_status mn_verify_folder_walk(int folder, mn_verify_folder_fn visit,
                                                  void *user);

/* File verify_reader.c: lines of a file, without their LF. */
typedef struct mn_verify_reader {
    mn_verify_file file; /* -1 = absent: no lines */
    size_t line_max;
    uint8_t *bytes;
    size_t capacity, start, end;
    bool at_end;
} mn_verify_reader;
void mn_verify_reader_wipe(mn_verify_reader *reader);
/* STATE_NOT_FOUND, INTEGRITY as verify_file.c; what out_reader held is wiped. */
MNSEC_MUST_USE mnsec_status mn_verify_reader_open(int folder, const char *name, size_t line_max,
                                                  mn_verify_reader *out_reader);
/* The line is borrowed until the next call. STATE_END; USAGE_FORMAT = too long, or not ended. */
MNSEC_MUST_USE mnsec_status mn_verify_reader_next(mn_verify_reader *reader, mn_bytes *out_line);

/* File verify_line.c: one line of the log and one of signatures, exactly as they are written.
 * USAGE_FORMAT for anything else. */
typedef enum mn_verify_auth {
    MN_VERIFY_AUTH_NONE = 1,
    MN_VERIFY_AUTH_LOG = 2,
    MN_VERIFY_AUTH_SESSION = 4,
    MN_VERIFY_AUTH_CARD = 8
} mn_verify_auth;
typedef struct mn_verify_line {
    mn_bytes statement;
    mn_bytes department, event, origin; /* in the line */
    bool has_head;
    uint8_t head[32];  /* ah */
    uint8_t body[32];  /* bh */
    mn_tlog_hash root; /* pre */
    mn_verify_auth auth;
    uint64_t outcome, at, ses, sn, ts;
    uint64_t index, department_index, time; /* the stamp */
    bool is_signed;
    uint8_t signature[32]; /* sighash */
} mn_verify_line;
MNSEC_MUST_USE mnsec_status mn_verify_line_read(mn_bytes line, mn_verify_line *out_line);
bool mn_verify_line_is(const mn_verify_line *line, const char *event);
/* An event that carries an authority document when it succeeds? */
bool mn_verify_line_is_authority(const mn_verify_line *line);
typedef struct mn_verify_line_group {
    mn_signature_alg alg;
    uint8_t certificate[32];
    mn_buf signature; /* raw r || s, or RSA */
} mn_verify_line_group;
typedef struct mn_verify_line_groups {
    size_t count;
    mn_verify_line_group groups[MN_VERIFY_GROUPS];
} mn_verify_line_groups;
void mn_verify_line_groups_wipe(mn_verify_line_groups *groups);
/* Index at the beginning of a signature line. */
MNSEC_MUST_USE mnsec_status mn_verify_line_signature_index(mn_bytes line, uint64_t *out_index);
MNSEC_MUST_USE mnsec_status mn_verify_line_signatures(mn_bytes line,
                                                      mn_verify_line_groups *out_groups);

/* File verify_body.c: a body line; out_document is the authority document, empty where there is
 * none. USAGE_FORMAT for anything an exporter would not write. */
MNSEC_MUST_USE mnsec_status mn_verify_body_read(mn_bytes line, mn_buf *out_document);

/* File verify_document.c: what an authority document says about who may sign. */
#define MN_VERIFY_PERSONS 8U
typedef enum mn_verify_document_kind {
    MN_VERIFY_DOCUMENT_FOUNDING = 1,
    MN_VERIFY_DOCUMENT_ENROL,
    MN_VERIFY_DOCUMENT_WITHDRAW,
    MN_VERIFY_DOCUMENT_GIVE,
    MN_VERIFY_DOCUMENT_TAKE_BACK,
    MN_VERIFY_DOCUMENT_PASSWORD,
    MN_VERIFY_DOCUMENT_OPERATION,
    MN_VERIFY_DOCUMENT_OTHER
} mn_verify_document_kind;
typedef struct mn_verify_person {
    mnsec_id id;
    uint64_t role;
    uint8_t card[32], certificate[32];
} mn_verify_person;
typedef struct mn_verify_document { /* members that its kind has */
    mn_verify_document_kind kind;
    mnsec_id person, grant, department;
    uint64_t recovered;
    mn_bytes audit_certificate; /* borrowed */
    size_t person_count;        /* who is enrolled */
    mn_verify_person persons[MN_VERIFY_PERSONS];
} mn_verify_document;
MNSEC_MUST_USE mnsec_status mn_verify_document_read(const mn_verify_line *line, mn_bytes bytes,
                                                    mn_verify_document *out_document);

#endif
