/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a card, its PIN and a password open, in this order (docs/FORMATS.md 4.3):
 * card secret -> door key -> facility PIN -> token log-in -> password secret -> K_staff -> work
 * key. Made at enrolment, opened at log-in.
 */
#ifndef MN_PERSON_KEY_H
#define MN_PERSON_KEY_H

#include "base/base.h"
#include "base/secret.h"
#include "registry/registry.h"
#include "store/store.h"
#include "token/keyring.h"

/* Whose keys. */
typedef struct mn_person_key_owner {
    mnsec_id facility;
    mnsec_id person;
    uint8_t card[32];
} mn_person_key_owner;

/* Make door and work key pairs and put their boxes; the token must be logged in (pepper MAC).
 * password is already checked for strength; argon2 is fresh. */
MNSEC_MUST_USE mnsec_status mn_person_key_make(
    mn_store_txn *txn, mn_keyring *keyring, const mn_person_key_owner *owner,
    const mn_secret *card_secret, const mn_secret *password, const mn_argon2_params *argon2,
    uint8_t out_door[MN_P256_POINT_BYTES], uint8_t out_work[MN_P256_POINT_BYTES]);
/* Errors: DENIED_LOGIN (box does not open: another card's secret), INTEGRITY_STORE (box is gone) */
MNSEC_MUST_USE mnsec_status mn_person_key_open_door(mn_store_txn *txn,
                                                    const mn_person_key_owner *owner,
                                                    const mn_secret *card_secret,
                                                    mn_secret *out_door);
/* The facility PIN of a version, sealed to the door key. STATE_NOT_FOUND, INTEGRITY */
MNSEC_MUST_USE mnsec_status mn_person_key_open_pin(mn_store_txn *txn,
                                                   const mn_person_key_owner *owner,
                                                   const mn_secret *door, uint64_t version,
                                                   mn_secret *out_pin);
/* One token MAC. Errors: DENIED_LOGIN (wrong password), INTEGRITY_STORE (box is gone) */
MNSEC_MUST_USE mnsec_status mn_person_key_open_work(mn_store_txn *txn, mn_keyring *keyring,
                                                    const mn_person_key_owner *owner,
                                                    const mn_secret *card_secret,
                                                    const mn_secret *password,
                                                    const mn_argon2_params *argon2,
                                                    uint64_t password_version, mn_secret *out_work);
/* The same work key under a new password; the old box goes when the transaction commits. */
MNSEC_MUST_USE mnsec_status mn_person_key_rewrap(mn_store_txn *txn, mn_keyring *keyring,
                                                 const mn_person_key_owner *owner,
                                                 const mn_secret *card_secret,
                                                 const mn_secret *new_password,
                                                 const mn_argon2_params *new_argon2,
                                                 uint64_t new_version, const mn_secret *work);

#endif
