/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a binding and what the card made of it to the card secret (docs/FORMATS.md, section 4.2).
 * Pure; the card's part is card_bind.h, the encoding card.h.
 */
#ifndef MN_CARD_BINDING_H
#define MN_CARD_BINDING_H

#include "token/card.h"

#define MN_CARD_BINDING_SALT_BYTES 32U

/* card_secret = HKDF(raw, info = the binding itself): raw is the shared x coordinate, the decrypted
 * secret or the signature. */
MNSEC_MUST_USE mnsec_status mn_card_binding_derive(const mn_card_binding *binding,
                                                   const mn_secret *raw,
                                                   mn_secret *out_card_secret);
/* What a card signs for RSA_SIGN: key and salt behind a purpose of their own. */
MNSEC_MUST_USE mnsec_status mn_card_binding_message(const mn_card_binding *binding,
                                                    mn_buf *out_message);
/* Is this such a message? Then nobody may have it signed: the signature is a secret. */
bool mn_card_binding_is_message(mn_bytes message);

#endif
