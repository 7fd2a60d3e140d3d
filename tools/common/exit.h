/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a tool says what went wrong, and what it ends with. On standard error,
 *
 *     mncard-record: log-in refused
 *     hint: check card, PIN and password; after wrong attempts there is a waiting time
 *
 * and the exit code is the class of the status (mnsec/status.h): 0 done, 1 internal, 2 usage,
 * 3 denied, 4 state, 5 card or token, 6 store, 7 integrity.
 */
#ifndef TOOLS_EXIT_H
#define TOOLS_EXIT_H

#include "idiom.h"
#include "mnsec/context.h"

/* Exit code of a status: its class. */
int exit_code(mnsec_status status);

/* The program's name before each line; "mncard" until it is set. */
void exit_name(const char *name);

/* "NAME: what happened". Formats are translated by the caller: exit_say(_("…"), …). */
void exit_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "hint: a way out" */
void exit_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Say it and give the status back: `return exit_refuse(MNSEC_E_USAGE, _("…"));`. exit_report()
 * then keeps silent about it. */
MNSEC_MUST_USE mnsec_status exit_refuse(mnsec_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Say what a failed status means, with the detail of the context (may be NULL) and a way out where
 * one is known; nothing when it is MNSEC_OK or has been said by exit_refuse(). Returns the exit
 * code. */
int exit_report(mnsec_status status, const mnsec_context *context);

/* The detail of the context for this status, "" where there is none. Any further call of the
 * library forgets it. */
#define EXIT_DETAIL_BYTES 512
void exit_detail(mnsec_status status, const mnsec_context *context,
                 char out_detail[EXIT_DETAIL_BYTES]);
/* As exit_report(), with a detail that was taken before. */
int exit_report_detail(mnsec_status status, const char *detail);

#endif
