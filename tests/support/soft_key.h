/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signing key in software, behind the callback that a token answers elsewhere. Made by OpenSSL
 * afresh, so that the code under test never meets a key it has seen before.
 */
#ifndef MN_SOFT_KEY_H
#define MN_SOFT_KEY_H

#include "crypto/public/x509.h"

typedef struct soft_key {
    void *key;             /* EVP_PKEY */
    mn_buf spki;           /* its public half */
    mn_x509_signer signer; /* signs with it; borrows from here, so a soft_key is not moved */
    unsigned damage;       /* when 1, the last byte of each answer is wrong; when 2, missing */
} soft_key;

/* alg of MN_SIGNATURE_…; bits only for RSA. */
void soft_key_make(soft_key *out_key, mn_signature_alg alg, unsigned bits);
void soft_key_wipe(soft_key *key);
/* Raw r || s or RSA bytes. */
void soft_key_sign(const soft_key *key, mn_bytes message, mn_buf *out_signature);
/* A certificate by this key for itself, from 2026-01-01 on without end. */
void soft_key_certify(const soft_key *key, const char *name, mn_buf *out_der);

#endif
