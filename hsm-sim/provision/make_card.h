/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes one simulated card: initialises a blank token of a PKCS#11 module and puts keys and
 * certificate on it, as a card's issuer would. Keys are made on the token and never leave it.
 */
#ifndef MN_MAKE_CARD_H
#define MN_MAKE_CARD_H

#include <stdbool.h>
#include <stddef.h>

#define MN_MAKE_CARD_PIN_BYTES    256
#define MN_MAKE_CARD_SERIAL_BYTES 17

typedef struct mn_make_card_pin {
    unsigned char bytes[MN_MAKE_CARD_PIN_BYTES];
    size_t len;
} mn_make_card_pin;

typedef struct mn_make_card_order {
    const char *module; /* absolute path */
    const char *name;   /* token label and CN */
    const char *profile;
    mn_make_card_pin *pin;
    mn_make_card_pin *so_pin;
} mn_make_card_order;

bool mn_make_card_is_profile(const char *profile);
/* NULL: made, and out_serial is the token's. Else which step failed. */
const char *mn_make_card(const mn_make_card_order *order,
                         char out_serial[MN_MAKE_CARD_SERIAL_BYTES]);

#endif
