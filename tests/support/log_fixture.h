/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log on a real store in a scratch directory, with cards and an audit key in software and a clock
 * that a test moves. One a test process: Test(…, .init = log_fixture_make, .fini =
 * log_fixture_remove).
 *
 *     log_found();                                      entry 0
 *     const mn_audit_session session = log_login();     entry 1
 *     log_act(&session, MN_ACTION_RECORD_LIST);         signed by the card, committed
 */
#ifndef MN_LOG_FIXTURE_H
#define MN_LOG_FIXTURE_H

#include "audit/audit.h"
#include "soft_key.h"

#define LOG_ORIGIN "mnsec/aaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct log_fixture {
    mn_error err;
    mn_store *store;
    mn_audit *audit;
    mn_clock clock;
    int64_t now; /* what the clock says */
    soft_key card, audit_key;
    mn_buf card_certificate, audit_certificate;
    uint8_t card_fingerprint[32];
    mn_audit_signer signer;
} log_fixture;
extern log_fixture the_log;

void log_fixture_make(void);
void log_fixture_remove(void);
const char *log_path(void);
/* A further handle on the same store, as another process has it. */
mn_store *log_open_store(mn_error *err);
/* Close store and log and open them again; the status of opening the log. */
mnsec_status log_reopen(void);

extern const mnsec_id log_kitchen, log_office;
mnsec_id log_id(uint8_t fill);

/* Signature of the card over a statement. */
void log_sign(const mn_audit_entry *entry, mn_audit_signature *out_signature);
/* Prepare, sign where auth says card, append, commit. */
mnsec_status log_try(const mn_audit_draft *draft, uint64_t *out_index);
/* The same, expected to be right; the index. */
uint64_t log_append(const mn_audit_draft *draft);

uint64_t log_found(void);
mn_audit_session log_login(void);
/* One entry of a session, by card, with an empty body; session is counted up. */
uint64_t log_act(mn_audit_session *session, mn_action action);
/* Founding, log-in and so many acts. */
void log_fill(unsigned acts);
mnsec_status log_checkpoint(void);

/* Line of a table, NUL-terminated, to be freed; NULL where there is none. */
char *log_line(mn_store_table_id table, uint64_t index);
/* Overwrite a row of a table with key i, or remove it (line NULL), behind the log's back. */
void log_forge(mn_store_table_id table, uint64_t index, const char *line);

#endif
