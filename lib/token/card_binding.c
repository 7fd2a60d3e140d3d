/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a card's secret is bound, in bytes: the binding's encoding, read strictly because it comes
 * out of a statement, and the derivation of the secret, which covers the whole binding, so that no
 * part of it can be exchanged for another. What the card computes: card_bind.c.
 */
#include "token/card_binding.h"

#include "base/encode.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "crypto/secret/p256.h"

#define BINDING        "mnsec/card-binding/1"
#define SECRET         "mnsec/card-secret/1"
#define SALT           "mnsec/card-salt/1"

#define SPKI_MAX_BYTES 1024U
#define RSA_MIN_BYTES  256U
#define RSA_MAX_BYTES  512U

static const struct {
    mn_card_method method;
    uint32_t padding_min;
    uint32_t padding_max;
    size_t data_min;
    size_t data_max;
} shapes[] = {
    {MN_CARD_METHOD_ECDH, 0, 0, MN_P256_POINT_BYTES, MN_P256_POINT_BYTES},
    {MN_CARD_METHOD_RSA_DECRYPT, MN_RSA_OAEP_SHA256, MN_RSA_PKCS1_V15, RSA_MIN_BYTES,
     RSA_MAX_BYTES},
    {MN_CARD_METHOD_RSA_SIGN, 0, 0, MN_CARD_BINDING_SALT_BYTES, MN_CARD_BINDING_SALT_BYTES},
};

static bool is_sound(const mn_card_binding *binding)
{
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        if (shapes[i].method == binding->method) {
            return binding->padding >= shapes[i].padding_min &&
                   binding->padding <= shapes[i].padding_max &&
                   binding->data.len >= shapes[i].data_min &&
                   binding->data.len <= shapes[i].data_max && binding->key_spki.len > 0 &&
                   binding->key_spki.len <= SPKI_MAX_BYTES;
        }
    }
    return false;
}

void mn_card_binding_wipe(mn_card_binding *binding)
{
    mn_buf_wipe(&binding->key_spki);
    mn_buf_wipe(&binding->data);
    *binding = (mn_card_binding){0};
}

mnsec_status mn_card_binding_encode(const mn_card_binding *binding, mn_buf *out_bytes)
{
    if (!is_sound(binding)) {
        return MNSEC_E_USAGE;
    }
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(mn_encode_begin(&bytes, BINDING));
    MN_TRY(mn_encode_u64(&bytes, binding->method));
    MN_TRY(mn_encode_u64(&bytes, binding->padding));
    MN_TRY(mn_encode_bytes(&bytes, binding->key_spki.bytes, binding->key_spki.len));
    MN_TRY(mn_encode_bytes(&bytes, binding->data.bytes, binding->data.len));
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_card_binding_decode(mn_bytes bytes, mn_card_binding *out_binding)
{
    uint64_t method;
    uint64_t padding;
    mn_bytes key_spki;
    mn_bytes data;
    mn_decode decode;
    MN_TRY(mn_decode_begin(&decode, bytes, BINDING));
    MN_TRY(mn_decode_u64(&decode, &method));
    MN_TRY(mn_decode_u64(&decode, &padding));
    MN_TRY(mn_decode_bytes(&decode, &key_spki));
    MN_TRY(mn_decode_bytes(&decode, &data));
    MN_TRY(mn_decode_end(&decode));
    if (method > MN_CARD_METHOD_RSA_SIGN || padding > UINT32_MAX) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_AUTO(mn_card_binding)
    binding = {.method = (mn_card_method)method, .padding = (uint32_t)padding};
    MN_TRY(mn_buf_append(&binding.key_spki, key_spki.bytes, key_spki.len));
    MN_TRY(mn_buf_append(&binding.data, data.bytes, data.len));
    if (!is_sound(&binding)) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_card_binding_wipe(out_binding);
    *out_binding = binding;
    binding = (mn_card_binding){0};
    return MNSEC_OK;
}

mnsec_status mn_card_binding_derive(const mn_card_binding *binding, const mn_secret *raw,
                                    mn_secret *out_card_secret)
{
    MN_AUTO(mn_buf) bytes = {0};
    MN_AUTO(mn_buf) info = {0};
    MN_TRY(mn_card_binding_encode(binding, &bytes));
    MN_TRY(mn_encode_begin(&info, SECRET));
    MN_TRY(mn_encode_bytes(&info, bytes.bytes, bytes.len));
    return mn_hash_hkdf(raw, mn_bytes_of(NULL, 0), mn_buf_view(&info), MN_HASH_BYTES,
                        out_card_secret);
}

mnsec_status mn_card_binding_message(const mn_card_binding *binding, mn_buf *out_message)
{
    MN_AUTO(mn_buf) message = {0};
    MN_TRY(mn_encode_begin(&message, SALT));
    MN_TRY(mn_encode_bytes(&message, binding->key_spki.bytes, binding->key_spki.len));
    MN_TRY(mn_encode_bytes(&message, binding->data.bytes, binding->data.len));
    mn_buf_move(out_message, &message);
    return MNSEC_OK;
}

bool mn_card_binding_is_message(mn_bytes message)
{
    mn_decode decode;
    return mn_decode_begin(&decode, message, SALT) == MNSEC_OK;
}
