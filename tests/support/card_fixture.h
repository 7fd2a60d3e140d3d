/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated cards for a test, in the simulator `sim` of its scratch directory (the same folder
 * holds facility tokens, where a test has any): made, inserted and pulled out, with the worker
 * program and the module that a mn_card_worker wants. Every step that fails ends the test.
 */
#ifndef CARD_FIXTURE_H
#define CARD_FIXTURE_H

#include <stdint.h>

#include "fault_name.h"
#include "token/card.h"

#define CARD_FIXTURE_PIN "123456"

/* Scratch directory and simulator, no card: Test(…, .init = card_fixture_make, .fini =
 * card_fixture_remove). A test that has a scratch directory already takes card_fixture_add(). */
void card_fixture_make(void);
void card_fixture_remove(void);
void card_fixture_add(void);

/* profile: standard, ec, rsa, sign-only. The new card is in the reader. */
void card_fixture_card(const char *name, const char *profile);
void card_fixture_insert(const char *name); /* each time another insertion */
void card_fixture_pull(const char *name);

const char *card_fixture_worker(void); /* path of mnsec-card-worker */
const char *card_fixture_module(void); /* path of the cards' PKCS#11 module */
const char *card_fixture_tries(void);  /* folder of the PIN tries that its workers keep */
/* A worker for them; free it. deadline_ms 0 = the usual one. */
mn_card_worker *card_fixture_start(unsigned deadline_ms, mn_error *err);

/* Plan of faults (hsm-sim/faultp11/README.md), NULL = none; calls are numbered anew. */
void card_fixture_plan(const char *text);
/* Calls of one function by all processes since the last reset. */
uint64_t card_fixture_count(mn_fault_fn fn);
void card_fixture_count_reset(void);

#endif
