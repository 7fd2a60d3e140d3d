/* SPDX-License-Identifier: Apache-2.0 */
/* Argon2id (RFC 9106): strengthens a password that is mixed with a card secret or a token MAC. */
#ifndef MN_ARGON2_H
#define MN_ARGON2_H

#include "base/base.h"
#include "base/secret.h"

#define MN_ARGON2_SALT_BYTES     16
#define MN_ARGON2_FLOOR_PASSES   3
#define MN_ARGON2_FLOOR_KIB      (64U * 1024U)
#define MN_ARGON2_CEILING_PASSES 64
#define MN_ARGON2_CEILING_KIB    (1024U * 1024U)

/* Parameters stored beside what they protect. Below the floor or above the ceiling: refused. */
typedef struct mn_argon2_params {
    uint32_t passes;
    uint32_t kib;
    uint32_t lanes;
    uint8_t salt[MN_ARGON2_SALT_BYTES];
} mn_argon2_params;

/* 32 bytes. Errors: USAGE (empty password), USAGE_CONFIG (parameters outside floor and ceiling),
 * INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status mn_argon2_derive(const mn_secret *password,
                                             const mn_argon2_params *params, mn_secret *out_key);
/* Parameters that take about milliseconds on this machine, not below the floor; fresh salt.
 * milliseconds 0 = the floor at once (tests and the trial simulator). */
MNSEC_MUST_USE mnsec_status mn_argon2_calibrate(unsigned milliseconds,
                                                mn_argon2_params *out_params);

#endif
