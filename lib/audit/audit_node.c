/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inner nodes of the tree: for each full subtree of two or more entries one row (level, n) -> hash.
 * They make opening and proofs cheap and are never believed: a tree made of them counts only when
 * its root is a checkpoint's, a proof only when it leads to the root.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/audit_log.h"

static mnsec_status put_node(mn_store_txn *txn, unsigned level, uint64_t n,
                             const mn_tlog_hash *hash)
{
    const mn_store_value row[] = {mn_store_integer(level), mn_store_integer((int64_t)n),
                                  mn_store_blob(hash->bytes, sizeof(hash->bytes))};
    return mn_store_insert(txn, MN_TABLE_LOG_NODE, row);
}

/* Root of the 2^level entries from n * 2^level on. */
static mnsec_status get_node(mn_store_txn *txn, unsigned level, uint64_t n, mn_tlog_hash *out_hash)
{
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    if (level == 0) {
        const mn_store_value key = mn_store_integer((int64_t)n);
        MN_TRY(mn_store_get(txn, MN_TABLE_LOG_ENTRY, &key, row));
        mn_tlog_tree_leaf(row[1].bytes, out_hash);
        return MNSEC_OK;
    }
    const mn_store_value key[] = {mn_store_integer(level), mn_store_integer((int64_t)n)};
    MN_TRY(mn_store_get(txn, MN_TABLE_LOG_NODE, key, row));
    if (row[2].bytes.len != sizeof(out_hash->bytes)) {
        return mn_fail(txn->store->err, MNSEC_E_INTEGRITY_LOG, "a node of the tree is no hash");
    }
    memcpy(out_hash->bytes, row[2].bytes.bytes, sizeof(out_hash->bytes));
    return MNSEC_OK;
}

/* What the log needs and has not got is no answer but damage. */
static mnsec_status need_node(mn_store_txn *txn, unsigned level, uint64_t n, mn_tlog_hash *out_hash)
{
    const mnsec_status status = get_node(txn, level, n, out_hash);
    if (status != MNSEC_E_STATE_NOT_FOUND) {
        return status;
    }
    return mn_fail(txn->store->err, MNSEC_E_INTEGRITY_LOG, "a node of the tree is missing");
}

mnsec_status mn_audit_node_put(mn_store_txn *txn, const mn_tlog_tree *tree,
                               const mn_tlog_hash *leaf)
{
    mn_tlog_hash node = *leaf;
    for (unsigned level = 0; (tree->size >> level & 1U) != 0; level++) {
        mn_tlog_tree_node(&tree->edge[level], &node, &node);
        MN_TRY(put_node(txn, level + 1, tree->size >> (level + 1), &node));
    }
    return MNSEC_OK;
}

mnsec_status mn_audit_node_tree(mn_store_txn *txn, uint64_t size, mn_tlog_tree *out_tree)
{
    mn_tlog_tree tree = {.size = size};
    for (unsigned level = 0; size >> level != 0; level++) {
        if ((size >> level & 1U) != 0) {
            const uint64_t n = (size >> level) - 1;
            MN_TRY(need_node(txn, level, n, &tree.edge[level]));
        }
    }
    *out_tree = tree;
    return MNSEC_OK;
}

mnsec_status mn_audit_node_range(void *txn, uint64_t begin, uint64_t count, mn_tlog_hash *out_root)
{
    /* A range is full subtrees, larger ones first, joined from the right. */
    mn_tlog_tree parts = {.size = count};
    uint64_t at = begin;
    for (unsigned level = 53; level-- > 0;) {
        if ((count >> level & 1U) != 0) {
            MN_TRY(need_node((mn_store_txn *)txn, level, at >> level, &parts.edge[level]));
            at += UINT64_C(1) << level;
        }
    }
    mn_tlog_tree_root(&parts, out_root);
    return MNSEC_OK;
}

mnsec_status mn_audit_node_prove(mn_store_txn *txn, const mn_tlog_tree *tree, uint64_t index,
                                 const mn_tlog_hash *leaf)
{
    mn_tlog_proof proof;
    mn_tlog_hash root;
    mn_tlog_tree_root(tree, &root);
    MN_TRY(mn_tlog_proof_inclusion_of(index, tree->size, mn_audit_node_range, txn, &proof));
    return mn_tlog_proof_check_inclusion(&proof, index, tree->size, leaf, &root) == MNSEC_OK
               ? MNSEC_OK
               : mn_fail(txn->store->err, MNSEC_E_INTEGRITY_LOG,
                         "entry %" PRIu64 " is not in the tree", index);
}
