/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys, strictly. A key is read by OpenSSL, taken apart, built anew from its parts and
 * written; only what comes out byte for byte as it came in is accepted. So a compressed point,
 * explicit curve parameters, a key bound to one padding and bytes behind the key are refused by one
 * comparison, and a card cannot have two identities.
 */
#include "public_key.h"

#include <openssl/core_names.h>
#include <string.h>

#define RSA_MIN_BITS      2048
#define RSA_MAX_BITS      4096
#define EXPONENT_MAX_BITS 64 /* as OpenSSL limits it; a longer one only makes verifying slow */
#define POINT_MAX_BYTES   97U
#define UNCOMPRESSED      0x04

typedef struct curve {
    const char *name;
    size_t point_bytes;
    mn_public_key_kind kind;
} curve;

static const curve curves[] = {
    {SN_X9_62_prime256v1, 65, MN_PUBLIC_KEY_P256},
    {SN_secp384r1, 97, MN_PUBLIC_KEY_P384},
};
#define CURVES (sizeof(curves) / sizeof(curves[0]))

static const curve *curve_of_point(mn_bytes point)
{
    for (size_t i = 0; i < CURVES; i++) {
        if (point.len == curves[i].point_bytes && point.bytes[0] == UNCOMPRESSED) {
            return &curves[i];
        }
    }
    return NULL;
}

static mnsec_status build_key(const char *type, OSSL_PARAM *parts, EVP_PKEY **out_key)
{
    MN_AUTO_PTR(EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    if (EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parts) != 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_key = mn_take(key);
    return MNSEC_OK;
}

static bool rsa_fits(const BIGNUM *modulus, const BIGNUM *exponent)
{
    return BN_num_bits(modulus) >= RSA_MIN_BITS && BN_num_bits(modulus) <= RSA_MAX_BITS &&
           BN_is_odd(modulus) && BN_is_odd(exponent) && !BN_is_one(exponent) &&
           BN_num_bits(exponent) <= EXPONENT_MAX_BITS;
}

static mnsec_status append_number(const EVP_PKEY *key, const char *part, mn_buf *out_bytes)
{
    MN_AUTO_PTR(BIGNUM) number = NULL;
    if (EVP_PKEY_get_bn_param(key, part, &number) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    uint8_t *to = NULL;
    MN_TRY(mn_buf_extend(out_bytes, (size_t)BN_num_bytes(number), &to));
    (void)BN_bn2bin(number, to);
    return MNSEC_OK;
}

/* The same key out of its parts alone, checked on the way. */
static mnsec_status rebuild(const EVP_PKEY *key, EVP_PKEY **out_key)
{
    MN_AUTO(mn_buf) first = {0};
    MN_AUTO(mn_buf) second = {0};
    if (EVP_PKEY_is_a(key, "RSA")) {
        MN_TRY(mn_public_key_rsa(key, &first, &second));
        return mn_public_key_from_rsa(mn_buf_view(&first), mn_buf_view(&second), out_key);
    }
    MN_TRY(mn_public_key_point(key, &first));
    return mn_public_key_from_point(mn_buf_view(&first), out_key);
}

mnsec_status mn_public_key_from_point(mn_bytes point, EVP_PKEY **out_key)
{
    const curve *on = curve_of_point(point);
    if (on == NULL) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO_PTR(OSSL_PARAM_BLD) builder = OSSL_PARAM_BLD_new();
    if (builder == NULL ||
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, on->name, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.bytes,
                                         point.len) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO_PTR(OSSL_PARAM) parts = OSSL_PARAM_BLD_to_param(builder);
    if (parts == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    return build_key("EC", parts, out_key);
}

mnsec_status mn_public_key_from_rsa(mn_bytes modulus, mn_bytes exponent, EVP_PKEY **out_key)
{
    if (modulus.len == 0 || modulus.len > RSA_MAX_BITS / 8 + 1 || exponent.len == 0 ||
        exponent.len > RSA_MAX_BITS / 8) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO_PTR(BIGNUM) n = BN_bin2bn(modulus.bytes, (int)modulus.len, NULL);
    MN_AUTO_PTR(BIGNUM) e = BN_bin2bn(exponent.bytes, (int)exponent.len, NULL);
    MN_AUTO_PTR(OSSL_PARAM_BLD) builder = OSSL_PARAM_BLD_new();
    if (n == NULL || e == NULL || builder == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    if (!rsa_fits(n, e)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    if (OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO_PTR(OSSL_PARAM) parts = OSSL_PARAM_BLD_to_param(builder);
    if (parts == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    return build_key("RSA", parts, out_key);
}

mnsec_status mn_public_key_write(const EVP_PKEY *key, mn_buf *out_spki)
{
    unsigned char *der = NULL;
    const int len = i2d_PUBKEY(key, &der);
    return mn_ossl_take_der(der, len, out_spki);
}

mnsec_status mn_public_key_read(mn_bytes spki, EVP_PKEY **out_key)
{
    if (spki.len == 0 || spki.len > MN_OSSL_DER_MAX_BYTES) {
        return MNSEC_E_USAGE_FORMAT;
    }
    const unsigned char *at = spki.bytes;
    MN_AUTO_PTR(EVP_PKEY) lenient = d2i_PUBKEY(NULL, &at, (long)spki.len);
    if (lenient == NULL) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO_PTR(EVP_PKEY) key = NULL;
    MN_AUTO(mn_buf) written = {0};
    MN_TRY(rebuild(lenient, &key));
    MN_TRY(mn_public_key_write(key, &written));
    if (written.len != spki.len || memcmp(written.bytes, spki.bytes, spki.len) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_key = mn_take(key);
    return MNSEC_OK;
}

mn_public_key_kind mn_public_key_kind_of(const EVP_PKEY *key)
{
    if (EVP_PKEY_is_a(key, "RSA")) {
        return MN_PUBLIC_KEY_RSA;
    }
    return EVP_PKEY_get_bits(key) == 256 ? MN_PUBLIC_KEY_P256 : MN_PUBLIC_KEY_P384;
}

mnsec_status mn_public_key_point(const EVP_PKEY *key, mn_buf *out_point)
{
    uint8_t bytes[POINT_MAX_BYTES];
    size_t len = 0;
    if (!EVP_PKEY_is_a(key, "EC") ||
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, bytes, sizeof(bytes), &len) !=
            1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) point = {0};
    MN_TRY(mn_buf_append(&point, bytes, len));
    mn_buf_move(out_point, &point);
    return MNSEC_OK;
}

mnsec_status mn_public_key_rsa(const EVP_PKEY *key, mn_buf *out_modulus, mn_buf *out_exponent)
{
    if (!EVP_PKEY_is_a(key, "RSA")) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_buf) modulus = {0};
    MN_AUTO(mn_buf) exponent = {0};
    MN_TRY(append_number(key, OSSL_PKEY_PARAM_RSA_N, &modulus));
    MN_TRY(append_number(key, OSSL_PKEY_PARAM_RSA_E, &exponent));
    mn_buf_move(out_modulus, &modulus);
    mn_buf_move(out_exponent, &exponent);
    return MNSEC_OK;
}
