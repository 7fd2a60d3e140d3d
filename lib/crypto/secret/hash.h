/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC 2104), HKDF-SHA256 (RFC 5869). */
#ifndef MN_HASH_H
#define MN_HASH_H

#include "base/base.h"
#include "base/buf.h"
#include "base/secret.h"

#define MN_HASH_BYTES 32

typedef struct mn_hash mn_hash;

/* One call over a run of bytes. Cannot fail once mn_crypto_init() has run. */
void mn_hash_bytes(mn_bytes bytes, uint8_t out_digest[MN_HASH_BYTES]);
/* Over two runs, without joining them (Merkle nodes, prefixes). */
void mn_hash_pair(mn_bytes first, mn_bytes second, uint8_t out_digest[MN_HASH_BYTES]);

/* Streaming. */
MNSEC_MUST_USE mnsec_status mn_hash_new(mn_hash **out_hash);
void mn_hash_update(mn_hash *hash, mn_bytes bytes);
/* Digest of all so far; the handle starts afresh. */
void mn_hash_finish(mn_hash *hash, uint8_t out_digest[MN_HASH_BYTES]);
void mn_hash_free(mn_hash *hash);
MN_AUTO_PTR_DECLARE(mn_hash)

MNSEC_MUST_USE mnsec_status mn_hash_hmac(const mn_secret *key, mn_bytes message,
                                         mn_secret *out_mac);
/* salt may be empty. info is a canonical encoding (purpose first). len up to 255 * 32. */
MNSEC_MUST_USE mnsec_status mn_hash_hkdf(const mn_secret *ikm, mn_bytes salt, mn_bytes info,
                                         size_t len, mn_secret *out_key);
/* Its two halves, for one secret that many keys come from. */
MNSEC_MUST_USE mnsec_status mn_hash_hkdf_extract(const mn_secret *ikm, mn_bytes salt,
                                                 mn_secret *out_prk);
MNSEC_MUST_USE mnsec_status mn_hash_hkdf_expand(const mn_secret *prk, mn_bytes info, size_t len,
                                                mn_secret *out_key);

#endif
