/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulator of one's own for a test in C: a fresh folder, cards with the simulator's PIN, the
 * card module or the facility module loaded. Every step that fails fails the test.
 */
#ifndef SIM_FIXTURE_H
#define SIM_FIXTURE_H

#include <p11-kit/pkcs11.h>

#define SIM_PIN    "123456"
#define SIM_SO_PIN "12345678"

extern char sim_dir[64];
extern char sim_state[96]; /* of the module that is loaded */
extern CK_FUNCTION_LIST_PTR sim_p11;

/* Cards (space-parted names, none inserted) behind reader/mnsec-cards.so, not initialised. */
void sim_open_cards(const char *names);
/* Blank slots behind facility/mnsec-tokens.so, not initialised. */
void sim_open_facility(void);
void sim_close(void);

/* A line for sh, which finds $sim, $hsm_sim and $arg; must exit 0. */
void sim_shell(const char *line, const char *arg);
/* The first slot that shows a token; fails when there is none. */
CK_SLOT_ID sim_slot(void);
CK_SESSION_HANDLE sim_session(CK_SLOT_ID slot);
CK_RV sim_login(CK_SESSION_HANDLE session, const char *pin);
CK_FLAGS sim_token_flags(CK_SLOT_ID slot);
/* One random byte: a call that only needs its session. */
CK_RV sim_ping(CK_SESSION_HANDLE session);
/* A token of this label in the facility's blank slot. */
CK_SLOT_ID sim_make_token(const char *label);

#endif
