/* SPDX-License-Identifier: Apache-2.0 */
/* A person's card through the real worker, on the simulator's cards. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "card_fixture.h"
#include "crypto/secret/crypto.h"
#include "token/card_binding.h"

#define STATEMENT "{\"_\":\"mnsec-audit/1\"}"

static mn_card_worker *worker;
static mn_error err;
static mn_card_info cards[MN_CARD_MAX];
static size_t card_count;

static void forget_cards(void)
{
    for (size_t i = 0; i < MN_CARD_MAX; i++) {
        mn_card_info_wipe(&cards[i]);
    }
}

static void list(void)
{
    forget_cards();
    mn_error_clear(&err);
    cr_assert_eq(mn_card_list(worker, cards, &card_count), MNSEC_OK, "%s", err.text);
}

static const mn_card_info *card_of(const char *name)
{
    for (size_t i = 0; i < card_count; i++) {
        if (strcmp(cards[i].label, name) == 0) {
            return &cards[i];
        }
    }
    cr_assert_fail("%s is not in the list", name);
    return NULL;
}

/* A card called taro in the reader, looked at. */
static void begin(const char *profile)
{
    card_fixture_card("taro", profile);
    worker = card_fixture_start(0, &err);
    list();
}

static void begin_standard(void)
{
    card_fixture_make();
    begin("standard");
}

static void end(void)
{
    mn_card_worker_free(worker);
    forget_cards();
    card_fixture_remove();
}

TestSuite(card, .init = begin_standard, .fini = end);
TestSuite(card_of_profile, .init = card_fixture_make, .fini = end);

static mnsec_status log_in_to(const char *name, const char *text, bool consent)
{
    MN_AUTO(mn_secret) pin = {0};
    cr_assert_eq(mn_secret_copy(&pin, text, strlen(text)), MNSEC_OK);
    mn_error_clear(&err);
    return mn_card_login(worker, card_of(name)->spki_hash, &pin, consent);
}

static void log_in(void)
{
    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_OK, "%s", err.text);
}

static mnsec_status sign_text(const char *text, mn_signature_alg *out_alg, mn_buf *out_signature)
{
    mn_error_clear(&err);
    return mn_card_sign(worker, mn_bytes_of(text, strlen(text)), out_alg, out_signature);
}

static mnsec_status sign(void)
{
    MN_AUTO(mn_buf) signature = {0};
    mn_signature_alg alg;
    return sign_text(STATEMENT, &alg, &signature);
}

static mnsec_status change_pin(const char *from, const char *to)
{
    MN_AUTO(mn_secret) old_pin = {0};
    MN_AUTO(mn_secret) new_pin = {0};
    cr_assert_eq(mn_secret_copy(&old_pin, from, strlen(from)), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&new_pin, to, strlen(to)), MNSEC_OK);
    mn_error_clear(&err);
    return mn_card_change_pin(worker, card_of("taro")->spki_hash, &old_pin, &new_pin);
}

static bool has_news(int milliseconds)
{
    struct pollfd item = {.fd = mn_card_worker_descriptor(worker), .events = POLLIN};
    return poll(&item, 1, milliseconds) == 1;
}

/* --- list --- */

Test(card_of_profile, is_not_listed_while_it_is_not_inserted)
{
    begin("ec");
    card_fixture_pull("taro");

    list();

    cr_assert_eq(card_count, 0);
}

typedef struct profile_case {
    char profile[16];
    mn_signature_alg alg;
    bool ecdh;
    bool rsa_decrypt;
    bool rsa_sign;
    mn_card_method best;
    mn_fault_fn operation;
} profile_case;

static profile_case profiles[] = {
    {"standard", MN_SIGNATURE_ECDSA_P256_SHA256, false, true, false, MN_CARD_METHOD_RSA_DECRYPT,
     MN_FAULT_C_Decrypt},
    {"ec", MN_SIGNATURE_ECDSA_P256_SHA256, true, false, false, MN_CARD_METHOD_ECDH,
     MN_FAULT_C_DeriveKey},
    {"rsa", MN_SIGNATURE_RSA_PKCS1_SHA256, false, false, true, MN_CARD_METHOD_RSA_SIGN,
     MN_FAULT_C_Sign},
    {"sign-only", MN_SIGNATURE_ECDSA_P256_SHA256, false, false, false, MN_CARD_METHOD_NONE,
     MN_FAULT_C_Sign},
};

ParameterizedTestParameters(card_of_profile, shows_what_it_is_without_a_pin)
{
    return cr_make_param_array(profile_case, profiles, 4);
}

ParameterizedTest(profile_case *param, card_of_profile, shows_what_it_is_without_a_pin)
{
    begin(param->profile);

    const mn_card_info *card = card_of("taro");
    mn_x509_info certificate = {0};
    cr_assert_eq(mn_x509_read(mn_buf_view(&card->certificate), &certificate), MNSEC_OK);
    cr_expect_arr_eq(card->spki_hash, certificate.spki_hash, sizeof(card->spki_hash));
    cr_expect_str_eq(certificate.subject_cn, "taro");
    cr_expect_eq(card->sign_alg, param->alg);
    cr_expect_eq(card->can_bind_ecdh, param->ecdh);
    cr_expect_eq(card->can_bind_rsa_decrypt, param->rsa_decrypt);
    cr_expect_eq(card->can_bind_rsa_sign, param->rsa_sign);
    cr_expect_not(card->pin_pad);
    cr_expect_not(card->pin_count_low);
    cr_expect_neq(card->reader[0], '\0');
    cr_expect_eq(card_fixture_count(MN_FAULT_C_Login), 0);
}

Test(card_of_profile, is_listed_beside_another)
{
    card_fixture_card("hanako", "ec");

    begin("ec");

    cr_assert_eq(card_count, 2);
    cr_assert_arr_neq(card_of("taro")->spki_hash, card_of("hanako")->spki_hash, 32);
}

/* --- log-in --- */

Test(card, takes_one_pin_check_to_log_in)
{
    card_fixture_count_reset();

    log_in();

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 1);
    cr_assert_eq(mn_card_present(worker), MNSEC_OK);
}

Test(card, says_that_a_pin_is_wrong_and_shows_it_from_then_on)
{
    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);

    list();
    cr_assert(card_of("taro")->pin_count_low);
    cr_assert_not(card_of("taro")->pin_final_try);
    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
}

Test(card, keeps_the_last_try_without_consent)
{
    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);
    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);
    card_fixture_count_reset();

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_FINAL_TRY);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
    list();
    cr_assert(card_of("taro")->pin_final_try);
}

Test(card, spends_the_last_try_with_consent)
{
    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);
    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, true), MNSEC_OK);

    mn_card_logout(worker);
    list();
    cr_assert_not(card_of("taro")->pin_count_low);
}

Test(card, is_not_asked_once_its_pin_is_blocked)
{
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(log_in_to("taro", "999999", true), MNSEC_E_CARD_PIN);
    }
    card_fixture_count_reset();

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, true), MNSEC_E_CARD_BLOCKED);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
    list();
    cr_assert(card_of("taro")->pin_locked);
}

Test(card, is_absent_once_pulled)
{
    card_fixture_pull("taro");

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_ABSENT);
}

Test(card, gets_no_pin_that_is_meant_for_another)
{
    card_fixture_card("hanako", "ec");
    list();

    cr_assert_eq(log_in_to("hanako", "999999", false), MNSEC_E_CARD_PIN);

    list();
    cr_assert(card_of("hanako")->pin_count_low);
    cr_assert_not(card_of("taro")->pin_count_low);
}

Test(card, does_not_take_an_open_log_in_for_a_right_pin)
{
    card_fixture_plan("C_Login 1 once CKR_USER_ALREADY_LOGGED_IN\n");

    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_FAULT);

    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
}

Test(card, checks_the_pin_of_every_log_in_even_when_logged_in)
{
    log_in();

    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);

    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
}

Test(card, wants_a_pin_where_there_is_no_pad)
{
    cr_assert_eq(mn_card_login(worker, card_of("taro")->spki_hash, NULL, false), MNSEC_E_USAGE);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
}

Test(card, takes_no_empty_pin)
{
    const mn_secret none = {0};

    cr_assert_eq(mn_card_login(worker, card_of("taro")->spki_hash, &none, false), MNSEC_E_USAGE);
}

Test(card, is_logged_out_when_told)
{
    log_in();

    mn_card_logout(worker);

    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
    cr_assert_eq(card_fixture_count(MN_FAULT_C_Logout), 1);
    cr_assert_eq(card_fixture_count(MN_FAULT_C_Finalize), 1); /* lets go of the card */
}

/* --- signatures --- */

ParameterizedTestParameters(card_of_profile, signs_a_statement_by_one_operation)
{
    return cr_make_param_array(profile_case, profiles, 4);
}

ParameterizedTest(profile_case *param, card_of_profile, signs_a_statement_by_one_operation)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) signature = {0};
    mn_signature_alg alg = MN_SIGNATURE_NONE;
    begin(param->profile);
    log_in();
    card_fixture_count_reset();

    cr_assert_eq(sign_text(STATEMENT, &alg, &signature), MNSEC_OK, "%s", err.text);

    cr_expect_eq(alg, param->alg);
    cr_expect_eq(card_fixture_count(MN_FAULT_C_SignInit), 1);
    cr_expect_eq(card_fixture_count(MN_FAULT_C_Sign), 1);
    cr_expect_eq(card_fixture_count(MN_FAULT_C_Login), 0);
    cr_assert_eq(mn_x509_spki(mn_buf_view(&card_of("taro")->certificate), &spki), MNSEC_OK);
    cr_assert_eq(mn_signature_verify(mn_buf_view(&spki), alg,
                                     mn_bytes_of(STATEMENT, strlen(STATEMENT)),
                                     mn_buf_view(&signature)),
                 MNSEC_OK);
}

Test(card, does_not_sign_what_would_be_its_secret)
{
    MN_AUTO(mn_card_binding) binding = {.method = MN_CARD_METHOD_RSA_SIGN};
    MN_AUTO(mn_buf) message = {0};
    MN_AUTO(mn_buf) signature = {0};
    mn_signature_alg alg;
    cr_assert_eq(mn_card_binding_message(&binding, &message), MNSEC_OK);
    log_in();

    cr_assert_eq(mn_card_sign(worker, mn_buf_view(&message), &alg, &signature), MNSEC_E_USAGE);

    cr_assert_eq(signature.len, 0);
}

Test(card, signs_nothing_without_a_log_in)
{
    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
}

Test(card, is_still_logged_in_after_a_signature_that_failed)
{
    log_in();
    card_fixture_plan("C_Sign 1 once late CKR_FUNCTION_FAILED\n");

    cr_assert_eq(sign(), MNSEC_E_CARD_FAULT);
    cr_assert_eq(err.native, 0x6);

    card_fixture_plan(NULL);
    cr_assert_eq(sign(), MNSEC_OK, "%s", err.text);
}

Test(card, refuses_a_statement_that_is_too_long_and_stays_logged_in)
{
    static char text[256 * 1024];
    memset(text, 'a', sizeof(text) - 1);
    MN_AUTO(mn_buf) signature = {0};
    mn_signature_alg alg;
    log_in();

    cr_assert_eq(sign_text(text, &alg, &signature), MNSEC_E_USAGE);

    cr_assert_eq(sign(), MNSEC_OK);
}

/* --- secrets --- */

ParameterizedTestParameters(card_of_profile, gives_the_secret_bound_to_it_again)
{
    return cr_make_param_array(profile_case, profiles, 3);
}

ParameterizedTest(profile_case *param, card_of_profile, gives_the_secret_bound_to_it_again)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) bound = {0};
    MN_AUTO(mn_secret) opened = {0};
    begin(param->profile);
    log_in();
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &binding, &bound), MNSEC_OK, "%s",
                 err.text);
    mn_card_logout(worker);
    log_in();
    card_fixture_count_reset();

    cr_assert_eq(mn_card_secret(worker, &binding, &opened), MNSEC_OK, "%s", err.text);

    cr_expect_eq(binding.method, param->best);
    cr_expect_eq(card_fixture_count(param->operation), 1);
    cr_expect_eq(bound.len, 32);
    cr_expect(mn_secret_equal(&bound, &opened));
}

Test(card_of_profile, that_only_signs_with_ecdsa_cannot_bind)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    begin("sign-only");
    log_in();

    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &binding, &secret),
                 MNSEC_E_CARD_UNSUITABLE);

    cr_expect_eq(binding.method, MN_CARD_METHOD_NONE);
    cr_expect_eq(secret.len, 0);
    cr_expect_eq(sign(), MNSEC_OK);
}

Test(card, binds_by_no_other_method_than_the_one_asked_for)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    log_in();

    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_ECDH, &binding, &secret),
                 MNSEC_E_CARD_UNSUITABLE);
}

Test(card, binds_two_secrets_that_have_nothing_in_common)
{
    MN_AUTO(mn_card_binding) first = {0};
    MN_AUTO(mn_card_binding) second = {0};
    MN_AUTO(mn_secret) one = {0};
    MN_AUTO(mn_secret) other = {0};
    log_in();

    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &first, &one), MNSEC_OK);
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &second, &other), MNSEC_OK);

    cr_assert_not(mn_secret_equal(&one, &other));
}

/* What SoftHSM can: OAEP, but with SHA-1 only. */
Test(card, binds_by_the_padding_that_really_works)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    log_in();

    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_RSA_DECRYPT, &binding, &secret), MNSEC_OK);

    cr_assert_eq(binding.padding, MN_RSA_OAEP_SHA1);
}

static void bind_by_v15(mn_card_binding *out_binding, mn_secret *out_secret)
{
    card_fixture_plan("hide CKM_RSA_PKCS_OAEP\n");
    log_in();
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, out_binding, out_secret), MNSEC_OK, "%s",
                 err.text);
    cr_assert_eq(out_binding->padding, MN_RSA_PKCS1_V15);
}

Test(card, opens_a_secret_bound_by_the_old_padding)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) bound = {0};
    MN_AUTO(mn_secret) opened = {0};
    bind_by_v15(&binding, &bound);

    cr_assert_eq(mn_card_secret(worker, &binding, &opened), MNSEC_OK);

    cr_assert(mn_secret_equal(&bound, &opened));
}

Test(card, does_not_tell_bad_padding_from_good)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) bound = {0};
    MN_AUTO(mn_secret) first = {0};
    MN_AUTO(mn_secret) second = {0};
    bind_by_v15(&binding, &bound);
    binding.data.bytes[17] ^= 1;

    cr_assert_eq(mn_card_secret(worker, &binding, &first), MNSEC_OK);
    cr_assert_eq(mn_card_secret(worker, &binding, &second), MNSEC_OK);

    cr_expect_eq(first.len, bound.len);
    cr_expect_not(mn_secret_equal(&first, &bound));
    cr_expect(mn_secret_equal(&first, &second));
}

Test(card, opens_nothing_out_of_a_damaged_binding)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    log_in();
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &binding, &secret), MNSEC_OK);
    mn_secret_wipe(&secret);
    binding.data.bytes[17] ^= 1;

    cr_assert_eq(mn_card_secret(worker, &binding, &secret), MNSEC_E_CARD_FAULT);

    cr_expect_eq(secret.len, 0);
    cr_expect_eq(sign(), MNSEC_OK);
}

Test(card, opens_nothing_that_is_bound_to_another_card)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    card_fixture_card("hanako", "standard");
    list();
    cr_assert_eq(log_in_to("hanako", CARD_FIXTURE_PIN, false), MNSEC_OK);
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &binding, &secret), MNSEC_OK);
    log_in();

    cr_assert_eq(mn_card_secret(worker, &binding, &secret), MNSEC_E_CARD_UNSUITABLE);
}

/* --- removal --- */

Test(card, that_left_is_told_of_and_gone)
{
    log_in();
    cr_assert_not(has_news(0));

    card_fixture_pull("taro");

    cr_expect(has_news(10000));
    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);
    cr_expect_eq(sign(), MNSEC_E_CARD_REMOVED);
    cr_expect_not(has_news(0));
}

Test(card, that_left_and_came_back_is_gone_for_the_log_in)
{
    log_in();

    card_fixture_pull("taro");
    card_fixture_insert("taro");

    cr_expect_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);
    cr_expect_eq(sign(), MNSEC_E_CARD_REMOVED);
}

Test(card, that_left_and_came_back_does_not_sign)
{
    log_in();
    card_fixture_pull("taro");
    card_fixture_insert("taro");

    cr_assert_eq(sign(), MNSEC_E_CARD_REMOVED);
}

Test(card, that_came_back_may_log_in_anew)
{
    log_in();
    card_fixture_pull("taro");
    cr_assert_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);
    card_fixture_insert("taro");

    log_in();

    cr_assert_eq(sign(), MNSEC_OK, "%s", err.text);
}

Test(card, does_not_mind_that_another_card_leaves)
{
    card_fixture_card("hanako", "ec");
    list();
    log_in();

    card_fixture_pull("hanako");

    cr_assert_eq(mn_card_present(worker), MNSEC_OK);
}

Test(card, whose_log_in_another_program_ended_is_gone)
{
    log_in();
    card_fixture_plan("C_Sign 1 once CKR_USER_NOT_LOGGED_IN\n");

    cr_assert_eq(sign(), MNSEC_E_CARD_REMOVED);

    cr_assert_eq(mn_card_present(worker), MNSEC_E_CARD_REMOVED);
}

/* From log-in to signature, as a session does it. */
static mnsec_status walk(const mn_card_binding *binding)
{
    MN_AUTO(mn_secret) secret = {0};
    MN_AUTO(mn_secret) pin = {0};
    MN_TRY(mn_secret_copy(&pin, CARD_FIXTURE_PIN, strlen(CARD_FIXTURE_PIN)));
    MN_TRY(mn_card_login(worker, card_of("taro")->spki_hash, &pin, false));
    MN_TRY(mn_card_secret(worker, binding, &secret));
    return sign();
}

static bool is_of_a_card_that_left(mnsec_status status)
{
    return status == MNSEC_E_CARD_ABSENT || status == MNSEC_E_CARD_REMOVED;
}

Test(card, may_be_pulled_at_any_call)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    log_in();
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &binding, &secret), MNSEC_OK);
    mn_card_logout(worker);
    card_fixture_count_reset();
    cr_assert_eq(walk(&binding), MNSEC_OK);
    const uint64_t calls = card_fixture_count(MN_FAULT_ANY);
    uint64_t failures = 0;

    for (uint64_t n = 1; n <= calls; n++) {
        char plan[64];
        mn_card_logout(worker);
        card_fixture_insert("taro");
        (void)snprintf(plan, sizeof(plan), "* %" PRIu64 " once remove\n", n);
        card_fixture_plan(plan);
        mn_error_clear(&err);
        const mnsec_status status = walk(&binding);
        cr_expect(status == MNSEC_OK || is_of_a_card_that_left(status), "call %" PRIu64 ": %s, %s",
                  n, mnsec_status_name(status), err.text);
        failures += status != MNSEC_OK;
    }

    cr_assert_gt(failures, calls / 2);
    card_fixture_plan(NULL);
    card_fixture_insert("taro");
    cr_assert_eq(walk(&binding), MNSEC_OK);
}

Test(card, may_fail_at_any_call)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    log_in();
    cr_assert_eq(mn_card_bind(worker, MN_CARD_METHOD_NONE, &binding, &secret), MNSEC_OK);
    mn_card_logout(worker);
    card_fixture_count_reset();
    cr_assert_eq(walk(&binding), MNSEC_OK);
    const uint64_t calls = card_fixture_count(MN_FAULT_ANY);

    for (uint64_t n = 1; n <= calls; n++) {
        char plan[64];
        mn_card_logout(worker);
        (void)snprintf(plan, sizeof(plan), "* %" PRIu64 " once CKR_GENERAL_ERROR\n", n);
        card_fixture_plan(plan);
        mn_error_clear(&err);
        const mnsec_status status = walk(&binding);
        cr_expect(status == MNSEC_OK || mnsec_status_class(status) == MNSEC_CLASS_CARD,
                  "call %" PRIu64 ": %s, %s", n, mnsec_status_name(status), err.text);
    }

    card_fixture_plan(NULL);
    mn_card_logout(worker);
    cr_assert_eq(walk(&binding), MNSEC_OK);
    list();
    cr_assert_not(card_of("taro")->pin_count_low);
}

/* --- PIN change --- */

Test(card, has_another_pin_after_a_change)
{
    cr_assert_eq(change_pin(CARD_FIXTURE_PIN, "765432"), MNSEC_OK, "%s", err.text);

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_PIN);
    cr_assert_eq(log_in_to("taro", "765432", false), MNSEC_OK);
}

Test(card, changes_no_pin_without_the_old_one)
{
    cr_assert_eq(change_pin("999999", "765432"), MNSEC_E_CARD_PIN);

    log_in();
}

Test(card, says_that_a_new_pin_is_not_taken)
{
    cr_assert_eq(change_pin(CARD_FIXTURE_PIN, "1"), MNSEC_E_USAGE_FORMAT);

    log_in();
}

Test(card, stays_logged_in_when_its_pin_is_changed)
{
    log_in();

    cr_assert_eq(change_pin(CARD_FIXTURE_PIN, "765432"), MNSEC_OK, "%s", err.text);

    cr_assert_eq(sign(), MNSEC_OK, "%s", err.text);
}

Test(card, keeps_the_last_try_when_its_pin_is_changed)
{
    cr_assert_eq(change_pin("999999", "765432"), MNSEC_E_CARD_PIN);
    cr_assert_eq(change_pin("999999", "765432"), MNSEC_E_CARD_PIN);

    cr_assert_eq(change_pin(CARD_FIXTURE_PIN, "765432"), MNSEC_E_CARD_FINAL_TRY);
}

/* --- tries: no trap costs one --- */

static void restart(void)
{
    mn_card_worker_free(worker);
    worker = card_fixture_start(0, &err);
    list();
}

typedef struct trap {
    char plan[80];
    mnsec_status status; /* of a wrong PIN */
} trap;

/* Flags that say nothing, say less, are stale; a wrong PIN that is not called one. */
ParameterizedTestParameters(card_of_profile, keeps_the_last_try_whatever_the_token_says)
{
    static trap traps[] = {
        {"pin-flags none\n", MNSEC_E_CARD_PIN},
        {"pin-flags no-count-low\n", MNSEC_E_CARD_PIN},
        {"pin-flags none\nC_Login 1 always late CKR_GENERAL_ERROR\n", MNSEC_E_CARD_FAULT},
        {"pin-flags none\nC_Login 1 always late CKR_FUNCTION_FAILED\n", MNSEC_E_CARD_FAULT},
        {"pin-flags none\nC_Login 2 always late CKR_GENERAL_ERROR\n", MNSEC_E_CARD_PIN},
        {"pin-flags none\nC_Login 1 always late CKR_PIN_LEN_RANGE\n", MNSEC_E_CARD_PIN},
        {"pin-flags none\nC_Login 1 always late CKR_USER_ALREADY_LOGGED_IN\n", MNSEC_E_CARD_FAULT},
    };
    return cr_make_param_array(trap, traps, sizeof(traps) / sizeof(traps[0]));
}

ParameterizedTest(trap *param, card_of_profile, keeps_the_last_try_whatever_the_token_says)
{
    begin("standard");
    card_fixture_plan(param->plan);
    cr_assert_eq(log_in_to("taro", "999999", false), param->status, "%s", err.text);
    cr_assert_neq(log_in_to("taro", "999999", false), MNSEC_OK);
    restart();
    card_fixture_count_reset();

    cr_expect_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_FINAL_TRY);

    cr_expect_eq(card_fixture_count(MN_FAULT_C_Login), 0);
    cr_expect(card_of("taro")->pin_final_try);
    card_fixture_plan(NULL);
    cr_expect_eq(log_in_to("taro", CARD_FIXTURE_PIN, true), MNSEC_OK, "%s", err.text);
    restart();
    cr_expect_not(card_of("taro")->pin_count_low);
}

Test(card, believes_the_token_where_it_is_more_careful_than_we_are)
{
    card_fixture_plan("pin-flags always-final\n");

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_FINAL_TRY);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
}

Test(card, keeps_the_last_try_over_the_end_of_a_worker_that_hung_at_the_pin)
{
    mn_card_worker_free(worker);
    worker = card_fixture_start(1000, &err);
    card_fixture_plan("pin-flags none\nC_Login 1 always hang\n");
    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_TIMEOUT);
    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_TIMEOUT);

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_FINAL_TRY);
}

Test(card, submits_a_pin_once_though_it_is_refused_after_the_card_came_back)
{
    log_in();
    card_fixture_pull("taro");
    card_fixture_insert("taro");
    card_fixture_plan("C_Login 1 once CKR_PIN_INCORRECT\n");
    card_fixture_count_reset();

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_PIN);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 1);
    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_OK);
}

Test(card, is_not_logged_in_by_the_answer_that_somebody_is)
{
    card_fixture_plan("C_Login 1 always CKR_USER_ALREADY_LOGGED_IN\n");

    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_FAULT);

    cr_assert_eq(sign(), MNSEC_E_STATE_LOCKED);
}

Test(card, gets_no_pin_where_another_answers_in_its_place)
{
    card_fixture_card("hanako", "ec");
    list();
    card_fixture_pull("taro");
    card_fixture_count_reset();

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, false), MNSEC_E_CARD_ABSENT);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
    list();
    cr_assert_not(card_of("hanako")->pin_count_low);
}

Test(card, counts_a_wrong_old_pin_of_a_change_as_a_try)
{
    card_fixture_plan("pin-flags none\n");
    cr_assert_eq(change_pin("999999", "654321"), MNSEC_E_CARD_PIN);
    cr_assert_eq(log_in_to("taro", "999999", false), MNSEC_E_CARD_PIN);

    cr_assert_eq(change_pin(CARD_FIXTURE_PIN, "654321"), MNSEC_E_CARD_FINAL_TRY);

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, true), MNSEC_OK);
}

Test(card, gets_no_pin_where_its_tries_cannot_be_kept)
{
    FILE *file = fopen(card_fixture_tries(), "w");
    cr_assert_not_null(file);
    (void)fclose(file);
    card_fixture_count_reset();

    cr_assert_eq(log_in_to("taro", CARD_FIXTURE_PIN, true), MNSEC_E_STORE, "%s", err.text);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
}
