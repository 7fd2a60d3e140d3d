/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Argon2id. The parameters come out of rows and statements, so they are held between a floor,
 * below which a stolen store could be tried cheaply, and a ceiling, above which a forged row could
 * hold up the machine.
 */
#include "argon2.h"

#include <time.h>

#include "crypto.h"
#include "gcrypt_auto.h"

#define KEY_BYTES     32U
#define LANES_CEILING 16U

typedef struct gcry_kdf_handle mn_kdf;

static void mn_kdf_free(mn_kdf *kdf)
{
    if (kdf != NULL) {
        gcry_kdf_close(kdf);
    }
}
MN_AUTO_PTR_DECLARE(mn_kdf)

static bool are_acceptable(const mn_argon2_params *params)
{
    return params->passes >= MN_ARGON2_FLOOR_PASSES && params->passes <= MN_ARGON2_CEILING_PASSES &&
           params->kib >= MN_ARGON2_FLOOR_KIB && params->kib <= MN_ARGON2_CEILING_KIB &&
           params->lanes >= 1 && params->lanes <= LANES_CEILING;
}

static uint64_t processor_ms(void)
{
    struct timespec time = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000U + (uint64_t)time.tv_nsec / 1000000U;
}

mnsec_status mn_argon2_derive(const mn_secret *password, const mn_argon2_params *params,
                              mn_secret *out_key)
{
    if (!are_acceptable(params)) {
        return MNSEC_E_USAGE_CONFIG;
    }
    if (mn_secret_is_empty(password)) {
        return MNSEC_E_USAGE;
    }
    const unsigned long numbers[] = {KEY_BYTES, params->passes, params->kib, params->lanes};
    MN_AUTO_PTR(mn_kdf) kdf = NULL;
    MN_AUTO(mn_secret) key = {0};
    MN_TRY(mn_secret_init(&key, KEY_BYTES));
    MN_TRY(mn_gcrypt_status(gcry_kdf_open(&kdf, GCRY_KDF_ARGON2, GCRY_KDF_ARGON2ID, numbers, 4,
                                          password->bytes, password->len, params->salt,
                                          sizeof(params->salt), NULL, 0, NULL, 0)));
    MN_TRY(mn_gcrypt_status(gcry_kdf_compute(kdf, NULL)));
    MN_TRY(mn_gcrypt_status(gcry_kdf_final(kdf, key.len, key.bytes)));
    mn_secret_move(out_key, &key);
    return MNSEC_OK;
}

mnsec_status mn_argon2_calibrate(unsigned milliseconds, mn_argon2_params *out_params)
{
    mn_argon2_params params = {
        .passes = MN_ARGON2_FLOOR_PASSES, .kib = MN_ARGON2_FLOOR_KIB, .lanes = 1};
    mn_random_bytes(params.salt, sizeof(params.salt));
    if (milliseconds > 0) {
        MN_AUTO(mn_secret) password = {0};
        MN_AUTO(mn_secret) key = {0};
        MN_TRY(mn_random_secret(&password, KEY_BYTES));
        const uint64_t start = processor_ms();
        MN_TRY(mn_argon2_derive(&password, &params, &key));
        const uint64_t floor_ms = processor_ms() - start + 1;
        const uint64_t passes = (uint64_t)MN_ARGON2_FLOOR_PASSES * milliseconds / floor_ms;
        if (passes > MN_ARGON2_CEILING_PASSES) {
            params.passes = MN_ARGON2_CEILING_PASSES;
        } else if (passes > MN_ARGON2_FLOOR_PASSES) {
            params.passes = (uint32_t)passes;
        }
    }
    *out_params = params;
    return MNSEC_OK;
}
