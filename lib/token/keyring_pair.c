/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outer lock where a token has no AES: the data key is an RSA pair that never leaves the token.
 * Shutting is the host's, to the public half; opening is the token's, two calls. What is encrypted
 * begins with a digest over AAD and content, because OAEP's label is refused by some tokens. The
 * lock has room for several recipients, each told by the hash of its public key; the token's own
 * key opens its own copy and looks at no other. By AES: keyring_lock.c.
 */
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "keyring_internal.h"

#define PURPOSE          "mnsec/outer-oaep/1"
#define HEAD_BYTES       2U /* method, number of copies */
#define ID_BYTES         8U
#define COPY_HEAD_BYTES  (ID_BYTES + 2U)
#define COPIES_MAX       4U
#define COPY_MAX_BYTES   512U
#define CONTENT_MAX_SIZE 254U /* with its digest under 3072 bits and SHA-256 */

static mn_outer_method method_of(mn_rsa_padding padding)
{
    return padding == MN_RSA_OAEP_SHA256 ? MN_OUTER_RSA_OAEP : MN_OUTER_RSA_OAEP_SHA1;
}

static mnsec_status digest_content(mn_bytes aad, mn_bytes content, uint8_t digest[MN_HASH_BYTES])
{
    MN_AUTO(mn_buf) encoded = {0};
    MN_TRY(mn_encode_begin(&encoded, PURPOSE));
    MN_TRY(mn_encode_bytes(&encoded, aad.bytes, aad.len));
    MN_TRY(mn_encode_bytes(&encoded, content.bytes, content.len));
    mn_hash_bytes(mn_buf_view(&encoded), digest);
    return MNSEC_OK;
}

static mnsec_status encrypt(mn_bytes spki, mn_rsa_padding padding, mn_bytes aad, mn_bytes plaintext,
                            mn_buf *out_ciphertext)
{
    MN_AUTO(mn_buf) modulus = {0};
    MN_AUTO(mn_buf) exponent = {0};
    MN_AUTO(mn_secret) block = {0};
    MN_TRY(mn_x509_rsa_parts(spki, &modulus, &exponent));
    MN_TRY(mn_secret_init(&block, MN_HASH_BYTES + plaintext.len));
    MN_TRY(digest_content(aad, plaintext, block.bytes));
    if (plaintext.len > 0) {
        memcpy(block.bytes + MN_HASH_BYTES, plaintext.bytes, plaintext.len);
    }
    return mn_rsa_encrypt(mn_buf_view(&modulus), mn_buf_view(&exponent), padding, &block,
                          out_ciphertext);
}

mnsec_status mn_keyring_pair_seal(mn_keyring *keyring, mn_rsa_padding padding, mn_bytes spki,
                                  mn_bytes aad, mn_bytes plaintext, mn_buf *out_sealed)
{
    if (plaintext.len > CONTENT_MAX_SIZE) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "more than %u bytes for the outer lock",
                       CONTENT_MAX_SIZE);
    }
    MN_AUTO(mn_buf) ciphertext = {0};
    const mnsec_status status = encrypt(spki, padding, aad, plaintext, &ciphertext);
    if (status != MNSEC_OK) {
        return mn_fail(keyring->err, status, "cannot encrypt to the public half of the data key");
    }
    uint8_t id[MN_HASH_BYTES];
    mn_hash_bytes(spki, id);
    const uint8_t head[] = {(uint8_t)method_of(padding), 1};
    const uint8_t len[] = {(uint8_t)(ciphertext.len >> 8), (uint8_t)ciphertext.len};
    MN_AUTO(mn_buf) sealed = {0};
    MN_TRY(mn_buf_append(&sealed, head, sizeof(head)));
    MN_TRY(mn_buf_append(&sealed, id, ID_BYTES));
    MN_TRY(mn_buf_append(&sealed, len, sizeof(len)));
    MN_TRY(mn_buf_append(&sealed, ciphertext.bytes, ciphertext.len));
    mn_buf_move(out_sealed, &sealed);
    return MNSEC_OK;
}

/* The copy for the key of this hash; every copy is looked at, and nothing may follow the last. */
static bool find_copy(mn_bytes sealed, mn_rsa_padding padding, const uint8_t *id,
                      mn_bytes *out_copy)
{
    bool is_found = false;
    size_t at = HEAD_BYTES;
    if (sealed.len < HEAD_BYTES || sealed.bytes[0] != (uint8_t)method_of(padding) ||
        sealed.bytes[1] == 0 || sealed.bytes[1] > COPIES_MAX) {
        return false;
    }
    for (uint8_t i = 0; i < sealed.bytes[1]; i++) {
        if (sealed.len - at < COPY_HEAD_BYTES) {
            return false;
        }
        const uint8_t *copy = sealed.bytes + at;
        const size_t len = (size_t)copy[ID_BYTES] << 8 | copy[ID_BYTES + 1];
        at += COPY_HEAD_BYTES;
        if (len == 0 || len > COPY_MAX_BYTES || len > sealed.len - at) {
            return false;
        }
        if (!is_found && memcmp(copy, id, ID_BYTES) == 0) {
            *out_copy = mn_bytes_of(sealed.bytes + at, len);
            is_found = true;
        }
        at += len;
    }
    return is_found && at == sealed.len;
}

mnsec_status mn_keyring_pair_open(mn_keyring *keyring, mn_rsa_padding padding, mn_bytes spki,
                                  CK_OBJECT_HANDLE key, mn_bytes aad, mn_bytes sealed,
                                  mn_secret *out_plaintext)
{
    uint8_t id[MN_HASH_BYTES];
    mn_bytes copy = {0};
    mn_hash_bytes(spki, id);
    if (!find_copy(sealed, padding, id, &copy)) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY,
                       "this was not sealed by this token's method");
    }
    CK_RSA_PKCS_OAEP_PARAMS oaep = mn_keyring_lock_oaep(padding);
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep)};
    MN_AUTO(mn_secret) block = {0};
    MN_TRY(mn_secret_init(&block, COPY_MAX_BYTES));
    CK_ULONG len = (CK_ULONG)block.len;
    MN_TRY(mn_keyring_lock_run(keyring, MN_KEYRING_DECRYPT, &mechanism, key, copy,
                               MNSEC_E_INTEGRITY, block.bytes, &len));
    uint8_t digest[MN_HASH_BYTES] = {0};
    if (len >= MN_HASH_BYTES) {
        MN_TRY(digest_content(aad, mn_bytes_of(block.bytes + MN_HASH_BYTES, len - MN_HASH_BYTES),
                              digest));
    }
    if (len < MN_HASH_BYTES || !mn_secret_equal_bytes(digest, block.bytes, sizeof(digest))) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY,
                       "what the token opened is not what was sealed");
    }
    return mn_secret_copy(out_plaintext, block.bytes + MN_HASH_BYTES, len - MN_HASH_BYTES);
}
