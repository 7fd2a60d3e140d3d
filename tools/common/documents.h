/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing a document kind: nobody knows the codes by heart.
 */
#ifndef TOOLS_DOCUMENTS_H
#define TOOLS_DOCUMENTS_H

#include "mnsec/document.h"
#include "prompt.h"

/* Show the kinds and ask for one, by number or by code; "" = none of them.
 * Errors: as prompt_line(); an unknown code is left to the library to refuse. */
MNSEC_MUST_USE mnsec_status documents_choose(prompt *p, char out_code[PROMPT_LINE_BYTES]);

/* Likewise for one or more, by numbers or codes with blanks or commas between; what is not known is
 * told, and asked again. Codes with one blank between; "" = none. */
MNSEC_MUST_USE mnsec_status documents_choose_some(prompt *p, char out_codes[PROMPT_LINE_BYTES]);
/* Every code, in the order of the list. */
void documents_each(void (*see)(void *user, const char *code), void *user);

#endif
