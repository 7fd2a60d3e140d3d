/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log as it is written: entries, the tree, checkpoints, and what is remembered outside.
 * Formats: docs/FORMATS.md section 2. Signing comes in as a callback; this module knows no card and
 * no token. Reading entries for authority and for the newest value of a record is here too.
 *
 * An entry is prepared (statement and body are built against the newest state), signed by whoever
 * must, and appended inside a write transaction of the caller, in which its position is checked
 * again: STATE_CHANGED = prepare and sign again.
 */
#ifndef MN_AUDIT_H
#define MN_AUDIT_H

#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "crypto/public/x509.h"
#include "policy/action.h"
#include "store/store.h"
#include "tlog/tlog.h"

typedef struct mn_audit mn_audit;

typedef enum mn_audit_auth {
    MN_AUDIT_AUTH_NONE = 0,
    MN_AUDIT_AUTH_CARD = 1,
    MN_AUDIT_AUTH_SESSION = 2,
    MN_AUDIT_AUTH_LOG = 3
} mn_audit_auth;

typedef enum mn_audit_outcome {
    MN_AUDIT_SUCCESS = 0,
    MN_AUDIT_MINOR = 4,
    MN_AUDIT_SERIOUS = 8,
    MN_AUDIT_MAJOR = 12
} mn_audit_outcome;

/* Body members; NULL or zero = absent. Borrowed. */
typedef struct mn_audit_body {
    const mnsec_id *actor, *actor2;
    mn_bytes authority;          /* canonical document */
    const uint8_t *card, *card2; /* 32 bytes each */
    uint64_t count;
    bool has_count;
    const char *doc, *kind, *medium, *osuser, *purpose, *reason, *recipient, *role, *software;
    const uint8_t *outhash; /* 32 bytes */
    const mnsec_id *record, *value, *ws;
    const mnsec_id (*items)[2]; /* record id, value id */
    size_t item_count;
    uint64_t policy, year;
} mn_audit_body;

/* A session as the log sees it; 0, 0 outside a session. sn is the last one used. */
typedef struct mn_audit_session {
    uint64_t ses;
    uint64_t sn;
} mn_audit_session;

typedef struct mn_audit_draft {
    mn_action action;
    mn_audit_auth auth;
    mn_audit_outcome outcome;
    const mnsec_id *department;      /* NULL = "-" */
    const mn_audit_session *session; /* NULL = outside */
    mn_audit_body body;
} mn_audit_draft;

/* What will be signed and appended. Zeroed = empty; wipe with mn_audit_entry_wipe. */
typedef struct mn_audit_entry {
    mn_buf statement;
    mn_buf body;
    mn_action action;
    bool is_authority;
    mnsec_id department;
    mn_audit_session session; /* sn already counted up */
    uint64_t at;
} mn_audit_entry;
void mn_audit_entry_wipe(mn_audit_entry *entry);

typedef struct mn_audit_signature {
    mn_signature_alg alg;
    uint8_t certificate[32]; /* fingerprint; the certificate is put by mn_audit_certificate_put */
    mn_buf signature;        /* as the card gave it: raw r || s, or RSA */
} mn_audit_signature;
void mn_audit_signature_wipe(mn_audit_signature *signature);

/* Open the log of a store: tree from the store's inner nodes, checked against the newest stored
 * checkpoint's root. Entries of another process are picked up by mn_audit_refresh(), which each
 * prepare and append calls. origin "mnsec/<facility id>". */
MNSEC_MUST_USE mnsec_status mn_audit_open(mn_store *store, const char *origin,
                                          const mn_clock *clock, mn_error *err,
                                          mn_audit **out_audit);
void mn_audit_free(mn_audit *audit);
MN_AUTO_PTR_DECLARE(mn_audit)
MNSEC_MUST_USE mnsec_status mn_audit_refresh(mn_audit *audit, mn_store_txn *txn);
uint64_t mn_audit_size(const mn_audit *audit);
void mn_audit_root(const mn_audit *audit, mn_tlog_hash *out_root);
/* Digest of the newest authority statement as the log has it; compared at each guard entry. */
void mn_audit_authority_head(const mn_audit *audit, uint8_t out_digest[32]);

/* Build statement and body; refuses free text that holds a number (USAGE_FORMAT). */
MNSEC_MUST_USE mnsec_status mn_audit_prepare(mn_audit *audit, const mn_audit_draft *draft,
                                             mn_audit_entry *out_entry);
/* Append inside the caller's write transaction. signatures in order operator, second …; count 0 for
 * session, log, none. Errors: STATE_CHANGED (ah, sn or at no longer fit, or the session has ended)
 */
MNSEC_MUST_USE mnsec_status mn_audit_append(mn_audit *audit, mn_store_txn *txn,
                                            const mn_audit_entry *entry,
                                            const mn_audit_signature *signatures,
                                            size_t signature_count, uint64_t *out_index);
/* The transaction was committed or rolled back: forget or keep what append counted. Called by the
 * guard right after commit (committed = true) or rollback. */
void mn_audit_settle(mn_audit *audit, bool committed);
MNSEC_MUST_USE mnsec_status mn_audit_certificate_put(mn_audit *audit, mn_store_txn *txn,
                                                     mn_bytes der);

/* --- audit_read.c: entries, decoded strictly --- */
typedef struct mn_audit_view {
    uint64_t index;
    mn_bytes line;
    mn_bytes statement;
    mn_bytes body;      /* empty = withheld */
    mn_bytes signature; /* signature line, empty = none */
    /* members, NUL-terminated, owned by the reader until the next entry */
    const char *event, *auth, *department, *stage, *ah;
    int outcome;
    uint64_t ses, sn, at, dn;
    int64_t ts, t;
    const char *actor, *actor2, *card, *doc, *kind, *purpose, *reason, *record, *value, *role, *ws,
        *osuser;
    mn_bytes authority; /* decoded document */
    uint64_t count;
    size_t item_count;
    const mnsec_id (*items)[2];
} mn_audit_view;
typedef mnsec_status (*mn_audit_view_fn)(void *user, const mn_audit_view *view);
/* Entries [from, below), in order or newest first; with_body = body and signature are read and
 * checked against bh and sighash. INTEGRITY_LOG names the entry. */
typedef struct mn_audit_range {
    uint64_t from, below;
    bool descending, with_body;
} mn_audit_range;
MNSEC_MUST_USE mnsec_status mn_audit_read(mn_audit *audit, mn_store_txn *txn,
                                          const mn_audit_range *range, mn_audit_view_fn each,
                                          void *user);
/* --- audit_authority.c --- */
/* Authority entries in order, each proven to be in the tree by its inclusion under the current
 * root; groups of the signature line resolved to certificates (DER) and raw signatures. */
typedef struct mn_audit_group {
    mn_signature_alg alg;
    mn_bytes certificate;
    mn_bytes signature; /* raw */
} mn_audit_group;
typedef mnsec_status (*mn_audit_authority_fn)(void *user, const mn_audit_view *view,
                                              const mn_audit_group *groups, size_t group_count);
MNSEC_MUST_USE mnsec_status mn_audit_authority_read(mn_audit *audit, mn_store_txn *txn,
                                                    uint64_t from_n, mn_audit_authority_fn each,
                                                    void *user);

/* --- audit_checkpoint.c --- */
/* Signs message; the signature comes back DER for ECDSA. */
typedef struct mn_audit_signer {
    mn_x509_signer signer;
    mn_bytes certificate; /* DER of the audit certificate */
} mn_audit_signer;
/* Write to and read from memory outside the store. */
typedef struct mn_audit_memory {
    mnsec_status (*write)(void *user, mn_bytes checkpoint_object); /* token; NULL = none */
    void *user;
    const char *head_file; /* workstation's kept head; NULL = none */
} mn_audit_memory;
/* commit entries -> sign -> commit checkpoint -> token -> head file. First every stored line is
 * hashed again, and what came since the last checkpoint is followed with bodies and signatures:
 * INTEGRITY_LOG names the first bad entry. One process at a time (write lock). */
MNSEC_MUST_USE mnsec_status mn_audit_checkpoint(mn_audit *audit, const mn_audit_signer *signer,
                                                const mn_audit_memory *memory);
/* Newest stored checkpoint. STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_audit_checkpoint_newest(mn_audit *audit, mn_store_txn *txn,
                                                       mn_tlog_checkpoint *out_checkpoint);
/* Codec of the token object. */
MNSEC_MUST_USE mnsec_status mn_audit_checkpoint_object(mn_bytes text, mn_signature_alg alg,
                                                       mn_bytes signature, mn_buf *out_object);
/* Signature verified by audit_spki. INTEGRITY, USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_audit_checkpoint_object_open(mn_bytes object, mn_bytes audit_spki,
                                                            mn_tlog_checkpoint *out_checkpoint);
/* Is this store's log an extension of a remembered checkpoint (token, head file)? equal or
 * consistent: OK. INTEGRITY_ROLLBACK = the memory is ahead or differs. */
MNSEC_MUST_USE mnsec_status mn_audit_checkpoint_remembers(mn_audit *audit, mn_store_txn *txn,
                                                          const mn_tlog_checkpoint *remembered);
/* The same of a checkpoint whose signature was verified, and more: every entry behind it is
 * followed, with bodies and signatures. Stored checkpoints are rows, so what lies between was
 * written by anybody until this has been asked. INTEGRITY_LOG names the first bad entry. */
MNSEC_MUST_USE mnsec_status mn_audit_checkpoint_leads_on(mn_audit *audit, mn_store_txn *txn,
                                                         const mn_tlog_checkpoint *trusted);
/* Head file of the workstation: the three lines; written atomically. Missing = STATE_NOT_FOUND. */
MNSEC_MUST_USE mnsec_status mn_audit_head_read(const char *path, mn_error *err,
                                               mn_tlog_checkpoint *out_checkpoint);
MNSEC_MUST_USE mnsec_status mn_audit_head_write(const char *path, const mn_tlog_checkpoint *head,
                                                mn_error *err);

/* --- audit_index.c: which value of a record is the newest, from the log and nothing else --- */
typedef struct mn_audit_index mn_audit_index;
/* Reads entries not yet read (all at first: the whole log is hashed and its root compared with the
 * newest checkpoint) and keeps, per record of a department, index and value id of the latest
 * writing entry. What the transaction at hand appended is not counted before it is settled. Memory:
 * 40 bytes a record. */
MNSEC_MUST_USE mnsec_status mn_audit_index_new(mn_audit *audit, mn_audit_index **out_index);
MNSEC_MUST_USE mnsec_status mn_audit_index_refresh(mn_audit_index *index, mn_store_txn *txn);
/* STATE_NOT_FOUND = the log knows no value of this record. */
MNSEC_MUST_USE mnsec_status mn_audit_index_get(const mn_audit_index *index, const mnsec_id *record,
                                               mnsec_id *out_value);
/* Records the log knows and that were not disposed of. */
typedef mnsec_status (*mn_audit_index_fn)(void *user, const mnsec_id *record,
                                          const mnsec_id *department);
MNSEC_MUST_USE mnsec_status mn_audit_index_each(const mn_audit_index *index, mn_audit_index_fn each,
                                                void *user);
void mn_audit_index_free(mn_audit_index *index);
MN_AUTO_PTR_DECLARE(mn_audit_index)

/* --- audit_export.c: the directory of FORMATS.md section 5 --- */
typedef struct mn_audit_export_options {
    const char *directory; /* must not exist; written beside and renamed */
    const mn_audit_signer *signer;
    const uint8_t *founding_hash; /* 32 bytes */
    mn_bytes pin_certificate;     /* DER */
    mn_bytes attestation;         /* of the keys */
    const char *facility_name;
    int (*progress)(void *user, const char *step, uint64_t done, uint64_t total);
    void *progress_user;
} mn_audit_export_options;
/* A checkpoint of the whole log must have been made just before. Bounded memory. */
MNSEC_MUST_USE mnsec_status mn_audit_export(mn_audit *audit,
                                            const mn_audit_export_options *options);

#endif
