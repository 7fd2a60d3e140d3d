/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking people: secrets, consents, and what was left out of the command line.
 *
 * A secret comes from --secrets-fd where that was given, and then from nowhere else; else from
 * pinentry, else from the terminal with echo off. It lives in locked memory only (locked.h). A
 * consent that costs something (the last PIN try, the first contact with a facility) is always
 * asked of a person; --yes answers the others. Prompts go to the terminal, never to standard
 * output. Every wait ends at a signal, and where a watch is set when it says so.
 */
#ifndef TOOLS_PROMPT_H
#define TOOLS_PROMPT_H

#include "answers.h"
#include "idiom.h"
#include "mnsec/context.h"

/* Something else to look at while waiting for a line: the card (mncard-desk). */
typedef struct prompt_watch {
    int (*descriptor)(void *user); /* readable = look; -1 = look every second */
    bool (*look)(void *user);      /* true = stop waiting */
    void *user;
} prompt_watch;

typedef struct prompt {
    answers given;      /* of --secrets-fd */
    bool has_answers;   /* --secrets-fd was given */
    bool yes;           /* --yes */
    bool from_input;    /* ask on standard input and output instead of the terminal (desk) */
    const char *papers; /* mncard-init --papers: a folder for what is otherwise shown */
    prompt_watch watch; /* zeroed = none */
} prompt;

/* Read the answers of --secrets-fd (text of a number, or NULL = none), and close it. */
MNSEC_MUST_USE mnsec_status prompt_init(prompt *out_prompt, const char *secrets_fd, bool yes);
void prompt_wipe(prompt *p);

/* The callbacks of a context; user is a prompt. */
mnsec_status prompt_secret(void *user, const mnsec_secret_request *request,
                           mnsec_secret_sink *sink);
mnsec_status prompt_notice(void *user, const mnsec_notice *notice);

/* Can a person be asked? */
bool prompt_can_ask(const prompt *p);
/* A line of text, trimmed. Errors: STATE_CANCELLED (signal), STATE_END (end of input, or the watch
 * says stop), USAGE (nobody there to ask) */
#define PROMPT_LINE_BYTES 512
MNSEC_MUST_USE mnsec_status prompt_line(prompt *p, const char *question,
                                        char out_line[PROMPT_LINE_BYTES]);
/* One byte of such a line; what is watched is looked at meanwhile. Same errors. */
struct terminal;
MNSEC_MUST_USE mnsec_status prompt_byte(prompt *p, const struct terminal *t, char *out_byte);
/* Yes or no; no is the default. MNSEC_E_STATE_CANCELLED = no. */
MNSEC_MUST_USE mnsec_status prompt_confirm(prompt *p, const char *question);

#endif
