/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libedit between a terminal and the desk. libedit draws; the bytes come through prompt_byte(), so
 * that the card is watched while somebody types. Nothing is read from a user's ~/.editrc.
 */
#include "edit.h"

#include <histedit.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "line.h"
#include "terminal.h"

#define HISTORY_LINES 100
#define LIST_BYTES    4096
#define DIGITS_MAX    3
#define CODE_DIGITS   7

struct edit {
    prompt *asked;
    EditLine *line;
    History *history;
    FILE *out;
    edit_complete complete;
    void *user;
    const char *question;
    mnsec_status status; /* why reading ended */

    /* one completion */
    const char *word; /* what is being typed, without a quote before it */
    char common[PROMPT_LINE_BYTES];
    char offered[LIST_BYTES];
    size_t count;
};

static edit *of(EditLine *line)
{
    edit *e = NULL;
    (void)el_get(line, EL_CLIENTDATA, &e);
    return e;
}

static char *show_question(EditLine *line)
{
    static char text[PROMPT_LINE_BYTES];
    (void)snprintf(text, sizeof(text), "%s ", of(line)->question);
    return text;
}

/* A character for libedit; 0 ends the line. */
static int read_character(EditLine *line, wchar_t *out_character)
{
    edit *e = of(line);
    const terminal t = {.in = STDIN_FILENO, .out = STDERR_FILENO, .is_borrowed = true};
    mbstate_t state = {0};
    for (;;) {
        char byte = '\0';
        e->status = prompt_byte(e->asked, &t, &byte);
        if (e->status != MNSEC_OK) {
            return 0;
        }
        const size_t len = mbrtowc(out_character, &byte, 1, &state);
        if (len != (size_t)-1 && len != (size_t)-2) {
            return 1;
        }
        if (len == (size_t)-1) { /* no UTF-8: passed over */
            state = (mbstate_t){0};
        }
    }
}

/* --- completion ----------------------------------------------------------------------------------
 */

/* Where the word begins that is being typed. */
static size_t word_start(const char *before)
{
    size_t start = 0;
    bool quoted = false;
    for (size_t i = 0; before[i] != '\0'; i++) {
        if (before[i] == '"') {
            quoted = !quoted;
            start = quoted ? i + 1 : start;
        } else if (before[i] == ' ' && !quoted) {
            start = i + 1;
        }
    }
    return start;
}

/* Both begin alike so far; not in the middle of a character. */
static size_t common_bytes(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] != '\0' && a[len] == b[len]) {
        len++;
    }
    while (len > 0 && ((unsigned char)a[len] & 0xC0U) == 0x80U) {
        len--;
    }
    return len;
}

void edit_offer(edit *e, const char *word)
{
    const size_t typed = strlen(e->word);
    if (strncmp(word, e->word, typed) != 0 || strlen(word) >= sizeof(e->common)) {
        return;
    }
    if (e->count++ == 0) {
        (void)snprintf(e->common, sizeof(e->common), "%s", word);
    } else {
        e->common[common_bytes(e->common, word)] = '\0';
    }
    const size_t used = strlen(e->offered);
    (void)snprintf(e->offered + used, sizeof(e->offered) - used, "  %s", word);
}

/* The whole of the one word that fits, in quotes where it holds a blank. */
static unsigned char finish_word(EditLine *line, const edit *e, bool quoted)
{
    const bool needs_quotes = strchr(e->common, ' ') != NULL && !quoted;
    char text[PROMPT_LINE_BYTES + 4];
    if (needs_quotes) {
        const size_t typed = mbstowcs(NULL, e->word, 0);
        el_deletestr(line, typed == (size_t)-1 ? 0 : (int)typed);
    }
    (void)snprintf(text, sizeof(text), "%s%s%s ", needs_quotes ? "\"" : "",
                   needs_quotes ? e->common : e->common + strlen(e->word),
                   needs_quotes || quoted ? "\"" : "");
    return el_insertstr(line, text) == 0 ? CC_REFRESH : CC_ERROR;
}

static unsigned char complete(EditLine *line, int character)
{
    edit *e = of(line);
    const LineInfo *info = el_line(line);
    char before[PROMPT_LINE_BYTES];
    (void)character;
    (void)snprintf(before, sizeof(before), "%.*s", (int)(info->cursor - info->buffer),
                   info->buffer);
    const size_t start = word_start(before);
    e->word = before + start;
    e->count = 0;
    e->common[0] = '\0';
    e->offered[0] = '\0';
    e->complete(e->user, e, before);
    const size_t typed = strlen(e->word);
    if (e->count == 0) {
        return CC_ERROR;
    }
    if (e->count == 1) {
        return finish_word(line, e, start > 0 && before[start - 1] == '"');
    }
    if (strlen(e->common) > typed && strchr(e->common, ' ') == NULL) {
        return el_insertstr(line, e->common + typed) == 0 ? CC_REFRESH : CC_ERROR;
    }
    (void)fprintf(e->out, "\n%s\n", e->offered);
    (void)fflush(e->out);
    return CC_REDISPLAY;
}

/* --- the history ---------------------------------------------------------------------------------
 */

bool edit_may_keep(const char *line)
{
    size_t digits = 0;
    bool is_code = false;
    for (const char *at = line; *at != '\0';) {
        size_t len = 1;
        const bool is_digit = line_digit(at, &len) >= 0;
        digits = is_digit ? digits + 1 : 0;
        if (digits > (is_code ? CODE_DIGITS : DIGITS_MAX)) {
            return false;
        }
        if (!is_digit) {
            is_code = (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z');
        }
        at += len;
    }
    return true;
}

static void keep_line(edit *e, const char *line)
{
    unsigned number = 0;
    HistEvent event;
    if (line[0] != '\0' && !line_choice(line, &number) && edit_may_keep(line)) {
        (void)history(e->history, &event, H_ENTER, line);
    }
}

/* --- exported ------------------------------------------------------------------------------------
 */

static bool can_edit(const prompt *p)
{
    const char *kind = getenv("TERM");
    return p->from_input && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 &&
           kind != NULL && kind[0] != '\0' && strcmp(kind, "dumb") != 0;
}

static bool prepare(edit *e)
{
    HistEvent event;
    const int copy = dup(STDERR_FILENO);
    e->out = copy >= 0 ? fdopen(copy, "w") : NULL;
    if (e->out == NULL) {
        return false;
    }
    e->history = history_init();
    e->line = el_init("mncard", stdin, e->out, e->out);
    return e->history != NULL && e->line != NULL &&
           history(e->history, &event, H_SETSIZE, HISTORY_LINES) >= 0 &&
           history(e->history, &event, H_SETUNIQUE, 1) >= 0 &&
           el_set(e->line, EL_CLIENTDATA, e) == 0 && el_set(e->line, EL_EDITOR, "emacs") == 0 &&
           el_set(e->line, EL_SIGNAL, 0) == 0 && el_set(e->line, EL_PROMPT, show_question) == 0 &&
           el_set(e->line, EL_HIST, history, e->history) == 0 &&
           el_set(e->line, EL_GETCFN, read_character) == 0 &&
           /* wide: libedit never frees the copies that its narrow call makes of the names */
           el_wset(e->line, EL_ADDFN, L"mn-complete", L"complete", complete) == 0 &&
           el_set(e->line, EL_BIND, "^I", "mn-complete", NULL) == 0;
}

edit *edit_new(prompt *p, edit_complete complete_word, void *user)
{
    edit *e = can_edit(p) ? calloc(1, sizeof(*e)) : NULL;
    if (e == NULL) {
        return NULL;
    }
    *e = (edit){.asked = p, .complete = complete_word, .user = user};
    if (!prepare(e)) {
        edit_free(e);
        return NULL;
    }
    return e;
}

void edit_free(edit *e)
{
    if (e == NULL) {
        return;
    }
    if (e->line != NULL) {
        el_end(e->line);
    }
    if (e->history != NULL) {
        history_end(e->history);
    }
    if (e->out != NULL) {
        (void)fclose(e->out);
    }
    free(e);
}

mnsec_status edit_line(edit *e, const char *question, bool keep, char out_line[PROMPT_LINE_BYTES])
{
    int len = 0;
    e->question = question;
    e->status = MNSEC_OK;
    const char *typed = el_gets(e->line, &len);
    if (typed == NULL || e->status != MNSEC_OK) {
        (void)fputc('\n', e->out);
        (void)fflush(e->out);
        return e->status != MNSEC_OK ? e->status : MNSEC_E_STATE_END;
    }
    char line[PROMPT_LINE_BYTES];
    (void)snprintf(line, sizeof(line), "%.*s", (int)strcspn(typed, "\n"), typed);
    line_trim(line);
    if (keep) {
        keep_line(e, line);
    }
    (void)snprintf(out_line, PROMPT_LINE_BYTES, "%s", line);
    return MNSEC_OK;
}
