/* SPDX-License-Identifier: Apache-2.0 */
/* The start of libgcrypt: once, with locked memory, or not at all. */
#include <criterion/criterion.h>
#include <gcrypt.h>
#include <pthread.h>

#include "crypto/secret/crypto.h"

static void *init_in_thread(void *out_status)
{
    *(mnsec_status *)out_status = mn_crypto_init();
    return NULL;
}

Test(crypto, starts_once_however_often_it_is_asked)
{
    cr_expect_eq(mn_crypto_init(), MNSEC_OK);
    cr_expect_eq(mn_crypto_init(), MNSEC_OK);
    cr_expect_neq(gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P), 0);
}

Test(crypto, starts_once_however_many_threads_ask)
{
    pthread_t threads[8];
    mnsec_status statuses[8];

    for (size_t i = 0; i < 8; i++) {
        statuses[i] = MNSEC_E_INTERNAL;
        cr_assert_eq(pthread_create(&threads[i], NULL, init_in_thread, &statuses[i]), 0);
    }

    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(pthread_join(threads[i], NULL), 0);
        cr_expect_eq(statuses[i], MNSEC_OK);
    }
}

Test(crypto, gives_the_secure_heap_its_size)
{
    MN_AUTO(mn_secret) most = {0};
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);

    cr_expect_eq(mn_secret_init(&most, MN_SECRET_HEAP_BYTES - 1024), MNSEC_OK);
    cr_expect(gcry_is_secure(most.bytes));
}

Test(crypto, takes_random_bytes_from_the_kernel)
{
    int type = 0;
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);

    gcry_control(GCRYCTL_GET_CURRENT_RNG_TYPE, &type);

    cr_expect_eq(type, GCRY_RNG_TYPE_SYSTEM);
}

Test(crypto, leaves_a_host_program_alone_that_has_a_secure_heap)
{
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_INIT_SECMEM, 32768, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);

    cr_expect_eq(mn_crypto_init(), MNSEC_OK);
}

Test(crypto, refuses_a_host_program_without_a_secure_heap)
{
    cr_assert_not_null(gcry_check_version(NULL));
    gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
    gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);

    cr_expect_eq(mn_crypto_init(), MNSEC_E_INTERNAL_CRYPTO);
    cr_expect_eq(mn_crypto_init(), MNSEC_E_INTERNAL_CRYPTO);
}
