/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log: every act, signed by the card that was in the reader (docs/FORMATS.md, section 2).
 *
 * Reading it is itself an act. An export is a directory that an outside auditor verifies with
 * openssl, sha256sum, jq and python3, or with mnsec_verify_bundle().
 */
#ifndef MNSEC_AUDIT_H
#define MNSEC_AUDIT_H

#include "mnsec/session.h"

/** Which entries. Zeroed members do not restrict. */
typedef struct mnsec_audit_filter {
    size_t struct_size;
    int64_t from;      /**< seconds, inclusive */
    int64_t until;     /**< seconds, exclusive */
    const char *event; /**< event name, or its noun followed by ".*" */
    const mnsec_id *person;
    const mnsec_id *department;
    const mnsec_id *record;
    int failures_only;
    uint64_t limit; /**< newest so many; 0 = all */
} mnsec_audit_filter;
#define MNSEC_AUDIT_FILTER_INIT                                                                    \
    {                                                                                              \
        .struct_size = sizeof(mnsec_audit_filter)                                                  \
    }

/** One entry, decoded. Texts are borrowed for the call; NULL = none. */
typedef struct mnsec_audit_entry {
    uint64_t index;
    int64_t time; /**< log clock */
    const char *event;
    int outcome; /**< 0, 4, 8, 12 */
    const char *stage;
    const char *auth;
    const char *person_id;
    const char *person; /**< name, where it is known */
    const char *department_id;
    const char *department; /**< name */
    const char *record_id;
    const char *purpose;
    const char *document;
    const char *reason;
    const char *workstation_id;
    uint64_t count;
    const char *line; /**< the exact line */
    const char *body; /**< the exact body line */
} mnsec_audit_entry;
typedef int (*mnsec_audit_entry_fn)(void *user, const mnsec_audit_entry *entry);

/** Entries in order. Right: log.read (responsible persons, auditors)   Audit: log.read */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_audit_list(mnsec_session *session,
                                                       const mnsec_audit_filter *filter,
                                                       mnsec_audit_entry_fn each, void *user);

/**
 * Export everything, signed, to a new directory, written beside and renamed.
 *
 * Right: log.export (responsible persons, auditors)   Audit: log.export, inside the export
 * Errors: MNSEC_E_STATE_CONFLICT (directory exists), MNSEC_E_INTEGRITY_LOG, MNSEC_E_STORE_FULL
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_audit_export(mnsec_session *session,
                                                         const char *directory);

#endif
