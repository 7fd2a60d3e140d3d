/* SPDX-License-Identifier: Apache-2.0 */
/* PIN tries on disk: spent first, given back or cleared, locked when in doubt. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault_tries.h"

static char path[] = "/tmp/mnsec-tries.XXXXXX";
static int dir = -1;

static void open_dir(void)
{
    cr_assert_not_null(mkdtemp(path));
    dir = open(path, O_RDONLY | O_DIRECTORY);
    cr_assert_geq(dir, 0);
}

static void drop_dir(void)
{
    (void)unlinkat(dir, "S", 0);
    (void)unlinkat(dir, ".lock", 0);
    (void)close(dir);
    (void)rmdir(path);
}

TestSuite(fault_tries, .init = open_dir, .fini = drop_dir);

static void write_file(const char *text)
{
    const int fd = openat(dir, "S", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert_geq(write(fd, text, strlen(text)), 0);
    (void)close(fd);
}

static CK_FLAGS flags(void)
{
    mn_fault_tries tries;
    mn_fault_tries_read(dir, "S", &tries);
    return mn_fault_tries_flags(&tries, 3);
}

Test(fault_tries, shows_no_flag_on_a_fresh_token)
{
    cr_assert_eq(flags(), 0);
}

Test(fault_tries, warns_then_names_the_last_try_then_locks)
{
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
    cr_assert_eq(flags(), CKF_USER_PIN_COUNT_LOW);
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
    cr_assert_eq(flags(), CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY);
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
    cr_assert_eq(flags(), CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_LOCKED);

    cr_assert_not(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
}

Test(fault_tries, counts_the_security_officer_apart)
{
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_SO, 3));

    cr_assert_eq(flags(), CKF_SO_PIN_COUNT_LOW);
}

Test(fault_tries, gives_one_try_back)
{
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));

    mn_fault_tries_return(dir, "S", MN_FAULT_ROLE_USER);

    cr_assert_eq(flags(), CKF_USER_PIN_COUNT_LOW);
}

Test(fault_tries, has_them_all_again_after_a_reset)
{
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
    cr_assert(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));

    mn_fault_tries_reset(dir, "S", MN_FAULT_ROLE_USER);

    cr_assert_eq(flags(), 0);
}

Test(fault_tries, is_locked_by_every_truncation_of_its_file)
{
    static const char whole[] = "user 0 so 0\n";
    char text[sizeof whole];
    write_file(whole);
    cr_assert_eq(flags(), 0);
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        memcpy(text, whole, sizeof whole);
        text[len] = '\0';

        write_file(text);

        cr_assert(flags() & CKF_USER_PIN_LOCKED, "cut to %zu bytes", len);
    }
}

typedef struct bad_file {
    char text[32];
} bad_file;

ParameterizedTestParameters(fault_tries, is_locked_by_a_file_that_makes_no_sense)
{
    static bad_file cases[] = {
        {"nonsense\n"},  {"user 0 so 0\nmore\n"}, {"user -1 so 0\n"},
        {"user 0 so 0"}, {"user  so 0\n"},        {"user 100 so 0\n"},
    };
    return cr_make_param_array(bad_file, cases, sizeof cases / sizeof cases[0]);
}

ParameterizedTest(bad_file *bad, fault_tries, is_locked_by_a_file_that_makes_no_sense)
{
    write_file(bad->text);

    cr_assert_not(mn_fault_tries_spend(dir, "S", MN_FAULT_ROLE_USER, 3));
    cr_assert(flags() & CKF_USER_PIN_LOCKED);
}

Test(fault_tries, lies_as_it_is_told)
{
    const CK_FLAGS last = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY;

    cr_expect_eq(mn_fault_tries_lie(last, MN_FAULT_PIN_FLAGS_TRUE), last);
    cr_expect_eq(mn_fault_tries_lie(last, MN_FAULT_PIN_FLAGS_NONE), 0);
    cr_expect_eq(mn_fault_tries_lie(last, MN_FAULT_PIN_FLAGS_NO_COUNT_LOW), CKF_USER_PIN_FINAL_TRY);
    cr_expect_eq(mn_fault_tries_lie(0, MN_FAULT_PIN_FLAGS_ALWAYS_FINAL), CKF_USER_PIN_FINAL_TRY);
}
