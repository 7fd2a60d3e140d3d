/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a person: the door key, which the card alone opens and which opens the facility PIN;
 * the work key, which takes card, token and password together. A wrong card and a wrong password
 * are one answer, DENIED_LOGIN. Card secret and log-in themselves are not here: token/ has them.
 */
#include "person_key.h"

#include <string.h>

#include "base/encode.h"
#include "crypto/secret/argon2.h"
#include "crypto/secret/hash.h"
#include "registry/box.h"

#define KEY_BYTES        32U
#define DOOR_VERSION     1U
#define PASSWORD_VERSION 1U /* at enrolment */

static mn_box_ref box_of(const mn_person_key_owner *owner, mn_box_kind kind, uint64_t version)
{
    mn_box_ref ref = {.facility = owner->facility,
                      .kind = kind,
                      .owner = mn_bytes_of(owner->card, sizeof(owner->card)),
                      .version = version};
    if (kind != MN_BOX_FACILITY_PIN) {
        ref.subject = mn_bytes_of(owner->person.bytes, sizeof(owner->person.bytes));
    }
    return ref;
}

static mnsec_status begin(mn_buf *buf, const char *purpose, const mn_person_key_owner *owner)
{
    MN_TRY(mn_encode_begin(buf, purpose));
    MN_TRY(mn_encode_id(buf, &owner->facility));
    MN_TRY(mn_encode_id(buf, &owner->person));
    return mn_encode_bytes(buf, owner->card, sizeof(owner->card));
}

static mnsec_status derive_door_key(const mn_person_key_owner *owner, const mn_secret *card_secret,
                                    mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(begin(&info, "mnsec/door-key/1", owner));
    return mn_hash_hkdf(card_secret, mn_bytes_of(NULL, 0), mn_buf_view(&info), KEY_BYTES, out_key);
}

/* Argon2id, then one MAC on the token, so that a stolen store with a stolen card is no use for
 * trying passwords elsewhere. */
static mnsec_status make_password_secret(mn_keyring *keyring, const mn_person_key_owner *owner,
                                         const mn_secret *password, const mn_argon2_params *argon2,
                                         mn_secret *out_secret)
{
    const mn_key_ref pepper = {.kind = MN_KEY_PEPPER};
    MN_AUTO(mn_buf) head = {0};
    MN_AUTO(mn_secret) strengthened = {0};
    MN_AUTO(mn_secret) message = {0};
    MN_TRY(begin(&head, "mnsec/password/1", owner));
    MN_TRY(mn_argon2_derive(password, argon2, &strengthened));
    MN_TRY(mn_encode_secret(&head, &strengthened, &message));
    return mn_keyring_key_mac(keyring, &pepper, mn_bytes_of(message.bytes, message.len),
                              out_secret);
}

/* K_staff. */
static mnsec_status derive_staff_key(mn_keyring *keyring, const mn_person_key_owner *owner,
                                     const mn_secret *card_secret, const mn_secret *password,
                                     const mn_argon2_params *argon2, uint64_t version,
                                     mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_AUTO(mn_secret) password_secret = {0};
    MN_AUTO(mn_secret) both = {0};
    MN_TRY(begin(&info, "mnsec/staff-key/1", owner));
    MN_TRY(mn_encode_u64(&info, version));
    MN_TRY(make_password_secret(keyring, owner, password, argon2, &password_secret));
    MN_TRY(mn_secret_init(&both, card_secret->len + password_secret.len));
    memcpy(both.bytes, card_secret->bytes, card_secret->len);
    memcpy(both.bytes + card_secret->len, password_secret.bytes, password_secret.len);
    return mn_hash_hkdf(&both, mn_bytes_of(NULL, 0), mn_buf_view(&info), KEY_BYTES, out_key);
}

/* A box that does not open is a log-in that is refused, whatever the reason. */
static mnsec_status open_own(mn_store_txn *txn, const mn_box_ref *ref, const mn_secret *key,
                             mn_secret *out_private)
{
    const mnsec_status status = mn_box_open(txn, ref, key, out_private);
    switch (status) {
    case MNSEC_E_INTEGRITY:
        return mn_fail(txn->store->err, MNSEC_E_DENIED_LOGIN, "log-in refused");
    case MNSEC_E_STATE_NOT_FOUND:
        return mn_fail(txn->store->err, MNSEC_E_INTEGRITY_STORE, "a key of the person is gone");
    default:
        return status;
    }
}

mnsec_status mn_person_key_make(mn_store_txn *txn, mn_keyring *keyring,
                                const mn_person_key_owner *owner, const mn_secret *card_secret,
                                const mn_secret *password, const mn_argon2_params *argon2,
                                uint8_t out_door[MN_P256_POINT_BYTES],
                                uint8_t out_work[MN_P256_POINT_BYTES])
{
    const mn_box_ref door_box = box_of(owner, MN_BOX_DOOR, DOOR_VERSION);
    uint8_t door_point[MN_P256_POINT_BYTES];
    uint8_t work_point[MN_P256_POINT_BYTES];
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_secret) door = {0};
    MN_AUTO(mn_secret) work = {0};
    MN_TRY(mn_p256_generate(&door, door_point));
    MN_TRY(mn_p256_generate(&work, work_point));
    MN_TRY(derive_door_key(owner, card_secret, &key));
    MN_TRY(mn_box_seal(txn, &door_box, &key, &door));
    MN_TRY(mn_person_key_rewrap(txn, keyring, owner, card_secret, password, argon2,
                                PASSWORD_VERSION, &work));
    memcpy(out_door, door_point, sizeof(door_point));
    memcpy(out_work, work_point, sizeof(work_point));
    return MNSEC_OK;
}

mnsec_status mn_person_key_open_door(mn_store_txn *txn, const mn_person_key_owner *owner,
                                     const mn_secret *card_secret, mn_secret *out_door)
{
    const mn_box_ref ref = box_of(owner, MN_BOX_DOOR, DOOR_VERSION);
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(derive_door_key(owner, card_secret, &key));
    return open_own(txn, &ref, &key, out_door);
}

mnsec_status mn_person_key_open_pin(mn_store_txn *txn, const mn_person_key_owner *owner,
                                    const mn_secret *door, uint64_t version, mn_secret *out_pin)
{
    const mn_box_ref ref = box_of(owner, MN_BOX_FACILITY_PIN, version);
    return mn_box_open_with(txn, &ref, door, out_pin);
}

mnsec_status mn_person_key_open_work(mn_store_txn *txn, mn_keyring *keyring,
                                     const mn_person_key_owner *owner, const mn_secret *card_secret,
                                     const mn_secret *password, const mn_argon2_params *argon2,
                                     uint64_t password_version, mn_secret *out_work)
{
    const mn_box_ref ref = box_of(owner, MN_BOX_WORK, password_version);
    MN_AUTO(mn_secret) key = {0};
    if (mn_secret_is_empty(password)) {
        return mn_fail(txn->store->err, MNSEC_E_DENIED_LOGIN, "log-in refused");
    }
    MN_TRY(derive_staff_key(keyring, owner, card_secret, password, argon2, password_version, &key));
    return open_own(txn, &ref, &key, out_work);
}

mnsec_status mn_person_key_rewrap(mn_store_txn *txn, mn_keyring *keyring,
                                  const mn_person_key_owner *owner, const mn_secret *card_secret,
                                  const mn_secret *new_password, const mn_argon2_params *new_argon2,
                                  uint64_t new_version, const mn_secret *work)
{
    const mn_box_ref ref = box_of(owner, MN_BOX_WORK, new_version);
    const mn_box_ref former = box_of(owner, MN_BOX_WORK, new_version - 1);
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(
        derive_staff_key(keyring, owner, card_secret, new_password, new_argon2, new_version, &key));
    MN_TRY(mn_box_seal(txn, &ref, &key, work));
    const mnsec_status status = mn_box_remove(txn, &former);
    return status == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : status;
}
