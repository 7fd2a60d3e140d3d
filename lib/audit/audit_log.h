/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of one store, inside this module: where it stands, and what the files of the module ask
 * of one another.
 */
#ifndef MN_AUDIT_LOG_H
#define MN_AUDIT_LOG_H

#include "audit/audit_state.h"

struct mn_audit {
    mn_store *store;
    const mn_clock *clock;
    mn_error *err;
    char origin[MN_TLOG_ORIGIN_MAX_BYTES + 1];
    mn_audit_state state;
    /* As it was before the first append of a transaction that has not been settled yet. */
    bool is_pending;
    mn_audit_state settled;
    mn_x509_known *known; /* certificates of those who sign */
};

/* --- audit_row.c: rows as lines --- */
/* Line of a table keyed by index, copied. STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_audit_row_line(mn_store_txn *txn, mn_store_table_id table,
                                              uint64_t index, mn_buf *out_line);
/* Line of an entry, and read. INTEGRITY_LOG names it when it is missing or malformed. */
MNSEC_MUST_USE mnsec_status mn_audit_row_entry(mn_audit *audit, mn_store_txn *txn, uint64_t index,
                                               mn_buf *out_text, mn_audit_line *out_line);
/* Number of entries that are stored. */
MNSEC_MUST_USE mnsec_status mn_audit_row_count(mn_store_txn *txn, uint64_t *out_count);
MNSEC_MUST_USE mnsec_status mn_audit_row_insert(mn_store_txn *txn, mn_store_table_id table,
                                                uint64_t index, const mn_buf *line);
/* Certificate by fingerprint, copied; one that has another fingerprint is INTEGRITY_LOG.
 * STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_audit_row_certificate(mn_audit *audit, mn_store_txn *txn,
                                                     const uint8_t fingerprint[32],
                                                     mn_buf *out_der);
/* Key of the certificate with this fingerprint, whose row is read; borrowed until the next one.
 * STATE_NOT_FOUND, INTEGRITY_LOG, USAGE_FORMAT (it has no key that is known) */
MNSEC_MUST_USE mnsec_status mn_audit_row_key(mn_audit *audit, mn_store_txn *txn,
                                             const uint8_t fingerprint[32],
                                             mn_signature_key **out_key);
/* Entry that an authority number leads to, below `below`. STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_audit_row_authority(mn_store_txn *txn, uint64_t n,
                                                   uint64_t *out_index);
/* Authority entries below this index, as the table has them. */
MNSEC_MUST_USE mnsec_status mn_audit_row_authority_count(mn_store_txn *txn, uint64_t below,
                                                         uint64_t *out_count);

/* --- audit_node.c: inner nodes of the tree, kept by the store --- */
/* Keep the full subtrees that the next leaf completes. */
MNSEC_MUST_USE mnsec_status mn_audit_node_put(mn_store_txn *txn, const mn_tlog_tree *tree,
                                              const mn_tlog_hash *leaf);
/* The tree of the first size entries. */
MNSEC_MUST_USE mnsec_status mn_audit_node_tree(mn_store_txn *txn, uint64_t size,
                                               mn_tlog_tree *out_tree);
/* Is this leaf the entry `index` of the tree? INTEGRITY_LOG */
MNSEC_MUST_USE mnsec_status mn_audit_node_prove(mn_store_txn *txn, const mn_tlog_tree *tree,
                                                uint64_t index, const mn_tlog_hash *leaf);
/* mn_tlog_range_fn over a transaction. */
MNSEC_MUST_USE mnsec_status mn_audit_node_range(void *txn, uint64_t begin, uint64_t count,
                                                mn_tlog_hash *out_root);

/* --- audit_rule.c: may this statement follow? --- */
/* out_broken: the rule that does not hold, NULL where all do. */
MNSEC_MUST_USE mnsec_status mn_audit_rule_check(mn_audit *audit, mn_store_txn *txn,
                                                mn_audit_state *state,
                                                const mn_audit_statement *statement,
                                                const char **out_broken);

/* In a session the operator signs with the card that logged in. */
MNSEC_MUST_USE mnsec_status mn_audit_rule_check_operator(mn_store_txn *txn,
                                                         const mn_audit_statement *statement,
                                                         const uint8_t certificate[32],
                                                         const char **out_broken);

/* --- audit_replay.c --- */
/* Move state on to `below`, checking every line; deep: also body, signatures and certificates.
 * INTEGRITY_LOG names the first bad entry. state is undefined on failure. */
MNSEC_MUST_USE mnsec_status mn_audit_replay(mn_audit *audit, mn_store_txn *txn,
                                            mn_audit_state *state, uint64_t below, bool deep);
/* Body and signatures of one entry against its line. */
MNSEC_MUST_USE mnsec_status mn_audit_replay_entry(mn_audit *audit, mn_store_txn *txn,
                                                  const mn_audit_line *line);

/* --- audit_rehash.c --- */
/* The stored lines of this tree still make its root? INTEGRITY_LOG names the first that do not.
 * Reads every line. */
MNSEC_MUST_USE mnsec_status mn_audit_rehash(mn_audit *audit, mn_store_txn *txn,
                                            const mn_tlog_tree *tree);

/* --- audit_load.c --- */
/* The state at a checkpoint, proven by its root. */
MNSEC_MUST_USE mnsec_status mn_audit_load_at(mn_audit *audit, mn_store_txn *txn,
                                             const mn_tlog_checkpoint *checkpoint,
                                             mn_audit_state *state);
/* The state at the newest stored checkpoint, proven by its root (empty where there is none). */
MNSEC_MUST_USE mnsec_status mn_audit_load_base(mn_audit *audit, mn_store_txn *txn,
                                               mn_audit_state *out_state);
/* Remember the counters of a state, so that loading need not count lines. */
MNSEC_MUST_USE mnsec_status mn_audit_load_remember(mn_store_txn *txn, const mn_audit_state *state);

/* INTEGRITY_LOG "entry N: what" */
MNSEC_MUST_USE mnsec_status mn_audit_fail(mn_audit *audit, uint64_t index, const char *what);

#endif
