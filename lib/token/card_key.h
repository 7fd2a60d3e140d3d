/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private keys of a logged-in card and the three things they can do. Each operation is one
 * PKCS#11 operation, Init and single shot. Used in the worker only; internal to token/.
 */
#ifndef MN_CARD_KEY_H
#define MN_CARD_KEY_H

#include "base/secret.h"
#include "crypto/public/x509.h"
#include "crypto/secret/crypto.h"
#include "token/p11.h"

#define MN_CARD_KEY_MAX 16U

typedef struct mn_card_key {
    CK_OBJECT_HANDLE handle;
    mn_buf spki;
    mn_signature_alg alg;   /* what a signature of it is; NONE: not P-256, not RSA 2048 to 4096 */
    bool asks_at_every_use; /* CKA_ALWAYS_AUTHENTICATE */
} mn_card_key;

typedef struct mn_card_keys {
    mn_card_key items[MN_CARD_KEY_MAX];
    size_t count;
} mn_card_keys;
void mn_card_keys_wipe(mn_card_keys *keys);

/* Algorithm by which a key of this SPKI signs; NONE where we have no use for it. */
mn_signature_alg mn_card_key_alg(mn_bytes spki);
/* One find pass, logged in: private keys whose public half the card shows under the same CKA_ID. */
MNSEC_MUST_USE mnsec_status mn_card_key_read(const mn_p11_session *session, mn_card_keys *out_keys);
/* NULL where the card has no such key. */
const mn_card_key *mn_card_key_get(const mn_card_keys *keys, mn_bytes spki);

/* C_SignInit and C_Sign: raw r || s, or RSA PKCS#1 v1.5 with SHA-256. In secure memory, because a
 * signature may be what a secret is made of. */
MNSEC_MUST_USE mnsec_status mn_card_key_sign(const mn_p11_session *session, const mn_card_key *key,
                                             mn_bytes message, mn_secret *out_signature);
/* C_DecryptInit and C_Decrypt. INTEGRITY when C_Decrypt refuses while the card is there. */
MNSEC_MUST_USE mnsec_status mn_card_key_decrypt(const mn_p11_session *session,
                                                const mn_card_key *key, mn_rsa_padding padding,
                                                mn_bytes ciphertext, mn_secret *out_plaintext);
/* C_DeriveKey with a P-256 point: the shared x coordinate, 32 bytes. */
MNSEC_MUST_USE mnsec_status mn_card_key_derive(const mn_p11_session *session,
                                               const mn_card_key *key, mn_bytes point,
                                               mn_secret *out_shared);

#endif
