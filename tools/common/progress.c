/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line that is written over, at most ten times a second: a terminal is slower than an import.
 */
#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "process.h"
#include "words.h"

#define BAR_CELLS  24U
#define PAUSE_MSEC 100

static bool is_shown;
static int64_t shown_at;
static char shown_step[64];

static int64_t now_msec(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Is it worth writing? The first, the last, and one every tenth of a second. */
static bool is_due(const char *step, uint64_t done, uint64_t total)
{
    return strncmp(step, shown_step, sizeof(shown_step) - 1) != 0 || done == total ||
           now_msec() - shown_at >= PAUSE_MSEC;
}

static void draw(const char *step, uint64_t done, uint64_t total)
{
    if (total == 0) {
        (void)fprintf(stderr, "\r\033[K%s %ju", _(step), (uintmax_t)done);
        return;
    }
    char bar[BAR_CELLS + 1];
    const uint64_t share = done < total ? done : total;
    const size_t full = (size_t)((double)share / (double)total * BAR_CELLS);
    memset(bar, '.', BAR_CELLS);
    memset(bar, '#', full);
    bar[BAR_CELLS] = '\0';
    (void)fprintf(stderr, "\r\033[K%s [%s] %ju/%ju", _(step), bar, (uintmax_t)done,
                  (uintmax_t)total);
}

int progress_tell(void *user, const char *step, uint64_t done, uint64_t total)
{
    (void)user;
    if (isatty(STDERR_FILENO) == 1 && is_due(step, done, total)) {
        draw(step, done, total);
        (void)fflush(stderr);
        is_shown = true;
        shown_at = now_msec();
        (void)snprintf(shown_step, sizeof(shown_step), "%s", step);
    }
    return process_is_cancelled() ? 1 : 0;
}

void progress_clear(void)
{
    if (is_shown) {
        (void)fputs("\r\033[K", stderr);
        (void)fflush(stderr);
    }
    is_shown = false;
    shown_step[0] = '\0';
}
