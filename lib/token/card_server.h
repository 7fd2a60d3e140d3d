/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's side of card_wire.h: one module, at most one logged-in card, whole requests
 * answered. What the program lib/cardworker puts into a loop; no CK_ type is seen here.
 */
#ifndef MN_CARD_SERVER_H
#define MN_CARD_SERVER_H

#include "token/card_wire.h"

typedef struct mn_card_server mn_card_server;

/* The module is loaded by the first request that needs it. mn_crypto_init() comes first. */
MNSEC_MUST_USE mnsec_status mn_card_server_new(const char *module_path, const char *tries,
                                               mn_card_server **out_server);
/* Logs out and unloads the module, which lets go of the cards. */
void mn_card_server_free(mn_card_server *server);
MN_AUTO_PTR_DECLARE(mn_card_server)

/* Always an answer; a failure is one too. */
void mn_card_server_answer(mn_card_server *server, const mn_card_wire_request *request,
                           mn_card_wire_answer *out_answer);
bool mn_card_server_is_logged_in(const mn_card_server *server);
/* Look whether the logged-in card is still there, and drop the log-in if not. */
/* Description of the slot of the logged-in card; empty where none is. */
void mn_card_server_reader(const mn_card_server *server, char out_description[65]);
/* The reader says that the logged-in card has left: so it has, whatever the module says. */
void mn_card_server_lose(mn_card_server *server);
bool mn_card_server_has_lost(mn_card_server *server);

#endif
