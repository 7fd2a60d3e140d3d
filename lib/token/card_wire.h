/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library and the card worker say to each other: one request, one answer, and an event
 * when the logged-in card has left. Canonical encodings, one to a message of a SOCK_SEQPACKET pair.
 * Whole messages live in secure memory, because some carry a PIN or a card secret.
 *
 * Either side takes the other for hostile: a module that crashed the worker may have taken it over.
 */
#ifndef MN_CARD_WIRE_H
#define MN_CARD_WIRE_H

#include "token/card.h"

/* The worker's end of the pair, and its only descriptor besides /dev/null. */
#define MN_CARD_WIRE_DESCRIPTOR            3

#define MN_CARD_WIRE_MAX_BYTES             (128U * 1024U)
#define MN_CARD_WIRE_PIN_MAX_BYTES         255U
#define MN_CARD_WIRE_CERTIFICATE_MAX_BYTES (6U * 1024U)
#define MN_CARD_WIRE_SECRET_BYTES          32U

typedef enum mn_card_command {
    MN_CARD_COMMAND_NONE = 0,
    MN_CARD_COMMAND_LIST = 1,
    MN_CARD_COMMAND_LOGIN = 2,
    MN_CARD_COMMAND_LOGOUT = 3,
    MN_CARD_COMMAND_PRESENT = 4,
    MN_CARD_COMMAND_BIND = 5,
    MN_CARD_COMMAND_SECRET = 6,
    MN_CARD_COMMAND_SIGN = 7,
    MN_CARD_COMMAND_CHANGE_PIN = 8
} mn_card_command;

/* A field that a command has no use for is zero, and refused when it is not. */
typedef struct mn_card_wire_request {
    mn_card_command command;
    mn_card_method method;  /* BIND */
    bool final_try_consent; /* LOGIN */
    uint8_t spki_hash[32];  /* LOGIN, CHANGE_PIN */
    mn_buf payload;         /* SECRET: the binding; SIGN: the message */
    mn_secret pin;          /* LOGIN (empty = PIN pad), CHANGE_PIN (the old one) */
    mn_secret new_pin;      /* CHANGE_PIN */
} mn_card_wire_request;
void mn_card_wire_request_wipe(mn_card_wire_request *request);

typedef enum mn_card_wire_answer_kind {
    MN_CARD_ANSWER_NONE = 0,
    MN_CARD_ANSWER_RESULT = 1, /* of the request */
    MN_CARD_ANSWER_REMOVED = 2 /* unasked: the logged-in card has left */
} mn_card_wire_answer_kind;

typedef struct mn_card_wire_answer {
    mn_card_wire_answer_kind kind;
    mnsec_status status;
    long native;          /* CKR_… where status is not OK */
    mn_buf text;          /* one line where status is not OK */
    mn_signature_alg alg; /* SIGN */
    mn_buf payload;       /* LIST: cards; LOGIN: SPKI; BIND: binding; SIGN: signature */
    mn_secret secret;     /* BIND, SECRET: the card secret */
} mn_card_wire_answer;
void mn_card_wire_answer_wipe(mn_card_wire_answer *answer);

/* --- card_wire.c: bytes. A decoder answers USAGE_FORMAT on anything an encoder would not write. */
MNSEC_MUST_USE mnsec_status mn_card_wire_put_request(const mn_card_wire_request *request,
                                                     mn_secret *out_message);
MNSEC_MUST_USE mnsec_status mn_card_wire_get_request(const mn_secret *message,
                                                     mn_card_wire_request *out_request);
MNSEC_MUST_USE mnsec_status mn_card_wire_put_answer(const mn_card_wire_answer *answer,
                                                    mn_secret *out_message);
MNSEC_MUST_USE mnsec_status mn_card_wire_get_answer(const mn_secret *message,
                                                    mn_card_wire_answer *out_answer);
/* Is this a status that an answer may have? */
bool mn_card_wire_can_say(mnsec_status status);
MNSEC_MUST_USE mnsec_status mn_card_wire_put_cards(const mn_card_info *cards, size_t count,
                                                   mn_buf *out_payload);
/* out_cards has room for MN_CARD_MAX. */
MNSEC_MUST_USE mnsec_status mn_card_wire_get_cards(mn_bytes payload, mn_card_info *out_cards,
                                                   size_t *out_count);

/* --- card_wire_socket.c: messages. deadline: of mn_clock_system, milliseconds; -1 = none. --- */
/* CARD_TIMEOUT; STATE_END when the other side is gone; CARD_FAULT. */
MNSEC_MUST_USE mnsec_status mn_card_wire_socket_send(int fd, const mn_secret *message,
                                                     int64_t deadline);
MNSEC_MUST_USE mnsec_status mn_card_wire_socket_receive(int fd, int64_t deadline,
                                                        mn_secret *out_message);
/* Is there something to read (or the other side gone), now? */
bool mn_card_wire_socket_has(int fd);

#endif
