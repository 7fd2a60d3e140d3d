/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret by pinentry, the little program that desktops and terminals already have for it (Assuan
 * protocol over a socket). It is found in PATH or as /usr/bin/pinentry.
 */
#ifndef TOOLS_PINENTRY_H
#define TOOLS_PINENTRY_H

#include "locked.h"

typedef struct pinentry_question {
    const char *title;
    const char *text;
    const char *label; /* before the field */
    const char *error; /* what was wrong before, or NULL */
} pinentry_question;

/* Ask. Errors: STATE_CANCELLED (by the person, or a signal), STATE_NOT_FOUND (there is no pinentry,
 * or it cannot work here: ask in another way) */
MNSEC_MUST_USE mnsec_status pinentry_ask(const pinentry_question *question, locked *out_answer);

#endif
