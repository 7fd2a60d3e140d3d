/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Another person's card in the middle of a call: the new one that is being enrolled, or a second
 * responsible person's. It has a worker of its own, so that the operator's card can stay where it
 * is; where there is one reader only, the host is asked to have the cards changed.
 */
#ifndef MN_API_PARTY_H
#define MN_API_PARTY_H

#include "api/api_session.h"

/* Cards in the readers now. */
typedef struct mn_party_cards {
    mn_card_info cards[MN_CARD_MAX];
    size_t count;
} mn_party_cards;
void mn_party_cards_wipe(mn_party_cards *list);

typedef struct mn_party {
    mnsec_context *context;
    mn_card_worker *worker; /* NULL = nobody */
    uint8_t card[32];       /* card hash */
    uint8_t fingerprint[32];
    mn_buf certificate; /* DER */
    char label[33];
    bool pin_pad, pin_count_low, pin_final_try;
} mn_party;
void mn_party_wipe(mn_party *party); /* logs the card out */

/* Does this card fit? NULL = every card. */
typedef bool (*mn_party_fits_fn)(const void *user, const mn_card_info *card);

typedef struct mn_party_wanted {
    const mn_workstation *workstation; /* where cards are */
    const char *card;                  /* label, or hash in hex; NULL = whichever fits */
    const char *subject;               /* whose card it is, for the notice */
    mn_party_fits_fn fits;
    const void *fits_user;
} mn_party_wanted;

/* Find the card, asking for it (INSERT_CARD) while it is not there. before_notice is called once
 * before the first notice: where the operator's card may now leave. Errors: CARD_ABSENT,
 * CARD_AMBIGUOUS, CARD_BLOCKED, CARD_FINAL_TRY, STATE_CANCELLED */
MNSEC_MUST_USE mnsec_status mn_party_find(mnsec_context *context, const mn_party_wanted *wanted,
                                          void (*before_notice)(void *user), void *user,
                                          mn_party *out_party);
/* Ask for the PIN and log in. Errors: CARD_PIN … */
MNSEC_MUST_USE mnsec_status mn_party_login(mn_party *party, mnsec_secret_kind kind);
/* The same card once more, where it has left for another one since: wanted's fits is not asked. */
MNSEC_MUST_USE mnsec_status mn_party_again(mn_party *party, const mn_party_wanted *wanted,
                                           void (*before_notice)(void *user), void *user,
                                           mnsec_secret_kind kind);
/* Bind the logged-in card: binding encoded for the enrolment, and its secret. PKCS#1 v1.5 only
 * where the policy "card.pkcs1" says "allowed" (registry NULL: never). Errors: CARD_UNSUITABLE */
MNSEC_MUST_USE mnsec_status mn_party_bind(mn_party *party, const mn_registry *registry,
                                          mn_buf *out_binding, mn_secret *out_card_secret);
MNSEC_MUST_USE mnsec_status mn_party_sign(mn_party *party, mn_bytes statement,
                                          mn_audit_signature *out_signature);
/* Is wanted this card's label, or its hash in hex? NULL fits every card. */
bool mn_party_is_named(const mn_card_info *card, const char *wanted);

#endif
