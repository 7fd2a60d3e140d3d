/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shares of a secret: Shamir's scheme byte by byte over GF(256), by libgfshare. A share is its
 * number (1, 2, 3 …) and as many bytes as the secret has. libgfshare computes in a buffer of its
 * own outside secure memory, for the length of one call, and overwrites it before it is freed.
 */
#include <libgfshare.h>
#include <pthread.h>

#include "crypto.h"

#define NUMBER_BYTES  1U
#define THRESHOLD_MIN 2U
#define THRESHOLD_MAX 8U
#define COUNT_MAX     16U
#define SECRET_MAX    1024U

typedef gfshare_ctx mn_gfshare;

static void mn_gfshare_free(mn_gfshare *context)
{
    if (context != NULL) {
        gfshare_ctx_free(context);
    }
}
MN_AUTO_PTR_DECLARE(mn_gfshare)

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fill_random(unsigned char *bytes, unsigned len)
{
    mn_random_bytes(bytes, len);
}

/* libgfshare's one global: where its coefficients come from, and what it overwrites with. */
static void set_generator(void)
{
    gfshare_fill_rand = fill_random;
}

static mnsec_status prepare(size_t secret_len, unsigned count)
{
    if (secret_len == 0 || secret_len > SECRET_MAX || count == 0 || count > COUNT_MAX) {
        return MNSEC_E_USAGE;
    }
    return pthread_once(&once, set_generator) == 0 ? MNSEC_OK : MNSEC_E_INTERNAL;
}

/* Numbers are not 0, which is where the secret itself lies, and no two are the same; all shares
 * are equally long. */
static mnsec_status read_numbers(const mn_secret *shares, unsigned count, uint8_t *out_numbers)
{
    for (unsigned i = 0; i < count; i++) {
        if (shares[i].len != shares[0].len || shares[i].bytes[0] == 0) {
            return MNSEC_E_USAGE_FORMAT;
        }
        for (unsigned j = 0; j < i; j++) {
            if (out_numbers[j] == shares[i].bytes[0]) {
                return MNSEC_E_USAGE_FORMAT;
            }
        }
        out_numbers[i] = shares[i].bytes[0];
    }
    return MNSEC_OK;
}

static mnsec_status init_shares(mn_secret *shares, unsigned count, size_t len)
{
    for (unsigned i = 0; i < count; i++) {
        MN_TRY(mn_secret_init(&shares[i], len));
    }
    return MNSEC_OK;
}

mnsec_status mn_share_split(const mn_secret *secret, unsigned threshold, unsigned count,
                            mn_secret *out_shares)
{
    if (threshold < THRESHOLD_MIN || threshold > THRESHOLD_MAX || threshold > count) {
        return MNSEC_E_USAGE;
    }
    MN_TRY(prepare(secret->len, count));
    uint8_t numbers[COUNT_MAX];
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = (uint8_t)(i + 1);
    }
    MN_AUTO_PTR(mn_gfshare)
    context = gfshare_ctx_init_enc(numbers, count, (uint8_t)threshold, (unsigned)secret->len);
    if (context == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    mn_secret shares[COUNT_MAX] = {0};
    const mnsec_status status = init_shares(shares, count, NUMBER_BYTES + secret->len);
    if (status == MNSEC_OK) {
        gfshare_ctx_enc_setsecret(context, secret->bytes);
    }
    for (unsigned i = 0; i < count; i++) {
        if (status == MNSEC_OK) {
            shares[i].bytes[0] = numbers[i];
            gfshare_ctx_enc_getshare(context, (uint8_t)i, shares[i].bytes + NUMBER_BYTES);
            mn_secret_move(&out_shares[i], &shares[i]);
        }
        mn_secret_wipe(&shares[i]);
    }
    return status;
}

mnsec_status mn_share_join(const mn_secret *shares, unsigned count, mn_secret *out_secret)
{
    if (count == 0 || mn_secret_is_empty(&shares[0])) {
        return MNSEC_E_USAGE;
    }
    const size_t len = shares[0].len - NUMBER_BYTES;
    MN_TRY(prepare(len, count));
    uint8_t numbers[COUNT_MAX];
    MN_TRY(read_numbers(shares, count, numbers));
    MN_AUTO_PTR(mn_gfshare) context = gfshare_ctx_init_dec(numbers, count, (unsigned)len);
    if (context == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    MN_AUTO(mn_secret) secret = {0};
    MN_TRY(mn_secret_init(&secret, len));
    for (unsigned i = 0; i < count; i++) {
        gfshare_ctx_dec_giveshare(context, (uint8_t)i, shares[i].bytes + NUMBER_BYTES);
    }
    gfshare_ctx_dec_extract(context, secret.bytes);
    mn_secret_move(out_secret, &secret);
    return MNSEC_OK;
}
