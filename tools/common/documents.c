/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document kinds as a numbered list. Questions go to where people are asked, not to standard
 * output.
 */
#include "documents.h"

#include <stdio.h>
#include <string.h>

#include "exit.h"
#include "line.h"
#include "words.h"

#define LIST_BYTES 8192
#define KINDS_MAX  32

/* The list as a question, and the code of the number that was typed. */
typedef struct chooser {
    char text[LIST_BYTES];
    size_t len;
    unsigned count;
    unsigned wanted;         /* 0 = none */
    const char *wanted_code; /* NULL = by number */
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
    if (c->wanted_code != NULL ? strcmp(document->code, c->wanted_code) == 0
                               : c->count == c->wanted) {
        c->code = document->code;
    }
    return 0;
}

/* The code that a word means, or NULL. */
static const char *find_code(const char *word)
{
    chooser c = {0};
    if (!line_choice(word, &c.wanted)) {
        c.wanted_code = word;
    }
    return mnsec_document_list(see, &c) == MNSEC_OK ? c.code : NULL;
}

/* Codes of the words of line, which is cut. The first word that is none, or NULL. */
static const char *read_codes(char *line, char out_codes[PROMPT_LINE_BYTES])
{
    static const char *const commas[] = {",", "、", "，", "　"};
    char *words[KINDS_MAX];
    size_t used = 0;
    for (size_t i = 0; i < COUNT_OF(commas); i++) {
        for (char *at = strstr(line, commas[i]); at != NULL; at = strstr(at, commas[i])) {
            memset(at, ' ', strlen(commas[i]));
        }
    }
    const size_t count = line_split(line, words, COUNT_OF(words));
    out_codes[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const char *code = find_code(words[i]);
        if (code == NULL || used + strlen(code) + 2 > PROMPT_LINE_BYTES) {
            return words[i];
        }
        used += (size_t)snprintf(out_codes + used, PROMPT_LINE_BYTES - used, "%s%s",
                                 used > 0 ? " " : "", code);
    }
    return NULL;
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

mnsec_status documents_choose_some(prompt *p, char out_codes[PROMPT_LINE_BYTES])
{
    chooser c = {0};
    MN_TRY(mnsec_document_list(see, &c));
    (void)snprintf(c.text + c.len, sizeof(c.text) - c.len, "%s",
                   _("For which document kinds (numbers or codes, such as 1 6)?"));
    const char *question = c.text;
    for (;;) {
        char line[PROMPT_LINE_BYTES];
        char codes[PROMPT_LINE_BYTES];
        MN_TRY(prompt_line(p, question, line));
        const char *wrong = read_codes(line, codes);
        if (wrong == NULL) {
            memcpy(out_codes, codes, sizeof(codes));
            return MNSEC_OK;
        }
        exit_say(_("\"%s\" is not in the list of document kinds"), wrong);
        question = _("For which document kinds (numbers or codes, such as 1 6)?");
    }
}

typedef struct visitor {
    void (*see)(void *user, const char *code);
    void *user;
} visitor;

static int visit(void *user, const mnsec_document *document)
{
    const visitor *v = user;
    v->see(v->user, document->code);
    return 0;
}

void documents_each(void (*see_code)(void *user, const char *code), void *user)
{
    visitor v = {.see = see_code, .user = user};
    const mnsec_status status = mnsec_document_list(visit, &v);
    (void)status; /* a list in the program */
}
