/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a password is left when everything is taken away that people try first. */
#ifndef MN_STRENGTH_GUESS_H
#define MN_STRENGTH_GUESS_H

#include "base/error.h"
#include "base/secret.h"

/* What was taken away, and what is left. */
typedef struct mn_strength_guess {
    size_t left;    /* bytes */
    bool has_word;  /* a common word */
    bool has_name;  /* one of names */
    bool has_run;   /* keys beside each other */
    bool is_repeat; /* one group again and again */
} mn_strength_guess;

/* names: texts in any script, kana also as they are typed in Latin letters; NULL among them is
 * passed over. *out_core, wiped by the caller, is the password in small letters, without digits and
 * signs at both ends, with letters for the signs that stand for them. Errors: INTERNAL_MEMORY */
MNSEC_MUST_USE mnsec_status mn_strength_guess_take(const mn_secret *password,
                                                   const char *const names[], size_t name_count,
                                                   mn_strength_guess *out_guess,
                                                   mn_secret *out_core);

#endif
