/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests, answers and the list of cards as canonical encodings (base/encode.h). The secrets of a
 * message are its last fields and are laid straight into secure memory; what is read is checked
 * field by field, against the command it belongs to, before anyone acts on it. Sending and
 * receiving: card_wire_socket.c.
 */
#include "token/card_wire.h"

#include <limits.h>
#include <string.h>

#include "base/encode.h"
#include "base/text.h"

#define REQUEST            "mnsec/card-request/1"
#define ANSWER             "mnsec/card-answer/1"
#define CARDS              "mnsec/card-list/1"

#define FIELD_LENGTH_BYTES 4U
#define TEXT_MAX_BYTES     (MN_ERROR_TEXT_BYTES - 1U)

typedef struct card_list {
    mn_card_info cards[MN_CARD_MAX];
} card_list;

/* Which fields a command may carry. */
static const struct {
    mn_card_command command;
    bool method;
    bool consent;
    bool card;
    bool payload;
    bool pin;
    bool new_pin;
} request_shapes[] = {
    {.command = MN_CARD_COMMAND_LIST},
    {.command = MN_CARD_COMMAND_LOGIN, .consent = true, .card = true, .pin = true},
    {.command = MN_CARD_COMMAND_LOGOUT},
    {.command = MN_CARD_COMMAND_PRESENT},
    {.command = MN_CARD_COMMAND_BIND, .method = true},
    {.command = MN_CARD_COMMAND_SECRET, .payload = true},
    {.command = MN_CARD_COMMAND_SIGN, .payload = true},
    {.command = MN_CARD_COMMAND_CHANGE_PIN, .card = true, .pin = true, .new_pin = true},
};

/* What a worker may answer; anything else is not of our making. */
static const mnsec_status answer_statuses[] = {
    MNSEC_OK,
    MNSEC_E_INTERNAL,
    MNSEC_E_INTERNAL_MEMORY,
    MNSEC_E_INTERNAL_CRYPTO,
    MNSEC_E_USAGE,
    MNSEC_E_USAGE_FORMAT,
    MNSEC_E_USAGE_CONFIG,
    MNSEC_E_STATE_LOCKED,
    MNSEC_E_STATE_CANCELLED,
    MNSEC_E_CARD_ABSENT,
    MNSEC_E_CARD_REMOVED,
    MNSEC_E_CARD_UNSUITABLE,
    MNSEC_E_CARD_FINAL_TRY,
    MNSEC_E_CARD_BLOCKED,
    MNSEC_E_CARD_PIN,
    MNSEC_E_CARD_FAULT,
    MNSEC_E_CARD_AMBIGUOUS,
    MNSEC_E_STORE,
};

void mn_card_wire_request_wipe(mn_card_wire_request *request)
{
    mn_buf_wipe(&request->payload);
    mn_secret_wipe(&request->pin);
    mn_secret_wipe(&request->new_pin);
    *request = (mn_card_wire_request){0};
}

void mn_card_wire_answer_wipe(mn_card_wire_answer *answer)
{
    mn_buf_wipe(&answer->text);
    mn_buf_wipe(&answer->payload);
    mn_secret_wipe(&answer->secret);
    *answer = (mn_card_wire_answer){0};
}

/* Append one field to a message that has room for it; bytes of it may be NULL when empty. */
static size_t lay_field(const mn_secret *message, size_t at, const mn_secret *field)
{
    for (size_t i = 0; i < FIELD_LENGTH_BYTES; i++) {
        message->bytes[at + i] = (uint8_t)(field->len >> (8 * (FIELD_LENGTH_BYTES - 1 - i)));
    }
    if (field->len > 0) {
        memcpy(message->bytes + at + FIELD_LENGTH_BYTES, field->bytes, field->len);
    }
    return at + FIELD_LENGTH_BYTES + field->len;
}

/* The public fields and, behind them, the secret ones; last may be NULL. */
static mnsec_status lay_message(const mn_buf *head, const mn_secret *first, const mn_secret *last,
                                mn_secret *out_message)
{
    const size_t len = head->len + FIELD_LENGTH_BYTES + first->len +
                       (last == NULL ? 0 : FIELD_LENGTH_BYTES + last->len);
    if (len > MN_CARD_WIRE_MAX_BYTES) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_secret) message = {0};
    MN_TRY(mn_secret_init(&message, len));
    memcpy(message.bytes, head->bytes, head->len);
    const size_t at = lay_field(&message, head->len, first);
    if (last != NULL) {
        (void)lay_field(&message, at, last);
    }
    mn_secret_move(out_message, &message);
    return MNSEC_OK;
}

static mnsec_status get_bounded(mn_decode *decode, uint64_t max, uint64_t *out_value)
{
    MN_TRY(mn_decode_u64(decode, out_value));
    return *out_value > max ? MNSEC_E_USAGE_FORMAT : MNSEC_OK;
}

static mnsec_status get_buf(mn_decode *decode, mn_buf *out_bytes)
{
    mn_bytes field;
    MN_TRY(mn_decode_bytes(decode, &field));
    return mn_buf_append(out_bytes, field.bytes, field.len);
}

static mnsec_status get_secret(mn_decode *decode, size_t max, mn_secret *out_secret)
{
    mn_bytes field;
    MN_TRY(mn_decode_bytes(decode, &field));
    if (field.len > max) {
        return MNSEC_E_USAGE_FORMAT;
    }
    return field.len == 0 ? MNSEC_OK : mn_secret_copy(out_secret, field.bytes, field.len);
}

static mnsec_status get_clean_text(mn_decode *decode, size_t max, mn_buf *out_text)
{
    MN_TRY(mn_decode_text(decode, out_text));
    return out_text->len <= max && mn_text_is_clean(mn_buf_view(out_text), false)
               ? MNSEC_OK
               : MNSEC_E_USAGE_FORMAT;
}

/* --- requests --- */

static bool is_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static bool fits_command(const mn_card_wire_request *request)
{
    for (size_t i = 0; i < sizeof(request_shapes) / sizeof(request_shapes[0]); i++) {
        if (request_shapes[i].command != request->command) {
            continue;
        }
        return (request_shapes[i].method || request->method == MN_CARD_METHOD_NONE) &&
               (request_shapes[i].consent || !request->final_try_consent) &&
               (request_shapes[i].card ||
                is_zero(request->spki_hash, sizeof(request->spki_hash))) &&
               (request_shapes[i].payload || request->payload.len == 0) &&
               (request_shapes[i].pin || mn_secret_is_empty(&request->pin)) &&
               request_shapes[i].new_pin == !mn_secret_is_empty(&request->new_pin);
    }
    return false;
}

mnsec_status mn_card_wire_put_request(const mn_card_wire_request *request, mn_secret *out_message)
{
    if (!fits_command(request) || request->pin.len > MN_CARD_WIRE_PIN_MAX_BYTES ||
        request->new_pin.len > MN_CARD_WIRE_PIN_MAX_BYTES) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) head = {0};
    MN_TRY(mn_encode_begin(&head, REQUEST));
    MN_TRY(mn_encode_u64(&head, request->command));
    MN_TRY(mn_encode_u64(&head, request->method));
    MN_TRY(mn_encode_u64(&head, request->final_try_consent));
    MN_TRY(mn_encode_bytes(&head, request->spki_hash, sizeof(request->spki_hash)));
    MN_TRY(mn_encode_bytes(&head, request->payload.bytes, request->payload.len));
    return lay_message(&head, &request->pin, &request->new_pin, out_message);
}

mnsec_status mn_card_wire_get_request(const mn_secret *message, mn_card_wire_request *out_request)
{
    MN_AUTO(mn_card_wire_request) request = {0};
    uint64_t command;
    uint64_t method;
    uint64_t consent;
    mn_decode decode;
    MN_TRY(mn_decode_begin(&decode, mn_bytes_of(message->bytes, message->len), REQUEST));
    MN_TRY(get_bounded(&decode, MN_CARD_COMMAND_CHANGE_PIN, &command));
    MN_TRY(get_bounded(&decode, MN_CARD_METHOD_RSA_SIGN, &method));
    MN_TRY(get_bounded(&decode, 1, &consent));
    MN_TRY(mn_decode_fixed(&decode, request.spki_hash, sizeof(request.spki_hash)));
    MN_TRY(get_buf(&decode, &request.payload));
    MN_TRY(get_secret(&decode, MN_CARD_WIRE_PIN_MAX_BYTES, &request.pin));
    MN_TRY(get_secret(&decode, MN_CARD_WIRE_PIN_MAX_BYTES, &request.new_pin));
    MN_TRY(mn_decode_end(&decode));
    request.command = (mn_card_command)command;
    request.method = (mn_card_method)method;
    request.final_try_consent = consent == 1;
    if (!fits_command(&request)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_card_wire_request_wipe(out_request);
    *out_request = request;
    request = (mn_card_wire_request){0};
    return MNSEC_OK;
}

/* --- answers --- */

bool mn_card_wire_can_say(mnsec_status status)
{
    for (size_t i = 0; i < sizeof(answer_statuses) / sizeof(answer_statuses[0]); i++) {
        if (answer_statuses[i] == status) {
            return true;
        }
    }
    return false;
}

/* A failure has a reason and nothing else; a removal has nothing at all. */
static bool is_consistent(const mn_card_wire_answer *answer)
{
    const bool has_result =
        answer->alg != MN_SIGNATURE_NONE || answer->payload.len > 0 || answer->secret.len > 0;
    const bool has_reason = answer->native != 0 || answer->text.len > 0;
    switch (answer->kind) {
    case MN_CARD_ANSWER_RESULT:
        return answer->status == MNSEC_OK ? !has_reason : !has_result;
    case MN_CARD_ANSWER_REMOVED:
        return answer->status == MNSEC_OK && !has_reason && !has_result;
    case MN_CARD_ANSWER_NONE:
    default:
        return false;
    }
}

mnsec_status mn_card_wire_put_answer(const mn_card_wire_answer *answer, mn_secret *out_message)
{
    if (!is_consistent(answer) || !mn_card_wire_can_say(answer->status)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) head = {0};
    MN_TRY(mn_encode_begin(&head, ANSWER));
    MN_TRY(mn_encode_u64(&head, answer->kind));
    MN_TRY(mn_encode_u64(&head, (uint64_t)answer->status));
    MN_TRY(mn_encode_u64(&head, (uint64_t)answer->native));
    MN_TRY(mn_encode_bytes(&head, answer->text.bytes, answer->text.len));
    MN_TRY(mn_encode_u64(&head, answer->alg));
    MN_TRY(mn_encode_bytes(&head, answer->payload.bytes, answer->payload.len));
    return lay_message(&head, &answer->secret, NULL, out_message);
}

mnsec_status mn_card_wire_get_answer(const mn_secret *message, mn_card_wire_answer *out_answer)
{
    MN_AUTO(mn_card_wire_answer) answer = {0};
    uint64_t kind;
    uint64_t status;
    uint64_t native;
    uint64_t alg;
    mn_decode decode;
    MN_TRY(mn_decode_begin(&decode, mn_bytes_of(message->bytes, message->len), ANSWER));
    MN_TRY(get_bounded(&decode, MN_CARD_ANSWER_REMOVED, &kind));
    MN_TRY(get_bounded(&decode, INT_MAX, &status));
    MN_TRY(get_bounded(&decode, UINT32_MAX, &native));
    MN_TRY(get_clean_text(&decode, TEXT_MAX_BYTES, &answer.text));
    MN_TRY(get_bounded(&decode, MN_SIGNATURE_RSA_PSS_SHA256, &alg));
    MN_TRY(get_buf(&decode, &answer.payload));
    MN_TRY(get_secret(&decode, MN_CARD_WIRE_SECRET_BYTES, &answer.secret));
    MN_TRY(mn_decode_end(&decode));
    if (!mn_card_wire_can_say((mnsec_status)status)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    answer.kind = (mn_card_wire_answer_kind)kind;
    answer.status = (mnsec_status)status;
    answer.native = (long)native;
    answer.alg = (mn_signature_alg)alg;
    if (!is_consistent(&answer)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_card_wire_answer_wipe(out_answer);
    *out_answer = answer;
    answer = (mn_card_wire_answer){0};
    return MNSEC_OK;
}

/* --- the list of cards --- */

static void card_list_wipe(card_list *list)
{
    for (size_t i = 0; i < MN_CARD_MAX; i++) {
        mn_card_info_wipe(&list->cards[i]);
    }
}

/* What is known of a card as yes or no, in the order of the bits of one integer. */
static bool *flag_of(mn_card_info *card, size_t bit)
{
    bool *const flags[] = {
        &card->can_bind_ecdh, &card->can_bind_rsa_decrypt, &card->can_bind_rsa_sign, &card->pin_pad,
        &card->pin_count_low, &card->pin_final_try,        &card->pin_locked,
    };
    return bit < sizeof(flags) / sizeof(flags[0]) ? flags[bit] : NULL;
}

static mnsec_status put_card(const mn_card_info *card, mn_buf *payload)
{
    mn_card_info copy = *card; /* only to look at its flags */
    uint64_t flags = 0;
    for (size_t bit = 0; flag_of(&copy, bit) != NULL; bit++) {
        flags |= (uint64_t)*flag_of(&copy, bit) << bit;
    }
    MN_TRY(mn_encode_bytes(payload, card->spki_hash, sizeof(card->spki_hash)));
    MN_TRY(mn_encode_bytes(payload, card->certificate.bytes, card->certificate.len));
    MN_TRY(mn_encode_text(payload, card->label));
    MN_TRY(mn_encode_text(payload, card->reader));
    MN_TRY(mn_encode_u64(payload, card->sign_alg));
    return mn_encode_u64(payload, flags);
}

static mnsec_status get_line(mn_decode *decode, char *out_line, size_t size)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(get_clean_text(decode, size - 1, &text));
    memcpy(out_line, mn_buf_text(&text), text.len + 1);
    return MNSEC_OK;
}

static mnsec_status get_card(mn_decode *decode, mn_card_info *out_card)
{
    uint64_t alg;
    uint64_t flags;
    MN_TRY(mn_decode_fixed(decode, out_card->spki_hash, sizeof(out_card->spki_hash)));
    MN_TRY(get_buf(decode, &out_card->certificate));
    MN_TRY(get_line(decode, out_card->label, sizeof(out_card->label)));
    MN_TRY(get_line(decode, out_card->reader, sizeof(out_card->reader)));
    MN_TRY(get_bounded(decode, MN_SIGNATURE_RSA_PSS_SHA256, &alg));
    MN_TRY(mn_decode_u64(decode, &flags));
    out_card->sign_alg = (mn_signature_alg)alg;
    size_t bit = 0;
    for (; flag_of(out_card, bit) != NULL; bit++) {
        *flag_of(out_card, bit) = (flags >> bit & 1) != 0;
    }
    return flags >> bit == 0 && out_card->certificate.len > 0 &&
                   out_card->certificate.len <= MN_CARD_WIRE_CERTIFICATE_MAX_BYTES
               ? MNSEC_OK
               : MNSEC_E_USAGE_FORMAT;
}

mnsec_status mn_card_wire_put_cards(const mn_card_info *cards, size_t count, mn_buf *out_payload)
{
    MN_AUTO(mn_buf) payload = {0};
    MN_TRY(mn_encode_begin(&payload, CARDS));
    MN_TRY(mn_encode_u64(&payload, count));
    for (size_t i = 0; i < count; i++) {
        MN_TRY(put_card(&cards[i], &payload));
    }
    mn_buf_move(out_payload, &payload);
    return MNSEC_OK;
}

mnsec_status mn_card_wire_get_cards(mn_bytes payload, mn_card_info *out_cards, size_t *out_count)
{
    uint64_t count;
    mn_decode decode;
    MN_TRY(mn_decode_begin(&decode, payload, CARDS));
    MN_TRY(get_bounded(&decode, MN_CARD_MAX, &count));
    MN_AUTO(card_list) list = {0};
    for (size_t i = 0; i < count; i++) {
        MN_TRY(get_card(&decode, &list.cards[i]));
    }
    MN_TRY(mn_decode_end(&decode));
    memcpy(out_cards, list.cards, sizeof(list.cards));
    *out_count = count;
    list = (card_list){0};
    return MNSEC_OK;
}
