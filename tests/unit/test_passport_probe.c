/* SPDX-License-Identifier: Apache-2.0 */
/* What is found out by trying: on SoftHSM as it is, and with mechanisms taken away from it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
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

typedef struct iv_case {
    char plan[24];
    mn_gcm_iv gcm_iv;
} iv_case;

ParameterizedTestParameters(passport_probe, finds_who_makes_the_iv_and_where_it_comes_back)
{
    static iv_case cases[] = {
        {"gcm-iv in-place\n", MN_GCM_IV_IN_PLACE},
        {"gcm-iv appended\n", MN_GCM_IV_APPENDED},
        {"gcm-iv appended-16\n", MN_GCM_IV_APPENDED_16},
        {"gcm-iv prepended\n", MN_GCM_IV_PREPENDED},
    };
    return cr_make_param_array(iv_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const iv_case *c, passport_probe, finds_who_makes_the_iv_and_where_it_comes_back)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan(c->plan);

    probe(&token, &found);

    cr_expect_eq(found.outer, MN_OUTER_AES_GCM);
    cr_expect_eq(found.gcm_iv, c->gcm_iv);
    cr_expect(found.trusted_honoured);
    cr_expect(found.session_copy);
}

Test(passport_probe, chooses_rsa_where_there_is_no_aes)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan("hide CKM_AES_KEY_GEN\n");

    probe(&token, &found);

    cr_expect_eq(found.outer, MN_OUTER_RSA_OAEP_SHA1, "the simulator has no other");
    cr_expect_eq(found.mac, MN_MAC_HMAC_SHA256);
    cr_expect(found.mechanisms_honoured);
    cr_expect(found.trusted_honoured, "for the keys of the MACs");
}

Test(passport_probe, tells_a_token_without_trust)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    token_fixture_plan("no-trust\n");

    probe(&token, &found);

    cr_expect_not(found.trusted_honoured);
    cr_expect_eq(found.outer, MN_OUTER_AES_GCM);
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
        {"hide CKM_AES_KEY_GEN\nhide CKM_RSA_PKCS_OAEP\n", "RSA-OAEP"},
        {"lie-readable\n", "be read"},
        {"hide CKM_AES_KEY_GEN\nlie-readable\n", "be read"},
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

/* --- the kinds of token of hsm-sim/profiles --- */

typedef struct profile_case {
    char name[24];
    mn_outer_method outer; /* none: refused, and why */
    mn_gcm_iv gcm_iv;
    mn_mac_method mac;
    bool trusted_honoured;
    char reason[16];
} profile_case;

ParameterizedTestParameters(passport_probe, finds_what_each_kind_of_token_can)
{
    static profile_case cases[] = {
        {"network-hsm", MN_OUTER_AES_GCM, MN_GCM_IV_IN_PLACE, MN_MAC_HMAC_SHA256, true, ""},
        {"yubihsm2", MN_OUTER_AES_CBC, MN_GCM_IV_OURS, MN_MAC_HMAC_SHA256, false, ""},
        {"smartcard-hsm", MN_OUTER_AES_CBC, MN_GCM_IV_OURS, MN_MAC_AES_CMAC, false, ""},
        {"tpm", MN_OUTER_AES_CBC, MN_GCM_IV_OURS, MN_MAC_HMAC_SHA256, false, ""},
        {"rsa-only", MN_OUTER_RSA_OAEP_SHA1, MN_GCM_IV_OURS, MN_MAC_HMAC_SHA256, false, ""},
        {"smartcard-hsm-opensc", MN_OUTER_NONE, MN_GCM_IV_OURS, MN_MAC_NONE, false, "AES-CMAC"},
        {"piv", MN_OUTER_NONE, MN_GCM_IV_OURS, MN_MAC_NONE, false, "RSA-OAEP"},
    };
    return cr_make_param_array(profile_case, cases, sizeof(cases) / sizeof(cases[0]));
}

static void become(const char *profile)
{
    char path[1024];
    char plan[4096];
    (void)snprintf(path, sizeof(path), "%s/profiles/%s.profile", TOKEN_FIXTURE_SCRIPTS, profile);
    FILE *file = fopen(path, "re");
    cr_assert_not_null(file, "%s", path);
    const size_t len = fread(plan, 1, sizeof(plan) - 1, file);
    (void)fclose(file);
    plan[len] = '\0';
    token_fixture_plan(plan);
}

ParameterizedTest(const profile_case *c, passport_probe, finds_what_each_kind_of_token_can)
{
    MN_AUTO(token_fixture) token = {0};
    mn_passport found = {0};
    become(c->name);
    log_in(&token);

    const mnsec_status status = mn_passport_probe(token.keyring, &found);

    cr_expect_eq(status, c->outer == MN_OUTER_NONE ? MNSEC_E_TOKEN_UNSUITABLE : MNSEC_OK, "%s: %s",
                 c->name, token.err.text);
    cr_expect(strstr(token.err.text, c->reason) != NULL, "%s: %s", c->name, token.err.text);
    cr_expect_eq(found.outer, c->outer, "%s", c->name);
    cr_expect_eq(found.gcm_iv, c->gcm_iv, "%s", c->name);
    cr_expect_eq(found.mac, c->mac, "%s", c->name);
    cr_expect_eq(found.trusted_honoured, c->trusted_honoured, "%s", c->name);
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
