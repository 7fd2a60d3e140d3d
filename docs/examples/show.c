/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program of somebody else on libmnsec: it logs a person in, shows one number, and when the card
 * is pulled waits until it is back and goes on.
 *
 *     show FACILITY WORKSTATION DEPARTMENT NAME|CODE
 *
 * PIN and passwords are read from the terminal without echo, or line by line from standard input.
 */
#include <errno.h>
#include <mnsec.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#define SECRET_BYTES 256
#define POLL_MSEC    1000

typedef struct found {
    const char *name;
    mnsec_id id;
    int count;
} found;

static int complain(const mnsec_context *context, mnsec_status status)
{
    const mnsec_error error = mnsec_context_last_error(context);
    fprintf(stderr, "show: %s%s%s\n", mnsec_status_text(status), error.text[0] != '\0' ? ": " : "",
            error.text);
    return (int)mnsec_status_class(status);
}

/* A line, byte by byte, so that nothing stays behind in a buffer of the C library. */
static ssize_t read_line(char *line, size_t size)
{
    size_t len = 0;
    char byte = '\0';
    while (read(STDIN_FILENO, &byte, 1) == 1) {
        if (byte == '\n') {
            line[len] = '\0';
            return (ssize_t)len;
        }
        if (len + 1 < size) {
            line[len++] = byte;
        }
    }
    return -1;
}

static void set_echo(int on)
{
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) == 0) {
        mode.c_lflag = on ? mode.c_lflag | ECHO : mode.c_lflag & ~(tcflag_t)ECHO;
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &mode);
    }
}

/* The library asks for a secret: your dialog goes here. */
static mnsec_status ask(void *user, const mnsec_secret_request *request, mnsec_secret_sink *sink)
{
    static const char *const names[] = {
        [MNSEC_SECRET_PIN] = "PIN of the card of",
        [MNSEC_SECRET_PASSWORD] = "password of",
        [MNSEC_SECRET_OPERATION] = "operation password of",
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    char secret[SECRET_BYTES];
    (void)user;
    if ((size_t)request->kind >= count || names[request->kind] == NULL) {
        return MNSEC_E_STATE_CANCELLED; /* nothing else is asked for by what this program does */
    }
    fprintf(stderr, "%s %s: ", names[request->kind], request->subject);
    set_echo(0);
    const ssize_t len = read_line(secret, sizeof(secret));
    set_echo(1);
    fputc('\n', stderr);
    mnsec_status status = MNSEC_E_STATE_CANCELLED;
    if (len >= 0) {
        status = mnsec_secret_give(sink, secret, (size_t)len);
    }
    explicit_bzero(secret, sizeof(secret));
    return status;
}

static int see(void *user, const mnsec_subject *subject)
{
    found *one = user;
    const bool coded = subject->code != NULL && strcmp(subject->code, one->name) == 0;
    if (coded || strcmp(subject->name, one->name) == 0) {
        one->id = subject->id;
        one->count++;
    }
    return 0;
}

/* Log in, unlock, find, show. */
static mnsec_status show(mnsec_context *context, char *const argv[], mnsec_session **out_session)
{
    mnsec_id department;
    found one = {.name = argv[4]};
    char number[MNSEC_NUMBER_TEXT_BYTES];
    mnsec_status status = mnsec_session_open(context, NULL, out_session);
    if (status == MNSEC_OK) {
        status = mnsec_department_find(context, argv[3], &department);
    }
    if (status == MNSEC_OK) {
        status = mnsec_session_unlock(*out_session, &department);
    }
    if (status == MNSEC_OK) {
        status = mnsec_record_list(*out_session, &department, argv[4], see, &one);
    }
    if (status == MNSEC_OK && one.count != 1) {
        status = MNSEC_E_STATE_NOT_FOUND;
    }
    if (status == MNSEC_OK) {
        status = mnsec_record_show(*out_session, &one.id, "an example", "TAX_SLIP", number);
    }
    if (status == MNSEC_OK) {
        printf("%s %s\n", one.name, number);
        (void)fflush(stdout);
        explicit_bzero(number, sizeof(number));
    }
    return status;
}

/* Until the card leaves. A program with an event loop watches the descriptor there instead. */
static mnsec_status await_removal(mnsec_session *session)
{
    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    while (event != MNSEC_SESSION_EVENT_CARD_REMOVED) {
        struct pollfd watched = {.fd = mnsec_session_descriptor(session), .events = POLLIN};
        if (poll(&watched, 1, POLL_MSEC) < 0 && errno != EINTR) {
            return MNSEC_E_INTERNAL;
        }
        const mnsec_status status = mnsec_session_poll(session, &event);
        if (status != MNSEC_OK && event != MNSEC_SESSION_EVENT_CARD_REMOVED) {
            return status;
        }
    }
    return MNSEC_OK;
}

/* Show; when the card has been pulled, ask for it and show once more. */
static mnsec_status run(mnsec_context *context, char *const argv[])
{
    char enter[SECRET_BYTES];
    mnsec_session *session = NULL;
    mnsec_status status = show(context, argv, &session);
    if (status == MNSEC_OK) {
        fputs("pull the card\n", stderr);
        status = await_removal(session);
    }
    mnsec_session_close(session); /* everything secret was wiped when the card left */
    if (status != MNSEC_OK) {
        return status;
    }
    puts("the card was pulled: locked");
    (void)fflush(stdout);
    fputs("insert the card, then press Enter\n", stderr);
    if (read_line(enter, sizeof(enter)) < 0) {
        return MNSEC_E_STATE_CANCELLED;
    }
    session = NULL;
    status = show(context, argv, &session);
    mnsec_session_close(session);
    return status;
}

int main(int argc, char *argv[])
{
    if (argc != 5) {
        fputs("usage: show FACILITY WORKSTATION DEPARTMENT NAME|CODE\n", stderr);
        return MNSEC_CLASS_USAGE;
    }
    /* The library leaves this to its host: no core dump, no other process looks in. */
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    (void)prctl(PR_SET_DUMPABLE, 0);

    mnsec_context_options options = MNSEC_CONTEXT_OPTIONS_INIT;
    options.facility = argv[1];
    options.workstation = argv[2];
    options.secret = ask;
    mnsec_context *context = NULL;
    mnsec_status status = mnsec_context_new(&options, &context);
    if (status == MNSEC_OK) {
        status = run(context, argv);
    }
    const int code = status == MNSEC_OK ? 0 : complain(context, status);
    mnsec_context_free(context);
    return code;
}
