/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-256-GCM as SP 800-38D has it: nonce (12, random) || ciphertext || tag (16). A plaintext
 * leaves only after its tag was right; everything that is wrong with a sealed box is one status,
 * INTEGRITY. The cipher's state, key schedule included, lives in secure memory.
 */
#include "aead.h"

#include <string.h>

#include "crypto.h"
#include "gcrypt_auto.h"

/* A key, a nonce and the AAD taken in: ready for the text. */
static mnsec_status begin(const mn_secret *key, const uint8_t *nonce, mn_bytes aad,
                          gcry_cipher_hd_t *out_handle)
{
    if (key->len != MN_AEAD_KEY_BYTES) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(gcry_cipher_hd_t) handle = NULL;
    MN_TRY(mn_gcrypt_status(
        gcry_cipher_open(&handle, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, GCRY_CIPHER_SECURE)));
    MN_TRY(mn_gcrypt_status(gcry_cipher_setkey(handle, key->bytes, key->len)));
    MN_TRY(mn_gcrypt_status(gcry_cipher_setiv(handle, nonce, MN_AEAD_NONCE_BYTES)));
    if (aad.len > 0) {
        MN_TRY(mn_gcrypt_status(gcry_cipher_authenticate(handle, aad.bytes, aad.len)));
    }
    *out_handle = mn_take(handle);
    return MNSEC_OK;
}

/* box has room for nonce, ciphertext and tag. */
static mnsec_status seal_into(const mn_secret *key, mn_bytes aad, mn_bytes plaintext, uint8_t *box)
{
    uint8_t *ciphertext = box + MN_AEAD_NONCE_BYTES;
    mn_random_bytes(box, MN_AEAD_NONCE_BYTES);
    MN_AUTO(gcry_cipher_hd_t) handle = NULL;
    MN_TRY(begin(key, box, aad, &handle));
    MN_TRY(mn_gcrypt_status(gcry_cipher_final(handle)));
    MN_TRY(mn_gcrypt_status(
        gcry_cipher_encrypt(handle, ciphertext, plaintext.len, plaintext.bytes, plaintext.len)));
    return mn_gcrypt_status(
        gcry_cipher_gettag(handle, ciphertext + plaintext.len, MN_AEAD_TAG_BYTES));
}

/* out_plaintext has room for the box less its overhead, and holds garbage on failure. */
static mnsec_status open_into(const mn_secret *key, mn_bytes aad, mn_bytes sealed,
                              uint8_t *out_plaintext)
{
    const uint8_t *ciphertext = sealed.bytes + MN_AEAD_NONCE_BYTES;
    const size_t len = sealed.len - MN_AEAD_OVERHEAD_BYTES;
    MN_AUTO(gcry_cipher_hd_t) handle = NULL;
    MN_TRY(begin(key, sealed.bytes, aad, &handle));
    MN_TRY(mn_gcrypt_status(gcry_cipher_final(handle)));
    MN_TRY(mn_gcrypt_status(gcry_cipher_decrypt(handle, out_plaintext, len, ciphertext, len)));
    const gcry_error_t error = gcry_cipher_checktag(handle, ciphertext + len, MN_AEAD_TAG_BYTES);
    return gcry_err_code(error) == GPG_ERR_CHECKSUM ? MNSEC_E_INTEGRITY : mn_gcrypt_status(error);
}

mnsec_status mn_aead_seal(const mn_secret *key, mn_bytes aad, const mn_secret *plaintext,
                          mn_buf *out_sealed)
{
    return mn_aead_seal_bytes(key, aad, mn_bytes_of(plaintext->bytes, plaintext->len), out_sealed);
}

mnsec_status mn_aead_open(const mn_secret *key, mn_bytes aad, mn_bytes sealed,
                          mn_secret *out_plaintext)
{
    if (sealed.len < MN_AEAD_OVERHEAD_BYTES) {
        return MNSEC_E_INTEGRITY;
    }
    MN_AUTO(mn_secret) plaintext = {0};
    MN_TRY(mn_secret_init(&plaintext, sealed.len - MN_AEAD_OVERHEAD_BYTES));
    MN_TRY(open_into(key, aad, sealed, plaintext.bytes));
    mn_secret_move(out_plaintext, &plaintext);
    return MNSEC_OK;
}

mnsec_status mn_aead_seal_bytes(const mn_secret *key, mn_bytes aad, mn_bytes plaintext,
                                mn_buf *out_sealed)
{
    MN_AUTO(mn_buf) sealed = {0};
    uint8_t *box = NULL;
    MN_TRY(mn_buf_extend(&sealed, MN_AEAD_OVERHEAD_BYTES + plaintext.len, &box));
    MN_TRY(seal_into(key, aad, plaintext, box));
    return mn_buf_append(out_sealed, sealed.bytes, sealed.len);
}

mnsec_status mn_aead_open_bytes(const mn_secret *key, mn_bytes aad, mn_bytes sealed,
                                mn_buf *out_plaintext)
{
    if (sealed.len < MN_AEAD_OVERHEAD_BYTES) {
        return MNSEC_E_INTEGRITY;
    }
    MN_AUTO(mn_buf) plaintext = {0};
    uint8_t *bytes = NULL;
    MN_TRY(mn_buf_extend(&plaintext, sealed.len - MN_AEAD_OVERHEAD_BYTES, &bytes));
    MN_TRY(open_into(key, aad, sealed, bytes));
    mn_buf_move(out_plaintext, &plaintext);
    return MNSEC_OK;
}
