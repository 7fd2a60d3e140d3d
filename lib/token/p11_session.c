/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One PKCS#11 session: opened, searched, read, closed. Every search is ended on every path, because
 * an operation left active blocks the session (CKR_OPERATION_ACTIVE). Log-in is the caller's act.
 */
#include <string.h>

#include "p11.h"

#define ATTRIBUTE_MAX_BYTES (64U * 1024U)

mnsec_status mn_p11_session_open(mn_p11 *module, CK_SLOT_ID slot, bool writable, mn_p11_role role,
                                 mn_error *err, mn_p11_session *out_session)
{
    MN_TRY(mn_p11_check(module, err));

    mn_p11_session session = {.module = module, .err = err, .role = role, .slot = slot};
    const CK_FLAGS flags = CKF_SERIAL_SESSION | (writable ? CKF_RW_SESSION : 0);
    const CK_RV rv = mn_p11_calls(module)->C_OpenSession(slot, flags, NULL, NULL, &session.handle);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(&session, rv, "C_OpenSession");
    }
    *out_session = session;
    return MNSEC_OK;
}

void mn_p11_session_wipe(mn_p11_session *session)
{
    if (session->module != NULL && mn_p11_check(session->module, NULL) == MNSEC_OK) {
        mn_p11_calls(session->module)->C_CloseSession(session->handle);
    }
    *session = (mn_p11_session){0};
}

mnsec_status mn_p11_session_fail(const mn_p11_session *session, CK_RV rv, const char *call)
{
    return mn_fail_native(session->err, mn_p11_status(session->role, rv), (long)rv,
                          "%s answered 0x%lx", call, rv);
}

static mnsec_status collect(const mn_p11_session *session, mn_buf *handles)
{
    const CK_FUNCTION_LIST *calls = mn_p11_calls(session->module);
    CK_OBJECT_HANDLE batch[64];
    CK_ULONG count = 0;
    do {
        const CK_RV rv =
            calls->C_FindObjects(session->handle, batch, sizeof(batch) / sizeof(batch[0]), &count);
        if (rv != CKR_OK) {
            return mn_p11_session_fail(session, rv, "C_FindObjects");
        }
        if (count > sizeof(batch) / sizeof(batch[0]) ||
            mn_p11_session_found(handles) + count > MN_P11_FIND_MAX) {
            return mn_fail(session->err, mn_p11_status(session->role, CKR_GENERAL_ERROR),
                           "more objects on the token than can be its own");
        }
        MN_TRY(mn_buf_append(handles, batch, count * sizeof(batch[0])));
    } while (count > 0);
    return MNSEC_OK;
}

mnsec_status mn_p11_session_find(const mn_p11_session *session, CK_ATTRIBUTE *pattern, size_t count,
                                 mn_buf *out_handles)
{
    MN_TRY(mn_p11_check(session->module, session->err));

    const CK_FUNCTION_LIST *calls = mn_p11_calls(session->module);
    CK_RV rv = calls->C_FindObjectsInit(session->handle, pattern, (CK_ULONG)count);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_FindObjectsInit");
    }
    MN_AUTO(mn_buf) handles = {0};
    const mnsec_status status = collect(session, &handles);
    rv = calls->C_FindObjectsFinal(session->handle);
    MN_TRY(status);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_FindObjectsFinal");
    }
    mn_buf_move(out_handles, &handles);
    return MNSEC_OK;
}

size_t mn_p11_session_found(const mn_buf *handles)
{
    return handles->len / sizeof(CK_OBJECT_HANDLE);
}

CK_OBJECT_HANDLE mn_p11_session_handle(const mn_buf *handles, size_t index)
{
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    memcpy(&handle, handles->bytes + index * sizeof(handle), sizeof(handle));
    return handle;
}

mnsec_status mn_p11_session_attribute(const mn_p11_session *session, CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE_TYPE type, mn_buf *out_value)
{
    MN_TRY(mn_p11_check(session->module, session->err));

    const CK_FUNCTION_LIST *calls = mn_p11_calls(session->module);
    CK_ATTRIBUTE attribute = {.type = type};
    CK_RV rv = calls->C_GetAttributeValue(session->handle, object, &attribute, 1);
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE ||
        (rv == CKR_OK && attribute.ulValueLen == CK_UNAVAILABLE_INFORMATION)) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    if (rv != CKR_OK) {
        return mn_p11_session_fail(session, rv, "C_GetAttributeValue");
    }
    if (attribute.ulValueLen > ATTRIBUTE_MAX_BYTES) {
        return mn_fail(session->err, mn_p11_status(session->role, CKR_GENERAL_ERROR),
                       "an attribute of %lu bytes is too long", attribute.ulValueLen);
    }
    MN_AUTO(mn_buf) value = {0};
    uint8_t *room = NULL;
    MN_TRY(mn_buf_extend(&value, attribute.ulValueLen, &room));
    attribute.pValue = room;
    rv = calls->C_GetAttributeValue(session->handle, object, &attribute, 1);
    if (rv != CKR_OK || attribute.ulValueLen > value.len) {
        return mn_p11_session_fail(session, rv, "C_GetAttributeValue");
    }
    value.len = attribute.ulValueLen;
    mn_buf_move(out_value, &value);
    return MNSEC_OK;
}
