/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fault plan: which calls fail, hang, are late or pull the token, and which mechanisms are
 * hidden. A small text, one line each (README.md has the grammar):
 *
 *     C_Sign 3 once CKR_DEVICE_REMOVED      the third C_Sign answers this, untried
 *     C_Sign 3 always CKR_DEVICE_ERROR      every one from the third on
 *     * 17 once late CKR_GENERAL_ERROR      the 17th call of all is done, then answers this
 *     C_Decrypt 1 once remove               the token is pulled at this call
 *     C_Login 1 once hang                   never returns
 *     latency C_Sign 200ms
 *     hide CKM_AES_GCM
 *     only CKM_AES_GCM                      with every other "only", what the token has at all
 *     gcm-iv appended                       the token makes the IV of AES-GCM, and gives it so
 *     no-trust                              no CKA_TRUSTED, no CKA_WRAP_WITH_TRUSTED
 *     lie-readable                          the value of a sensitive key is told all the same
 *     pin-flags none                        no flag ever tells of a wrong PIN
 *
 * The parser is strict: a plan that is not understood to its last byte is refused whole, because a
 * misspelt fault would make a test pass that tested nothing.
 */
#ifndef MN_FAULT_PLAN_H
#define MN_FAULT_PLAN_H

#include <stdint.h>

#include "fault_name.h"

#define MN_FAULT_PLAN_MAX_BYTES      16384
#define MN_FAULT_PLAN_MAX_RULES      64
#define MN_FAULT_PLAN_MAX_LATENCY_MS 60000
#define MN_FAULT_PLAN_ERROR_BYTES    160

typedef enum mn_fault_effect {
    MN_FAULT_EFFECT_NONE = 0,
    MN_FAULT_EFFECT_ANSWER = 1,
    MN_FAULT_EFFECT_REMOVE = 2,
    MN_FAULT_EFFECT_HANG = 3
} mn_fault_effect;

typedef struct mn_fault_rule {
    mn_fault_fn fn; /* MN_FAULT_ANY: counts calls of all functions */
    uint64_t nth;   /* from 1 */
    bool always;    /* from the nth on, else the nth only */
    bool late;      /* after the call was done, else instead of it */
    mn_fault_effect effect;
    CK_RV answer; /* of MN_FAULT_EFFECT_ANSWER */
} mn_fault_rule;

typedef struct mn_fault_latency {
    mn_fault_fn fn; /* MN_FAULT_ANY: every call */
    unsigned ms;
} mn_fault_latency;

/* Who makes the IV of AES-GCM, and where it comes back. */
typedef enum mn_fault_gcm_iv {
    MN_FAULT_GCM_IV_GIVEN = 0, /* the caller's, as with the lower module */
    MN_FAULT_GCM_IV_IN_PLACE = 1,
    MN_FAULT_GCM_IV_APPENDED = 2,
    MN_FAULT_GCM_IV_PREPENDED = 3,
    MN_FAULT_GCM_IV_APPENDED_16 = 4
} mn_fault_gcm_iv;

/* What the token's flags say of its PINs. */
typedef enum mn_fault_pin_flags {
    MN_FAULT_PIN_FLAGS_TRUE = 0,
    MN_FAULT_PIN_FLAGS_NONE = 1,         /* nothing, not even that it is locked */
    MN_FAULT_PIN_FLAGS_NO_COUNT_LOW = 2, /* as OpenSC's: nothing before the last try */
    MN_FAULT_PIN_FLAGS_ALWAYS_FINAL = 3  /* the last try, though it is not */
} mn_fault_pin_flags;

/* All zero = no faults. */
typedef struct mn_fault_plan {
    mn_fault_rule rules[MN_FAULT_PLAN_MAX_RULES];
    size_t rule_count;
    mn_fault_latency latencies[MN_FAULT_PLAN_MAX_RULES];
    size_t latency_count;
    CK_MECHANISM_TYPE hidden[MN_FAULT_PLAN_MAX_RULES];
    size_t hidden_count;
    CK_MECHANISM_TYPE only[MN_FAULT_PLAN_MAX_RULES];
    size_t only_count; /* 0: all that are not hidden */
    mn_fault_gcm_iv gcm_iv;
    bool no_trust;
    bool lie_readable;
    mn_fault_pin_flags pin_flags;
} mn_fault_plan;

/* False: out_plan is untouched and out_error says "line N: why". */
bool mn_fault_plan_parse(const char *text, size_t len, mn_fault_plan *out_plan,
                         char out_error[MN_FAULT_PLAN_ERROR_BYTES]);

/* First rule that speaks of this call: it is the nth of fn and the nth_any of all. NULL: none. */
const mn_fault_rule *mn_fault_plan_match(const mn_fault_plan *plan, mn_fault_fn fn, uint64_t nth,
                                         uint64_t nth_any, bool late);
/* Sum of the latencies that apply to fn. */
unsigned mn_fault_plan_latency_ms(const mn_fault_plan *plan, mn_fault_fn fn);
bool mn_fault_plan_is_hidden(const mn_fault_plan *plan, CK_MECHANISM_TYPE mechanism);

#endif
