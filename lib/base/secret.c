/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secret bytes in libgcrypt's secure heap: locked in memory, overwritten when freed. This is the
 * only file of base that knows libgcrypt; crypto/ starts it. Where the heap is full the answer is
 * INTERNAL_MEMORY: a secret never falls back to ordinary memory.
 */
#include "secret.h"

#include <gcrypt.h>
#include <string.h>

mnsec_status mn_secret_init(mn_secret *out_secret, size_t len)
{
    if (len >= MN_SECRET_HEAP_BYTES) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    mn_secret fresh = {.bytes = gcry_calloc_secure(len + 1, 1), .len = len};
    if (fresh.bytes == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    mn_secret_move(out_secret, &fresh);
    return MNSEC_OK;
}

mnsec_status mn_secret_copy(mn_secret *out_secret, const void *bytes, size_t len)
{
    MN_AUTO(mn_secret) fresh = {0};
    MN_TRY(mn_secret_init(&fresh, len));
    if (len > 0) {
        memcpy(fresh.bytes, bytes, len);
    }
    mn_secret_move(out_secret, &fresh);
    return MNSEC_OK;
}

void mn_secret_move(mn_secret *to, mn_secret *from)
{
    if (to == from) {
        return;
    }
    mn_secret_wipe(to);
    *to = *from;
    *from = (mn_secret){0};
}

void mn_secret_wipe(mn_secret *secret)
{
    if (secret->bytes != NULL) {
        mn_secret_erase(secret->bytes, secret->len);
        gcry_free(secret->bytes);
    }
    *secret = (mn_secret){0};
}

bool mn_secret_equal(const mn_secret *a, const mn_secret *b)
{
    if (mn_secret_is_empty(a) || mn_secret_is_empty(b) || a->len != b->len) {
        return false;
    }
    return mn_secret_equal_bytes(a->bytes, b->bytes, a->len);
}

bool mn_secret_is_empty(const mn_secret *secret)
{
    return secret->bytes == NULL || secret->len == 0;
}

void mn_secret_erase(void *bytes, size_t len)
{
    if (len > 0) {
        explicit_bzero(bytes, len);
    }
}

bool mn_secret_equal_bytes(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *left = (const volatile uint8_t *)a;
    const volatile uint8_t *right = (const volatile uint8_t *)b;
    unsigned difference = 0;
    for (size_t i = 0; i < len; i++) {
        difference |= (unsigned)left[i] ^ (unsigned)right[i];
    }
    return difference == 0;
}
