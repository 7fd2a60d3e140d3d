/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest card there can be behind hsm-sim/vreader: it has an ATR and echoes commands, or
 * misbehaves in one way. For tests of the reader; a card that PKCS#11 understands is hsm-sim/vcard.
 */
#ifndef TINY_CARD_H
#define TINY_CARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vreader_wire.h"

typedef enum tiny_card_manner {
    TINY_CARD_ECHO,             /* response: the command, then 90 00 */
    TINY_CARD_MUTE,             /* to a command; powered up it answers */
    TINY_CARD_VANISHES,         /* at a command */
    TINY_CARD_ANSWERS_WRONG,    /* a command with an ATR */
    TINY_CARD_ANSWERS_LONG,     /* a command with more than a frame may hold */
    TINY_CARD_ANSWERS_SHORT,    /* a command with one byte */
    TINY_CARD_ANSWERS_EMPTY,    /* a command with an empty packet */
    TINY_CARD_CHATTERS,         /* each answer twice */
    TINY_CARD_FORGETS_ATR,      /* powered up it answers with an ATR of no bytes */
    TINY_CARD_ANSWERS_AND_GOES, /* answers a command and leaves */
} tiny_card_manner;

extern const uint8_t tiny_card_atr[];
extern const size_t tiny_card_atr_len;

/* A connection to a reader, without a word said; -1: there is none. */
int tiny_card_connect(const char *path);
bool tiny_card_say(int fd, uint8_t type, const uint8_t *payload, size_t len);
/* Inserted (its ATR is sent) and in the reader until either side ends it; closes fd. */
void tiny_card_serve(int fd, tiny_card_manner manner);

#endif
