/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The card worker as a process: started with one descriptor, no environment and no signal of ours,
 * asked with a deadline, killed past it, always reaped. It holds no state that matters but a card's
 * log-in, so after a failure it is killed rather than understood. What is asked: card.c.
 */
#include "token/card_worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define DEADLINE_MS 10000U
#define REMOVED_MS  500U  /* for an answer, once the card is known to have left */
#define PARTING_MS  2000U /* for log-out and reset of the card, when the worker may leave */

static int64_t deadline_in(unsigned ms)
{
    return mn_clock_monotonic_ms(&mn_clock_system) + ms;
}

/* --- start and end --- */

/* What the new process has: the pair as its descriptor, /dev/null thrice, nothing else. */
static int plan_descriptors(posix_spawn_file_actions_t *actions, int theirs)
{
    int error = posix_spawn_file_actions_adddup2(actions, theirs, MN_CARD_WIRE_DESCRIPTOR);
    for (int fd = STDIN_FILENO; error == 0 && fd <= STDERR_FILENO; fd++) {
        error = posix_spawn_file_actions_addopen(actions, fd, "/dev/null", O_RDWR, 0);
    }
    return error != 0
               ? error
               : posix_spawn_file_actions_addclosefrom_np(actions, MN_CARD_WIRE_DESCRIPTOR + 1);
}

/* Signals as after a log-in, and a session of its own: Ctrl-C at the terminal is not for it. */
static int plan_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int error = posix_spawnattr_setsigmask(attributes, &none);
    if (error == 0) {
        error = posix_spawnattr_setsigdefault(attributes, &all);
    }
    return error != 0 ? error
                      : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
                                                                 POSIX_SPAWN_SETSIGDEF |
                                                                 POSIX_SPAWN_SETSID);
}

static int spawn(mn_card_worker *worker, int theirs)
{
    char *const arguments[] = {worker->program, worker->module_path, worker->tries, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) {
        return error;
    }
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = plan_descriptors(&actions, theirs);
        if (error == 0) {
            error = plan_attributes(&attributes);
        }
        if (error == 0) {
            error = posix_spawn(&worker->pid, worker->program, &actions, &attributes, arguments,
                                environment);
        }
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

static void close_pair(mn_card_worker *worker)
{
    if (worker->fd >= 0) {
        (void)close(worker->fd);
        worker->fd = -1;
    }
}

static mnsec_status start(mn_card_worker *worker, mn_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return mn_fail_native(err, MNSEC_E_CARD_FAULT, errno, "no socket for the card worker");
    }
    const int error = spawn(worker, pair[1]);
    (void)close(pair[1]);
    if (error != 0) {
        (void)close(pair[0]);
        worker->pid = 0;
        return mn_fail_native(err, MNSEC_E_CARD_FAULT, error, "the card worker %s does not start",
                              worker->program);
    }
    close_pair(worker);
    worker->fd = pair[0];
    return MNSEC_OK;
}

/* A host that reaps all its children may have reaped ours: then its number is no longer ours. */
static void reap(pid_t pid)
{
    pid_t done = waitpid(pid, NULL, WNOHANG);
    if (done == 0) {
        (void)kill(pid, SIGKILL);
        do {
            done = waitpid(pid, NULL, 0);
        } while (done < 0 && errno == EINTR);
    }
}

void mn_card_worker_forget(mn_card_worker *worker, bool removed)
{
    worker->logged_in = false;
    worker->removed = removed;
    mn_buf_wipe(&worker->spki);
    mn_signature_key_free(mn_take(worker->key));
}

void mn_card_worker_kill(mn_card_worker *worker)
{
    /* In a forked child the process is the parent's: only our copy of the descriptor is shut. */
    if (worker->pid != 0 && worker->owner == getpid()) {
        reap(worker->pid);
    }
    worker->pid = 0;
    if (worker->logged_in) {
        mn_card_worker_forget(worker, true); /* our end stays, readable, until somebody asks */
    } else {
        close_pair(worker);
    }
}

/* The end of our talking is its sign to leave; the pair is shut by its exit and nothing else. */
static void part(mn_card_worker *worker)
{
    const int64_t deadline = deadline_in(PARTING_MS);
    mnsec_status status = shutdown(worker->fd, SHUT_WR) == 0 ? MNSEC_OK : MNSEC_E_CARD_FAULT;
    while (status == MNSEC_OK) {
        MN_AUTO(mn_secret) last_words = {0};
        status = mn_card_wire_socket_receive(worker->fd, deadline, &last_words);
    }
}

/* --- exchange --- */

static mnsec_status receive(mn_card_worker *worker, int64_t deadline,
                            mn_card_wire_answer *out_answer)
{
    MN_AUTO(mn_secret) message = {0};
    MN_TRY(mn_card_wire_socket_receive(worker->fd, deadline, &message));
    return mn_card_wire_get_answer(&message, out_answer);
}

static mnsec_status take_event(mn_card_worker *worker)
{
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(receive(worker, 0, &answer));
    if (answer.kind != MN_CARD_ANSWER_REMOVED) {
        return MNSEC_E_CARD_FAULT;
    }
    if (worker->logged_in) {
        mn_card_worker_forget(worker, true);
    }
    return MNSEC_OK;
}

static mnsec_status take_events(mn_card_worker *worker)
{
    while (mn_card_wire_socket_has(worker->fd)) {
        MN_TRY(take_event(worker));
    }
    return MNSEC_OK;
}

static mnsec_status ask(mn_card_worker *worker, const mn_secret *message, int64_t deadline,
                        mn_card_wire_answer *out_answer)
{
    MN_TRY(take_events(worker));
    MN_TRY(mn_card_wire_socket_send(worker->fd, message, deadline));
    MN_TRY(receive(worker, deadline, out_answer));
    while (out_answer->kind != MN_CARD_ANSWER_RESULT) {
        if (worker->logged_in) {
            const int64_t sooner = deadline_in(REMOVED_MS);
            deadline = sooner < deadline ? sooner : deadline;
            mn_card_worker_forget(worker, true);
        }
        MN_TRY(receive(worker, deadline, out_answer));
    }
    return MNSEC_OK;
}

/* Why there was no answer, in words of the caller. */
static mnsec_status explain(mnsec_status status, unsigned ms, mn_error *err)
{
    switch (status) {
    case MNSEC_E_CARD_TIMEOUT:
        return mn_fail(err, status, "no answer from the card within %u ms", ms);
    case MNSEC_E_STATE_END:
        return mn_fail(err, MNSEC_E_CARD_FAULT, "the card worker has ended");
    case MNSEC_E_INTERNAL_MEMORY:
        return mn_fail(err, status, "out of memory");
    default:
        return mn_fail(err, MNSEC_E_CARD_FAULT, "the card worker makes no sense");
    }
}

mnsec_status mn_card_worker_exchange(mn_card_worker *worker, const mn_card_wire_request *request,
                                     unsigned extra_ms, mn_error *err,
                                     mn_card_wire_answer *out_answer)
{
    if (worker->owner != getpid()) {
        return mn_fail(err, MNSEC_E_INTERNAL_FORKED, "card worker used in a forked child");
    }
    MN_AUTO(mn_secret) message = {0};
    mnsec_status status = mn_card_wire_put_request(request, &message);
    if (status != MNSEC_OK) {
        return mn_fail(err, status, "no such request can be sent to the card worker");
    }
    if (worker->pid == 0) {
        MN_TRY(start(worker, err));
    }
    const unsigned ms = worker->deadline_ms + extra_ms;
    MN_AUTO(mn_card_wire_answer) answer = {0};
    const bool was_logged_in = worker->logged_in;
    status = ask(worker, &message, deadline_in(ms), &answer);
    if (status != MNSEC_OK) {
        const bool has_left = was_logged_in && worker->removed;
        mn_card_worker_kill(worker);
        return has_left ? mn_fail(err, MNSEC_E_CARD_REMOVED, "the card has left")
                        : explain(status, ms, err);
    }
    if (answer.status != MNSEC_OK) {
        return mn_fail_native(err, answer.status, answer.native, "%s", mn_buf_text(&answer.text));
    }
    mn_card_wire_answer_wipe(out_answer);
    *out_answer = answer;
    answer = (mn_card_wire_answer){0};
    return MNSEC_OK;
}

void mn_card_worker_listen(mn_card_worker *worker)
{
    if (worker->pid != 0 && worker->owner == getpid() && take_events(worker) != MNSEC_OK) {
        mn_card_worker_kill(worker);
    }
}

/* --- the handle --- */

static mnsec_status check_path(const char *path, const char *what, mn_error *err)
{
    if (path == NULL || path[0] != '/') {
        return mn_fail(err, MNSEC_E_USAGE_CONFIG, "the path of the %s must be absolute", what);
    }
    return MNSEC_OK;
}

mnsec_status mn_card_worker_new(const mn_card_worker_options *options, mn_error *err,
                                mn_card_worker **out_worker)
{
    MN_TRY(check_path(options->program, "card worker", err));
    MN_TRY(check_path(options->module_path, "cards' PKCS#11 module", err));
    if (options->tries != NULL) {
        MN_TRY(check_path(options->tries, "PIN tries", err));
    }
    MN_AUTO_PTR(mn_card_worker) worker = calloc(1, sizeof(*worker));
    if (worker == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    worker->fd = -1;
    worker->owner = getpid();
    worker->err = err;
    worker->deadline_ms = options->deadline_ms == 0 ? DEADLINE_MS : options->deadline_ms;
    worker->program = strdup(options->program);
    worker->module_path = strdup(options->module_path);
    worker->tries = options->tries == NULL ? NULL : strdup(options->tries);
    if (worker->program == NULL || worker->module_path == NULL ||
        (worker->tries == NULL) != (options->tries == NULL)) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    MN_TRY(start(worker, err));
    *out_worker = mn_take(worker);
    return MNSEC_OK;
}

void mn_card_worker_free(mn_card_worker *worker)
{
    if (worker == NULL) {
        return;
    }
    if (worker->pid != 0 && worker->owner == getpid()) {
        part(worker);
    }
    mn_card_worker_kill(worker);
    close_pair(worker);
    mn_buf_wipe(&worker->spki);
    mn_signature_key_free(worker->key);
    free(worker->program);
    free(worker->module_path);
    free(worker->tries);
    free(worker);
}

int mn_card_worker_descriptor(const mn_card_worker *worker)
{
    return worker->fd;
}
