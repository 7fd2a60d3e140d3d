/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is found, told at once and counted: a bad or missing thing spoils its level, the lowest bad
 * entry is kept. The table of findings is in verify_state.h.
 */
#include "verify_state.h"

static const mnsec_bundle_finding findings[MN_VERIFY_FINDING_COUNT] = {
#define MN_VERIFY_FINDING_ROW(name, code_, weight_, level_, text_)                                 \
    [MN_VERIFY_##name] = {.code = (code_),                                                         \
                          .weight = MNSEC_BUNDLE_##weight_,                                        \
                          .level = MNSEC_BUNDLE_##level_,                                          \
                          .text = (text_)},
    MN_VERIFY_FINDING_LIST(MN_VERIFY_FINDING_ROW)
#undef MN_VERIFY_FINDING_ROW
};

mnsec_status mn_verify_finding_tell(mn_verify *verify, mn_verify_finding finding, uint64_t entry,
                                    const char *file)
{
    mnsec_bundle_finding told = findings[finding];
    told.entry = entry;
    told.file = file;
    if (told.weight != MNSEC_BUNDLE_NOTE) {
        verify->spoiled |= told.level;
    }
    if (told.weight == MNSEC_BUNDLE_BAD) {
        verify->bad = true;
        if (entry < verify->result.first_bad) {
            verify->result.first_bad = entry;
        }
    }
    const mnsec_bundle_options *options = verify->options;
    if (options->finding != NULL && options->finding(options->finding_user, &told) != 0) {
        return MNSEC_E_STATE_CANCELLED;
    }
    return told.weight == MNSEC_BUNDLE_BAD ? MNSEC_E_INTEGRITY : MNSEC_OK;
}

mnsec_status mn_verify_finding_progress(const mn_verify *verify, const char *step, uint64_t done,
                                        uint64_t total)
{
    const mnsec_bundle_options *options = verify->options;
    if (options->progress != NULL &&
        options->progress(options->progress_user, step, done, total) != 0) {
        return MNSEC_E_STATE_CANCELLED;
    }
    return MNSEC_OK;
}
