/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A context: one facility at one workstation, one thread.
 *
 * Everything begins here. A context names the facility directory and the workstation
 * configuration, and carries the callbacks through which the library asks for secrets, tells
 * progress and gives notices. It opens nothing until a call needs it.
 *
 *     mnsec_context_options options = MNSEC_CONTEXT_OPTIONS_INIT;
 *     options.facility = "/srv/mnsec/himawari";
 *     options.secret = ask_in_my_dialog;
 *     mnsec_context *context = NULL;
 *     if (mnsec_context_new(&options, &context) != MNSEC_OK) …
 *
 * Threads: a handle belongs to the thread that made it; two contexts in two threads are
 * independent, but the token of one facility is logged in once in a process: while one context has
 * a session, the log-in of another on the same facility answers MNSEC_E_STATE_CONFLICT. A child
 * after fork(2) may only free memory it owns: every call on an inherited handle answers
 * MNSEC_E_INTERNAL_FORKED. From inside a callback that asks, tells or shows, a call on the same
 * context or its session answers MNSEC_E_USAGE. The library never prints, exits, reads the
 * environment or installs signal handlers. Strings are UTF-8. Pointers in options are borrowed for
 * the call only.
 */
#ifndef MNSEC_CONTEXT_H
#define MNSEC_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "mnsec/id.h"
#include "mnsec/status.h"

typedef struct mnsec_context mnsec_context;

/** What a secret is asked for. */
typedef enum mnsec_secret_kind {
    MNSEC_SECRET_PIN = 1,             /**< PIN of the operator's card */
    MNSEC_SECRET_PASSWORD = 2,        /**< the operator's own password */
    MNSEC_SECRET_OPERATION = 3,       /**< operation password of a department */
    MNSEC_SECRET_SECOND_PIN = 4,      /**< PIN of the second person's card */
    MNSEC_SECRET_SECOND_PASSWORD = 5, /**< password of the second person */
    MNSEC_SECRET_SO_PIN = 6,          /**< security officer PIN of the facility token, typed back */
    MNSEC_SECRET_SPARE_PIN = 7,       /**< PIN of the spare token */
    MNSEC_SECRET_NEW_PIN = 8,         /**< PIN of the card that is being enrolled, or its new PIN */
    MNSEC_SECRET_NEW_PASSWORD = 9,    /**< a new own password; the host asks twice itself */
    MNSEC_SECRET_NEW_OPERATION = 10,  /**< a new operation password; the host asks twice itself */
    MNSEC_SECRET_SHARE = 11,          /**< a recovery share from paper */
    MNSEC_SECRET_NUMBER = 12,         /**< an Individual Number */
    MNSEC_SECRET_NUMBER_AGAIN = 13    /**< the same number, entered a second time */
} mnsec_secret_kind;

/** A request for one secret. */
typedef struct mnsec_secret_request {
    mnsec_secret_kind kind;
    const char *subject; /**< whose: a person, a department or a card label; never NULL */
    unsigned attempt;    /**< 1, 2, … within this call */
    int count_low;       /**< the card says that a try has been lost */
    int final_try;       /**< the last try: only asked after MNSEC_NOTICE_FINAL_TRY was accepted */
    const char *reason;  /**< why the former answer was refused (English msgid), or NULL */
} mnsec_secret_request;

/** Where the answer goes. */
typedef struct mnsec_secret_sink mnsec_secret_sink;

/**
 * Hand over a secret. It is copied to secure memory; the source is the caller's to wipe.
 *
 * @param sink   the sink of the request that is being answered
 * @param bytes  the secret
 * @param len    its length in bytes, at most 512
 * Errors: MNSEC_E_USAGE (too long), MNSEC_E_INTERNAL_MEMORY
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_secret_give(mnsec_secret_sink *sink, const void *bytes,
                                                        size_t len);

/**
 * Ask a person for a secret. May block. Answer MNSEC_OK after mnsec_secret_give(), or
 * MNSEC_E_STATE_CANCELLED. It must not call the library with the same context.
 */
typedef mnsec_status (*mnsec_secret_fn)(void *user, const mnsec_secret_request *request,
                                        mnsec_secret_sink *sink);

/** Something a person must see, do or consent to, in the middle of a call. */
typedef enum mnsec_notice_kind {
    MNSEC_NOTICE_INSERT_CARD = 1,     /**< insert the card of subject, then continue */
    MNSEC_NOTICE_SHOW_SO_PIN = 2,     /**< secret to print or write down, then it is typed back */
    MNSEC_NOTICE_SHOW_SPARE_PIN = 3,  /**< secret to write down */
    MNSEC_NOTICE_SHOW_SHARE = 4,      /**< a recovery share to print for the safe */
    MNSEC_NOTICE_FINAL_TRY = 5,       /**< only one PIN try is left: continue? */
    MNSEC_NOTICE_SINGLE_PERSON = 6,   /**< one human only: accept the risk? */
    MNSEC_NOTICE_NO_SPARE = 7,        /**< no spare token: token loss is data loss; accept? */
    MNSEC_NOTICE_SOFTWARE_TOKEN = 8,  /**< the token is software, for trial only; accept? */
    MNSEC_NOTICE_CONFIRM_FOUNDING = 9 /**< first contact: compare text with the founding slip */
} mnsec_notice_kind;

/** A notice. Texts are borrowed for the call; text of a SHOW kind is secret: show it, keep no copy.
 */
typedef struct mnsec_notice {
    mnsec_notice_kind kind;
    const char *subject;
    const char *text;
} mnsec_notice;

/** Answer MNSEC_OK to go on or accept, MNSEC_E_STATE_CANCELLED to refuse. */
typedef mnsec_status (*mnsec_notice_fn)(void *user, const mnsec_notice *notice);

/**
 * Told about long work; total 0 = not known. step is an English msgid. Return non-zero to cancel:
 * the call then answers MNSEC_E_STATE_CANCELLED with nothing half-done.
 */
typedef int (*mnsec_progress_fn)(void *user, const char *step, uint64_t done, uint64_t total);

/** Options of a context. Zeroed members mean the default. */
typedef struct mnsec_context_options {
    size_t struct_size;      /**< sizeof(mnsec_context_options), set by the INIT macro */
    const char *facility;    /**< facility directory, absolute or relative to the process */
    const char *workstation; /**< configuration file; NULL = /etc/mnsec/workstation.conf */
    const char *card_worker; /**< program of the card worker; NULL = the installed one */
    mnsec_secret_fn secret;  /**< NULL = calls that need a secret answer MNSEC_E_STATE_CANCELLED */
    void *secret_user;
    mnsec_notice_fn notice; /**< NULL = every notice is refused */
    void *notice_user;
    mnsec_progress_fn progress; /**< may be NULL */
    void *progress_user;
} mnsec_context_options;
#define MNSEC_CONTEXT_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(mnsec_context_options)                                               \
    }

/** Detail of the last failure of a context. */
typedef struct mnsec_error {
    mnsec_status status;
    long native;      /**< CKR_…, SQLite, gcry or errno value; 0 where there is none */
    const char *text; /**< one English line, lower case, no secret; "" when there was no failure */
} mnsec_error;

/**
 * Make a context. Opens nothing yet.
 *
 * @param options      see above
 * @param out_context  free with mnsec_context_free(). Untouched on failure
 * Errors: MNSEC_E_USAGE, MNSEC_E_INTERNAL_CRYPTO (libgcrypt without secure memory)
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_context_new(const mnsec_context_options *options,
                                                        mnsec_context **out_context);

/** Close sessions, wipe, free. NULL is accepted. From inside a callback nothing is freed. */
MNSEC_API void mnsec_context_free(mnsec_context *context);

/** Detail of the last failure; cleared on entry of each call. Borrowed until the next call. */
MNSEC_API mnsec_error mnsec_context_last_error(const mnsec_context *context);

#endif
