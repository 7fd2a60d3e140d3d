/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records: one data subject each, with one Individual Number (個人番号) behind two locks.
 *
 * Directory data (names, kana, birth date …) opens with the department; the number opens one at a
 * time, for a stated purpose and document kind, after its log entry is durable. A number is never
 * shown in part. Numbers enter by callback (MNSEC_SECRET_NUMBER and _NUMBER_AGAIN) or in an import,
 * and leave into a buffer of the caller, who wipes it.
 *
 *     char number[MNSEC_NUMBER_TEXT_BYTES];
 *     status = mnsec_record_show(session, &id, "源泉徴収票の作成", "TAX_SLIP", number);
 *     …
 *     explicit_bzero(number, sizeof number);
 *
 * All need an unlocked department: MNSEC_E_STATE_UNLOCK_NEEDED otherwise.
 */
#ifndef MNSEC_RECORD_H
#define MNSEC_RECORD_H

#include "mnsec/session.h"

/** Twelve digits and NUL. */
#define MNSEC_NUMBER_TEXT_BYTES 13

/** Kind of data subject. */
typedef enum mnsec_subject_kind {
    MNSEC_SUBJECT_EMPLOYEE = 1,
    MNSEC_SUBJECT_DEPENDANT = 2, /**< linked to an employee's record */
    MNSEC_SUBJECT_PAYEE = 3,
    MNSEC_SUBJECT_RESIDENT = 4 /**< never stored: refused with the reason (domain rule) */
} mnsec_subject_kind;

/** State of the number of a record. */
typedef enum mnsec_number_state {
    MNSEC_NUMBER_UNVERIFIED = 1,
    MNSEC_NUMBER_VERIFIED = 2,
    MNSEC_NUMBER_NOT_PROVIDED = 3
} mnsec_number_state;

/** Identity verification (番号法16条): codes as `mncard-record register --help` lists them. */
typedef struct mnsec_verification {
    /** "card", "documents", "known", "second-time", "agent", "employee"; NULL = not verified */
    const char *method;
    const char *number_doc;   /**< document that showed the number, or NULL */
    const char *identity_doc; /**< documents that showed the person, separated by spaces, or NULL */
    const char *channel;      /**< "face", "post", "online" or NULL */
    const char *verifier;     /**< person who verified; NULL = the operator */
    const char *date;         /**< YYYY-MM-DD; NULL = today */
    const char *notice;       /**< version of the purpose notice shown, or NULL */
    const char *agency_doc;   /**< proof of agency, or NULL */
} mnsec_verification;

/** What is known of a data subject. Texts UTF-8, NULL = none. Outputs are borrowed for the call. */
typedef struct mnsec_subject {
    size_t struct_size;
    mnsec_subject_kind kind;
    const char *code; /**< employee or payee code; unique in a department when given */
    const char *name;
    const char *kana;
    const char *birth_date; /**< YYYY-MM-DD */
    const char *address;
    const char *relation;            /**< of a dependant */
    const char *documents;           /**< document kind codes separated by spaces: the purposes */
    const char *not_provided_reason; /**< set = no number is taken */
    const mnsec_id *linked;          /**< a dependant's employee */
    mnsec_verification verification;
    /* filled by list and get only: */
    mnsec_id id;
    mnsec_number_state state;
    int64_t registered_at;
    int64_t changed_at;
} mnsec_subject;
#define MNSEC_SUBJECT_INIT                                                                         \
    {                                                                                              \
        .struct_size = sizeof(mnsec_subject)                                                       \
    }

/**
 * Register one person's number, entered twice by callback.
 *
 * @param session     live session, borrowed
 * @param department  unlocked department
 * @param subject     what is known of the person
 * @param out_id      the record
 *
 * Right:   record.register in the department, for each document kind
 * Audit:   record.register, also when refused or failed
 * Errors:  MNSEC_E_USAGE_FORMAT, MNSEC_E_USAGE_CHECK_DIGIT, MNSEC_E_USAGE_MISMATCH,
 *          MNSEC_E_STATE_CONFLICT (this number or code is already registered), MNSEC_E_DENIED
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_register(mnsec_session *session,
                                                            const mnsec_id *department,
                                                            const mnsec_subject *subject,
                                                            mnsec_id *out_id);

/**
 * Show one number.
 *
 * Right:   record.show in the record's department, for the document kind
 * Audit:   record.show, durable before the number is opened; also when refused or failed
 * Errors:  MNSEC_E_DENIED (also when no such record is visible, and when the number was not taken
 *          for this document kind), MNSEC_E_INTEGRITY_RECORD,
 *          MNSEC_E_STATE_NOT_FOUND (no number was provided), MNSEC_E_CARD_REMOVED
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_show(mnsec_session *session, const mnsec_id *id,
                                                        const char *purpose, const char *document,
                                                        char out_number[MNSEC_NUMBER_TEXT_BYTES]);

typedef int (*mnsec_number_fn)(void *user, const mnsec_id *id, const char *number);
/**
 * Show many numbers under one entry and one card signature. each gets them in order; a non-zero
 * answer stops. Right, audit and errors as mnsec_record_show().
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_show_many(
    mnsec_session *session, const mnsec_id *department, const mnsec_id *ids, size_t count,
    const char *purpose, const char *document, mnsec_number_fn each, void *user);

/** Change the number (entered twice by callback). reason is kept. Right, audit: record.change */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_change_number(mnsec_session *session,
                                                                 const mnsec_id *id,
                                                                 const char *reason);
/** Change the rest; NULL members keep their value. Right, audit: record.change */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_change(mnsec_session *session,
                                                          const mnsec_id *id,
                                                          const mnsec_subject *subject);

typedef int (*mnsec_subject_fn)(void *user, const mnsec_subject *subject);
/** One record's directory data, never the number. Right, audit: record.list */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_get(mnsec_session *session, const mnsec_id *id,
                                                       mnsec_subject_fn each, void *user);
/**
 * Every record of a department; where filter is not NULL only those whose code, name or kana
 * contains it (NFKC, case folded). Right, audit: record.list
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_list(mnsec_session *session,
                                                        const mnsec_id *department,
                                                        const char *filter, mnsec_subject_fn each,
                                                        void *user);
/** Who has this number (asked by callback, NUMBER)? Right, audit: record.search; rate limited. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_search(mnsec_session *session,
                                                          const mnsec_id *department,
                                                          mnsec_id *out_id);

/** One refused line of an import. reason is an English msgid; no number is in it. */
typedef struct mnsec_import_refusal {
    uint64_t line;      /**< line in the file where the row begins, from 1 */
    const char *column; /**< or NULL */
    const char *reason;
} mnsec_import_refusal;
typedef void (*mnsec_import_refusal_fn)(void *user, const mnsec_import_refusal *refusal);

/** Options of an import. */
typedef struct mnsec_import_options {
    size_t struct_size;
    const char *path; /**< CSV (RFC 4180) with header line; UTF-8, BOM or not, or CP932 */
    int skip_bad;     /**< non-zero: good lines are taken though others are refused */
    int dry_run;      /**< non-zero: only check and report */
    mnsec_import_refusal_fn refused;
    void *refused_user;
} mnsec_import_options;
#define MNSEC_IMPORT_OPTIONS_INIT                                                                  \
    {                                                                                              \
        .struct_size = sizeof(mnsec_import_options)                                                \
    }
typedef struct mnsec_import_result {
    uint64_t read;
    uint64_t taken;
    uint64_t refused;
    const char *encoding; /**< "UTF-8" or "CP932"; static */
} mnsec_import_result;
/**
 * Register everybody in a CSV file, in one transaction, under one signed entry for each 1,000.
 *
 * Right: record.import   Audit: record.import
 * Errors: MNSEC_E_USAGE_FORMAT (refused lines and not skip_bad: nothing was taken),
 * MNSEC_E_STATE_CANCELLED
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_record_import(mnsec_session *session,
                                                          const mnsec_id *department,
                                                          const mnsec_import_options *options,
                                                          mnsec_import_result *out_result);

#endif
