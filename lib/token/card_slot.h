/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards as slots of the PKCS#11 module, looked at without PIN. Used in the worker only; internal to
 * token/. A card shows its certificates; the one of its signing key says who it is.
 */
#ifndef MN_CARD_SLOT_H
#define MN_CARD_SLOT_H

#include "token/card.h"
#include "token/p11.h"

/* Up to MN_CARD_MAX cards that show a usable certificate. A slot that fails is passed over; where
 * no card is found, its failure is the answer. */
MNSEC_MUST_USE mnsec_status mn_card_slot_list(mn_p11 *module, mn_error *err,
                                              mn_card_info *out_cards, size_t *out_count);
/* A session with the one card that shows a certificate of this key. It has been open since before
 * the certificate was read, so that it does not outlive a change of card. CARD_ABSENT,
 * CARD_AMBIGUOUS. */
MNSEC_MUST_USE mnsec_status mn_card_slot_find(mn_p11 *module, const uint8_t spki_hash[32],
                                              bool writable, mn_error *err,
                                              mn_p11_session *out_session, mn_buf *out_spki);
/* May a PIN be tried on the card of this session? CARD_BLOCKED, CARD_FINAL_TRY, CARD_UNSUITABLE (no
 * PIN set), USAGE (by_pad, and the reader has none). */
MNSEC_MUST_USE mnsec_status mn_card_slot_admit(const mn_p11_session *session, bool by_pad,
                                               bool final_try_consent);

#endif
