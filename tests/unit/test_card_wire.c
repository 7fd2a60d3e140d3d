/* SPDX-License-Identifier: Apache-2.0 */
/* What library and card worker say to each other, and what they take for nonsense. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "token/card_wire.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(card_wire, .init = start);

static void set_secret(mn_secret *secret, const char *text)
{
    cr_assert_eq(mn_secret_copy(secret, text, strlen(text)), MNSEC_OK);
}

static void set_buf(mn_buf *buf, const char *text)
{
    cr_assert_eq(mn_buf_append_text(buf, text), MNSEC_OK);
}

static void make_change_pin(mn_card_wire_request *out_request)
{
    out_request->command = MN_CARD_COMMAND_CHANGE_PIN;
    memset(out_request->spki_hash, 7, sizeof(out_request->spki_hash));
    set_secret(&out_request->pin, "123456");
    set_secret(&out_request->new_pin, "7654321");
}

static void make_bound(mn_card_wire_answer *out_answer)
{
    out_answer->kind = MN_CARD_ANSWER_RESULT;
    set_buf(&out_answer->payload, "a binding");
    set_secret(&out_answer->secret, "0123456789abcdef0123456789abcdef");
}

/* Cut at every byte, then lengthened by one: none of it is read. */
static void refuse_every_length(const mn_secret *message,
                                mnsec_status (*read)(const mn_secret *message))
{
    MN_AUTO(mn_secret) longer = {0};
    for (size_t len = 0; len < message->len; len++) {
        const mn_secret cut = {.bytes = message->bytes, .len = len};
        cr_expect_eq(read(&cut), MNSEC_E_USAGE_FORMAT, "cut to %zu bytes", len);
    }
    cr_assert_eq(mn_secret_init(&longer, message->len + 1), MNSEC_OK);
    memcpy(longer.bytes, message->bytes, message->len);
    cr_expect_eq(read(&longer), MNSEC_E_USAGE_FORMAT);
}

static mnsec_status read_request(const mn_secret *message)
{
    MN_AUTO(mn_card_wire_request) request = {0};
    return mn_card_wire_get_request(message, &request);
}

static mnsec_status read_answer(const mn_secret *message)
{
    MN_AUTO(mn_card_wire_answer) answer = {0};
    return mn_card_wire_get_answer(message, &answer);
}

/* --- requests --- */

Test(card_wire, carries_a_request_with_two_pins)
{
    MN_AUTO(mn_card_wire_request) request = {0};
    MN_AUTO(mn_card_wire_request) again = {0};
    MN_AUTO(mn_secret) message = {0};
    make_change_pin(&request);
    cr_assert_eq(mn_card_wire_put_request(&request, &message), MNSEC_OK);

    cr_assert_eq(mn_card_wire_get_request(&message, &again), MNSEC_OK);

    cr_assert_eq(again.command, MN_CARD_COMMAND_CHANGE_PIN);
    cr_assert_arr_eq(again.spki_hash, request.spki_hash, sizeof(request.spki_hash));
    cr_assert(mn_secret_equal(&again.pin, &request.pin));
    cr_assert(mn_secret_equal(&again.new_pin, &request.new_pin));
}

Test(card_wire, carries_a_log_in_by_pin_pad)
{
    MN_AUTO(mn_card_wire_request)
    request = {.command = MN_CARD_COMMAND_LOGIN, .final_try_consent = true};
    MN_AUTO(mn_card_wire_request) again = {0};
    MN_AUTO(mn_secret) message = {0};
    cr_assert_eq(mn_card_wire_put_request(&request, &message), MNSEC_OK);

    cr_assert_eq(mn_card_wire_get_request(&message, &again), MNSEC_OK);

    cr_assert(again.final_try_consent);
    cr_assert(mn_secret_is_empty(&again.pin));
}

Test(card_wire, refuses_a_request_of_any_other_length)
{
    MN_AUTO(mn_card_wire_request) request = {0};
    MN_AUTO(mn_secret) message = {0};
    make_change_pin(&request);
    cr_assert_eq(mn_card_wire_put_request(&request, &message), MNSEC_OK);

    refuse_every_length(&message, read_request);
}

typedef struct request_case {
    char name[32];
    mn_card_command command;
    mn_card_method method;
    bool consent;
    bool has_card;
    char payload[16];
    char pin[8];
    char new_pin[8];
} request_case;

ParameterizedTestParameters(card_wire, sends_no_request_with_a_field_that_is_not_its_own)
{
    static request_case cases[] = {
        {"no command", MN_CARD_COMMAND_NONE, 0, false, false, "", "", ""},
        {"unknown command", (mn_card_command)9, 0, false, false, "", "", ""},
        {"list with a method", MN_CARD_COMMAND_LIST, 1, false, false, "", "", ""},
        {"list with a card", MN_CARD_COMMAND_LIST, 0, false, true, "", "", ""},
        {"logout with a PIN", MN_CARD_COMMAND_LOGOUT, 0, false, false, "", "123456", ""},
        {"present with a payload", MN_CARD_COMMAND_PRESENT, 0, false, false, "x", "", ""},
        {"bind with a payload", MN_CARD_COMMAND_BIND, 1, false, false, "x", "", ""},
        {"sign with consent", MN_CARD_COMMAND_SIGN, 0, true, false, "x", "", ""},
        {"login with two PINs", MN_CARD_COMMAND_LOGIN, 0, false, true, "", "123456", "1"},
        {"change without a new PIN", MN_CARD_COMMAND_CHANGE_PIN, 0, false, true, "", "123456", ""},
    };
    return cr_make_param_array(request_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(request_case *param, card_wire, sends_no_request_with_a_field_that_is_not_its_own)
{
    MN_AUTO(mn_card_wire_request)
    request = {
        .command = param->command, .method = param->method, .final_try_consent = param->consent};
    MN_AUTO(mn_secret) message = {0};
    request.spki_hash[31] = param->has_card ? 1 : 0;
    set_buf(&request.payload, param->payload);
    set_secret(&request.pin, param->pin);
    set_secret(&request.new_pin, param->new_pin);

    cr_assert_eq(mn_card_wire_put_request(&request, &message), MNSEC_E_USAGE, "%s", param->name);
}

Test(card_wire, sends_no_request_that_is_too_long)
{
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_SIGN};
    MN_AUTO(mn_secret) message = {0};
    uint8_t *room = NULL;
    cr_assert_eq(mn_buf_extend(&request.payload, MN_CARD_WIRE_MAX_BYTES, &room), MNSEC_OK);

    cr_assert_eq(mn_card_wire_put_request(&request, &message), MNSEC_E_USAGE);
}

/* --- answers --- */

Test(card_wire, carries_an_answer_with_a_secret)
{
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_AUTO(mn_card_wire_answer) again = {0};
    MN_AUTO(mn_secret) message = {0};
    make_bound(&answer);
    cr_assert_eq(mn_card_wire_put_answer(&answer, &message), MNSEC_OK);

    cr_assert_eq(mn_card_wire_get_answer(&message, &again), MNSEC_OK);

    cr_assert_str_eq(mn_buf_text(&again.payload), "a binding");
    cr_assert(mn_secret_equal(&again.secret, &answer.secret));
}

Test(card_wire, carries_a_failure_with_its_reason)
{
    MN_AUTO(mn_card_wire_answer)
    answer = {.kind = MN_CARD_ANSWER_RESULT, .status = MNSEC_E_CARD_PIN, .native = 0xa0};
    MN_AUTO(mn_card_wire_answer) again = {0};
    MN_AUTO(mn_secret) message = {0};
    set_buf(&answer.text, "C_Login answered 0xa0");
    cr_assert_eq(mn_card_wire_put_answer(&answer, &message), MNSEC_OK);

    cr_assert_eq(mn_card_wire_get_answer(&message, &again), MNSEC_OK);

    cr_assert_eq(again.status, MNSEC_E_CARD_PIN);
    cr_assert_eq(again.native, 0xa0);
    cr_assert_str_eq(mn_buf_text(&again.text), "C_Login answered 0xa0");
}

Test(card_wire, refuses_an_answer_of_any_other_length)
{
    MN_AUTO(mn_card_wire_answer) answer = {0};
    MN_AUTO(mn_secret) message = {0};
    make_bound(&answer);
    cr_assert_eq(mn_card_wire_put_answer(&answer, &message), MNSEC_OK);

    refuse_every_length(&message, read_answer);
}

typedef struct answer_case {
    char name[40];
    uint64_t kind;
    uint64_t status;
    uint64_t native;
    char text[16];
    uint64_t alg;
    char payload[8];
    char secret[40];
} answer_case;

ParameterizedTestParameters(card_wire, refuses_an_answer_that_contradicts_itself)
{
    static answer_case cases[] = {
        {"no kind", 0, MNSEC_OK, 0, "", 0, "", ""},
        {"unknown kind", 3, MNSEC_OK, 0, "", 0, "", ""},
        {"unknown status", 1, 0x5ff, 0, "", 0, "", ""},
        {"status of another module", 1, MNSEC_E_INTEGRITY, 0, "", 0, "", ""},
        {"status that the library gives", 1, MNSEC_E_CARD_TIMEOUT, 0, "", 0, "", ""},
        {"success with a reason", 1, MNSEC_OK, 0, "x", 0, "", ""},
        {"success with a native code", 1, MNSEC_OK, 5, "", 0, "", ""},
        {"failure with a payload", 1, MNSEC_E_CARD_PIN, 0, "", 0, "x", ""},
        {"failure with a secret", 1, MNSEC_E_CARD_PIN, 0, "", 0, "", "x"},
        {"failure with an algorithm", 1, MNSEC_E_CARD_PIN, 0, "", 1, "", ""},
        {"removal with a status", 2, MNSEC_E_CARD_REMOVED, 0, "", 0, "", ""},
        {"removal with a payload", 2, MNSEC_OK, 0, "", 0, "x", ""},
        {"unknown algorithm", 1, MNSEC_OK, 0, "", 5, "x", ""},
        {"native code too large", 1, MNSEC_E_CARD_FAULT, 1ULL << 32, "", 0, "", ""},
        {"reason with a line feed", 1, MNSEC_E_CARD_FAULT, 0, "a\nb", 0, "", ""},
        {"reason that is no UTF-8", 1, MNSEC_E_CARD_FAULT, 0, "a\xff", 0, "", ""},
        {"secret too long", 1, MNSEC_OK, 0, "", 0, "", "0123456789abcdef0123456789abcdefX"},
    };
    return cr_make_param_array(answer_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(answer_case *param, card_wire, refuses_an_answer_that_contradicts_itself)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_secret) message = {0};
    cr_assert_eq(mn_encode_begin(&bytes, "mnsec/card-answer/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, param->kind), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, param->status), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, param->native), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&bytes, param->text, strlen(param->text)), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&bytes, param->alg), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&bytes, param->payload, strlen(param->payload)), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&bytes, param->secret, strlen(param->secret)), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&message, bytes.bytes, bytes.len), MNSEC_OK);

    cr_assert_eq(read_answer(&message), MNSEC_E_USAGE_FORMAT, "%s", param->name);
}

Test(card_wire, sends_no_answer_that_would_be_refused)
{
    MN_AUTO(mn_card_wire_answer)
    answer = {.kind = MN_CARD_ANSWER_RESULT, .status = MNSEC_E_CARD_PIN};
    MN_AUTO(mn_secret) message = {0};
    set_buf(&answer.payload, "x");

    cr_assert_eq(mn_card_wire_put_answer(&answer, &message), MNSEC_E_USAGE);
}

/* --- the list of cards --- */

static void make_card(mn_card_info *out_card)
{
    *out_card = (mn_card_info){
        .label = "介護太郎",
        .reader = "Virtual PCD 00 00",
        .sign_alg = MN_SIGNATURE_ECDSA_P256_SHA256,
        .can_bind_rsa_decrypt = true,
        .pin_count_low = true,
        .pin_locked = true,
    };
    memset(out_card->spki_hash, 3, sizeof(out_card->spki_hash));
    set_buf(&out_card->certificate, "certificate");
}

static void wipe_cards(mn_card_info cards[MN_CARD_MAX])
{
    for (size_t i = 0; i < MN_CARD_MAX; i++) {
        mn_card_info_wipe(&cards[i]);
    }
}

Test(card_wire, carries_cards_with_all_that_is_known_of_them)
{
    mn_card_info card;
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 0;
    MN_AUTO(mn_buf) payload = {0};
    make_card(&card);
    cr_assert_eq(mn_card_wire_put_cards(&card, 1, &payload), MNSEC_OK);

    cr_assert_eq(mn_card_wire_get_cards(mn_buf_view(&payload), cards, &count), MNSEC_OK);

    cr_assert_eq(count, 1);
    cr_expect_str_eq(cards[0].label, card.label);
    cr_expect_str_eq(cards[0].reader, card.reader);
    cr_expect_str_eq(mn_buf_text(&cards[0].certificate), "certificate");
    cr_expect_arr_eq(cards[0].spki_hash, card.spki_hash, sizeof(card.spki_hash));
    cr_expect_eq(cards[0].sign_alg, card.sign_alg);
    cr_expect_not(cards[0].can_bind_ecdh);
    cr_expect(cards[0].can_bind_rsa_decrypt);
    cr_expect_not(cards[0].can_bind_rsa_sign);
    cr_expect_not(cards[0].pin_pad);
    cr_expect(cards[0].pin_count_low);
    cr_expect_not(cards[0].pin_final_try);
    cr_expect(cards[0].pin_locked);
    wipe_cards(cards);
    mn_card_info_wipe(&card);
}

Test(card_wire, refuses_a_list_of_cards_at_every_truncation)
{
    mn_card_info card;
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 99;
    MN_AUTO(mn_buf) payload = {0};
    make_card(&card);
    cr_assert_eq(mn_card_wire_put_cards(&card, 1, &payload), MNSEC_OK);

    for (size_t len = 0; len < payload.len; len++) {
        cr_expect_eq(mn_card_wire_get_cards(mn_bytes_of(payload.bytes, len), cards, &count),
                     MNSEC_E_USAGE_FORMAT, "cut to %zu bytes", len);
    }

    cr_assert_eq(count, 99);
    mn_card_info_wipe(&card);
}

typedef struct card_case {
    char name[40];
    uint64_t count;
    size_t certificate_len;
    size_t label_len;
    size_t reader_len;
    char letter;
    uint64_t alg;
    uint64_t flags;
} card_case;

ParameterizedTestParameters(card_wire, refuses_a_list_of_cards_that_does_not_fit)
{
    static card_case cases[] = {
        {"more cards than there are", 2, 8, 1, 1, 'a', 1, 0},
        {"more cards than there may be", MN_CARD_MAX + 1, 8, 1, 1, 'a', 1, 0},
        {"no certificate", 1, 0, 1, 1, 'a', 1, 0},
        {"certificate too long", 1, 6145, 1, 1, 'a', 1, 0},
        {"label too long", 1, 8, 33, 1, 'a', 1, 0},
        {"reader too long", 1, 8, 1, 64, 'a', 1, 0},
        {"control character", 1, 8, 1, 1, '\x1b', 1, 0},
        {"unknown algorithm", 1, 8, 1, 1, 'a', 5, 0},
        {"unknown flag", 1, 8, 1, 1, 'a', 1, 128},
    };
    return cr_make_param_array(card_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(card_case *param, card_wire, refuses_a_list_of_cards_that_does_not_fit)
{
    static uint8_t filled[8192];
    const uint8_t spki_hash[32] = {0};
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 99;
    MN_AUTO(mn_buf) payload = {0};
    memset(filled, param->letter, sizeof(filled));
    cr_assert_eq(mn_encode_begin(&payload, "mnsec/card-list/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&payload, param->count), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&payload, spki_hash, sizeof(spki_hash)), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&payload, filled, param->certificate_len), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&payload, filled, param->label_len), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(&payload, filled, param->reader_len), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&payload, param->alg), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(&payload, param->flags), MNSEC_OK);

    cr_assert_eq(mn_card_wire_get_cards(mn_buf_view(&payload), cards, &count), MNSEC_E_USAGE_FORMAT,
                 "%s", param->name);
    cr_assert_eq(count, 99);
}
