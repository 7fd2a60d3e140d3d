/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library and the card worker tell each other, each taking the other for hostile. The
 * first byte is the decoder. What is read is written back byte for byte.
 */
#include "crypto/secret/crypto.h"
#include "fuzz.h"
#include "token/card_wire.h"

static void check_same(mn_bytes input, const mn_secret *again)
{
    FUZZ_HOLDS(fuzz_is_same(input, mn_bytes_of(again->bytes, again->len)));
}

static void try_request(mn_bytes input)
{
    MN_AUTO(mn_secret) message = {0};
    MN_AUTO(mn_secret) again = {0};
    MN_AUTO(mn_card_wire_request) request = {0};
    FUZZ_HOLDS(mn_secret_copy(&message, input.bytes, input.len) == MNSEC_OK);
    if (mn_card_wire_get_request(&message, &request) == MNSEC_OK) {
        FUZZ_HOLDS(mn_card_wire_put_request(&request, &again) == MNSEC_OK);
        check_same(input, &again);
    }
}

static void try_answer(mn_bytes input)
{
    MN_AUTO(mn_secret) message = {0};
    MN_AUTO(mn_secret) again = {0};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    FUZZ_HOLDS(mn_secret_copy(&message, input.bytes, input.len) == MNSEC_OK);
    if (mn_card_wire_get_answer(&message, &answer) == MNSEC_OK) {
        FUZZ_HOLDS(mn_card_wire_put_answer(&answer, &again) == MNSEC_OK);
        check_same(input, &again);
    }
}

static void try_cards(mn_bytes input)
{
    MN_AUTO(mn_buf) again = {0};
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 0;
    if (mn_card_wire_get_cards(input, cards, &count) == MNSEC_OK) {
        FUZZ_HOLDS(count <= MN_CARD_MAX);
        FUZZ_HOLDS(mn_card_wire_put_cards(cards, count, &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
    for (size_t i = 0; i < MN_CARD_MAX; i++) {
        mn_card_info_wipe(&cards[i]);
    }
}

static void try_binding(mn_bytes input)
{
    MN_AUTO(mn_buf) again = {0};
    MN_AUTO(mn_card_binding) binding = {0};
    if (mn_card_binding_decode(input, &binding) == MNSEC_OK) {
        FUZZ_HOLDS(mn_card_binding_encode(&binding, &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(mn_bytes input) = {try_request, try_answer, try_cards,
                                                       try_binding};
    mn_bytes input = mn_bytes_of(data, size);
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK);
    decoders[fuzz_choice(&input, sizeof(decoders) / sizeof(decoders[0]))](input);
    return 0;
}
