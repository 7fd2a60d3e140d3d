/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The callbacks of a context and the questions of the tools. Which words belong to which secret or
 * notice is in the two tables; how the answer is got is in answers.c, pinentry.c and terminal.c.
 */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "line.h"
#include "pinentry.h"
#include "print.h"
#include "process.h"
#include "progress.h"
#include "terminal.h"
#include "words.h"

#define SECRET_BYTES 513 /* what mnsec_secret_give() takes, and NUL */
#define TEXT_BYTES   1024
#define PAPER_BYTES  4096
#define EMPTY_MAX    3
#define WATCH_MSEC   1000
#define FD_MAX       1024
#define SO_PIN_FILE  "so-pin-%s.txt"

/* What a secret is called; %s is its subject. */
static const struct {
    mnsec_secret_kind kind;
    const char *question;
    bool is_twice; /* new: typed twice, since nobody else can tell that it is right */
} secrets[] = {
    {MNSEC_SECRET_PIN, N_("PIN of the card of %s"), false},
    {MNSEC_SECRET_PASSWORD, N_("Own password of %s"), false},
    {MNSEC_SECRET_OPERATION, N_("Operation password of the department %s"), false},
    {MNSEC_SECRET_SECOND_PIN, N_("PIN of the second person's card, %s"), false},
    {MNSEC_SECRET_SECOND_PASSWORD, N_("Own password of the second person, %s"), false},
    {MNSEC_SECRET_SO_PIN, N_("Security officer PIN as it is on the paper, %s"), false},
    {MNSEC_SECRET_SPARE_PIN, N_("PIN as it is on the paper, %s"), false},
    {MNSEC_SECRET_NEW_PIN, N_("PIN of the card to be enrolled, %s"), false},
    {MNSEC_SECRET_NEW_PASSWORD, N_("New own password of %s (12 characters or more)"), true},
    {MNSEC_SECRET_NEW_OPERATION,
     N_("New operation password of the department %s (12 characters or more)"), true},
    {MNSEC_SECRET_SHARE, N_("Recovery share from the paper, %s"), false},
    {MNSEC_SECRET_NUMBER, N_("Individual Number of %s"), false},
    {MNSEC_SECRET_NUMBER_AGAIN, N_("Individual Number of %s, once more"), false},
};

/* How a notice is answered. */
typedef enum notice_form {
    NOTICE_CARD,   /* wait for a card */
    NOTICE_PAPER,  /* show what is to be written down */
    NOTICE_RISK,   /* accept; --yes will do */
    NOTICE_CONSENT /* accept; only a person can */
} notice_form;

static const struct {
    mnsec_notice_kind kind;
    notice_form form;
    const char *words; /* %s is the subject */
    const char *file;  /* of a paper; %s as well */
} notices[] = {
    {MNSEC_NOTICE_INSERT_CARD, NOTICE_CARD, N_("Insert the card of %s, then press Enter."), NULL},
    {MNSEC_NOTICE_SHOW_SO_PIN, NOTICE_PAPER,
     N_("Security officer PIN, %s. Write it down for the safe; it is shown only now and asked for "
        "next:"),
     SO_PIN_FILE},
    {MNSEC_NOTICE_SHOW_SPARE_PIN, NOTICE_PAPER,
     N_("PIN, %s. Write it down for the safe; it is shown only now:"), "pin-%s.txt"},
    {MNSEC_NOTICE_SHOW_SHARE, NOTICE_PAPER,
     N_("Recovery share, %s. Write it down for the safe; it is shown only now:"), "share-%s.txt"},
    {MNSEC_NOTICE_FINAL_TRY, NOTICE_CONSENT,
     N_("Only one PIN try is left on the card of %s. A wrong PIN now blocks the card. Go on?"),
     NULL},
    {MNSEC_NOTICE_SINGLE_PERSON, NOTICE_RISK,
     N_("%s: only one responsible person. Nobody else can help when that card is lost, and each "
        "export will say \"single control\". Go on?"),
     NULL},
    {MNSEC_NOTICE_NO_SPARE, NOTICE_RISK,
     N_("%s: no spare token. When the facility token is lost or broken, every number is lost. Go "
        "on?"),
     NULL},
    {MNSEC_NOTICE_SOFTWARE_TOKEN, NOTICE_RISK,
     N_("%s: the token is software. It protects nothing from whoever can read its files, and is "
        "for "
        "trial only. Go on?"),
     NULL},
    {MNSEC_NOTICE_CONFIRM_FOUNDING, NOTICE_CONSENT,
     N_("First contact with %s. Compare with the founding slip on paper. Are they the same?"),
     NULL},
};

/* What the library calls things ("facility token") is in the catalogue; names of people are not. */
static const char *subject_words(const char *subject)
{
    return subject[0] != '\0' ? _(subject) : subject;
}

/* The words above with the subject in them. The formats are ours, each with one %s. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void fill_in(const char *words, const char *subject, char *out_text, size_t size)
{
    char clean[TEXT_BYTES / 2];
    print_clean(subject, clean, sizeof(clean));
    (void)snprintf(out_text, size, words, clean);
}
#pragma GCC diagnostic pop

static mnsec_status open_terminal(const prompt *p, terminal *t)
{
    progress_clear();
    if (p->from_input) {
        *t = (terminal){.in = STDIN_FILENO, .out = STDERR_FILENO, .is_borrowed = true};
        return MNSEC_OK;
    }
    return terminal_open(t);
}

static mnsec_status need_terminal(const prompt *p, terminal *t, const char *what)
{
    if (open_terminal(p, t) == MNSEC_OK) {
        return MNSEC_OK;
    }
    const mnsec_status status =
        exit_refuse(MNSEC_E_STATE_CANCELLED, _("nobody can be asked: %s"), what);
    exit_hint("%s", _("work at a terminal, or see --secrets-fd and --yes"));
    return status;
}

/* --- secrets ------------------------------------------------------------------------------------
 */

static bool pinentry_can_work(void)
{
    if (getenv("DISPLAY") != NULL || getenv("WAYLAND_DISPLAY") != NULL) {
        return true;
    }
    MN_AUTO(terminal) t = {.in = -1};
    return terminal_open(&t) == MNSEC_OK;
}

static mnsec_status ask_terminal(const prompt *p, const char *question, const char *error,
                                 locked *answer)
{
    MN_AUTO(terminal) t = {.in = -1};
    MN_TRY(need_terminal(p, &t, question));
    char line[TEXT_BYTES];
    (void)snprintf(line, sizeof(line), "%s%s%s: ", error != NULL ? error : "",
                   error != NULL ? "\n" : "", question);
    return terminal_secret(&t, line, answer);
}

static mnsec_status ask_once(const prompt *p, const char *question, const char *error,
                             locked *answer)
{
    const pinentry_question dialog = {
        .title = "mncard", .text = question, .label = ">", .error = error};
    if (!p->from_input && pinentry_can_work()) {
        progress_clear();
        const mnsec_status status = pinentry_ask(&dialog, answer);
        if (status != MNSEC_E_STATE_NOT_FOUND) {
            return status;
        }
    }
    return ask_terminal(p, question, error, answer);
}

/* Not empty: Enter by mistake must not cost a try. */
static mnsec_status ask_some(const prompt *p, const char *question, const char *error,
                             locked *answer)
{
    for (int i = 0; i < EMPTY_MAX; i++) {
        MN_TRY(ask_once(p, question, i == 0 ? error : _("Nothing was typed"), answer));
        if (answer->len > 0) {
            return MNSEC_OK;
        }
    }
    return MNSEC_E_STATE_CANCELLED;
}

static mnsec_status ask_twice(const prompt *p, const char *question, const char *error,
                              locked *answer)
{
    MN_AUTO(locked) again = {0};
    MN_TRY(locked_init(&again, SECRET_BYTES));
    char repeated[TEXT_BYTES];
    (void)snprintf(repeated, sizeof(repeated), _("%s, once more"), question);
    for (;;) {
        MN_TRY(ask_some(p, question, error, answer));
        MN_TRY(ask_some(p, repeated, NULL, &again));
        if (locked_equal(answer, &again)) {
            return MNSEC_OK;
        }
        error = _("The two entries differ");
    }
}

/* What was wrong before, or what to mind; NULL = nothing. */
static const char *error_of(const mnsec_secret_request *request)
{
    if (request->reason != NULL && request->reason[0] != '\0') {
        return _(request->reason);
    }
    if (request->final_try) {
        return _("This is the last try before the card is blocked");
    }
    const bool of_card = request->kind == MNSEC_SECRET_PIN ||
                         request->kind == MNSEC_SECRET_SECOND_PIN ||
                         request->kind == MNSEC_SECRET_NEW_PIN;
    return of_card && request->count_low ? _("A try has been lost already") : NULL;
}

static mnsec_status ask(const prompt *p, const mnsec_secret_request *request, locked *answer)
{
    for (size_t i = 0; i < COUNT_OF(secrets); i++) {
        if (secrets[i].kind != request->kind) {
            continue;
        }
        char question[TEXT_BYTES];
        fill_in(_(secrets[i].question), subject_words(request->subject), question,
                sizeof(question));
        return secrets[i].is_twice ? ask_twice(p, question, error_of(request), answer)
                                   : ask_some(p, question, error_of(request), answer);
    }
    return MNSEC_E_STATE_CANCELLED;
}

static mnsec_status give_line(prompt *p, const mnsec_secret_request *request,
                              mnsec_secret_sink *sink)
{
    const char *value = NULL;
    size_t len = 0;
    if (answers_find(&p->given, request, &value, &len) != MNSEC_OK) {
        return exit_refuse(MNSEC_E_STATE_CANCELLED,
                           _("--secrets-fd has no further line %s= for %s"),
                           answers_key(request->kind), request->subject);
    }
    return mnsec_secret_give(sink, value, len);
}

/* Blanks and slashes of the subject have no place in a file's name. */
static bool paper_path(const prompt *p, const char *name, const char *subject, char *out_path)
{
    char file[NAME_MAX + 1];
    fill_in(name, subject, file, sizeof(file));
    for (char *at = file; *at != '\0'; at++) {
        *at = *at == '/' || *at == ' ' ? '-' : *at;
    }
    const int len = snprintf(out_path, PATH_MAX, "%s/%s", p->papers, file);
    return len > 0 && len < PATH_MAX;
}

/* The last line of a text; its length. */
static size_t last_line(const char *text, size_t len, const char **out_line)
{
    while (len > 0 && text[len - 1] == '\n') {
        len--;
    }
    size_t start = len;
    while (start > 0 && text[start - 1] != '\n') {
        start--;
    }
    *out_line = text + start;
    return len - start;
}

/* The SO PIN is read back from the paper that was just written. */
static mnsec_status give_paper(const prompt *p, const char *subject, mnsec_secret_sink *sink)
{
    MN_AUTO(locked) text = {0};
    char path[PATH_MAX];
    const char *line = NULL;
    MN_TRY(locked_init(&text, PAPER_BYTES));
    if (!paper_path(p, SO_PIN_FILE, subject, path)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const ssize_t got = fd >= 0 ? read(fd, text.bytes, text.size - 1) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (got <= 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    const size_t len = last_line(text.bytes, (size_t)got, &line);
    return mnsec_secret_give(sink, line, len);
}

/* --- notices ------------------------------------------------------------------------------------
 */

/* Added at the end: what an earlier founding wrote may still be needed. */
static mnsec_status write_paper(const prompt *p, const char *name, const mnsec_notice *notice)
{
    char path[PATH_MAX];
    if (!paper_path(p, name, notice->subject, path)) {
        return exit_refuse(MNSEC_E_USAGE, _("the path is too long: %s"), p->papers);
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return exit_refuse(MNSEC_E_STORE, _("%s cannot be written: %s"), path, strerror(errno));
    }
    const size_t len = strlen(notice->text);
    const bool written =
        write(fd, notice->text, len) == (ssize_t)len && write(fd, "\n", 1) == 1 && fsync(fd) == 0;
    if (close(fd) != 0 || !written) {
        return exit_refuse(MNSEC_E_STORE, _("%s cannot be written: %s"), path, strerror(errno));
    }
    exit_say(_("written to %s: bring it to the safe and delete the file"), path);
    return MNSEC_OK;
}

static mnsec_status show_paper(const prompt *p, const char *words, const mnsec_notice *notice)
{
    MN_AUTO(locked) page = {0};
    MN_AUTO(terminal) t = {.in = -1};
    MN_TRY(need_terminal(p, &t, words));
    MN_TRY(locked_init(&page, 2UL * TEXT_BYTES));
    (void)snprintf(page.bytes, page.size, "%s\n\n    %s\n\n%s", words, notice->text,
                   _("Press Enter when it is on paper."));
    return terminal_show(&t, page.bytes, 0);
}

/* With --yes nobody is there to press Enter; the library asks a few times and gives up. */
static mnsec_status await_card(const prompt *p, const char *words)
{
    if (p->yes) {
        exit_say("%s", words);
        return MNSEC_OK;
    }
    MN_AUTO(terminal) t = {.in = -1};
    MN_TRY(need_terminal(p, &t, words));
    terminal_put(&t, words);
    for (;;) {
        char byte = '\0';
        const mnsec_status status = terminal_get(&t, -1, -1, &byte);
        if (status == MNSEC_OK && byte == '\n') {
            return MNSEC_OK;
        }
        if (status != MNSEC_OK && status != MNSEC_E_STATE_CHANGED) {
            return MNSEC_E_STATE_CANCELLED;
        }
    }
}

/* A question of the library: what it says, with the text that is to be compared, if any. */
static mnsec_status accept(prompt *p, notice_form form, const char *words,
                           const mnsec_notice *notice)
{
    char question[2 * TEXT_BYTES];
    const bool has_text = notice->text != NULL && notice->text[0] != '\0';
    (void)snprintf(question, sizeof(question), "%s%s%s", has_text ? notice->text : "",
                   has_text ? "\n" : "", words);
    if (form == NOTICE_RISK && p->yes) {
        exit_say("%s (--yes)", question);
        return MNSEC_OK;
    }
    if (form == NOTICE_CONSENT && !prompt_can_ask(p)) { /* --yes would not help */
        const mnsec_status status =
            exit_refuse(MNSEC_E_STATE_CANCELLED, _("nobody can be asked: %s"), question);
        exit_hint("%s", _("only a person can answer this: work at a terminal"));
        return status;
    }
    return prompt_confirm(p, question);
}

/* Answer a notice as its row of the table says. */
static mnsec_status answer_notice(prompt *p, const mnsec_notice *notice)
{
    for (size_t i = 0; i < COUNT_OF(notices); i++) {
        if (notices[i].kind != notice->kind) {
            continue;
        }
        char words[TEXT_BYTES];
        fill_in(_(notices[i].words), subject_words(notice->subject), words, sizeof(words));
        switch (notices[i].form) {
        case NOTICE_CARD:
            return await_card(p, words);
        case NOTICE_PAPER:
            return p->papers != NULL ? write_paper(p, notices[i].file, notice)
                                     : show_paper(p, words, notice);
        case NOTICE_RISK:
        case NOTICE_CONSENT:
        default:
            return accept(p, notices[i].form, words, notice);
        }
    }
    return MNSEC_E_STATE_CANCELLED; /* what is not known is not consented to */
}

/* --- exported -----------------------------------------------------------------------------------
 */

mnsec_status prompt_init(prompt *out_prompt, const char *secrets_fd, bool yes)
{
    *out_prompt = (prompt){.yes = yes};
    if (secrets_fd == NULL) {
        return MNSEC_OK;
    }
    char *end = NULL;
    const long fd = strtol(secrets_fd, &end, 10);
    if (end == secrets_fd || *end != '\0' || fd < 0 || fd > FD_MAX) {
        return exit_refuse(MNSEC_E_USAGE, _("--secrets-fd wants the number of a descriptor"));
    }
    out_prompt->has_answers = true;
    MN_TRY(answers_read((int)fd, &out_prompt->given));
    if (fd > STDERR_FILENO) {
        (void)close((int)fd); /* no child shall have it */
    }
    return MNSEC_OK;
}

void prompt_wipe(prompt *p)
{
    answers_wipe(&p->given);
}

mnsec_status prompt_secret(void *user, const mnsec_secret_request *request, mnsec_secret_sink *sink)
{
    prompt *p = user;
    if (request->kind == MNSEC_SECRET_SO_PIN && p->papers != NULL && request->attempt <= 1 &&
        give_paper(p, request->subject, sink) == MNSEC_OK) {
        return MNSEC_OK;
    }
    if (p->has_answers) {
        return give_line(p, request, sink);
    }
    MN_AUTO(locked) answer = {0};
    MN_TRY(locked_init(&answer, SECRET_BYTES));
    MN_TRY(ask(p, request, &answer));
    return mnsec_secret_give(sink, answer.bytes, answer.len);
}

mnsec_status prompt_notice(void *user, const mnsec_notice *notice)
{
    prompt *p = user;
    const prompt_watch watch = p->watch;
    const mnsec_notice whole = {.kind = notice->kind,
                                .subject = notice->subject != NULL ? notice->subject : "",
                                .text = notice->text != NULL ? notice->text : ""};
    p->watch = (prompt_watch){0}; /* the library must not be called from inside its call */
    const mnsec_status status = answer_notice(p, &whole);
    p->watch = watch;
    return status;
}

bool prompt_can_ask(const prompt *p)
{
    MN_AUTO(terminal) t = {.in = -1};
    return open_terminal(p, &t) == MNSEC_OK;
}

mnsec_status prompt_byte(prompt *p, const terminal *t, char *out_byte)
{
    const bool watched = p->watch.look != NULL;
    for (;;) {
        const int beside = watched ? p->watch.descriptor(p->watch.user) : -1;
        const mnsec_status status = terminal_get(t, beside, watched ? WATCH_MSEC : -1, out_byte);
        if (status != MNSEC_E_STATE_CHANGED) {
            return status;
        }
        if (watched && p->watch.look(p->watch.user)) {
            return MNSEC_E_STATE_END;
        }
    }
}

mnsec_status prompt_line(prompt *p, const char *question, char out_line[PROMPT_LINE_BYTES])
{
    MN_AUTO(terminal) t = {.in = -1};
    char line[PROMPT_LINE_BYTES];
    size_t len = 0;
    MN_TRY(need_terminal(p, &t, question));
    terminal_put(&t, question);
    terminal_put(&t, " ");
    for (;;) {
        char byte = '\0';
        const mnsec_status status = prompt_byte(p, &t, &byte);
        if (status != MNSEC_OK) {
            terminal_put(&t, "\n"); /* what is said next stands on a line of its own */
            return status;
        }
        if (byte == '\n') {
            break;
        }
        if (len + 1 < sizeof(line)) {
            line[len++] = byte;
        }
    }
    line[len] = '\0';
    line_trim(line);
    memcpy(out_line, line, strlen(line) + 1);
    return MNSEC_OK;
}

mnsec_status prompt_confirm(prompt *p, const char *question)
{
    char line[PROMPT_LINE_BYTES];
    char text[3 * TEXT_BYTES];
    (void)snprintf(text, sizeof(text), "%s [%s]", question, _("y/N"));
    MN_TRY(prompt_line(p, text, line));
    const bool yes = strcmp(line, "y") == 0 || strcmp(line, "Y") == 0 || strcmp(line, "yes") == 0 ||
                     strcmp(line, "はい") == 0;
    return yes ? MNSEC_OK : MNSEC_E_STATE_CANCELLED;
}
