/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written down of our keys when they are made, and held against them later: attributes as
 * the token tells them, and a known answer, which is the SHA-256 of what the key makes of a
 * question that is always the same (of an audit key: of its SubjectPublicKeyInfo). So the same keys
 * always give the same bytes (docs/FORMATS.md), and nothing in them helps to use a key.
 */
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/hash.h"
#include "keyring_internal.h"

#define ATTESTATION_PURPOSE "mnsec/key-attributes/1"
#define ANSWER_PURPOSE      "mnsec/known-answer/1"
#define ATTESTED_KEYS_MAX   4096U

/* What an attestation says of one key. */
typedef struct attested_key {
    mn_key_ref ref;
    uint8_t answer[MN_KEYRING_ANSWER_BYTES];
} attested_key;

/* No IV out of a pool is ever this one, but for a chance of 2^-96; and what is sealed under it is
 * always the same, so that even then nothing more would be told than that. */
static const uint8_t answer_iv[MN_KEYRING_MAX_IV] = {0};

/* What is sealed under an IV of the token's own is never the same twice; so the token is asked for
 * the key's check value (PKCS#11 2.40, 4.6.3). */
static mnsec_status ask_check_value(mn_keyring *keyring, const mn_keyring_entry *entry,
                                    mn_bytes question, mn_buf *out_told)
{
    const mn_p11_session *work = NULL;
    MN_AUTO(mn_buf) value = {0};
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    const mnsec_status status =
        mn_p11_session_attribute(work, entry->token, CKA_CHECK_VALUE, &value);
    if (status != MNSEC_OK && status != MNSEC_E_STATE_NOT_FOUND) {
        return mn_keyring_failed(keyring, status);
    }
    MN_TRY(mn_buf_append(out_told, question.bytes, question.len));
    return mn_buf_append(out_told, value.bytes, value.len);
}

static mnsec_status ask(mn_keyring *keyring, const mn_keyring_entry *entry, mn_bytes question,
                        mn_buf *out_told)
{
    const mn_passport *how = &keyring->passport;
    if (entry->ref.kind == MN_KEY_DATA && mn_keyring_shape_is_pair(how, MN_KEY_DATA)) {
        return mn_buf_append(out_told, entry->spki, entry->spki_len);
    }
    if (entry->ref.kind == MN_KEY_DATA && how->gcm_iv != MN_GCM_IV_OURS) {
        return ask_check_value(keyring, entry, question, out_told);
    }
    if (entry->ref.kind == MN_KEY_DATA) {
        return mn_keyring_lock_seal(keyring, how, entry->use, answer_iv, question, question,
                                    out_told);
    }
    if (entry->ref.kind == MN_KEY_AUDIT) {
        return mn_keyring_key_audit_spki(keyring, out_told);
    }
    MN_AUTO(mn_secret) mac = {0};
    MN_TRY(mn_keyring_lock_mac(keyring, keyring->passport.mac, entry->use, question, &mac));
    return mn_buf_append(out_told, mac.bytes, mac.len);
}

mnsec_status mn_keyring_key_attest_answer(mn_keyring *keyring, const mn_keyring_entry *entry,
                                          uint8_t out_answer[MN_KEYRING_ANSWER_BYTES])
{
    MN_AUTO(mn_buf) question = {0};
    MN_AUTO(mn_buf) told = {0};
    MN_TRY(mn_encode_begin(&question, ANSWER_PURPOSE));
    MN_TRY(ask(keyring, entry, mn_buf_view(&question), &told));
    mn_hash_bytes(mn_buf_view(&told), out_answer);
    return MNSEC_OK;
}

static int compare_entries(const void *a, const void *b)
{
    const mn_key_ref *left = &((const mn_keyring_entry *)a)->ref;
    const mn_key_ref *right = &((const mn_keyring_entry *)b)->ref;
    if (left->kind != right->kind) {
        return left->kind < right->kind ? -1 : 1;
    }
    const int departments =
        memcmp(left->department.bytes, right->department.bytes, sizeof(left->department.bytes));
    if (departments != 0) {
        return departments;
    }
    return left->epoch == right->epoch ? 0 : left->epoch < right->epoch ? -1 : 1;
}

static mnsec_status attest_one(mn_keyring *keyring, const mn_keyring_entry *entry, mn_buf *list)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    mn_keyring_facts facts;
    const mnsec_status status = mn_keyring_shape_read(work, entry->token, &facts);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    uint8_t answer[MN_KEYRING_ANSWER_BYTES];
    MN_TRY(mn_keyring_key_attest_answer(keyring, entry, answer));
    MN_TRY(mn_encode_u64(list, entry->ref.kind));
    MN_TRY(mn_encode_id(list, &entry->ref.department));
    MN_TRY(mn_encode_u64(list, entry->ref.epoch));
    MN_TRY(mn_encode_text(list, facts.label));
    MN_TRY(mn_encode_u64(list, facts.key_type));
    MN_TRY(mn_encode_u64(list, facts.bytes));
    MN_TRY(mn_encode_u64(list, facts.use));
    MN_TRY(mn_encode_u64(list, facts.known));
    MN_TRY(mn_encode_u64(list, facts.set));
    return mn_encode_bytes(list, answer, sizeof(answer));
}

mnsec_status mn_keyring_key_attest(mn_keyring *keyring, mn_buf *out_bytes)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    qsort(keyring->keys, keyring->key_count, sizeof(keyring->keys[0]), compare_entries);

    MN_AUTO(mn_buf) list = {0};
    MN_TRY(mn_encode_begin(&list, ATTESTATION_PURPOSE));
    MN_TRY(mn_encode_u64(&list, keyring->key_count));
    for (size_t i = 0; i < keyring->key_count; i++) {
        MN_TRY(attest_one(keyring, &keyring->keys[i], &list));
    }
    mn_buf_move(out_bytes, &list);
    return MNSEC_OK;
}

static mnsec_status decode_attested(mn_decode *decode, attested_key *out_key)
{
    uint64_t kind = 0;
    uint64_t epoch = 0;
    uint64_t number = 0;
    MN_AUTO(mn_buf) label = {0};
    attested_key key = {0};
    MN_TRY(mn_decode_u64(decode, &kind));
    MN_TRY(mn_decode_id(decode, &key.ref.department));
    MN_TRY(mn_decode_u64(decode, &epoch));
    MN_TRY(mn_decode_text(decode, &label));
    for (int i = 0; i < 5; i++) { /* type, bytes, mechanism, known, set */
        MN_TRY(mn_decode_u64(decode, &number));
    }
    MN_TRY(mn_decode_fixed(decode, key.answer, sizeof(key.answer)));
    if (kind < MN_KEY_DATA || kind > MN_KEY_AUDIT || epoch > UINT32_MAX) {
        return MNSEC_E_USAGE_FORMAT;
    }
    key.ref.kind = (mn_key_kind)kind;
    key.ref.epoch = (uint32_t)epoch;
    *out_key = key;
    return MNSEC_OK;
}

/* The whole list is read, so that a damaged one is never half believed. */
mnsec_status mn_keyring_key_attest_find(mn_bytes attested, const mn_key_ref *ref,
                                        uint8_t out_answer[MN_KEYRING_ANSWER_BYTES])
{
    mn_decode decode;
    uint64_t count = 0;
    bool is_found = false;
    attested_key found = {0};
    MN_TRY(mn_decode_begin(&decode, attested, ATTESTATION_PURPOSE));
    MN_TRY(mn_decode_u64(&decode, &count));
    if (count > ATTESTED_KEYS_MAX) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (uint64_t i = 0; i < count; i++) {
        attested_key key;
        MN_TRY(decode_attested(&decode, &key));
        if (mn_keyring_shape_same(&key.ref, ref)) {
            found = key;
            is_found = true;
        }
    }
    MN_TRY(mn_decode_end(&decode));
    if (!is_found) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    memcpy(out_answer, found.answer, sizeof(found.answer));
    return MNSEC_OK;
}
