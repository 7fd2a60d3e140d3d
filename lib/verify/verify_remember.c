/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checkpoint that a verifier keeps: three lines in a file of his own, the only memory that a
 * facility-key holder cannot reach. The log must still begin with what it covers; after a good
 * verification it moves forward, never back.
 */
#include <string.h>

#include "base/config.h"
#include "verify_state.h"

#define FILE_MODE 0644U

mnsec_status mn_verify_remember_read(mn_verify *verify)
{
    const char *path = verify->options->remember;
    if (path == NULL) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_buf) text = {0};
    const mnsec_status status = mn_config_read_file(path, MN_VERIFY_SMALL_MAX, NULL, &text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        verify->result.first_contact = 1;
        return MNSEC_OK;
    }
    MN_TRY(status);
    MN_TRY(mn_tlog_checkpoint_parse(mn_buf_view(&text), &verify->remembered));
    verify->has_remembered = true;
    verify->result.remembered_size = verify->remembered.tree_size;
    return MNSEC_OK;
}

mnsec_status mn_verify_remember_begin(mn_verify *verify)
{
    if (!verify->has_remembered) {
        return MNSEC_OK;
    }
    mn_verify_finding finding = MN_VERIFY_FINDING_NONE;
    if (strcmp(verify->remembered.origin, verify->checkpoint.origin) != 0) {
        finding = MN_VERIFY_REMEMBER_OTHER;
        verify->remembered.tree_size = 0; /* its root means nothing here */
    } else if (verify->remembered.tree_size > verify->checkpoint.tree_size) {
        finding = MN_VERIFY_REMEMBER_SHORTER;
    }
    if (finding == MN_VERIFY_FINDING_NONE) {
        return MNSEC_OK;
    }
    const mnsec_status status =
        mn_verify_finding_tell(verify, finding, MNSEC_BUNDLE_NO_ENTRY, NULL);
    return status == MNSEC_E_INTEGRITY ? MNSEC_OK : status;
}

mnsec_status mn_verify_remember_compare(mn_verify *verify, uint64_t tree_size,
                                        const mn_tlog_hash *root)
{
    if (!verify->has_remembered || verify->remembered.tree_size != tree_size) {
        return MNSEC_OK;
    }
    verify->done |= MNSEC_BUNDLE_CONTINUOUS;
    if (mn_tlog_tree_hash_equal(&verify->remembered.root, root)) {
        return MNSEC_OK;
    }
    const mnsec_status status =
        mn_verify_finding_tell(verify, MN_VERIFY_REMEMBER_FORK, tree_size - 1, NULL);
    return status == MNSEC_E_INTEGRITY ? MNSEC_OK : status;
}

mnsec_status mn_verify_remember_write(const mn_verify *verify)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_tlog_checkpoint_format(&verify->checkpoint, &text));
    return mn_config_write_file(verify->options->remember, mn_buf_view(&text), FILE_MODE, NULL);
}
