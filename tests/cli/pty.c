/* SPDX-License-Identifier: Apache-2.0 */
/* A typed text is sent when the child has shown something and then fallen silent: it asks. */
#include "pty.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SILENCE_MSEC 300
#define LIMIT_MSEC   20000

static char screen[65536];

/* How act ended. */
static int end_of(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Take what is shown until the child is silent; false when it has gone. */
static int take_until_silent(int terminal, size_t *len)
{
    struct pollfd waiting = {.fd = terminal, .events = POLLIN};
    int limit = LIMIT_MSEC;
    for (;;) {
        const size_t former = *len;
        const int ready = poll(&waiting, 1, former > 0 ? SILENCE_MSEC : limit);
        if (ready <= 0) {
            return ready == 0;
        }
        const ssize_t got = read(terminal, screen + *len, sizeof(screen) - 1 - *len);
        if (got <= 0) {
            return 0;
        }
        *len += (size_t)got;
    }
}

int pty_run(int (*act)(void), const char *const typed[])
{
    int terminal = -1;
    size_t len = 0;
    const pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    if (child == 0) {
        _exit(act());
    }
    memset(screen, 0, sizeof(screen));
    for (size_t i = 0; take_until_silent(terminal, &len) && typed[i] != NULL; i++) {
        (void)!write(terminal, typed[i], strlen(typed[i]));
    }
    while (take_until_silent(terminal, &len)) {
        (void)kill(child, SIGKILL); /* it waits for more than was typed */
    }
    (void)close(terminal);
    return end_of(child);
}

const char *pty_screen(void)
{
    return screen;
}

int pty_run_without(int (*act)(void))
{
    const pid_t child = fork();
    if (child == 0) {
        (void)setsid();
        _exit(act());
    }
    return end_of(child);
}
