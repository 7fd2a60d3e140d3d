/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card's self-signed certificate, RFC 5280, made on the host around a key that never leaves the
 * card: the card signs what is to be signed. Public matter only.
 */
#ifndef MN_MAKE_CARD_CERT_H
#define MN_MAKE_CARD_CERT_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

/* Signs message (hashing it with SHA-256); signature as X.509 wants it: DER for ECDSA. Room for
 * *len bytes, *len becomes what was written. */
typedef bool (*mn_make_card_cert_sign)(void *user, const unsigned char *message, size_t message_len,
                                       unsigned char *out_signature, size_t *len);

/* The public key of P-256 (point: 04 || X || Y) and of RSA, from what a token shows; NULL: none. */
EVP_PKEY *mn_make_card_cert_ec_key(const unsigned char *point, size_t len);
EVP_PKEY *mn_make_card_cert_rsa_key(const unsigned char *modulus, size_t modulus_len,
                                    const unsigned char *exponent, size_t exponent_len);

/* CN = name (UTF-8), ten years, digitalSignature. *out_der is malloc'ed. */
bool mn_make_card_cert(const char *name, EVP_PKEY *key, mn_make_card_cert_sign sign, void *user,
                       unsigned char **out_der, size_t *out_len);
/* Can a certificate and a token bear this name: 1 to 32 bytes of UTF-8, none of "/", "%", control
 * characters, no leading "."? */
bool mn_make_card_cert_is_name(const char *name);

#endif
