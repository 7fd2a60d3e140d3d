/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding cards. Of several certificates on a card the one with the lowest CKA_ID that we can
 * verify with stands for the card in a list (PIV 9A, the authentication key of JPKI); a log-in may
 * name any of them. What a card says of itself is cleaned before it is passed on, and its flags are
 * hints only: what works is tried at enrolment (card_bind.c).
 */
#include "token/card_slot.h"

#include <string.h>

#include "base/text.h"
#include "crypto/secret/hash.h"
#include "token/card_key.h"
#include "token/card_wire.h"

#define OBJECTS_MAX 16U /* of one kind that are looked at on one card */

typedef struct certificate {
    mn_buf id;
    mn_buf der;
    mn_buf spki;
    uint8_t spki_hash[MN_HASH_BYTES];
    mn_signature_alg alg;
} certificate;

typedef struct certificates {
    certificate items[OBJECTS_MAX];
    size_t count;
} certificates;

static void certificate_wipe(certificate *cert)
{
    mn_buf_wipe(&cert->id);
    mn_buf_wipe(&cert->der);
    mn_buf_wipe(&cert->spki);
    *cert = (certificate){0};
}

static void certificates_wipe(certificates *certs)
{
    for (size_t i = 0; i < certs->count; i++) {
        certificate_wipe(&certs->items[i]);
    }
    *certs = (certificates){0};
}

/* --- what is on a card --- */

/* STATE_NOT_FOUND where it is none that we can verify with. */
static mnsec_status read_certificate(const mn_p11_session *session, CK_OBJECT_HANDLE object,
                                     certificate *out_certificate)
{
    MN_AUTO(certificate) cert = {0};
    MN_TRY(mn_p11_session_attribute(session, object, CKA_VALUE, &cert.der));
    MN_TRY(mn_p11_session_attribute(session, object, CKA_ID, &cert.id));
    if (cert.der.len == 0 || cert.der.len > MN_CARD_WIRE_CERTIFICATE_MAX_BYTES ||
        mn_x509_spki(mn_buf_view(&cert.der), &cert.spki) != MNSEC_OK) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    cert.alg = mn_card_key_alg(mn_buf_view(&cert.spki));
    if (cert.alg == MN_SIGNATURE_NONE) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    mn_hash_bytes(mn_buf_view(&cert.spki), cert.spki_hash);
    *out_certificate = cert;
    cert = (certificate){0};
    return MNSEC_OK;
}

static bool comes_before(const certificate *one, const certificate *other)
{
    if (one->id.len != other->id.len) {
        return one->id.len < other->id.len;
    }
    return one->id.len > 0 && memcmp(one->id.bytes, other->id.bytes, one->id.len) < 0;
}

/* The first of them stands for the card. */
static void put_in_order(certificates *certs)
{
    for (size_t i = 1; i < certs->count; i++) {
        if (comes_before(&certs->items[i], &certs->items[0])) {
            const certificate first = certs->items[i];
            certs->items[i] = certs->items[0];
            certs->items[0] = first;
        }
    }
}

static mnsec_status read_certificates(const mn_p11_session *session, certificates *out_certs)
{
    CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_ATTRIBUTE pattern[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_CERTIFICATE_TYPE, &type, sizeof(type)},
    };
    MN_AUTO(mn_buf) handles = {0};
    MN_TRY(mn_p11_session_find(session, pattern, 2, &handles));
    MN_AUTO(certificates) certs = {0};
    for (size_t i = 0; i < mn_p11_session_found(&handles) && certs.count < OBJECTS_MAX; i++) {
        const mnsec_status status = read_certificate(session, mn_p11_session_handle(&handles, i),
                                                     &certs.items[certs.count]);
        if (status == MNSEC_OK) {
            certs.count++;
        } else if (status != MNSEC_E_STATE_NOT_FOUND) {
            return status;
        }
    }
    put_in_order(&certs);
    *out_certs = certs;
    certs = (certificates){0};
    return MNSEC_OK;
}

static bool has_mechanism(const mn_p11_session *session, CK_MECHANISM_TYPE type, CK_FLAGS flag)
{
    CK_MECHANISM_INFO info = {0};
    const CK_RV rv = mn_p11_calls(session->module)->C_GetMechanismInfo(session->slot, type, &info);
    return rv == CKR_OK && (info.flags & flag) != 0;
}

static bool is_true(const mn_p11_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE attribute = {type, &value, sizeof(value)};
    const CK_RV rv =
        mn_p11_calls(session->module)->C_GetAttributeValue(session->handle, object, &attribute, 1);
    return rv == CKR_OK && attribute.ulValueLen == sizeof(value) && value == CK_TRUE;
}

/* Is there a public key of this type, made to encrypt with, or not made to verify with? */
static bool has_key(const mn_p11_session *session, CK_KEY_TYPE type, bool to_encrypt)
{
    CK_OBJECT_CLASS object_class = CKO_PUBLIC_KEY;
    CK_ATTRIBUTE pattern[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_KEY_TYPE, &type, sizeof(type)},
    };
    MN_AUTO(mn_buf) handles = {0};
    if (mn_p11_session_find(session, pattern, 2, &handles) != MNSEC_OK) {
        return false;
    }
    for (size_t i = 0; i < mn_p11_session_found(&handles) && i < OBJECTS_MAX; i++) {
        const CK_OBJECT_HANDLE object = mn_p11_session_handle(&handles, i);
        if (to_encrypt ? is_true(session, object, CKA_ENCRYPT)
                       : !is_true(session, object, CKA_VERIFY)) {
            return true;
        }
    }
    return false;
}

/* --- one card of a list --- */

/* Text of a token for people: a byte that could mislead a terminal or is no UTF-8 becomes "?". */
static void copy_text(const unsigned char *padded, size_t len, char *out_text, size_t size)
{
    mn_p11_text(padded, len < size ? len : size - 1, out_text);
    if (mn_text_is_clean(mn_bytes_of(out_text, strlen(out_text)), false)) {
        return;
    }
    for (char *at = out_text; *at != '\0'; at++) {
        if (*at < 0x20 || *at > 0x7e) {
            *at = '?';
        }
    }
}

static void read_hints(const mn_p11_session *session, mn_card_info *card)
{
    card->can_bind_ecdh =
        has_mechanism(session, CKM_ECDH1_DERIVE, CKF_DERIVE) && has_key(session, CKK_EC, false);
    card->can_bind_rsa_decrypt = (has_mechanism(session, CKM_RSA_PKCS_OAEP, CKF_DECRYPT) ||
                                  has_mechanism(session, CKM_RSA_PKCS, CKF_DECRYPT)) &&
                                 has_key(session, CKK_RSA, true);
    card->can_bind_rsa_sign = card->sign_alg == MN_SIGNATURE_RSA_PKCS1_SHA256 &&
                              has_mechanism(session, CKM_RSA_PKCS, CKF_SIGN);
}

static void read_pin_flags(CK_FLAGS flags, mn_card_info *card)
{
    card->pin_pad = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;
    card->pin_count_low = (flags & CKF_USER_PIN_COUNT_LOW) != 0;
    card->pin_final_try = (flags & CKF_USER_PIN_FINAL_TRY) != 0;
    card->pin_locked = (flags & CKF_USER_PIN_LOCKED) != 0;
}

static mnsec_status read_token(const mn_p11_session *session, CK_TOKEN_INFO *out_info)
{
    const CK_RV rv = mn_p11_calls(session->module)->C_GetTokenInfo(session->slot, out_info);
    return rv == CKR_OK ? MNSEC_OK : mn_p11_session_fail(session, rv, "C_GetTokenInfo");
}

/* STATE_NOT_FOUND where the card shows no certificate that we can use. */
static mnsec_status read_card(mn_p11 *module, CK_SLOT_ID slot, mn_error *err,
                              mn_card_info *out_card)
{
    MN_AUTO(mn_p11_session) session = {0};
    MN_TRY(mn_p11_session_open(module, slot, false, MN_P11_CARD, err, &session));
    MN_AUTO(certificates) certs = {0};
    MN_TRY(read_certificates(&session, &certs));
    if (certs.count == 0) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    CK_TOKEN_INFO token = {0};
    CK_SLOT_INFO reader = {0};
    MN_TRY(read_token(&session, &token));
    const CK_RV rv = mn_p11_calls(module)->C_GetSlotInfo(slot, &reader);
    if (rv != CKR_OK) {
        return mn_p11_session_fail(&session, rv, "C_GetSlotInfo");
    }
    mn_card_info card = {.sign_alg = certs.items[0].alg};
    memcpy(card.spki_hash, certs.items[0].spki_hash, sizeof(card.spki_hash));
    copy_text(token.label, sizeof(token.label), card.label, sizeof(card.label));
    copy_text(reader.slotDescription, sizeof(reader.slotDescription), card.reader,
              sizeof(card.reader));
    read_pin_flags(token.flags, &card);
    read_hints(&session, &card);
    mn_buf_move(&card.certificate, &certs.items[0].der);
    *out_card = card;
    return MNSEC_OK;
}

/* --- all slots --- */

/* A card that nobody can read, or that is just leaving, is not what the caller looks for. */
static bool is_passed_over(mnsec_status status)
{
    return status == MNSEC_E_STATE_NOT_FOUND || status == MNSEC_E_CARD_ABSENT ||
           status == MNSEC_E_CARD_REMOVED || status == MNSEC_E_CARD_UNSUITABLE;
}

static mnsec_status list_slots(mn_p11 *module, mn_error *err, mn_buf *out_slots)
{
    const mnsec_status status = mn_p11_slots(module, true, err, out_slots);
    return status == MNSEC_E_TOKEN_FAULT ? MNSEC_E_CARD_FAULT : status;
}

static CK_SLOT_ID slot_at(const mn_buf *slots, size_t index)
{
    CK_SLOT_ID slot;
    memcpy(&slot, slots->bytes + index * sizeof(slot), sizeof(slot));
    return slot;
}

mnsec_status mn_card_slot_list(mn_p11 *module, mn_error *err, mn_card_info *out_cards,
                               size_t *out_count)
{
    MN_AUTO(mn_buf) slots = {0};
    MN_TRY(list_slots(module, err, &slots));
    size_t count = 0;
    mn_error failure = {0};
    for (size_t i = 0; i < slots.len / sizeof(CK_SLOT_ID) && count < MN_CARD_MAX; i++) {
        mn_error detail = {0};
        const mnsec_status status =
            read_card(module, slot_at(&slots, i), &detail, &out_cards[count]);
        if (status == MNSEC_OK) {
            count++;
        } else if (!is_passed_over(status) && failure.status == MNSEC_OK) {
            failure = detail;
            failure.status = status;
        }
    }
    if (count == 0 && failure.status != MNSEC_OK) {
        return mn_fail_native(err, failure.status, failure.native, "%s", failure.text);
    }
    *out_count = count;
    return MNSEC_OK;
}

/* STATE_NOT_FOUND where this slot is not the one. */
static mnsec_status look_for(mn_p11 *module, CK_SLOT_ID slot, const uint8_t spki_hash[32],
                             bool writable, mn_error *err, mn_p11_session *out_session,
                             mn_buf *out_spki)
{
    MN_AUTO(mn_p11_session) session = {0};
    MN_TRY(mn_p11_session_open(module, slot, writable, MN_P11_CARD, err, &session));
    MN_AUTO(certificates) certs = {0};
    MN_TRY(read_certificates(&session, &certs));
    for (size_t i = 0; i < certs.count; i++) {
        if (memcmp(certs.items[i].spki_hash, spki_hash, MN_HASH_BYTES) == 0) {
            mn_buf_move(out_spki, &certs.items[i].spki);
            *out_session = session;
            session = (mn_p11_session){0};
            return MNSEC_OK;
        }
    }
    return MNSEC_E_STATE_NOT_FOUND;
}

mnsec_status mn_card_slot_find(mn_p11 *module, const uint8_t spki_hash[32], bool writable,
                               mn_error *err, mn_p11_session *out_session, mn_buf *out_spki)
{
    MN_AUTO(mn_buf) slots = {0};
    MN_TRY(list_slots(module, err, &slots));
    MN_AUTO(mn_p11_session) found = {0};
    MN_AUTO(mn_buf) spki = {0};
    mn_error failure = {0};
    for (size_t i = 0; i < slots.len / sizeof(CK_SLOT_ID); i++) {
        mn_error detail = {0};
        MN_AUTO(mn_p11_session) session = {0};
        const mnsec_status status =
            look_for(module, slot_at(&slots, i), spki_hash, writable, &detail, &session, &spki);
        if (status == MNSEC_OK && found.module != NULL) {
            return mn_fail(err, MNSEC_E_CARD_AMBIGUOUS, "two cards show the same certificate");
        }
        if (status == MNSEC_OK) {
            found = session;
            session = (mn_p11_session){0};
        } else if (!is_passed_over(status) && failure.status == MNSEC_OK) {
            failure = detail;
            failure.status = status;
        }
    }
    if (found.module == NULL && failure.status != MNSEC_OK) {
        return mn_fail_native(err, failure.status, failure.native, "%s", failure.text);
    }
    if (found.module == NULL) {
        return mn_fail(err, MNSEC_E_CARD_ABSENT, "the card asked for is in no reader");
    }
    found.err = err;
    *out_session = found;
    found = (mn_p11_session){0};
    mn_buf_move(out_spki, &spki);
    return MNSEC_OK;
}

mnsec_status mn_card_slot_admit(const mn_p11_session *session, bool by_pad, bool final_try_consent)
{
    CK_TOKEN_INFO token = {0};
    MN_TRY(read_token(session, &token));
    if ((token.flags & CKF_USER_PIN_INITIALIZED) == 0) {
        return mn_fail(session->err, MNSEC_E_CARD_UNSUITABLE, "the card has no PIN");
    }
    if ((token.flags & CKF_USER_PIN_LOCKED) != 0) {
        return mn_fail(session->err, MNSEC_E_CARD_BLOCKED, "the card's PIN is blocked");
    }
    if ((token.flags & CKF_USER_PIN_FINAL_TRY) != 0 && !final_try_consent) {
        return mn_fail(session->err, MNSEC_E_CARD_FINAL_TRY, "the last try of the PIN is kept");
    }
    if (by_pad && (token.flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0) {
        return mn_fail(session->err, MNSEC_E_USAGE, "the reader has no PIN pad");
    }
    return MNSEC_OK;
}
