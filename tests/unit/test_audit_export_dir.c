/* SPDX-License-Identifier: Apache-2.0 */
/* A directory that appears whole or not at all. */
#include "audit/audit_export_dir.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "crypto/secret/crypto.h"
#include "scratch.h"

static void set_up(void)
{
    scratch_make();
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(audit_export_dir, .init = set_up, .fini = scratch_remove);

static void put(mn_audit_export_dir *dir, const char *name, const char *text)
{
    cr_assert_eq(mn_audit_export_dir_put(dir, name, mn_bytes_of(text, strlen(text))), MNSEC_OK);
}

Test(audit_export_dir, appears_when_it_is_finished)
{
    MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
    const char *target = scratch_path("export");
    mn_error err = {0};
    MN_AUTO(mn_buf) text = {0};
    cr_assert_eq(mn_audit_export_dir_make(&dir, target, &err), MNSEC_OK);
    cr_assert_eq(mn_audit_export_dir_folder(&dir, "log"), MNSEC_OK);
    put(&dir, "log/a", "abc");
    cr_expect_neq(access(target, F_OK), 0);

    cr_assert_eq(mn_audit_export_dir_finish(&dir, target), MNSEC_OK);

    mn_audit_export_dir_wipe(&dir);
    cr_assert_eq(mn_config_read_file(scratch_path("export/log/a"), 100, &err, &text), MNSEC_OK);
    cr_expect_str_eq(mn_buf_text(&text), "abc");
    cr_expect_eq(scratch_count(), 1);
}

Test(audit_export_dir, is_for_its_owner_only)
{
    MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
    const char *target = scratch_path("export");
    mn_error err = {0};
    struct stat about;
    cr_assert_eq(mn_audit_export_dir_make(&dir, target, &err), MNSEC_OK);
    put(&dir, "a", "abc");
    cr_assert_eq(mn_audit_export_dir_finish(&dir, target), MNSEC_OK);

    cr_assert_eq(stat(target, &about), 0);
    cr_expect_eq(about.st_mode & 0777U, 0700U);
    cr_assert_eq(stat(scratch_path("export/a"), &about), 0);
    cr_expect_eq(about.st_mode & 0777U, 0600U);
}

Test(audit_export_dir, leaves_nothing_when_it_is_not_finished)
{
    mn_error err = {0};
    {
        MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
        MN_AUTO(mn_audit_export_dir_file) file = {.dir = NULL};
        cr_assert_eq(mn_audit_export_dir_make(&dir, scratch_path("export"), &err), MNSEC_OK);
        cr_assert_eq(mn_audit_export_dir_folder(&dir, "log"), MNSEC_OK);
        put(&dir, "log/a", "abc");
        cr_assert_eq(mn_audit_export_dir_open(&dir, "log/b", &file), MNSEC_OK);
        cr_expect_eq(scratch_count(), 1);
    }

    cr_expect_eq(scratch_count(), 0);
}

Test(audit_export_dir, lists_its_files_in_order_as_sha256sum_does)
{
    MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
    MN_AUTO(mn_buf) manifest = {0};
    mn_error err = {0};
    cr_assert_eq(mn_audit_export_dir_make(&dir, scratch_path("export"), &err), MNSEC_OK);
    cr_assert_eq(mn_audit_export_dir_folder(&dir, "b"), MNSEC_OK);
    put(&dir, "b/c", "abc");
    put(&dir, "b.txt", "");
    put(&dir, "B", "abc");

    cr_assert_eq(mn_audit_export_dir_manifest(&dir, &manifest), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&manifest),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  B\n"
                     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.txt\n"
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b/c\n");
}

Test(audit_export_dir, is_not_made_where_something_is)
{
    MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
    const char *target = scratch_path("export");
    mn_error err = {0};
    cr_assert_eq(mkdir(target, 0700), 0);

    cr_expect_eq(mn_audit_export_dir_make(&dir, target, &err), MNSEC_E_STATE_CONFLICT);
    cr_expect_eq(scratch_count(), 1);
}

Test(audit_export_dir, does_not_replace_what_came_meanwhile)
{
    mn_error err = {0};
    const char *target = scratch_path("export");
    {
        MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
        cr_assert_eq(mn_audit_export_dir_make(&dir, target, &err), MNSEC_OK);
        cr_assert_eq(mkdir(target, 0700), 0);
        cr_expect_eq(mn_audit_export_dir_finish(&dir, target), MNSEC_E_STATE_CONFLICT);
    }

    cr_expect_eq(scratch_count(), 1, "the other one is there, ours is gone");
}

Test(audit_export_dir, is_not_made_below_what_is_not_there)
{
    MN_AUTO(mn_audit_export_dir) dir = {.err = NULL};
    mn_error err = {0};

    cr_expect_eq(mn_audit_export_dir_make(&dir, scratch_path("no/export"), &err), MNSEC_E_STORE);
    cr_expect_eq(mn_audit_export_dir_make(&dir, scratch_path("export/"), &err), MNSEC_E_USAGE);
    cr_expect_eq(scratch_count(), 0);
}
