/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reader with room for one card, whatever pcscd is: who is in, and what is asked of it. All
 * calls may come from any thread. A card that breaks vreader_wire.h, or is mute for longer than the
 * limit, is out; between two cards "absent" is always told once, so that a quick swap is seen.
 */
#ifndef VREADER_SLOT_H
#define VREADER_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vreader_wire.h"

#define VREADER_SLOT_ARRIVAL_MS 2000  /* from connecting to the ATR */
#define VREADER_SLOT_ANSWER_MS  60000 /* unless told otherwise */

typedef struct vreader_slot vreader_slot;

typedef enum vreader_answer {
    VREADER_ANSWERED,
    VREADER_ABSENT, /* no card, or it left instead of answering */
    VREADER_MUTE    /* not in time, and therefore out now */
} vreader_answer;

typedef struct vreader_atr {
    uint8_t bytes[VREADER_ATR_MAX];
    size_t len;
} vreader_atr;

/* A reader that listens at path; NULL: errno says why. answer_ms: the limit of each answer. */
vreader_slot *vreader_slot_open(const char *path, int64_t answer_ms);
/* Ends what other threads are waiting for; from now on there is no card. */
void vreader_slot_stop(vreader_slot *slot);
/* Only when no other thread is in a call any more; NULL is allowed. */
void vreader_slot_close(vreader_slot *slot);

/* Is a card in? Looks at what has happened; never waits. */
bool vreader_slot_is_present(vreader_slot *slot);
/* Waits until a card has come or gone since is_present() last told, until wake() or the time. */
void vreader_slot_wait(vreader_slot *slot, int64_t timeout_ms);
void vreader_slot_wake(vreader_slot *slot);

/* question: VREADER_POWER_UP or VREADER_RESET. */
vreader_answer vreader_slot_power_up(vreader_slot *slot, uint8_t question, vreader_atr *out_atr);
vreader_answer vreader_slot_power_off(vreader_slot *slot);
/* The ATR that the card in the reader last gave; its len is 0 where there is none. */
void vreader_slot_atr(vreader_slot *slot, vreader_atr *out_atr);
vreader_answer vreader_slot_transmit(vreader_slot *slot, const uint8_t *command, size_t command_len,
                                     uint8_t out_response[VREADER_APDU_MAX], size_t *out_len);

#endif
