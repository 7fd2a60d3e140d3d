/* SPDX-License-Identifier: Apache-2.0 */
/* Counts: exact over processes, kept, reset, and numbered anew with each plan. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_counts.h"

static char dir[] = "/tmp/mnsec-counts.XXXXXX";

static void make_dir(void)
{
    cr_assert_not_null(mkdtemp(dir));
}

static void drop_dir(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/" MN_FAULT_COUNTS_FILE, dir);
    (void)unlink(path);
    (void)rmdir(dir);
}

TestSuite(fault_counts, .init = make_dir, .fini = drop_dir);

static void add(mn_fault_counts *counts, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        uint64_t nth;
        uint64_t nth_any;
        mn_fault_counts_add(counts, MN_FAULT_C_Sign, &nth, &nth_any);
    }
}

Test(fault_counts, loses_no_call_of_processes_at_the_same_time)
{
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            mn_fault_counts *mine = mn_fault_counts_open(dir);
            if (mine == NULL) {
                _exit(1);
            }
            add(mine, 10000);
            _exit(0);
        }
    }
    for (int status; wait(&status) > 0;) {
        cr_assert_eq(status, 0);
    }
    mn_fault_counts *counts = mn_fault_counts_open(dir);

    cr_assert_eq(mn_fault_counts_get(counts, MN_FAULT_C_Sign), 40000);
    cr_assert_eq(mn_fault_counts_get(counts, MN_FAULT_ANY), 40000);
    cr_assert_eq(mn_fault_counts_get(counts, MN_FAULT_C_Verify), 0);
    mn_fault_counts_free(counts);
}

Test(fault_counts, begins_at_zero_after_a_reset)
{
    mn_fault_counts *counts = mn_fault_counts_open(dir);
    add(counts, 3);

    mn_fault_counts_reset(counts);

    cr_assert_eq(mn_fault_counts_get(counts, MN_FAULT_C_Sign), 0);
    cr_assert_eq(mn_fault_counts_get(counts, MN_FAULT_ANY), 0);
    mn_fault_counts_free(counts);
}

Test(fault_counts, numbers_calls_anew_with_a_new_plan_only)
{
    uint64_t nth;
    uint64_t nth_any;
    mn_fault_counts *counts = mn_fault_counts_open(dir);
    mn_fault_counts_adopt_plan(counts, 1);
    add(counts, 3);

    mn_fault_counts_adopt_plan(counts, 1);
    mn_fault_counts_add(counts, MN_FAULT_C_Sign, &nth, &nth_any);
    cr_assert_eq(nth, 4);
    mn_fault_counts_adopt_plan(counts, 2);
    mn_fault_counts_add(counts, MN_FAULT_C_Sign, &nth, &nth_any);
    cr_assert_eq(nth, 1);
    cr_assert_eq(nth_any, 1);

    cr_assert_eq(mn_fault_counts_get(counts, MN_FAULT_C_Sign), 5);
    mn_fault_counts_free(counts);
}

Test(fault_counts, refuses_a_file_that_is_something_else)
{
    char path[64];
    (void)snprintf(path, sizeof path, "%s/" MN_FAULT_COUNTS_FILE, dir);
    FILE *file = fopen(path, "w");
    (void)fputs("something else", file);
    (void)fclose(file);

    cr_assert_null(mn_fault_counts_open(dir));

    cr_assert_eq(errno, EINVAL);
}
