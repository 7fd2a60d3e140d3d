/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cursor over a line. Each function accepts the one spelling that a writer of this module has
 * for a value. The lines themselves: audit_line.c, audit_body.c.
 */
#include "audit/audit_scan.h"

#include <string.h>

#include "base/base64.h"
#include "tlog/tlog.h"

#define INTEGER_MAX_DIGITS 16U
#define DIGEST_LETTERS     (MN_BASE64_URL_DIGEST_BYTES - 1U)
#define ID_LETTERS         (MNSEC_ID_TEXT_BYTES - 1U)

static void skip(mn_audit_scan *scan, size_t len)
{
    scan->rest = mn_bytes_of(scan->rest.bytes + len, scan->rest.len - len);
}

bool mn_audit_scan_has(mn_audit_scan *scan, const char *literal)
{
    const size_t len = strlen(literal);
    if (scan->rest.len < len || memcmp(scan->rest.bytes, literal, len) != 0) {
        return false;
    }
    skip(scan, len);
    return true;
}

mnsec_status mn_audit_scan_literal(mn_audit_scan *scan, const char *literal)
{
    return mn_audit_scan_has(scan, literal) ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

mnsec_status mn_audit_scan_integer(mn_audit_scan *scan, uint64_t *out_value)
{
    uint64_t value = 0;
    size_t digits = 0;
    while (digits < scan->rest.len && scan->rest.bytes[digits] >= '0' &&
           scan->rest.bytes[digits] <= '9') {
        if (digits == INTEGER_MAX_DIGITS) {
            return MNSEC_E_USAGE_FORMAT;
        }
        value = value * 10 + (uint64_t)(scan->rest.bytes[digits] - '0');
        digits++;
    }
    const bool padded = digits > 1 && scan->rest.bytes[0] == '0';
    if (digits == 0 || padded || value > MN_TLOG_MAX_SIZE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    skip(scan, digits);
    *out_value = value;
    return MNSEC_OK;
}

mnsec_status mn_audit_scan_until(mn_audit_scan *scan, char end, mn_bytes *out_word)
{
    const uint8_t *found =
        scan->rest.len > 0 ? memchr(scan->rest.bytes, end, scan->rest.len) : NULL;
    if (!found) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const size_t len = (size_t)(found - scan->rest.bytes);
    *out_word = mn_bytes_of(scan->rest.bytes, len);
    skip(scan, len + 1);
    return MNSEC_OK;
}

mnsec_status mn_audit_scan_digest(mn_audit_scan *scan, uint8_t out_digest[32])
{
    if (scan->rest.len < DIGEST_LETTERS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_base64_url_digest_read(mn_bytes_of(scan->rest.bytes, DIGEST_LETTERS), out_digest));
    skip(scan, DIGEST_LETTERS);
    return MNSEC_OK;
}

mnsec_status mn_audit_scan_id(mn_audit_scan *scan, mnsec_id *out_id)
{
    char text[MNSEC_ID_TEXT_BYTES] = "";
    if (scan->rest.len < ID_LETTERS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy(text, scan->rest.bytes, ID_LETTERS);
    mnsec_id id;
    MN_TRY(mnsec_id_parse(text, &id));
    /* Upper case is read elsewhere; here there is one spelling. */
    char canonical[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&id, canonical);
    if (strcmp(text, canonical) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    skip(scan, ID_LETTERS);
    *out_id = id;
    return MNSEC_OK;
}

mnsec_status mn_audit_scan_end(const mn_audit_scan *scan)
{
    return scan->rest.len == 0 ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}
