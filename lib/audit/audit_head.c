/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workstation's own memory of the log: the three lines of the last checkpoint it saw, in a file
 * outside the store. A file that is there and cannot be understood is an alarm, not a fresh start.
 */
#include "audit/audit.h"
#include "base/config.h"

#define HEAD_MAX_BYTES 1024U
#define HEAD_MODE      0644U

mnsec_status mn_audit_head_read(const char *path, mn_error *err, mn_tlog_checkpoint *out_checkpoint)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_config_read_file(path, HEAD_MAX_BYTES, err, &text));
    if (mn_tlog_checkpoint_parse(mn_buf_view(&text), out_checkpoint) != MNSEC_OK) {
        return mn_fail(err, MNSEC_E_INTEGRITY, "%s is no checkpoint", path);
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_head_write(const char *path, const mn_tlog_checkpoint *head, mn_error *err)
{
    MN_AUTO(mn_buf) text = {0};
    if (mn_tlog_checkpoint_format(head, &text) != MNSEC_OK) {
        return mn_fail(err, MNSEC_E_USAGE, "head has no proper origin or size");
    }
    return mn_config_write_file(path, mn_buf_view(&text), HEAD_MODE, err);
}
