/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the log stands after some number of entries: what the next entry must fit to, and nothing
 * that the lines do not say. Pure.
 */
#ifndef MN_AUDIT_STATE_H
#define MN_AUDIT_STATE_H

#include "audit/audit_line.h"

/* Entries of one department (none = "-") so far, and the index of the newest. */
typedef struct mn_audit_counter {
    mnsec_id department;
    uint64_t dn;
    uint64_t newest;
} mn_audit_counter;

/* Zeroed = the empty log. Copied by mn_audit_state_copy() only. */
typedef struct mn_audit_state {
    mn_tlog_tree tree;
    mn_tlog_hash newest_leaf; /* of the newest line */
    bool has_ah;
    uint8_t ah[32]; /* of the newest authority statement */
    uint64_t authority_count;
    int64_t t; /* of the newest line */
    mn_audit_counter *counters;
    size_t counter_count;
    /* Open sessions that were met since the state was loaded; others are looked up in the store. */
    mn_audit_session *sessions;
    size_t session_count;
    /* Root of one earlier size: entries of a batch share their `at`. */
    bool has_root;
    uint64_t root_size;
    mn_tlog_hash root;
} mn_audit_state;
void mn_audit_state_wipe(mn_audit_state *state);
MNSEC_MUST_USE mnsec_status mn_audit_state_copy(mn_audit_state *out_state,
                                                const mn_audit_state *state);
void mn_audit_state_move(mn_audit_state *to, mn_audit_state *from);

/* Entries of this department so far. */
uint64_t mn_audit_state_dn(const mn_audit_state *state, const mnsec_id *department);
/* Count one more, or as many as a cache said (dn, newest). */
MNSEC_MUST_USE mnsec_status mn_audit_state_count(mn_audit_state *state, const mnsec_id *department,
                                                 uint64_t dn, uint64_t newest);
/* sn of an open session that was met; NULL where none was. */
mn_audit_session *mn_audit_state_session(const mn_audit_state *state, uint64_t ses);
MNSEC_MUST_USE mnsec_status mn_audit_state_session_add(mn_audit_state *state,
                                                       const mn_audit_session *session);

/* Does this event end the session it stands in? */
bool mn_audit_state_ends_session(mn_action action);
/* The next entry is this one. */
MNSEC_MUST_USE mnsec_status mn_audit_state_advance(mn_audit_state *state, const mn_audit_line *line,
                                                   const mn_tlog_hash *leaf);

#endif
