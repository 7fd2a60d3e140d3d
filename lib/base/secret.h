/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret bytes: always in libgcrypt's secure memory (locked, wiped when freed), never char *.
 * Zeroed struct = no secret. Always followed by one NUL byte that is not counted in len, so that a
 * text secret can be lent to a C interface. An out_secret starts zeroed or holding a secret; what
 * it held is wiped when the new one is there, and kept on failure.
 */
#ifndef MN_SECRET_H
#define MN_SECRET_H

#include "base.h"

typedef struct mn_secret {
    uint8_t *bytes;
    size_t len;
} mn_secret;

/* Size of the secure heap, set once by mn_crypto_init(). */
#define MN_SECRET_HEAP_BYTES (512U * 1024U)

/* len zero bytes. Errors: INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status mn_secret_init(mn_secret *out_secret, size_t len);
/* A new owner of a copy of bytes. The source is the caller's to wipe. */
MNSEC_MUST_USE mnsec_status mn_secret_copy(mn_secret *out_secret, const void *bytes, size_t len);
/* Move: wipes and frees what *to held, leaves *from empty. */
void mn_secret_move(mn_secret *to, mn_secret *from);
void mn_secret_wipe(mn_secret *secret);
/* Constant time in the content; lengths are public. An empty secret equals nothing. */
bool mn_secret_equal(const mn_secret *a, const mn_secret *b);
bool mn_secret_is_empty(const mn_secret *secret);
/* Overwrite memory that is not an mn_secret (a struct on the stack inside crypto/, say). */
void mn_secret_erase(void *bytes, size_t len);
/* Constant-time comparison of equally long runs. */
bool mn_secret_equal_bytes(const void *a, const void *b, size_t len);

#endif
