/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two cards, one reader (docs/ARCHITECTURE.md): an announced change of cards. The session keeps the
 * token's log-in and what is being stated, wipes the rest, and goes on when the operator's card is
 * back and has had its PIN and password again. A card that never left needs neither.
 */
#ifndef MN_API_SWAP_H
#define MN_API_SWAP_H

#include "api/api_session.h"

/* The operator's card may leave now. */
void mn_swap_begin(mnsec_session *session);
/* The operator's card again; nothing to do where no swap was announced. Errors: CARD_REMOVED
 * (too late, locked), DENIED_LOGIN (locked) */
MNSEC_MUST_USE mnsec_status mn_swap_end(mnsec_session *session);
/* The call that announced it failed: open where the card is still there, else locked. */
void mn_swap_cancel(mnsec_session *session);

#endif
