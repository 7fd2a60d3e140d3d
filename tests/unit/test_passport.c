/* SPDX-License-Identifier: Apache-2.0 */
/* What a token can do: its bytes, and the token before us held against it. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "token_fixture.h"

static const mn_passport sample = {
    .manufacturer = "maker",
    .model = "model",
    .serial = "0123456789abcdef",
    .label = "ひまわり苑",
    .outer = MN_OUTER_AES_CBC,
    .gcm_iv = MN_GCM_IV_OURS,
    .mac = MN_MAC_AES_CMAC,
    .audit_alg = MN_SIGNATURE_RSA_PKCS1_SHA256,
    .trusted_honoured = true,
    .session_copy = true,
    .wrap = MN_RSA_OAEP_SHA1,
    .pin_max = 255,
    .objects_max = 88,
};

static void encode(const mn_passport *passport, mn_buf *out_bytes)
{
    cr_assert_eq(mn_passport_encode(passport, out_bytes), MNSEC_OK);
}

/* --- bytes --- */

Test(passport, writes_the_bytes_of_the_format)
{
    static const char begin[] = "\0\0\0\0\x10mnsec/passport/1\0\0\0\5maker\0\0\0\5model";
    static const uint8_t end[] = {0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 255,
                                  0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 88};
    MN_AUTO(mn_buf) bytes = {0};

    encode(&sample, &bytes);

    cr_assert_eq(bytes.len, 21 + 9 + 9 + 20 + 19 + 9 + 11 * 12);
    cr_expect_arr_eq(bytes.bytes, begin, sizeof(begin) - 1);
    cr_expect_arr_eq(bytes.bytes + bytes.len - sizeof(end), end, sizeof(end));
}

Test(passport, reads_back_what_it_wrote)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) again = {0};
    mn_passport passport = {0};
    encode(&sample, &bytes);

    cr_assert_eq(mn_passport_decode(mn_buf_view(&bytes), &passport), MNSEC_OK);

    encode(&passport, &again);
    cr_assert_eq(again.len, bytes.len);
    cr_expect_arr_eq(again.bytes, bytes.bytes, bytes.len);
    cr_expect_str_eq(passport.label, sample.label);
    cr_expect_eq(passport.audit_alg, sample.audit_alg);
    cr_expect(passport.session_copy);
    cr_expect_not(passport.undestroyable_honoured);
}

Test(passport, refuses_every_truncation)
{
    MN_AUTO(mn_buf) bytes = {0};
    encode(&sample, &bytes);

    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *exact = malloc(len + 1); /* no byte more, so that reading past it is seen */
        memcpy(exact, bytes.bytes, len);
        uint8_t *shrunk = realloc(exact, len == 0 ? 1 : len);
        mn_passport passport = {0};
        cr_expect_eq(mn_passport_decode(mn_bytes_of(shrunk, len), &passport), MNSEC_E_USAGE_FORMAT,
                     "%zu bytes", len);
        free(shrunk);
    }
}

Test(passport, refuses_a_byte_too_many)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_passport passport = {0};
    encode(&sample, &bytes);
    cr_assert_eq(mn_buf_append(&bytes, "", 1), MNSEC_OK);

    cr_expect_eq(mn_passport_decode(mn_buf_view(&bytes), &passport), MNSEC_E_USAGE_FORMAT);
}

Test(passport, refuses_to_write_a_label_that_is_no_text)
{
    mn_passport passport = sample;
    MN_AUTO(mn_buf) bytes = {0};
    passport.label[0] = (char)0xff;

    cr_expect_eq(mn_passport_encode(&passport, &bytes), MNSEC_E_USAGE_FORMAT);
}

typedef struct number_case {
    char what[24];
    size_t from_end; /* of the integer field's last byte */
    uint8_t value;
} number_case;

ParameterizedTestParameters(passport, refuses_a_value_that_no_encoder_writes)
{
    static number_case cases[] = {
        {"no lock", 10 * 12, 0},         {"another lock", 10 * 12, 5},   {"another iv", 9 * 12, 5},
        {"no mac", 8 * 12, 0},           {"another mac", 8 * 12, 3},     {"a flag of 2", 7 * 12, 2},
        {"a last flag of 2", 3 * 12, 2}, {"another padding", 2 * 12, 3},
    };
    return cr_make_param_array(number_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const number_case *c, passport, refuses_a_value_that_no_encoder_writes)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_passport passport = {0};
    encode(&sample, &bytes);

    bytes.bytes[bytes.len - c->from_end - 1] = c->value;

    cr_expect_eq(mn_passport_decode(mn_buf_view(&bytes), &passport), MNSEC_E_USAGE_FORMAT, "%s",
                 c->what);
}

Test(passport, refuses_a_signature_it_does_not_know)
{
    MN_AUTO(mn_buf) bytes = {0};
    mn_passport passport = {0};
    encode(&sample, &bytes);

    bytes.bytes[bytes.len - 11 * 12 - 1] = '7';

    cr_expect_eq(mn_passport_decode(mn_buf_view(&bytes), &passport), MNSEC_E_USAGE_FORMAT);
}

/* --- the token before us --- */

Test(passport, finds_its_token_again, .init = token_fixture_make, .fini = token_fixture_remove)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);

    cr_expect_eq(mn_passport_compare(&token.passport, token.keyring), MNSEC_OK, "%s",
                 token.err.text);
}

Test(passport, tells_another_token_from_its_own, .init = token_fixture_make,
     .fini = token_fixture_remove)
{
    MN_AUTO(token_fixture) one = {0};
    MN_AUTO(token_fixture) two = {0};
    token_fixture_initialise("one", &one);
    token_fixture_initialise("one", &two);

    cr_expect_eq(mn_passport_compare(&one.passport, two.keyring), MNSEC_E_INTEGRITY_PASSPORT);
}

typedef struct hidden_case {
    char plan[40];
} hidden_case;

ParameterizedTestParameters(passport, misses_a_mechanism_that_is_gone)
{
    static hidden_case cases[] = {
        {"hide CKM_AES_GCM\n"},     {"hide CKM_SHA256_HMAC\n"},
        {"hide CKM_ECDSA\n"},       {"hide CKM_RSA_PKCS_OAEP\n"},
        {"hide CKM_AES_KEY_GEN\n"}, {"hide CKM_GENERIC_SECRET_KEY_GEN\n"},
    };
    return cr_make_param_array(hidden_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const hidden_case *c, passport, misses_a_mechanism_that_is_gone,
                  .init = token_fixture_make, .fini = token_fixture_remove)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token_fixture_plan(c->plan);

    cr_expect_eq(mn_passport_compare(&token.passport, token.keyring), MNSEC_E_INTEGRITY_PASSPORT,
                 "%s", c->plan);
}

Test(passport, does_not_call_a_sick_token_a_false_one, .init = token_fixture_make,
     .fini = token_fixture_remove)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    token_fixture_plan("C_GetMechanismInfo 2 once CKR_DEVICE_ERROR\n");

    cr_expect_eq(mn_passport_compare(&token.passport, token.keyring), MNSEC_E_TOKEN_FAULT);
}
