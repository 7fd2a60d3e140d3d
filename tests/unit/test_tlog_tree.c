/* SPDX-License-Identifier: Apache-2.0 */
/* The tree: roots of the reference tests of Certificate Transparency, and its cached form. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "ct_tree.h"

typedef struct root_case {
    uint64_t size;
    char root[65];
} root_case;

static mn_tlog_tree tree_of(uint64_t size)
{
    mn_tlog_tree tree = {0};
    for (uint64_t i = 0; i < size; i++) {
        mn_tlog_hash leaf;
        cr_assert_eq(ct_any_leaf(NULL, i, &leaf), MNSEC_OK);
        mn_tlog_tree_append(&tree, &leaf);
    }
    return tree;
}

ParameterizedTestParameters(tlog_tree, has_the_root_of_the_reference)
{
    static root_case cases[] = {
        {0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    return cr_make_param_array(root_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const root_case *c, tlog_tree, has_the_root_of_the_reference)
{
    mn_tlog_tree tree = {0};
    for (uint64_t i = 0; i < c->size; i++) {
        mn_tlog_hash leaf;
        cr_assert_eq(ct_leaf(NULL, i, &leaf), MNSEC_OK);
        mn_tlog_tree_append(&tree, &leaf);
    }
    mn_tlog_hash root;

    mn_tlog_tree_root(&tree, &root);

    const mn_tlog_hash expected = ct_hash(c->root);
    cr_expect(mn_tlog_tree_hash_equal(&root, &expected));
    cr_expect_eq(tree.size, c->size);
}

Test(tlog_tree, has_the_root_of_the_recursive_definition_at_any_size)
{
    mn_tlog_tree tree = {0};
    for (uint64_t size = 1; size <= 300; size++) {
        mn_tlog_hash leaf;
        cr_assert_eq(ct_any_leaf(NULL, size - 1, &leaf), MNSEC_OK);
        mn_tlog_tree_append(&tree, &leaf);
        mn_tlog_hash root;
        mn_tlog_tree_root(&tree, &root);
        const mn_tlog_hash expected = ct_root(ct_any_leaf, 0, size);
        cr_expect(mn_tlog_tree_hash_equal(&root, &expected), "size %llu", (unsigned long long)size);
    }
}

Test(tlog_tree, keeps_leaves_and_nodes_apart)
{
    uint8_t both[2 * MN_TLOG_HASH_BYTES];
    const mn_tlog_hash left = ct_root(ct_any_leaf, 0, 1);
    const mn_tlog_hash right = ct_root(ct_any_leaf, 1, 1);
    memcpy(both, left.bytes, sizeof(left.bytes));
    memcpy(both + sizeof(left.bytes), right.bytes, sizeof(right.bytes));
    mn_tlog_hash leaf;
    mn_tlog_hash node;

    mn_tlog_tree_leaf(mn_bytes_of(both, sizeof(both)), &leaf);
    mn_tlog_tree_node(&left, &right, &node);

    cr_expect_not(mn_tlog_tree_hash_equal(&leaf, &node));
}

Test(tlog_tree, is_read_back_and_goes_on_as_if_never_written)
{
    for (uint64_t size = 0; size <= 70; size++) {
        mn_tlog_tree tree = tree_of(size);
        MN_AUTO(mn_buf) bytes = {0};
        mn_tlog_tree again;
        cr_assert_eq(mn_tlog_tree_encode(&tree, &bytes), MNSEC_OK);

        cr_assert_eq(mn_tlog_tree_decode(mn_buf_view(&bytes), &again), MNSEC_OK);

        cr_expect_arr_eq(&again, &tree, sizeof(tree));
        const mn_tlog_hash leaf = ct_root(ct_any_leaf, size, 1);
        mn_tlog_hash root;
        mn_tlog_tree_append(&again, &leaf);
        mn_tlog_tree_root(&again, &root);
        const mn_tlog_hash expected = ct_root(ct_any_leaf, 0, size + 1);
        cr_expect(mn_tlog_tree_hash_equal(&root, &expected));
    }
}

Test(tlog_tree, cut_anywhere_is_refused)
{
    const mn_tlog_tree tree = tree_of(7);
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_tlog_tree_encode(&tree, &bytes), MNSEC_OK);

    for (size_t len = 0; len < bytes.len; len++) {
        mn_tlog_tree again = {.size = 42};
        cr_expect_eq(mn_tlog_tree_decode(mn_bytes_of(bytes.bytes, len), &again),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
        cr_expect_eq(again.size, 42);
    }
}

Test(tlog_tree, with_something_behind_it_is_refused)
{
    const mn_tlog_tree tree = tree_of(5);
    MN_AUTO(mn_buf) bytes = {0};
    mn_tlog_tree again;
    cr_assert_eq(mn_tlog_tree_encode(&tree, &bytes), MNSEC_OK);
    cr_assert_eq(mn_buf_append(&bytes, "", 1), MNSEC_OK);

    cr_expect_eq(mn_tlog_tree_decode(mn_buf_view(&bytes), &again), MNSEC_E_USAGE_FORMAT);
}

Test(tlog_tree, larger_than_any_integer_in_a_log_line_is_refused)
{
    const mn_tlog_tree largest = {.size = MN_TLOG_MAX_SIZE};
    const mn_tlog_tree larger = {.size = MN_TLOG_MAX_SIZE + 1};
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) more = {0};
    mn_tlog_tree again;
    cr_assert_eq(mn_tlog_tree_encode(&largest, &bytes), MNSEC_OK);
    cr_assert_eq(mn_tlog_tree_encode(&larger, &more), MNSEC_OK);

    cr_expect_eq(mn_tlog_tree_decode(mn_buf_view(&bytes), &again), MNSEC_OK);
    cr_expect_eq(mn_tlog_tree_decode(mn_buf_view(&more), &again), MNSEC_E_USAGE_FORMAT);
}
