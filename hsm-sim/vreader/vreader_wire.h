/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a virtual reader and a virtual card say to each other. The reader (a driver inside pcscd)
 * listens on a Unix socket of its own, SOCK_SEQPACKET, mode 0600: one frame is one packet, and its
 * first byte says what it is. A card is inserted by connecting and sending its ATR, and removed by
 * closing; a second connection while a card is in waits until the first has left. The reader asks,
 * the card answers each question with one frame, in order. Anything else, and anything too long,
 * ends the connection: the card is out.
 */
#ifndef VREADER_WIRE_H
#define VREADER_WIRE_H

#define VREADER_ATR_MAX 33U
/* Extended APDU: header, Lc, data, Le; and a response of 65,536 bytes with its status word. */
#define VREADER_APDU_MAX  65544U
#define VREADER_FRAME_MAX (1U + VREADER_APDU_MAX)

enum {
    VREADER_ATR = 'A',       /* card: the ATR; unasked once when it is inserted, then in answer to
                                VREADER_POWER_UP and VREADER_RESET */
    VREADER_POWER_UP = 'P',  /* reader: no payload */
    VREADER_RESET = 'R',     /* reader: no payload; what was verified is forgotten */
    VREADER_POWER_OFF = 'O', /* reader: no payload; answered by the same frame */
    VREADER_APDU = 'T'       /* reader: a command APDU; card: its response APDU */
};

#endif
