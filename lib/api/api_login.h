/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log-in: card AND PIN AND password, by cryptography (docs/ARCHITECTURE.md). Whatever goes wrong
 * with them is one answer to the person and a cause in the log; what only means that a card must be
 * handled (absent, blocked, last try) is told as it is.
 */
#ifndef MN_API_LOGIN_H
#define MN_API_LOGIN_H

#include "api/api_session.h"

/* Which enrolled card is to be used: session's person, card, name … are set. DENIED_LOGIN where
 * none of the inserted cards is enrolled and in force (a cause is in the log then). */
MNSEC_MUST_USE mnsec_status mn_login_choose(mnsec_session *session,
                                            const mnsec_session_options *options);
/* PIN and password asked for, tried, and the log-in entry signed and durable. */
MNSEC_MUST_USE mnsec_status mn_login_run(mnsec_session *session);
/* PIN and password once more, the token being logged in already: after an announced swap. */
MNSEC_MUST_USE mnsec_status mn_login_again(mnsec_session *session);
/* What card secret and password open, the token logged in on the way; used again when one's own
 * password is changed. The facility PIN of the version in force is tried first, then the one
 * before it, whose change is then completed (docs/ARCHITECTURE.md). */
MNSEC_MUST_USE mnsec_status mn_login_token(mnsec_session *session, const mn_secret *card_secret);
/* An own password, of this card, that did not open within a session: an attempt and its failure in
 * the log, remembered by the token, as at a log-in. Answers DENIED_LOGIN, or why the log could not
 * be written. */
MNSEC_MUST_USE mnsec_status mn_login_note_wrong(mnsec_session *session, const uint8_t card[32],
                                                const mnsec_id *person);
/* The card secret of the session's person by his enrolment's binding: one card operation. */
MNSEC_MUST_USE mnsec_status mn_login_card_secret(mnsec_session *session, mn_secret *out_secret);
/* The facility PIN in force, by one more operation of the card: to seal it to somebody else. */
MNSEC_MUST_USE mnsec_status mn_login_facility_pin(mnsec_session *session, mn_secret *out_pin);

#endif
