/* SPDX-License-Identifier: Apache-2.0 */
/* The outer lock by RSA-OAEP: shut on the host, opened on the token, and by nobody else. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "token/keyring_internal.h"
#include "token_fixture.h"

TestSuite(keyring_pair, .init = token_fixture_make, .fini = token_fixture_remove);

static const mn_key_ref data_key = {MN_KEY_DATA, {{1, 2, 3}}, 1};

static mn_bytes text(const char *words)
{
    return mn_bytes_of(words, strlen(words));
}

static void open_token(token_fixture *token)
{
    token_fixture_plan("hide CKM_AES_KEY_GEN\n");
    token_fixture_initialise("facility", token);
    token->passport.outer = MN_OUTER_RSA_OAEP_SHA1;
    token_fixture_login(token);
    cr_assert_eq(mn_keyring_key_make(token->keyring, &data_key), MNSEC_OK, "%s", token->err.text);
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

Test(keyring_pair, opens_on_the_token_what_the_host_sealed)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    open_token(&token);

    token_fixture_reset_counts();
    seal(&token, &sealed);
    cr_expect_eq(token_fixture_count(MN_FAULT_ANY), 0, "sealing is no call");
    log_in_again(&token);
    token_fixture_reset_counts();

    cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&sealed)), MNSEC_OK, "%s", token.err.text);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_DecryptInit), 1);
    cr_expect_eq(token_fixture_count(MN_FAULT_C_Decrypt), 1);
    cr_expect_eq(open_sealed(&token, "dad", mn_buf_view(&sealed)), MNSEC_E_INTEGRITY);
}

Test(keyring_pair, opens_nothing_of_which_a_bit_was_turned)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    open_token(&token);
    seal(&token, &sealed);

    for (size_t i = 0; i < sealed.len; i += i < 16 ? 1 : 37) {
        sealed.bytes[i] ^= 1;
        cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&sealed)), MNSEC_E_INTEGRITY,
                     "byte %zu", i);
        sealed.bytes[i] ^= 1;
    }
}

Test(keyring_pair, opens_nothing_that_was_cut_short_or_is_too_long)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    open_token(&token);
    seal(&token, &sealed);

    for (size_t len = 0; len < sealed.len; len++) {
        cr_expect_eq(open_sealed(&token, "aad", mn_bytes_of(sealed.bytes, len)), MNSEC_E_INTEGRITY,
                     "cut to %zu", len);
    }
    cr_assert_eq(mn_buf_append(&sealed, "x", 1), MNSEC_OK);
    cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&sealed)), MNSEC_E_INTEGRITY);
}

Test(keyring_pair, opens_its_own_copy_among_others)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_buf) two = {0};
    static const uint8_t foreign[] = {MN_OUTER_RSA_OAEP_SHA1, 2, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 9};
    open_token(&token);
    seal(&token, &sealed);

    cr_assert_eq(mn_buf_append(&two, foreign, sizeof(foreign)), MNSEC_OK);
    cr_assert_eq(mn_buf_append(&two, sealed.bytes + 2, sealed.len - 2), MNSEC_OK);

    cr_expect_eq(open_sealed(&token, "aad", mn_buf_view(&two)), MNSEC_OK);
}

Test(keyring_pair, seals_no_more_than_fits)
{
    static const uint8_t content[255];
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) opened = {0};
    open_token(&token);

    cr_assert_eq(mn_keyring_key_seal(token.keyring, &data_key, text("aad"),
                                     mn_bytes_of(content, 254), &sealed),
                 MNSEC_OK);
    cr_assert_eq(
        mn_keyring_key_open(token.keyring, &data_key, text("aad"), mn_buf_view(&sealed), &opened),
        MNSEC_OK);
    cr_expect_eq(opened.len, 254);
    cr_expect_eq(mn_keyring_key_seal(token.keyring, &data_key, text("aad"),
                                     mn_bytes_of(content, 255), &sealed),
                 MNSEC_E_USAGE);
}

Test(keyring_pair, has_a_private_half_that_never_leaves)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) blob = {0};
    open_token(&token);
    const token_raw raw = token_fixture_raw(&token);
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    uint8_t room[512];
    CK_ATTRIBUTE exponent = {CKA_PRIVATE_EXPONENT, room, sizeof(room)};
    char label[MN_KEYRING_LABEL_BYTES];
    mn_keyring_shape_label(&data_key, label);
    cr_assert_eq(token_raw_find(&raw, CKO_PRIVATE_KEY, label, &key), 1);

    cr_expect_neq(raw.calls->C_GetAttributeValue(raw.session, key, &exponent, 1), CKR_OK);
    cr_expect_eq(mn_keyring_escrow_wrap(token.keyring, &data_key, "permanent", &blob),
                 MNSEC_E_TOKEN_UNSUITABLE);
}

Test(keyring_pair, passes_the_test_against_its_attestation_and_no_other_does)
{
    MN_AUTO(token_fixture) token = {0};
    MN_AUTO(mn_buf) attested = {0};
    open_token(&token);
    attest(&token, &attested);
    log_in_again(&token);
    cr_assert_eq(mn_keyring_key_test(token.keyring, &data_key, mn_buf_view(&attested)), MNSEC_OK,
                 "%s", token.err.text);

    cr_assert_eq(mn_keyring_key_destroy(token.keyring, &data_key), MNSEC_OK);
    cr_assert_eq(mn_keyring_key_make(token.keyring, &data_key), MNSEC_OK);

    cr_expect_eq(mn_keyring_key_test(token.keyring, &data_key, mn_buf_view(&attested)),
                 MNSEC_E_INTEGRITY_PASSPORT);
}

Test(keyring_pair, is_refused_with_half_of_it)
{
    MN_AUTO(token_fixture) token = {0};
    open_token(&token);
    const token_raw raw = token_fixture_raw(&token);
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    char label[MN_KEYRING_LABEL_BYTES];
    mn_keyring_shape_label(&data_key, label);
    cr_assert_eq(token_raw_find(&raw, CKO_PUBLIC_KEY, label, &key), 1);
    cr_assert_eq(raw.calls->C_DestroyObject(raw.session, key), CKR_OK);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport),
                 MNSEC_E_INTEGRITY_PASSPORT);
}
