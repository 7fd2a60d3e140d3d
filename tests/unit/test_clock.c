/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks: the system's, and one that a test sets. */
#include <criterion/criterion.h>
#include <time.h>

#include "base/clock.h"

static int64_t read_value(void *user)
{
    return *(const int64_t *)user;
}

static int64_t read_double(void *user)
{
    return 2 * *(const int64_t *)user;
}

Test(clock, reads_seconds_of_the_day_from_the_system)
{
    const int64_t before = time(NULL);
    const int64_t now = mn_clock_now(&mn_clock_system);

    cr_expect_geq(now, before - 1); /* time() may read a coarser clock */
    cr_expect_gt(now, INT64_C(1700000000));
}

Test(clock, never_goes_back)
{
    const int64_t first = mn_clock_monotonic_ms(&mn_clock_system);
    const int64_t second = mn_clock_monotonic_ms(&mn_clock_system);

    cr_expect_geq(second, first);
}

Test(clock, counts_monotonic_time_in_milliseconds)
{
    struct timespec boot;
    cr_assert_eq(clock_gettime(CLOCK_BOOTTIME, &boot), 0);

    const int64_t ms = mn_clock_monotonic_ms(&mn_clock_system);

    cr_expect_geq(ms, (int64_t)boot.tv_sec * 1000);
    cr_expect_lt(ms, ((int64_t)boot.tv_sec + 3600) * 1000);
}

Test(clock, can_be_one_that_a_test_sets)
{
    int64_t value = 1000;
    const mn_clock clock = {.now = read_value, .monotonic_ms = read_double, .user = &value};

    value = 2000;

    cr_expect_eq(mn_clock_now(&clock), 2000);
    cr_expect_eq(mn_clock_monotonic_ms(&clock), 4000);
}
