/* SPDX-License-Identifier: Apache-2.0 */
/* AES-GCM with IVs that the token makes, in each of the ways in which it may give them back. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "token/keyring_internal.h"
#include "token_fixture.h"

TestSuite(keyring_lock, .init = token_fixture_make, .fini = token_fixture_remove);

static const mn_key_ref data_key = {MN_KEY_DATA, {{1, 2, 3}}, 1};

static mn_bytes text(const char *words)
{
    return mn_bytes_of(words, strlen(words));
}

typedef struct iv_case {
    char plan[24];
    mn_gcm_iv gcm_iv;
    size_t iv_bytes;
} iv_case;

static iv_case cases[] = {
    {"gcm-iv in-place\n", MN_GCM_IV_IN_PLACE, 12},
    {"gcm-iv appended\n", MN_GCM_IV_APPENDED, 12},
    {"gcm-iv appended-16\n", MN_GCM_IV_APPENDED_16, 16},
    {"gcm-iv prepended\n", MN_GCM_IV_PREPENDED, 12},
};

static void open_token(const iv_case *c, token_fixture *token)
{
    token_fixture_plan(c->plan);
    token_fixture_initialise("facility", token);
    token->passport.gcm_iv = c->gcm_iv;
    token_fixture_login(token);
    cr_assert_eq(mn_keyring_key_make(token->keyring, &data_key), MNSEC_OK);
}

static void seal(token_fixture *token, mn_buf *out_sealed)
{
    cr_assert_eq(
        mn_keyring_key_seal(token->keyring, &data_key, text("aad"), text("inner"), out_sealed),
        MNSEC_OK, "%s", token->err.text);
}

static mnsec_status open_sealed(token_fixture *token, const char *aad, mn_bytes sealed)
{
    MN_AUTO(mn_secret) opened = {0};
    MN_TRY(mn_keyring_key_open(token->keyring, &data_key, text(aad), sealed, &opened));
    cr_expect_eq(opened.len, 5);
    cr_expect(mn_secret_equal_bytes(opened.bytes, "inner", 5));
    return MNSEC_OK;
}

static void log_in_again(token_fixture *token)
{
    mn_keyring_logout(token->keyring);
    token_fixture_login(token);
}

static void attest(token_fixture *token, mn_buf *out_bytes)
{
    cr_assert_eq(mn_keyring_key_attest(token->keyring, out_bytes), MNSEC_OK, "%s", token->err.text);
}

ParameterizedTestParameters(keyring_lock, opens_what_it_sealed_with_an_iv_of_the_token)
{
    return cr_make_param_array(iv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const iv_case *c, keyring_lock, opens_what_it_sealed_with_an_iv_of_the_token)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_buf) again = {0};
    open_token(c, &token);

    seal(&token, &sealed);
    seal(&token, &again);

    cr_expect_eq(sealed.len, 1 + c->iv_bytes + 5 + 16);
    cr_expect_eq(sealed.bytes[0], MN_OUTER_AES_GCM);
    cr_expect_neq(memcmp(sealed.bytes + 1, again.bytes + 1, c->iv_bytes), 0, "one IV twice");
    log_in_again(&token);
    cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&sealed)), MNSEC_OK);
    cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&again)), MNSEC_OK);
    cr_expect_eq(open_sealed(&token, "dad", mn_buf_view(&again)), MNSEC_E_INTEGRITY);
}

ParameterizedTestParameters(keyring_lock, opens_nothing_of_which_a_bit_was_turned)
{
    return cr_make_param_array(iv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const iv_case *c, keyring_lock, opens_nothing_of_which_a_bit_was_turned)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    open_token(c, &token);
    seal(&token, &sealed);

    for (size_t i = 0; i < sealed.len; i++) {
        sealed.bytes[i] ^= 1;
        cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&sealed)), MNSEC_E_INTEGRITY,
                     "byte %zu", i);
        sealed.bytes[i] ^= 1;
    }
    for (size_t len = 0; len < sealed.len; len++) {
        cr_expect_eq(open_sealed(&token, "aad", mn_bytes_of(sealed.bytes, len)), MNSEC_E_INTEGRITY,
                     "cut to %zu", len);
    }
}

ParameterizedTestParameters(keyring_lock, seals_nothing_when_the_token_gives_no_iv_back)
{
    return cr_make_param_array(iv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const iv_case *c, keyring_lock, seals_nothing_when_the_token_gives_no_iv_back)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    open_token(c, &token);
    token_fixture_plan(NULL); /* now it takes the zeros that it is given */

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text("aad"), text("inner"), &sealed),
                 MNSEC_E_TOKEN_FAULT);

    cr_expect_eq(sealed.len, 0);
}

Test(keyring_lock, does_not_give_its_iv_to_a_token_that_makes_them)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    open_token(&cases[0], &token);
    mn_keyring_logout(token.keyring);
    token.passport.gcm_iv = MN_GCM_IV_OURS;
    token_fixture_login(&token);

    cr_expect_neq(
        mn_keyring_key_seal(token.keyring, &data_key, text("aad"), text("inner"), &sealed),
        MNSEC_OK);
}

Test(keyring_lock, tells_another_key_by_its_check_value)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) attested = {0};
    MN_AUTO(mn_buf) again = {0};
    open_token(&cases[0], &token);
    attest(&token, &attested);
    log_in_again(&token);
    attest(&token, &again);
    cr_assert_eq(attested.len, again.len);
    cr_assert_arr_eq(attested.bytes, again.bytes, again.len);
    cr_assert_eq(mn_keyring_key_test(token.keyring, &data_key, mn_buf_view(&attested)), MNSEC_OK);

    cr_assert_eq(mn_keyring_key_destroy(token.keyring, &data_key), MNSEC_OK);
    cr_assert_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_OK);

    cr_expect_eq(mn_keyring_key_test(token.keyring, &data_key, mn_buf_view(&attested)),
                 MNSEC_E_INTEGRITY_PASSPORT);
}

Test(keyring_lock, keeps_no_key_at_a_spare_that_could_not_be_proven_there)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) blob = {0};
    open_token(&cases[0], &token);

    cr_expect_eq(mn_keyring_escrow_wrap(token.keyring, &data_key, "permanent", &blob),
                 MNSEC_E_TOKEN_UNSUITABLE);
}
