/* SPDX-License-Identifier: Apache-2.0 */
/* Inner nodes in the store: trees of any size, and proofs out of them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_log.h"
#include "log_fixture.h"

TestSuite(audit_node, .init = log_fixture_make, .fini = log_fixture_remove);

#define ENTRIES 37

static mnsec_status stored_leaf(void *user, uint64_t index, mn_tlog_hash *out_leaf)
{
    (void)user;
    char *line = log_line(MN_TABLE_LOG_ENTRY, index);
    cr_assert_not_null(line);
    mn_tlog_tree_leaf(mn_bytes_of(line, strlen(line)), out_leaf);
    free(line);
    return MNSEC_OK;
}

/* Roots of every size, by appending leaf after leaf. */
static void make_roots(mn_tlog_hash roots[ENTRIES + 1])
{
    mn_tlog_tree tree = {0};
    mn_tlog_tree_root(&tree, &roots[0]);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        mn_tlog_hash leaf;
        cr_assert_eq(stored_leaf(NULL, i, &leaf), MNSEC_OK);
        mn_tlog_tree_append(&tree, &leaf);
        mn_tlog_tree_root(&tree, &roots[i + 1]);
    }
}

Test(audit_node, give_the_tree_of_every_size)
{
    log_fill(ENTRIES - 2);
    mn_tlog_hash roots[ENTRIES + 1];
    make_roots(roots);
    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);

    for (uint64_t size = 0; size <= ENTRIES; size++) {
        mn_tlog_tree tree;
        mn_tlog_hash root;
        cr_assert_eq(mn_audit_node_tree(&txn, size, &tree), MNSEC_OK);
        mn_tlog_tree_root(&tree, &root);
        cr_expect(mn_tlog_tree_hash_equal(&root, &roots[size]), "size %d", (int)size);
    }
}

Test(audit_node, give_every_proof)
{
    log_fill(ENTRIES - 2);
    mn_tlog_hash roots[ENTRIES + 1];
    make_roots(roots);
    mn_tlog_hash leaves[ENTRIES];
    for (uint64_t i = 0; i < ENTRIES; i++) {
        cr_assert_eq(stored_leaf(NULL, i, &leaves[i]), MNSEC_OK);
    }
    MN_AUTO(mn_store_txn) txn = {0};
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_READ, &txn), MNSEC_OK);

    for (uint64_t i = 0; i < ENTRIES; i++) {
        mn_tlog_proof proof;
        cr_assert_eq(mn_tlog_proof_inclusion_of(i, ENTRIES, mn_audit_node_range, &txn, &proof),
                     MNSEC_OK);
        cr_expect_eq(mn_tlog_proof_check_inclusion(&proof, i, ENTRIES, &leaves[i], &roots[ENTRIES]),
                     MNSEC_OK);
        cr_assert_eq(
            mn_tlog_proof_consistency_of(i + 1, ENTRIES, mn_audit_node_range, &txn, &proof),
            MNSEC_OK);
        cr_expect_eq(
            mn_tlog_proof_check_consistency(&proof, i + 1, ENTRIES, &roots[i + 1], &roots[ENTRIES]),
            MNSEC_OK);
    }
}

Test(audit_node, that_is_missing_is_damage)
{
    log_fill(6);
    MN_AUTO(mn_store_txn) txn = {0};
    const mn_store_value key[] = {mn_store_integer(2), mn_store_integer(0)};
    mn_tlog_tree tree;
    cr_assert_eq(mn_store_begin(the_log.store, MN_STORE_WRITE, &txn), MNSEC_OK);
    cr_assert_eq(mn_store_remove(&txn, MN_TABLE_LOG_NODE, key), MNSEC_OK);

    cr_expect_eq(mn_audit_node_tree(&txn, 8, &tree), MNSEC_OK, "not an edge of this size");
    cr_expect_eq(mn_audit_node_tree(&txn, 4, &tree), MNSEC_E_INTEGRITY_LOG);
}
