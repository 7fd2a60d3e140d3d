/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking and showing on /dev/tty. What must not stay is shown on the alternate screen, which most
 * terminals do not keep; suspending is off while echo is, so that no shell inherits a mute
 * terminal.
 */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "process.h"

#define SCREEN_ENTER "\033[?1049h\033[2J\033[H"
#define SCREEN_LEAVE "\033[2J\033[?1049l"

/* The state to return to while echo is off. */
static struct termios former;
static volatile int muted = -1;

/* Echo is off as long as this lives. */
typedef struct mute {
    bool is_on;
} mute;

static void mute_wipe(mute *m)
{
    if (m->is_on) {
        terminal_restore();
    }
}

static void mute_begin(const terminal *t, mute *m)
{
    if (tcgetattr(t->in, &former) != 0) {
        return; /* a pipe has no echo */
    }
    struct termios silent = former;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    silent.c_cc[VSUSP] = _POSIX_VDISABLE;
    muted = t->in;
    m->is_on = true;
    (void)tcsetattr(t->in, TCSAFLUSH, &silent);
}

static mnsec_status read_secret(const terminal *t, locked *line)
{
    for (;;) {
        if (line->len + 1 >= line->size) {
            return MNSEC_E_USAGE;
        }
        char *byte = line->bytes + line->len;
        const mnsec_status status = terminal_get(t, -1, -1, byte);
        if (status == MNSEC_E_STATE_END) {
            return MNSEC_E_STATE_CANCELLED;
        }
        MN_TRY(status);
        if (*byte == '\n' || *byte == '\r') {
            *byte = '\0';
            return MNSEC_OK;
        }
        line->len++;
    }
}

static int64_t now_seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static mnsec_status wait_enter(const terminal *t, unsigned seconds)
{
    const int64_t end = now_seconds() + (int64_t)seconds;
    for (;;) {
        char byte = '\0';
        const mnsec_status status = terminal_get(t, -1, seconds > 0 ? 250 : -1, &byte);
        if (status == MNSEC_E_STATE_END || (status == MNSEC_OK && byte == '\n')) {
            return MNSEC_OK;
        }
        if (seconds > 0 && now_seconds() >= end) {
            return MNSEC_OK;
        }
        if (status != MNSEC_OK && status != MNSEC_E_STATE_CHANGED) {
            return status;
        }
    }
}

mnsec_status terminal_open(terminal *out_terminal)
{
    const int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    *out_terminal = (terminal){.in = fd, .out = fd};
    return MNSEC_OK;
}

void terminal_wipe(terminal *t)
{
    if (!t->is_borrowed && t->in > STDERR_FILENO) {
        (void)close(t->in);
    }
}

void terminal_put(const terminal *t, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        const ssize_t written = write(t->out, text, left);
        if (written < 0 && errno != EINTR) {
            return;
        }
        text += written > 0 ? written : 0;
        left -= written > 0 ? (size_t)written : 0;
    }
}

mnsec_status terminal_get(const terminal *t, int beside, int timeout_ms, char *out_byte)
{
    const mnsec_status status = process_wait(t->in, beside, timeout_ms);
    if (status == MNSEC_E_STATE_END) {
        return MNSEC_E_STATE_CHANGED;
    }
    MN_TRY(status);
    const ssize_t got = read(t->in, out_byte, 1);
    if (got < 0) {
        return errno == EINTR ? MNSEC_E_STATE_CHANGED : MNSEC_E_STATE_END;
    }
    return got == 1 ? MNSEC_OK : MNSEC_E_STATE_END;
}

mnsec_status terminal_secret(const terminal *t, const char *question, locked *out_line)
{
    MN_AUTO(mute) quiet = {0};
    locked_clear(out_line);
    mute_begin(t, &quiet);
    terminal_put(t, question);
    const mnsec_status status = read_secret(t, out_line);
    terminal_put(t, "\n");
    return status;
}

mnsec_status terminal_show(const terminal *t, const char *text, unsigned seconds)
{
    terminal_put(t, SCREEN_ENTER);
    terminal_put(t, text);
    const mnsec_status status = wait_enter(t, seconds);
    terminal_put(t, SCREEN_LEAVE);
    return status;
}

void terminal_restore(void)
{
    if (muted >= 0) {
        (void)tcsetattr(muted, TCSAFLUSH, &former);
    }
    muted = -1;
}
