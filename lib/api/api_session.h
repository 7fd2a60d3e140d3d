/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session from inside: the card in its worker, the opened work key, the unlocked departments.
 * Everything secret in it is wiped by mn_session_lock() and by closing.
 */
#ifndef MN_API_SESSION_H
#define MN_API_SESSION_H

#include "api/api_context.h"
#include "mnsec/session.h"
#include "session/session_state.h"
#include "token/card.h"

/* A department whose operation password was given. */
typedef struct mn_session_unlocked {
    mn_vault_department *department; /* NULL = free place */
    uint64_t s_version;              /* of the department then */
    uint32_t epoch;
    int64_t used_ms; /* monotonic, newest use */
} mn_session_unlocked;

struct mnsec_session {
    mnsec_context *context;
    mn_opened *opened; /* the context's */
    mn_session_state state;
    mn_card_worker *worker; /* NULL once locked */
    mnsec_id person;
    mnsec_role role;
    uint8_t card[32];        /* card hash */
    uint8_t certificate[32]; /* fingerprint */
    char name[MN_STATEMENT_NAME_BYTES];
    char card_label[33];
    bool pin_pad, pin_count_low, pin_final_try, pin_locked; /* as the card told before log-in */
    mn_card_method method;
    mn_secret work; /* work private key */
    mn_audit_session log;
    uint64_t entries; /* appended by this session, for the log-out */
    bool ask_each_time;
    int64_t unlock_ms;
    unsigned searches; /* by number, since searches_since (monotonic) */
    int64_t searches_since;
    mn_session_unlocked unlocked[MN_KEYRING_MAX_DEPARTMENTS];
};

/* Begin of every call in a session: context entered, time-outs and the card's descriptor looked at,
 * idle time begun anew. Errors: STATE_LOCKED, CARD_REMOVED */
MNSEC_MUST_USE mnsec_status mn_session_enter(mnsec_session *session);
/* Is it still open? Looks at time and descriptor, changes nothing else. */
MNSEC_MUST_USE mnsec_status mn_session_alive(mnsec_session *session);
/* Something ended it: secrets wiped first, then the log told, then the token logged out. */
void mn_session_lock(mnsec_session *session, mn_session_happening happening);
/* Wipe what the operation passwords opened. */
void mn_session_forget(mnsec_session *session);
/* After a call that failed on card or token: lock where no handle survives. Answers status. */
MNSEC_MUST_USE mnsec_status mn_session_judge(mnsec_session *session, mnsec_status status);
/* The statement signed by the operator's card. */
MNSEC_MUST_USE mnsec_status mn_session_sign(mnsec_session *session, mn_bytes statement,
                                            mn_audit_signature *out_signature);
/* The department, unlocked. Asks for the operation password where it is asked each time.
 * Errors: STATE_UNLOCK_NEEDED */
MNSEC_MUST_USE mnsec_status mn_session_department(mnsec_session *session,
                                                  const mnsec_id *department,
                                                  mn_vault_department **out_department);
/* An operation password that did not open: in the log, and the token remembers it. Answers status,
 * or why the log could not be written. */
MNSEC_MUST_USE mnsec_status mn_session_note_wrong(mnsec_session *session,
                                                  const mnsec_id *department, mnsec_status status);
/* The person, as the statements have it now; NULL = withdrawn or unknown. */
const mn_registry_person *mn_session_person(const mnsec_session *session);

#endif
