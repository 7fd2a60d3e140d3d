/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workstation's own count of PIN tries, because a card's flags may be missing, stale or wrong
 * and no PKCS#11 call tells a number. One small file per card, named by the hash of its key, in a
 * folder that all tools of the workstation share. A try is on the disk before the PIN goes to the
 * card and is taken back by a right PIN only: whatever else the card answers, or does not answer,
 * may have cost one. Used in the worker only; internal to token/.
 */
#ifndef MN_CARD_TRIES_H
#define MN_CARD_TRIES_H

#include "base/base.h"
#include "base/error.h"

/* Tries that need no consent: every card that we know of has three, and the last is kept. */
#define MN_CARD_TRIES_FREE 2U
/* What a file that makes no sense, or cannot be read, stands for. */
#define MN_CARD_TRIES_UNKNOWN 999U

/* A try that has begun: no other program tries a PIN on this card before it is settled. */
typedef struct mn_card_tries {
    bool is_open;
    int fd;
    unsigned spent; /* this one included */
} mn_card_tries;
/* The try stays spent. */
void mn_card_tries_wipe(mn_card_tries *tries);

typedef enum mn_card_tries_outcome {
    MN_CARD_TRIES_SPENT = 0, /* a wrong PIN, or nobody knows */
    MN_CARD_TRIES_RIGHT = 1,
    MN_CARD_TRIES_UNTRIED = 2 /* the card certainly has not looked at the PIN */
} mn_card_tries_outcome;

/* Tries since the last right PIN, as far as this workstation knows. folder NULL: none are kept. */
unsigned mn_card_tries_look(const char *folder, const uint8_t spki_hash[32]);
/* Waits for a try of another program, then spends one, durably. Errors: CARD_FINAL_TRY (without
 * consent, where it might be the last), STORE (it cannot be kept: then no PIN may go to the card)
 */
MNSEC_MUST_USE mnsec_status mn_card_tries_spend(const char *folder, const uint8_t spki_hash[32],
                                                bool consent, mn_error *err,
                                                mn_card_tries *out_tries);
/* Ends the try. What cannot be written stays spent. */
void mn_card_tries_settle(mn_card_tries *tries, mn_card_tries_outcome outcome);

#endif
