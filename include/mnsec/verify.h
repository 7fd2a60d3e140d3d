/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying an export of the log, offline: no card, no token, no facility, no network.
 *
 * An export is a directory (docs/FORMATS.md, section 5). What can be proven of it is told in
 * levels. INTACT: nothing was changed, left out or put in since the checkpoint. SIGNED: the
 * checkpoint is the facility's. ATTESTED: the people's own cards vouch for the history, so that not
 * even the holder of the facility token can have dropped or added an act. Beside each other above
 * these: ANCHORED, by an outside operator; CONTINUOUS, with what this verifier saw last time.
 *
 *     mnsec_bundle_options options = MNSEC_BUNDLE_OPTIONS_INIT;
 *     options.directory = "export-2026";
 *     options.pin = "sakura.pem";
 *     options.remember = "sakura.head";
 *     mnsec_bundle_result result = {0};
 *     if (mnsec_bundle_verify(&options, &result) == MNSEC_OK &&
 *         result.verdict == MNSEC_BUNDLE_REACHED) …
 *
 * "Not checked" is never "good": what was skipped is named in the result. Each finding has a stable
 * code for machines and an English msgid for people. One call reads everything once, in order, with
 * memory that does not grow with the log (some megabytes: the last 65,536 roots, the list of files,
 * open sessions, cards). Nothing is written but the remembered checkpoint.
 */
#ifndef MNSEC_VERIFY_H
#define MNSEC_VERIFY_H

#include "mnsec/context.h"

/** What is proven; a set of bits. SIGNED needs INTACT, ATTESTED needs SIGNED, the others ATTESTED.
 */
typedef enum mnsec_bundle_level {
    MNSEC_BUNDLE_INTACT = 1,   /**< digests, tree, numbering, clocks, sessions hold together */
    MNSEC_BUNDLE_SIGNED = 2,   /**< by the facility's audit key, which the founding entry names */
    MNSEC_BUNDLE_ATTESTED = 4, /**< card signatures: authority, and the last of each card, or all */
    MNSEC_BUNDLE_ANCHORED = 8, /**< witness or timestamp of an outside operator */
    MNSEC_BUNDLE_CONTINUOUS = 16 /**< continues the checkpoint that the verifier remembers */
} mnsec_bundle_level;

/** What was not checked; a set of bits. */
typedef enum mnsec_bundle_skip {
    MNSEC_BUNDLE_SKIP_PIN = 1,        /**< no pinned certificate was given */
    MNSEC_BUNDLE_SKIP_SIGNATURES = 2, /**< earlier card signatures, without check_all */
    MNSEC_BUNDLE_SKIP_BODIES = 4,     /**< bodies that the export withholds */
    MNSEC_BUNDLE_SKIP_WITHHELD = 8,   /**< signatures that the export withholds */
    MNSEC_BUNDLE_SKIP_ANCHOR = 16,    /**< the export holds no anchor */
    MNSEC_BUNDLE_SKIP_REMEMBER = 32,  /**< no remembered checkpoint, or none yet */
    MNSEC_BUNDLE_SKIP_REST = 64       /**< what comes after a bad entry, or needs a lower level */
} mnsec_bundle_skip;

/** How much a finding weighs. */
typedef enum mnsec_bundle_weight {
    MNSEC_BUNDLE_NOTE = 1,    /**< to be known; spoils nothing */
    MNSEC_BUNDLE_MISSING = 2, /**< evidence is missing: the level cannot be reached */
    MNSEC_BUNDLE_BAD = 3      /**< proven bad */
} mnsec_bundle_weight;

/** Index of no entry. */
#define MNSEC_BUNDLE_NO_ENTRY UINT64_MAX

/** A finding. Texts are borrowed for the call. */
typedef struct mnsec_bundle_finding {
    const char *code; /**< stable, such as "log.history" */
    mnsec_bundle_weight weight;
    mnsec_bundle_level level; /**< the level it belongs to */
    uint64_t entry;           /**< index, or MNSEC_BUNDLE_NO_ENTRY */
    const char *file;         /**< path inside the export, or NULL */
    const char *text;         /**< English msgid */
} mnsec_bundle_finding;

/** Told of each finding as it is found. Non-zero cancels. */
typedef int (*mnsec_bundle_finding_fn)(void *user, const mnsec_bundle_finding *finding);

/** What is to be verified, and against what. Zeroed members mean the default. */
typedef struct mnsec_bundle_options {
    size_t struct_size;          /**< sizeof(mnsec_bundle_options), set by the INIT macro */
    const char *directory;       /**< the export */
    const char *pin;             /**< certificate file, PEM or DER: the facility's pin, or its
                                      audit certificate; NULL = taken from the export, told as
                                      skipped */
    const char *remember;        /**< file with the checkpoint seen last; NULL = none. Written when
                                      the required level is reached */
    mnsec_bundle_level required; /**< 0 = ATTESTED */
    int check_all;               /**< non-zero: every card signature */
    mnsec_bundle_finding_fn finding; /**< may be NULL */
    void *finding_user;
    mnsec_progress_fn progress; /**< may be NULL */
    void *progress_user;
} mnsec_bundle_options;
#define MNSEC_BUNDLE_OPTIONS_INIT                                                                  \
    {                                                                                              \
        .struct_size = sizeof(mnsec_bundle_options)                                                \
    }

/** The answer to "may I rely on it?". */
typedef enum mnsec_bundle_verdict {
    MNSEC_BUNDLE_INSUFFICIENT = 0, /**< not enough evidence for the required level */
    MNSEC_BUNDLE_REACHED = 1,      /**< required level reached, nothing bad */
    MNSEC_BUNDLE_REFUTED = 2       /**< proven bad */
} mnsec_bundle_verdict;

/** Bytes of an origin, its NUL included. */
#define MNSEC_BUNDLE_ORIGIN_BYTES 201

/** What came out. */
typedef struct mnsec_bundle_result {
    mnsec_bundle_verdict verdict;
    unsigned reached; /**< mnsec_bundle_level bits */
    unsigned skipped; /**< mnsec_bundle_skip bits */
    char origin[MNSEC_BUNDLE_ORIGIN_BYTES];
    uint8_t founding_hash[32];     /**< of entry 0, to be compared with the founding slip */
    uint8_t audit_fingerprint[32]; /**< of the audit certificate, likewise */
    uint64_t tree_size;            /**< entries that the checkpoint covers */
    uint8_t root[32];              /**< and its root */
    /** Entries [0, proven) are what they were when somebody last vouched for them: an entry's own
     * record of the history, an earlier checkpoint, or this one. */
    uint64_t proven;
    uint64_t first_bad;  /**< lowest entry with a bad finding, or MNSEC_BUNDLE_NO_ENTRY */
    uint64_t attested;   /**< entries [0, attested) are covered by a verified card signature */
    uint64_t entries;    /**< read */
    uint64_t sessions;   /**< log-ins */
    uint64_t signatures; /**< present */
    uint64_t signatures_verified; /**< of these */
    uint64_t signatures_withheld;
    uint64_t bodies; /**< present, all of them checked */
    uint64_t bodies_withheld;
    uint64_t authority;       /**< authority statements */
    uint64_t unattested;      /**< entries of sessions that no later card signature covers */
    int first_contact;        /**< non-zero: there was no remembered checkpoint yet */
    uint64_t remembered_size; /**< of the remembered checkpoint; 0 = none */
} mnsec_bundle_result;

/**
 * Verify an export.
 *
 * Bad and missing things are findings and a verdict, not errors; a status other than MNSEC_OK means
 * that there is no verdict.
 *
 * @param options     see above; borrowed for the call
 * @param out_result  what came out. Untouched on failure
 *
 * Errors: MNSEC_E_USAGE (no directory, no such level), MNSEC_E_STATE_NOT_FOUND (no such directory
 *         or pinned certificate), MNSEC_E_USAGE_FORMAT (pinned certificate or remembered checkpoint
 *         is malformed), MNSEC_E_STORE (reading failed), MNSEC_E_STATE_CANCELLED
 * Blocks: reads the whole export
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_bundle_verify(const mnsec_bundle_options *options,
                                                          mnsec_bundle_result *out_result);

#endif
