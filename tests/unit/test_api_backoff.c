/* SPDX-License-Identifier: Apache-2.0 */
/* How long a card waits after wrong attempts; that the log is what counts is tested by scenarios.
 */
#include <criterion/criterion.h>

#include "api/api_backoff.h"

Test(api_backoff, lets_two_attempts_pass)
{
    cr_expect_eq(mn_backoff_seconds(0), 0);
    cr_expect_eq(mn_backoff_seconds(1), 0);
    cr_expect_eq(mn_backoff_seconds(2), 0);
}

Test(api_backoff, doubles_from_the_third_on)
{
    cr_expect_eq(mn_backoff_seconds(3), 2);
    cr_expect_eq(mn_backoff_seconds(4), 4);
    cr_expect_eq(mn_backoff_seconds(11), 512);
}

Test(api_backoff, never_waits_longer_than_a_quarter_of_an_hour)
{
    cr_expect_eq(mn_backoff_seconds(12), 900);
    cr_expect_eq(mn_backoff_seconds(1000), 900);
    cr_expect_eq(mn_backoff_seconds(UINT64_MAX), 900);
}
