/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines that a checkpoint covers already, hashed again before the next one is signed. Inner nodes
 * make everything else cheap and would hide a line below them that was altered since. What must
 * hold: the stored lines, and nothing else, make the root. Later lines: audit_replay.c.
 */
#include "audit/audit_log.h"

/* Leaf of the line that is stored in this place. */
static mnsec_status next_leaf(mn_audit *audit, mn_store_cursor *cursor, uint64_t index,
                              mn_tlog_hash *out_leaf)
{
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    const mnsec_status status = mn_store_cursor_next(cursor, row);
    if (status == MNSEC_E_STATE_END || (status == MNSEC_OK && (uint64_t)row[0].integer != index)) {
        return mn_audit_fail(audit, index, "is missing");
    }
    MN_TRY(status);
    mn_tlog_tree_leaf(row[1].bytes, out_leaf);
    return MNSEC_OK;
}

static mnsec_status begin(mn_store_txn *txn, uint64_t below, mn_store_cursor **out_cursor)
{
    const mn_store_value end = mn_store_integer((int64_t)below);
    const mn_store_range range = {.below = &end};
    return mn_store_scan(txn, MN_TABLE_LOG_ENTRY, &range, out_cursor);
}

/* The first line that no longer leads to the root. Its neighbour's proof goes through it, so that
 * a pair is all that can be named. */
static mnsec_status name_first(mn_audit *audit, mn_store_txn *txn, const mn_tlog_tree *tree)
{
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    MN_TRY(begin(txn, tree->size, &cursor));
    for (uint64_t i = 0; i < tree->size; i++) {
        mn_tlog_hash leaf;
        MN_TRY(next_leaf(audit, cursor, i, &leaf));
        if (mn_audit_node_prove(txn, tree, i, &leaf) != MNSEC_OK) {
            mn_error_clear(audit->err);
            return mn_audit_fail(audit, i, "or the next one was altered");
        }
    }
    return mn_fail(audit->err, MNSEC_E_INTEGRITY_LOG, "stored lines do not make the log's tree");
}

mnsec_status mn_audit_rehash(mn_audit *audit, mn_store_txn *txn, const mn_tlog_tree *tree)
{
    MN_AUTO_PTR(mn_store_cursor) cursor = NULL;
    mn_tlog_tree found = {.size = 0};
    MN_TRY(begin(txn, tree->size, &cursor));
    while (found.size < tree->size) {
        mn_tlog_hash leaf;
        MN_TRY(next_leaf(audit, cursor, found.size, &leaf));
        mn_tlog_tree_append(&found, &leaf);
    }
    mn_tlog_hash stored;
    mn_tlog_hash known;
    mn_tlog_tree_root(&found, &stored);
    mn_tlog_tree_root(tree, &known);
    return mn_tlog_tree_hash_equal(&stored, &known) ? MNSEC_OK : name_first(audit, txn, tree);
}
