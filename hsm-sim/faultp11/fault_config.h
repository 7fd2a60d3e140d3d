/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one copy of the module is told: the file named by MNSEC_FAULTP11_CONF, else faultp11.conf
 * beside the shared object itself. Lines "key = value", "#" comments; all paths absolute.
 *
 *     lower = /usr/lib/softhsm/libsofthsm2.so     required: the module that does the work
 *     softhsm_conf = /…/softhsm2.conf             SOFTHSM2_CONF for the lower module
 *     state = /…/state                            required: markers, tries, counts, plan
 *     cards = yes                                 tokens are cards: visible only while inserted
 *     pin_tries = 3                               0 to 15; 0 = the lower module's own rules
 *     serialise = yes                             one call at a time, over all processes
 *     profile = /…/network-hsm.profile            what kind of token it is, written as a plan
 */
#ifndef MN_FAULT_CONFIG_H
#define MN_FAULT_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define MN_FAULT_CONFIG_MAX_BYTES   16384
#define MN_FAULT_CONFIG_ERROR_BYTES 160

typedef struct mn_fault_config {
    char lower[PATH_MAX];
    char softhsm_conf[PATH_MAX]; /* empty: the environment is left alone */
    char state[PATH_MAX];
    bool cards;             /* default no */
    unsigned pin_tries;     /* default 3 */
    bool serialise;         /* default no */
    char profile[PATH_MAX]; /* empty: all that the lower module can */
} mn_fault_config;

/* False: out_config is untouched and out_error says "line N: why". Unknown, repeated and missing
 * keys are errors. */
bool mn_fault_config_parse(const char *text, size_t len, mn_fault_config *out_config,
                           char out_error[MN_FAULT_CONFIG_ERROR_BYTES]);

#endif
