/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's half of Assuan as far as pinentry needs it: one command, one answer; D lines carry
 * the secret, percent-encoded, and are only ever read into locked memory. Whatever goes wrong on
 * the way is "not found", and the caller asks on the terminal.
 */
#include "pinentry.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "words.h"

#define LINE_BYTES       2048U
#define GPG_ERR_CODE     0xFFFFUL
#define GPG_ERR_CANCELED 99UL
#define GPG_ERR_FULLY    198UL

extern char **environ;

/* A running pinentry. */
typedef struct dialog {
    pid_t pid;
    int fd;
    locked line; /* the last line it sent */
} dialog;

static void dialog_wipe(dialog *d)
{
    locked_wipe(&d->line);
    if (d->fd >= 0) {
        (void)close(d->fd);
    }
    if (d->pid > 0) {
        (void)kill(d->pid, SIGTERM);
        while (waitpid(d->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
}

static pid_t spawn(int fd)
{
    static char name[] = "pinentry";
    char *const arguments[] = {name, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    pid_t pid = -1;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return -1;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return -1;
    }
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawn_file_actions_adddup2(&actions, fd, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
    if (posix_spawnp(&pid, name, &actions, &attributes, arguments, environ) != 0 &&
        posix_spawn(&pid, "/usr/bin/pinentry", &actions, &attributes, arguments, environ) != 0) {
        pid = -1;
    }
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static mnsec_status start(dialog *d)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    d->fd = ends[0];
    d->pid = spawn(ends[1]);
    (void)close(ends[1]);
    return d->pid > 0 ? locked_init(&d->line, LINE_BYTES) : MNSEC_E_STATE_NOT_FOUND;
}

/* One line, without its end, into d->line. */
static mnsec_status read_line(dialog *d)
{
    locked_clear(&d->line);
    while (d->line.len + 1 < d->line.size) {
        const mnsec_status status = process_wait(d->fd, -1, -1);
        if (status == MNSEC_E_STATE_END) {
            continue;
        }
        MN_TRY(status);
        char *byte = d->line.bytes + d->line.len;
        if (read(d->fd, byte, 1) != 1) {
            return MNSEC_E_STATE_NOT_FOUND;
        }
        if (*byte == '\n') {
            *byte = '\0';
            return MNSEC_OK;
        }
        d->line.len++;
    }
    return MNSEC_E_STATE_NOT_FOUND;
}

static bool line_begins(const dialog *d, const char *word)
{
    return strncmp(d->line.bytes, word, strlen(word)) == 0;
}

static int hex_digit(char c)
{
    const char *const digits = "0123456789ABCDEF";
    const char *at = c != '\0' ? strchr(digits, c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* Append the percent-decoded rest of a D line. */
static mnsec_status take_data(const char *data, locked *answer)
{
    for (const char *at = data; *at != '\0'; at++) {
        char byte = *at;
        if (byte == '%') {
            const int high = hex_digit(at[1]);
            const int low = high >= 0 ? hex_digit(at[2]) : -1;
            if (low < 0) {
                return MNSEC_E_STATE_NOT_FOUND;
            }
            byte = (char)(high * 16 + low);
            at += 2;
        }
        if (!locked_add(answer, byte)) {
            return MNSEC_E_STATE_NOT_FOUND;
        }
    }
    return MNSEC_OK;
}

/* Lines up to OK or ERR; answer NULL = no data is expected. */
static mnsec_status read_answer(dialog *d, locked *answer)
{
    for (;;) {
        MN_TRY(read_line(d));
        if (line_begins(d, "OK")) {
            return MNSEC_OK;
        }
        if (line_begins(d, "ERR ")) {
            const unsigned long code = strtoul(d->line.bytes + 4, NULL, 10) & GPG_ERR_CODE;
            return code == GPG_ERR_CANCELED || code == GPG_ERR_FULLY ? MNSEC_E_STATE_CANCELLED
                                                                     : MNSEC_E_STATE_NOT_FOUND;
        }
        if (answer != NULL && line_begins(d, "D ")) {
            MN_TRY(take_data(d->line.bytes + 2, answer));
        }
    }
}

/* command and the text, percent-encoded where Assuan wants it. */
static mnsec_status tell(dialog *d, const char *command, const char *text)
{
    char line[LINE_BYTES];
    size_t len = (size_t)snprintf(line, sizeof(line), "%s", command);
    for (const char *at = text; *at != '\0' && len + 5 < sizeof(line); at++) {
        const bool special = *at == '%' || *at == '\n' || *at == '\r';
        len += (size_t)snprintf(line + len, sizeof(line) - len, special ? "%%%02X" : "%c",
                                (unsigned char)*at);
    }
    line[len++] = '\n';
    return send(d->fd, line, len, MSG_NOSIGNAL) == (ssize_t)len ? MNSEC_OK
                                                                : MNSEC_E_STATE_NOT_FOUND;
}

static mnsec_status command(dialog *d, const char *verb, const char *text)
{
    MN_TRY(tell(d, verb, text));
    return read_answer(d, NULL);
}

static const char *terminal_name(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        const char *name = ttyname(fd);
        if (name != NULL) {
            return name;
        }
    }
    return "/dev/tty";
}

static mnsec_status set_up(dialog *d, const pinentry_question *question)
{
    const char *type = getenv("TERM");
    MN_TRY(read_answer(d, NULL)); /* its greeting */
    MN_TRY(command(d, "OPTION ttyname=", terminal_name()));
    if (type != NULL && type[0] != '\0') {
        MN_TRY(command(d, "OPTION ttytype=", type));
    }
    MN_TRY(command(d, "OPTION lc-ctype=", "C.UTF-8"));
    MN_TRY(command(d, "SETTITLE ", question->title));
    MN_TRY(command(d, "SETDESC ", question->text));
    MN_TRY(command(d, "SETPROMPT ", question->label));
    MN_TRY(command(d, "SETOK ", _("OK")));
    MN_TRY(command(d, "SETCANCEL ", _("Cancel")));
    return question->error != NULL ? command(d, "SETERROR ", question->error) : MNSEC_OK;
}

mnsec_status pinentry_ask(const pinentry_question *question, locked *out_answer)
{
    MN_AUTO(dialog) d = {.pid = -1, .fd = -1};
    locked_clear(out_answer);
    MN_TRY(start(&d));
    MN_TRY(set_up(&d, question));
    MN_TRY(tell(&d, "GETPIN", ""));
    return read_answer(&d, out_answer);
}
