/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The work that cannot be saved, bare: the calls of PKCS#11 with the keyring's own session keys, a
 * prepared SELECT on the store's own tables, a signature by the card in the reader, what the host
 * ciphers by libgcrypt. No policy, no entry, no check of anything. What must be told to the token
 * is made ready before it is timed.
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include "bench_house.h"

/* Of house.records as they are now; the card is in the reader. */
void bench_raw_open(const char *card);
void bench_raw_close(void);

/* Whatever is read between the two sees one state. */
void bench_raw_begin(void);
void bench_raw_end(void);
/* Ciphertext of a number by its place in the blind index, or by its record. */
void bench_raw_find(size_t record);
void bench_raw_get(size_t record);
/* All ciphertexts. */
void bench_raw_scan(void);

/* On the facility token: HMAC of as many bytes as the blind index has; C_Decrypt of a record's
 * ciphertext; C_Encrypt of so many bytes. */
void bench_raw_mac(void);
void bench_raw_decrypt(size_t record);
void bench_raw_encrypt(size_t len);

/* On the host: HMAC-SHA256 of a short message; AES-256-GCM of so many bytes, key schedule included.
 */
void bench_raw_host_mac(void);
void bench_raw_host_cipher(size_t len);

/* From now on with the keys as they are on the token, or again with their session copies. */
void bench_raw_use_token_keys(bool token_keys);

/* C_SignInit and C_Sign by the card, in this process. */
void bench_raw_card_sign(void);

#endif
