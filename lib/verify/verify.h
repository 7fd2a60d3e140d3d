/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifying an export (docs/FORMATS.md, section 5). The writer is not trusted and not used: what is
 * here shares with it only the pure functions of the tree. One pass over the entries in order;
 * memory is bounded whatever the export says.
 *
 * Reading: verify_read.h. Judging: verify_state.h.
 */
#ifndef MN_VERIFY_H
#define MN_VERIFY_H

#include "base/base.h"
#include "mnsec/verify.h"

/* options have been checked; libgcrypt is up. As mnsec_bundle_verify(). */
MNSEC_MUST_USE mnsec_status mn_verify_bundle(const mnsec_bundle_options *options,
                                             mnsec_bundle_result *out_result);

#endif
