/* SPDX-License-Identifier: Apache-2.0 */
/* Who runs the process, in words that the log takes whatever the system calls him. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "api/api_opened.h"

struct user {
    char name[80];
    char logged[16];
};

ParameterizedTestParameters(api_opened, gives_every_user_of_the_system_a_name_for_the_log)
{
    static struct user users[] = {
        {"taro", "taro"},
        {"\xe5\xa4\xaa\xe9\x83\x8e", "\xe5\xa4\xaa\xe9\x83\x8e"},
        {"", "uid-1000"},
        {"123456789018", "uid-1000"},
        {"u1234-5678-9018", "uid-1000"},
        {"taro\xff", "uid-1000"},
        {"ta\nro", "uid-1000"},
        {"a-name-of-sixty-four-bytes-or-more-which-no-entry-could-hold-whole", "uid-1000"},
    };
    return cr_make_param_array(struct user, users, sizeof users / sizeof users[0]);
}

ParameterizedTest(struct user *user, api_opened, gives_every_user_of_the_system_a_name_for_the_log)
{
    char logged[MN_OPENED_OS_USER_BYTES];

    mn_opened_os_user(user->name, 1000, logged);

    cr_expect_str_eq(logged, user->logged);
}

Test(api_opened, gives_a_user_whom_the_system_does_not_know_his_number)
{
    char logged[MN_OPENED_OS_USER_BYTES];

    mn_opened_os_user(NULL, 4294967295U, logged);

    cr_expect_str_eq(logged, "uid-4294967295");
}
