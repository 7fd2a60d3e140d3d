/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that are edited while they are typed: cursor keys, a history, completion with Tab
 * (libedit). Only mncard-desk has it, and only on a terminal that can do it; elsewhere
 * prompt_line() reads.
 *
 * The history is in memory alone. Secrets never come here: they are asked for in prompt.c. Numbers
 * are not kept, nor parts of them.
 */
#ifndef TOOLS_EDIT_H
#define TOOLS_EDIT_H

#include "prompt.h"

typedef struct edit edit;

/* Offers what may stand where the last word of before is being typed, with edit_offer(). */
typedef void (*edit_complete)(void *user, edit *e, const char *before);

/* NULL where lines cannot be edited here: a pipe, a terminal that is dumb. p is borrowed. */
edit *edit_new(prompt *p, edit_complete complete, void *user);
void edit_free(edit *e);
/* As prompt_line(). keep = the line may go into the history. */
MNSEC_MUST_USE mnsec_status edit_line(edit *e, const char *question, bool keep,
                                      char out_line[PROMPT_LINE_BYTES]);
/* A word that would fit; passed over where it does not begin as the one that is being typed. */
void edit_offer(edit *e, const char *word);

/* May this line be kept? False where four digits stand in a row, except as part of a code such as
 * E0501, which has at most seven. */
bool edit_may_keep(const char *line);

#endif
