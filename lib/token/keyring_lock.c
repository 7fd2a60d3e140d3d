/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a key does, by its handle: the outer lock, the MAC, the signature. Always two calls, an Init
 * and the one after it, in the `work` session. An IV is 96 bits for AES-GCM and a block for
 * AES-CBC, a tag 128 bits: some tokens would take nothing at all for either. IVs come 64 at a time
 * out of the token's generator and the host's, so that neither alone can repeat one. A token that
 * makes the IV of AES-GCM itself gives it back in one of four ways (the passport says which); what
 * is kept has the same order always, and opening always gives the IV by the parameter.
 *
 * AES-CBC authenticates nothing, so its plaintext begins with a digest over AAD and content and is
 * padded to a fixed size; no padding is ever judged by the token. Keys by name: keyring_key.c.
 */
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "keyring_internal.h"

#define GCM_IV_BYTES        12U
#define GCM_LONG_IV_BYTES   16U /* of some tokens that make it themselves */
#define GCM_TAG_BYTES       16U
#define CBC_IV_BYTES        16U
#define CBC_LENGTH_BYTES    4U
#define CBC_HEAD_BYTES      (MN_HASH_BYTES + CBC_LENGTH_BYTES)
#define CBC_UNIT_BYTES      96U /* head and a sealed number of 60 bytes */
#define CBC_PURPOSE         "mnsec/outer-cbc/1"
#define METHOD_BYTES        1U
#define PLAINTEXT_MAX_BYTES (64U * 1024U)
#define SIGNATURE_MAX_BYTES 512U

typedef struct step_calls {
    CK_RV (*init)(CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE);
    CK_RV (*act)(CK_SESSION_HANDLE, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *);
    const char *init_name;
    const char *act_name;
} step_calls;

/* A mechanism with what it points to. */
typedef struct cipher {
    CK_MECHANISM mechanism;
    CK_GCM_PARAMS gcm;
    uint8_t iv[MN_KEYRING_MAX_IV];
    size_t iv_len;
} cipher;

/* DigestInfo of SHA-256 (RFC 8017, 9.2), before the digest. */
static const uint8_t sha256_info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};

CK_MECHANISM_TYPE mn_keyring_lock_cipher(mn_outer_method method)
{
    switch (method) {
    case MN_OUTER_AES_GCM:
        return CKM_AES_GCM;
    case MN_OUTER_AES_CBC:
        return CKM_AES_CBC;
    default:
        return CKM_RSA_PKCS_OAEP;
    }
}

CK_RSA_PKCS_OAEP_PARAMS mn_keyring_lock_oaep(mn_rsa_padding padding)
{
    const bool is_sha256 = padding == MN_RSA_OAEP_SHA256;
    return (CK_RSA_PKCS_OAEP_PARAMS){
        .hash_alg = is_sha256 ? CKM_SHA256 : CKM_SHA_1,
        .mgf = is_sha256 ? CKG_MGF1_SHA256 : CKG_MGF1_SHA1,
        .source = CKZ_DATA_SPECIFIED,
    };
}

CK_MECHANISM_TYPE mn_keyring_lock_hasher(mn_mac_method method)
{
    return method == MN_MAC_HMAC_SHA256 ? CKM_SHA256_HMAC : CKM_AES_CMAC;
}

CK_MECHANISM_TYPE mn_keyring_lock_signer(mn_signature_alg alg)
{
    return alg == MN_SIGNATURE_ECDSA_P256_SHA256 ? CKM_ECDSA : CKM_RSA_PKCS;
}

static step_calls calls_of(const mn_keyring *keyring, mn_keyring_step step)
{
    const CK_FUNCTION_LIST *calls = mn_keyring_calls(keyring);
    switch (step) {
    case MN_KEYRING_ENCRYPT:
        return (step_calls){calls->C_EncryptInit, calls->C_Encrypt, "C_EncryptInit", "C_Encrypt"};
    case MN_KEYRING_DECRYPT:
        return (step_calls){calls->C_DecryptInit, calls->C_Decrypt, "C_DecryptInit", "C_Decrypt"};
    default:
        return (step_calls){calls->C_SignInit, calls->C_Sign, "C_SignInit", "C_Sign"};
    }
}

/* Does this answer speak of the token or the host, and not of the data? */
static bool is_about_token(CK_RV rv)
{
    return mn_p11_is_lost(rv) || rv == CKR_HOST_MEMORY || rv == CKR_DEVICE_MEMORY;
}

mnsec_status mn_keyring_lock_run(mn_keyring *keyring, mn_keyring_step step, CK_MECHANISM *mechanism,
                                 CK_OBJECT_HANDLE key, mn_bytes in, mnsec_status refused,
                                 uint8_t *out, CK_ULONG *len)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));

    const step_calls calls = calls_of(keyring, step);
    CK_RV rv = calls.init(work->handle, mechanism, key);
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, calls.init_name);
    }
    const CK_ULONG room = *len;
    rv = calls.act(work->handle, mn_keyring_lend(in.bytes), (CK_ULONG)in.len, out, len);
    if (rv == CKR_OK && *len <= room) {
        return MNSEC_OK;
    }
    if (rv != CKR_OK && refused != MNSEC_OK && !is_about_token(rv)) {
        return mn_keyring_failed(keyring, mn_fail_native(keyring->err, refused, (long)rv,
                                                         "%s answered 0x%lx", calls.act_name, rv));
    }
    return mn_keyring_fail(keyring, rv == CKR_OK ? CKR_GENERAL_ERROR : rv, calls.act_name);
}

static mnsec_status fill_pool(mn_keyring *keyring, size_t iv_len)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));

    uint8_t ours[sizeof(keyring->iv_pool)];
    const CK_RV rv = mn_keyring_calls(keyring)->C_GenerateRandom(
        work->handle, keyring->iv_pool, (CK_ULONG)(MN_KEYRING_POOL_IVS * iv_len));
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_GenerateRandom");
    }
    mn_random_bytes(ours, sizeof(ours));
    for (size_t i = 0; i < sizeof(ours); i++) {
        keyring->iv_pool[i] ^= ours[i];
    }
    keyring->ivs_left = MN_KEYRING_POOL_IVS;
    return MNSEC_OK;
}

/* An IV is used once, whatever becomes of the operation. */
static mnsec_status draw_iv(mn_keyring *keyring, const uint8_t *given, cipher *c)
{
    if (given != NULL) {
        memcpy(c->iv, given, c->iv_len);
        return MNSEC_OK;
    }
    if (keyring->ivs_left == 0) {
        MN_TRY(fill_pool(keyring, c->iv_len));
    }
    keyring->ivs_left--;
    memcpy(c->iv, keyring->iv_pool + keyring->ivs_left * c->iv_len, c->iv_len);
    return MNSEC_OK;
}

static size_t iv_bytes(const mn_passport *how)
{
    if (how->outer != MN_OUTER_AES_GCM) {
        return CBC_IV_BYTES;
    }
    return how->gcm_iv == MN_GCM_IV_APPENDED_16 ? GCM_LONG_IV_BYTES : GCM_IV_BYTES;
}

static bool makes_iv(const mn_passport *how)
{
    return how->outer == MN_OUTER_AES_GCM && how->gcm_iv != MN_GCM_IV_OURS;
}

static void set_up(cipher *c, mn_outer_method method, mn_bytes aad)
{
    c->mechanism.mechanism = mn_keyring_lock_cipher(method);
    if (method != MN_OUTER_AES_GCM) {
        c->mechanism.pParameter = c->iv;
        c->mechanism.ulParameterLen = (CK_ULONG)c->iv_len;
        return;
    }
    c->gcm = (CK_GCM_PARAMS){
        .iv_ptr = c->iv,
        .iv_len = (CK_ULONG)c->iv_len,
        .iv_bits = (CK_ULONG)c->iv_len * 8,
        .aad_ptr = mn_keyring_lend(aad.bytes),
        .aad_len = (CK_ULONG)aad.len,
        .tag_bits = GCM_TAG_BYTES * 8,
    };
    c->mechanism.pParameter = &c->gcm;
    c->mechanism.ulParameterLen = sizeof(c->gcm);
}

static mnsec_status digest_content(mn_bytes aad, mn_bytes content, uint8_t digest[MN_HASH_BYTES])
{
    MN_AUTO(mn_buf) encoded = {0};
    MN_TRY(mn_encode_begin(&encoded, CBC_PURPOSE));
    MN_TRY(mn_encode_bytes(&encoded, aad.bytes, aad.len));
    MN_TRY(mn_encode_bytes(&encoded, content.bytes, content.len));
    mn_hash_bytes(mn_buf_view(&encoded), digest);
    return MNSEC_OK;
}

/* digest || length || content || zeros */
static mnsec_status pad(mn_bytes aad, mn_bytes content, mn_secret *out_block)
{
    const size_t units = (CBC_HEAD_BYTES + content.len + CBC_UNIT_BYTES - 1) / CBC_UNIT_BYTES;
    MN_AUTO(mn_secret) block = {0};
    MN_TRY(mn_secret_init(&block, units * CBC_UNIT_BYTES));
    MN_TRY(digest_content(aad, content, block.bytes));
    for (size_t i = 0; i < CBC_LENGTH_BYTES; i++) {
        block.bytes[CBC_HEAD_BYTES - 1 - i] = (uint8_t)(content.len >> (8 * i));
    }
    if (content.len > 0) {
        memcpy(block.bytes + CBC_HEAD_BYTES, content.bytes, content.len);
    }
    mn_secret_move(out_block, &block);
    return MNSEC_OK;
}

/* The block must be, bit for bit, the one that pad() makes of its content. */
static mnsec_status unpad(mn_keyring *keyring, mn_bytes aad, const mn_secret *block,
                          mn_secret *out_content)
{
    size_t len = 0;
    for (size_t i = MN_HASH_BYTES; i < CBC_HEAD_BYTES; i++) {
        len = len << 8 | block->bytes[i];
    }
    MN_AUTO(mn_secret) again = {0};
    if (len <= block->len - CBC_HEAD_BYTES) {
        MN_TRY(pad(aad, mn_bytes_of(block->bytes + CBC_HEAD_BYTES, len), &again));
    }
    if (!mn_secret_equal(&again, block)) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY,
                       "what the token opened is not what was sealed");
    }
    return mn_secret_copy(out_content, block->bytes + CBC_HEAD_BYTES, len);
}

/* Room for method, iv and len bytes more; what is encrypted goes to *out_at. */
static mnsec_status begin_sealed(mn_buf *sealed, mn_outer_method method, const cipher *c,
                                 size_t len, uint8_t **out_at)
{
    uint8_t *start = NULL;
    MN_TRY(mn_buf_extend(sealed, METHOD_BYTES + c->iv_len + len, &start));
    start[0] = (uint8_t)method;
    memcpy(start + METHOD_BYTES, c->iv, c->iv_len);
    *out_at = start + METHOD_BYTES + c->iv_len;
    return MNSEC_OK;
}

/* A token that made no IV leaves the zeros that it was given. */
static bool is_zero(const uint8_t *bytes, size_t len)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        sum |= bytes[i];
    }
    return sum == 0;
}

/* AES-GCM with the IV of the token: where it comes back is the passport's convention. */
static mnsec_status seal_by_token_iv(mn_keyring *keyring, const mn_passport *how,
                                     CK_OBJECT_HANDLE key, mn_bytes aad, mn_bytes plaintext,
                                     mn_buf *out_sealed)
{
    cipher c = {.iv_len = iv_bytes(how)};
    const bool in_place = how->gcm_iv == MN_GCM_IV_IN_PLACE;
    const size_t body = plaintext.len + GCM_TAG_BYTES;
    const size_t expected = body + (in_place ? 0 : c.iv_len);
    MN_AUTO(mn_buf) told = {0};
    uint8_t *at = NULL;
    set_up(&c, MN_OUTER_AES_GCM, aad);
    MN_TRY(mn_buf_extend(&told, expected, &at));
    CK_ULONG len = (CK_ULONG)expected;
    MN_TRY(mn_keyring_lock_run(keyring, MN_KEYRING_ENCRYPT, &c.mechanism, key, plaintext, MNSEC_OK,
                               at, &len));
    const bool is_ahead = how->gcm_iv == MN_GCM_IV_PREPENDED;
    const uint8_t *iv = in_place ? c.iv : is_ahead ? at : at + body;
    if (len != expected || is_zero(iv, c.iv_len)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT,
                       "the token does not give its IV back as the passport says");
    }
    if (!in_place) {
        memcpy(c.iv, iv, c.iv_len);
    }
    MN_AUTO(mn_buf) sealed = {0};
    uint8_t *to = NULL;
    MN_TRY(begin_sealed(&sealed, MN_OUTER_AES_GCM, &c, body, &to));
    memcpy(to, is_ahead ? at + c.iv_len : at, body);
    mn_buf_move(out_sealed, &sealed);
    return MNSEC_OK;
}

mnsec_status mn_keyring_lock_seal(mn_keyring *keyring, const mn_passport *how, CK_OBJECT_HANDLE key,
                                  const uint8_t *iv, mn_bytes aad, mn_bytes plaintext,
                                  mn_buf *out_sealed)
{
    if (plaintext.len > PLAINTEXT_MAX_BYTES) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "more than %u bytes for the outer lock",
                       PLAINTEXT_MAX_BYTES);
    }
    if (makes_iv(how)) {
        return seal_by_token_iv(keyring, how, key, aad, plaintext, out_sealed);
    }
    const mn_outer_method method = how->outer;
    cipher c = {.iv_len = iv_bytes(how)};
    MN_TRY(draw_iv(keyring, iv, &c));
    set_up(&c, method, aad);

    MN_AUTO(mn_secret) block = {0};
    mn_bytes in = plaintext;
    size_t expected = plaintext.len + GCM_TAG_BYTES;
    if (method != MN_OUTER_AES_GCM) {
        MN_TRY(pad(aad, plaintext, &block));
        in = mn_bytes_of(block.bytes, block.len);
        expected = block.len;
    }
    MN_AUTO(mn_buf) sealed = {0};
    uint8_t *at = NULL;
    MN_TRY(begin_sealed(&sealed, method, &c, expected, &at));
    CK_ULONG len = (CK_ULONG)expected;
    MN_TRY(mn_keyring_lock_run(keyring, MN_KEYRING_ENCRYPT, &c.mechanism, key, in, MNSEC_OK, at,
                               &len));
    if (len != expected) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT,
                       "the token encrypted to %lu bytes, not %zu", len, expected);
    }
    mn_buf_move(out_sealed, &sealed);
    return MNSEC_OK;
}

/* Could an opened thing of this method have this many bytes behind its IV? */
static bool is_sealed_size(mn_outer_method method, size_t len)
{
    if (method == MN_OUTER_AES_GCM) {
        return len >= GCM_TAG_BYTES && len <= PLAINTEXT_MAX_BYTES + GCM_TAG_BYTES;
    }
    return len >= CBC_UNIT_BYTES && len % CBC_UNIT_BYTES == 0 &&
           len <= PLAINTEXT_MAX_BYTES + 2 * CBC_UNIT_BYTES;
}

mnsec_status mn_keyring_lock_open(mn_keyring *keyring, const mn_passport *how, CK_OBJECT_HANDLE key,
                                  mn_bytes aad, mn_bytes sealed, mn_secret *out_plaintext)
{
    const mn_outer_method method = how->outer;
    cipher c = {.iv_len = iv_bytes(how)};
    const size_t head = METHOD_BYTES + c.iv_len;
    if (sealed.len < head || sealed.bytes[0] != (uint8_t)method ||
        !is_sealed_size(method, sealed.len - head)) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY,
                       "this was not sealed by this token's method");
    }
    memcpy(c.iv, sealed.bytes + METHOD_BYTES, c.iv_len);
    set_up(&c, method, aad);

    /* As much room as there is ciphertext, tag included: some tokens ask for it. */
    const mn_bytes in = mn_bytes_of(sealed.bytes + head, sealed.len - head);
    MN_AUTO(mn_secret) opened = {0};
    MN_TRY(mn_secret_init(&opened, in.len));
    CK_ULONG len = (CK_ULONG)opened.len;
    MN_TRY(mn_keyring_lock_run(keyring, MN_KEYRING_DECRYPT, &c.mechanism, key, in,
                               MNSEC_E_INTEGRITY, opened.bytes, &len));
    if (method != MN_OUTER_AES_GCM) {
        return len == in.len ? unpad(keyring, aad, &opened, out_plaintext)
                             : mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT,
                                       "the token decrypted to %lu bytes, not %zu", len, in.len);
    }
    if (len != in.len - GCM_TAG_BYTES) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT,
                       "the token decrypted to %lu bytes, not %zu", len, in.len - GCM_TAG_BYTES);
    }
    return mn_secret_copy(out_plaintext, opened.bytes, len);
}

mnsec_status mn_keyring_lock_mac(mn_keyring *keyring, mn_mac_method method, CK_OBJECT_HANDLE key,
                                 mn_bytes message, mn_secret *out_mac)
{
    CK_MECHANISM mechanism = {.mechanism = mn_keyring_lock_hasher(method)};
    const size_t expected = method == MN_MAC_HMAC_SHA256 ? 32 : 16;
    MN_AUTO(mn_secret) mac = {0};
    MN_TRY(mn_secret_init(&mac, expected));
    CK_ULONG len = (CK_ULONG)expected;
    MN_TRY(mn_keyring_lock_run(keyring, MN_KEYRING_SIGN, &mechanism, key, message, MNSEC_OK,
                               mac.bytes, &len));
    if (len != expected) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT, "the token's MAC has %lu bytes, not %zu",
                       len, expected);
    }
    mn_secret_move(out_mac, &mac);
    return MNSEC_OK;
}

mnsec_status mn_keyring_lock_sign(mn_keyring *keyring, mn_signature_alg alg, CK_OBJECT_HANDLE key,
                                  mn_bytes message, mn_buf *out_signature)
{
    uint8_t to_sign[sizeof(sha256_info) + MN_HASH_BYTES];
    memcpy(to_sign, sha256_info, sizeof(sha256_info));
    mn_hash_bytes(message, to_sign + sizeof(sha256_info));
    const bool is_ec = alg == MN_SIGNATURE_ECDSA_P256_SHA256;
    const mn_bytes in = is_ec ? mn_bytes_of(to_sign + sizeof(sha256_info), MN_HASH_BYTES)
                              : mn_bytes_of(to_sign, sizeof(to_sign));

    CK_MECHANISM mechanism = {.mechanism = mn_keyring_lock_signer(alg)};
    uint8_t signature[SIGNATURE_MAX_BYTES];
    CK_ULONG len = sizeof(signature);
    MN_TRY(mn_keyring_lock_run(keyring, MN_KEYRING_SIGN, &mechanism, key, in, MNSEC_OK, signature,
                               &len));
    return mn_buf_append(out_signature, signature, len);
}
