/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The worker's side without the worker: requests answered in this process, so that a sanitizer sees
 * all of it.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "card_fixture.h"
#include "token/card_binding.h"
#include "token/card_server.h"

static mn_card_server *server;
static uint8_t spki_hash[32];

static mnsec_status ask(mn_card_wire_request *request, mn_card_wire_answer *out_answer)
{
    mn_card_server_answer(server, request, out_answer);
    cr_assert_eq(out_answer->kind, MN_CARD_ANSWER_RESULT);
    return out_answer->status;
}

static mnsec_status run(mn_card_command command)
{
    MN_AUTO(mn_card_wire_request) request = {.command = command};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    return ask(&request, &answer);
}

static mnsec_status log_in(void)
{
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_LOGIN};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    memcpy(request.spki_hash, spki_hash, sizeof(spki_hash));
    cr_assert_eq(mn_secret_copy(&request.pin, CARD_FIXTURE_PIN, strlen(CARD_FIXTURE_PIN)),
                 MNSEC_OK);
    return ask(&request, &answer);
}

/* The one card in the reader is the one to log in to. */
static void look(void)
{
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_LIST};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    mn_card_info cards[MN_CARD_MAX] = {0};
    size_t count = 0;
    cr_assert_eq(ask(&request, &answer), MNSEC_OK, "%s", mn_buf_text(&answer.text));
    cr_assert_eq(mn_card_wire_get_cards(mn_buf_view(&answer.payload), cards, &count), MNSEC_OK);
    cr_assert_eq(count, 1);
    memcpy(spki_hash, cards[0].spki_hash, sizeof(spki_hash));
    mn_card_info_wipe(&cards[0]);
}

static void begin(void)
{
    card_fixture_make();
    card_fixture_card("taro", "standard");
    cr_assert_eq(mn_card_server_new(card_fixture_module(), NULL, &server), MNSEC_OK);
    look();
}

static void end(void)
{
    mn_card_server_free(server);
    card_fixture_remove();
}

TestSuite(card_server, .init = begin, .fini = end);

Test(card_server, binds_and_opens_a_secret)
{
    MN_AUTO(mn_card_wire_request) bind = {.command = MN_CARD_COMMAND_BIND};
    MN_AUTO(mn_card_wire_request) open = {.command = MN_CARD_COMMAND_SECRET};
    MN_AUTO(mn_card_wire_answer) bound = {0};
    MN_AUTO(mn_card_wire_answer) opened = {0};
    cr_assert_eq(log_in(), MNSEC_OK);
    cr_assert_eq(ask(&bind, &bound), MNSEC_OK);
    cr_assert_eq(mn_buf_append(&open.payload, bound.payload.bytes, bound.payload.len), MNSEC_OK);

    cr_assert_eq(ask(&open, &opened), MNSEC_OK);

    cr_assert(mn_secret_equal(&bound.secret, &opened.secret));
}

Test(card_server, signs)
{
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_SIGN};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    cr_assert_eq(mn_buf_append_text(&request.payload, "{}"), MNSEC_OK);
    cr_assert_eq(log_in(), MNSEC_OK);

    cr_assert_eq(ask(&request, &answer), MNSEC_OK);

    cr_assert_eq(answer.payload.len, 64);
    cr_assert_eq(answer.alg, MN_SIGNATURE_ECDSA_P256_SHA256);
}

Test(card_server, does_not_sign_what_would_be_a_secret_whoever_asks)
{
    MN_AUTO(mn_card_binding) binding = {.method = MN_CARD_METHOD_RSA_SIGN};
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_SIGN};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    cr_assert_eq(mn_card_binding_message(&binding, &request.payload), MNSEC_OK);
    cr_assert_eq(log_in(), MNSEC_OK);

    cr_assert_eq(ask(&request, &answer), MNSEC_E_USAGE);
}

Test(card_server, refuses_a_binding_that_is_none)
{
    MN_AUTO(mn_card_wire_request) request = {.command = MN_CARD_COMMAND_SECRET};
    MN_AUTO(mn_card_wire_answer) answer = {0};
    cr_assert_eq(mn_buf_append_text(&request.payload, "no binding"), MNSEC_OK);
    cr_assert_eq(log_in(), MNSEC_OK);

    cr_assert_eq(ask(&request, &answer), MNSEC_E_USAGE_FORMAT);
}

Test(card_server, answers_an_unknown_request)
{
    cr_assert_eq(run((mn_card_command)99), MNSEC_E_USAGE);
}

Test(card_server, wants_a_log_in_for_what_needs_one)
{
    cr_expect_eq(run(MN_CARD_COMMAND_PRESENT), MNSEC_E_STATE_LOCKED);
    cr_expect_eq(run(MN_CARD_COMMAND_BIND), MNSEC_E_STATE_LOCKED);
    cr_expect_eq(run(MN_CARD_COMMAND_SECRET), MNSEC_E_STATE_LOCKED);
    cr_expect_eq(run(MN_CARD_COMMAND_SIGN), MNSEC_E_STATE_LOCKED);
}

Test(card_server, tells_once_that_the_card_has_left)
{
    cr_assert_eq(log_in(), MNSEC_OK);
    cr_assert_not(mn_card_server_has_lost(server));
    card_fixture_pull("taro");

    cr_expect(mn_card_server_has_lost(server));
    cr_expect_not(mn_card_server_has_lost(server));

    cr_expect_not(mn_card_server_is_logged_in(server));
    cr_expect_eq(run(MN_CARD_COMMAND_SIGN), MNSEC_E_CARD_REMOVED);
}

Test(card_server, takes_a_session_that_is_no_longer_logged_in_for_lost)
{
    cr_assert_eq(log_in(), MNSEC_OK);
    card_fixture_plan("C_GetSessionInfo 1 once CKR_SESSION_HANDLE_INVALID\n");

    cr_assert(mn_card_server_has_lost(server));
}

Test(card_server, leaves_no_derived_key_behind)
{
    card_fixture_pull("taro");
    card_fixture_card("hanako", "ec");
    look();
    cr_assert_eq(log_in(), MNSEC_OK);

    cr_assert_eq(run(MN_CARD_COMMAND_BIND), MNSEC_OK);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_DestroyObject),
                 card_fixture_count(MN_FAULT_C_DeriveKey));
    cr_assert_gt(card_fixture_count(MN_FAULT_C_DeriveKey), 0);
}

Test(card_server, closes_every_session_that_it_opens)
{
    cr_assert_eq(log_in(), MNSEC_OK);
    cr_assert_eq(run(MN_CARD_COMMAND_LIST), MNSEC_OK);

    cr_assert_eq(run(MN_CARD_COMMAND_LOGOUT), MNSEC_OK);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_OpenSession),
                 card_fixture_count(MN_FAULT_C_CloseSession));
    cr_assert_eq(card_fixture_count(MN_FAULT_C_FindObjectsInit),
                 card_fixture_count(MN_FAULT_C_FindObjectsFinal));
}
