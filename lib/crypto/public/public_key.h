/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public keys this product knows: P-256, P-384, RSA of 2048 to 4096 bits. A key has exactly one
 * SubjectPublicKeyInfo, because the hash of it is the identity of a card. Seen by public/ only.
 */
#ifndef MN_PUBLIC_KEY_H
#define MN_PUBLIC_KEY_H

#include "ossl.h"
#include "x509.h"

typedef enum mn_public_key_kind {
    MN_PUBLIC_KEY_P256 = 1,
    MN_PUBLIC_KEY_P384,
    MN_PUBLIC_KEY_RSA
} mn_public_key_kind;

/* Errors: USAGE_FORMAT for any other key, any other encoding, a point off the curve */
MNSEC_MUST_USE mnsec_status mn_public_key_read(mn_bytes spki, EVP_PKEY **out_key);
MNSEC_MUST_USE mnsec_status mn_public_key_from_point(mn_bytes point, EVP_PKEY **out_key);
MNSEC_MUST_USE mnsec_status mn_public_key_from_rsa(mn_bytes modulus, mn_bytes exponent,
                                                   EVP_PKEY **out_key);
MNSEC_MUST_USE mnsec_status mn_public_key_write(const EVP_PKEY *key, mn_buf *out_spki);
/* Of a key that was read here. */
mn_public_key_kind mn_public_key_kind_of(const EVP_PKEY *key);
/* Uncompressed point; USAGE_FORMAT where key is RSA. */
MNSEC_MUST_USE mnsec_status mn_public_key_point(const EVP_PKEY *key, mn_buf *out_point);
/* Big-endian, no leading zeros; USAGE_FORMAT where key is not RSA. */
MNSEC_MUST_USE mnsec_status mn_public_key_rsa(const EVP_PKEY *key, mn_buf *out_modulus,
                                              mn_buf *out_exponent);

#endif
