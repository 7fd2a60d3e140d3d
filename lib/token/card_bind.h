/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret out of a card's key: bound once at enrolment, opened at each log-in. Used in the worker
 * only; internal to token/.
 */
#ifndef MN_CARD_BIND_H
#define MN_CARD_BIND_H

#include "token/card_binding.h"
#include "token/card_key.h"

/* A card that is logged in. Borrowed. */
typedef struct mn_card_bench {
    const mn_p11_session *session;
    const mn_card_keys *keys;
    mn_bytes signing_spki;
    const mn_secret *decoy_key; /* random, one of each worker: stands in for bad padding */
} mn_card_bench;

/* The first method that works, or the one asked for. CARD_UNSUITABLE where none does. */
MNSEC_MUST_USE mnsec_status mn_card_bind_make(const mn_card_bench *bench, mn_card_method method,
                                              mn_card_binding *out_binding,
                                              mn_secret *out_card_secret);
/* One private-key operation. CARD_UNSUITABLE where the card has no such key. */
MNSEC_MUST_USE mnsec_status mn_card_bind_open(const mn_card_bench *bench,
                                              const mn_card_binding *binding,
                                              mn_secret *out_card_secret);

#endif
