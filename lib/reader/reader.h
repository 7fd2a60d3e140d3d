/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Card readers as the smart-card service (pcscd) sees them, with or without a card that any module
 * knows: what a person looking for the cause of "no card" wants to be told. The only user of
 * pcsc-lite. A logged-in card that leaves is noticed by its worker (token/card.h), not here.
 */
#ifndef MN_READER_H
#define MN_READER_H

#include "base/base.h"
#include "base/error.h"

/* As many as pcscd can have. */
#define MN_READER_MAX 16

typedef struct mn_reader {
    char name[128];
    bool has_card;
    bool is_mute;   /* the card in it does not answer: upside down, dirty, no chip */
    bool is_in_use; /* by some program, ours included */
} mn_reader;

/* Looks once, waits for nothing. out_readers has room for MN_READER_MAX. STATE_NOT_FOUND where the
 * service is not running; CARD_FAULT. */
MNSEC_MUST_USE mnsec_status mn_reader_list(mn_error *err, mn_reader *out_readers,
                                           size_t *out_count);

#endif
