/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tools/common/locked.c: memory for what a person types.
 */
#include "locked.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void type(locked *memory, const char *text)
{
    for (; *text != '\0'; text++) {
        cr_assert(locked_add(memory, *text));
    }
}

Test(locked, takes_as_much_as_it_has_room_for_and_a_nul)
{
    MN_AUTO(locked) memory = {0};
    cr_assert_eq(locked_init(&memory, 4), MNSEC_OK);

    type(&memory, "abc");

    cr_expect_not(locked_add(&memory, 'd'));
    cr_expect_str_eq(memory.bytes, "abc");
    cr_expect_eq(memory.len, 3);
}

Test(locked, compares_length_and_content)
{
    MN_AUTO(locked) a = {0};
    MN_AUTO(locked) b = {0};
    cr_assert_eq(locked_init(&a, 16), MNSEC_OK);
    cr_assert_eq(locked_init(&b, 16), MNSEC_OK);
    type(&a, "abc");
    type(&b, "abc");

    cr_expect(locked_equal(&a, &b));
    type(&b, "d");

    cr_expect_not(locked_equal(&a, &b));
    type(&a, "e");
    cr_expect_not(locked_equal(&a, &b));
}

Test(locked, leaves_nothing_when_it_is_cleared)
{
    static const char nothing[16];
    MN_AUTO(locked) memory = {0};
    cr_assert_eq(locked_init(&memory, sizeof(nothing)), MNSEC_OK);
    type(&memory, "abc");

    locked_clear(&memory);

    cr_expect_eq(memory.len, 0);
    cr_expect_arr_eq(memory.bytes, nothing, sizeof(nothing));
}

Test(locked, erases_every_region_at_once_for_a_signal_handler)
{
    MN_AUTO(locked) a = {0};
    MN_AUTO(locked) b = {0};
    cr_assert_eq(locked_init(&a, 16), MNSEC_OK);
    cr_assert_eq(locked_init(&b, 16), MNSEC_OK);
    type(&a, "abc");
    type(&b, "def");

    locked_erase_all();

    cr_expect_eq(a.bytes[0], 0);
    cr_expect_eq(b.bytes[2], 0);
}

Test(locked, is_empty_in_a_child)
{
    MN_AUTO(locked) memory = {0};
    cr_assert_eq(locked_init(&memory, 16), MNSEC_OK);
    type(&memory, "abc");

    const pid_t child = fork();
    if (child == 0) {
        _exit(memory.bytes[0] == 0 ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);

    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

Test(locked, can_be_made_and_wiped_again_and_again)
{
    for (int i = 0; i < 1000; i++) {
        MN_AUTO(locked) memory = {0};
        cr_assert_eq(locked_init(&memory, 16), MNSEC_OK);
    }
}
