/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker process as card.c sees it: a request goes in, an answer comes out, and what is left of
 * a log-in when the process ends is a card that was removed. Internal to token/.
 */
#ifndef MN_CARD_WORKER_H
#define MN_CARD_WORKER_H

#include <sys/types.h>

#include "token/card_wire.h"

struct mn_card_worker {
    char *program;
    char *module_path;
    char *tries; /* NULL = none are kept */
    unsigned deadline_ms;
    mn_error *err; /* borrowed, may be NULL */
    pid_t owner;   /* the process that may use this handle */
    pid_t pid;     /* 0 = no process */
    int fd;        /* our end of the pair, -1 = none */
    bool logged_in;
    bool removed;          /* the logged-in card left, and nobody has logged in or out since */
    mn_buf spki;           /* key of the logged-in card */
    mn_signature_key *key; /* the same, read at its first signature */
};

/* One request, within the deadline and extra_ms more. Starts a process where there is none. A
 * failure that the worker reports is noted in err. After any other failure the process is gone. */
MNSEC_MUST_USE mnsec_status mn_card_worker_exchange(mn_card_worker *worker,
                                                    const mn_card_wire_request *request,
                                                    unsigned extra_ms, mn_error *err,
                                                    mn_card_wire_answer *out_answer);
/* Reads what the worker said unasked; notes a removal or its end. */
void mn_card_worker_listen(mn_card_worker *worker);
/* Forget the log-in; removed: as that of a card that has left. */
void mn_card_worker_forget(mn_card_worker *worker, bool removed);
/* At once, without its leave. */
void mn_card_worker_kill(mn_card_worker *worker);

#endif
