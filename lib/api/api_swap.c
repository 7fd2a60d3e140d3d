/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The announced swap: what is wiped when it begins, what is needed for it to end well. Any failure
 * on the way back locks the session, as a card that was pulled would.
 */
#include "api/api_swap.h"

#include <string.h>

#include "api/api_login.h"
#include "api/api_party.h"

static int64_t monotonic(const mnsec_session *session)
{
    return mn_clock_monotonic_ms(&session->context->clock);
}

void mn_swap_begin(mnsec_session *session)
{
    const char *reason = "";
    (void)mn_session_state_step(&session->state, MN_SESSION_SWAP_BEGIN, monotonic(session),
                                &reason);
    mn_session_forget(session);
}

static bool is_operators(const void *user, const mn_card_info *card)
{
    const mnsec_session *session = user;
    return memcmp(card->spki_hash, session->card, sizeof session->card) == 0;
}

/* Another worker with the operator's card in it takes the place of the one whose card left. */
static mnsec_status fetch_card(mnsec_session *session)
{
    mn_secret_wipe(&session->work);
    mn_card_worker_free(session->worker);
    session->worker = NULL;
    const mn_party_wanted wanted = {
        .workstation = &session->opened->workstation,
        .subject = session->name,
        .fits = is_operators,
        .fits_user = session,
    };
    MN_AUTO(mn_party) party = {0};
    MN_TRY(mn_party_find(session->context, &wanted, NULL, NULL, &party));
    session->pin_count_low = party.pin_count_low;
    session->pin_final_try = party.pin_final_try;
    session->worker = party.worker;
    party.worker = NULL;
    return mn_login_again(session);
}

mnsec_status mn_swap_end(mnsec_session *session)
{
    if (session->state.phase != MN_SESSION_SWAPPING) {
        return MNSEC_OK;
    }
    if (mn_card_present(session->worker) != MNSEC_OK) {
        mn_error_clear(&session->context->err);
        const mnsec_status status = fetch_card(session);
        if (status != MNSEC_OK) {
            mn_session_lock(session, MN_SESSION_SWAP_LATE);
            return status;
        }
    }
    if (mn_session_state_due(&session->state, monotonic(session)) != MN_SESSION_NOTHING) {
        mn_session_lock(session, MN_SESSION_SWAP_LATE);
        return mn_fail(&session->context->err, MNSEC_E_CARD_REMOVED,
                       "the cards were not changed back in time");
    }
    const char *reason = "";
    (void)mn_session_state_step(&session->state, MN_SESSION_SWAP_END, monotonic(session), &reason);
    return MNSEC_OK;
}

void mn_swap_cancel(mnsec_session *session)
{
    if (session->state.phase != MN_SESSION_SWAPPING) {
        return;
    }
    const mn_error kept = session->context->err;
    if (mn_card_present(session->worker) == MNSEC_OK) {
        const char *reason = "";
        (void)mn_session_state_step(&session->state, MN_SESSION_SWAP_END, monotonic(session),
                                    &reason);
    } else {
        mn_session_lock(session, MN_SESSION_SWAP_LATE);
    }
    session->context->err = kept;
}
