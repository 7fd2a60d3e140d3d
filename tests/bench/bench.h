/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Measuring: two ways of doing the same work, in turn, in one process. The ratio is taken inside
 * each round and the median of the rounds is what counts, since machines are noisy and times speak
 * of one machine only. A missed goal is told, never a failure; counts are exact and may be one.
 *
 *     bench_title("looking a number up");
 *     bench_compare(&(bench_goal){.name = "G1", .what = "…", .at_most = 1.15, …});
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bench_goal {
    const char *name;    /* of docs, such as "G1" */
    const char *what;    /* is measured */
    const char *against; /* what stands below the line */
    double at_most;      /* the ratio wanted; 0 = it is only told */
    const char *why; /* told beside the verdict: what the ratio is made of, or why it is missed */
    unsigned rounds; /* 0 = BENCH_ROUNDS */
    size_t items;    /* of work in one round: times are told for one */
    bool alone;      /* nobody else works at it: processor time of this process, not the clock */
    bool durable;    /* waits for the disk: no verdict where that is slow */
    void (*ours)(void *user);
    void (*bare)(void *user);
    void *user;
} bench_goal;

#define BENCH_ROUNDS 15

/* A heading, and the columns. */
void bench_title(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Measured up to three times until the goal is met: the best counts. Answers the ratio. */
double bench_compare(const bench_goal *goal);
/* An exact count; answers whether it is the one wanted. */
bool bench_count(const char *name, const char *what, uint64_t found, uint64_t wanted);

/* Seconds of a monotonic clock. */
double bench_now(void);
/* Of values that are put in order for it; count > 0. */
double bench_median(double *values, size_t count);

#endif
