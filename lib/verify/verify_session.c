/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sessions (docs/FORMATS.md, 2.1): numbered without gap from their log-in to their end, nothing
 * after it. Only open sessions are kept, in the order of their log-ins, which is ascending.
 */
#include <stdlib.h>
#include <string.h>

#include "verify_state.h"

#define OPEN_MAX       65536U /* more than any facility leaves open; keeps memory bounded */
#define FIRST_CAPACITY 16U

static const char *const ends[] = {"session.logout", "session.lock", "session.card_removed"};

static bool is_end(const mn_verify_line *line)
{
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        if (mn_verify_line_is(line, ends[i])) {
            return true;
        }
    }
    return false;
}

static int compare(const void *ses, const void *session)
{
    const uint64_t wanted = *(const uint64_t *)ses;
    const uint64_t found = ((const mn_verify_session *)session)->ses;
    return (wanted > found) - (wanted < found);
}

static mnsec_status open_session(mn_verify_sessions *sessions, uint64_t ses, const uint8_t *card)
{
    if (sessions->count == OPEN_MAX) {
        return MNSEC_E_INTEGRITY;
    }
    if (sessions->count == sessions->capacity) {
        const size_t capacity = sessions->capacity == 0 ? FIRST_CAPACITY : 2 * sessions->capacity;
        mn_verify_session *grown = realloc(sessions->open, capacity * sizeof(*grown));
        if (grown == NULL) {
            return MNSEC_E_INTERNAL_MEMORY;
        }
        sessions->open = grown;
        sessions->capacity = capacity;
    }
    mn_verify_session *session = &sessions->open[sessions->count++];
    *session = (mn_verify_session){.ses = ses, .is_known = card != NULL};
    if (card != NULL) {
        memcpy(session->certificate, card, sizeof(session->certificate));
    }
    return MNSEC_OK;
}

static void close_session(mn_verify_sessions *sessions, mn_verify_session *session)
{
    const size_t behind = (size_t)(sessions->open + sessions->count - session) - 1;
    memmove(session, session + 1, behind * sizeof(*session));
    sessions->count--;
}

/* Is this entry, if it is signed, signed by the card that logged in? */
static bool is_same_card(const mn_verify_session *session, const uint8_t *card)
{
    return card == NULL || !session->is_known ||
           memcmp(session->certificate, card, sizeof(session->certificate)) == 0;
}

/* An entry of no session: no number; covered by nothing but itself; and it ends none. */
static mnsec_status step_outside(mn_verify_sessions *sessions, const mn_verify_line *line,
                                 const uint8_t *card)
{
    if (line->sn != 0 || line->auth == MN_VERIFY_AUTH_SESSION || is_end(line)) {
        return MNSEC_E_INTEGRITY;
    }
    return mn_verify_line_is(line, "session.login") && line->outcome == 0
               ? open_session(sessions, line->index, card)
               : MNSEC_OK;
}

void mn_verify_sessions_wipe(mn_verify_sessions *sessions)
{
    free(sessions->open);
    *sessions = (mn_verify_sessions){0};
}

mnsec_status mn_verify_session_step(mn_verify_sessions *sessions, const mn_verify_line *line,
                                    const uint8_t *card, mn_verify_session *out_closed)
{
    *out_closed = (mn_verify_session){0};
    if (line->ses == 0) {
        return step_outside(sessions, line, card);
    }
    mn_verify_session *session =
        sessions->count == 0
            ? NULL
            : bsearch(&line->ses, sessions->open, sessions->count, sizeof(*session), compare);
    if (session == NULL || line->sn != session->sn + 1 || !is_same_card(session, card) ||
        mn_verify_line_is(line, "session.login")) {
        return MNSEC_E_INTEGRITY;
    }
    session->sn++;
    if (line->auth == MN_VERIFY_AUTH_CARD) {
        session->unattested = 0;
    } else if (line->auth == MN_VERIFY_AUTH_SESSION) {
        session->unattested++;
    }
    if (is_end(line)) {
        *out_closed = *session;
        close_session(sessions, session);
    }
    return MNSEC_OK;
}
