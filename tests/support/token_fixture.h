/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facility tokens for tests: a simulator of the test's own in its scratch directory, tokens
 * initialised in it, logged in to. Every step that fails fails the test.
 *
 *     Test(…, .init = token_fixture_make, .fini = token_fixture_remove)
 *     {
 *         MN_AUTO(token_fixture) token = {0};
 *         token_fixture_open("facility", &token);
 *         … mn_keyring_key_make(token.keyring, &ref) …
 *     }
 */
#ifndef TOKEN_FIXTURE_H
#define TOKEN_FIXTURE_H

#include "fault_counts.h"
#include "token/keyring.h"

#define TOKEN_FIXTURE_SO_PIN   "so-pin-of-the-test"
#define TOKEN_FIXTURE_USER_PIN "user-pin-of-the-test"

typedef struct token_fixture {
    mn_error err;
    mn_keyring *keyring; /* logged in with the passport below */
    mn_passport passport;
    mn_buf uri;
    mn_secret so_pin;
    mn_secret user_pin;
} token_fixture;

/* Scratch directory and simulator; crypto started. */
void token_fixture_make(void);
void token_fixture_remove(void);

/* A blank slot initialised with this label. The passport is the one that mn_passport_probe() finds
 * on SoftHSM (test_passport.c holds it to that), so that not every test probes. Several tokens of
 * different labels can be open at once. */
void token_fixture_open(const char *label, token_fixture *out_token);
/* The same, but not logged in. */
void token_fixture_initialise(const char *label, token_fixture *out_token);
void token_fixture_login(token_fixture *token);
void token_fixture_wipe(token_fixture *token);

mn_passport token_fixture_passport(const mn_keyring *keyring);
/* URI of a slot with a token that is not initialised; valid until the end of the test. */
const char *token_fixture_blank_uri(void);
/* Path of the module, and its state directory for plans (fault_client.h) and counts. */
const char *token_fixture_module(void);
const char *token_fixture_state(void);
/* PKCS#11 past the keyring: what another program, or an attacker, may do to the token. Logged in as
 * the keyring is. */
typedef struct token_raw {
    CK_FUNCTION_LIST *calls;
    CK_SESSION_HANDLE session;
} token_raw;
token_raw token_fixture_raw(const token_fixture *token);
/* Objects on the token of this class and label; the first of them into out_object (may be NULL). */
CK_ULONG token_raw_find(const token_raw *raw, CK_OBJECT_CLASS object_class, const char *label,
                        CK_OBJECT_HANDLE *out_object);
/* A fault plan in force (NULL = none), and counts from zero. */
void token_fixture_plan(const char *plan);
/* Calls since the last plan or reset. */
void token_fixture_reset_counts(void);
uint64_t token_fixture_count(mn_fault_fn fn);

#endif
