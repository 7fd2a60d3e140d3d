/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PIN tries of one token, kept in tries/SERIAL of the state directory ("user N so M\n", wrong
 * tries since the last right one), because SoftHSM never locks a PIN. As on a card, a try is spent
 * on disk before the PIN is looked at, and given back when it was right: a kill between the two
 * costs a try, never grants one.
 */
#ifndef MN_FAULT_TRIES_H
#define MN_FAULT_TRIES_H

#include "fault_plan.h"

typedef enum mn_fault_role { MN_FAULT_ROLE_USER = 0, MN_FAULT_ROLE_SO = 1 } mn_fault_role;

typedef struct mn_fault_tries {
    unsigned wrong[2]; /* by role */
} mn_fault_tries;

/* Both lock the file system's view of the token against other processes: dir is the tries/ folder.
 * No file = no wrong try; a file that is not understood counts as locked. */
void mn_fault_tries_read(int dir, const char *serial, mn_fault_tries *out_tries);

/* Spends one try of role; false when none of max is left (and nothing was spent). */
bool mn_fault_tries_spend(int dir, const char *serial, mn_fault_role role, unsigned max);
/* Gives the last one back: the PIN was not looked at. */
void mn_fault_tries_return(int dir, const char *serial, mn_fault_role role);
/* A right PIN, or a new one set by the security officer. */
void mn_fault_tries_reset(int dir, const char *serial, mn_fault_role role);

/* The CKF_*_PIN_* flags that a token with these tries shows, of max. */
CK_FLAGS mn_fault_tries_flags(const mn_fault_tries *tries, unsigned max);
/* What becomes of them where the plan lies. */
CK_FLAGS mn_fault_tries_lie(CK_FLAGS flags, mn_fault_pin_flags lie);
#define MN_FAULT_TRIES_FLAGS                                                                       \
    (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED |                       \
     CKF_SO_PIN_COUNT_LOW | CKF_SO_PIN_FINAL_TRY | CKF_SO_PIN_LOCKED)

#endif
