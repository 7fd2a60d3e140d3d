/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The line of an entry and its signature line (docs/FORMATS.md, 2.1 and 2.2), written and read.
 * Pure. A line has one form: what is read here is, byte for byte, what would be written. Whether
 * the values are right at their place in the log: audit_rule.c.
 */
#ifndef MN_AUDIT_LINE_H
#define MN_AUDIT_LINE_H

#include "audit/audit.h"

#define MN_AUDIT_LINE_MAX_BYTES  1024U
#define MN_AUDIT_LINE_MAX_GROUPS 3U

/* A statement's members. */
typedef struct mn_audit_statement {
    bool has_ah; /* not "-" */
    uint8_t ah[32];
    uint64_t at;
    mn_audit_auth auth;
    uint8_t bh[32];
    mnsec_id department; /* none = "-" */
    mn_action action;    /* members ev and st */
    char origin[MN_TLOG_ORIGIN_MAX_BYTES + 1];
    mn_audit_outcome outcome;
    mn_tlog_hash pre;
    mn_audit_session session; /* ses, sn */
    int64_t ts;
} mn_audit_statement;
/* Errors: USAGE (a value that has no form) */
MNSEC_MUST_USE mnsec_status mn_audit_line_statement_write(const mn_audit_statement *statement,
                                                          mn_buf *out_text);
MNSEC_MUST_USE mnsec_status mn_audit_line_statement_read(mn_bytes text,
                                                         mn_audit_statement *out_statement);
const char *mn_audit_line_auth_name(mn_audit_auth auth);
/* An authority event that succeeded: it carries a document and moves ah. */
bool mn_audit_line_is_authority(const mn_audit_statement *statement);

/* A whole line. */
typedef struct mn_audit_line {
    mn_bytes text; /* the statement's, borrowed */
    mn_audit_statement statement;
    uint64_t index;
    uint64_t dn;
    int64_t t;
    bool is_signed; /* sighash is not "-" */
    uint8_t sighash[32];
} mn_audit_line;
/* text and what follows it; statement is not looked at. */
MNSEC_MUST_USE mnsec_status mn_audit_line_write(const mn_audit_line *line, mn_buf *out_text);
MNSEC_MUST_USE mnsec_status mn_audit_line_read(mn_bytes text, mn_audit_line *out_line);

/* A signature line. */
typedef struct mn_audit_line_group {
    mn_signature_alg alg;
    uint8_t certificate[32];
    mn_buf signature; /* as in the line: DER for ECDSA */
} mn_audit_line_group;
typedef struct mn_audit_line_groups {
    uint64_t index;
    size_t count;
    mn_audit_line_group groups[MN_AUDIT_LINE_MAX_GROUPS];
} mn_audit_line_groups;
void mn_audit_line_groups_wipe(mn_audit_line_groups *signatures);
/* Signatures as cards give them. Errors: USAGE (none or too many), USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_audit_line_groups_write(uint64_t index,
                                                       const mn_audit_signature *signatures,
                                                       size_t count, mn_buf *out_text);
MNSEC_MUST_USE mnsec_status mn_audit_line_groups_read(mn_bytes text,
                                                      mn_audit_line_groups *out_groups);
/* A signature as it is written down (DER for ECDSA) in the form of mn_signature_verify(). */
MNSEC_MUST_USE mnsec_status mn_audit_line_raw(mn_signature_alg alg, mn_bytes signature,
                                              mn_buf *out_raw);

#endif
