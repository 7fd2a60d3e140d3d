/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal of the person in front of it, /dev/tty: there even when the standard streams are
 * files, and never one of them. Echo comes back on every way out.
 */
#ifndef TOOLS_TERMINAL_H
#define TOOLS_TERMINAL_H

#include "locked.h"

/* A terminal, or standard input in its place. */
typedef struct terminal {
    int in;
    int out;
    bool is_borrowed; /* not ours to close */
} terminal;

/* Errors: STATE_NOT_FOUND (no terminal) */
MNSEC_MUST_USE mnsec_status terminal_open(terminal *out_terminal);
void terminal_wipe(terminal *t);
/* Write a text; failures do not matter here: the answer then does not come. */
void terminal_put(const terminal *t, const char *text);
/* Read one byte into *out_byte, waiting for beside too (process_wait()). Errors: STATE_CANCELLED,
 * STATE_END (end of input), STATE_CHANGED (time is out, or beside is readable) */
MNSEC_MUST_USE mnsec_status terminal_get(const terminal *t, int beside, int timeout_ms,
                                         char *out_byte);
/* A line without its end, echo off. Errors: STATE_CANCELLED, USAGE (too long) */
MNSEC_MUST_USE mnsec_status terminal_secret(const terminal *t, const char *question,
                                            locked *out_line);
/* Show a text that must not stay on the screen, until Enter or for so many seconds (0 = until
 * Enter). Errors: STATE_CANCELLED */
MNSEC_MUST_USE mnsec_status terminal_show(const terminal *t, const char *text, unsigned seconds);
/* Bring echo back, if it is off: for a signal handler. */
void terminal_restore(void);

#endif
