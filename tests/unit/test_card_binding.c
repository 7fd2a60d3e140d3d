/* SPDX-License-Identifier: Apache-2.0 */
/* The binding of a card's secret: its bytes, read strictly, and what the secret depends on. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "token/card_binding.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(card_binding, .init = start);

typedef struct shape {
    char name[40];
    mn_card_method method;
    uint32_t padding;
    size_t spki_len;
    size_t data_len;
} shape;

static void fill(mn_card_binding *out_binding, const shape *from)
{
    uint8_t *room = NULL;
    out_binding->method = from->method;
    out_binding->padding = from->padding;
    cr_assert_eq(mn_buf_extend(&out_binding->key_spki, from->spki_len, &room), MNSEC_OK);
    memset(room, 0x5a, from->spki_len);
    cr_assert_eq(mn_buf_extend(&out_binding->data, from->data_len, &room), MNSEC_OK);
    memset(room, 0xa5, from->data_len);
}

static const shape ecdh = {"ecdh", MN_CARD_METHOD_ECDH, 0, 91, 65};

/* As the encoder would write it, if it wrote whatever it is given. */
static void write_unchecked(const shape *from, mn_buf *out_bytes)
{
    MN_AUTO(mn_card_binding) binding = {0};
    fill(&binding, from);
    cr_assert_eq(mn_encode_begin(out_bytes, "mnsec/card-binding/1"), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(out_bytes, from->method), MNSEC_OK);
    cr_assert_eq(mn_encode_u64(out_bytes, from->padding), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(out_bytes, binding.key_spki.bytes, from->spki_len), MNSEC_OK);
    cr_assert_eq(mn_encode_bytes(out_bytes, binding.data.bytes, from->data_len), MNSEC_OK);
}

static void derive(const mn_card_binding *binding, const char *raw, mn_secret *out_secret)
{
    MN_AUTO(mn_secret) ikm = {0};
    cr_assert_eq(mn_secret_copy(&ikm, raw, strlen(raw)), MNSEC_OK);
    cr_assert_eq(mn_card_binding_derive(binding, &ikm, out_secret), MNSEC_OK);
}

ParameterizedTestParameters(card_binding, is_read_as_it_was_written)
{
    static shape shapes[] = {
        {"ecdh", MN_CARD_METHOD_ECDH, 0, 91, 65},
        {"rsa-decrypt oaep 2048", MN_CARD_METHOD_RSA_DECRYPT, MN_RSA_OAEP_SHA256, 294, 256},
        {"rsa-decrypt v1.5 4096", MN_CARD_METHOD_RSA_DECRYPT, MN_RSA_PKCS1_V15, 550, 512},
        {"rsa-sign", MN_CARD_METHOD_RSA_SIGN, 0, 294, 32},
    };
    return cr_make_param_array(shape, shapes, sizeof(shapes) / sizeof(shapes[0]));
}

ParameterizedTest(shape *param, card_binding, is_read_as_it_was_written)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_card_binding) again = {0};
    MN_AUTO(mn_buf) bytes = {0};
    fill(&binding, param);
    cr_assert_eq(mn_card_binding_encode(&binding, &bytes), MNSEC_OK, "%s", param->name);

    cr_assert_eq(mn_card_binding_decode(mn_buf_view(&bytes), &again), MNSEC_OK, "%s", param->name);

    cr_assert_eq(again.method, param->method);
    cr_assert_eq(again.padding, param->padding);
    cr_assert_eq(again.key_spki.len, param->spki_len);
    cr_assert_arr_eq(again.data.bytes, binding.data.bytes, binding.data.len);
}

ParameterizedTestParameters(card_binding, refuses_what_no_card_can_have)
{
    static shape shapes[] = {
        {"no method", MN_CARD_METHOD_NONE, 0, 91, 65},
        {"unknown method", (mn_card_method)4, 0, 91, 65},
        {"ecdh with a padding", MN_CARD_METHOD_ECDH, 1, 91, 65},
        {"ecdh with a compressed point", MN_CARD_METHOD_ECDH, 0, 91, 33},
        {"no key", MN_CARD_METHOD_ECDH, 0, 0, 65},
        {"a key too long", MN_CARD_METHOD_ECDH, 0, 1025, 65},
        {"rsa-decrypt without padding", MN_CARD_METHOD_RSA_DECRYPT, 0, 294, 256},
        {"rsa-decrypt with an unknown padding", MN_CARD_METHOD_RSA_DECRYPT, 4, 294, 256},
        {"rsa-decrypt of 1024 bits", MN_CARD_METHOD_RSA_DECRYPT, 1, 162, 128},
        {"rsa-decrypt of too many bits", MN_CARD_METHOD_RSA_DECRYPT, 1, 550, 513},
        {"rsa-sign with a short salt", MN_CARD_METHOD_RSA_SIGN, 0, 294, 31},
    };
    return cr_make_param_array(shape, shapes, sizeof(shapes) / sizeof(shapes[0]));
}

ParameterizedTest(shape *param, card_binding, refuses_what_no_card_can_have)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_card_binding) again = {0};
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) unchecked = {0};
    fill(&binding, param);
    write_unchecked(param, &unchecked);

    cr_expect_eq(mn_card_binding_encode(&binding, &bytes), MNSEC_E_USAGE, "%s", param->name);
    cr_expect_eq(mn_card_binding_decode(mn_buf_view(&unchecked), &again), MNSEC_E_USAGE_FORMAT,
                 "%s", param->name);
    cr_expect_eq(again.key_spki.len, 0);
}

Test(card_binding, is_refused_at_every_truncation)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_card_binding) again = {0};
    MN_AUTO(mn_buf) bytes = {0};
    fill(&binding, &ecdh);
    cr_assert_eq(mn_card_binding_encode(&binding, &bytes), MNSEC_OK);

    for (size_t len = 0; len < bytes.len; len++) {
        cr_expect_eq(mn_card_binding_decode(mn_bytes_of(bytes.bytes, len), &again),
                     MNSEC_E_USAGE_FORMAT, "cut to %zu bytes", len);
    }
}

Test(card_binding, is_refused_with_a_byte_too_many)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_card_binding) again = {0};
    MN_AUTO(mn_buf) bytes = {0};
    fill(&binding, &ecdh);
    cr_assert_eq(mn_card_binding_encode(&binding, &bytes), MNSEC_OK);
    cr_assert_eq(mn_buf_append(&bytes, "x", 1), MNSEC_OK);

    cr_assert_eq(mn_card_binding_decode(mn_buf_view(&bytes), &again), MNSEC_E_USAGE_FORMAT);
}

/* Computed from docs/FORMATS.md by another program (HMAC of Python's standard library). */
Test(card_binding, gives_the_secret_of_the_format)
{
    static const uint8_t expected[] = {
        0xb5, 0xc5, 0x61, 0xbe, 0xa3, 0x8d, 0x67, 0xd8, 0x16, 0x27, 0xf2,
        0x69, 0xc1, 0xe6, 0x91, 0x59, 0xad, 0xd0, 0xc9, 0x92, 0x2a, 0x14,
        0xae, 0x54, 0x5a, 0xe6, 0xfd, 0x41, 0x92, 0x02, 0x71, 0x66,
    };
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    fill(&binding, &ecdh);

    derive(&binding, "what the card computed", &secret);

    cr_assert_eq(secret.len, sizeof(expected));
    cr_assert_arr_eq(secret.bytes, expected, sizeof(expected));
}

Test(card_binding, gives_another_secret_when_anything_in_it_is_another)
{
    static const shape changed[] = {
        {"method", MN_CARD_METHOD_RSA_SIGN, 0, 91, 32},
        {"key", MN_CARD_METHOD_ECDH, 0, 90, 65},
    };
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_secret) secret = {0};
    fill(&binding, &ecdh);
    derive(&binding, "raw", &secret);

    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        MN_AUTO(mn_card_binding) different = {0};
        MN_AUTO(mn_secret) another = {0};
        fill(&different, &changed[i]);
        derive(&different, "raw", &another);
        cr_expect_not(mn_secret_equal(&secret, &another), "%s", changed[i].name);
    }
    binding.data.bytes[64] ^= 1;
    MN_AUTO(mn_secret) another = {0};
    derive(&binding, "raw", &another);
    cr_expect_not(mn_secret_equal(&secret, &another), "data");
}

Test(card_binding, knows_the_message_whose_signature_is_a_secret)
{
    MN_AUTO(mn_card_binding) binding = {0};
    MN_AUTO(mn_buf) message = {0};
    fill(&binding, &(shape){"rsa-sign", MN_CARD_METHOD_RSA_SIGN, 0, 294, 32});
    cr_assert_eq(mn_card_binding_message(&binding, &message), MNSEC_OK);

    cr_assert(mn_card_binding_is_message(mn_buf_view(&message)));
    cr_assert_not(mn_card_binding_is_message(mn_bytes_of("{\"_\":\"mnsec-audit/1\"}", 21)));
    cr_assert_not(mn_card_binding_is_message(mn_bytes_of(NULL, 0)));
}
