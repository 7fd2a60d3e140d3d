/* SPDX-License-Identifier: Apache-2.0 */
/* Start of libgcrypt (once per process, guarded), random bytes, and shares of a secret. */
#ifndef MN_CRYPTO_H
#define MN_CRYPTO_H

#include "base/base.h"
#include "base/buf.h"
#include "base/secret.h"

/* Idempotent and thread-safe. A host program that has initialised libgcrypt itself, with secure
 * memory, is left alone; one without secure memory is refused. */
MNSEC_MUST_USE mnsec_status mn_crypto_init(void);

/* File random.c */
void mn_random_bytes(void *out_bytes, size_t len);
MNSEC_MUST_USE mnsec_status mn_random_secret(mn_secret *out_secret, size_t len);
void mn_random_id(mnsec_id *out_id);
/* Random text of len characters out of 31 (2 to 9, a to z without i, l, o): no look-alikes. */
MNSEC_MUST_USE mnsec_status mn_random_text(mn_secret *out_secret, size_t len);

/* File share.c: any threshold of count shares give the secret back (Shamir over GF(256),
 * libgfshare). shares[i] carries its own number as first byte. threshold 2 to 8, count up to 16. */
MNSEC_MUST_USE mnsec_status mn_share_split(const mn_secret *secret, unsigned threshold,
                                           unsigned count, mn_secret *out_shares);
/* Fewer or wrong shares give a wrong secret: the caller checks it against the public key. */
MNSEC_MUST_USE mnsec_status mn_share_join(const mn_secret *shares, unsigned count,
                                          mn_secret *out_secret);

/* File rsa.c: encrypt a secret to a card's RSA public key, in libgcrypt. */
typedef enum mn_rsa_padding {
    MN_RSA_OAEP_SHA256 = 1,
    MN_RSA_OAEP_SHA1 = 2, /* no other on some tokens (SoftHSM) */
    MN_RSA_PKCS1_V15 = 3
} mn_rsa_padding;
/* modulus and exponent big-endian. Errors: USAGE_FORMAT (below 2048 or above 4096 bits, even …) */
MNSEC_MUST_USE mnsec_status mn_rsa_encrypt(mn_bytes modulus, mn_bytes exponent,
                                           mn_rsa_padding padding, const mn_secret *plaintext,
                                           mn_buf *out_ciphertext);

#endif
