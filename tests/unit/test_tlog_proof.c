/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inclusion and consistency: the proofs of the reference tests of Certificate Transparency, every
 * proof of every tree of up to 40 leaves, and the refusal of every proof that was touched.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "ct_tree.h"

#define SIZES 40

#define A     "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
#define B     "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
#define C     "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
#define D     "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
#define E     "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
#define F     "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
#define G     "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
#define H     "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
#define I     "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
#define J     "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
#define K     "0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7"
#define L     "07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7"
#define M     "837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e"

typedef struct proof_case {
    uint64_t place; /* index, or old size */
    uint64_t size;
    size_t count;
    char hashes[4][65];
} proof_case;

static void expect_hashes(const mn_tlog_proof *proof, const proof_case *expected)
{
    cr_assert_eq(proof->count, expected->count);
    for (size_t i = 0; i < expected->count; i++) {
        const mn_tlog_hash hash = ct_hash(expected->hashes[i]);
        cr_expect(mn_tlog_tree_hash_equal(&proof->hashes[i], &hash), "hash %zu", i);
    }
}

ParameterizedTestParameters(tlog_proof, of_inclusion_is_that_of_the_reference)
{
    static proof_case cases[] = {
        {0, 1, 0, {""}}, {0, 8, 3, {A, B, C}}, {5, 8, 3, {D, E, F}},
        {2, 3, 1, {G}},  {1, 5, 3, {H, B, D}},
    };
    return cr_make_param_array(proof_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const proof_case *c, tlog_proof, of_inclusion_is_that_of_the_reference)
{
    mn_tlog_proof proof;

    cr_assert_eq(mn_tlog_proof_inclusion(c->place, c->size, ct_leaf, NULL, &proof), MNSEC_OK);

    expect_hashes(&proof, c);
}

ParameterizedTestParameters(tlog_proof, of_consistency_is_that_of_the_reference)
{
    static proof_case cases[] = {
        {1, 1, 0, {""}},      {1, 8, 3, {A, B, C}},    {6, 8, 3, {I, E, F}}, {2, 5, 2, {B, D}},
        {6, 7, 3, {I, J, F}}, {3, 7, 4, {K, L, G, M}}, {0, 8, 0, {""}},      {8, 8, 0, {""}},
    };
    return cr_make_param_array(proof_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const proof_case *c, tlog_proof, of_consistency_is_that_of_the_reference)
{
    mn_tlog_proof proof;

    cr_assert_eq(mn_tlog_proof_consistency(c->place, c->size, ct_leaf, NULL, &proof), MNSEC_OK);

    expect_hashes(&proof, c);
}

Test(tlog_proof, of_inclusion_holds_for_every_leaf_of_every_small_tree)
{
    for (uint64_t size = 1; size <= SIZES; size++) {
        const mn_tlog_hash root = ct_root(ct_any_leaf, 0, size);
        for (uint64_t index = 0; index < size; index++) {
            mn_tlog_proof proof;
            const mn_tlog_hash leaf = ct_root(ct_any_leaf, index, 1);
            cr_assert_eq(mn_tlog_proof_inclusion(index, size, ct_any_leaf, NULL, &proof), MNSEC_OK);
            cr_expect_eq(mn_tlog_proof_check_inclusion(&proof, index, size, &leaf, &root),
                         MNSEC_OK);
        }
    }
}

Test(tlog_proof, of_inclusion_holds_for_no_other_leaf)
{
    for (uint64_t size = 1; size <= SIZES; size++) {
        const mn_tlog_hash root = ct_root(ct_any_leaf, 0, size);
        for (uint64_t index = 0; index < size; index++) {
            mn_tlog_proof proof;
            cr_assert_eq(mn_tlog_proof_inclusion(index, size, ct_any_leaf, NULL, &proof), MNSEC_OK);
            const mn_tlog_hash leaf = ct_root(ct_any_leaf, index, 1);
            for (uint64_t other = 0; other <= size; other++) {
                if (other == index) {
                    continue;
                }
                const mn_tlog_hash wrong = ct_root(ct_any_leaf, other, 1);
                cr_expect_eq(mn_tlog_proof_check_inclusion(&proof, index, size, &wrong, &root),
                             MNSEC_E_INTEGRITY);
                cr_expect_eq(mn_tlog_proof_check_inclusion(&proof, other, size, &leaf, &root),
                             MNSEC_E_INTEGRITY, "%d of %d as %d", (int)index, (int)size,
                             (int)other);
            }
        }
    }
}

/* Every way to touch a proof: each hash altered or left out, one added, the count beyond all. */
static void expect_refused_when_touched(const mn_tlog_proof *proof,
                                        mnsec_status (*check)(const mn_tlog_proof *, const void *),
                                        const void *about)
{
    for (size_t i = 0; i < proof->count; i++) {
        mn_tlog_proof touched = *proof;
        touched.hashes[i].bytes[i % MN_TLOG_HASH_BYTES] ^= 0x10U;
        cr_expect_eq(check(&touched, about), MNSEC_E_INTEGRITY);
        touched = *proof;
        touched.count--;
        memmove(&touched.hashes[i], &touched.hashes[i + 1],
                (touched.count - i) * sizeof(touched.hashes[0]));
        cr_expect_eq(check(&touched, about), MNSEC_E_INTEGRITY);
    }
    mn_tlog_proof longer = *proof;
    longer.hashes[longer.count++] = ct_root(ct_any_leaf, 1000, 1);
    cr_expect_eq(check(&longer, about), MNSEC_E_INTEGRITY);
    longer.count = SIZE_MAX;
    cr_expect_eq(check(&longer, about), MNSEC_E_INTEGRITY);
}

typedef struct inclusion {
    uint64_t index;
    uint64_t size;
    mn_tlog_hash leaf;
    mn_tlog_hash root;
} inclusion;

static mnsec_status check_inclusion(const mn_tlog_proof *proof, const void *about)
{
    const inclusion *what = about;
    return mn_tlog_proof_check_inclusion(proof, what->index, what->size, &what->leaf, &what->root);
}

Test(tlog_proof, of_inclusion_is_refused_when_touched)
{
    for (uint64_t size = 1; size <= SIZES; size++) {
        for (uint64_t index = 0; index < size; index++) {
            mn_tlog_proof proof;
            const inclusion what = {index, size, ct_root(ct_any_leaf, index, 1),
                                    ct_root(ct_any_leaf, 0, size)};
            cr_assert_eq(mn_tlog_proof_inclusion(index, size, ct_any_leaf, NULL, &proof), MNSEC_OK);
            expect_refused_when_touched(&proof, check_inclusion, &what);
        }
    }
}

typedef struct growth {
    uint64_t old_size;
    uint64_t new_size;
    mn_tlog_hash old_root;
    mn_tlog_hash new_root;
} growth;

static mnsec_status check_consistency(const mn_tlog_proof *proof, const void *about)
{
    const growth *what = about;
    return mn_tlog_proof_check_consistency(proof, what->old_size, what->new_size, &what->old_root,
                                           &what->new_root);
}

static growth growth_of(uint64_t old_size, uint64_t new_size)
{
    return (growth){old_size, new_size, ct_root(ct_any_leaf, 0, old_size),
                    ct_root(ct_any_leaf, 0, new_size)};
}

Test(tlog_proof, of_consistency_holds_for_every_growth_of_every_small_tree)
{
    for (uint64_t new_size = 1; new_size <= SIZES; new_size++) {
        for (uint64_t old_size = 1; old_size <= new_size; old_size++) {
            mn_tlog_proof proof;
            const growth what = growth_of(old_size, new_size);
            cr_assert_eq(mn_tlog_proof_consistency(old_size, new_size, ct_any_leaf, NULL, &proof),
                         MNSEC_OK);
            cr_expect_eq(check_consistency(&proof, &what), MNSEC_OK);
        }
    }
}

Test(tlog_proof, of_consistency_is_refused_when_touched)
{
    for (uint64_t new_size = 1; new_size <= SIZES; new_size++) {
        for (uint64_t old_size = 1; old_size <= new_size; old_size++) {
            mn_tlog_proof proof;
            const growth what = growth_of(old_size, new_size);
            cr_assert_eq(mn_tlog_proof_consistency(old_size, new_size, ct_any_leaf, NULL, &proof),
                         MNSEC_OK);
            expect_refused_when_touched(&proof, check_consistency, &what);
        }
    }
}

Test(tlog_proof, of_consistency_is_refused_for_another_root)
{
    for (uint64_t new_size = 1; new_size <= SIZES; new_size++) {
        for (uint64_t old_size = 1; old_size <= new_size; old_size++) {
            mn_tlog_proof proof;
            cr_assert_eq(mn_tlog_proof_consistency(old_size, new_size, ct_any_leaf, NULL, &proof),
                         MNSEC_OK);
            growth what = growth_of(old_size, new_size);
            what.old_root.bytes[0] ^= 1U;
            cr_expect_eq(check_consistency(&proof, &what), MNSEC_E_INTEGRITY);
            what = growth_of(old_size, new_size);
            what.new_root.bytes[31] ^= 1U;
            cr_expect_eq(check_consistency(&proof, &what), MNSEC_E_INTEGRITY);
        }
    }
}

Test(tlog_proof, of_a_tree_that_shrank_is_refused)
{
    mn_tlog_proof proof;
    const growth what = growth_of(8, 5);

    cr_expect_eq(mn_tlog_proof_consistency(8, 5, ct_any_leaf, NULL, &proof), MNSEC_E_USAGE);
    proof.count = 0;
    cr_expect_eq(check_consistency(&proof, &what), MNSEC_E_INTEGRITY);
}

Test(tlog_proof, from_the_empty_tree_knows_its_root)
{
    const mn_tlog_proof proof = {0};
    growth what = growth_of(1, 8);
    what.old_size = 0;

    cr_expect_eq(check_consistency(&proof, &what), MNSEC_E_INTEGRITY);
    what.old_root = ct_hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    cr_expect_eq(check_consistency(&proof, &what), MNSEC_OK);
}

Test(tlog_proof, of_a_leaf_that_is_not_there_is_refused)
{
    mn_tlog_proof proof = {0};
    const mn_tlog_hash root = ct_root(ct_any_leaf, 0, 1);

    cr_expect_eq(mn_tlog_proof_inclusion(1, 1, ct_any_leaf, NULL, &proof), MNSEC_E_USAGE);
    cr_expect_eq(mn_tlog_proof_inclusion(0, 0, ct_any_leaf, NULL, &proof), MNSEC_E_USAGE);
    cr_expect_eq(mn_tlog_proof_check_inclusion(&proof, 1, 1, &root, &root), MNSEC_E_INTEGRITY);
    cr_expect_eq(mn_tlog_proof_check_inclusion(&proof, 0, 0, &root, &root), MNSEC_E_INTEGRITY);
}

static mnsec_status failing_leaf(void *user, uint64_t index, mn_tlog_hash *out_leaf)
{
    (void)user;
    return index == 5 ? MNSEC_E_STORE : ct_any_leaf(NULL, index, out_leaf);
}

Test(tlog_proof, is_not_made_when_a_leaf_cannot_be_read)
{
    mn_tlog_proof proof = {.count = 42};

    cr_expect_eq(mn_tlog_proof_inclusion(0, 8, failing_leaf, NULL, &proof), MNSEC_E_STORE);
    cr_expect_eq(mn_tlog_proof_consistency(3, 8, failing_leaf, NULL, &proof), MNSEC_E_STORE);
    cr_expect_eq(proof.count, 42);
}
