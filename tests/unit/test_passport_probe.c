/* SPDX-License-Identifier: Apache-2.0 */
/* What is found out by trying: on SoftHSM as it is, and with mechanisms taken away from it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "token_fixture.h"

TestSuite(passport_probe, .init = token_fixture_make, .fini = token_fixture_remove);

static void log_in(token_fixture *token)
{
    token_fixture_initialise("facility", token);
    cr_assert_eq(mn_keyring_login(token->keyring, &token->user_pin, NULL), MNSEC_OK);
}

static void probe(token_fixture *token, mn_passport *out_passport)
{
    log_in(token);
    cr_assert_eq(mn_passport_probe(token->keyring, out_passport), MNSEC_OK, "%s", token->err.text);
}

Test(passport_probe, finds_what_the_fixture_says_of_softhsm)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) expected = {0};

    probe(&token, &found);

    cr_assert_eq(mn_passport_encode(&found, &bytes), MNSEC_OK);
    cr_assert_eq(mn_passport_encode(&token.passport, &expected), MNSEC_OK);
    cr_assert_eq(bytes.len, expected.len);
    cr_expect_arr_eq(bytes.bytes, expected.bytes, bytes.len);
}

Test(passport_probe, leaves_nothing_on_the_token)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    probe(&token, &found);
    const token_raw raw = token_fixture_raw(&token);
    CK_OBJECT_HANDLE objects[4];
    CK_ULONG count = 99;
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern = {CKA_TOKEN, &yes, sizeof(yes)};

    cr_assert_eq(raw.calls->C_FindObjectsInit(raw.session, &pattern, 1), CKR_OK);
    cr_assert_eq(raw.calls->C_FindObjects(raw.session, objects, 4, &count), CKR_OK);

    cr_expect_eq(count, 0);
}

Test(passport_probe, is_no_error_in_itself)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};

    probe(&token, &found);

    cr_expect_eq(token.err.status, MNSEC_OK, "%s", token.err.text);
    cr_expect(mn_keyring_is_logged_in(token.keyring));
}

Test(passport_probe, chooses_cbc_where_there_is_no_gcm)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan("hide CKM_AES_GCM\n");

    probe(&token, &found);

    cr_expect_eq(found.outer, MN_OUTER_AES_CBC);
    cr_expect(found.trusted_honoured);
}

Test(passport_probe, chooses_cmac_where_there_is_no_hmac)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan("hide CKM_SHA256_HMAC\n");

    probe(&token, &found);

    cr_expect_eq(found.mac, MN_MAC_AES_CMAC);
}

Test(passport_probe, chooses_rsa_where_there_is_no_ecdsa)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan("hide CKM_ECDSA\n");

    probe(&token, &found);

    cr_expect_eq(found.audit_alg, MN_SIGNATURE_RSA_PKCS1_SHA256);
}

Test(passport_probe, promises_no_escrow_where_nothing_wraps)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan("hide CKM_RSA_PKCS_OAEP\n");

    probe(&token, &found);

    cr_expect_eq(found.wrap, 0);
    cr_expect_not(found.trusted_honoured);
    token.passport = found;
    mn_keyring_logout(token.keyring);
    token_fixture_login(&token);
    const mn_key_ref pepper = {.kind = MN_KEY_PEPPER};
    cr_expect_eq(mn_keyring_key_make(token.keyring, &pepper), MNSEC_OK,
                 "and its keys never leave it: %s", token.err.text);
}

typedef struct unfit_case {
    char plan[80];
    char reason[16];
} unfit_case;

ParameterizedTestParameters(passport_probe, says_why_a_token_is_not_fit)
{
    static unfit_case cases[] = {
        {"hide CKM_AES_GCM\nhide CKM_AES_CBC\n", "AES-CBC"},
        {"hide CKM_AES_KEY_GEN\n", "AES-CBC"},
        {"hide CKM_SHA256_HMAC\nhide CKM_AES_CMAC\n", "AES-CMAC"},
        {"hide CKM_ECDSA\nhide CKM_RSA_PKCS\n", "ECDSA"},
    };
    return cr_make_param_array(unfit_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const unfit_case *c, passport_probe, says_why_a_token_is_not_fit)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan(c->plan);
    log_in(&token);

    cr_expect_eq(mn_passport_probe(token.keyring, &found), MNSEC_E_TOKEN_UNSUITABLE);

    cr_expect(strstr(token.err.text, c->reason) != NULL, "%s", token.err.text);
    cr_expect_eq(found.outer, MN_OUTER_NONE, "the output was touched");
}

Test(passport_probe, tells_a_token_that_was_pulled_from_one_that_is_not_fit)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    log_in(&token);
    token_fixture_plan("C_SignInit 1 once remove\n");

    cr_expect_eq(mn_passport_probe(token.keyring, &found), MNSEC_E_TOKEN_FAULT);
}

Test(passport_probe, needs_a_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_initialise("facility", &token);

    cr_expect_eq(mn_passport_probe(token.keyring, &found), MNSEC_E_STATE_LOCKED);
}
