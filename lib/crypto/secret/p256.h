/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing to a P-256 public key: ephemeral-static ECDH (SP 800-56A), HKDF-SHA256, AES-256-GCM.
 * Points are 65 bytes, uncompressed (0x04 || X || Y), and checked to be on the curve.
 * sealed = ephemeral point || nonce || ciphertext || tag
 */
#ifndef MN_P256_H
#define MN_P256_H

#include "base/base.h"
#include "base/buf.h"
#include "base/secret.h"

#define MN_P256_POINT_BYTES         65
#define MN_P256_SCALAR_BYTES        32
#define MN_P256_SEAL_OVERHEAD_BYTES (MN_P256_POINT_BYTES + 28)

MNSEC_MUST_USE mnsec_status mn_p256_generate(mn_secret *out_private,
                                             uint8_t out_public[MN_P256_POINT_BYTES]);
/* Public half of a private scalar. Errors: USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_p256_public(const mn_secret *private_key,
                                           uint8_t out_public[MN_P256_POINT_BYTES]);
/* aad is a canonical encoding that names what is sealed, for whom, which version.
 * Errors: USAGE_FORMAT (point not on the curve) */
MNSEC_MUST_USE mnsec_status mn_p256_seal(const uint8_t public_key[MN_P256_POINT_BYTES],
                                         mn_bytes aad, const mn_secret *plaintext,
                                         mn_buf *out_sealed);
/* Errors: INTEGRITY, whatever the reason */
MNSEC_MUST_USE mnsec_status mn_p256_open(const mn_secret *private_key, mn_bytes aad,
                                         mn_bytes sealed, mn_secret *out_plaintext);
/* x coordinate of the shared point (32 bytes): for a card bound by ECDH, at enrolment. */
MNSEC_MUST_USE mnsec_status mn_p256_shared(const mn_secret *private_key,
                                           const uint8_t peer[MN_P256_POINT_BYTES],
                                           mn_secret *out_shared);

#endif
