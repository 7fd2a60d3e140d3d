/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The eight leaves of the reference tests of Certificate Transparency, and a root made by the
 * recursive definition of RFC 6962, section 2.1, which the code under test does not use.
 */
#ifndef MN_CT_TREE_H
#define MN_CT_TREE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tlog/tlog.h"

static const struct ct_leaf {
    size_t len;
    uint8_t bytes[16];
} ct_leaves[8] = {
    {0, {0}},
    {1, {0x00}},
    {1, {0x10}},
    {2, {0x20, 0x21}},
    {2, {0x30, 0x31}},
    {4, {0x40, 0x41, 0x42, 0x43}},
    {8, {0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57}},
    {16,
     {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E,
      0x6F}},
};

/* Leaf callback over the eight. */
static inline mnsec_status ct_leaf(void *user, uint64_t index, mn_tlog_hash *out_leaf)
{
    (void)user;
    cr_assert_lt(index, 8);
    mn_tlog_tree_leaf(mn_bytes_of(ct_leaves[index].bytes, ct_leaves[index].len), out_leaf);
    return MNSEC_OK;
}

/* Leaf callback over any number: the decimal digits of the index. */
static inline mnsec_status ct_any_leaf(void *user, uint64_t index, mn_tlog_hash *out_leaf)
{
    (void)user;
    char text[24];
    const int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)index);
    mn_tlog_tree_leaf(mn_bytes_of(text, (size_t)len), out_leaf);
    return MNSEC_OK;
}

static inline mn_tlog_hash ct_root(mn_tlog_leaf_fn leaf, uint64_t begin, uint64_t count)
{
    mn_tlog_hash hash;
    if (count == 1) {
        cr_assert_eq(leaf(NULL, begin, &hash), MNSEC_OK);
        return hash;
    }
    uint64_t k = 1;
    while (2 * k < count) {
        k *= 2;
    }
    const mn_tlog_hash left = ct_root(leaf, begin, k);
    const mn_tlog_hash right = ct_root(leaf, begin + k, count - k);
    mn_tlog_tree_node(&left, &right, &hash);
    return hash;
}

static inline mn_tlog_hash ct_hash(const char *hex)
{
    mn_tlog_hash hash;
    cr_assert_eq(strlen(hex), 2 * sizeof(hash.bytes));
    for (size_t i = 0; i < sizeof(hash.bytes); i++) {
        unsigned byte = 0;
        cr_assert_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        hash.bytes[i] = (uint8_t)byte;
    }
    return hash;
}

#endif
