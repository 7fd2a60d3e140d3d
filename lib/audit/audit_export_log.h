/* SPDX-License-Identifier: Apache-2.0 */
/* The part of an export that grows: lines, signatures, bodies, earlier heads, certificates. */
#ifndef MN_AUDIT_EXPORT_LOG_H
#define MN_AUDIT_EXPORT_LOG_H

#include "audit/audit_export_dir.h"
#include "audit/audit_log.h"

/* An export at work. */
typedef struct mn_audit_export_job {
    mn_audit *audit;
    const mn_audit_export_options *options;
    mn_store_txn *txn;
    mn_audit_export_dir *dir;
    mn_tlog_checkpoint checkpoint; /* what is exported ends here */
} mn_audit_export_job;

/* log/, sig/, body/, history/, and certs/ of the signers, in one pass over the lines. Every line,
 * body and signature is held against what names it, the tree against every checkpoint. Errors:
 * INTEGRITY_LOG, STATE_CANCELLED, those of the directory */
MNSEC_MUST_USE mnsec_status mn_audit_export_log(mn_audit_export_job *job);

#endif
