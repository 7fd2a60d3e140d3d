/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cards that are not what they show: certificates and keys planted on the simulator's cards, by
 * PKCS#11 itself, and what becomes of a log-in with them.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "card_fixture.h"
#include "soft_key.h"
#include "token/card_slot.h"

#define P256_OID                                                                                   \
    {                                                                                              \
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07                                 \
    }

static mn_error err;
static mn_card_worker *worker;
static mn_card_info cards[MN_CARD_MAX];
static size_t card_count;

static void look(void)
{
    mn_error_clear(&err);
    for (size_t i = 0; i < MN_CARD_MAX; i++) {
        mn_card_info_wipe(&cards[i]);
    }
    cr_assert_eq(mn_card_list(worker, cards, &card_count), MNSEC_OK, "%s", err.text);
}

static mn_card_info *card_of(const char *name)
{
    for (size_t i = 0; i < card_count; i++) {
        if (strcmp(cards[i].label, name) == 0) {
            return &cards[i];
        }
    }
    cr_assert_fail("%s is not in the list", name);
    return NULL;
}

static void begin(void)
{
    card_fixture_make();
    card_fixture_card("taro", "ec");
    card_fixture_card("hanako", "ec");
    worker = card_fixture_start(0, &err);
    look();
}

static void end(void)
{
    mn_card_worker_free(worker);
    for (size_t i = 0; i < MN_CARD_MAX; i++) {
        mn_card_info_wipe(&cards[i]);
    }
    card_fixture_remove();
}

TestSuite(card_slot, .init = begin, .fini = end);

static mnsec_status log_in(const uint8_t spki_hash[32])
{
    MN_AUTO(mn_secret) pin = {0};
    cr_assert_eq(mn_secret_copy(&pin, CARD_FIXTURE_PIN, strlen(CARD_FIXTURE_PIN)), MNSEC_OK);
    mn_error_clear(&err);
    return mn_card_login(worker, spki_hash, &pin, false);
}

/* --- as the owner of the card, who may put on it what he likes --- */

/* The worker lets go of the cards first: SoftHSM shows late what another process has changed. */
static void open_as_owner(const char *name, mn_p11 **out_module, mn_p11_session *out_session)
{
    MN_AUTO(mn_buf) spki = {0};
    unsigned char pin[] = CARD_FIXTURE_PIN;
    mn_card_logout(worker);
    cr_assert_eq(mn_p11_load(card_fixture_module(), &err, out_module), MNSEC_OK, "%s", err.text);
    cr_assert_eq(
        mn_card_slot_find(*out_module, card_of(name)->spki_hash, true, &err, out_session, &spki),
        MNSEC_OK, "%s", err.text);
    cr_assert_eq(
        mn_p11_calls(*out_module)->C_Login(out_session->handle, CKU_USER, pin, sizeof(pin) - 1),
        CKR_OK);
}

static void plant_certificate(const mn_p11_session *session, uint8_t id, const mn_buf *der)
{
    CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_CERTIFICATE_TYPE, &type, sizeof(type)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_ID, &id, sizeof(id)},
        {CKA_VALUE, der->bytes, der->len},
        {CKA_SUBJECT, (unsigned char[]){0x30, 0x00}, 2},
    };
    cr_assert_eq(mn_p11_calls(session->module)
                     ->C_CreateObject(session->handle, attributes,
                                      sizeof(attributes) / sizeof(attributes[0]), &object),
                 CKR_OK);
}

static void remove_certificates(const mn_p11_session *session)
{
    CK_OBJECT_CLASS object_class = CKO_CERTIFICATE;
    CK_ATTRIBUTE pattern[] = {{CKA_CLASS, &object_class, sizeof(object_class)}};
    MN_AUTO(mn_buf) handles = {0};
    cr_assert_eq(mn_p11_session_find(session, pattern, 1, &handles), MNSEC_OK);
    for (size_t i = 0; i < mn_p11_session_found(&handles); i++) {
        const CK_OBJECT_HANDLE object = mn_p11_session_handle(&handles, i);
        cr_assert_eq(mn_p11_calls(session->module)->C_DestroyObject(session->handle, object),
                     CKR_OK);
    }
}

/* A key that wants the PIN for each use, as of PIV 9C, and its public half. */
static void make_asking_key(const mn_p11_session *session, uint8_t id, mn_buf *out_spki)
{
    unsigned char curve[] = P256_OID;
    CK_BBOOL yes = CK_TRUE;
    CK_MECHANISM mechanism = {.mechanism = CKM_EC_KEY_PAIR_GEN};
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_ATTRIBUTE of_public[] = {
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_ID, &id, sizeof(id)},
        {CKA_EC_PARAMS, curve, sizeof(curve)},
    };
    CK_ATTRIBUTE of_private[] = {
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &yes, sizeof(yes)},
        {CKA_SIGN, &yes, sizeof(yes)},
        {CKA_ID, &id, sizeof(id)},
        {CKA_ALWAYS_AUTHENTICATE, &yes, sizeof(yes)},
    };
    MN_AUTO(mn_buf) point = {0};
    cr_assert_eq(mn_p11_calls(session->module)
                     ->C_GenerateKeyPair(session->handle, &mechanism, of_public, 3, of_private, 5,
                                         &public_key, &private_key),
                 CKR_OK);
    cr_assert_eq(mn_p11_session_attribute(session, public_key, CKA_EC_POINT, &point), MNSEC_OK);
    cr_assert_eq(mn_x509_spki_from_point(mn_bytes_of(point.bytes + 2, point.len - 2), out_spki),
                 MNSEC_OK);
}

static void certify(const mn_buf *spki, mn_buf *out_der)
{
    soft_key issuer = {0};
    soft_key_make(&issuer, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    const mn_x509_request request = {.subject_cn = "taro",
                                     .issuer_cn = "issuer",
                                     .subject_spki = mn_buf_view(spki),
                                     .not_before = 1767225600,
                                     .serial = {1}};
    cr_assert_eq(mn_x509_issue(&request, &issuer.signer, out_der), MNSEC_OK);
    soft_key_wipe(&issuer);
}

/* --- tests --- */

Test(card_slot, sends_no_pin_when_two_cards_show_the_same_certificate)
{
    {
        MN_AUTO_PTR(mn_p11) module = NULL;
        MN_AUTO(mn_p11_session) session = {0};
        open_as_owner("hanako", &module, &session);
        plant_certificate(&session, 9, &card_of("taro")->certificate);
    }
    card_fixture_count_reset();

    cr_assert_eq(log_in(card_of("taro")->spki_hash), MNSEC_E_CARD_AMBIGUOUS);

    cr_assert_eq(card_fixture_count(MN_FAULT_C_Login), 0);
}

Test(card_slot, does_not_log_in_to_a_card_without_the_key_of_its_certificate)
{
    {
        MN_AUTO_PTR(mn_p11) module = NULL;
        MN_AUTO(mn_p11_session) session = {0};
        open_as_owner("hanako", &module, &session);
        plant_certificate(&session, 9, &card_of("taro")->certificate);
    }
    card_fixture_pull("taro");

    cr_assert_eq(log_in(card_of("taro")->spki_hash), MNSEC_E_CARD_UNSUITABLE);

    cr_assert_eq(mn_card_present(worker), MNSEC_E_STATE_LOCKED);
}

Test(card_slot, finds_out_a_certificate_that_is_borrowed_by_the_first_signature)
{
    MN_AUTO(mn_buf) signature = {0};
    mn_signature_alg alg = MN_SIGNATURE_NONE;
    {
        MN_AUTO_PTR(mn_p11) module = NULL;
        MN_AUTO(mn_p11_session) session = {0};
        open_as_owner("hanako", &module, &session);
        remove_certificates(&session);
        plant_certificate(&session, 1, &card_of("taro")->certificate);
    }
    card_fixture_pull("taro");
    cr_assert_eq(log_in(card_of("taro")->spki_hash), MNSEC_OK, "%s", err.text);

    cr_assert_eq(mn_card_sign(worker, mn_bytes_of("{}", 2), &alg, &signature),
                 MNSEC_E_CARD_UNSUITABLE);

    cr_assert_eq(signature.len, 0);
    cr_assert_eq(mn_card_present(worker), MNSEC_E_STATE_LOCKED);
}

Test(card_slot, does_not_log_in_by_a_key_that_asks_for_the_pin_at_every_use)
{
    MN_AUTO(mn_buf) der = {0};
    mn_x509_info certificate = {0};
    {
        MN_AUTO_PTR(mn_p11) module = NULL;
        MN_AUTO(mn_p11_session) session = {0};
        MN_AUTO(mn_buf) spki = {0};
        open_as_owner("taro", &module, &session);
        make_asking_key(&session, 7, &spki);
        certify(&spki, &der);
        plant_certificate(&session, 7, &der);
    }
    cr_assert_eq(mn_x509_read(mn_buf_view(&der), &certificate), MNSEC_OK);

    cr_assert_eq(log_in(certificate.spki_hash), MNSEC_E_CARD_UNSUITABLE);

    cr_assert_not_null(strstr(err.text, "at every use"), "%s", err.text);
}

Test(card_slot, takes_the_certificate_of_the_lowest_id_for_the_card)
{
    MN_AUTO(mn_buf) der = {0};
    const mn_card_info *before = card_of("taro");
    uint8_t spki_hash[32];
    memcpy(spki_hash, before->spki_hash, sizeof(spki_hash));
    {
        MN_AUTO_PTR(mn_p11) module = NULL;
        MN_AUTO(mn_p11_session) session = {0};
        MN_AUTO(mn_buf) spki = {0};
        open_as_owner("taro", &module, &session);
        make_asking_key(&session, 7, &spki);
        certify(&spki, &der);
        remove_certificates(&session);
        plant_certificate(&session, 7, &der);
        plant_certificate(&session, 1, &before->certificate);
    }

    look();

    cr_assert_arr_eq(card_of("taro")->spki_hash, spki_hash, sizeof(spki_hash));
}

Test(card_slot, passes_over_a_card_that_shows_nothing_of_use)
{
    MN_AUTO(mn_buf) rubbish = {0};
    cr_assert_eq(mn_buf_append_text(&rubbish, "no certificate"), MNSEC_OK);
    {
        MN_AUTO_PTR(mn_p11) module = NULL;
        MN_AUTO(mn_p11_session) session = {0};
        open_as_owner("hanako", &module, &session);
        remove_certificates(&session);
        plant_certificate(&session, 1, &rubbish);
    }

    look();

    cr_assert_eq(card_count, 1);
    cr_assert_str_eq(cards[0].label, "taro");
}
