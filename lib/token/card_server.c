/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log-in is one session, open since before the certificate was read, and the keys found in it. It
 * ends for good with whatever says that the card, the session or the log-in is gone: nothing is
 * tried again, because a card that is back may be another, or in other hands. Between log-ins the
 * module is unloaded, so that a card is reset and free for others.
 */
#include "token/card_server.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "token/card_bind.h"
#include "token/card_key.h"
#include "token/card_slot.h"
#include "token/card_tries.h"

#define DECOY_KEY_BYTES 32U

struct mn_card_server {
    char *module_path;
    char *tries; /* folder of the PIN tries, or NULL */
    mn_error err;
    mn_p11 *module;         /* NULL until a request needs it */
    mn_p11_session session; /* of the logged-in card */
    mn_buf spki;            /* its signing key */
    mn_card_keys keys;
    bool lost; /* the logged-in card left since the last log-in */
    mn_secret decoy_key;
};

typedef mnsec_status (*command_fn)(mn_card_server *server, const mn_card_wire_request *request,
                                   mn_card_wire_answer *answer);

bool mn_card_server_is_logged_in(const mn_card_server *server)
{
    return server->session.module != NULL;
}

/* Where the card has left, the calls fail and that is all. */
static void drop_login(mn_card_server *server)
{
    if (mn_card_server_is_logged_in(server)) {
        (void)mn_p11_calls(server->module)->C_Logout(server->session.handle);
    }
    mn_p11_session_wipe(&server->session);
    mn_card_keys_wipe(&server->keys);
    mn_buf_wipe(&server->spki);
}

static void unload(mn_card_server *server)
{
    drop_login(server);
    mn_p11_free(server->module);
    server->module = NULL;
}

static mnsec_status load(mn_card_server *server)
{
    return server->module != NULL ? MNSEC_OK
                                  : mn_p11_load(server->module_path, &server->err, &server->module);
}

/* --- presence --- */

/* Asking for the slot makes a module notice; the session tells of a card that left and came back,
 * its state of a log-in that another program has ended. */
static bool is_alive(const mn_card_server *server)
{
    const CK_FUNCTION_LIST *calls = mn_p11_calls(server->module);
    CK_SLOT_INFO slot = {0};
    CK_SESSION_INFO session = {0};
    return calls->C_GetSlotInfo(server->session.slot, &slot) == CKR_OK &&
           (slot.flags & CKF_TOKEN_PRESENT) != 0 &&
           calls->C_GetSessionInfo(server->session.handle, &session) == CKR_OK &&
           (session.state == CKS_RO_USER_FUNCTIONS || session.state == CKS_RW_USER_FUNCTIONS);
}

void mn_card_server_lose(mn_card_server *server)
{
    if (mn_card_server_is_logged_in(server)) {
        drop_login(server);
        server->lost = true;
    }
}

bool mn_card_server_has_lost(mn_card_server *server)
{
    if (!mn_card_server_is_logged_in(server) || is_alive(server)) {
        return false;
    }
    mn_card_server_lose(server);
    return true;
}

void mn_card_server_reader(const mn_card_server *server, char out_description[65])
{
    CK_SLOT_INFO slot = {0};
    out_description[0] = '\0';
    if (mn_card_server_is_logged_in(server) &&
        mn_p11_calls(server->module)->C_GetSlotInfo(server->session.slot, &slot) == CKR_OK) {
        mn_p11_text(slot.slotDescription, sizeof(slot.slotDescription), out_description);
    }
}

/* After a failure: is it that the card is gone? An operation left open is of no more use. */
static mnsec_status explain(mn_card_server *server, mnsec_status status)
{
    const CK_RV rv = (CK_RV)server->err.native;
    if (status == MNSEC_OK || !mn_card_server_is_logged_in(server)) {
        return status;
    }
    if (mn_p11_is_lost(rv) || rv == CKR_OPERATION_ACTIVE || rv == CKR_BUFFER_TOO_SMALL ||
        !is_alive(server)) {
        drop_login(server);
        server->lost = true;
        return MNSEC_E_CARD_REMOVED;
    }
    return status;
}

/* --- commands --- */

static void cards_wipe(mn_card_info *cards, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        mn_card_info_wipe(&cards[i]);
    }
}

/* What the card does not say of its tries, or says wrongly. */
static void remember_tries(const mn_card_server *server, mn_card_info *card)
{
    const unsigned spent = mn_card_tries_look(server->tries, card->spki_hash);
    card->pin_count_low = card->pin_count_low || spent > 0;
    card->pin_final_try = card->pin_final_try || spent >= MN_CARD_TRIES_FREE;
}

static mnsec_status do_list(mn_card_server *server, const mn_card_wire_request *request,
                            mn_card_wire_answer *answer)
{
    (void)request;
    MN_TRY(load(server));
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 0;
    MN_TRY(mn_card_slot_list(server->module, &server->err, cards, &count));
    for (size_t i = 0; i < count; i++) {
        remember_tries(server, &cards[i]);
    }
    const mnsec_status status = mn_card_wire_put_cards(cards, count, &answer->payload);
    cards_wipe(cards, count);
    return status;
}

/* Nobody may be logged in: then no answer of C_Login but CKR_OK can mean a right PIN. */
static mnsec_status check_nobody(const mn_p11_session *session)
{
    CK_SESSION_INFO info = {0};
    const CK_RV rv = mn_p11_calls(session->module)->C_GetSessionInfo(session->handle, &info);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_GetSessionInfo");
    }
    if (info.state != CKS_RO_PUBLIC_SESSION && info.state != CKS_RW_PUBLIC_SESSION) {
        return mn_fail(session->err, MNSEC_E_CARD_FAULT, "somebody is logged in to the card");
    }
    return MNSEC_OK;
}

/* The one look at the PIN, which is empty for a PIN pad. Only CKR_OK means that it was right. */
static mnsec_status submit(const mn_card_server *server, const mn_p11_session *session,
                           const mn_card_wire_request *request)
{
    MN_AUTO(mn_card_tries) tries = {0};
    MN_TRY(mn_card_tries_spend(server->tries, request->spki_hash, request->final_try_consent,
                               session->err, &tries));
    const CK_RV rv = mn_p11_calls(session->module)
                         ->C_Login(session->handle, CKU_USER, request->pin.bytes, request->pin.len);
    mn_card_tries_settle(&tries, rv == CKR_OK ? MN_CARD_TRIES_RIGHT : MN_CARD_TRIES_SPENT);
    return rv == CKR_OK ? MNSEC_OK : mn_p11_session_fail(session, rv, "C_Login");
}

static mnsec_status find_signing_key(const mn_card_server *server, const mn_card_key **out_key)
{
    const mn_card_key *key = mn_card_key_get(&server->keys, mn_buf_view(&server->spki));
    if (key == NULL) {
        return mn_fail(server->session.err, MNSEC_E_CARD_UNSUITABLE,
                       "the card does not hold the key of its certificate");
    }
    if (key->asks_at_every_use) {
        return mn_fail(server->session.err, MNSEC_E_CARD_UNSUITABLE,
                       "the card's key asks for the PIN at every use");
    }
    *out_key = key;
    return MNSEC_OK;
}

static mnsec_status read_keys(mn_card_server *server, mn_card_wire_answer *answer)
{
    const mn_card_key *key = NULL;
    MN_TRY(mn_card_key_read(&server->session, &server->keys));
    MN_TRY(find_signing_key(server, &key));
    return mn_buf_append(&answer->payload, server->spki.bytes, server->spki.len);
}

static mnsec_status do_login(mn_card_server *server, const mn_card_wire_request *request,
                             mn_card_wire_answer *answer)
{
    drop_login(server);
    server->lost = false;
    MN_TRY(load(server));
    MN_AUTO(mn_p11_session) session = {0};
    MN_TRY(mn_card_slot_find(server->module, request->spki_hash, false, &server->err, &session,
                             &server->spki));
    MN_TRY(mn_card_slot_admit(&session, mn_secret_is_empty(&request->pin),
                              request->final_try_consent));
    MN_TRY(check_nobody(&session));
    MN_TRY(submit(server, &session, request));
    server->session = session;
    session = (mn_p11_session){0};
    const mnsec_status status = explain(server, read_keys(server, answer));
    if (status != MNSEC_OK) {
        drop_login(server);
    }
    return status;
}

static mnsec_status do_logout(mn_card_server *server, const mn_card_wire_request *request,
                              mn_card_wire_answer *answer)
{
    (void)request;
    (void)answer;
    server->lost = false;
    unload(server);
    return MNSEC_OK;
}

static mnsec_status do_present(mn_card_server *server, const mn_card_wire_request *request,
                               mn_card_wire_answer *answer)
{
    (void)request;
    (void)answer;
    if (mn_card_server_has_lost(server)) {
        return mn_fail(&server->err, MNSEC_E_CARD_REMOVED, "the card has left");
    }
    return MNSEC_OK;
}

static mn_card_bench bench_of(const mn_card_server *server)
{
    return (mn_card_bench){.session = &server->session,
                           .keys = &server->keys,
                           .signing_spki = mn_buf_view(&server->spki),
                           .decoy_key = &server->decoy_key};
}

static mnsec_status do_bind(mn_card_server *server, const mn_card_wire_request *request,
                            mn_card_wire_answer *answer)
{
    const mn_card_bench bench = bench_of(server);
    MN_AUTO(mn_card_binding) binding = {0};
    MN_TRY(mn_card_bind_make(&bench, request->method, &binding, &answer->secret));
    return mn_card_binding_encode(&binding, &answer->payload);
}

/* Asked for presence at the end, because bad padding and a card torn out can look alike. */
static mnsec_status do_secret(mn_card_server *server, const mn_card_wire_request *request,
                              mn_card_wire_answer *answer)
{
    const mn_card_bench bench = bench_of(server);
    MN_AUTO(mn_card_binding) binding = {0};
    MN_TRY(mn_card_binding_decode(mn_buf_view(&request->payload), &binding));
    MN_TRY(mn_card_bind_open(&bench, &binding, &answer->secret));
    return do_present(server, request, answer);
}

static mnsec_status do_sign(mn_card_server *server, const mn_card_wire_request *request,
                            mn_card_wire_answer *answer)
{
    const mn_card_key *key = NULL;
    MN_AUTO(mn_secret) signature = {0};
    if (mn_card_binding_is_message(mn_buf_view(&request->payload))) {
        return mn_fail(&server->err, MNSEC_E_USAGE, "this signature would be a card's secret");
    }
    MN_TRY(find_signing_key(server, &key));
    MN_TRY(mn_card_key_sign(&server->session, key, mn_buf_view(&request->payload), &signature));
    answer->alg = key->alg;
    return mn_buf_append(&answer->payload, signature.bytes, signature.len);
}

static mnsec_status do_change_pin(mn_card_server *server, const mn_card_wire_request *request,
                                  mn_card_wire_answer *answer)
{
    (void)answer;
    MN_TRY(load(server));
    MN_AUTO(mn_p11_session) session = {0};
    MN_AUTO(mn_buf) spki = {0};
    MN_TRY(
        mn_card_slot_find(server->module, request->spki_hash, true, &server->err, &session, &spki));
    MN_TRY(mn_card_slot_admit(&session, false, false));
    MN_AUTO(mn_card_tries) tries = {0};
    MN_TRY(mn_card_tries_spend(server->tries, request->spki_hash, false, &server->err, &tries));
    const CK_RV rv = mn_p11_calls(server->module)
                         ->C_SetPIN(session.handle, request->pin.bytes, request->pin.len,
                                    request->new_pin.bytes, request->new_pin.len);
    if (rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE) {
        mn_card_tries_settle(&tries, MN_CARD_TRIES_UNTRIED);
        return mn_fail_native(&server->err, MNSEC_E_USAGE_FORMAT, (long)rv,
                              "the card does not take this as a PIN");
    }
    mn_card_tries_settle(&tries, rv == CKR_OK ? MN_CARD_TRIES_RIGHT : MN_CARD_TRIES_SPENT);
    return rv == CKR_OK ? MNSEC_OK : mn_p11_session_fail(&session, rv, "C_SetPIN");
}

static const struct {
    mn_card_command command;
    command_fn run;
    bool needs_login;
} commands[] = {
    {MN_CARD_COMMAND_LIST, do_list, false},     {MN_CARD_COMMAND_LOGIN, do_login, false},
    {MN_CARD_COMMAND_LOGOUT, do_logout, false}, {MN_CARD_COMMAND_PRESENT, do_present, true},
    {MN_CARD_COMMAND_BIND, do_bind, true},      {MN_CARD_COMMAND_SECRET, do_secret, true},
    {MN_CARD_COMMAND_SIGN, do_sign, true},      {MN_CARD_COMMAND_CHANGE_PIN, do_change_pin, false},
};

static mnsec_status run(mn_card_server *server, const mn_card_wire_request *request,
                        mn_card_wire_answer *answer)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (commands[i].command != request->command) {
            continue;
        }
        if (commands[i].needs_login && server->lost) {
            return mn_fail(&server->err, MNSEC_E_CARD_REMOVED, "the card has left");
        }
        if (commands[i].needs_login && !mn_card_server_is_logged_in(server)) {
            return mn_fail(&server->err, MNSEC_E_STATE_LOCKED, "no card is logged in");
        }
        const mnsec_status status = commands[i].run(server, request, answer);
        return commands[i].needs_login ? explain(server, status) : status;
    }
    return mn_fail(&server->err, MNSEC_E_USAGE, "unknown request");
}

/* --- answers --- */

static void tell_failure(const mn_card_server *server, mnsec_status status,
                         mn_card_wire_answer *out_answer)
{
    mn_card_wire_answer_wipe(out_answer);
    out_answer->kind = MN_CARD_ANSWER_RESULT;
    /* The worker speaks of cards: whatever else failed in it is the card's failure. */
    out_answer->status = mn_card_wire_can_say(status) ? status : MNSEC_E_CARD_FAULT;
    out_answer->native = server->err.native;
    const mn_bytes text = mn_bytes_of(server->err.text, strlen(server->err.text));
    if (!mn_text_is_clean(text, false) ||
        mn_buf_append(&out_answer->text, text.bytes, text.len) != MNSEC_OK) {
        mn_buf_wipe(&out_answer->text);
    }
}

void mn_card_server_answer(mn_card_server *server, const mn_card_wire_request *request,
                           mn_card_wire_answer *out_answer)
{
    mn_card_wire_answer_wipe(out_answer);
    mn_error_clear(&server->err);
    const mnsec_status status = run(server, request, out_answer);
    out_answer->kind = MN_CARD_ANSWER_RESULT;
    if (status != MNSEC_OK) {
        tell_failure(server, status, out_answer);
    }
}

/* --- the handle --- */

mnsec_status mn_card_server_new(const char *module_path, const char *tries,
                                mn_card_server **out_server)
{
    MN_AUTO_PTR(mn_card_server) server = calloc(1, sizeof(*server));
    if (server == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    server->module_path = strdup(module_path);
    server->tries = tries == NULL ? NULL : strdup(tries);
    if (server->module_path == NULL || (server->tries == NULL) != (tries == NULL)) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    MN_TRY(mn_random_secret(&server->decoy_key, DECOY_KEY_BYTES));
    *out_server = mn_take(server);
    return MNSEC_OK;
}

void mn_card_server_free(mn_card_server *server)
{
    if (server == NULL) {
        return;
    }
    unload(server);
    mn_secret_wipe(&server->decoy_key);
    free(server->module_path);
    free(server->tries);
    free(server);
}
