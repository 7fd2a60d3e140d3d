/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The right edge of the tree: for each bit of the size one full subtree, as in a binary counter.
 * Appending a leaf carries like adding one; the root joins the edge from the smallest subtree up.
 * Edge hashes of bits that are not set are zero, so that equal trees are equal bytes.
 */
#include "tlog/tlog.h"

#include <string.h>

#include "base/encode.h"
#include "crypto/secret/hash.h"

#define PURPOSE "mnsec/tlog-tree/1"

static mn_bytes view(const mn_tlog_hash *hash)
{
    return mn_bytes_of(hash->bytes, sizeof(hash->bytes));
}

static bool has_level(uint64_t size, unsigned level)
{
    return (size >> level & 1U) != 0;
}

void mn_tlog_tree_leaf(mn_bytes line, mn_tlog_hash *out_leaf)
{
    static const uint8_t prefix[] = {0x00};
    mn_hash_pair(mn_bytes_of(prefix, sizeof(prefix)), line, out_leaf->bytes);
}

void mn_tlog_tree_node(const mn_tlog_hash *left, const mn_tlog_hash *right, mn_tlog_hash *out_node)
{
    uint8_t prefixed_left[1 + MN_TLOG_HASH_BYTES] = {0x01};
    memcpy(prefixed_left + 1, left->bytes, sizeof(left->bytes));
    mn_hash_pair(mn_bytes_of(prefixed_left, sizeof(prefixed_left)), view(right), out_node->bytes);
}

void mn_tlog_tree_append(mn_tlog_tree *tree, const mn_tlog_hash *leaf)
{
    mn_tlog_hash carried = *leaf;
    unsigned level = 0;
    while (has_level(tree->size, level)) {
        mn_tlog_tree_node(&tree->edge[level], &carried, &carried);
        tree->edge[level] = (mn_tlog_hash){{0}};
        level++;
    }
    tree->edge[level] = carried;
    tree->size++;
}

void mn_tlog_tree_root(const mn_tlog_tree *tree, mn_tlog_hash *out_root)
{
    mn_tlog_hash root;
    mn_hash_bytes(mn_bytes_of(NULL, 0), root.bytes);
    bool begun = false;
    for (unsigned level = 0; level < MN_TLOG_MAX_LEVELS; level++) {
        if (!has_level(tree->size, level)) {
            continue;
        }
        if (begun) {
            mn_tlog_tree_node(&tree->edge[level], &root, &root);
        } else {
            root = tree->edge[level];
        }
        begun = true;
    }
    *out_root = root;
}

bool mn_tlog_tree_hash_equal(const mn_tlog_hash *a, const mn_tlog_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

mnsec_status mn_tlog_tree_encode(const mn_tlog_tree *tree, mn_buf *out_bytes)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(mn_encode_begin(&bytes, PURPOSE));
    MN_TRY(mn_encode_u64(&bytes, tree->size));
    for (unsigned level = 0; level < MN_TLOG_MAX_LEVELS; level++) {
        if (has_level(tree->size, level)) {
            const mn_bytes hash = view(&tree->edge[level]);
            MN_TRY(mn_encode_bytes(&bytes, hash.bytes, hash.len));
        }
    }
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_tlog_tree_decode(mn_bytes bytes, mn_tlog_tree *out_tree)
{
    mn_decode decode;
    mn_tlog_tree tree = {0};
    MN_TRY(mn_decode_begin(&decode, bytes, PURPOSE));
    MN_TRY(mn_decode_u64(&decode, &tree.size));
    if (tree.size > MN_TLOG_MAX_SIZE) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (unsigned level = 0; level < MN_TLOG_MAX_LEVELS; level++) {
        if (has_level(tree.size, level)) {
            MN_TRY(mn_decode_fixed(&decode, tree.edge[level].bytes, MN_TLOG_HASH_BYTES));
        }
    }
    MN_TRY(mn_decode_end(&decode));
    *out_tree = tree;
    return MNSEC_OK;
}
