/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spare: key pairs made in it in advance, their public halves trusted on the facility token by
 * its security officer, our secret keys wrapped to them, and unwrapped inside the spare when the
 * facility token is lost. No key is ever outside a token in the clear, and none goes out under a
 * key that nobody trusted. A blob says of which key it is and what that key must answer.
 */
#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "keyring_internal.h"

#define PURPOSE        "mnsec/escrow/1"
#define LABEL_PREFIX   MN_KEYRING_PREFIX "escrow/"
#define SCRATCH_LABEL  MN_KEYRING_PREFIX "scratch"
#define NAME_MAX_BYTES 40U
#define PAIR_BITS      3072U /* blobs lie in backups: 128-bit strength, like all that they protect */

typedef struct escrow_blob {
    mn_key_ref ref;
    mn_rsa_padding padding;
    mn_bytes wrapped; /* in the encoding */
    uint8_t answer[MN_KEYRING_ANSWER_BYTES];
} escrow_blob;

static mnsec_status make_label(mn_keyring *keyring, const char *name,
                               char out_label[MN_KEYRING_LABEL_BYTES])
{
    const size_t len = strnlen(name, NAME_MAX_BYTES + 1);
    if (len == 0 || len > NAME_MAX_BYTES ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] != '\0') {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "a key pair is named in a-z, 0-9 and \"-\"");
    }
    (void)snprintf(out_label, MN_KEYRING_LABEL_BYTES, LABEL_PREFIX "%s", name);
    return MNSEC_OK;
}

static mnsec_status need_wrap(mn_keyring *keyring)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    if (keyring->passport.wrap == 0) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "the token does not wrap by RSA-OAEP");
    }
    return MNSEC_OK;
}

/* What can be proven at the spare to be the same key: one that gives the same answer always. A pair
 * stays; and of a key that seals under IVs of the token's only 24 bits can be asked for, which
 * whoever writes a blob could match. */
static mnsec_status need_answer(mn_keyring *keyring, mn_key_kind kind)
{
    if (mn_keyring_shape_is_pair(&keyring->passport, kind)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "a data key of this token is a pair, and no private key ever leaves it");
    }
    if (kind == MN_KEY_DATA && keyring->passport.gcm_iv != MN_GCM_IV_OURS) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "a data key under IVs of the token's cannot be proven at a spare");
    }
    return MNSEC_OK;
}

static mnsec_status check_shape(mn_keyring *keyring, CK_OBJECT_HANDLE object,
                                const mn_keyring_shape *shape, mnsec_status otherwise)
{
    const mn_p11_session *work = NULL;
    mn_keyring_facts facts;
    MN_TRY(mn_keyring_work(keyring, &work));
    const mnsec_status status = mn_keyring_shape_read(work, object, &facts);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    if (!mn_keyring_shape_fits(shape, &facts)) {
        return mn_fail(keyring->err, otherwise, "%s has other attributes than ours", facts.label);
    }
    return MNSEC_OK;
}

static mnsec_status destroy(mn_keyring *keyring, CK_OBJECT_HANDLE object)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    const CK_RV rv = mn_keyring_calls(keyring)->C_DestroyObject(work->handle, object);
    return rv == CKR_OK ? MNSEC_OK : mn_keyring_fail(keyring, rv, "C_DestroyObject");
}

/* --- pairs --- */

static mnsec_status refuse_pair(mn_keyring *spare, const char *label)
{
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const mnsec_status status = mn_keyring_shape_find(spare, CKO_PRIVATE_KEY, label, &object);
    if (status == MNSEC_OK) {
        return mn_fail(spare->err, MNSEC_E_STATE_CONFLICT, "the spare has a pair %s already",
                       label);
    }
    return status == MNSEC_E_STATE_NOT_FOUND ? MNSEC_OK : status;
}

mnsec_status mn_keyring_escrow_make_pair(mn_keyring *spare, const char *name, mn_buf *out_spki)
{
    char label[MN_KEYRING_LABEL_BYTES];
    MN_TRY(need_wrap(spare));
    MN_TRY(make_label(spare, name, label));
    MN_TRY(refuse_pair(spare, label));
    MN_TRY(mn_keyring_gate_room(spare->room, spare->err));
    const mn_keyring_pair pair = {
        .private_half = mn_keyring_shape_escrow_private(&spare->passport),
        .public_half = mn_keyring_shape_escrow_public(false),
        .unwrapped =
            mn_keyring_shape_secret(&spare->passport, mn_keyring_shape_carried(&spare->passport)),
        .rsa_bits = PAIR_BITS,
    };
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    MN_TRY(mn_keyring_make_pair(spare, &pair, label, &private_key, &public_key));
    mnsec_status status =
        check_shape(spare, private_key, &pair.private_half, MNSEC_E_TOKEN_UNSUITABLE);
    if (status == MNSEC_OK) {
        status = check_shape(spare, public_key, &pair.public_half, MNSEC_E_TOKEN_UNSUITABLE);
    }
    if (status != MNSEC_OK) {
        (void)destroy(spare, private_key);
        (void)destroy(spare, public_key);
        return status;
    }
    return mn_keyring_make_spki(spare, public_key, false, out_spki);
}

mnsec_status mn_keyring_escrow_spki(mn_keyring *spare, const char *name, mn_buf *out_spki)
{
    char label[MN_KEYRING_LABEL_BYTES];
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    MN_TRY(make_label(spare, name, label));
    MN_TRY(mn_keyring_shape_find(spare, CKO_PUBLIC_KEY, label, &public_key));
    return mn_keyring_make_spki(spare, public_key, false, out_spki);
}

mnsec_status mn_keyring_escrow_destroy(mn_keyring *keyring, const char *name)
{
    static const CK_OBJECT_CLASS classes[] = {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY};
    const mn_p11_session *work = NULL;
    char label[MN_KEYRING_LABEL_BYTES];
    bool is_found = false;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    MN_TRY(make_label(keyring, name, label));
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        const mnsec_status status = mn_keyring_shape_find(keyring, classes[i], label, &object);
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            continue;
        }
        MN_TRY(status);
        MN_TRY(destroy(keyring, object));
        is_found = true;
    }
    return is_found ? MNSEC_OK
                    : mn_fail(keyring->err, MNSEC_E_STATE_NOT_FOUND, "the token has no %s", label);
}

/* --- on the facility token --- */

/* A key of this name is there: the same one, trusted, or a conflict. */
static mnsec_status compare_trusted(mn_keyring *keyring, CK_OBJECT_HANDLE object,
                                    const mn_keyring_shape *shape, mn_bytes spki)
{
    MN_AUTO(mn_buf) there = {0};
    MN_TRY(mn_keyring_make_spki(keyring, object, false, &there));
    if (there.len != spki.len || memcmp(there.bytes, spki.bytes, spki.len) != 0) {
        return mn_fail(keyring->err, MNSEC_E_STATE_CONFLICT,
                       "the token has another key of this name");
    }
    return check_shape(keyring, object, shape, MNSEC_E_STATE_CONFLICT);
}

static mnsec_status bring_in(mn_keyring *keyring, const mn_keyring_shape *shape, const char *label,
                             mn_bytes spki)
{
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    MN_TRY(mn_keyring_make_public(keyring, shape, label, spki, &public_key));
    return check_shape(keyring, public_key, shape, MNSEC_E_TOKEN_UNSUITABLE);
}

mnsec_status mn_keyring_escrow_trust(mn_keyring *keyring, const char *name, mn_bytes spki,
                                     const mn_secret *so_pin)
{
    char label[MN_KEYRING_LABEL_BYTES];
    CK_OBJECT_HANDLE there = CK_INVALID_HANDLE;
    const mn_keyring_shape shape = mn_keyring_shape_escrow_public(true);
    MN_TRY(make_label(keyring, name, label));
    const mnsec_status found = mn_keyring_shape_find(keyring, CKO_PUBLIC_KEY, label, &there);
    if (found == MNSEC_OK) {
        return compare_trusted(keyring, there, &shape, spki);
    }
    if (found != MNSEC_E_STATE_NOT_FOUND) {
        return found;
    }
    MN_TRY(mn_keyring_gate_room(keyring->room, keyring->err));
    MN_TRY(mn_keyring_so_login(keyring, so_pin));
    const mnsec_status status = bring_in(keyring, &shape, label, spki);
    mn_keyring_logout(keyring);
    return status;
}

static mnsec_status encode_blob(const mn_key_ref *ref, const char *name, mn_rsa_padding padding,
                                const mn_buf *wrapped,
                                const uint8_t answer[MN_KEYRING_ANSWER_BYTES], mn_buf *out_blob)
{
    MN_AUTO(mn_buf) blob = {0};
    MN_TRY(mn_encode_begin(&blob, PURPOSE));
    MN_TRY(mn_encode_u64(&blob, ref->kind));
    MN_TRY(mn_encode_id(&blob, &ref->department));
    MN_TRY(mn_encode_u64(&blob, ref->epoch));
    MN_TRY(mn_encode_text(&blob, name));
    MN_TRY(mn_encode_u64(&blob, padding));
    MN_TRY(mn_encode_bytes(&blob, wrapped->bytes, wrapped->len));
    MN_TRY(mn_encode_bytes(&blob, answer, MN_KEYRING_ANSWER_BYTES));
    mn_buf_move(out_blob, &blob);
    return MNSEC_OK;
}

mnsec_status mn_keyring_escrow_wrap(mn_keyring *keyring, const mn_key_ref *ref, const char *name,
                                    mn_buf *out_blob)
{
    char label[MN_KEYRING_LABEL_BYTES];
    MN_TRY(need_wrap(keyring));
    MN_TRY(make_label(keyring, name, label));
    const mn_keyring_entry *entry = mn_keyring_key_get(keyring, ref);
    if (entry == NULL || ref->kind == MN_KEY_AUDIT) {
        return mn_fail(keyring->err, MNSEC_E_STATE_NOT_FOUND, "the token has no such secret key");
    }
    MN_TRY(need_answer(keyring, ref->kind));
    if (!keyring->passport.trusted_honoured) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "the token does not honour trusted keys, so its keys never leave it");
    }
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    const mnsec_status found = mn_keyring_shape_find(keyring, CKO_PUBLIC_KEY, label, &public_key);
    if (found != MNSEC_OK) {
        return mn_fail(keyring->err, found, "the token has no one key %s", label);
    }
    const mn_keyring_shape shape = mn_keyring_shape_escrow_public(true);
    MN_TRY(check_shape(keyring, public_key, &shape, MNSEC_E_INTEGRITY_PASSPORT));

    uint8_t answer[MN_KEYRING_ANSWER_BYTES];
    MN_AUTO(mn_buf) wrapped = {0};
    MN_TRY(mn_keyring_key_attest_answer(keyring, entry, answer));
    MN_TRY(mn_keyring_make_wrapped(keyring, keyring->passport.wrap, public_key, entry->token,
                                   &wrapped));
    return encode_blob(ref, name, keyring->passport.wrap, &wrapped, answer, out_blob);
}

/* --- inside the spare --- */

static mnsec_status decode_blob(mn_bytes bytes, const char *name, escrow_blob *out_blob)
{
    mn_decode decode;
    uint64_t kind = 0;
    uint64_t epoch = 0;
    uint64_t padding = 0;
    escrow_blob blob = {0};
    MN_AUTO(mn_buf) told_name = {0};
    MN_TRY(mn_decode_begin(&decode, bytes, PURPOSE));
    MN_TRY(mn_decode_u64(&decode, &kind));
    MN_TRY(mn_decode_id(&decode, &blob.ref.department));
    MN_TRY(mn_decode_u64(&decode, &epoch));
    MN_TRY(mn_decode_text(&decode, &told_name));
    MN_TRY(mn_decode_u64(&decode, &padding));
    MN_TRY(mn_decode_bytes(&decode, &blob.wrapped));
    MN_TRY(mn_decode_fixed(&decode, blob.answer, sizeof(blob.answer)));
    MN_TRY(mn_decode_end(&decode));
    if (kind < MN_KEY_DATA || kind > MN_KEY_PEPPER || epoch > UINT32_MAX || padding == 0 ||
        padding > MN_RSA_OAEP_SHA1 || blob.wrapped.len > MN_KEYRING_MAX_WRAPPED ||
        strcmp(mn_buf_text(&told_name), name) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    blob.ref.kind = (mn_key_kind)kind;
    blob.ref.epoch = (uint32_t)epoch;
    blob.padding = (mn_rsa_padding)padding;
    *out_blob = blob;
    return MNSEC_OK;
}

/* A session key first: one that cannot be destroyed must not turn out to be the wrong one. */
static mnsec_status try_answer(mn_keyring *spare, CK_OBJECT_HANDLE private_key,
                               const escrow_blob *blob)
{
    mn_keyring_shape shape = mn_keyring_shape_secret(&spare->passport, blob->ref.kind);
    shape.set = (shape.set & ~(uint32_t)MN_FLAG_TOKEN) | MN_FLAG_DESTROYABLE;
    mn_keyring_entry entry = {.ref = blob->ref};
    uint8_t answer[MN_KEYRING_ANSWER_BYTES];
    MN_TRY(mn_keyring_make_unwrapped(spare, blob->padding, private_key, &shape, SCRATCH_LABEL,
                                     blob->wrapped, &entry.token));
    entry.use = entry.token;
    MN_TRY(check_shape(spare, entry.token, &shape, MNSEC_E_TOKEN_UNSUITABLE));
    MN_TRY(mn_keyring_key_attest_answer(spare, &entry, answer));
    MN_TRY(destroy(spare, entry.token));
    if (memcmp(answer, blob->answer, sizeof(answer)) != 0) {
        return mn_fail(spare->err, MNSEC_E_INTEGRITY,
                       "the unwrapped key answers otherwise than the blob says");
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_escrow_unwrap(mn_keyring *spare, const mn_key_ref *ref, const char *name,
                                      mn_bytes blob)
{
    char label[MN_KEYRING_LABEL_BYTES];
    escrow_blob decoded;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    MN_TRY(need_wrap(spare));
    MN_TRY(make_label(spare, name, label));
    if (decode_blob(blob, name, &decoded) != MNSEC_OK ||
        !mn_keyring_shape_same(&decoded.ref, ref)) {
        return mn_fail(spare->err, MNSEC_E_INTEGRITY, "this is no blob of that key for %s", label);
    }
    MN_TRY(need_answer(spare, ref->kind));
    if (mn_keyring_key_get(spare, ref) != NULL) {
        return mn_fail(spare->err, MNSEC_E_STATE_CONFLICT, "the spare has that key already");
    }
    const mnsec_status found = mn_keyring_shape_find(spare, CKO_PRIVATE_KEY, label, &private_key);
    if (found != MNSEC_OK) {
        return mn_fail(spare->err, found, "the spare has no one pair %s", label);
    }
    MN_TRY(try_answer(spare, private_key, &decoded));
    MN_TRY(mn_keyring_gate_room(spare->room, spare->err));
    const mn_keyring_shape shape = mn_keyring_shape_secret(&spare->passport, ref->kind);
    char key_label[MN_KEYRING_LABEL_BYTES];
    mn_keyring_shape_label(ref, key_label);
    MN_TRY(mn_keyring_make_unwrapped(spare, decoded.padding, private_key, &shape, key_label,
                                     decoded.wrapped, &key));
    return mn_keyring_key_adopt(spare, ref, key, CK_INVALID_HANDLE);
}
