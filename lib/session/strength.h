/* SPDX-License-Identifier: Apache-2.0 */
/* Is a new password strong enough? Debian's libpwquality decides: length, dictionary, repetition.
 */
#ifndef MN_STRENGTH_H
#define MN_STRENGTH_H

#include "base/error.h"
#include "base/secret.h"

#define MN_STRENGTH_MIN_BYTES 12

/* names: of the person, the department, the facility; none may stand in it, in kana or in Latin
 * letters either; NULL among them is passed over. Errors: USAGE_WEAK_PASSWORD; the text says what
 * is weak and what to do, never what was typed. */
MNSEC_MUST_USE mnsec_status mn_strength_check(const mn_secret *password, const char *const names[],
                                              size_t name_count, mn_error *err);

#endif
