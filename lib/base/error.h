/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detail of the last failure, owned by the context and lent to every handle below it.
 * Cleared on entry of each public call; set once, where the failure is found; never overwritten
 * on the way up. A text has no secret, no capital, no full stop, and does not repeat the verb.
 */
#ifndef MN_ERROR_H
#define MN_ERROR_H

#include "base.h"

#define MN_ERROR_TEXT_BYTES 256

typedef struct mn_error {
    mnsec_status status;
    long native; /* CKR_…, extended SQLite code, gcry error or errno; 0 where there is none */
    char text[MN_ERROR_TEXT_BYTES];
} mn_error;

void mn_error_clear(mn_error *err);
/* Set the detail, unless one is set already, and return status. err may be NULL. */
MNSEC_MUST_USE mnsec_status mn_fail(mn_error *err, mnsec_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
MNSEC_MUST_USE mnsec_status mn_fail_native(mn_error *err, mnsec_status status, long native,
                                           const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
