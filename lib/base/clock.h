/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two clocks, behind one struct so that a test can move them: seconds UTC and monotonic
 * milliseconds.
 */
#ifndef MN_CLOCK_H
#define MN_CLOCK_H

#include "base.h"

typedef struct mn_clock {
    int64_t (*now)(void *user);          /* seconds since 1970-01-01T00:00:00Z */
    int64_t (*monotonic_ms)(void *user); /* never goes back, counts while suspended */
    void *user;
} mn_clock;

/* CLOCK_REALTIME and CLOCK_BOOTTIME. */
extern const mn_clock mn_clock_system;
int64_t mn_clock_now(const mn_clock *clock);
int64_t mn_clock_monotonic_ms(const mn_clock *clock);

#endif
