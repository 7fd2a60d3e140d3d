/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every call of libmnsec answers.
 *
 * A status is one number; its high byte is its class, which is what a caller switches on and what
 * the tools use as exit code:
 *
 *     switch (mnsec_status_class(status)) {
 *     case MNSEC_CLASS_OK: …
 *     case MNSEC_CLASS_CARD: ask the person to insert the card
 *     }
 *
 * The one-line text of the last failure, and the native code of the layer that found it, belong to
 * the context handle: see mnsec_context_last_error(). Texts never hold a secret.
 */
#ifndef MNSEC_STATUS_H
#define MNSEC_STATUS_H

#if defined(__cplusplus)
#define MNSEC_API extern "C"
#elif defined(MNSEC_BUILD)
#define MNSEC_API __attribute__((visibility("default")))
#else
#define MNSEC_API
#endif
#define MNSEC_MUST_USE __attribute__((warn_unused_result))

/** Class of a status, in its high byte. */
typedef enum mnsec_class {
    MNSEC_CLASS_OK = 0,
    MNSEC_CLASS_INTERNAL = 1,
    MNSEC_CLASS_USAGE = 2,
    MNSEC_CLASS_DENIED = 3,
    MNSEC_CLASS_STATE = 4,
    MNSEC_CLASS_CARD = 5,
    MNSEC_CLASS_STORE = 6,
    MNSEC_CLASS_INTEGRITY = 7
} mnsec_class;

/* X(name, class, number within the class, what happened) */
#define MNSEC_STATUS_LIST(X)                                                                       \
    X(INTERNAL, INTERNAL, 0, "internal error")                                                     \
    X(INTERNAL_MEMORY, INTERNAL, 1, "out of memory")                                               \
    X(INTERNAL_FORKED, INTERNAL, 2, "handle used in a forked child")                               \
    X(INTERNAL_CRYPTO, INTERNAL, 3, "cryptographic library failed")                                \
    X(USAGE, USAGE, 0, "invalid argument")                                                         \
    X(USAGE_FORMAT, USAGE, 1, "input is malformed")                                                \
    X(USAGE_CHECK_DIGIT, USAGE, 2, "check digit does not match")                                   \
    X(USAGE_MISMATCH, USAGE, 3, "the two entries differ")                                          \
    X(USAGE_WEAK_PASSWORD, USAGE, 4, "password is too weak")                                       \
    X(USAGE_CONFIG, USAGE, 5, "configuration is malformed")                                        \
    X(DENIED, DENIED, 0, "not permitted")                                                          \
    X(DENIED_LOGIN, DENIED, 1, "log-in refused")                                                   \
    X(DENIED_BACKOFF, DENIED, 2, "log-in must wait after wrong attempts")                          \
    X(DENIED_OPERATION_PASSWORD, DENIED, 3, "operation password refused")                          \
    X(STATE_NOT_FOUND, STATE, 0, "not found")                                                      \
    X(STATE_CONFLICT, STATE, 1, "already exists")                                                  \
    X(STATE_LOCKED, STATE, 2, "session is locked")                                                 \
    X(STATE_UNLOCK_NEEDED, STATE, 3, "operation password is needed")                               \
    X(STATE_CANCELLED, STATE, 4, "cancelled")                                                      \
    X(STATE_NOT_FOUNDED, STATE, 5, "facility is not founded")                                      \
    X(STATE_FOUNDED, STATE, 6, "facility is already founded")                                      \
    X(STATE_END, STATE, 7, "no more items")                                                        \
    X(STATE_CHANGED, STATE, 8, "changed by another since it was read")                             \
    X(STATE_READ_ONLY, STATE, 9, "facility is read-only until it is restored")                     \
    X(CARD_ABSENT, CARD, 0, "no card")                                                             \
    X(CARD_REMOVED, CARD, 1, "card was removed")                                                   \
    X(CARD_UNSUITABLE, CARD, 2, "card cannot be used")                                             \
    X(CARD_FINAL_TRY, CARD, 3, "only one PIN try is left")                                         \
    X(CARD_BLOCKED, CARD, 4, "card PIN is blocked")                                                \
    X(CARD_PIN, CARD, 5, "wrong card PIN")                                                         \
    X(CARD_FAULT, CARD, 6, "card failed")                                                          \
    X(CARD_TIMEOUT, CARD, 7, "card did not answer in time")                                        \
    X(CARD_AMBIGUOUS, CARD, 8, "more than one card fits")                                          \
    X(TOKEN_ABSENT, CARD, 16, "facility token is absent")                                          \
    X(TOKEN_FOREIGN, CARD, 17, "token is not this facility's")                                     \
    X(TOKEN_FAULT, CARD, 18, "facility token failed")                                              \
    X(TOKEN_FULL, CARD, 19, "facility token is full")                                              \
    X(TOKEN_UNSUITABLE, CARD, 20, "token cannot be used as a facility token")                      \
    X(TOKEN_PIN, CARD, 21, "facility token refused its PIN")                                       \
    X(STORE, STORE, 0, "store failed")                                                             \
    X(STORE_FULL, STORE, 1, "disk is full")                                                        \
    X(STORE_BUSY, STORE, 2, "store is in use")                                                     \
    X(STORE_READ_ONLY, STORE, 3, "store cannot be written")                                        \
    X(STORE_NEWER, STORE, 4, "store was written by newer software")                                \
    X(STORE_NETWORK, STORE, 5, "store lies on a network file system")                              \
    X(STORE_ABSENT, STORE, 6, "store is absent")                                                   \
    X(INTEGRITY, INTEGRITY, 0, "integrity check failed")                                           \
    X(INTEGRITY_STORE, INTEGRITY, 1, "store is corrupt")                                           \
    X(INTEGRITY_RECORD, INTEGRITY, 2, "record was tampered with")                                  \
    X(INTEGRITY_LOG, INTEGRITY, 3, "log was tampered with")                                        \
    X(INTEGRITY_AUTHORITY, INTEGRITY, 4, "signed statements do not hold together")                 \
    X(INTEGRITY_ROLLBACK, INTEGRITY, 5, "store is older than what was remembered")                 \
    X(INTEGRITY_PIN, INTEGRITY, 6, "workstation and token do not agree on the facility")           \
    X(INTEGRITY_PASSPORT, INTEGRITY, 7, "token differs from its passport")

/** Answer of a call: 0, or class << 8 | number. */
typedef enum mnsec_status {
    MNSEC_OK = 0,
#define MNSEC_STATUS_ENUM(name, cls, number, text)                                                 \
    MNSEC_E_##name = (MNSEC_CLASS_##cls << 8) | (number),
    MNSEC_STATUS_LIST(MNSEC_STATUS_ENUM)
#undef MNSEC_STATUS_ENUM
        MNSEC_STATUS_MAX_ = 0x7fffffff
} mnsec_status;

/** Class of a status. Unknown values are MNSEC_CLASS_INTERNAL. */
MNSEC_API mnsec_class mnsec_status_class(mnsec_status status);

/** Name of a status as in this header, such as "MNSEC_E_CARD_ABSENT"; static. */
MNSEC_API const char *mnsec_status_name(mnsec_status status);

/** What happened, in English, untranslated, lower case, no full stop; static. */
MNSEC_API const char *mnsec_status_text(mnsec_status status);

#endif
