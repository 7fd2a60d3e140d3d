/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body line of an entry (docs/FORMATS.md, 2.3), written and read. Pure. Writing refuses every
 * free text that holds an Individual Number: the log is kept for ever and handed to outsiders.
 * Reading accepts what writing writes and nothing else.
 */
#ifndef MN_AUDIT_BODY_H
#define MN_AUDIT_BODY_H

#include "audit/audit.h"

#define MN_AUDIT_BODY_SALT_BYTES 16U
/* A founding document with its certificates and a batch of records have room. */
#define MN_AUDIT_BODY_MAX_BYTES      (16U * 1024U * 1024U)
#define MN_AUDIT_BODY_MAX_TEXT_BYTES 1000U

/* Errors: USAGE_FORMAT (a number in free text, a text of no use, a value out of its list) */
MNSEC_MUST_USE mnsec_status mn_audit_body_write(const mn_audit_body *body,
                                                const uint8_t salt[MN_AUDIT_BODY_SALT_BYTES],
                                                mn_error *err, mn_buf *out_line);

/* A body that was read and what its members point to. Zeroed = empty. Not to be copied. */
typedef struct mn_audit_body_copy {
    mn_audit_body body;
    mn_buf texts;
    mn_buf authority;
    mnsec_id ids[5];
    uint8_t digests[3][32];
    mnsec_id (*items)[2];
} mn_audit_body_copy;
void mn_audit_body_copy_wipe(mn_audit_body_copy *copy);
MNSEC_MUST_USE mnsec_status mn_audit_body_read(mn_bytes line, mn_audit_body_copy *out_copy);

#endif
