/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that touches a secret, through libgcrypt: the first of the two doors of crypto/.
 * SP 800-38D (AES-256-GCM, random 96-bit nonce, 128-bit tag), FIPS 180-4, RFC 2104, RFC 5869,
 * RFC 9106 (Argon2id), SP 800-56A (sealing to a P-256 key), Shamir (libgfshare).
 */
#ifndef MN_AEAD_H
#define MN_AEAD_H

#include "base/base.h"
#include "base/buf.h"
#include "base/secret.h"

#define MN_AEAD_KEY_BYTES      32
#define MN_AEAD_NONCE_BYTES    12
#define MN_AEAD_TAG_BYTES      16
#define MN_AEAD_OVERHEAD_BYTES (MN_AEAD_NONCE_BYTES + MN_AEAD_TAG_BYTES)

/* out_sealed = nonce || ciphertext || tag (appended). */
MNSEC_MUST_USE mnsec_status mn_aead_seal(const mn_secret *key, mn_bytes aad,
                                         const mn_secret *plaintext, mn_buf *out_sealed);
/* Errors: INTEGRITY when not authentic, whatever the reason. */
MNSEC_MUST_USE mnsec_status mn_aead_open(const mn_secret *key, mn_bytes aad, mn_bytes sealed,
                                         mn_secret *out_plaintext);
/* The same for a body that is not kept in secure memory (directory rows). */
MNSEC_MUST_USE mnsec_status mn_aead_seal_bytes(const mn_secret *key, mn_bytes aad,
                                               mn_bytes plaintext, mn_buf *out_sealed);
MNSEC_MUST_USE mnsec_status mn_aead_open_bytes(const mn_secret *key, mn_bytes aad, mn_bytes sealed,
                                               mn_buf *out_plaintext);

#endif
