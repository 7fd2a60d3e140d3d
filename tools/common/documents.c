/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document kinds as a numbered list. Questions go to where people are asked, not to standard
 * output.
 */
#include "documents.h"

#include <stdio.h>
#include <string.h>

#include "line.h"
#include "words.h"

#define LIST_BYTES 8192

/* The list as a question, and the code of the number that was typed. */
typedef struct chooser {
    char text[LIST_BYTES];
    size_t len;
    unsigned count;
    unsigned wanted; /* 0 = none */
    const char *code;
} chooser;

static int see(void *user, const mnsec_document *document)
{
    chooser *c = user;
    c->count++;
    const int len = snprintf(c->text + c->len, sizeof(c->text) - c->len, "%3u  %-13s %s\n",
                             c->count, document->code, document->name);
    if (len < 0 || (size_t)len >= sizeof(c->text) - c->len) {
        return 1;
    }
    c->len += (size_t)len;
    if (c->count == c->wanted) {
        c->code = document->code;
    }
    return 0;
}

mnsec_status documents_choose(prompt *p, char out_code[PROMPT_LINE_BYTES])
{
    chooser c = {0};
    MN_TRY(mnsec_document_list(see, &c));
    (void)snprintf(c.text + c.len, sizeof(c.text) - c.len, "%s",
                   _("For which document kind (number or code)?"));
    MN_TRY(prompt_line(p, c.text, out_code));
    if (!line_choice(out_code, &c.wanted)) {
        return MNSEC_OK;
    }
    c.len = 0;
    c.count = 0;
    MN_TRY(mnsec_document_list(see, &c));
    (void)snprintf(out_code, PROMPT_LINE_BYTES, "%s", c.code != NULL ? c.code : "");
    return MNSEC_OK;
}
