/* SPDX-License-Identifier: Apache-2.0 */
/* Is a new password strong enough? Debian's libpwquality decides: length, dictionary, repetition.
 */
#ifndef MN_STRENGTH_H
#define MN_STRENGTH_H

#include "base/error.h"
#include "base/secret.h"

#define MN_STRENGTH_MIN_BYTES 12

/* subject = whose it is: must not stand in it. Errors: USAGE_WEAK_PASSWORD; the text says what is
 * weak, never what was typed. */
MNSEC_MUST_USE mnsec_status mn_strength_check(const mn_secret *password, const char *subject,
                                              mn_error *err);

#endif
