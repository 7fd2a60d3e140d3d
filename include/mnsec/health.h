/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How things stand: readers, cards, facility token, passport, store, log, and what needs attention.
 * Looks only; needs no log-in; changes nothing. Each finding has a stable code for machines and an
 * English msgid for people.
 */
#ifndef MNSEC_HEALTH_H
#define MNSEC_HEALTH_H

#include "mnsec/context.h"

typedef enum mnsec_health_level {
    MNSEC_HEALTH_OK = 0,
    MNSEC_HEALTH_INFO = 1,
    MNSEC_HEALTH_ATTENTION = 2,
    MNSEC_HEALTH_BAD = 3
} mnsec_health_level;

typedef struct mnsec_health_finding {
    /** "workstation", "reader", "card", "token", "spare", "store", "log", "authority", "staff" */
    const char *area;
    const char *code; /**< stable, such as "card.pin_count_low" */
    mnsec_health_level level;
    const char *subject; /**< a label or name, or NULL */
    const char *value;   /**< a measured value, or NULL */
    const char *text;    /**< English msgid */
    const char *advice;  /**< English msgid of what to do, or NULL */
} mnsec_health_finding;
typedef int (*mnsec_health_fn)(void *user, const mnsec_health_finding *finding);

/**
 * Look at everything.
 *
 * @param deep  non-zero: every page of the store, every line of the log, every statement
 * Errors: MNSEC_E_USAGE, INTERNAL; a broken part is a finding, not an error
 */
MNSEC_API MNSEC_MUST_USE mnsec_status mnsec_health_read(mnsec_context *context, int deep,
                                                        mnsec_health_fn each, void *user);

#endif
