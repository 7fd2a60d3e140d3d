/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over one line of the log. Every line has exactly one form, so reading it is taking, in
 * order, literals and values; what is not the next thing is refused. Outputs are set and the cursor
 * moves on success only. Errors: USAGE_FORMAT
 */
#ifndef MN_AUDIT_SCAN_H
#define MN_AUDIT_SCAN_H

#include "base/base.h"
#include "base/buf.h"

typedef struct mn_audit_scan {
    mn_bytes rest;
} mn_audit_scan;

/* Is literal next? It is taken if so. */
bool mn_audit_scan_has(mn_audit_scan *scan, const char *literal);
MNSEC_MUST_USE mnsec_status mn_audit_scan_literal(mn_audit_scan *scan, const char *literal);
/* Decimal, no leading zeros, below 2^53. */
MNSEC_MUST_USE mnsec_status mn_audit_scan_integer(mn_audit_scan *scan, uint64_t *out_value);
/* What stands before the next end, which is taken too. */
MNSEC_MUST_USE mnsec_status mn_audit_scan_until(mn_audit_scan *scan, char end, mn_bytes *out_word);
/* 43 letters of base64url. */
MNSEC_MUST_USE mnsec_status mn_audit_scan_digest(mn_audit_scan *scan, uint8_t out_digest[32]);
/* 26 letters of lower-case base32. */
MNSEC_MUST_USE mnsec_status mn_audit_scan_id(mn_audit_scan *scan, mnsec_id *out_id);
/* Nothing may be left. */
MNSEC_MUST_USE mnsec_status mn_audit_scan_end(const mn_audit_scan *scan);

#endif
