/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parsing and choosing the answers of --secrets-fd. The text stays where it was read, in locked
 * memory; lines are cut in place. No message names a value.
 */
#include "answers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "words.h"

static const struct {
    const char *key;
    mnsec_secret_kind kind;
    bool repeats; /* one line answers as often as it is asked */
} kinds[] = {
    {"pin", MNSEC_SECRET_PIN, true},
    {"password", MNSEC_SECRET_PASSWORD, true},
    {"operation", MNSEC_SECRET_OPERATION, false},
    {"second-pin", MNSEC_SECRET_SECOND_PIN, true},
    {"second-password", MNSEC_SECRET_SECOND_PASSWORD, true},
    {"so-pin", MNSEC_SECRET_SO_PIN, true},
    {"spare-pin", MNSEC_SECRET_SPARE_PIN, true},
    {"new-pin", MNSEC_SECRET_NEW_PIN, false},
    {"new-password", MNSEC_SECRET_NEW_PASSWORD, false},
    {"new-operation", MNSEC_SECRET_NEW_OPERATION, false},
    {"share", MNSEC_SECRET_SHARE, false},
    {"number", MNSEC_SECRET_NUMBER, false},
    {"number-again", MNSEC_SECRET_NUMBER_AGAIN, false},
};

static mnsec_status read_text(int fd, locked *text)
{
    for (;;) {
        const size_t room = text->size - 1 - text->len;
        const ssize_t got = read(fd, text->bytes + text->len, room);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return exit_refuse(MNSEC_E_USAGE, _("--secrets-fd %d cannot be read"), fd);
        }
        if (got == 0) {
            return room > 0 ? MNSEC_OK
                            : exit_refuse(MNSEC_E_USAGE, _("--secrets-fd holds too much"));
        }
        text->len += (size_t)got;
    }
}

/* line is KEY=VALUE. */
static mnsec_status parse_line(answers *given, char *line, size_t number)
{
    char *equals = strchr(line, '=');
    if (equals == NULL || given->count == ANSWERS_MAX) {
        return exit_refuse(MNSEC_E_USAGE, _("--secrets-fd: line %zu is not understood"), number);
    }
    *equals = '\0';
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (strcmp(line, kinds[i].key) == 0) {
            given->lines[given->count].kind = kinds[i].kind;
            given->lines[given->count].value = equals + 1;
            given->lines[given->count++].len = strlen(equals + 1);
            return MNSEC_OK;
        }
    }
    return exit_refuse(MNSEC_E_USAGE, _("--secrets-fd: line %zu has an unknown key"), number);
}

static mnsec_status parse(answers *given)
{
    char *line = given->text.bytes;
    if (memchr(line, '\0', given->text.len) != NULL) {
        return exit_refuse(MNSEC_E_USAGE, _("--secrets-fd holds a NUL"));
    }
    for (size_t number = 1; line != NULL && *line != '\0'; number++) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        if (*line != '\0') {
            MN_TRY(parse_line(given, line, number));
        }
        line = end == NULL ? NULL : end + 1;
    }
    return MNSEC_OK;
}

/* Length of "SUBJECT:" when the line is meant for this subject alone, else 0. */
static size_t subject_mark(const answers *given, size_t line, const char *subject)
{
    const size_t len = strlen(subject);
    return len > 0 && strncmp(given->lines[line].value, subject, len) == 0 &&
                   given->lines[line].value[len] == ':'
               ? len + 1
               : 0;
}

static bool answered(const answers *given, size_t line, const char *subject)
{
    return given->lines[line].is_used &&
           strncmp(given->lines[line].subject, subject, ANSWERS_SUBJECT - 1) == 0;
}

static bool kind_repeats(mnsec_secret_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kinds[i].kind == kind) {
            return kinds[i].repeats;
        }
    }
    return false;
}

static void refuse_former(answers *given, const mnsec_secret_request *request)
{
    for (size_t i = 0; i < given->count; i++) {
        if (given->lines[i].kind == request->kind && answered(given, i, request->subject)) {
            given->lines[i].is_refused = true;
        }
    }
}

/* How well a line answers; the highest is taken, of equals the first. 0 = not at all. */
static unsigned fitness(const answers *given, size_t line, const mnsec_secret_request *request)
{
    if (given->lines[line].kind != request->kind || given->lines[line].is_refused) {
        return 0;
    }
    if (subject_mark(given, line, request->subject) > 0) {
        return 4;
    }
    if (!given->lines[line].is_used) {
        return 2;
    }
    if (answered(given, line, request->subject)) {
        return 3;
    }
    return kind_repeats(request->kind) ? 1 : 0;
}

mnsec_status answers_read(int fd, answers *out_answers)
{
    MN_TRY(locked_init(&out_answers->text, ANSWERS_TEXT_BYTES));
    MN_TRY(read_text(fd, &out_answers->text));
    return parse(out_answers);
}

void answers_wipe(answers *given)
{
    locked_wipe(&given->text);
    given->count = 0;
}

mnsec_status answers_find(answers *given, const mnsec_secret_request *request,
                          const char **out_value, size_t *out_len)
{
    if (request->attempt > 1) {
        refuse_former(given, request);
    }
    size_t best = 0;
    unsigned best_fitness = 0;
    for (size_t i = 0; i < given->count; i++) {
        const unsigned fits = fitness(given, i, request);
        if (fits > best_fitness) {
            best = i;
            best_fitness = fits;
        }
    }
    if (best_fitness == 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    const size_t mark = subject_mark(given, best, request->subject);
    given->lines[best].is_used = true;
    (void)snprintf(given->lines[best].subject, ANSWERS_SUBJECT, "%s", request->subject);
    *out_value = given->lines[best].value + mark;
    *out_len = given->lines[best].len - mark;
    return MNSEC_OK;
}

const char *answers_key(mnsec_secret_kind kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (kinds[i].kind == kind) {
            return kinds[i].key;
        }
    }
    return NULL;
}
