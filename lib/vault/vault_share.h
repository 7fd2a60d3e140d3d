/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A recovery share as people print and type it: RFC 4648 base32 in groups of four, the last group
 * a check over the rest, so that a slip of the pen is told from a wrong share.
 */
#ifndef MN_VAULT_SHARE_H
#define MN_VAULT_SHARE_H

#include "base/base.h"
#include "base/secret.h"

#define MN_VAULT_SHARE_MAX_BYTES 64

/* "abcd-efgh-…", NUL behind it. Errors: USAGE (longer than the maximum) */
MNSEC_MUST_USE mnsec_status mn_vault_share_format(const mn_secret *share, mn_secret *out_text);
/* Either case; spaces and hyphens anywhere. Errors: USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_vault_share_parse(const mn_secret *text, mn_secret *out_share);

#endif
