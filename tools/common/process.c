/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals, core dumps and the place of the program. The handler does only what is allowed in one:
 * it sets a flag, writes a byte, and at the second signal wipes and leaves.
 */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "locked.h"
#include "terminal.h"

#define SIGNAL_EXIT 128

static volatile sig_atomic_t caught;
static int pipe_ends[2] = {-1, -1};

static void on_signal(int number)
{
    if (caught != 0) {
        locked_erase_all();
        terminal_restore();
        _exit(SIGNAL_EXIT + number);
    }
    caught = number;
    const int error = errno;
    const ssize_t written = write(pipe_ends[1], "", 1);
    (void)written; /* a full pipe is readable already */
    errno = error;
}

mnsec_status process_init(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return MNSEC_E_INTERNAL;
    }
    /* Without SA_RESTART: what blocks must come back and look. */
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < COUNT_OF(signals); i++) {
        struct sigaction former;
        if (sigaction(signals[i], NULL, &former) == 0 && former.sa_handler == SIG_IGN) {
            continue; /* nohup and the like */
        }
        if (sigaction(signals[i], &action, NULL) != 0) {
            return MNSEC_E_INTERNAL;
        }
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return MNSEC_OK;
}

bool process_is_cancelled(void)
{
    return caught != 0;
}

void process_end(void)
{
    if (caught == 0) {
        return;
    }
    const int number = caught;
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

mnsec_status process_wait(int fd, int beside, int timeout_ms)
{
    struct pollfd fds[] = {{.fd = pipe_ends[0], .events = POLLIN},
                           {.fd = fd, .events = POLLIN},
                           {.fd = beside, .events = POLLIN}};
    if (caught != 0) {
        return MNSEC_E_STATE_CANCELLED;
    }
    const int ready = poll(fds, COUNT_OF(fds), timeout_ms);
    if (caught != 0) {
        return MNSEC_E_STATE_CANCELLED;
    }
    if (ready < 0) {
        return errno == EINTR ? MNSEC_E_STATE_END : MNSEC_E_INTERNAL;
    }
    return fds[1].revents != 0 ? MNSEC_OK : MNSEC_E_STATE_END;
}

bool process_beside(const char *relative, char *out_path, size_t size)
{
    char program[PATH_MAX];
    const ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (len <= 0) {
        return false;
    }
    program[len] = '\0';
    for (int up = 0; up < 2; up++) { /* the program's name, then bin */
        char *slash = strrchr(program, '/');
        if (slash == NULL) {
            return false;
        }
        *slash = '\0';
    }
    const int written = snprintf(out_path, size, "%s/%s", program, relative);
    return written > 0 && (size_t)written < size;
}
