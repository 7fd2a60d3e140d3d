/* SPDX-License-Identifier: Apache-2.0 */
/* Keys on the token by name: made, found again, compared, used at an exact price, attested. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

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
