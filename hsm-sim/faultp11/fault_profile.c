/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways of other tokens than the lower module: one that makes the IV of AES-GCM itself and gives
 * it back in its own place, one that knows nothing of trusted keys, one that tells the value of a
 * key that it calls sensitive. What a plan or a profile does not ask for is passed on unchanged.
 */
#include <string.h>

#include "fault_call.h"

#define SESSIONS_MAX  64U
#define IV_MAX_BYTES  16U
#define IV_BYTES      12U
#define MADE_UP_BYTES 32U

/* An encryption that was begun with an IV of the token's. */
typedef struct begun {
    CK_SESSION_HANDLE session; /* 0 = free */
    mn_fault_gcm_iv how;
    CK_BYTE iv[IV_MAX_BYTES];
    CK_ULONG iv_len;
} begun;

static begun all_begun[SESSIONS_MAX]; /* under the module's lock */

static mn_fault_gcm_iv gcm_iv_now(void)
{
    mn_fault_module *module = &mn_fault_module_only;
    (void)pthread_mutex_lock(&module->lock);
    const mn_fault_gcm_iv how = mn_fault_module_gcm_iv(module);
    (void)pthread_mutex_unlock(&module->lock);
    return how;
}

/* --- AES-GCM with an IV of the token's --- */

static void forget(CK_SESSION_HANDLE session, begun *out_begun)
{
    mn_fault_module *module = &mn_fault_module_only;
    *out_begun = (begun){0};
    (void)pthread_mutex_lock(&module->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (session != 0 && all_begun[i].session == session) {
            *out_begun = all_begun[i];
            all_begun[i].session = 0;
        }
    }
    (void)pthread_mutex_unlock(&module->lock);
}

static void remember(const begun *one)
{
    mn_fault_module *module = &mn_fault_module_only;
    (void)pthread_mutex_lock(&module->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        if (all_begun[i].session == 0) {
            all_begun[i] = *one;
            break;
        }
    }
    (void)pthread_mutex_unlock(&module->lock);
}

static bool is_zero(const CK_BYTE *bytes, CK_ULONG len)
{
    CK_BYTE sum = 0;
    for (CK_ULONG i = 0; i < len; i++) {
        sum |= bytes[i];
    }
    return sum == 0;
}

/* Like the HSMs that do so: the caller's buffer must be there, of 12 or 16 bytes, and zero. */
static CK_RV begin_gcm(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const CK_GCM_PARAMS *given,
                       mn_fault_gcm_iv how)
{
    const CK_FUNCTION_LIST *lower = mn_fault_module_only.lower;
    begun one = {.session = session, .how = how, .iv_len = IV_BYTES};
    if (how == MN_FAULT_GCM_IV_APPENDED_16) {
        one.iv_len = IV_MAX_BYTES;
    }
    if (given->iv_ptr == NULL || given->iv_len != one.iv_len ||
        !is_zero(given->iv_ptr, given->iv_len)) {
        return CKR_MECHANISM_PARAM_INVALID;
    }
    CK_RV rv = lower->C_GenerateRandom(session, one.iv, one.iv_len);
    if (rv != CKR_OK) {
        return rv;
    }
    CK_GCM_PARAMS params = *given;
    CK_MECHANISM mechanism = {CKM_AES_GCM, &params, sizeof params};
    params.iv_ptr = one.iv;
    rv = lower->C_EncryptInit(session, &mechanism, key);
    if (rv != CKR_OK) {
        return rv;
    }
    if (how == MN_FAULT_GCM_IV_IN_PLACE) {
        memcpy(given->iv_ptr, one.iv, one.iv_len);
    } else {
        remember(&one);
    }
    return CKR_OK;
}

CK_RV C_EncryptInit(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
    mn_fault_call call;
    begun before;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_EncryptInit, session, mechanism);
    if (rv != CKR_OK) {
        return rv;
    }
    forget(session, &before);
    const mn_fault_gcm_iv how = gcm_iv_now();
    const bool is_ours = how != MN_FAULT_GCM_IV_GIVEN && mechanism != NULL &&
                         mechanism->mechanism == CKM_AES_GCM &&
                         mechanism->ulParameterLen == sizeof(CK_GCM_PARAMS);
    rv = is_ours ? begin_gcm(session, key, mechanism->pParameter, how)
                 : mn_fault_module_only.lower->C_EncryptInit(session, mechanism, key);
    return mn_fault_call_leave(&call, rv);
}

static CK_RV finish_gcm(const begun *one, CK_BYTE *data, CK_ULONG data_len, CK_BYTE *out,
                        CK_ULONG *out_len)
{
    const CK_FUNCTION_LIST *lower = mn_fault_module_only.lower;
    const bool is_ahead = one->how == MN_FAULT_GCM_IV_PREPENDED;
    if (out == NULL || *out_len < one->iv_len) {
        remember(one);
        const CK_RV rv = lower->C_Encrypt(one->session, data, data_len, NULL, out_len);
        *out_len += one->iv_len;
        return rv != CKR_OK || out == NULL ? rv : CKR_BUFFER_TOO_SMALL;
    }
    CK_ULONG len = *out_len - one->iv_len;
    CK_BYTE *body = is_ahead ? out + one->iv_len : out;
    const CK_RV rv = lower->C_Encrypt(one->session, data, data_len, body, &len);
    if (rv == CKR_OK) {
        memcpy(is_ahead ? out : out + len, one->iv, one->iv_len);
    } else if (rv == CKR_BUFFER_TOO_SMALL) {
        remember(one);
    }
    *out_len = len + one->iv_len;
    return rv;
}

CK_RV C_Encrypt(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len,
                CK_BYTE_PTR encrypted_data, CK_ULONG_PTR encrypted_data_len)
{
    mn_fault_call call;
    begun one;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_Encrypt, session, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    forget(session, &one);
    rv = one.session != 0 && encrypted_data_len != NULL
             ? finish_gcm(&one, data, data_len, encrypted_data, encrypted_data_len)
             : mn_fault_module_only.lower->C_Encrypt(session, data, data_len, encrypted_data,
                                                     encrypted_data_len);
    return mn_fault_call_leave(&call, rv);
}

/* --- tokens without trusted keys --- */

static CK_RV refuse_trust(const CK_ATTRIBUTE *templ, CK_ULONG count)
{
    mn_fault_module *module = &mn_fault_module_only;
    (void)pthread_mutex_lock(&module->lock);
    const bool is_refused = module->plan.no_trust || module->profile.no_trust;
    (void)pthread_mutex_unlock(&module->lock);
    for (CK_ULONG i = 0; is_refused && templ != NULL && i < count; i++) {
        if (templ[i].type == CKA_TRUSTED || templ[i].type == CKA_WRAP_WITH_TRUSTED) {
            return CKR_ATTRIBUTE_TYPE_INVALID;
        }
    }
    return CKR_OK;
}

CK_RV C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR templ, CK_ULONG count,
                     CK_OBJECT_HANDLE_PTR object)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_CreateObject, session, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = refuse_trust(templ, count);
    if (rv == CKR_OK) {
        rv = mn_fault_module_only.lower->C_CreateObject(session, templ, count, object);
    }
    return mn_fault_call_leave(&call, rv);
}

CK_RV C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_ATTRIBUTE_PTR templ,
                    CK_ULONG count, CK_OBJECT_HANDLE_PTR key)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_GenerateKey, session, mechanism);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = refuse_trust(templ, count);
    if (rv == CKR_OK) {
        rv = mn_fault_module_only.lower->C_GenerateKey(session, mechanism, templ, count, key);
    }
    return mn_fault_call_leave(&call, rv);
}

CK_RV C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                  CK_OBJECT_HANDLE unwrapping_key, CK_BYTE_PTR wrapped_key,
                  CK_ULONG wrapped_key_len, CK_ATTRIBUTE_PTR templ, CK_ULONG attribute_count,
                  CK_OBJECT_HANDLE_PTR key)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_UnwrapKey, session, mechanism);
    if (rv != CKR_OK) {
        return rv;
    }
    rv = refuse_trust(templ, attribute_count);
    if (rv == CKR_OK) {
        rv =
            mn_fault_module_only.lower->C_UnwrapKey(session, mechanism, unwrapping_key, wrapped_key,
                                                    wrapped_key_len, templ, attribute_count, key);
    }
    return mn_fault_call_leave(&call, rv);
}

/* --- a token that lies --- */

/* The value of a sensitive key, made up: what matters is that it is told. */
static bool tell_value(CK_ATTRIBUTE *templ, CK_ULONG count, CK_ULONG room)
{
    mn_fault_module *module = &mn_fault_module_only;
    (void)pthread_mutex_lock(&module->lock);
    const bool lies = module->plan.lie_readable || module->profile.lie_readable;
    (void)pthread_mutex_unlock(&module->lock);
    const bool is_asked = lies && templ != NULL && count == 1 && templ[0].pValue != NULL &&
                          (templ[0].type == CKA_VALUE || templ[0].type == CKA_PRIVATE_EXPONENT);
    if (is_asked) {
        templ[0].ulValueLen = room < MADE_UP_BYTES ? room : MADE_UP_BYTES;
        memset(templ[0].pValue, 0x5a, templ[0].ulValueLen);
    }
    return is_asked;
}

CK_RV C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                          CK_ATTRIBUTE_PTR templ, CK_ULONG count)
{
    mn_fault_call call;
    CK_RV rv = mn_fault_call_enter_session(&call, MN_FAULT_C_GetAttributeValue, session, NULL);
    if (rv != CKR_OK) {
        return rv;
    }
    const CK_ULONG room = templ != NULL && count > 0 ? templ[0].ulValueLen : 0;
    rv = mn_fault_module_only.lower->C_GetAttributeValue(session, object, templ, count);
    if (rv == CKR_ATTRIBUTE_SENSITIVE && tell_value(templ, count, room)) {
        rv = CKR_OK;
    }
    return mn_fault_call_leave(&call, rv);
}
