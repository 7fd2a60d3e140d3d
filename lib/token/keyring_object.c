/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public objects: the pin, the audit certificate, the checkpoints. Anybody can read them
 * without a PIN, and on some tokens anybody can add to them or delete them; so a pin counts only
 * when the security officer has marked it trusted (or, a weak one, where the signed passport says
 * that the token knows no trust), every checkpoint is handed to the caller to
 * verify, and what does not fit is passed over. Nothing here decides what a pin or a checkpoint
 * says.
 */
#include <string.h>

#include "keyring_internal.h"

#define PIN_LABEL            MN_KEYRING_PREFIX "pin"
#define AUDIT_LABEL          MN_KEYRING_PREFIX "audit"
#define CHECKPOINT_LABEL     MN_KEYRING_PREFIX "checkpoint"
#define SCRATCH_LABEL        MN_KEYRING_PREFIX "scratch"
#define APPLICATION          "mnsec"
#define CHECKPOINT_MAX_BYTES (16U * 1024U)
#define CHECKPOINTS_MAX      256U /* one or two are there; more are somebody else's */

/* Objects of this class and label; trusted ones only, if asked for. */
static mnsec_status find_all(mn_keyring *keyring, CK_OBJECT_CLASS object_class, const char *label,
                             bool trusted, mn_buf *out_handles)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work(keyring, &work));
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_LABEL, mn_keyring_lend(label), strlen(label)},
        {CKA_TRUSTED, &yes, sizeof(yes)},
    };
    MN_AUTO(mn_buf) handles = {0};
    const mnsec_status status = mn_p11_session_find(work, pattern, trusted ? 4 : 3, &handles);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    mn_buf_move(out_handles, &handles);
    return MNSEC_OK;
}

static mnsec_status read_value(mn_keyring *keyring, CK_OBJECT_HANDLE object, mn_buf *out_value)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work(keyring, &work));
    const mnsec_status status = mn_p11_session_attribute(work, object, CKA_VALUE, out_value);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_FAULT, "an object on the token has no value");
    }
    return status == MNSEC_OK ? MNSEC_OK : mn_keyring_failed(keyring, status);
}

/* --- certificates --- */

static void fill_certificate(const mn_keyring_shape *shape, const char *label, mn_bytes der,
                             const mn_buf *subject, mn_keyring_template *out_template)
{
    static const CK_CERTIFICATE_TYPE x509 = CKC_X_509;
    mn_keyring_shape_fill(shape, label, out_template);
    mn_keyring_shape_add(out_template, CKA_CERTIFICATE_TYPE, &x509, sizeof(x509));
    mn_keyring_shape_add(out_template, CKA_ID, label, strlen(label));
    mn_keyring_shape_add(out_template, CKA_SUBJECT, subject->bytes, subject->len);
    mn_keyring_shape_add(out_template, CKA_VALUE, der.bytes, der.len);
}

/* Written, read back, and there as it should be. */
static mnsec_status create_certificate(mn_keyring *keyring, const mn_keyring_shape *shape,
                                       const char *label, mn_bytes der)
{
    const mn_p11_session *work = NULL;
    MN_AUTO(mn_buf) subject = {0};
    MN_AUTO(mn_buf) written = {0};
    if (mn_x509_subject(der, &subject) != MNSEC_OK) {
        return mn_fail(keyring->err, MNSEC_E_USAGE_FORMAT, "this is no certificate");
    }
    MN_TRY(mn_keyring_gate_room(keyring->room, keyring->err));
    MN_TRY(mn_keyring_work(keyring, &work));
    mn_keyring_template certificate;
    fill_certificate(shape, label, der, &subject, &certificate);
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const CK_RV rv = mn_keyring_calls(keyring)->C_CreateObject(work->handle, certificate.attributes,
                                                               certificate.count, &object);
    if (rv != CKR_OK) {
        return mn_keyring_fail(keyring, rv, "C_CreateObject");
    }
    mn_keyring_facts facts;
    const mnsec_status status = mn_keyring_shape_read(work, object, &facts);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    MN_TRY(read_value(keyring, object, &written));
    if (!mn_keyring_shape_fits(shape, &facts) || written.len != der.len ||
        memcmp(written.bytes, der.bytes, der.len) != 0) {
        return mn_fail(keyring->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "the token does not keep %s as it was written", label);
    }
    return MNSEC_OK;
}

static mn_keyring_shape certificate_shape(bool trusted, bool undestroyable)
{
    mn_keyring_shape shape = {
        .object_class = CKO_CERTIFICATE,
        .key_type = MN_KEY_TYPE_NONE,
        .named = MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_MODIFIABLE | MN_FLAG_DESTROYABLE,
        .set = MN_FLAG_TOKEN,
        .use = MN_MECHANISM_ANY,
    };
    if (trusted) {
        shape.named |= MN_FLAG_TRUSTED;
        shape.set |= MN_FLAG_TRUSTED;
    }
    if (!undestroyable) {
        shape.set |= MN_FLAG_DESTROYABLE;
    }
    return shape;
}

/* The same certificate again is no error, so that founding can go on where it was interrupted. */
static mnsec_status compare_written(mn_keyring *keyring, mn_bytes written, mn_bytes der)
{
    if (written.len == der.len && memcmp(written.bytes, der.bytes, der.len) == 0) {
        return MNSEC_OK;
    }
    return mn_fail(keyring->err, MNSEC_E_STATE_CONFLICT, "the token has another one already");
}

static mnsec_status read_pins(mn_keyring *keyring, bool trusted, mn_buf *out_first,
                              size_t *out_count)
{
    MN_AUTO(mn_buf) handles = {0};
    MN_AUTO(mn_buf) first = {0};
    MN_TRY(find_all(keyring, CKO_CERTIFICATE, PIN_LABEL, trusted, &handles));
    const size_t count = mn_p11_session_found(&handles);
    if (count > 0) {
        MN_TRY(read_value(keyring, mn_p11_session_handle(&handles, 0), &first));
    }
    mn_buf_move(out_first, &first);
    *out_count = count;
    return MNSEC_OK;
}

mnsec_status mn_keyring_object_pins(mn_keyring *keyring, mn_buf *out_first, size_t *out_count)
{
    return read_pins(keyring, true, out_first, out_count);
}

mnsec_status mn_keyring_object_weak_pins(mn_keyring *keyring, mn_buf *out_first, size_t *out_count)
{
    return read_pins(keyring, false, out_first, out_count);
}

/* A session object first, and only then one that could never be removed. */
static mnsec_status try_certificate(mn_keyring *keyring, bool trusted, bool undestroyable,
                                    mn_bytes der)
{
    mn_keyring_shape trial = certificate_shape(trusted, undestroyable);
    trial.set &= ~(uint32_t)MN_FLAG_TOKEN;
    const mnsec_status status = create_certificate(keyring, &trial, SCRATCH_LABEL, der);
    if (status == MNSEC_E_TOKEN_UNSUITABLE) {
        mn_error_clear(keyring->err);
    }
    return status;
}

/* Where the token knows no trust: the weak pin, undestroyable if that at least is honoured. */
static mnsec_status write_weak(mn_keyring *keyring, mn_bytes der)
{
    MN_AUTO(mn_buf) first = {0};
    size_t count = 0;
    MN_TRY(mn_keyring_object_weak_pins(keyring, &first, &count));
    if (count > 0) {
        return compare_written(keyring, mn_buf_view(&first), der);
    }
    const mnsec_status status = try_certificate(keyring, false, true, der);
    if (status != MNSEC_OK && status != MNSEC_E_TOKEN_UNSUITABLE) {
        return status;
    }
    const mn_keyring_shape shape = certificate_shape(false, status == MNSEC_OK);
    return create_certificate(keyring, &shape, PIN_LABEL, der);
}

/* Security officer: a certificate that can be destroyed first, and only then one that cannot. */
static mnsec_status write_pin(mn_keyring *keyring, mn_bytes der)
{
    const mnsec_status status = try_certificate(keyring, true, false, der);
    if (status == MNSEC_E_TOKEN_UNSUITABLE) {
        return write_weak(keyring, der);
    }
    MN_TRY(status);
    const mn_keyring_shape shape = certificate_shape(true, true);
    return create_certificate(keyring, &shape, PIN_LABEL, der);
}

mnsec_status mn_keyring_object_write_pin(mn_keyring *keyring, mn_bytes der, const mn_secret *so_pin)
{
    MN_AUTO(mn_buf) first = {0};
    size_t count = 0;
    MN_TRY(mn_keyring_object_pins(keyring, &first, &count));
    if (count > 0) {
        return compare_written(keyring, mn_buf_view(&first), der);
    }
    MN_TRY(mn_keyring_so_login(keyring, so_pin));
    const mnsec_status status = write_pin(keyring, der);
    mn_keyring_logout(keyring);
    return status;
}

mnsec_status mn_keyring_object_audit_cert(mn_keyring *keyring, mn_buf *out_der)
{
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    MN_TRY(mn_keyring_shape_find(keyring, CKO_CERTIFICATE, AUDIT_LABEL, &object));
    return read_value(keyring, object, out_der);
}

mnsec_status mn_keyring_object_write_audit_cert(mn_keyring *keyring, mn_bytes der)
{
    const mn_p11_session *work = NULL;
    MN_AUTO(mn_buf) written = {0};
    MN_TRY(mn_keyring_work_as_user(keyring, true, &work));
    const mnsec_status status = mn_keyring_object_audit_cert(keyring, &written);
    if (status == MNSEC_OK) {
        return compare_written(keyring, mn_buf_view(&written), der);
    }
    if (status != MNSEC_E_STATE_NOT_FOUND) {
        return status;
    }
    const mn_keyring_shape shape =
        certificate_shape(false, keyring->passport.undestroyable_honoured);
    return create_certificate(keyring, &shape, AUDIT_LABEL, der);
}

/* --- checkpoints --- */

/* Bounded: anybody may have put anything there. An empty value = nothing that could be one. */
static mnsec_status read_checkpoint(mn_keyring *keyring, CK_OBJECT_HANDLE object,
                                    uint8_t room[CHECKPOINT_MAX_BYTES], mn_bytes *out_value)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work(keyring, &work));
    CK_ATTRIBUTE attribute = {CKA_VALUE, room, CHECKPOINT_MAX_BYTES};
    const CK_RV rv =
        mn_keyring_calls(keyring)->C_GetAttributeValue(work->handle, object, &attribute, 1);
    const bool is_told = rv == CKR_OK && attribute.ulValueLen <= CHECKPOINT_MAX_BYTES;
    if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL && rv != CKR_ATTRIBUTE_TYPE_INVALID &&
        rv != CKR_ATTRIBUTE_SENSITIVE && rv != CKR_OBJECT_HANDLE_INVALID) {
        return mn_keyring_fail(keyring, rv, "C_GetAttributeValue");
    }
    *out_value = mn_bytes_of(room, is_told ? attribute.ulValueLen : 0);
    return MNSEC_OK;
}

mnsec_status mn_keyring_object_checkpoints(mn_keyring *keyring, mn_keyring_object_fn visit,
                                           void *user)
{
    uint8_t room[CHECKPOINT_MAX_BYTES];
    MN_AUTO(mn_buf) handles = {0};
    MN_TRY(find_all(keyring, CKO_DATA, CHECKPOINT_LABEL, false, &handles));
    const size_t count = mn_p11_session_found(&handles);
    if (count > CHECKPOINTS_MAX) {
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY, "the token has %zu checkpoints", count);
    }
    for (size_t i = 0; i < count; i++) {
        mn_bytes value = {0};
        MN_TRY(read_checkpoint(keyring, mn_p11_session_handle(&handles, i), room, &value));
        if (value.len > 0) {
            MN_TRY(visit(user, value));
        }
    }
    return MNSEC_OK;
}

static mnsec_status create_checkpoint(mn_keyring *keyring, mn_bytes value)
{
    static const CK_OBJECT_CLASS data = CKO_DATA;
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, mn_keyring_lend(&data), sizeof(data)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_LABEL, mn_keyring_lend(CHECKPOINT_LABEL), strlen(CHECKPOINT_LABEL)},
        {CKA_APPLICATION, mn_keyring_lend(APPLICATION), strlen(APPLICATION)},
        {CKA_VALUE, mn_keyring_lend(value.bytes), (CK_ULONG)value.len},
        {CKA_MODIFIABLE, &no, sizeof(no)},
    };
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    const CK_RV rv = mn_keyring_calls(keyring)->C_CreateObject(
        work->handle, attributes, sizeof(attributes) / sizeof(attributes[0]), &object);
    return rv == CKR_OK ? MNSEC_OK : mn_keyring_fail(keyring, rv, "C_CreateObject");
}

mnsec_status mn_keyring_object_write_checkpoint(mn_keyring *keyring, mn_bytes value)
{
    const mn_p11_session *work = NULL;
    MN_AUTO(mn_buf) older = {0};
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    if (value.len == 0 || value.len > CHECKPOINT_MAX_BYTES) {
        return mn_fail(keyring->err, MNSEC_E_USAGE, "a checkpoint has 1 to %u bytes",
                       CHECKPOINT_MAX_BYTES);
    }
    MN_TRY(mn_keyring_gate_room(keyring->room, keyring->err));
    MN_TRY(find_all(keyring, CKO_DATA, CHECKPOINT_LABEL, false, &older));
    MN_TRY(create_checkpoint(keyring, value));
    /* The new head is there. An older one that stays is outvoted, and goes at the next time. */
    for (size_t i = 0; i < mn_p11_session_found(&older); i++) {
        MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
        mn_keyring_calls(keyring)->C_DestroyObject(work->handle, mn_p11_session_handle(&older, i));
    }
    return MNSEC_OK;
}
