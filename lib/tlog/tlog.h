/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of RFC 6962/9162 over log lines, pure: no I/O, no state outside the caller's structs,
 * no clock. Words are those of C2SP: entry, leaf, tree_size, root, checkpoint, inclusion,
 * consistency.
 */
#ifndef MN_TLOG_H
#define MN_TLOG_H

#include "base/base.h"
#include "base/buf.h"

#define MN_TLOG_HASH_BYTES 32
#define MN_TLOG_MAX_LEVELS 64
/* Sizes are JSON integers in log lines, so that every reader reads them alike. */
#define MN_TLOG_MAX_SIZE ((UINT64_C(1) << 53) - 1)

typedef struct mn_tlog_hash {
    uint8_t bytes[MN_TLOG_HASH_BYTES];
} mn_tlog_hash;

/* File tlog_tree.c */
/* SHA-256(0x00 || line) */
void mn_tlog_tree_leaf(mn_bytes line, mn_tlog_hash *out_leaf);
/* SHA-256(0x01 || left || right) */
void mn_tlog_tree_node(const mn_tlog_hash *left, const mn_tlog_hash *right, mn_tlog_hash *out_node);
/* The right edge of a tree: enough to append and to tell the root. Zeroed = empty tree. */
typedef struct mn_tlog_tree {
    uint64_t size;
    /* edge[k] is the full subtree of 2^k leaves where bit k of size is set */
    mn_tlog_hash edge[MN_TLOG_MAX_LEVELS];
} mn_tlog_tree;
void mn_tlog_tree_append(mn_tlog_tree *tree, const mn_tlog_hash *leaf);
/* Root; of the empty tree SHA-256(""). */
void mn_tlog_tree_root(const mn_tlog_tree *tree, mn_tlog_hash *out_root);
bool mn_tlog_tree_hash_equal(const mn_tlog_hash *a, const mn_tlog_hash *b);
/* Canonical form, to be cached by a store and checked on reading. */
MNSEC_MUST_USE mnsec_status mn_tlog_tree_encode(const mn_tlog_tree *tree, mn_buf *out_bytes);
MNSEC_MUST_USE mnsec_status mn_tlog_tree_decode(mn_bytes bytes, mn_tlog_tree *out_tree);

/* File tlog_proof.c. Leaves come by callback; a proof is at most 64 hashes. */
typedef mnsec_status (*mn_tlog_leaf_fn)(void *user, uint64_t index, mn_tlog_hash *out_leaf);
/* Root of the leaves [begin, begin + count) of a tree, from whoever keeps inner nodes. begin is a
 * multiple of the largest power of two below count, so full subtrees and their joins suffice. */
typedef mnsec_status (*mn_tlog_range_fn)(void *user, uint64_t begin, uint64_t count,
                                         mn_tlog_hash *out_root);
typedef struct mn_tlog_proof {
    size_t count;
    mn_tlog_hash hashes[MN_TLOG_MAX_LEVELS * 2];
} mn_tlog_proof;
MNSEC_MUST_USE mnsec_status mn_tlog_proof_inclusion(uint64_t index, uint64_t tree_size,
                                                    mn_tlog_leaf_fn leaf, void *user,
                                                    mn_tlog_proof *out_proof);
MNSEC_MUST_USE mnsec_status mn_tlog_proof_consistency(uint64_t old_size, uint64_t new_size,
                                                      mn_tlog_leaf_fn leaf, void *user,
                                                      mn_tlog_proof *out_proof);
/* The same proofs, out of roots of ranges rather than leaves. */
MNSEC_MUST_USE mnsec_status mn_tlog_proof_inclusion_of(uint64_t index, uint64_t tree_size,
                                                       mn_tlog_range_fn range, void *user,
                                                       mn_tlog_proof *out_proof);
MNSEC_MUST_USE mnsec_status mn_tlog_proof_consistency_of(uint64_t old_size, uint64_t new_size,
                                                         mn_tlog_range_fn range, void *user,
                                                         mn_tlog_proof *out_proof);
/* INTEGRITY when the proof does not hold. */
MNSEC_MUST_USE mnsec_status mn_tlog_proof_check_inclusion(const mn_tlog_proof *proof,
                                                          uint64_t index, uint64_t tree_size,
                                                          const mn_tlog_hash *leaf,
                                                          const mn_tlog_hash *root);
MNSEC_MUST_USE mnsec_status mn_tlog_proof_check_consistency(const mn_tlog_proof *proof,
                                                            uint64_t old_size, uint64_t new_size,
                                                            const mn_tlog_hash *old_root,
                                                            const mn_tlog_hash *new_root);

/* File tlog_checkpoint.c: C2SP tlog-checkpoint: origin LF size LF base64 root LF. */
#define MN_TLOG_ORIGIN_MAX_BYTES 200
typedef struct mn_tlog_checkpoint {
    char origin[MN_TLOG_ORIGIN_MAX_BYTES + 1]; /* does not begin with 0x00, `{` or `1` */
    uint64_t tree_size;
    mn_tlog_hash root;
} mn_tlog_checkpoint;
MNSEC_MUST_USE mnsec_status mn_tlog_checkpoint_format(const mn_tlog_checkpoint *checkpoint,
                                                      mn_buf *out_text);
/* Exactly what format writes; extension lines are refused. USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_tlog_checkpoint_parse(mn_bytes text,
                                                     mn_tlog_checkpoint *out_checkpoint);
bool mn_tlog_checkpoint_origin_is_valid(const char *origin);
/* C2SP signed-note: text LF, then `— name base64(keyid || signature)` lines. ECDSA P-256 is type
 * 0x02; key id = first 4 bytes of SHA-256 of the SPKI (SubjectPublicKeyInfo DER); the signature
 * inside is ASN.1 DER, as Go's sumdb/note and sigsum expect for this type. */
MNSEC_MUST_USE mnsec_status mn_tlog_checkpoint_note(mn_bytes text, const char *name, mn_bytes spki,
                                                    mn_bytes der_signature, mn_buf *out_note);
/* Text part (its last LF included) and the DER signature by the key of spki; USAGE_FORMAT,
 * STATE_NOT_FOUND. */
MNSEC_MUST_USE mnsec_status mn_tlog_checkpoint_note_parse(mn_bytes note, const char *name,
                                                          mn_bytes spki, mn_bytes *out_text,
                                                          mn_buf *out_der_signature);
/* Verifier key line `name+hex(keyid)+base64(0x02 || spki)`. */
MNSEC_MUST_USE mnsec_status mn_tlog_checkpoint_vkey(const char *name, mn_bytes spki,
                                                    mn_buf *out_vkey);

#endif
