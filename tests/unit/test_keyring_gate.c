/* SPDX-License-Identifier: Apache-2.0 */
/* No log-in that could cost the token: room on the disk first, and one program at a time. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include "scratch.h"
#include "token/keyring_internal.h"
#include "token_fixture.h"

TestSuite(keyring_gate, .init = token_fixture_make, .fini = token_fixture_remove);

Test(keyring_gate, lets_in_where_there_is_room)
{
    cr_expect_eq(mn_keyring_gate_room(scratch_directory(), NULL), MNSEC_OK);
    cr_expect_eq(mn_keyring_gate_room(NULL, NULL), MNSEC_OK, "a device");
}

Test(keyring_gate, lets_nobody_in_on_a_full_disk)
{
    mn_error err = {0};

    cr_expect_eq(mn_keyring_gate_room("/proc", &err), MNSEC_E_TOKEN_FULL, "nothing fits in there");
}

Test(keyring_gate, lets_nobody_in_without_the_directory)
{
    mn_error err = {0};

    cr_expect_eq(mn_keyring_gate_room(scratch_path("nowhere"), &err), MNSEC_E_TOKEN_ABSENT);
}

Test(keyring_gate, logs_nobody_in_on_a_full_disk)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    cr_assert_eq(mn_keyring_watch_room(token.keyring, "/proc"), MNSEC_OK);
    token_fixture_reset_counts();

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_TOKEN_FULL);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 0);
    cr_assert_eq(mn_keyring_watch_room(token.keyring, scratch_directory()), MNSEC_OK);
    token_fixture_login(&token);
}

Test(keyring_gate, loses_no_token_where_files_may_not_grow)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    struct rlimit before;
    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);

    const mnsec_status status = mn_keyring_login(token.keyring, &token.user_pin, &token.passport);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);

    cr_expect_eq(status, MNSEC_E_TOKEN_FULL);
    token_fixture_login(&token);
}

Test(keyring_gate, holds_others_off_and_lets_go)
{
    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    const int other = open(token_fixture_module(), O_RDONLY | O_CLOEXEC);
    cr_assert_eq(mn_keyring_gate_enter(token_fixture_module(), NULL, &gate), MNSEC_OK);

    cr_expect_eq(flock(other, LOCK_EX | LOCK_NB), -1);
    mn_keyring_gate_wipe(&gate);
    cr_expect_eq(flock(other, LOCK_EX | LOCK_NB), 0);
    (void)close(other);
}

Test(keyring_gate, is_open_again_after_a_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    const int other = open(token_fixture_module(), O_RDONLY | O_CLOEXEC);

    cr_expect_eq(flock(other, LOCK_EX | LOCK_NB), 0);
    (void)close(other);
}
