/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The workstation's own configuration: what this computer trusts, and where its token and cards
 * are. It belongs to root; the founding hash in it is compared with the founding slip on paper.
 */
#ifndef MN_API_WORKSTATION_H
#define MN_API_WORKSTATION_H

#include "base/buf.h"
#include "base/error.h"
#include "token/card.h"

typedef struct mn_workstation {
    mnsec_id facility;
    mnsec_id id;
    uint8_t founding_hash[32];
    mn_buf token_uri;   /* RFC 7512, with module-path */
    mn_buf card_module; /* absolute path */
    mn_buf head_file;   /* last seen head of the log; absolute path */
} mn_workstation;

void mn_workstation_wipe(mn_workstation *workstation);
/* Errors: STATE_NOT_FOUNDED (no such file), USAGE_CONFIG */
MNSEC_MUST_USE mnsec_status mn_workstation_read(const char *path, mn_error *err,
                                                mn_workstation *out_workstation);
MNSEC_MUST_USE mnsec_status mn_workstation_write(const char *path,
                                                 const mn_workstation *workstation, mn_error *err);
/* A worker for the workstation's cards; their PIN tries are kept beside the head of the log, in the
 * folder head_file + ".tries". */
MNSEC_MUST_USE mnsec_status mn_workstation_start_worker(const mn_workstation *workstation,
                                                        const char *program, mn_error *err,
                                                        mn_card_worker **out_worker);

#endif
