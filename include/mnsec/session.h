/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session: one person's card, PIN and password, until the card leaves.
 *
 * Opening asks for PIN and password by the context's secret callback and takes card AND PIN AND
 * password by cryptography. Numbers need one thing more: the department's operation password,
 * mnsec_session_unlock(), which has its own, shorter time-out.
 *
 *     mnsec_session *session = NULL;
 *     status = mnsec_session_open(context, NULL, &session);
 *     status = mnsec_session_unlock(session, &department);
 *     …
 *     mnsec_session_close(session);
 *
 * When the card is pulled, the session is locked and everything secret is wiped; each call then
 * answers MNSEC_E_CARD_REMOVED or MNSEC_E_STATE_LOCKED. A host with an event loop polls
 * mnsec_session_descriptor() and calls mnsec_session_poll() when it is readable or every second.
 * One context holds one session at a time. The handle belongs to the context's thread.
 */
#ifndef MNSEC_SESSION_H
#define MNSEC_SESSION_H

#include "mnsec/context.h"

typedef struct mnsec_session mnsec_session;

/** Role of a person, in the law's words. */
typedef enum mnsec_role {
    MNSEC_ROLE_NONE = 0,
    MNSEC_ROLE_RESPONSIBLE = 1, /**< 取扱責任者 */
    MNSEC_ROLE_HANDLER = 2,     /**< 事務取扱担当者 */
    MNSEC_ROLE_AUDITOR = 3,     /**< 監査者: log and ledgers, no numbers */
    MNSEC_ROLE_UNATTENDED = 4   /**< software with a card of its own */
} mnsec_role;

/** Options of mnsec_session_open(). */
typedef struct mnsec_session_options {
    size_t struct_size;
    const char *card;        /**< label, or hash in hex; NULL = the only enrolled card inserted */
    const char *person;      /**< name or id of the person who must own it; NULL = whoever does */
    unsigned idle_seconds;   /**< lock after so long without a call; 0 = 600 */
    unsigned unlock_seconds; /**< the operation password lasts so long; 0 = 180 */
    int ask_each_time;       /**< non-zero: the operation password is asked at every operation */
} mnsec_session_options;
#define MNSEC_SESSION_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(mnsec_session_options)                                               \
    }

/** What a session is about. Texts are borrowed until it is closed. */
typedef struct mnsec_session_info {
    mnsec_id person;
    const char *name;
    mnsec_role role;
    const char *card_label;
    const char *card_method; /**< "ecdh", "rsa-decrypt", or "rsa-sign" (lower assurance) */
    int locked;
} mnsec_session_info;

/** What mnsec_session_poll() found. */
typedef enum mnsec_session_event {
    MNSEC_SESSION_EVENT_NONE = 0,
    MNSEC_SESSION_EVENT_CARD_REMOVED = 1, /**< locked, wiped, logged */
    MNSEC_SESSION_EVENT_TIMEOUT = 2,      /**< idle time-out: locked, wiped, logged */
    MNSEC_SESSION_EVENT_UNLOCK_ENDED = 3, /**< the operation password must be given again */
    MNSEC_SESSION_EVENT_WITHDRAWN = 4     /**< the person was withdrawn meanwhile */
} mnsec_session_event;

/**
 * Log in.
 *
 * @param context      live context, borrowed; outlives the session
 * @param options      may be NULL
 * @param out_session  close with mnsec_session_close(). Untouched on failure
 *
 * Right:   an enrolment that is in force
 * Audit:   session.login, or session.login_failed (written before the attempt is tried)
 * Errors:  MNSEC_E_DENIED_LOGIN: wrong PIN, password, card or person, one and the same answer;
 *          MNSEC_E_DENIED_BACKOFF, MNSEC_E_CARD_ABSENT, MNSEC_E_CARD_AMBIGUOUS,
 *          MNSEC_E_CARD_FINAL_TRY, MNSEC_E_CARD_BLOCKED, MNSEC_E_TOKEN_ABSENT, class INTEGRITY
 * Blocks:  on the callbacks, card, token and store
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_session_open(mnsec_context *context,
                                                         const mnsec_session_options *options,
                                                         mnsec_session **out_session);

/** Log out (session.logout, signed by the card), wipe, free. NULL is accepted. */
MNSEC_API void mnsec_session_close(mnsec_session *session);

/**
 * Give the operation password of a department, asked for by callback.
 *
 * Right:   any grant in the department, or the role responsible person
 * Audit:   session.unlock, or session.unlock_failed
 * Errors:  MNSEC_E_DENIED_OPERATION_PASSWORD, MNSEC_E_DENIED, MNSEC_E_DENIED_BACKOFF (after wrong
 *          ones, untried), MNSEC_E_CARD_REMOVED
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_session_unlock(mnsec_session *session,
                                                           const mnsec_id *department);

/** Wipe what unlocking opened; the operation password is needed again. */
MNSEC_API void mnsec_session_forget(mnsec_session *session);

/** What this session is about. */
MNSEC_API mnsec_session_info mnsec_session_get_info(const mnsec_session *session);

/** Descriptor for poll(2) that is readable when something may have happened; -1 = poll by time. */
MNSEC_API int mnsec_session_descriptor(const mnsec_session *session);

/** Look whether the card is there and the times have run out. Never blocks for long. */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_session_poll(mnsec_session *session,
                                                         mnsec_session_event *out_event);

#endif
