/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our keys by name: found and compared in one pass at log-in, made, used, attested, destroyed. What
 * was just made is read back and compared like what is found, so no key is ever used whose token
 * says other things of it than we asked for. What a key does by its handle: keyring_lock.c.
 */
#include <string.h>

#include "keyring_internal.h"

/* --- the table of keys --- */

static mn_keyring_entry *find_entry(mn_keyring *keyring, const mn_key_ref *ref)
{
    for (size_t i = 0; i < keyring->key_count; i++) {
        if (mn_keyring_shape_same(&keyring->keys[i].ref, ref)) {
            return &keyring->keys[i];
        }
    }
    return NULL;
}

const mn_keyring_entry *mn_keyring_key_get(const mn_keyring *keyring, const mn_key_ref *ref)
{
    for (size_t i = 0; i < keyring->key_count; i++) {
        const mn_keyring_entry *entry = &keyring->keys[i];
        if (mn_keyring_shape_same(&entry->ref, ref) && entry->token != CK_INVALID_HANDLE) {
            return entry;
        }
    }
    return NULL;
}

static mnsec_status need_entry(mn_keyring *keyring, const mn_key_ref *ref,
                               const mn_keyring_entry **out_entry)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    const mn_keyring_entry *entry = mn_keyring_key_get(keyring, ref);
    if (entry == NULL) {
        char label[MN_KEYRING_LABEL_BYTES];
        mn_keyring_shape_label(ref, label);
        return mn_fail(keyring->err, MNSEC_E_STATE_NOT_FOUND, "the token has no key %s", label);
    }
    *out_entry = entry;
    return MNSEC_OK;
}

static bool is_pair(const mn_keyring *keyring, mn_key_kind kind)
{
    return mn_keyring_shape_is_pair(&keyring->passport, kind);
}

static mn_keyring_shape shape_of(const mn_keyring *keyring, mn_key_kind kind, bool public_half)
{
    return is_pair(keyring, kind) ? mn_keyring_shape_half(&keyring->passport, kind, !public_half)
                                  : mn_keyring_shape_secret(&keyring->passport, kind);
}

static mnsec_status put_entry(mn_keyring *keyring, const mn_key_ref *ref, bool public_half,
                              CK_OBJECT_HANDLE object)
{
    mn_keyring_entry *entry = find_entry(keyring, ref);
    if (entry == NULL) {
        if (keyring->key_count == MN_KEYRING_MAX_KEYS) {
            return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT,
                           "the token has more keys than we ever make");
        }
        entry = &keyring->keys[keyring->key_count++];
        *entry = (mn_keyring_entry){.ref = *ref};
    }
    CK_OBJECT_HANDLE *place = public_half ? &entry->public_half : &entry->token;
    if (*place != CK_INVALID_HANDLE) {
        char label[MN_KEYRING_LABEL_BYTES];
        mn_keyring_shape_label(ref, label);
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT, "the token has two keys %s",
                       label);
    }
    *place = object;
    if (!public_half) {
        entry->use = object;
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_key_copy(mn_keyring *keyring, const mn_passport *passport,
                                 CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE *out_copy)
{
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE changes[] = {
        {CKA_TOKEN, &no, sizeof(no)},
        {CKA_EXTRACTABLE, &no, sizeof(no)},
    };
    /* What is not extractable cannot even be made so again. */
    const CK_ULONG count = passport->trusted_honoured ? 2 : 1;
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    const CK_RV rv =
        mn_keyring_calls(keyring)->C_CopyObject(keyring->home.handle, key, changes, count, &copy);
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_CopyObject");
    }
    *out_copy = copy;
    return MNSEC_OK;
}

static mnsec_status copy_to_session(mn_keyring *keyring, mn_keyring_entry *entry)
{
    if (!keyring->passport.session_copy || is_pair(keyring, entry->ref.kind)) {
        return MNSEC_OK;
    }
    return mn_keyring_key_copy(keyring, &keyring->passport, entry->token, &entry->use);
}

/* The public half of a data key is kept: the host encrypts to it. */
static mnsec_status read_public_half(mn_keyring *keyring, mn_keyring_entry *entry)
{
    if (entry->ref.kind != MN_KEY_DATA || !is_pair(keyring, MN_KEY_DATA)) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_buf) spki = {0};
    MN_TRY(mn_keyring_make_spki(keyring, entry->public_half, false, &spki));
    if (spki.len > sizeof(entry->spki)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT, "the token tells no proper public key");
    }
    memcpy(entry->spki, spki.bytes, spki.len);
    entry->spki_len = spki.len;
    return MNSEC_OK;
}

/* One object of the find pass: is it a key of ours, and as we made it? */
static mnsec_status load_object(mn_keyring *keyring, const mn_p11_session *work,
                                CK_OBJECT_HANDLE object)
{
    mn_keyring_facts facts;
    mn_key_ref ref;
    MN_TRY(mn_keyring_shape_read(work, object, &facts));
    const bool is_key = facts.object_class == CKO_SECRET_KEY ||
                        facts.object_class == CKO_PRIVATE_KEY ||
                        facts.object_class == CKO_PUBLIC_KEY;
    if (!is_key || !mn_keyring_shape_parse(facts.label, &ref)) {
        return MNSEC_OK;
    }
    const bool public_half = facts.object_class == CKO_PUBLIC_KEY;
    const mn_keyring_shape shape = shape_of(keyring, ref.kind, public_half);
    if (!mn_keyring_shape_fits(&shape, &facts)) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT,
                       "the key %s has other attributes than ours", facts.label);
    }
    return put_entry(keyring, &ref, public_half, object);
}

static mnsec_status load_objects(mn_keyring *keyring, const mn_p11_session *work)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern = {CKA_TOKEN, &yes, sizeof(yes)};
    MN_AUTO(mn_buf) handles = {0};
    MN_TRY(mn_p11_session_find(work, &pattern, 1, &handles));
    for (size_t i = 0; i < mn_p11_session_found(&handles); i++) {
        MN_TRY(load_object(keyring, work, mn_p11_session_handle(&handles, i)));
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_key_load(mn_keyring *keyring)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    const mnsec_status status = load_objects(keyring, work);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    for (size_t i = 0; i < keyring->key_count; i++) {
        const mn_keyring_entry *entry = &keyring->keys[i];
        if (entry->token == CK_INVALID_HANDLE ||
            (entry->public_half == CK_INVALID_HANDLE && entry->ref.kind == MN_KEY_DATA &&
             is_pair(keyring, MN_KEY_DATA))) {
            return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT, "%s key has lost a half",
                           entry->ref.kind == MN_KEY_AUDIT ? "the audit" : "a data");
        }
        MN_TRY(read_public_half(keyring, &keyring->keys[i]));
        MN_TRY(copy_to_session(keyring, &keyring->keys[i]));
    }
    return MNSEC_OK;
}

/* --- making and destroying --- */

static mnsec_status check_made(mn_keyring *keyring, const mn_key_ref *ref, bool public_half,
                               CK_OBJECT_HANDLE object)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    mn_keyring_facts facts;
    const mnsec_status status = mn_keyring_shape_read(work, object, &facts);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    const mn_keyring_shape shape = shape_of(keyring, ref->kind, public_half);
    if (!mn_keyring_shape_fits(&shape, &facts)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "the token gave %s other attributes than it was asked for", facts.label);
    }
    return MNSEC_OK;
}

static mnsec_status adopt(mn_keyring *keyring, const mn_key_ref *ref, CK_OBJECT_HANDLE key,
                          CK_OBJECT_HANDLE public_half)
{
    MN_TRY(check_made(keyring, ref, false, key));
    if (public_half != CK_INVALID_HANDLE) {
        MN_TRY(check_made(keyring, ref, true, public_half));
    }
    MN_TRY(put_entry(keyring, ref, false, key));
    if (public_half != CK_INVALID_HANDLE) {
        MN_TRY(put_entry(keyring, ref, true, public_half));
    }
    MN_TRY(read_public_half(keyring, find_entry(keyring, ref)));
    return copy_to_session(keyring, find_entry(keyring, ref));
}

static void destroy_object(mn_keyring *keyring, CK_OBJECT_HANDLE object)
{
    const mn_p11_session *work = NULL;
    if (object != CK_INVALID_HANDLE && mn_keyring_work_as_user(keyring, false, &work) == MNSEC_OK) {
        mn_keyring_calls(keyring)->C_DestroyObject(work->handle, object);
    }
}

static void remove_entry(mn_keyring *keyring, const mn_key_ref *ref)
{
    mn_keyring_entry *entry = find_entry(keyring, ref);
    if (entry != NULL) {
        *entry = keyring->keys[--keyring->key_count];
    }
}

mnsec_status mn_keyring_key_adopt(mn_keyring *keyring, const mn_key_ref *ref, CK_OBJECT_HANDLE key,
                                  CK_OBJECT_HANDLE public_half)
{
    const mnsec_status status = adopt(keyring, ref, key, public_half);
    if (status != MNSEC_OK) {
        destroy_object(keyring, key);
        destroy_object(keyring, public_half);
        remove_entry(keyring, ref);
    }
    return status;
}

static mnsec_status generate(mn_keyring *keyring, const mn_key_ref *ref, const char *label)
{
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_half = CK_INVALID_HANDLE;
    if (!is_pair(keyring, ref->kind)) {
        const mn_keyring_shape shape = shape_of(keyring, ref->kind, false);
        MN_TRY(mn_keyring_make_secret(keyring, &shape, label, &key));
    } else {
        const mn_keyring_pair pair = {
            .private_half = shape_of(keyring, ref->kind, false),
            .public_half = shape_of(keyring, ref->kind, true),
            .rsa_bits = MN_KEYRING_PAIR_BITS,
        };
        MN_TRY(mn_keyring_make_pair(keyring, &pair, label, &key, &public_half));
    }
    return mn_keyring_key_adopt(keyring, ref, key, public_half);
}

/* A key on the token that this log-in does not know of: made by another program since, or by a call
 * that failed only after it had done its work. It is taken in, so that there are never two. */
static mnsec_status take_in(mn_keyring *keyring, const mn_key_ref *ref, const char *label)
{
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_half = CK_INVALID_HANDLE;
    const bool has_halves = is_pair(keyring, ref->kind);
    MN_TRY(
        mn_keyring_shape_find(keyring, has_halves ? CKO_PRIVATE_KEY : CKO_SECRET_KEY, label, &key));
    if (has_halves) {
        MN_TRY(mn_keyring_shape_find(keyring, CKO_PUBLIC_KEY, label, &public_half));
    }
    MN_TRY(adopt(keyring, ref, key, public_half));
    return MNSEC_OK;
}

static mnsec_status refuse_existing(mn_keyring *keyring, const mn_key_ref *ref, const char *label)
{
    if (mn_keyring_key_get(keyring, ref) == NULL) {
        const mnsec_status status = take_in(keyring, ref, label);
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            return MNSEC_OK;
        }
        MN_TRY(status);
    }
    return mn_fail(keyring->err, MNSEC_E_STATE_CONFLICT, "the token has a key %s already", label);
}

static mnsec_status refuse_too_many(mn_keyring *keyring, const mn_key_ref *ref)
{
    size_t departments = 0;
    bool is_known = mnsec_id_is_none(&ref->department);
    for (size_t i = 0; i < keyring->key_count; i++) {
        const mnsec_id *department = &keyring->keys[i].ref.department;
        bool is_first = !mnsec_id_is_none(department);
        for (size_t j = 0; j < i && is_first; j++) {
            is_first = !mnsec_id_equal(&keyring->keys[j].ref.department, department);
        }
        departments += is_first;
        is_known = is_known || mnsec_id_equal(department, &ref->department);
    }
    if ((!is_known && departments >= MN_KEYRING_MAX_DEPARTMENTS) ||
        keyring->key_count == MN_KEYRING_MAX_KEYS) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FULL, "one token holds at most %d departments",
                       MN_KEYRING_MAX_DEPARTMENTS);
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_key_make(mn_keyring *keyring, const mn_key_ref *ref)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    char label[MN_KEYRING_LABEL_BYTES];
    mn_key_ref written;
    mn_keyring_shape_label(ref, label);
    if (!mn_keyring_shape_parse(label, &written) || !mn_keyring_shape_same(ref, &written)) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "there is no such kind of key");
    }
    MN_TRY(refuse_existing(keyring, ref, label));
    MN_TRY(refuse_too_many(keyring, ref));
    MN_TRY(mn_keyring_gate_room(keyring->room, keyring->err));
    return generate(keyring, ref, label);
}

bool mn_keyring_key_exists(const mn_keyring *keyring, const mn_key_ref *ref)
{
    return mn_keyring_key_get(keyring, ref) != NULL;
}

static mnsec_status destroy(mn_keyring *keyring, CK_OBJECT_HANDLE object)
{
    const mn_p11_session *work = NULL;
    if (object == CK_INVALID_HANDLE) {
        return MNSEC_OK;
    }
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    const CK_RV rv = mn_keyring_calls(keyring)->C_DestroyObject(work->handle, object);
    return rv == CKR_OK ? MNSEC_OK : mn_keyring_fail(keyring, rv, "C_DestroyObject");
}

mnsec_status mn_keyring_key_destroy(mn_keyring *keyring, const mn_key_ref *ref)
{
    const mn_keyring_entry *found = NULL;
    MN_TRY(need_entry(keyring, ref, &found));
    const mn_keyring_entry entry = *found;
    MN_TRY(destroy(keyring, entry.token));
    remove_entry(keyring, ref);
    /* A copy outlives its token key, but not the log-in. */
    mnsec_status status = entry.use == entry.token ? MNSEC_OK : destroy(keyring, entry.use);
    if (status == MNSEC_OK) {
        status = destroy(keyring, entry.public_half);
    }
    if (status != MNSEC_OK) {
        mn_keyring_logout(keyring);
    }
    return status;
}

/* --- using and testing --- */

static mnsec_status seal(mn_keyring *keyring, const mn_keyring_entry *entry, mn_bytes aad,
                         mn_bytes plaintext, mn_buf *out_sealed)
{
    const mn_passport *how = &keyring->passport;
    return is_pair(keyring, MN_KEY_DATA)
               ? mn_keyring_pair_seal(keyring, mn_keyring_pair_padding(how),
                                      mn_bytes_of(entry->spki, entry->spki_len), aad, plaintext,
                                      out_sealed)
               : mn_keyring_lock_seal(keyring, how, entry->use, NULL, aad, plaintext, out_sealed);
}

static mnsec_status open_sealed(mn_keyring *keyring, const mn_keyring_entry *entry, mn_bytes aad,
                                mn_bytes sealed, mn_secret *out_plaintext)
{
    const mn_passport *how = &keyring->passport;
    return is_pair(keyring, MN_KEY_DATA)
               ? mn_keyring_pair_open(keyring, mn_keyring_pair_padding(how),
                                      mn_bytes_of(entry->spki, entry->spki_len), entry->use, aad,
                                      sealed, out_plaintext)
               : mn_keyring_lock_open(keyring, how, entry->use, aad, sealed, out_plaintext);
}

mnsec_status mn_keyring_key_seal(mn_keyring *keyring, const mn_key_ref *ref, mn_bytes aad,
                                 mn_bytes plaintext, mn_buf *out_sealed)
{
    const mn_keyring_entry *entry = NULL;
    MN_TRY(need_entry(keyring, ref, &entry));
    if (ref->kind != MN_KEY_DATA) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "only a data key seals");
    }
    return seal(keyring, entry, aad, plaintext, out_sealed);
}

mnsec_status mn_keyring_key_open(mn_keyring *keyring, const mn_key_ref *ref, mn_bytes aad,
                                 mn_bytes sealed, mn_secret *out_plaintext)
{
    const mn_keyring_entry *entry = NULL;
    MN_TRY(need_entry(keyring, ref, &entry));
    if (ref->kind != MN_KEY_DATA) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "only a data key opens");
    }
    return open_sealed(keyring, entry, aad, sealed, out_plaintext);
}

mnsec_status mn_keyring_key_mac(mn_keyring *keyring, const mn_key_ref *ref, mn_bytes message,
                                mn_secret *out_mac)
{
    const mn_keyring_entry *entry = NULL;
    MN_TRY(need_entry(keyring, ref, &entry));
    if (ref->kind != MN_KEY_INDEX && ref->kind != MN_KEY_PEPPER) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "only an index or a pepper key makes a MAC");
    }
    return mn_keyring_lock_mac(keyring, keyring->passport.mac, entry->use, message, out_mac);
}

mnsec_status mn_keyring_key_sign(mn_keyring *keyring, mn_bytes message, mn_buf *out_signature)
{
    const mn_key_ref ref = {.kind = MN_KEY_AUDIT};
    const mn_keyring_entry *entry = NULL;
    MN_TRY(need_entry(keyring, &ref, &entry));
    return mn_keyring_lock_sign(keyring, keyring->passport.audit_alg, entry->use, message,
                                out_signature);
}

mnsec_status mn_keyring_key_audit_spki(mn_keyring *keyring, mn_buf *out_spki)
{
    const mn_key_ref ref = {.kind = MN_KEY_AUDIT};
    const mn_keyring_entry *entry = NULL;
    MN_TRY(need_entry(keyring, &ref, &entry));
    if (entry->public_half == CK_INVALID_HANDLE) {
        return mn_fail(keyring->err, MNSEC_E_STATE_NOT_FOUND,
                       "the public half of the audit key is not on the token");
    }
    const bool is_ec = keyring->passport.audit_alg == MN_SIGNATURE_ECDSA_P256_SHA256;
    return mn_keyring_make_spki(keyring, entry->public_half, is_ec, out_spki);
}

/* The way back: what was sealed opens, what was signed verifies. */
static mnsec_status test_way_back(mn_keyring *keyring, const mn_keyring_entry *entry)
{
    static const char text[] = "mnsec/known-answer/1";
    const mn_bytes question = mn_bytes_of(text, sizeof(text) - 1);
    MN_AUTO(mn_buf) told = {0};
    if (entry->ref.kind == MN_KEY_DATA) {
        MN_AUTO(mn_secret) opened = {0};
        MN_TRY(seal(keyring, entry, question, question, &told));
        MN_TRY(open_sealed(keyring, entry, question, mn_buf_view(&told), &opened));
        return opened.len == question.len &&
                       mn_secret_equal_bytes(opened.bytes, question.bytes, question.len)
                   ? MNSEC_OK
                   : MNSEC_E_TOKEN_FAULT;
    }
    if (entry->ref.kind == MN_KEY_AUDIT) {
        MN_AUTO(mn_buf) spki = {0};
        MN_TRY(mn_keyring_key_audit_spki(keyring, &spki));
        MN_TRY(mn_keyring_lock_sign(keyring, keyring->passport.audit_alg, entry->use, question,
                                    &told));
        return mn_signature_verify(mn_buf_view(&spki), keyring->passport.audit_alg, question,
                                   mn_buf_view(&told));
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_key_test(mn_keyring *keyring, const mn_key_ref *ref, mn_bytes attested)
{
    const mn_keyring_entry *entry = NULL;
    uint8_t expected[MN_KEYRING_ANSWER_BYTES];
    MN_TRY(need_entry(keyring, ref, &entry));
    const mnsec_status known = mn_keyring_key_attest_find(attested, ref, expected);
    if (known != MNSEC_OK) {
        return mn_fail(keyring->err, known, "the attestation does not tell of this key");
    }
    uint8_t answer[MN_KEYRING_ANSWER_BYTES];
    if (mn_keyring_key_attest_answer(keyring, entry, answer) != MNSEC_OK) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT, "the token does not answer");
    }
    if (memcmp(answer, expected, sizeof(answer)) != 0) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT,
                       "the key answers otherwise than when it was made");
    }
    if (test_way_back(keyring, entry) != MNSEC_OK) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT, "the token does not open what it sealed");
    }
    return MNSEC_OK;
}
