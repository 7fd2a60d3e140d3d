/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encryption of a secret to a card's RSA public key (RFC 8017: OAEP, PKCS#1 v1.5), in libgcrypt
 * and not in OpenSSL because the plaintext is secret. The plaintext's S-expression is in secure
 * memory: libgcrypt puts it there when what is copied into it is.
 */
#include <string.h>

#include "crypto.h"
#include "gcrypt_auto.h"

#define MODULUS_BITS_MIN   2048U
#define MODULUS_BITS_MAX   4096U
#define EXPONENT_MIN       65537U
#define EXPONENT_BYTES_MAX 8U

static const struct {
    mn_rsa_padding padding;
    const char *format;
} padding_table[] = {
    {MN_RSA_OAEP_SHA256, "(data(flags oaep)(hash-algo sha256)(value %b))"},
    {MN_RSA_OAEP_SHA1, "(data(flags oaep)(hash-algo sha1)(value %b))"},
    {MN_RSA_PKCS1_V15, "(data(flags pkcs1)(value %b))"},
};

static const char *format_of(mn_rsa_padding padding)
{
    for (size_t i = 0; i < sizeof(padding_table) / sizeof(padding_table[0]); i++) {
        if (padding_table[i].padding == padding) {
            return padding_table[i].format;
        }
    }
    return NULL;
}

/* A number of a key: odd, and with nothing in front of it but perhaps zeros. */
static mnsec_status read_number(mn_bytes bytes, gcry_mpi_t *out_number)
{
    if (bytes.len == 0 || bytes.len > MODULUS_BITS_MAX / 8 + 1) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(gcry_mpi_t) number = NULL;
    MN_TRY(mn_gcrypt_status(gcry_mpi_scan(&number, GCRYMPI_FMT_USG, bytes.bytes, bytes.len, NULL)));
    if (gcry_mpi_test_bit(number, 0) == 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_number = mn_take(number);
    return MNSEC_OK;
}

static mnsec_status read_key(mn_bytes modulus, mn_bytes exponent, size_t *out_len,
                             gcry_sexp_t *out_key)
{
    MN_AUTO(gcry_mpi_t) n = NULL;
    MN_AUTO(gcry_mpi_t) e = NULL;
    MN_TRY(read_number(modulus, &n));
    MN_TRY(read_number(exponent, &e));
    const unsigned bits = gcry_mpi_get_nbits(n);
    if (bits < MODULUS_BITS_MIN || bits > MODULUS_BITS_MAX ||
        gcry_mpi_cmp_ui(e, EXPONENT_MIN) < 0 || gcry_mpi_get_nbits(e) > EXPONENT_BYTES_MAX * 8) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_gcrypt_status(gcry_sexp_build(out_key, NULL, "(public-key(rsa(n%m)(e%m)))", n, e)));
    *out_len = (bits + 7) / 8;
    return MNSEC_OK;
}

/* (enc-val(rsa(a …))) as len bytes, zeros in front. */
static mnsec_status append_ciphertext(gcry_sexp_t value, size_t len, mn_buf *out_ciphertext)
{
    MN_AUTO(gcry_sexp_t) token = gcry_sexp_find_token(value, "a", 0);
    MN_AUTO(gcry_mpi_t) number = gcry_sexp_nth_mpi(token, 1, GCRYMPI_FMT_USG);
    if (number == NULL || gcry_mpi_get_nbits(number) > len * 8) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    MN_AUTO(mn_buf) ciphertext = {0};
    uint8_t *bytes = NULL;
    MN_TRY(mn_buf_extend(&ciphertext, len, &bytes));
    const size_t used = (gcry_mpi_get_nbits(number) + 7) / 8;
    MN_TRY(mn_gcrypt_status(
        gcry_mpi_print(GCRYMPI_FMT_USG, bytes + (len - used), used, NULL, number)));
    return mn_buf_append(out_ciphertext, ciphertext.bytes, ciphertext.len);
}

mnsec_status mn_rsa_encrypt(mn_bytes modulus, mn_bytes exponent, mn_rsa_padding padding,
                            const mn_secret *plaintext, mn_buf *out_ciphertext)
{
    const char *format = format_of(padding);
    if (format == NULL || mn_secret_is_empty(plaintext) || plaintext->len > MODULUS_BITS_MAX / 8) {
        return MNSEC_E_USAGE;
    }
    size_t len = 0;
    MN_AUTO(gcry_sexp_t) key = NULL;
    MN_AUTO(gcry_sexp_t) data = NULL;
    MN_AUTO(gcry_sexp_t) value = NULL;
    MN_TRY(read_key(modulus, exponent, &len, &key));
    MN_TRY(mn_gcrypt_status(
        gcry_sexp_build(&data, NULL, format, (int)plaintext->len, plaintext->bytes)));
    const gcry_error_t error = gcry_pk_encrypt(&value, data, key);
    if (gcry_err_code(error) == GPG_ERR_TOO_SHORT) {
        return MNSEC_E_USAGE; /* the plaintext does not fit under this key */
    }
    MN_TRY(mn_gcrypt_status(error));
    return append_ciphertext(value, len, out_ciphertext);
}
