/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys on P-256, the shared point of two of them, and sealing to a public key. A point that comes
 * from outside is decoded here and nowhere else, and only when it is on the curve; the group's
 * order is prime, so every such point but infinity is good. Scalars and the points computed from
 * them are held in secure memory, which also makes libgcrypt take its constant-time ladder.
 */
#include "p256.h"

#include <string.h>

#include "aead.h"
#include "base/encode.h"
#include "crypto.h"
#include "gcrypt_auto.h"
#include "hash.h"

#define CURVE            "NIST P-256"
#define COORDINATE_BITS  256U
#define COORDINATE_BYTES 32U
#define UNCOMPRESSED     0x04

static mnsec_status open_curve(gcry_ctx_t *out_curve)
{
    return mn_gcrypt_status(gcry_mpi_ec_new(out_curve, NULL, CURVE));
}

/* A point whose coordinates, and all that is computed with them, are in secure memory. */
static gcry_mpi_point_t new_secure_point(void)
{
    return gcry_mpi_point_snatch_set(NULL, gcry_mpi_snew(COORDINATE_BITS),
                                     gcry_mpi_snew(COORDINATE_BITS),
                                     gcry_mpi_snew(COORDINATE_BITS));
}

/* 1 to order - 1. */
static mnsec_status read_scalar(gcry_ctx_t curve, const mn_secret *private_key,
                                gcry_mpi_t *out_scalar)
{
    if (private_key->len != MN_P256_SCALAR_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(gcry_mpi_t) order = gcry_mpi_ec_get_mpi("n", curve, 1);
    MN_AUTO(gcry_mpi_t) scalar = NULL;
    MN_TRY(mn_gcrypt_status(
        gcry_mpi_scan(&scalar, GCRYMPI_FMT_USG, private_key->bytes, private_key->len, NULL)));
    if (order == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    if (gcry_mpi_cmp_ui(scalar, 0) == 0 || gcry_mpi_cmp(scalar, order) >= 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_scalar = mn_take(scalar);
    return MNSEC_OK;
}

static mnsec_status read_point(gcry_ctx_t curve, const uint8_t bytes[MN_P256_POINT_BYTES],
                               gcry_mpi_point_t *out_point)
{
    if (bytes[0] != UNCOMPRESSED) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(gcry_mpi_t) x = NULL;
    MN_AUTO(gcry_mpi_t) y = NULL;
    MN_TRY(mn_gcrypt_status(gcry_mpi_scan(&x, GCRYMPI_FMT_USG, bytes + 1, COORDINATE_BYTES, NULL)));
    MN_TRY(mn_gcrypt_status(
        gcry_mpi_scan(&y, GCRYMPI_FMT_USG, bytes + 1 + COORDINATE_BYTES, COORDINATE_BYTES, NULL)));
    MN_AUTO(gcry_mpi_point_t)
    point = gcry_mpi_point_snatch_set(NULL, mn_take(x), mn_take(y), gcry_mpi_set_ui(NULL, 1));
    if (gcry_mpi_ec_curve_point(point, curve) == 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_point = mn_take(point);
    return MNSEC_OK;
}

static mnsec_status write_number(gcry_mpi_t number, uint8_t *bytes, size_t len)
{
    const size_t used = (gcry_mpi_get_nbits(number) + 7) / 8;
    if (used > len) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    memset(bytes, 0, len - used);
    return used == 0 ? MNSEC_OK
                     : mn_gcrypt_status(gcry_mpi_print(GCRYMPI_FMT_USG, bytes + (len - used), used,
                                                       NULL, number));
}

/* Coordinates of scalar * point, in secure memory. */
static mnsec_status multiply(gcry_ctx_t curve, gcry_mpi_t scalar, gcry_mpi_point_t point,
                             gcry_mpi_t *out_x, gcry_mpi_t *out_y)
{
    MN_AUTO(gcry_mpi_point_t) product = new_secure_point();
    MN_AUTO(gcry_mpi_t) x = gcry_mpi_snew(COORDINATE_BITS);
    MN_AUTO(gcry_mpi_t) y = gcry_mpi_snew(COORDINATE_BITS);
    gcry_mpi_ec_mul(product, scalar, point, curve);
    if (gcry_mpi_ec_get_affine(x, y, product, curve) != 0) {
        return MNSEC_E_INTERNAL_CRYPTO; /* infinity: not with a scalar and a point checked before */
    }
    *out_x = mn_take(x);
    *out_y = mn_take(y);
    return MNSEC_OK;
}

static mnsec_status public_of(gcry_ctx_t curve, const mn_secret *private_key,
                              uint8_t out_public[MN_P256_POINT_BYTES])
{
    MN_AUTO(gcry_mpi_t) scalar = NULL;
    MN_AUTO(gcry_mpi_t) x = NULL;
    MN_AUTO(gcry_mpi_t) y = NULL;
    MN_AUTO(gcry_mpi_point_t) base = gcry_mpi_ec_get_point("g", curve, 1);
    if (base == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_TRY(read_scalar(curve, private_key, &scalar));
    MN_TRY(multiply(curve, scalar, base, &x, &y));
    uint8_t point[MN_P256_POINT_BYTES] = {UNCOMPRESSED};
    MN_TRY(write_number(x, point + 1, COORDINATE_BYTES));
    MN_TRY(write_number(y, point + 1 + COORDINATE_BYTES, COORDINATE_BYTES));
    memcpy(out_public, point, sizeof(point));
    return MNSEC_OK;
}

/* Key of one sealed box. Both points are bound in, so that a box is no other box's. */
static mnsec_status derive_key(const mn_secret *shared, const uint8_t *ephemeral,
                               const uint8_t *recipient, mn_secret *out_key)
{
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(mn_encode_begin(&info, "mnsec/seal/1"));
    MN_TRY(mn_encode_bytes(&info, ephemeral, MN_P256_POINT_BYTES));
    MN_TRY(mn_encode_bytes(&info, recipient, MN_P256_POINT_BYTES));
    return mn_hash_hkdf(shared, mn_bytes_of(NULL, 0), mn_buf_view(&info), MN_AEAD_KEY_BYTES,
                        out_key);
}

static mnsec_status open_box(const mn_secret *private_key, mn_bytes aad, mn_bytes sealed,
                             mn_secret *out_plaintext)
{
    if (sealed.len < MN_P256_SEAL_OVERHEAD_BYTES) {
        return MNSEC_E_INTEGRITY;
    }
    const uint8_t *ephemeral = sealed.bytes;
    const mn_bytes box =
        mn_bytes_of(sealed.bytes + MN_P256_POINT_BYTES, sealed.len - MN_P256_POINT_BYTES);
    uint8_t recipient[MN_P256_POINT_BYTES];
    MN_AUTO(mn_secret) shared = {0};
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_p256_shared(private_key, ephemeral, &shared));
    MN_TRY(mn_p256_public(private_key, recipient));
    MN_TRY(derive_key(&shared, ephemeral, recipient, &key));
    return mn_aead_open(&key, aad, box, out_plaintext);
}

mnsec_status mn_p256_generate(mn_secret *out_private, uint8_t out_public[MN_P256_POINT_BYTES])
{
    MN_AUTO(gcry_ctx_t) curve = NULL;
    MN_AUTO(mn_secret) private_key = {0};
    MN_TRY(open_curve(&curve));
    mnsec_status status = MNSEC_E_USAGE_FORMAT;
    while (status == MNSEC_E_USAGE_FORMAT) { /* 0, or not below the order: drawn again */
        MN_TRY(mn_random_secret(&private_key, MN_P256_SCALAR_BYTES));
        status = public_of(curve, &private_key, out_public);
    }
    MN_TRY(status);
    mn_secret_move(out_private, &private_key);
    return MNSEC_OK;
}

mnsec_status mn_p256_public(const mn_secret *private_key, uint8_t out_public[MN_P256_POINT_BYTES])
{
    MN_AUTO(gcry_ctx_t) curve = NULL;
    MN_TRY(open_curve(&curve));
    return public_of(curve, private_key, out_public);
}

mnsec_status mn_p256_seal(const uint8_t public_key[MN_P256_POINT_BYTES], mn_bytes aad,
                          const mn_secret *plaintext, mn_buf *out_sealed)
{
    uint8_t ephemeral[MN_P256_POINT_BYTES];
    MN_AUTO(mn_secret) scalar = {0};
    MN_AUTO(mn_secret) shared = {0};
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_buf) sealed = {0};
    MN_TRY(mn_p256_generate(&scalar, ephemeral));
    MN_TRY(mn_p256_shared(&scalar, public_key, &shared));
    MN_TRY(derive_key(&shared, ephemeral, public_key, &key));
    MN_TRY(mn_buf_append(&sealed, ephemeral, sizeof(ephemeral)));
    MN_TRY(mn_aead_seal(&key, aad, plaintext, &sealed));
    return mn_buf_append(out_sealed, sealed.bytes, sealed.len);
}

mnsec_status mn_p256_open(const mn_secret *private_key, mn_bytes aad, mn_bytes sealed,
                          mn_secret *out_plaintext)
{
    const mnsec_status status = open_box(private_key, aad, sealed, out_plaintext);
    return status == MNSEC_E_USAGE_FORMAT ? MNSEC_E_INTEGRITY : status;
}

mnsec_status mn_p256_shared(const mn_secret *private_key, const uint8_t peer[MN_P256_POINT_BYTES],
                            mn_secret *out_shared)
{
    MN_AUTO(gcry_ctx_t) curve = NULL;
    MN_AUTO(gcry_mpi_t) scalar = NULL;
    MN_AUTO(gcry_mpi_point_t) point = NULL;
    MN_AUTO(gcry_mpi_t) x = NULL;
    MN_AUTO(gcry_mpi_t) y = NULL;
    MN_AUTO(mn_secret) shared = {0};
    MN_TRY(open_curve(&curve));
    MN_TRY(read_scalar(curve, private_key, &scalar));
    MN_TRY(read_point(curve, peer, &point));
    MN_TRY(multiply(curve, scalar, point, &x, &y));
    MN_TRY(mn_secret_init(&shared, COORDINATE_BYTES));
    MN_TRY(write_number(x, shared.bytes, shared.len));
    mn_secret_move(out_shared, &shared);
    return MNSEC_OK;
}
