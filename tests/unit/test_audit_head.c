/* SPDX-License-Identifier: Apache-2.0 */
/* The workstation's own memory of the log, in a file. */
#include <criterion/criterion.h>
#include <string.h>

#include "audit/audit.h"
#include "base/config.h"
#include "scratch.h"

TestSuite(audit_head, .init = scratch_make, .fini = scratch_remove);

static const mn_tlog_checkpoint head = {.origin = "mnsec/a", .tree_size = 12, .root = {{1, 2, 3}}};

Test(audit_head, is_read_as_it_was_written)
{
    const char *path = scratch_path("head");
    mn_error err = {0};
    mn_tlog_checkpoint found;

    cr_assert_eq(mn_audit_head_write(path, &head, &err), MNSEC_OK);
    cr_assert_eq(mn_audit_head_read(path, &err, &found), MNSEC_OK);

    cr_expect_str_eq(found.origin, head.origin);
    cr_expect_eq(found.tree_size, 12);
    cr_expect(mn_tlog_tree_hash_equal(&found.root, &head.root));
    cr_expect_eq(scratch_count(), 1);
}

Test(audit_head, that_is_missing_is_not_found)
{
    mn_error err = {0};
    mn_tlog_checkpoint found;

    cr_expect_eq(mn_audit_head_read(scratch_path("none"), &err, &found), MNSEC_E_STATE_NOT_FOUND);
}

Test(audit_head, that_is_damaged_is_an_alarm)
{
    const char *path = scratch_path("head");
    mn_error err = {0};
    mn_tlog_checkpoint found;
    cr_assert_eq(mn_config_write_file(path, mn_bytes_of("mnsec/a\n12\n", 11), 0644, &err),
                 MNSEC_OK);

    cr_expect_eq(mn_audit_head_read(path, &err, &found), MNSEC_E_INTEGRITY);
}

Test(audit_head, without_an_origin_is_not_written)
{
    static const mn_tlog_checkpoint nothing;
    mn_error err = {0};

    cr_expect_eq(mn_audit_head_write(scratch_path("head"), &nothing, &err), MNSEC_E_USAGE);
    cr_expect_eq(scratch_count(), 0);
}
