/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inclusion and consistency proofs, made as RFC 6962 defines them (sections 2.1.1 and 2.1.2) and
 * checked as RFC 9162 does (2.1.3.2 and 2.1.4.2). Making asks for the root of every range of leaves
 * that the proof needs, once; checking reads nothing but its arguments, which may come from
 * anybody.
 */
#include "tlog/tlog.h"

#include <string.h>

/* Largest power of two smaller than n; n > 1. */
static uint64_t split_of(uint64_t n)
{
    uint64_t k = 1;
    while (k < n - k) {
        k <<= 1;
    }
    return k;
}

/* Ranges for a caller who has leaves only. */
typedef struct leaves {
    mn_tlog_leaf_fn leaf;
    void *user;
} leaves;

static mnsec_status hash_leaves(void *user, uint64_t begin, uint64_t count, mn_tlog_hash *out_root)
{
    const leaves *from = (const leaves *)user;
    mn_tlog_tree tree = {0};
    for (uint64_t i = 0; i < count; i++) {
        mn_tlog_hash hash;
        MN_TRY(from->leaf(from->user, begin + i, &hash));
        mn_tlog_tree_append(&tree, &hash);
    }
    mn_tlog_tree_root(&tree, out_root);
    return MNSEC_OK;
}

static mnsec_status add_range(uint64_t begin, uint64_t count, mn_tlog_range_fn range, void *user,
                              mn_tlog_proof *proof)
{
    MN_TRY(range(user, begin, count, &proof->hashes[proof->count]));
    proof->count++;
    return MNSEC_OK;
}

/* Made from the root down, told from the leaf up. */
static void reverse(mn_tlog_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        const mn_tlog_hash hash = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = hash;
    }
}

/* The place of a node on the right border of the proven tree, while a check climbs to the root. */
typedef struct climb {
    uint64_t node; /* index of the node at its level */
    uint64_t last; /* index of the last node at this level */
} climb;

static bool is_odd(uint64_t n)
{
    return (n & 1U) != 0;
}

static void climb_up(climb *place)
{
    place->node >>= 1;
    place->last >>= 1;
}

/* Does the next hash of the proof stand to the left of the node? If the node is the last of its
 * level and has no sibling there, go up to where it has one. */
static bool climb_has_left_sibling(climb *place)
{
    if (!is_odd(place->node) && place->node != place->last) {
        return false;
    }
    while (place->node != 0 && !is_odd(place->node)) {
        climb_up(place);
    }
    return true;
}

static mnsec_status holds(bool equal)
{
    return equal ? MNSEC_OK : MNSEC_E_INTEGRITY;
}

mnsec_status mn_tlog_proof_inclusion_of(uint64_t index, uint64_t tree_size, mn_tlog_range_fn range,
                                        void *user, mn_tlog_proof *out_proof)
{
    if (index >= tree_size || tree_size > MN_TLOG_MAX_SIZE) {
        return MNSEC_E_USAGE;
    }
    mn_tlog_proof proof = {0};
    uint64_t begin = 0;
    uint64_t count = tree_size;
    while (count > 1) {
        const uint64_t k = split_of(count);
        if (index - begin < k) {
            MN_TRY(add_range(begin + k, count - k, range, user, &proof));
            count = k;
        } else {
            MN_TRY(add_range(begin, k, range, user, &proof));
            begin += k;
            count -= k;
        }
    }
    reverse(&proof);
    *out_proof = proof;
    return MNSEC_OK;
}

mnsec_status mn_tlog_proof_consistency_of(uint64_t old_size, uint64_t new_size,
                                          mn_tlog_range_fn range, void *user,
                                          mn_tlog_proof *out_proof)
{
    if (old_size > new_size || new_size > MN_TLOG_MAX_SIZE) {
        return MNSEC_E_USAGE;
    }
    mn_tlog_proof proof = {0};
    uint64_t begin = 0;
    uint64_t count = new_size;
    while (old_size > 0 && old_size - begin < count) {
        const uint64_t k = split_of(count);
        if (old_size - begin <= k) {
            MN_TRY(add_range(begin + k, count - k, range, user, &proof));
            count = k;
        } else {
            MN_TRY(add_range(begin, k, range, user, &proof));
            begin += k;
            count -= k;
        }
    }
    /* The old tree itself is known to whoever checks; a part of it is not. */
    if (begin > 0) {
        MN_TRY(add_range(begin, count, range, user, &proof));
    }
    reverse(&proof);
    *out_proof = proof;
    return MNSEC_OK;
}

mnsec_status mn_tlog_proof_inclusion(uint64_t index, uint64_t tree_size, mn_tlog_leaf_fn leaf,
                                     void *user, mn_tlog_proof *out_proof)
{
    leaves from = {.leaf = leaf, .user = user};
    return mn_tlog_proof_inclusion_of(index, tree_size, hash_leaves, &from, out_proof);
}

mnsec_status mn_tlog_proof_consistency(uint64_t old_size, uint64_t new_size, mn_tlog_leaf_fn leaf,
                                       void *user, mn_tlog_proof *out_proof)
{
    leaves from = {.leaf = leaf, .user = user};
    return mn_tlog_proof_consistency_of(old_size, new_size, hash_leaves, &from, out_proof);
}

mnsec_status mn_tlog_proof_check_inclusion(const mn_tlog_proof *proof, uint64_t index,
                                           uint64_t tree_size, const mn_tlog_hash *leaf,
                                           const mn_tlog_hash *root)
{
    if (index >= tree_size || proof->count > MN_TLOG_MAX_LEVELS) {
        return MNSEC_E_INTEGRITY;
    }
    climb place = {.node = index, .last = tree_size - 1};
    mn_tlog_hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (place.last == 0) {
            return MNSEC_E_INTEGRITY;
        }
        if (climb_has_left_sibling(&place)) {
            mn_tlog_tree_node(&proof->hashes[i], &hash, &hash);
        } else {
            mn_tlog_tree_node(&hash, &proof->hashes[i], &hash);
        }
        climb_up(&place);
    }
    return holds(place.last == 0 && mn_tlog_tree_hash_equal(&hash, root));
}

/* 0 < old_size < new_size */
static mnsec_status check_growth(const mn_tlog_proof *proof, uint64_t old_size, uint64_t new_size,
                                 const mn_tlog_hash *old_root, const mn_tlog_hash *new_root)
{
    climb place = {.node = old_size - 1, .last = new_size - 1};
    while (is_odd(place.node)) {
        climb_up(&place);
    }
    /* The climb begins at the last full subtree of the old tree: the old tree itself, if that is
     * one, else the proof's first hash. */
    size_t next = place.node == 0 ? 0 : 1;
    if (proof->count < next || proof->count > MN_TLOG_MAX_LEVELS) {
        return MNSEC_E_INTEGRITY;
    }
    mn_tlog_hash old_hash = next == 0 ? *old_root : proof->hashes[0];
    mn_tlog_hash new_hash = old_hash;
    for (; next < proof->count; next++) {
        if (place.last == 0) {
            return MNSEC_E_INTEGRITY;
        }
        if (climb_has_left_sibling(&place)) {
            mn_tlog_tree_node(&proof->hashes[next], &old_hash, &old_hash);
            mn_tlog_tree_node(&proof->hashes[next], &new_hash, &new_hash);
        } else {
            mn_tlog_tree_node(&new_hash, &proof->hashes[next], &new_hash);
        }
        climb_up(&place);
    }
    return holds(place.last == 0 && mn_tlog_tree_hash_equal(&old_hash, old_root) &&
                 mn_tlog_tree_hash_equal(&new_hash, new_root));
}

mnsec_status mn_tlog_proof_check_consistency(const mn_tlog_proof *proof, uint64_t old_size,
                                             uint64_t new_size, const mn_tlog_hash *old_root,
                                             const mn_tlog_hash *new_root)
{
    if (old_size > new_size) {
        return MNSEC_E_INTEGRITY;
    }
    if (old_size == new_size) {
        return holds(proof->count == 0 && mn_tlog_tree_hash_equal(old_root, new_root));
    }
    if (old_size == 0) {
        static const mn_tlog_tree empty;
        mn_tlog_hash root;
        mn_tlog_tree_root(&empty, &root);
        return holds(proof->count == 0 && mn_tlog_tree_hash_equal(old_root, &root));
    }
    return check_growth(proof, old_size, new_size, old_root, new_root);
}
