/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator's scripts make the folder; the keyring itself initialises the tokens in it. */
#include "token_fixture.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault_client.h"
#include "scratch.h"
#include "token/keyring_internal.h"

#define MODULE "simulator/facility/mnsec-tokens.so"
#define STATE  "simulator/facility/state"

static mn_fault_counts *counts;

void token_fixture_make(void)
{
    char command[1024];
    scratch_make();
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    (void)setenv("MNSEC_BUILD", TOKEN_FIXTURE_BUILD, 1);
    (void)unsetenv("MNSEC_FAULTP11_CONF");
    (void)snprintf(command, sizeof(command), "'%s/provision/provision' '%s'", TOKEN_FIXTURE_SCRIPTS,
                   scratch_path("simulator"));
    cr_assert_eq(system(command), 0, "%s", command);
    counts = mn_fault_counts_open(token_fixture_state());
    cr_assert_not_null(counts);
}

void token_fixture_remove(void)
{
    mn_fault_counts_free(counts);
    counts = NULL;
    scratch_remove();
}

const char *token_fixture_module(void)
{
    static const char *path;
    path = path != NULL ? path : scratch_path(MODULE);
    return path;
}

const char *token_fixture_state(void)
{
    static const char *path;
    path = path != NULL ? path : scratch_path(STATE);
    return path;
}

const char *token_fixture_blank_uri(void)
{
    static char uri[256];
    mn_p11 *module = NULL;
    MN_AUTO(mn_buf) slots = {0};
    cr_assert_eq(mn_p11_load(token_fixture_module(), NULL, &module), MNSEC_OK);
    cr_assert_eq(mn_p11_slots(module, true, NULL, &slots), MNSEC_OK);
    uri[0] = '\0';
    for (size_t i = 0; i < slots.len / sizeof(CK_SLOT_ID); i++) {
        CK_SLOT_ID slot = 0;
        CK_TOKEN_INFO token = {0};
        memcpy(&slot, slots.bytes + i * sizeof(slot), sizeof(slot));
        cr_assert_eq(mn_p11_calls(module)->C_GetTokenInfo(slot, &token), CKR_OK);
        if ((token.flags & CKF_TOKEN_INITIALIZED) == 0) {
            (void)snprintf(uri, sizeof(uri), "pkcs11:slot-id=%lu?module-path=%s", slot,
                           mn_p11_path(module));
        }
    }
    mn_p11_free(module);
    cr_assert_str_not_empty(uri, "no slot is blank");
    return uri;
}

mn_passport token_fixture_passport(const mn_keyring *keyring)
{
    mn_passport passport = {
        .outer = MN_OUTER_AES_GCM,
        .mac = MN_MAC_HMAC_SHA256,
        .audit_alg = MN_SIGNATURE_ECDSA_P256_SHA256,
        .trusted_honoured = true,
        .undestroyable_honoured = true,
        .mechanisms_honoured = true,
        .session_copy = true,
        .copy_needs_modifiable = true,
        .wrap = MN_RSA_OAEP_SHA1,
        .pin_max = 255,
        .objects_max = 4 * MN_KEYRING_MAX_DEPARTMENTS + 8,
    };
    mn_keyring_describe(keyring, &passport);
    return passport;
}

void token_fixture_initialise(const char *label, token_fixture *out_token)
{
    token_fixture *token = out_token;
    cr_assert_eq(mn_secret_copy(&token->so_pin, TOKEN_FIXTURE_SO_PIN, strlen(TOKEN_FIXTURE_SO_PIN)),
                 MNSEC_OK);
    cr_assert_eq(
        mn_secret_copy(&token->user_pin, TOKEN_FIXTURE_USER_PIN, strlen(TOKEN_FIXTURE_USER_PIN)),
        MNSEC_OK);
    cr_assert_eq(mn_keyring_open(token_fixture_blank_uri(), &token->err, &token->keyring), MNSEC_OK,
                 "%s", token->err.text);
    cr_assert_eq(
        mn_keyring_initialise(token->keyring, label, &token->so_pin, &token->user_pin, &token->uri),
        MNSEC_OK, "%s", token->err.text);
    token->passport = token_fixture_passport(token->keyring);
}

void token_fixture_login(token_fixture *token)
{
    cr_assert_eq(mn_keyring_login(token->keyring, &token->user_pin, &token->passport), MNSEC_OK,
                 "%s", token->err.text);
}

void token_fixture_open(const char *label, token_fixture *out_token)
{
    token_fixture_initialise(label, out_token);
    token_fixture_login(out_token);
}

void token_fixture_wipe(token_fixture *token)
{
    mn_keyring_free(token->keyring);
    mn_buf_wipe(&token->uri);
    mn_secret_wipe(&token->so_pin);
    mn_secret_wipe(&token->user_pin);
    *token = (token_fixture){0};
}

token_raw token_fixture_raw(const token_fixture *token)
{
    token_raw raw = {.calls = mn_p11_calls(token->keyring->module)};
    cr_assert_eq(raw.calls->C_OpenSession(token->keyring->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                                          NULL, NULL, &raw.session),
                 CKR_OK);
    return raw;
}

CK_ULONG token_raw_find(const token_raw *raw, CK_OBJECT_CLASS object_class, const char *label,
                        CK_OBJECT_HANDLE *out_object)
{
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_LABEL, mn_keyring_lend(label), strlen(label)},
        {CKA_TOKEN, &yes, sizeof(yes)},
    };
    CK_OBJECT_HANDLE found[64];
    CK_ULONG count = 0;
    cr_assert_eq(raw->calls->C_FindObjectsInit(raw->session, pattern, 3), CKR_OK);
    cr_assert_eq(raw->calls->C_FindObjects(raw->session, found, 64, &count), CKR_OK);
    cr_assert_eq(raw->calls->C_FindObjectsFinal(raw->session), CKR_OK);
    if (count > 0 && out_object != NULL) {
        *out_object = found[0];
    }
    return count;
}

void token_fixture_plan(const char *plan)
{
    cr_assert(mn_fault_client_plan(token_fixture_state(), plan));
    mn_fault_counts_reset(counts);
}

void token_fixture_reset_counts(void)
{
    mn_fault_counts_reset(counts);
}

uint64_t token_fixture_count(mn_fault_fn fn)
{
    return mn_fault_counts_get(counts, fn);
}
