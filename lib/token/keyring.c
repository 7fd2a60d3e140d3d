/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility token: found by its URI, initialised, logged in to, logged out of. A log-in starts
 * from "nobody is logged in" and goes to the token that was opened, not to one that took its place.
 * After a failure the session it happened in is closed, and where the token has lost our log-in we
 * are logged out, with every handle dropped: nothing here ever logs in again by itself.
 * Keys: keyring_key.c. Public objects: keyring_object.c. The spare: keyring_escrow.c.
 */
#include "keyring.h"

#include <stdlib.h>
#include <string.h>

#include "keyring_internal.h"

#define TOKEN_LABEL_BYTES 32U

CK_FUNCTION_LIST *mn_keyring_calls(const mn_keyring *keyring)
{
    return mn_p11_calls(keyring->module);
}

/* --- sessions --- */

static void forget_login(mn_keyring *keyring)
{
    mn_p11_session_wipe(&keyring->work);
    mn_p11_session_wipe(&keyring->home);
    keyring->user = MN_KEYRING_NOBODY;
    keyring->key_count = 0;
    keyring->ivs_left = 0;
    mn_secret_erase(keyring->keys, sizeof(keyring->keys));
    mn_secret_erase(keyring->iv_pool, sizeof(keyring->iv_pool));
}

/* Does the token still know our log-in? */
static bool has_login(const mn_keyring *keyring)
{
    const CK_STATE wanted =
        keyring->user == MN_KEYRING_OFFICER ? CKS_RW_SO_FUNCTIONS : CKS_RW_USER_FUNCTIONS;
    CK_SESSION_INFO info = {0};
    return mn_keyring_calls(keyring)->C_GetSessionInfo(keyring->home.handle, &info) == CKR_OK &&
           info.state == wanted;
}

mnsec_status mn_keyring_failed(mn_keyring *keyring, mnsec_status status)
{
    mn_p11_session_wipe(&keyring->work);
    const bool of_token = mnsec_status_class(status) == MNSEC_CLASS_CARD;
    if (of_token && keyring->user != MN_KEYRING_NOBODY && !has_login(keyring)) {
        mn_keyring_logout(keyring);
    }
    return status;
}

mnsec_status mn_keyring_fail(mn_keyring *keyring, CK_RV rv, const char *call)
{
    /* Handles that died though the log-in lives died with an earlier log-in, or with the key. */
    if (rv == CKR_OBJECT_HANDLE_INVALID || rv == CKR_KEY_HANDLE_INVALID) {
        mn_keyring_logout(keyring);
    }
    return mn_keyring_failed(keyring, mn_fail_native(keyring->err, mn_p11_status(MN_P11_TOKEN, rv),
                                                     (long)rv, "%s answered 0x%lx", call, rv));
}

mnsec_status mn_keyring_work(mn_keyring *keyring, const mn_p11_session **out_work)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    if (keyring->work.module == NULL) {
        const mnsec_status status = mn_p11_session_open(keyring->module, keyring->slot, true,
                                                        MN_P11_TOKEN, keyring->err, &keyring->work);
        if (status != MNSEC_OK) {
            return mn_keyring_failed(keyring, status);
        }
    }
    *out_work = &keyring->work;
    return MNSEC_OK;
}

mnsec_status mn_keyring_work_as_user(mn_keyring *keyring, bool with_passport,
                                     const mn_p11_session **out_work)
{
    if (keyring->user != MN_KEYRING_USER) {
        return mn_fail(keyring->err, MNSEC_E_STATE_LOCKED, "nobody is logged in to the token");
    }
    if (with_passport && !keyring->has_passport) {
        return mn_fail(keyring->err, MNSEC_E_USAGE,
                       "the token was logged in to without a passport");
    }
    return mn_keyring_work(keyring, out_work);
}

/* --- which token --- */

void mn_keyring_identity(const CK_TOKEN_INFO *token, mn_passport *out_passport)
{
    mn_p11_text(token->manufacturerID, sizeof(token->manufacturerID), out_passport->manufacturer);
    mn_p11_text(token->model, sizeof(token->model), out_passport->model);
    mn_p11_text(token->serialNumber, sizeof(token->serialNumber), out_passport->serial);
    mn_p11_text(token->label, sizeof(token->label), out_passport->label);
}

/* Inside the gate: beside another program's log-in some tokens tell nonsense of themselves. */
static mnsec_status read_token_info(const mn_keyring *keyring, CK_TOKEN_INFO *out_token)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    CK_TOKEN_INFO token = {0};
    const CK_RV rv = mn_keyring_calls(keyring)->C_GetTokenInfo(keyring->slot, &token);
    if (rv != CKR_OK) {
        return mn_fail_native(keyring->err, mn_p11_status(MN_P11_TOKEN, rv), (long)rv,
                              "C_GetTokenInfo answered 0x%lx", rv);
    }
    *out_token = token;
    return MNSEC_OK;
}

mnsec_status mn_keyring_token_info(const mn_keyring *keyring, CK_TOKEN_INFO *out_token)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    MN_TRY(mn_keyring_gate_enter(mn_p11_path(keyring->module), keyring->err, &gate));
    return read_token_info(keyring, out_token);
}

bool mn_keyring_is_token(const CK_TOKEN_INFO *token, const mn_passport *passport)
{
    mn_passport now = {0};
    mn_keyring_identity(token, &now);
    return strcmp(now.manufacturer, passport->manufacturer) == 0 &&
           strcmp(now.model, passport->model) == 0 && strcmp(now.serial, passport->serial) == 0 &&
           strcmp(now.label, passport->label) == 0;
}

/* How many slots does the URI name; the last of them becomes ours. Slots that answer nothing are no
 * token of ours, but then "absent" would be saying too much. */
static mnsec_status count_matches(mn_keyring *keyring, const mn_p11_uri *uri, const mn_buf *slots,
                                  size_t *out_matches)
{
    CK_RV silent = CKR_OK;
    size_t matches = 0;
    for (size_t i = 0; i < slots->len / sizeof(CK_SLOT_ID); i++) {
        CK_SLOT_ID slot = 0;
        CK_SLOT_INFO slot_info = {0};
        CK_TOKEN_INFO token = {0};
        memcpy(&slot, slots->bytes + i * sizeof(slot), sizeof(slot));
        CK_RV rv = mn_keyring_calls(keyring)->C_GetSlotInfo(slot, &slot_info);
        if (rv == CKR_OK) {
            rv = mn_keyring_calls(keyring)->C_GetTokenInfo(slot, &token);
        }
        if (rv != CKR_OK) {
            silent = rv;
            continue;
        }
        if (mn_p11_uri_matches(uri, slot, &slot_info, &token)) {
            keyring->slot = slot;
            keyring->token = token;
            matches++;
        }
    }
    if (matches == 0 && silent != CKR_OK && silent != CKR_TOKEN_NOT_PRESENT) {
        return mn_fail_native(keyring->err, mn_p11_status(MN_P11_TOKEN, silent), (long)silent,
                              "a slot answered 0x%lx", silent);
    }
    *out_matches = matches;
    return MNSEC_OK;
}

static mnsec_status find_slot(mn_keyring *keyring, const mn_p11_uri *uri)
{
    MN_AUTO(mn_buf) slots = {0};
    MN_TRY(mn_p11_slots(keyring->module, true, keyring->err, &slots));
    size_t matches = 0;
    MN_TRY(count_matches(keyring, uri, &slots, &matches));
    if (matches == 0) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_ABSENT, "no token answers to the uri");
    }
    if (matches > 1) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FOREIGN, "%zu tokens answer to the uri",
                       matches);
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_open(const char *uri, mn_error *err, mn_keyring **out_keyring)
{
    MN_AUTO_PTR(mn_p11_uri) parsed = NULL;
    MN_TRY(mn_p11_uri_parse(uri, err, &parsed));
    MN_AUTO_PTR(mn_keyring) keyring = calloc(1, sizeof(*keyring));
    if (keyring == NULL) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    keyring->err = err;

    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    MN_TRY(mn_keyring_gate_enter(mn_p11_uri_module_path(parsed), err, &gate));
    MN_TRY(mn_p11_load(mn_p11_uri_module_path(parsed), err, &keyring->module));
    MN_TRY(find_slot(keyring, parsed));
    *out_keyring = mn_take(keyring);
    return MNSEC_OK;
}

void mn_keyring_free(mn_keyring *keyring)
{
    if (keyring == NULL) {
        return;
    }
    if (keyring->module != NULL) {
        mn_keyring_logout(keyring);
        mn_p11_free(keyring->module);
    }
    free(keyring->room);
    mn_secret_erase(keyring, sizeof(*keyring));
    free(keyring);
}

void mn_keyring_describe(const mn_keyring *keyring, mn_passport *out_passport)
{
    mn_keyring_identity(&keyring->token, out_passport);
}

mnsec_status mn_keyring_watch_room(mn_keyring *keyring, const char *directory)
{
    char *copy = directory == NULL ? NULL : strdup(directory);
    if (directory != NULL && copy == NULL) {
        return mn_fail(keyring->err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    free(keyring->room);
    keyring->room = copy;
    return MNSEC_OK;
}

bool mn_keyring_is_blank(mn_keyring *keyring)
{
    CK_TOKEN_INFO token;
    const mn_p11_session *work = NULL;
    if (mn_keyring_token_info(keyring, &token) != MNSEC_OK) {
        return false;
    }
    if ((token.flags & CKF_TOKEN_INITIALIZED) == 0) {
        return true;
    }
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern = {CKA_TOKEN, &yes, sizeof(yes)};
    MN_AUTO(mn_buf) handles = {0};
    if (mn_keyring_work(keyring, &work) != MNSEC_OK ||
        mn_p11_session_find(work, &pattern, 1, &handles) != MNSEC_OK) {
        mn_p11_session_wipe(&keyring->work);
        return false;
    }
    for (size_t i = 0; i < mn_p11_session_found(&handles); i++) {
        mn_keyring_facts facts;
        const CK_OBJECT_HANDLE object = mn_p11_session_handle(&handles, i);
        if (mn_keyring_shape_read(work, object, &facts) != MNSEC_OK ||
            strncmp(facts.label, MN_KEYRING_PREFIX, sizeof(MN_KEYRING_PREFIX) - 1) == 0) {
            return false;
        }
    }
    return true;
}

/* --- log-in and PINs --- */

/* A PIN check and whatever else makes the token write to itself: through the gate, with room. */
static mnsec_status enter(mn_keyring *keyring, mn_keyring_gate *gate)
{
    MN_TRY(mn_keyring_gate_room(keyring->room, keyring->err));
    return mn_keyring_gate_enter(mn_p11_path(keyring->module), keyring->err, gate);
}

static mnsec_status open_home(mn_keyring *keyring)
{
    if (keyring->home.module != NULL) {
        return MNSEC_OK;
    }
    return mn_p11_session_open(keyring->module, keyring->slot, true, MN_P11_TOKEN, keyring->err,
                               &keyring->home);
}

static mnsec_status check_pin_length(const mn_keyring *keyring, const mn_secret *pin)
{
    const CK_TOKEN_INFO *token = &keyring->token;
    if (mn_secret_is_empty(pin) || pin->len < token->ulMinPinLen || pin->len > token->ulMaxPinLen) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "a pin of this token has %lu to %lu bytes",
                       token->ulMinPinLen, token->ulMaxPinLen);
    }
    return MNSEC_OK;
}

/* A PIN goes to the token that was opened, and that is the passport's. */
static mnsec_status check_token(mn_keyring *keyring, CK_USER_TYPE type, const mn_passport *passport)
{
    const CK_FLAGS needed =
        CKF_TOKEN_INITIALIZED | (type == CKU_SO ? 0U : (CK_FLAGS)CKF_USER_PIN_INITIALIZED);
    CK_TOKEN_INFO token;
    mn_passport opened = {0};
    MN_TRY(read_token_info(keyring, &token));
    mn_keyring_identity(&keyring->token, &opened);
    if (!mn_keyring_is_token(&token, &opened)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FOREIGN, "another token took its place");
    }
    if (passport != NULL && !mn_keyring_is_token(&token, passport)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FOREIGN,
                       "the token is not that of the passport");
    }
    if ((token.flags & needed) != needed) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE, "the token is not initialised");
    }
    return MNSEC_OK;
}

static mnsec_status log_in(mn_keyring *keyring, CK_USER_TYPE type, const mn_secret *pin,
                           const mn_passport *passport)
{
    if (mn_secret_is_empty(pin)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_PIN, "no pin was given");
    }
    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    MN_TRY(enter(keyring, &gate));
    MN_TRY(check_token(keyring, type, passport));
    MN_TRY(open_home(keyring));
    const CK_RV rv = mn_keyring_calls(keyring)->C_Login(keyring->home.handle, type, pin->bytes,
                                                        (CK_ULONG)pin->len);
    if (rv == CKR_OK) {
        keyring->user = type == CKU_SO ? MN_KEYRING_OFFICER : MN_KEYRING_USER;
        return MNSEC_OK;
    }
    /* Also CKR_USER_ALREADY_LOGGED_IN, which says nothing about this PIN. A device that failed may
     * have logged us in all the same. */
    if (mn_p11_status(MN_P11_TOKEN, rv) == MNSEC_E_TOKEN_FAULT) {
        mn_keyring_calls(keyring)->C_Logout(keyring->home.handle);
    }
    forget_login(keyring);
    return mn_fail_native(keyring->err, mn_p11_status(MN_P11_TOKEN, rv), (long)rv,
                          "C_Login answered 0x%lx", rv);
}

static mnsec_status refuse_logged_in(const mn_keyring *keyring)
{
    if (keyring->user != MN_KEYRING_NOBODY) {
        return mn_fail(keyring->err, MNSEC_E_STATE_CONFLICT, "somebody is logged in to the token");
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_login(mn_keyring *keyring, const mn_secret *user_pin,
                              const mn_passport *passport)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    MN_TRY(refuse_logged_in(keyring));
    if (passport != NULL && !mn_passport_is_usable(passport)) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "the passport has a method that is not known here");
    }
    MN_TRY(log_in(keyring, CKU_USER, user_pin, passport));

    keyring->has_passport = passport != NULL;
    keyring->passport = passport != NULL ? *passport : (mn_passport){0};
    const mnsec_status status = passport != NULL ? mn_keyring_key_load(keyring) : MNSEC_OK;
    if (status != MNSEC_OK) {
        mn_keyring_logout(keyring);
    }
    return status;
}

void mn_keyring_logout(mn_keyring *keyring)
{
    if (keyring->user != MN_KEYRING_NOBODY && mn_p11_check(keyring->module, NULL) == MNSEC_OK) {
        mn_keyring_calls(keyring)->C_Logout(keyring->home.handle);
    }
    forget_login(keyring);
}

bool mn_keyring_is_logged_in(const mn_keyring *keyring)
{
    return keyring->user == MN_KEYRING_USER;
}

bool mn_keyring_is_hardware(const mn_keyring *keyring)
{
    CK_SLOT_INFO slot;
    return mn_keyring_calls(keyring)->C_GetSlotInfo(keyring->slot, &slot) == CKR_OK &&
           (slot.flags & CKF_HW_SLOT) != 0;
}

mnsec_status mn_keyring_set_pin(mn_keyring *keyring, const mn_secret *old_pin,
                                const mn_secret *new_pin)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    MN_TRY(check_pin_length(keyring, old_pin));
    MN_TRY(check_pin_length(keyring, new_pin));
    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    MN_TRY(enter(keyring, &gate));
    const CK_RV rv =
        mn_keyring_calls(keyring)->C_SetPIN(work->handle, old_pin->bytes, (CK_ULONG)old_pin->len,
                                            new_pin->bytes, (CK_ULONG)new_pin->len);
    return rv == CKR_OK ? MNSEC_OK : mn_keyring_fail(keyring, rv, "C_SetPIN");
}

mnsec_status mn_keyring_so_login(mn_keyring *keyring, const mn_secret *so_pin)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    MN_TRY(refuse_logged_in(keyring));
    return log_in(keyring, CKU_SO, so_pin, NULL);
}

mnsec_status mn_keyring_so_init_pin(mn_keyring *keyring, const mn_secret *new_pin)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    if (keyring->user != MN_KEYRING_OFFICER) {
        return mn_fail(keyring->err, MNSEC_E_STATE_LOCKED, "the security officer is not logged in");
    }
    MN_TRY(check_pin_length(keyring, new_pin));
    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    MN_TRY(enter(keyring, &gate));
    const CK_RV rv = mn_keyring_calls(keyring)->C_InitPIN(keyring->home.handle, new_pin->bytes,
                                                          (CK_ULONG)new_pin->len);
    return rv == CKR_OK ? MNSEC_OK : mn_keyring_fail(keyring, rv, "C_InitPIN");
}

/* --- initialising --- */

static mnsec_status init_token(mn_keyring *keyring, const char *label, const mn_secret *so_pin)
{
    CK_UTF8CHAR padded[TOKEN_LABEL_BYTES]; /* with spaces, and no NUL */
    memset(padded, ' ', sizeof(padded));
    for (size_t i = 0; i < sizeof(padded) && label[i] != '\0'; i++) {
        padded[i] = (CK_UTF8CHAR)label[i];
    }
    MN_AUTO(mn_keyring_gate) gate = {.fd = -1};
    MN_TRY(enter(keyring, &gate));
    const CK_RV rv = mn_keyring_calls(keyring)->C_InitToken(keyring->slot, so_pin->bytes,
                                                            (CK_ULONG)so_pin->len, padded);
    if (rv != CKR_OK) {
        return mn_fail_native(keyring->err, mn_p11_status(MN_P11_TOKEN, rv), (long)rv,
                              "C_InitToken answered 0x%lx", rv);
    }
    return MNSEC_OK;
}

mnsec_status mn_keyring_initialise(mn_keyring *keyring, const char *label, const mn_secret *so_pin,
                                   const mn_secret *user_pin, mn_buf *out_uri)
{
    MN_TRY(mn_p11_check(keyring->module, keyring->err));
    MN_TRY(refuse_logged_in(keyring));
    MN_TRY(check_pin_length(keyring, so_pin));
    MN_TRY(check_pin_length(keyring, user_pin));
    if (strlen(label) == 0 || strlen(label) > TOKEN_LABEL_BYTES) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "the label of a token has 1 to %u bytes",
                       TOKEN_LABEL_BYTES);
    }
    forget_login(keyring); /* no session may be open */
    MN_TRY(init_token(keyring, label, so_pin));
    MN_TRY(mn_keyring_token_info(keyring, &keyring->token));
    MN_TRY(mn_keyring_so_login(keyring, so_pin));
    const mnsec_status status = mn_keyring_so_init_pin(keyring, user_pin);
    mn_keyring_logout(keyring);
    MN_TRY(status);

    return mn_p11_uri_format(mn_p11_path(keyring->module), &keyring->token, out_uri);
}
