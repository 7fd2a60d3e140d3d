/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256, HMAC and HKDF. What is hashed is public; keys, MACs and derived keys are secret and
 * stay in secure memory, the MAC's running state included. libgcrypt 1.10 has no HKDF, so RFC 5869
 * is written here on top of HMAC.
 */
#include "hash.h"

#include <stdlib.h>
#include <string.h>

#include "gcrypt_auto.h"

#define HKDF_BLOCKS_MAX 255U

struct mn_hash {
    gcry_md_hd_t handle;
};

static const uint8_t zero_salt[MN_HASH_BYTES];

static mnsec_status open_mac(const uint8_t *key, size_t len, gcry_md_hd_t *out_handle)
{
    MN_AUTO(gcry_md_hd_t) handle = NULL;
    MN_TRY(mn_gcrypt_status(
        gcry_md_open(&handle, GCRY_MD_SHA256, GCRY_MD_FLAG_SECURE | GCRY_MD_FLAG_HMAC)));
    MN_TRY(mn_gcrypt_status(gcry_md_setkey(handle, key, len)));
    *out_handle = mn_take(handle);
    return MNSEC_OK;
}

static mnsec_status finish_mac(gcry_md_hd_t handle, mn_secret *out_mac)
{
    const uint8_t *mac = gcry_md_read(handle, GCRY_MD_SHA256);
    return mac == NULL ? MNSEC_E_INTERNAL_CRYPTO : mn_secret_copy(out_mac, mac, MN_HASH_BYTES);
}

/* T(n) = HMAC(PRK, T(n-1) || info || n); the output is T(1) || T(2) || …, cut to its length. */
static mnsec_status expand(const mn_secret *prk, mn_bytes info, mn_secret *key)
{
    MN_AUTO(gcry_md_hd_t) handle = NULL;
    MN_TRY(open_mac(prk->bytes, prk->len, &handle));
    MN_AUTO(mn_secret) block = {0};
    uint8_t number = 0;
    for (size_t done = 0; done < key->len; done += MN_HASH_BYTES) {
        number++;
        gcry_md_reset(handle); /* keeps the key */
        gcry_md_write(handle, block.bytes, block.len);
        gcry_md_write(handle, info.bytes, info.len);
        gcry_md_write(handle, &number, sizeof(number));
        MN_TRY(finish_mac(handle, &block));
        const size_t left = key->len - done;
        memcpy(key->bytes + done, block.bytes, left < MN_HASH_BYTES ? left : MN_HASH_BYTES);
    }
    return MNSEC_OK;
}

void mn_hash_bytes(mn_bytes bytes, uint8_t out_digest[MN_HASH_BYTES])
{
    gcry_md_hash_buffer(GCRY_MD_SHA256, out_digest, bytes.bytes, bytes.len);
}

void mn_hash_pair(mn_bytes first, mn_bytes second, uint8_t out_digest[MN_HASH_BYTES])
{
    static const uint8_t nothing[1];
    const mn_bytes parts[] = {first, second};
    gcry_buffer_t buffers[2] = {0};
    for (size_t i = 0; i < 2; i++) {
        /* libgcrypt's buffers are not const; it only reads them. */
        const uint8_t *bytes = parts[i].len > 0 ? parts[i].bytes : nothing;
        memcpy(&buffers[i].data, &bytes, sizeof(buffers[i].data));
        buffers[i].len = parts[i].len;
    }
    (void)gcry_md_hash_buffers(GCRY_MD_SHA256, 0, out_digest, buffers, 2);
}

mnsec_status mn_hash_new(mn_hash **out_hash)
{
    MN_AUTO_PTR(mn_hash) hash = calloc(1, sizeof(*hash));
    if (hash == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    MN_TRY(mn_gcrypt_status(gcry_md_open(&hash->handle, GCRY_MD_SHA256, 0)));
    *out_hash = mn_take(hash);
    return MNSEC_OK;
}

void mn_hash_update(mn_hash *hash, mn_bytes bytes)
{
    gcry_md_write(hash->handle, bytes.bytes, bytes.len);
}

void mn_hash_finish(mn_hash *hash, uint8_t out_digest[MN_HASH_BYTES])
{
    memcpy(out_digest, gcry_md_read(hash->handle, GCRY_MD_SHA256), MN_HASH_BYTES);
    gcry_md_reset(hash->handle);
}

void mn_hash_free(mn_hash *hash)
{
    if (hash != NULL) {
        gcry_md_close(hash->handle);
        free(hash);
    }
}

mnsec_status mn_hash_hmac(const mn_secret *key, mn_bytes message, mn_secret *out_mac)
{
    MN_AUTO(gcry_md_hd_t) handle = NULL;
    MN_TRY(open_mac(key->bytes, key->len, &handle));
    gcry_md_write(handle, message.bytes, message.len);
    return finish_mac(handle, out_mac);
}

/* PRK = HMAC(salt, IKM); no salt = 32 zero bytes. */
mnsec_status mn_hash_hkdf_extract(const mn_secret *ikm, mn_bytes salt, mn_secret *out_prk)
{
    const mn_bytes key = salt.len > 0 ? salt : mn_bytes_of(zero_salt, sizeof(zero_salt));
    MN_AUTO(gcry_md_hd_t) handle = NULL;
    MN_TRY(open_mac(key.bytes, key.len, &handle));
    gcry_md_write(handle, ikm->bytes, ikm->len);
    return finish_mac(handle, out_prk);
}

mnsec_status mn_hash_hkdf_expand(const mn_secret *prk, mn_bytes info, size_t len,
                                 mn_secret *out_key)
{
    if (len == 0 || len > (size_t)HKDF_BLOCKS_MAX * MN_HASH_BYTES) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_secret_init(&key, len));
    MN_TRY(expand(prk, info, &key));
    mn_secret_move(out_key, &key);
    return MNSEC_OK;
}

mnsec_status mn_hash_hkdf(const mn_secret *ikm, mn_bytes salt, mn_bytes info, size_t len,
                          mn_secret *out_key)
{
    MN_AUTO(mn_secret) prk = {0};
    MN_TRY(mn_hash_hkdf_extract(ikm, salt, &prk));
    return mn_hash_hkdf_expand(&prk, info, len, out_key);
}
