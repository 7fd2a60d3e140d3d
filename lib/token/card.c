/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be asked of a person's card, each as one request to the worker (card_worker.c). Nothing
 * that comes back is believed that can be checked: the key has the hash that was asked for, and a
 * signature verifies with it, which is also the proof that the card holds its key. A card that left
 * is gone for the log-in, even if it is back.
 */
#include "token/card.h"

#include <string.h>

#include "crypto/secret/hash.h"
#include "token/card_binding.h"
#include "token/card_worker.h"

#define PIN_PAD_MS 60000U /* a person types */

static const char *const method_names[] = {
    [MN_CARD_METHOD_NONE] = "none",
    [MN_CARD_METHOD_ECDH] = "ecdh",
    [MN_CARD_METHOD_RSA_DECRYPT] = "rsa-decrypt",
    [MN_CARD_METHOD_RSA_SIGN] = "rsa-sign",
};

const char *mn_card_method_name(mn_card_method method)
{
    const size_t index = (size_t)method;
    return index < sizeof(method_names) / sizeof(method_names[0]) ? method_names[index] : "none";
}

void mn_card_info_wipe(mn_card_info *info)
{
    mn_buf_wipe(&info->certificate);
    *info = (mn_card_info){0};
}

static mnsec_status malformed(mn_card_worker *worker)
{
    mn_card_worker_kill(worker);
    return mn_fail(worker->err, MNSEC_E_CARD_FAULT, "the card worker makes no sense");
}

mnsec_status mn_card_list(mn_card_worker *worker, mn_card_info *out_cards, size_t *out_count)
{
    const mn_card_wire_request request = {.command = MN_CARD_COMMAND_LIST};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(mn_card_worker_exchange(worker, &request, 0, worker->err, &answer));
    const mnsec_status status =
        mn_card_wire_get_cards(mn_buf_view(&answer.payload), out_cards, out_count);
    return status == MNSEC_E_USAGE_FORMAT ? malformed(worker) : status;
}

static bool is_pin(const mn_secret *pin)
{
    return !mn_secret_is_empty(pin) && pin->len <= MN_CARD_WIRE_PIN_MAX_BYTES;
}

mnsec_status mn_card_login(mn_card_worker *worker, const uint8_t spki_hash[32],
                           const mn_secret *pin, bool final_try_consent)
{
    if (pin != NULL && !is_pin(pin)) {
        return mn_fail(worker->err, MNSEC_E_USAGE, "a PIN has 1 to 255 bytes");
    }
    mn_card_worker_forget(worker, false);
    MN_AUTO(mn_card_wire_request)
    request = {.command = MN_CARD_COMMAND_LOGIN, .final_try_consent = final_try_consent};
    memcpy(request.spki_hash, spki_hash, sizeof(request.spki_hash));
    if (pin != NULL) {
        MN_TRY(mn_secret_copy(&request.pin, pin->bytes, pin->len));
    }
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(mn_card_worker_exchange(worker, &request, pin == NULL ? PIN_PAD_MS : 0, worker->err,
                                   &answer));
    uint8_t digest[MN_HASH_BYTES];
    mn_hash_bytes(mn_buf_view(&answer.payload), digest);
    if (memcmp(digest, spki_hash, sizeof(digest)) != 0) {
        return malformed(worker);
    }
    mn_buf_move(&worker->spki, &answer.payload);
    worker->logged_in = true;
    return MNSEC_OK;
}

void mn_card_logout(mn_card_worker *worker)
{
    const mn_card_wire_request request = {.command = MN_CARD_COMMAND_LOGOUT};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    if (worker->pid != 0 &&
        mn_card_worker_exchange(worker, &request, 0, NULL, &answer) != MNSEC_OK) {
        mn_card_worker_kill(worker);
    }
    mn_card_worker_forget(worker, false);
}

/* A request that needs the log-in. */
static mnsec_status ask_card(mn_card_worker *worker, const mn_card_wire_request *request,
                             mn_card_wire_answer *out_answer)
{
    mn_card_worker_listen(worker);
    if (worker->removed) {
        return mn_fail(worker->err, MNSEC_E_CARD_REMOVED, "the card has left since its log-in");
    }
    if (!worker->logged_in) {
        return mn_fail(worker->err, MNSEC_E_STATE_LOCKED, "no card is logged in");
    }
    const mnsec_status status =
        mn_card_worker_exchange(worker, request, 0, worker->err, out_answer);
    if (status == MNSEC_E_CARD_REMOVED) {
        mn_card_worker_forget(worker, true);
    }
    if (status == MNSEC_OK && worker->removed) {
        mn_card_wire_answer_wipe(out_answer); /* it left while it was asked: too late */
        return mn_fail(worker->err, MNSEC_E_CARD_REMOVED, "the card has left");
    }
    return status;
}

mnsec_status mn_card_bind(mn_card_worker *worker, mn_card_method method,
                          mn_card_binding *out_binding, mn_secret *out_card_secret)
{
    const mn_card_wire_request request = {.command = MN_CARD_COMMAND_BIND, .method = method};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(ask_card(worker, &request, &answer));
    MN_AUTO(mn_card_binding) binding = {0};
    const mnsec_status status = mn_card_binding_decode(mn_buf_view(&answer.payload), &binding);
    if (status == MNSEC_E_USAGE_FORMAT || answer.secret.len != MN_CARD_WIRE_SECRET_BYTES ||
        (method != MN_CARD_METHOD_NONE && binding.method != method)) {
        return malformed(worker);
    }
    MN_TRY(status);
    mn_secret_move(out_card_secret, &answer.secret);
    mn_card_binding_wipe(out_binding);
    *out_binding = binding;
    binding = (mn_card_binding){0};
    return MNSEC_OK;
}

mnsec_status mn_card_secret(mn_card_worker *worker, const mn_card_binding *binding,
                            mn_secret *out_card_secret)
{
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_SECRET};
    MN_TRY(mn_card_binding_encode(binding, &request.payload));
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(ask_card(worker, &request, &answer));
    if (answer.secret.len != MN_CARD_WIRE_SECRET_BYTES) {
        return malformed(worker);
    }
    mn_secret_move(out_card_secret, &answer.secret);
    return MNSEC_OK;
}

static mnsec_status verify(mn_card_worker *worker, mn_bytes message,
                           const mn_card_wire_answer *answer)
{
    if (worker->key == NULL) {
        MN_TRY(mn_signature_key_new(mn_buf_view(&worker->spki), &worker->key));
    }
    return mn_signature_key_verify(worker->key, answer->alg, message,
                                   mn_buf_view(&answer->payload));
}

mnsec_status mn_card_sign(mn_card_worker *worker, mn_bytes message, mn_signature_alg *out_alg,
                          mn_buf *out_signature)
{
    if (mn_card_binding_is_message(message)) {
        return mn_fail(worker->err, MNSEC_E_USAGE, "this signature would be a card's secret");
    }
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_SIGN};
    MN_TRY(mn_buf_append(&request.payload, message.bytes, message.len));
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_TRY(ask_card(worker, &request, &answer));
    if (verify(worker, message, &answer) != MNSEC_OK) {
        mn_card_logout(worker);
        return mn_fail(worker->err, MNSEC_E_CARD_UNSUITABLE,
                       "the card does not hold the key of its certificate");
    }
    *out_alg = answer.alg;
    mn_buf_move(out_signature, &answer.payload);
    return MNSEC_OK;
}

mnsec_status mn_card_change_pin(mn_card_worker *worker, const uint8_t spki_hash[32],
                                const mn_secret *old_pin, const mn_secret *new_pin)
{
    if (!is_pin(old_pin) || !is_pin(new_pin)) {
        return mn_fail(worker->err, MNSEC_E_USAGE, "a PIN has 1 to 255 bytes");
    }
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_CHANGE_PIN};
    memcpy(request.spki_hash, spki_hash, sizeof(request.spki_hash));
    MN_TRY(mn_secret_copy(&request.pin, old_pin->bytes, old_pin->len));
    MN_TRY(mn_secret_copy(&request.new_pin, new_pin->bytes, new_pin->len));
    MN_AUTO(mn_card_wire_answer) answer = {0};
    return mn_card_worker_exchange(worker, &request, 0, worker->err, &answer);
}

mnsec_status mn_card_present(mn_card_worker *worker)
{
    const mn_card_wire_request request = {.command = MN_CARD_COMMAND_PRESENT};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    return ask_card(worker, &request, &answer);
}
