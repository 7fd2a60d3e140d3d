/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on the token by name: made, found again, compared, used at an exact price, attested. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault_client.h"
#include "token/keyring_internal.h"
#include "token_fixture.h"

TestSuite(keyring_key, .init = token_fixture_make, .fini = token_fixture_remove);

static const mn_key_ref data_key = {MN_KEY_DATA, {{1, 2, 3}}, 1};
static const mn_key_ref next_data_key = {MN_KEY_DATA, {{1, 2, 3}}, 2};
static const mn_key_ref index_key = {MN_KEY_INDEX, {{1, 2, 3}}, 1};
static const mn_key_ref pepper_key = {.kind = MN_KEY_PEPPER};
static const mn_key_ref audit_key = {.kind = MN_KEY_AUDIT};

static mn_bytes text(const char *words)
{
    return mn_bytes_of(words, strlen(words));
}

static void make(token_fixture *token, const mn_key_ref *ref)
{
    cr_assert_eq(mn_keyring_key_make(token->keyring, ref), MNSEC_OK, "%s", token->err.text);
}

static void seal(token_fixture *token, const mn_key_ref *ref, mn_buf *out_sealed)
{
    cr_assert_eq(mn_keyring_key_seal(token->keyring, ref, text("aad"), text("inner"), out_sealed),
                 MNSEC_OK, "%s", token->err.text);
}

static mnsec_status open_sealed(token_fixture *token, const mn_key_ref *ref, const char *aad,
                                const mn_buf *sealed)
{
    MN_AUTO(mn_secret) opened = {0};
    MN_TRY(mn_keyring_key_open(token->keyring, ref, text(aad), mn_buf_view(sealed), &opened));
    cr_expect_eq(opened.len, 5);
    cr_expect(mn_secret_equal_bytes(opened.bytes, "inner", 5));
    return MNSEC_OK;
}

static void log_in_again(token_fixture *token)
{
    mn_keyring_logout(token->keyring);
    token_fixture_login(token);
}

/* --- sealing and opening --- */

Test(keyring_key, opens_what_it_sealed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};

    seal(&token, &data_key, &sealed);

    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
    cr_expect_eq(sealed.len, 1 + 12 + 5 + 16);
    cr_expect_eq(sealed.bytes[0], MN_OUTER_AES_GCM);
}

Test(keyring_key, opens_after_another_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    log_in_again(&token);

    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
}

Test(keyring_key, seals_in_exactly_two_calls)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed); /* fills the pool of IVs */
    token_fixture_reset_counts();

    seal(&token, &data_key, &sealed);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_EncryptInit), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Encrypt), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 2);
}

Test(keyring_key, opens_in_exactly_two_calls)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);
    log_in_again(&token);
    token_fixture_reset_counts();

    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_DecryptInit), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Decrypt), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 2);
}

Test(keyring_key, draws_sixty_four_ivs_at_a_time)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    token_fixture_reset_counts();

    for (int i = 0; i < 128; i++) {
        seal(&token, &data_key, &sealed);
    }

    cr_expect_eq(token_fixture_count(MN_FAULT_C_GenerateRandom), 2);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 2 + 2 * 128);
}

Test(keyring_key, never_uses_an_iv_twice)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    uint8_t seen[130][12];
    MN_AUTO(mn_buf) sealed = {0};

    for (size_t i = 0; i < 130; i++) {
        seal(&token, &data_key, &sealed);
        memcpy(seen[i], sealed.bytes + 1, sizeof(seen[i]));
    }

    for (size_t i = 0; i < 130; i++) {
        for (size_t j = 0; j < i; j++) {
            cr_expect_neq(memcmp(seen[i], seen[j], sizeof(seen[i])), 0, "%zu and %zu", i, j);
        }
    }
}

Test(keyring_key, opens_nothing_with_another_aad)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    cr_expect_eq(open_sealed(&token, &data_key, "dad", &sealed), MNSEC_E_INTEGRITY);

    cr_expect_neq(token.err.native, 0, "the token's answer is kept");
}

Test(keyring_key, opens_nothing_with_the_key_of_another_epoch)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    make(&token, &next_data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    cr_expect_eq(open_sealed(&token, &next_data_key, "aad", &sealed), MNSEC_E_INTEGRITY);
}

Test(keyring_key, opens_nothing_of_which_a_bit_was_turned)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    for (size_t i = 0; i < sealed.len; i++) {
        sealed.bytes[i] ^= 0x10;
        cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_E_INTEGRITY, "byte %zu",
                     i);
        sealed.bytes[i] ^= 0x10;
    }

    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
}

Test(keyring_key, opens_nothing_that_was_cut_short)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);
    const size_t whole = sealed.len;

    for (size_t len = 0; len < whole; len++) {
        sealed.len = len;
        cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_E_INTEGRITY, "%zu", len);
    }

    sealed.len = whole;
    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
}

Test(keyring_key, keeps_the_output_untouched_when_it_does_not_open)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) opened = {0};
    seal(&token, &data_key, &sealed);
    cr_assert_eq(mn_secret_copy(&opened, "before", 6), MNSEC_OK);
    sealed.bytes[20] ^= 1;

    cr_expect_eq(
        mn_keyring_key_open(token.keyring, &data_key, text("aad"), mn_buf_view(&sealed), &opened),
        MNSEC_E_INTEGRITY);

    cr_expect_eq(opened.len, 6);
}

Test(keyring_key, refuses_to_seal_more_than_a_value_can_be)
{
    static uint8_t much[64 * 1024 + 1];
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text(""),
                                     mn_bytes_of(much, sizeof(much)), &sealed),
                 MNSEC_E_USAGE);
    cr_expect_eq(sealed.len, 0);
}

Test(keyring_key, seals_and_opens_nothing_at_all)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) opened = {0};

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text("aad"), text(""), &sealed),
                 MNSEC_OK);

    cr_expect_eq(
        mn_keyring_key_open(token.keyring, &data_key, text("aad"), mn_buf_view(&sealed), &opened),
        MNSEC_OK, "%s", token.err.text);
    cr_expect_eq(opened.len, 0);
}

/* --- MACs and signatures --- */

Test(keyring_key, makes_a_mac_in_exactly_two_calls)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &pepper_key);
    MN_AUTO(mn_secret) mac = {0};
    token_fixture_reset_counts();

    cr_assert_eq(mn_keyring_key_mac(token.keyring, &pepper_key, text("message"), &mac), MNSEC_OK);

    cr_expect_eq(mac.len, 32);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_SignInit), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Sign), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 2);
}

Test(keyring_key, makes_the_same_mac_of_the_same_message)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &index_key);
    MN_AUTO(mn_secret) first = {0};
    MN_AUTO(mn_secret) again = {0};
    MN_AUTO(mn_secret) other = {0};
    cr_assert_eq(mn_keyring_key_mac(token.keyring, &index_key, text("one"), &first), MNSEC_OK);
    log_in_again(&token);

    cr_assert_eq(mn_keyring_key_mac(token.keyring, &index_key, text("one"), &again), MNSEC_OK);
    cr_assert_eq(mn_keyring_key_mac(token.keyring, &index_key, text("two"), &other), MNSEC_OK);

    cr_expect(mn_secret_equal(&first, &again));
    cr_expect_not(mn_secret_equal(&first, &other));
}

Test(keyring_key, makes_different_macs_with_different_keys)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &index_key);
    make(&token, &pepper_key);
    MN_AUTO(mn_secret) by_index = {0};
    MN_AUTO(mn_secret) by_pepper = {0};

    cr_assert_eq(mn_keyring_key_mac(token.keyring, &index_key, text("one"), &by_index), MNSEC_OK);
    cr_assert_eq(mn_keyring_key_mac(token.keyring, &pepper_key, text("one"), &by_pepper), MNSEC_OK);

    cr_expect_not(mn_secret_equal(&by_index, &by_pepper));
}

Test(keyring_key, signs_what_its_public_key_verifies)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &audit_key);
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) signature = {0};
    cr_assert_eq(mn_keyring_key_audit_spki(token.keyring, &spki), MNSEC_OK, "%s", token.err.text);
    token_fixture_reset_counts();

    cr_assert_eq(mn_keyring_key_sign(token.keyring, text("checkpoint"), &signature), MNSEC_OK);

    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 2);
    cr_expect_eq(signature.len, 64);
    cr_expect_eq(mn_signature_verify(mn_buf_view(&spki), MN_SIGNATURE_ECDSA_P256_SHA256,
                                     text("checkpoint"), mn_buf_view(&signature)),
                 MNSEC_OK);
    cr_expect_eq(mn_signature_verify(mn_buf_view(&spki), MN_SIGNATURE_ECDSA_P256_SHA256,
                                     text("another"), mn_buf_view(&signature)),
                 MNSEC_E_INTEGRITY);
}

/* --- other methods, chosen by the passport --- */

Test(keyring_key, seals_by_cbc_where_there_is_no_gcm)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_plan("hide CKM_AES_GCM\n");
    token_fixture_initialise("facility", &token);
    token.passport.outer = MN_OUTER_AES_CBC;
    token_fixture_login(&token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};

    seal(&token, &data_key, &sealed);

    cr_expect_eq(sealed.bytes[0], MN_OUTER_AES_CBC);
    cr_expect_eq(sealed.len, 1 + 16 + 96);
    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
    cr_expect_eq(open_sealed(&token, &data_key, "dad", &sealed), MNSEC_E_INTEGRITY);
}

Test(keyring_key, pads_by_cbc_whatever_length_to_a_fixed_size)
{
    static uint8_t bytes[61];
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token.passport.outer = MN_OUTER_AES_CBC;
    token_fixture_login(&token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) opened = {0};

    for (size_t len = 0; len <= sizeof(bytes); len++) {
        cr_assert_eq(mn_keyring_key_seal(token.keyring, &data_key, text("aad"),
                                         mn_bytes_of(bytes, len), &sealed),
                     MNSEC_OK);
        cr_expect_eq(sealed.len, 17 + (len <= 60 ? 96 : 192), "%zu", len);
        cr_assert_eq(mn_keyring_key_open(token.keyring, &data_key, text("aad"),
                                         mn_buf_view(&sealed), &opened),
                     MNSEC_OK);
        cr_expect_eq(opened.len, len);
    }
}

Test(keyring_key, opens_by_cbc_nothing_of_which_a_bit_was_turned)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token.passport.outer = MN_OUTER_AES_CBC;
    token_fixture_login(&token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    for (size_t i = 0; i < sealed.len; i++) {
        sealed.bytes[i] ^= 1;
        cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_E_INTEGRITY, "byte %zu",
                     i);
        sealed.bytes[i] ^= 1;
    }

    for (size_t len = 0; len < sealed.len; len++) {
        MN_AUTO(mn_buf) cut = {0};
        cr_assert_eq(mn_buf_append(&cut, sealed.bytes, len), MNSEC_OK);
        cr_expect_eq(open_sealed(&token, &data_key, "aad", &cut), MNSEC_E_INTEGRITY, "%zu", len);
    }
}

Test(keyring_key, opens_nothing_that_another_method_sealed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    sealed.bytes[0] = MN_OUTER_AES_CBC;

    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_E_INTEGRITY);
}

Test(keyring_key, makes_a_mac_by_cmac_where_there_is_no_hmac)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_plan("hide CKM_SHA256_HMAC\n");
    token_fixture_initialise("facility", &token);
    token.passport.mac = MN_MAC_AES_CMAC;
    token_fixture_login(&token);
    make(&token, &index_key);
    MN_AUTO(mn_secret) mac = {0};

    cr_assert_eq(mn_keyring_key_mac(token.keyring, &index_key, text("message"), &mac), MNSEC_OK,
                 "%s", token.err.text);

    cr_expect_eq(mac.len, 16);
}

Test(keyring_key, signs_by_rsa_where_there_is_no_ecdsa)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_plan("hide CKM_ECDSA\n");
    token_fixture_initialise("facility", &token);
    token.passport.audit_alg = MN_SIGNATURE_RSA_PKCS1_SHA256;
    token_fixture_login(&token);
    make(&token, &audit_key);
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) signature = {0};

    cr_assert_eq(mn_keyring_key_audit_spki(token.keyring, &spki), MNSEC_OK, "%s", token.err.text);
    cr_assert_eq(mn_keyring_key_sign(token.keyring, text("checkpoint"), &signature), MNSEC_OK);

    cr_expect_eq(mn_signature_verify(mn_buf_view(&spki), MN_SIGNATURE_RSA_PKCS1_SHA256,
                                     text("checkpoint"), mn_buf_view(&signature)),
                 MNSEC_OK);
}

/* --- making, finding again, destroying --- */

Test(keyring_key, finds_its_keys_again_at_the_next_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    make(&token, &audit_key);

    log_in_again(&token);

    cr_expect(mn_keyring_key_exists(token.keyring, &data_key));
    cr_expect(mn_keyring_key_exists(token.keyring, &audit_key));
    cr_expect_not(mn_keyring_key_exists(token.keyring, &next_data_key));
    cr_expect_not(mn_keyring_key_exists(token.keyring, &index_key));
}

Test(keyring_key, finds_and_copies_in_one_pass_at_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    make(&token, &index_key);
    make(&token, &pepper_key);
    make(&token, &audit_key);
    mn_keyring_logout(token.keyring);
    token_fixture_reset_counts();

    token_fixture_login(&token);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_FindObjectsInit), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_FindObjectsFinal), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_CopyObject), 3);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_GetAttributeValue), 5, "one for each object");
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Login), 1);
}

Test(keyring_key, copies_nothing_where_the_passport_says_so)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token.passport.session_copy = false;
    token.passport.copy_needs_modifiable = false;
    token_fixture_login(&token);
    make(&token, &data_key);
    token_fixture_reset_counts();
    MN_AUTO(mn_buf) sealed = {0};

    log_in_again(&token);
    seal(&token, &data_key, &sealed);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_CopyObject), 0);
    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
}

Test(keyring_key, makes_no_key_twice)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);

    cr_expect_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_E_STATE_CONFLICT);
    log_in_again(&token);
    cr_expect_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_E_STATE_CONFLICT);

    const token_raw raw = token_fixture_raw(&token);
    cr_expect_eq(
        token_raw_find(&raw, CKO_SECRET_KEY, "mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/1", NULL), 1);
}

Test(keyring_key, takes_in_a_key_that_was_made_by_a_call_that_failed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    token_fixture_plan("C_GenerateKey 1 once late CKR_DEVICE_ERROR\n");
    cr_assert_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_E_TOKEN_FAULT);
    MN_AUTO(mn_buf) sealed = {0};

    cr_expect_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_E_STATE_CONFLICT);

    cr_expect(mn_keyring_key_exists(token.keyring, &data_key));
    seal(&token, &data_key, &sealed);
    log_in_again(&token);
    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK);
}

Test(keyring_key, takes_in_a_pair_that_was_made_by_a_call_that_failed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    token_fixture_plan("C_GenerateKeyPair 1 once late CKR_GENERAL_ERROR\n");
    cr_assert_eq(mn_keyring_key_make(token.keyring, &audit_key), MNSEC_E_TOKEN_FAULT);
    MN_AUTO(mn_buf) signature = {0};

    cr_expect_eq(mn_keyring_key_make(token.keyring, &audit_key), MNSEC_E_STATE_CONFLICT);

    cr_expect_eq(mn_keyring_key_sign(token.keyring, text("text"), &signature), MNSEC_OK);
}

Test(keyring_key, leaves_nothing_on_a_token_that_is_full)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    token_fixture_plan("C_GenerateKey 1 once CKR_DEVICE_MEMORY\n");

    cr_expect_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_E_TOKEN_FULL);

    cr_expect_not(mn_keyring_key_exists(token.keyring, &data_key));
    make(&token, &data_key);
}

typedef struct refused_ref {
    char what[32];
    mn_key_ref ref;
} refused_ref;

ParameterizedTestParameters(keyring_key, makes_no_key_that_has_no_name)
{
    static refused_ref cases[] = {
        {"no kind", {.kind = (mn_key_kind)0}},
        {"another kind", {.kind = (mn_key_kind)5}},
        {"a pepper of a department", {MN_KEY_PEPPER, {{1}}, 0}},
        {"an audit key of an epoch", {MN_KEY_AUDIT, {{0}}, 1}},
    };
    return cr_make_param_array(refused_ref, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const refused_ref *c, keyring_key, makes_no_key_that_has_no_name)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);

    cr_expect_eq(mn_keyring_key_make(token.keyring, &c->ref), MNSEC_E_USAGE, "%s", c->what);
}

Test(keyring_key, refuses_the_department_that_is_one_too_many)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    mn_key_ref ref = {.kind = MN_KEY_DATA, .epoch = 1};
    for (uint8_t i = 1; i <= MN_KEYRING_MAX_DEPARTMENTS; i++) {
        ref.department.bytes[0] = i;
        make(&token, &ref);
    }

    ref.department.bytes[0] = MN_KEYRING_MAX_DEPARTMENTS + 1;
    cr_expect_eq(mn_keyring_key_make(token.keyring, &ref), MNSEC_E_TOKEN_FULL);

    ref.department.bytes[0] = 1;
    ref.epoch = 2;
    cr_expect_eq(mn_keyring_key_make(token.keyring, &ref), MNSEC_OK, "a new epoch has room");
    make(&token, &pepper_key);
}

Test(keyring_key, is_no_longer_used_once_it_is_destroyed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    make(&token, &next_data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    cr_assert_eq(mn_keyring_key_destroy(token.keyring, &data_key), MNSEC_OK);

    cr_expect_not(mn_keyring_key_exists(token.keyring, &data_key));
    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_E_STATE_NOT_FOUND);
    seal(&token, &next_data_key, &sealed);
    log_in_again(&token);
    cr_expect_not(mn_keyring_key_exists(token.keyring, &data_key));
}

Test(keyring_key, leaves_no_copy_of_a_key_that_it_destroyed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    token_fixture_reset_counts();

    cr_assert_eq(mn_keyring_key_destroy(token.keyring, &data_key), MNSEC_OK);

    cr_expect_eq(token_fixture_count(MN_FAULT_C_DestroyObject), 2, "the key and its copy");
}

Test(keyring_key, logs_out_when_the_copy_of_a_destroyed_key_cannot_be_destroyed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    token_fixture_plan("C_DestroyObject 2 once CKR_GENERAL_ERROR\n");

    cr_expect_eq(mn_keyring_key_destroy(token.keyring, &data_key), MNSEC_E_TOKEN_FAULT);

    cr_expect_not(mn_keyring_is_logged_in(token.keyring));
}

Test(keyring_key, keeps_the_pepper_whatever_is_asked_for)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &pepper_key);
    MN_AUTO(mn_secret) mac = {0};

    cr_expect_neq(mn_keyring_key_destroy(token.keyring, &pepper_key), MNSEC_OK);

    cr_expect_eq(mn_keyring_key_mac(token.keyring, &pepper_key, text("m"), &mac), MNSEC_OK);
}

Test(keyring_key, uses_no_key_for_what_it_is_not_for)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    make(&token, &index_key);
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) mac = {0};

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &index_key, text(""), text("x"), &sealed),
                 MNSEC_E_USAGE);
    cr_expect_eq(mn_keyring_key_mac(token.keyring, &data_key, text("x"), &mac), MNSEC_E_USAGE);
}

Test(keyring_key, needs_a_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    mn_keyring_logout(token.keyring);
    MN_AUTO(mn_buf) sealed = {0};
    token_fixture_reset_counts();

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text(""), text("x"), &sealed),
                 MNSEC_E_STATE_LOCKED);

    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 0);
}

Test(keyring_key, needs_a_passport)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    cr_assert_eq(mn_keyring_login(token.keyring, &token.user_pin, NULL), MNSEC_OK);

    cr_expect_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_E_USAGE);
}

/* --- keys that are not as we made them --- */

static void set_flag(const token_raw *raw, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                     CK_BBOOL value)
{
    CK_ATTRIBUTE attribute = {type, &value, sizeof(value)};
    cr_assert_eq(raw->calls->C_SetAttributeValue(raw->session, object, &attribute, 1), CKR_OK);
}

/* An AES key of this name whose flags are ours, but for one. */
static void make_false_key(const token_raw *raw, const char *label, CK_ATTRIBUTE_TYPE turned)
{
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ULONG bytes = 32;
    CK_MECHANISM_TYPE use = turned == CKA_ALLOWED_MECHANISMS ? CKM_AES_ECB : CKM_AES_GCM;
    CK_ATTRIBUTE key[] = {
        {CKA_LABEL, mn_keyring_lend(label), strlen(label)},
        {CKA_VALUE_LEN, &bytes, sizeof(bytes)},
        {CKA_ALLOWED_MECHANISMS, &use, sizeof(use)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SENSITIVE, &yes, sizeof(yes)},
        {CKA_EXTRACTABLE, &yes, sizeof(yes)},
        {CKA_WRAP_WITH_TRUSTED, &yes, sizeof(yes)},
        {CKA_ENCRYPT, &yes, sizeof(yes)},
        {CKA_DECRYPT, &yes, sizeof(yes)},
        {CKA_SIGN, &no, sizeof(no)},
        {CKA_VERIFY, &no, sizeof(no)},
        {CKA_WRAP, &no, sizeof(no)},
        {CKA_UNWRAP, &no, sizeof(no)},
        {CKA_DERIVE, &no, sizeof(no)},
    };
    const size_t count = sizeof(key) / sizeof(key[0]);
    for (size_t i = 3; i < count; i++) {
        if (key[i].type == turned) {
            key[i].pValue = key[i].pValue == &yes ? &no : &yes;
        }
    }
    CK_MECHANISM generate = {.mechanism = CKM_AES_KEY_GEN};
    CK_OBJECT_HANDLE object = 0;
    cr_assert_eq(raw->calls->C_GenerateKey(raw->session, &generate, key, (CK_ULONG)count, &object),
                 CKR_OK);
}

Test(keyring_key, takes_a_key_whose_flags_are_ours)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    const token_raw raw = token_fixture_raw(&token);
    make_false_key(&raw, "mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/1", CKA_VENDOR_DEFINED);

    log_in_again(&token);

    cr_expect(mn_keyring_key_exists(token.keyring, &data_key));
}

typedef struct flag_case {
    CK_ATTRIBUTE_TYPE turned;
} flag_case;

ParameterizedTestParameters(keyring_key, refuses_a_key_with_another_attribute)
{
    static flag_case cases[] = {
        {CKA_PRIVATE}, {CKA_SENSITIVE}, {CKA_EXTRACTABLE}, {CKA_WRAP_WITH_TRUSTED},
        {CKA_ENCRYPT}, {CKA_DECRYPT},   {CKA_SIGN},        {CKA_VERIFY},
        {CKA_WRAP},    {CKA_UNWRAP},    {CKA_DERIVE},      {CKA_ALLOWED_MECHANISMS},
    };
    return cr_make_param_array(flag_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const flag_case *c, keyring_key, refuses_a_key_with_another_attribute)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    const token_raw raw = token_fixture_raw(&token);
    make_false_key(&raw, "mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/1", c->turned);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_INTEGRITY_PASSPORT, "%lx", c->turned);

    cr_expect_not(mn_keyring_is_logged_in(token.keyring));
}

Test(keyring_key, refuses_a_key_whose_use_was_changed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    const token_raw raw = token_fixture_raw(&token);
    CK_OBJECT_HANDLE object = 0;
    cr_assert_eq(
        token_raw_find(&raw, CKO_SECRET_KEY, "mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/1", &object),
        1);
    set_flag(&raw, object, CKA_WRAP, CK_TRUE);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_INTEGRITY_PASSPORT);
}

Test(keyring_key, refuses_two_keys_of_one_name)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    const token_raw raw = token_fixture_raw(&token);
    make_false_key(&raw, "mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/1", CKA_VENDOR_DEFINED);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_INTEGRITY_PASSPORT);
}

Test(keyring_key, refuses_a_key_that_another_method_is_for)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    mn_keyring_logout(token.keyring);
    token.passport.outer = MN_OUTER_AES_CBC;

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_INTEGRITY_PASSPORT);
}

typedef struct label_case {
    char label[64];
} label_case;

ParameterizedTestParameters(keyring_key, passes_over_keys_that_are_not_ours)
{
    static label_case cases[] = {
        {""},
        {"another program's"},
        {"mnsec/"},
        {"mnsec/data"},
        {"mnsec/data/"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/01"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/+1"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/1x"},
        {"mnsec/data/AEBAGAAAAAAAAAAAAAAAAAAAAA/1"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaaaa/4294967297"},
        {"mnsec/data/aebagaaaaaaaaaaaaaaaaaaa/1"},
        {"mnsec/pepper/1"},
        {"mnsec/peppery"},
    };
    return cr_make_param_array(label_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const label_case *c, keyring_key, passes_over_keys_that_are_not_ours)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    const token_raw raw = token_fixture_raw(&token);
    make_false_key(&raw, c->label, CKA_WRAP);

    log_in_again(&token);

    cr_expect_not(mn_keyring_key_exists(token.keyring, &data_key));
    cr_expect_not(mn_keyring_key_exists(token.keyring, &pepper_key));
}

Test(keyring_key, passes_over_labels_of_any_length)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    const token_raw raw = token_fixture_raw(&token);
    static const size_t lengths[] = {95, 96, 97, 65536};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        char *label = malloc(lengths[i] + 1);
        memset(label, 'x', lengths[i]);
        memcpy(label, "mnsec/data/", 11);
        label[lengths[i]] = '\0';
        make_false_key(&raw, label, CKA_WRAP);
        free(label);
    }
    MN_AUTO(mn_buf) sealed = {0};

    log_in_again(&token);

    seal(&token, &data_key, &sealed);
}

/* --- attestation and known answers --- */

static void attest(token_fixture *token, mn_buf *out_bytes)
{
    cr_assert_eq(mn_keyring_key_attest(token->keyring, out_bytes), MNSEC_OK, "%s", token->err.text);
}

static void make_one_of_each(token_fixture *token)
{
    make(token, &pepper_key);
    make(token, &audit_key);
    make(token, &index_key);
    make(token, &data_key);
}

Test(keyring_key, attests_the_same_keys_by_the_same_bytes)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make_one_of_each(&token);
    MN_AUTO(mn_buf) first = {0};
    MN_AUTO(mn_buf) again = {0};
    attest(&token, &first);

    log_in_again(&token);
    attest(&token, &again);

    cr_assert_eq(first.len, again.len);
    cr_expect_eq(memcmp(first.bytes, again.bytes, first.len), 0);
}

Test(keyring_key, passes_the_test_against_its_attestation)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make_one_of_each(&token);
    MN_AUTO(mn_buf) attested = {0};
    attest(&token, &attested);
    log_in_again(&token);

    static const mn_key_ref *const refs[] = {&data_key, &index_key, &pepper_key, &audit_key};
    for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
        cr_expect_eq(mn_keyring_key_test(token.keyring, refs[i], mn_buf_view(&attested)), MNSEC_OK,
                     "%zu: %s", i, token.err.text);
    }
}

Test(keyring_key, fails_the_test_when_another_key_has_its_name)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) attested = {0};
    attest(&token, &attested);
    cr_assert_eq(mn_keyring_key_destroy(token.keyring, &data_key), MNSEC_OK);
    make(&token, &data_key);

    cr_expect_eq(mn_keyring_key_test(token.keyring, &data_key, mn_buf_view(&attested)),
                 MNSEC_E_INTEGRITY_PASSPORT);
}

typedef struct sick_case {
    char plan[48];
} sick_case;

ParameterizedTestParameters(keyring_key, calls_a_token_sick_that_does_not_answer)
{
    static sick_case cases[] = {
        {"C_EncryptInit 1 always CKR_DEVICE_ERROR\n"},
        {"C_Encrypt 1 always CKR_GENERAL_ERROR\n"},
        {"C_Decrypt 1 always CKR_GENERAL_ERROR\n"},
        {"C_DecryptInit 1 always CKR_FUNCTION_FAILED\n"},
    };
    return cr_make_param_array(sick_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const sick_case *c, keyring_key, calls_a_token_sick_that_does_not_answer)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) attested = {0};
    attest(&token, &attested);
    token_fixture_plan(c->plan);

    cr_expect_eq(mn_keyring_key_test(token.keyring, &data_key, mn_buf_view(&attested)),
                 MNSEC_E_TOKEN_FAULT);
}

Test(keyring_key, cannot_be_tested_against_an_attestation_without_it)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) attested = {0};
    attest(&token, &attested);
    make(&token, &index_key);

    cr_expect_eq(mn_keyring_key_test(token.keyring, &index_key, mn_buf_view(&attested)),
                 MNSEC_E_STATE_NOT_FOUND);
}

Test(keyring_key, refuses_every_truncation_of_an_attestation)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    make(&token, &pepper_key);
    MN_AUTO(mn_buf) attested = {0};
    attest(&token, &attested);

    for (size_t len = 0; len < attested.len; len++) {
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, attested.bytes, len);
        uint8_t *shrunk = realloc(exact, len == 0 ? 1 : len);
        cr_expect_eq(mn_keyring_key_test(token.keyring, &data_key, mn_bytes_of(shrunk, len)),
                     MNSEC_E_USAGE_FORMAT, "%zu bytes", len);
        free(shrunk);
    }
}

/* --- failures in the middle --- */

static mnsec_status seal_and_open(token_fixture *token)
{
    MN_AUTO(mn_buf) sealed = {0};
    MN_TRY(mn_keyring_key_seal(token->keyring, &data_key, text("aad"), text("inner"), &sealed));
    return open_sealed(token, &data_key, "aad", &sealed);
}

static void work_after(token_fixture *token)
{
    token_fixture_plan(NULL);
    mn_error_clear(&token->err);
    if (!mn_keyring_is_logged_in(token->keyring)) {
        token_fixture_login(token);
    }
    cr_assert_eq(seal_and_open(token), MNSEC_OK, "%s", token->err.text);
}

typedef struct answer_case {
    char answer[40];
} answer_case;

ParameterizedTestParameters(keyring_key, works_on_after_whichever_call_failed)
{
    static answer_case cases[] = {
        {"CKR_GENERAL_ERROR"},     {"CKR_DEVICE_ERROR"},       {"CKR_SESSION_HANDLE_INVALID"},
        {"CKR_HOST_MEMORY"},       {"CKR_USER_NOT_LOGGED_IN"}, {"CKR_KEY_HANDLE_INVALID"},
        {"CKR_ARGUMENTS_BAD"},     {"CKR_OPERATION_ACTIVE"},   {"remove"},
        {"late CKR_DEVICE_ERROR"},
    };
    return cr_make_param_array(answer_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const answer_case *c, keyring_key, works_on_after_whichever_call_failed)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    cr_assert_eq(seal_and_open(&token), MNSEC_OK);

    mnsec_status status = MNSEC_E_INTERNAL;
    int n = 0;
    while (status != MNSEC_OK) {
        char plan[96];
        n++;
        cr_assert_lt(n, 8);
        (void)snprintf(plan, sizeof(plan), "* %d once %s\n", n, c->answer);
        token_fixture_plan(plan);
        status = seal_and_open(&token);
        if (!mn_keyring_is_logged_in(token.keyring)) {
            cr_assert(mn_fault_client_plug(token_fixture_state(), "facility"));
        }
        work_after(&token);
    }

    cr_expect_eq(n, 5, "four calls can fail, the fifth is not made");
}

Test(keyring_key, stays_logged_in_through_a_failure_that_lost_nothing)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    token_fixture_plan("C_Encrypt 1 once CKR_SESSION_HANDLE_INVALID\n");
    MN_AUTO(mn_buf) sealed = {0};

    cr_assert_eq(mn_keyring_key_seal(token.keyring, &data_key, text(""), text("x"), &sealed),
                 MNSEC_E_TOKEN_FAULT);

    cr_expect(mn_keyring_is_logged_in(token.keyring));
    seal(&token, &data_key, &sealed);
}

Test(keyring_key, is_logged_out_when_the_token_was_pulled)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    cr_assert(mn_fault_client_unplug(token_fixture_state(), "facility"));
    MN_AUTO(mn_buf) sealed = {0};

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text(""), text("x"), &sealed),
                 MNSEC_E_TOKEN_FAULT);

    cr_expect_not(mn_keyring_is_logged_in(token.keyring));
    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text(""), text("x"), &sealed),
                 MNSEC_E_STATE_LOCKED);
}

Test(keyring_key, uses_no_handle_of_an_earlier_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    const token_raw raw = token_fixture_raw(&token);
    unsigned char pin[] = TOKEN_FIXTURE_USER_PIN;
    cr_assert_eq(raw.calls->C_Logout(raw.session), CKR_OK);
    cr_assert_eq(raw.calls->C_Login(raw.session, CKU_USER, pin, sizeof(pin) - 1), CKR_OK);
    MN_AUTO(mn_buf) sealed = {0};

    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text(""), text("x"), &sealed),
                 MNSEC_E_TOKEN_FAULT);

    cr_expect_not(mn_keyring_is_logged_in(token.keyring));
}

Test(keyring_key, is_refused_in_a_forked_child)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    make(&token, &data_key);
    MN_AUTO(mn_buf) sealed = {0};
    seal(&token, &data_key, &sealed);

    const pid_t child = fork();
    if (child == 0) {
        const bool refused =
            mn_keyring_key_seal(token.keyring, &data_key, text(""), text("x"), &sealed) ==
                MNSEC_E_INTERNAL_FORKED &&
            open_sealed(&token, &data_key, "aad", &sealed) == MNSEC_E_INTERNAL_FORKED &&
            mn_keyring_key_make(token.keyring, &index_key) == MNSEC_E_INTERNAL_FORKED;
        mn_keyring_free(token.keyring);
        _exit(refused ? 0 : 1);
    }
    int status = -1;
    cr_assert_eq(waitpid(child, &status, 0), child);

    cr_expect_eq(status, 0);
    cr_expect_eq(open_sealed(&token, &data_key, "aad", &sealed), MNSEC_OK, "the parent goes on");
}
