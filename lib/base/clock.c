/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clocks of the machine. Time-outs run on CLOCK_BOOTTIME, which counts while a laptop sleeps:
 * a session must not survive a closed lid. Times that are written down come from CLOCK_REALTIME.
 */
#include "clock.h"

#include <assert.h>
#include <time.h>

static struct timespec read_clock(clockid_t id)
{
    struct timespec time = {0};
    const int result = clock_gettime(id, &time);
    assert(result == 0); /* both clocks exist on every Linux this builds on */
    (void)result;
    return time;
}

static int64_t system_now(void *user)
{
    (void)user;
    return read_clock(CLOCK_REALTIME).tv_sec;
}

static int64_t system_monotonic_ms(void *user)
{
    (void)user;
    const struct timespec time = read_clock(CLOCK_BOOTTIME);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

const mn_clock mn_clock_system = {.now = system_now, .monotonic_ms = system_monotonic_ms};

int64_t mn_clock_now(const mn_clock *clock)
{
    return clock->now(clock->user);
}

int64_t mn_clock_monotonic_ms(const mn_clock *clock)
{
    return clock->monotonic_ms(clock->user);
}
