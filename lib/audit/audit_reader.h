/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry at a time, decoded into the view that callers get. Inside this module; for ranges of
 * entries see audit_read.c, for statements of authority audit_authority.c.
 */
#ifndef MN_AUDIT_READER_H
#define MN_AUDIT_READER_H

#include "audit/audit_body.h"
#include "audit/audit_log.h"
#include "base/base64.h"

/* One entry and what the view of it points to. */
typedef struct mn_audit_reader {
    mn_audit *audit;
    mn_store_txn *txn;
    mn_buf line_text;
    mn_buf body_text;
    mn_buf signature_text;
    mn_audit_line line;
    mn_audit_body_copy body;
    char department[MNSEC_ID_TEXT_BYTES];
    char ah[MN_BASE64_URL_DIGEST_BYTES];
    char card[MN_BASE64_URL_DIGEST_BYTES];
    char ids[5][MNSEC_ID_TEXT_BYTES];
    mn_audit_view view;
} mn_audit_reader;
void mn_audit_reader_wipe(mn_audit_reader *reader);
/* Read entry `index`, whose line is text (copied). with_body: body and signature too, which must be
 * the ones that the line names; one that is not there was withheld. INTEGRITY_LOG names the entry.
 */
MNSEC_MUST_USE mnsec_status mn_audit_reader_entry(mn_audit_reader *reader, uint64_t index,
                                                  mn_bytes text, bool with_body);

#endif
