/* SPDX-License-Identifier: Apache-2.0 */
/* Files of an export, which is hostile: below the folder only, plain only, bounded. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "scratch.h"
#include "verify/verify_read.h"

TestSuite(verify_file, .init = scratch_make, .fini = scratch_remove);

static void put(const char *name, const char *text)
{
    cr_assert_eq(
        mn_config_write_file(scratch_path(name), mn_bytes_of(text, strlen(text)), 0600, NULL),
        MNSEC_OK);
}

static int open_scratch(void)
{
    mn_verify_file folder = -1;
    cr_assert_eq(mn_verify_folder_open(scratch_directory(), &folder), MNSEC_OK);
    return folder;
}

Test(verify_file, reads_a_file_in_a_folder)
{
    MN_AUTO(mn_verify_file) folder = open_scratch();
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mkdir(scratch_path("log"), 0700), 0);
    put("log/a", "text");

    cr_assert_eq(mn_verify_file_read(folder, "log/a", 4, &bytes), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&bytes), "text");
}

Test(verify_file, refuses_a_file_longer_than_its_bound)
{
    MN_AUTO(mn_verify_file) folder = open_scratch();
    MN_AUTO(mn_buf) bytes = {0};
    put("a", "text!");

    cr_expect_eq(mn_verify_file_read(folder, "a", 4, &bytes), MNSEC_E_USAGE_FORMAT);
}

Test(verify_file, does_not_follow_a_link)
{
    MN_AUTO(mn_verify_file) folder = open_scratch();
    MN_AUTO(mn_buf) bytes = {0};
    uint8_t digest[32];
    put("a", "text");
    cr_assert_eq(symlink("a", scratch_path("link")), 0);
    cr_assert_eq(symlink(".", scratch_path("here")), 0);

    cr_expect_eq(mn_verify_file_read(folder, "link", 9, &bytes), MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_verify_file_read(folder, "here/a", 9, &bytes), MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_verify_file_digest(folder, "link", digest), MNSEC_E_INTEGRITY);
}

Test(verify_file, reads_plain_files_only)
{
    MN_AUTO(mn_verify_file) folder = open_scratch();
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mkdir(scratch_path("folder"), 0700), 0);
    cr_assert_eq(mkfifo(scratch_path("pipe"), 0600), 0);

    cr_expect_eq(mn_verify_file_read(folder, "folder", 9, &bytes), MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_verify_file_read(folder, "pipe", 9, &bytes), MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_verify_file_read(folder, "nothing", 9, &bytes), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_verify_file_read(folder, "nothing/a", 9, &bytes), MNSEC_E_STATE_NOT_FOUND);
}

Test(verify_file, gives_the_digest)
{
    static const uint8_t abc[] = {0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea};
    MN_AUTO(mn_verify_file) folder = open_scratch();
    uint8_t digest[32];
    put("a", "abc");

    cr_assert_eq(mn_verify_file_digest(folder, "a", digest), MNSEC_OK);

    cr_expect_arr_eq(digest, abc, sizeof(abc));
}

static mnsec_status note(void *user, const char *name, bool is_plain)
{
    return mn_buf_printf((mn_buf *)user, "%s%s;", name, is_plain ? "" : "!");
}

Test(verify_file, walks_everything_below)
{
    MN_AUTO(mn_verify_file) folder = open_scratch();
    MN_AUTO(mn_buf) names = {0};
    cr_assert_eq(mkdir(scratch_path("log"), 0700), 0);
    put("a", "");
    put("log/b", "");
    cr_assert_eq(symlink("log", scratch_path("link")), 0);

    cr_assert_eq(mn_verify_folder_walk(folder, note, &names), MNSEC_OK);

    cr_expect_eq(names.len, strlen("a;log/b;link!;"));
    cr_expect_not_null(strstr(mn_buf_text(&names), "a;"));
    cr_expect_not_null(strstr(mn_buf_text(&names), "log/b;"));
    cr_expect_not_null(strstr(mn_buf_text(&names), "link!;"));
}
