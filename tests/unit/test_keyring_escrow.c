/* SPDX-License-Identifier: Apache-2.0 */
/* The spare: a key goes out under a trusted public key only, and lives on inside the spare only. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "token/keyring_internal.h"
#include "token_fixture.h"

TestSuite(keyring_escrow, .init = token_fixture_make, .fini = token_fixture_remove);

#define PAIR "batch-000"

static const mn_key_ref data_key = {MN_KEY_DATA, {{1, 2, 3}}, 1};
static const mn_key_ref index_key = {MN_KEY_INDEX, {{1, 2, 3}}, 1};
static const mn_key_ref pepper_key = {.kind = MN_KEY_PEPPER};
static const mn_key_ref audit_key = {.kind = MN_KEY_AUDIT};

/* A facility token that trusts the spare's pair, both logged in. */
typedef struct two_tokens {
    token_fixture facility;
    token_fixture spare;
    mn_buf spki;
} two_tokens;

static void two_tokens_wipe(two_tokens *tokens)
{
    token_fixture_wipe(&tokens->facility);
    token_fixture_wipe(&tokens->spare);
    mn_buf_wipe(&tokens->spki);
}

static void open_both(two_tokens *tokens)
{
    token_fixture_open("spare", &tokens->spare);
    cr_assert_eq(mn_keyring_escrow_make_pair(tokens->spare.keyring, PAIR, &tokens->spki), MNSEC_OK,
                 "%s", tokens->spare.err.text);
    token_fixture_initialise("facility", &tokens->facility);
    cr_assert_eq(mn_keyring_escrow_trust(tokens->facility.keyring, PAIR, mn_buf_view(&tokens->spki),
                                         &tokens->facility.so_pin),
                 MNSEC_OK, "%s", tokens->facility.err.text);
    token_fixture_login(&tokens->facility);
}

static void make(token_fixture *token, const mn_key_ref *ref)
{
    cr_assert_eq(mn_keyring_key_make(token->keyring, ref), MNSEC_OK, "%s", token->err.text);
}

static void wrap(two_tokens *tokens, const mn_key_ref *ref, mn_buf *out_blob)
{
    cr_assert_eq(mn_keyring_escrow_wrap(tokens->facility.keyring, ref, PAIR, out_blob), MNSEC_OK,
                 "%s", tokens->facility.err.text);
}

static mnsec_status unwrap(two_tokens *tokens, const mn_key_ref *ref, const mn_buf *blob)
{
    mn_error_clear(&tokens->spare.err);
    return mn_keyring_escrow_unwrap(tokens->spare.keyring, ref, PAIR, mn_buf_view(blob));
}

/* --- the way of a key --- */

Test(keyring_escrow, opens_in_the_spare_what_the_facility_token_sealed)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_keyring_key_seal(tokens.facility.keyring, &data_key, mn_bytes_of("aad", 3),
                                     mn_bytes_of("inner", 5), &sealed),
                 MNSEC_OK);
    wrap(&tokens, &data_key, &blob);

    cr_assert_eq(unwrap(&tokens, &data_key, &blob), MNSEC_OK, "%s", tokens.spare.err.text);

    cr_assert_eq(mn_keyring_key_open(tokens.spare.keyring, &data_key, mn_bytes_of("aad", 3),
                                     mn_buf_view(&sealed), &opened),
                 MNSEC_OK);
    cr_expect_eq(opened.len, 5);
    cr_expect(mn_secret_equal_bytes(opened.bytes, "inner", 5));
}

Test(keyring_escrow, makes_the_same_macs_in_the_spare)
{
    static const mn_key_ref *const refs[] = {&index_key, &pepper_key};
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);

    for (size_t i = 0; i < 2; i++) {
        MN_AUTO(mn_buf) blob = {0};
        MN_AUTO(mn_secret) there = {0};
        MN_AUTO(mn_secret) here = {0};
        make(&tokens.facility, refs[i]);
        wrap(&tokens, refs[i], &blob);
        cr_assert_eq(unwrap(&tokens, refs[i], &blob), MNSEC_OK, "%s", tokens.spare.err.text);
        cr_assert_eq(
            mn_keyring_key_mac(tokens.facility.keyring, refs[i], mn_bytes_of("m", 1), &here),
            MNSEC_OK);
        cr_assert_eq(mn_keyring_key_mac(tokens.spare.keyring, refs[i], mn_bytes_of("m", 1), &there),
                     MNSEC_OK);
        cr_expect(mn_secret_equal(&here, &there));
    }
}

Test(keyring_escrow, gives_the_key_in_the_spare_the_attributes_of_a_key_made_there)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    wrap(&tokens, &data_key, &blob);
    cr_assert_eq(unwrap(&tokens, &data_key, &blob), MNSEC_OK);
    mn_keyring_logout(tokens.spare.keyring);

    cr_expect_eq(
        mn_keyring_login(tokens.spare.keyring, &tokens.spare.user_pin, &tokens.spare.passport),
        MNSEC_OK, "%s", tokens.spare.err.text);

    cr_expect(mn_keyring_key_exists(tokens.spare.keyring, &data_key));
}

Test(keyring_escrow, passes_the_known_answer_test_in_the_spare)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    MN_AUTO(mn_buf) attested = {0};
    cr_assert_eq(mn_keyring_key_attest(tokens.facility.keyring, &attested), MNSEC_OK);
    wrap(&tokens, &data_key, &blob);
    cr_assert_eq(unwrap(&tokens, &data_key, &blob), MNSEC_OK);

    cr_expect_eq(mn_keyring_key_test(tokens.spare.keyring, &data_key, mn_buf_view(&attested)),
                 MNSEC_OK);
}

Test(keyring_escrow, finds_the_public_half_again_without_a_log_in)
{
    MN_AUTO(token_fixture) spare = {0};
    MN_AUTO(mn_buf) made = {0};
    MN_AUTO(mn_buf) found = {0};
    token_fixture_open("spare", &spare);
    cr_assert_eq(mn_keyring_escrow_make_pair(spare.keyring, PAIR, &made), MNSEC_OK);
    mn_keyring_logout(spare.keyring);

    cr_assert_eq(mn_keyring_escrow_spki(spare.keyring, PAIR, &found), MNSEC_OK);

    cr_assert_eq(found.len, made.len);
    cr_expect_arr_eq(found.bytes, made.bytes, made.len);
    cr_expect_eq(mn_keyring_escrow_spki(spare.keyring, "batch-001", &found),
                 MNSEC_E_STATE_NOT_FOUND);
}

/* --- what does not go out --- */

Test(keyring_escrow, wraps_nothing_to_a_key_that_the_user_brought_in)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    const mn_keyring_shape shape = mn_keyring_shape_escrow_public(false);
    CK_OBJECT_HANDLE brought = 0;
    MN_AUTO(mn_buf) blob = {0};
    cr_assert_eq(mn_keyring_make_public(tokens.facility.keyring, &shape, "mnsec/escrow/false",
                                        mn_buf_view(&tokens.spki), &brought),
                 MNSEC_OK);

    cr_expect_eq(mn_keyring_escrow_wrap(tokens.facility.keyring, &data_key, "false", &blob),
                 MNSEC_E_INTEGRITY_PASSPORT);

    cr_expect_eq(blob.len, 0);
}

Test(keyring_escrow, has_a_token_that_wraps_nothing_to_a_key_that_is_not_trusted)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    const mn_keyring_shape shape = mn_keyring_shape_escrow_public(false);
    CK_OBJECT_HANDLE brought = 0;
    MN_AUTO(mn_buf) wrapped = {0};
    cr_assert_eq(mn_keyring_make_public(tokens.facility.keyring, &shape, "mnsec/escrow/false",
                                        mn_buf_view(&tokens.spki), &brought),
                 MNSEC_OK);
    const mn_keyring_entry *entry = mn_keyring_key_get(tokens.facility.keyring, &data_key);

    cr_expect_neq(mn_keyring_make_wrapped(tokens.facility.keyring, MN_RSA_OAEP_SHA1, brought,
                                          entry->token, &wrapped),
                  MNSEC_OK);
}

Test(keyring_escrow, lets_no_session_copy_out)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    const mn_keyring_entry *entry = mn_keyring_key_get(tokens.facility.keyring, &data_key);
    CK_OBJECT_HANDLE trusted = 0;
    MN_AUTO(mn_buf) wrapped = {0};
    cr_assert_eq(mn_keyring_shape_find(tokens.facility.keyring, CKO_PUBLIC_KEY,
                                       "mnsec/escrow/" PAIR, &trusted),
                 MNSEC_OK);
    cr_assert_neq(entry->use, entry->token);

    cr_expect_neq(mn_keyring_make_wrapped(tokens.facility.keyring, MN_RSA_OAEP_SHA1, trusted,
                                          entry->use, &wrapped),
                  MNSEC_OK);
}

Test(keyring_escrow, wraps_only_secret_keys_that_are_there)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &audit_key);
    MN_AUTO(mn_buf) blob = {0};

    cr_expect_eq(mn_keyring_escrow_wrap(tokens.facility.keyring, &audit_key, PAIR, &blob),
                 MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_keyring_escrow_wrap(tokens.facility.keyring, &data_key, PAIR, &blob),
                 MNSEC_E_STATE_NOT_FOUND);
    make(&tokens.facility, &data_key);
    cr_expect_eq(mn_keyring_escrow_wrap(tokens.facility.keyring, &data_key, "batch-001", &blob),
                 MNSEC_E_STATE_NOT_FOUND);
}

Test(keyring_escrow, trusts_nothing_without_the_security_officer)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);

    cr_expect_eq(mn_keyring_escrow_trust(tokens.facility.keyring, "other",
                                         mn_buf_view(&tokens.spki), &tokens.facility.so_pin),
                 MNSEC_E_STATE_CONFLICT, "the user is logged in");
    mn_keyring_logout(tokens.facility.keyring);
    cr_expect_eq(mn_keyring_escrow_trust(tokens.facility.keyring, "other",
                                         mn_buf_view(&tokens.spki), &tokens.facility.user_pin),
                 MNSEC_E_TOKEN_PIN);
    cr_expect_eq(mn_keyring_escrow_trust(tokens.facility.keyring, PAIR, mn_buf_view(&tokens.spki),
                                         &tokens.facility.so_pin),
                 MNSEC_OK, "the same key again is no error");
}

Test(keyring_escrow, takes_no_other_key_of_the_same_name)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    MN_AUTO(mn_buf) other = {0};
    cr_assert_eq(mn_keyring_escrow_make_pair(tokens.spare.keyring, "other", &other), MNSEC_OK);
    mn_keyring_logout(tokens.facility.keyring);

    cr_expect_eq(mn_keyring_escrow_trust(tokens.facility.keyring, PAIR, mn_buf_view(&other),
                                         &tokens.facility.so_pin),
                 MNSEC_E_STATE_CONFLICT);
    cr_expect_eq(mn_keyring_escrow_trust(tokens.facility.keyring, "new", mn_bytes_of("xx", 2),
                                         &tokens.facility.so_pin),
                 MNSEC_E_USAGE_FORMAT);
    cr_expect_eq(mn_keyring_escrow_make_pair(tokens.spare.keyring, PAIR, &other),
                 MNSEC_E_STATE_CONFLICT);
}

typedef struct name_case {
    char name[48];
} name_case;

ParameterizedTestParameters(keyring_escrow, makes_no_pair_of_a_strange_name)
{
    static name_case cases[] = {{""},    {"Batch"}, {"a/b"},
                                {"a b"}, {"予備"},  {"12345678901234567890123456789012345678901"}};
    return cr_make_param_array(name_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const name_case *c, keyring_escrow, makes_no_pair_of_a_strange_name)
{
    MN_AUTO(token_fixture) spare = {0};
    MN_AUTO(mn_buf) spki = {0};
    token_fixture_open("spare", &spare);

    cr_expect_eq(mn_keyring_escrow_make_pair(spare.keyring, c->name, &spki), MNSEC_E_USAGE, "%s",
                 c->name);
}

/* --- blobs --- */

Test(keyring_escrow, refuses_every_truncation_of_a_blob)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    wrap(&tokens, &data_key, &blob);

    for (size_t len = 0; len < blob.len; len++) {
        uint8_t *exact = malloc(len + 1);
        memcpy(exact, blob.bytes, len);
        uint8_t *shrunk = realloc(exact, len == 0 ? 1 : len);
        cr_expect_eq(mn_keyring_escrow_unwrap(tokens.spare.keyring, &data_key, PAIR,
                                              mn_bytes_of(shrunk, len)),
                     MNSEC_E_INTEGRITY, "%zu bytes", len);
        free(shrunk);
    }
}

Test(keyring_escrow, refuses_a_blob_of_which_a_bit_was_turned)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &pepper_key);
    MN_AUTO(mn_buf) blob = {0};
    wrap(&tokens, &pepper_key, &blob);

    for (size_t i = 0; i < blob.len; i += 7) { /* each costs one RSA operation */
        blob.bytes[i] ^= 0x01;
        cr_expect_neq(unwrap(&tokens, &pepper_key, &blob), MNSEC_OK, "byte %zu", i);
        cr_expect_not(mn_keyring_key_exists(tokens.spare.keyring, &pepper_key), "byte %zu", i);
        blob.bytes[i] ^= 0x01;
    }

    cr_expect_eq(unwrap(&tokens, &pepper_key, &blob), MNSEC_OK, "%s", tokens.spare.err.text);
}

Test(keyring_escrow, refuses_the_blob_of_another_key)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    wrap(&tokens, &data_key, &blob);
    mn_key_ref other = data_key;
    other.epoch = 2;

    cr_expect_eq(unwrap(&tokens, &other, &blob), MNSEC_E_INTEGRITY);
    cr_expect_eq(unwrap(&tokens, &index_key, &blob), MNSEC_E_INTEGRITY);
    cr_expect_eq(
        mn_keyring_escrow_unwrap(tokens.spare.keyring, &data_key, "permanent", mn_buf_view(&blob)),
        MNSEC_E_INTEGRITY);
}

Test(keyring_escrow, unwraps_no_key_twice)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    wrap(&tokens, &data_key, &blob);
    cr_assert_eq(unwrap(&tokens, &data_key, &blob), MNSEC_OK);

    cr_expect_eq(unwrap(&tokens, &data_key, &blob), MNSEC_E_STATE_CONFLICT);
}

Test(keyring_escrow, leaves_a_blob_for_nobody_once_its_pair_is_destroyed)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    MN_AUTO(mn_buf) blob = {0};
    MN_AUTO(mn_buf) spki = {0};
    wrap(&tokens, &data_key, &blob);

    cr_assert_eq(mn_keyring_escrow_destroy(tokens.spare.keyring, PAIR), MNSEC_OK);

    cr_expect_eq(unwrap(&tokens, &data_key, &blob), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_keyring_escrow_spki(tokens.spare.keyring, PAIR, &spki),
                 MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_keyring_escrow_destroy(tokens.spare.keyring, PAIR), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_keyring_escrow_destroy(tokens.facility.keyring, PAIR), MNSEC_OK,
                 "the public half on the facility token");
}

Test(keyring_escrow, has_a_spare_that_gives_no_key_that_could_be_read)
{
    MN_AUTO(two_tokens) tokens = {0};
    open_both(&tokens);
    make(&tokens.facility, &data_key);
    const mn_keyring_entry *entry = mn_keyring_key_get(tokens.facility.keyring, &data_key);
    CK_OBJECT_HANDLE trusted = 0;
    CK_OBJECT_HANDLE private_key = 0;
    CK_OBJECT_HANDLE readable = 0;
    MN_AUTO(mn_buf) wrapped = {0};
    cr_assert_eq(mn_keyring_shape_find(tokens.facility.keyring, CKO_PUBLIC_KEY,
                                       "mnsec/escrow/" PAIR, &trusted),
                 MNSEC_OK);
    cr_assert_eq(mn_keyring_make_wrapped(tokens.facility.keyring, MN_RSA_OAEP_SHA1, trusted,
                                         entry->token, &wrapped),
                 MNSEC_OK);
    cr_assert_eq(mn_keyring_shape_find(tokens.spare.keyring, CKO_PRIVATE_KEY, "mnsec/escrow/" PAIR,
                                       &private_key),
                 MNSEC_OK);
    mn_keyring_shape hostile = mn_keyring_shape_secret(&tokens.spare.passport, MN_KEY_DATA);
    hostile.set &= ~(uint32_t)(MN_FLAG_SENSITIVE | MN_FLAG_WRAP_WITH_TRUSTED);

    cr_expect_neq(mn_keyring_make_unwrapped(tokens.spare.keyring, MN_RSA_OAEP_SHA1, private_key,
                                            &hostile, "mnsec/stolen", mn_buf_view(&wrapped),
                                            &readable),
                  MNSEC_OK);
}
