/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Start of libgcrypt. It is an act of the whole process, so it is the one guarded global of
 * crypto/: done once, and every later call has the answer of the first. After it there is a secure
 * heap in locked memory, or the answer is no: secrets never go where they could be swapped out.
 */
#include "crypto.h"

#include <pthread.h>

#include "gcrypt_auto.h"

#define GCRYPT_AT_LEAST "1.10.0" /* Argon2id */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static mnsec_status answer = MNSEC_E_INTERNAL_CRYPTO;

/* A host program started libgcrypt before us: is it new enough, and has it a secure heap? */
static mnsec_status check_secure_heap(void)
{
    if (gcry_check_version(GCRYPT_AT_LEAST) == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    void *probe = gcry_malloc_secure(1);
    const bool is_secure = probe != NULL && gcry_is_secure(probe) != 0;
    gcry_free(probe);
    return is_secure ? MNSEC_OK : MNSEC_E_INTERNAL_CRYPTO;
}

static mnsec_status start(void)
{
    if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P) != 0) {
        return check_secure_heap();
    }
    /* Every random byte from the kernel: no state of it here that a fork or the snapshot of a
     * virtual machine could double. Heeded only before anything else is called. */
    MN_TRY(mn_gcrypt_status(gcry_control(GCRYCTL_SET_PREFERRED_RNG_TYPE, GCRY_RNG_TYPE_SYSTEM)));
    if (gcry_check_version(GCRYPT_AT_LEAST) == NULL) {
        return MNSEC_E_INTERNAL_CRYPTO;
    }
    /* The library prints nothing, and libgcrypt on its behalf nothing either. */
    MN_TRY(mn_gcrypt_status(gcry_control(GCRYCTL_DISABLE_SECMEM_WARN)));
    MN_TRY(mn_gcrypt_status(gcry_control(GCRYCTL_INIT_SECMEM, MN_SECRET_HEAP_BYTES, 0)));
    return mn_gcrypt_status(gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0));
}

static void start_once(void)
{
    answer = start();
}

mnsec_status mn_crypto_init(void)
{
    return pthread_once(&once, start_once) == 0 ? answer : MNSEC_E_INTERNAL;
}
