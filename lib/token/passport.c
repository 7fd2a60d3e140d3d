/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a token can do, written down when it was founded and held against it ever after: its
 * canonical bytes, and the comparison at opening. A value that an encoder would not have written is
 * refused, and so is a method that this software does not have. How it is found out:
 * passport_probe.c.
 */
#include <string.h>

#include "base/encode.h"
#include "keyring_internal.h"

#define PURPOSE "mnsec/passport/1"

/* A mechanism that a passport stands on, and what it must do. */
typedef struct mechanism_need {
    CK_MECHANISM_TYPE mechanism;
    CK_FLAGS flags;
} mechanism_need;

#define NEEDS_MAX 8

bool mn_passport_is_usable(const mn_passport *passport)
{
    const bool has_lock =
        passport->outer > MN_OUTER_NONE && passport->outer <= MN_OUTER_RSA_OAEP_SHA1;
    const bool has_iv = passport->outer == MN_OUTER_AES_GCM
                            ? passport->gcm_iv <= MN_GCM_IV_APPENDED_16
                            : passport->gcm_iv == MN_GCM_IV_OURS;
    const bool has_mac = passport->mac == MN_MAC_HMAC_SHA256 || passport->mac == MN_MAC_AES_CMAC;
    const bool has_signature = passport->audit_alg == MN_SIGNATURE_ECDSA_P256_SHA256 ||
                               passport->audit_alg == MN_SIGNATURE_RSA_PKCS1_SHA256;
    return has_lock && has_mac && has_signature && has_iv && passport->wrap <= MN_RSA_OAEP_SHA1;
}

mnsec_status mn_passport_encode(const mn_passport *passport, mn_buf *out_bytes)
{
    const uint64_t numbers[] = {
        passport->outer,
        passport->gcm_iv,
        passport->mac,
        passport->trusted_honoured,
        passport->undestroyable_honoured,
        passport->mechanisms_honoured,
        passport->session_copy,
        passport->copy_needs_modifiable,
        passport->wrap,
        passport->pin_max,
        passport->objects_max,
    };
    MN_AUTO(mn_buf) bytes = {0};
    MN_TRY(mn_encode_begin(&bytes, PURPOSE));
    MN_TRY(mn_encode_text(&bytes, passport->manufacturer));
    MN_TRY(mn_encode_text(&bytes, passport->model));
    MN_TRY(mn_encode_text(&bytes, passport->serial));
    MN_TRY(mn_encode_text(&bytes, passport->label));
    MN_TRY(mn_encode_text(&bytes, mn_signature_alg_name(passport->audit_alg)));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        MN_TRY(mn_encode_u64(&bytes, numbers[i]));
    }
    mn_buf_move(out_bytes, &bytes);
    return MNSEC_OK;
}

static mnsec_status decode_text(mn_decode *decode, char *out_text, size_t size)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_decode_text(decode, &text));
    if (text.len >= size) {
        return MNSEC_E_USAGE_FORMAT;
    }
    memcpy(out_text, mn_buf_text(&text), text.len + 1);
    return MNSEC_OK;
}

static mnsec_status decode_number(mn_decode *decode, uint64_t max, uint32_t *out_number)
{
    uint64_t number = 0;
    MN_TRY(mn_decode_u64(decode, &number));
    if (number > max) {
        return MNSEC_E_USAGE_FORMAT;
    }
    *out_number = (uint32_t)number;
    return MNSEC_OK;
}

static mnsec_status decode_flag(mn_decode *decode, bool *out_flag)
{
    uint32_t number = 0;
    MN_TRY(decode_number(decode, 1, &number));
    *out_flag = number == 1;
    return MNSEC_OK;
}

static mnsec_status decode_methods(mn_decode *decode, mn_passport *passport)
{
    mn_bytes alg;
    uint32_t number = 0;
    MN_TRY(mn_decode_bytes(decode, &alg));
    passport->audit_alg = mn_signature_alg_parse(alg);
    MN_TRY(decode_number(decode, MN_OUTER_RSA_OAEP_SHA1, &number));
    passport->outer = (mn_outer_method)number;
    MN_TRY(decode_number(decode, MN_GCM_IV_APPENDED_16, &number));
    passport->gcm_iv = (mn_gcm_iv)number;
    MN_TRY(decode_number(decode, MN_MAC_AES_CMAC, &number));
    passport->mac = (mn_mac_method)number;
    const bool is_complete = passport->outer != MN_OUTER_NONE && passport->mac != MN_MAC_NONE &&
                             passport->audit_alg != MN_SIGNATURE_NONE;
    return is_complete ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

static mnsec_status decode_abilities(mn_decode *decode, mn_passport *passport)
{
    uint32_t number = 0;
    MN_TRY(decode_flag(decode, &passport->trusted_honoured));
    MN_TRY(decode_flag(decode, &passport->undestroyable_honoured));
    MN_TRY(decode_flag(decode, &passport->mechanisms_honoured));
    MN_TRY(decode_flag(decode, &passport->session_copy));
    MN_TRY(decode_flag(decode, &passport->copy_needs_modifiable));
    MN_TRY(decode_number(decode, MN_RSA_OAEP_SHA1, &number));
    passport->wrap = (mn_rsa_padding)number;
    MN_TRY(decode_number(decode, UINT32_MAX, &passport->pin_max));
    return decode_number(decode, UINT32_MAX, &passport->objects_max);
}

mnsec_status mn_passport_decode(mn_bytes bytes, mn_passport *out_passport)
{
    mn_decode decode;
    mn_passport passport = {0};
    MN_TRY(mn_decode_begin(&decode, bytes, PURPOSE));
    MN_TRY(decode_text(&decode, passport.manufacturer, sizeof(passport.manufacturer)));
    MN_TRY(decode_text(&decode, passport.model, sizeof(passport.model)));
    MN_TRY(decode_text(&decode, passport.serial, sizeof(passport.serial)));
    MN_TRY(decode_text(&decode, passport.label, sizeof(passport.label)));
    MN_TRY(decode_methods(&decode, &passport));
    MN_TRY(decode_abilities(&decode, &passport));
    MN_TRY(mn_decode_end(&decode));
    *out_passport = passport;
    return MNSEC_OK;
}

static size_t list_needs(const mn_passport *passport, mechanism_need needs[NEEDS_MAX])
{
    const bool is_pair = mn_keyring_shape_is_pair(passport, MN_KEY_DATA);
    const mn_keyring_shape data = is_pair ? mn_keyring_shape_half(passport, MN_KEY_DATA, true)
                                          : mn_keyring_shape_secret(passport, MN_KEY_DATA);
    const mn_keyring_shape mac = mn_keyring_shape_secret(passport, MN_KEY_INDEX);
    size_t count = 0;
    needs[count++] = (mechanism_need){mn_keyring_shape_maker(&data),
                                      is_pair ? CKF_GENERATE_KEY_PAIR : CKF_GENERATE};
    needs[count++] = (mechanism_need){mn_keyring_lock_cipher(passport->outer),
                                      is_pair ? CKF_DECRYPT : CKF_ENCRYPT | CKF_DECRYPT};
    needs[count++] = (mechanism_need){mn_keyring_shape_maker(&mac), CKF_GENERATE};
    needs[count++] = (mechanism_need){mn_keyring_lock_hasher(passport->mac), CKF_SIGN};
    needs[count++] = (mechanism_need){mn_keyring_lock_signer(passport->audit_alg), CKF_SIGN};
    if (passport->wrap != 0) {
        needs[count++] = (mechanism_need){CKM_RSA_PKCS_OAEP, CKF_WRAP | CKF_UNWRAP};
    }
    return count;
}

mnsec_status mn_passport_compare(const mn_passport *passport, mn_keyring *keyring)
{
    CK_TOKEN_INFO token;
    mechanism_need needs[NEEDS_MAX];
    MN_TRY(mn_keyring_token_info(keyring, &token));
    if (!mn_keyring_is_token(&token, passport)) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT,
                       "this is another token than that of the passport");
    }
    const size_t count = list_needs(passport, needs);
    for (size_t i = 0; i < count; i++) {
        CK_MECHANISM_INFO info = {0};
        const CK_RV rv =
            mn_keyring_calls(keyring)->C_GetMechanismInfo(keyring->slot, needs[i].mechanism, &info);
        if (rv != CKR_OK && rv != CKR_MECHANISM_INVALID) {
            return mn_fail_native(keyring->err, mn_p11_status(MN_P11_TOKEN, rv), (long)rv,
                                  "C_GetMechanismInfo answered 0x%lx", rv);
        }
        if (rv == CKR_MECHANISM_INVALID || (info.flags & needs[i].flags) != needs[i].flags) {
            return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT,
                           "the token no longer has the mechanism 0x%lx", needs[i].mechanism);
        }
    }
    return MNSEC_OK;
}
