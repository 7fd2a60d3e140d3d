/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of making a card, and the table of profiles: which keys, under which CKA_ID, for what.
 * The first key is the signing key; it alone has a certificate.
 */
#include "make_card.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ecdsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>

#include "make_card_cert.h"

typedef enum use { USE_NONE = 0, USE_SIGN, USE_DECRYPT, USE_DERIVE } use;

typedef struct card_key {
    CK_KEY_TYPE type;
    use use;
} card_key;

typedef struct profile {
    const char *name;
    card_key keys[2]; /* CKA_ID 01 and 02 */
} profile;

static const profile profiles[] = {
    {"standard", {{CKK_EC, USE_SIGN}, {CKK_RSA, USE_DECRYPT}}},
    {"ec", {{CKK_EC, USE_SIGN}, {CKK_EC, USE_DERIVE}}},
    {"rsa", {{CKK_RSA, USE_SIGN}}},
    {"sign-only", {{CKK_EC, USE_SIGN}}},
};

/* The card being made: module, session, and what the signing callback needs. */
typedef struct card {
    CK_FUNCTION_LIST_PTR p11;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE public_key;
    CK_OBJECT_HANDLE private_key;
    CK_KEY_TYPE type;
} card;

static const profile *find_profile(const char *name)
{
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}

bool mn_make_card_is_profile(const char *name)
{
    return find_profile(name) != NULL;
}

static bool find_blank_slot(card *c)
{
    CK_SLOT_ID slots[256];
    CK_ULONG count = sizeof slots / sizeof slots[0];
    if (c->p11->C_GetSlotList(CK_TRUE, NULL, &count) != CKR_OK || count > 256 ||
        c->p11->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) {
        return false;
    }
    for (CK_ULONG i = 0; i < count; i++) {
        CK_TOKEN_INFO info;
        if (c->p11->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            (info.flags & CKF_TOKEN_INITIALIZED) == 0) {
            c->slot = slots[i];
            return true;
        }
    }
    return false;
}

static bool initialise(card *c, const mn_make_card_order *order)
{
    CK_UTF8CHAR label[32];
    memset(label, ' ', sizeof label);
    memcpy(label, order->name, strlen(order->name));
    return c->p11->C_InitToken(c->slot, order->so_pin->bytes, order->so_pin->len, label) ==
               CKR_OK &&
           c->p11->C_OpenSession(c->slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                 &c->session) == CKR_OK &&
           c->p11->C_Login(c->session, CKU_SO, order->so_pin->bytes, order->so_pin->len) ==
               CKR_OK &&
           c->p11->C_InitPIN(c->session, order->pin->bytes, order->pin->len) == CKR_OK &&
           c->p11->C_Logout(c->session) == CKR_OK &&
           c->p11->C_Login(c->session, CKU_USER, order->pin->bytes, order->pin->len) == CKR_OK;
}

static bool make_key(card *c, const card_key *key, CK_BYTE id)
{
    static CK_BYTE p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    static CK_BYTE exponent[] = {0x01, 0x00, 0x01};
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ULONG bits = 2048;
    CK_BBOOL *can_sign = key->use == USE_SIGN ? &yes : &no;
    CK_BBOOL *can_decrypt = key->use == USE_DECRYPT ? &yes : &no;
    CK_BBOOL *can_derive = key->use == USE_DERIVE ? &yes : &no;
    const bool ec = key->type == CKK_EC;
    CK_MECHANISM mechanism = {.mechanism = ec ? CKM_EC_KEY_PAIR_GEN : CKM_RSA_PKCS_KEY_PAIR_GEN};
    CK_ATTRIBUTE public_key[] = {
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &no, sizeof no},
        {CKA_ID, &id, sizeof id},
        {CKA_VERIFY, can_sign, sizeof yes},
        {CKA_ENCRYPT, can_decrypt, sizeof yes},
        {CKA_WRAP, &no, sizeof no},
        {ec ? CKA_EC_PARAMS : CKA_PUBLIC_EXPONENT, ec ? p256 : exponent,
         ec ? sizeof p256 : sizeof exponent},
        {CKA_MODULUS_BITS, &bits, sizeof bits},
    };
    CK_ATTRIBUTE private_key[] = {
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, &yes, sizeof yes},
        {CKA_EXTRACTABLE, &no, sizeof no},
        {CKA_ID, &id, sizeof id},
        {CKA_SIGN, can_sign, sizeof yes},
        {CKA_DECRYPT, can_decrypt, sizeof yes},
        {CKA_UNWRAP, &no, sizeof no},
        {CKA_DERIVE, can_derive, sizeof yes},
    };
    const CK_ULONG public_count = sizeof public_key / sizeof public_key[0] - (ec ? 1 : 0);
    c->type = key->type;
    return c->p11->C_GenerateKeyPair(c->session, &mechanism, public_key, public_count, private_key,
                                     sizeof private_key / sizeof private_key[0], &c->public_key,
                                     &c->private_key) == CKR_OK;
}

/* X.509 wants ECDSA signatures as DER, PKCS#11 gives r || s. */
static bool ecdsa_der(const unsigned char raw[64], unsigned char *out_signature, size_t *len)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, 32, NULL);
    BIGNUM *s = BN_bin2bn(raw + 32, 32, NULL);
    if (pair == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return false;
    }
    const int der_len = i2d_ECDSA_SIG(pair, NULL);
    const bool fits = der_len > 0 && (size_t)der_len <= *len;
    if (fits) {
        (void)i2d_ECDSA_SIG(pair, &out_signature);
        *len = (size_t)der_len;
    }
    ECDSA_SIG_free(pair);
    return fits;
}

static bool sign_on_card(void *user, const unsigned char *message, size_t message_len,
                         unsigned char *out_signature, size_t *len)
{
    card *c = user;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned char raw[512];
    CK_ULONG raw_len = sizeof raw;
    const bool ec = c->type == CKK_EC;
    CK_MECHANISM mechanism = {.mechanism = ec ? CKM_ECDSA : CKM_RSA_PKCS};
    /* DigestInfo of SHA-256, RFC 8017 9.2 */
    unsigned char info[19 + SHA256_DIGEST_LENGTH] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                                     0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                                     0x01, 0x05, 0x00, 0x04, 0x20};
    (void)SHA256(message, message_len, digest);
    memcpy(info + 19, digest, sizeof digest);
    if (c->p11->C_SignInit(c->session, &mechanism, c->private_key) != CKR_OK ||
        c->p11->C_Sign(c->session, ec ? digest : info, ec ? sizeof digest : sizeof info, raw,
                       &raw_len) != CKR_OK) {
        return false;
    }
    if (ec) {
        return raw_len == 64 && ecdsa_der(raw, out_signature, len);
    }
    if (raw_len > *len) {
        return false;
    }
    memcpy(out_signature, raw, raw_len);
    *len = raw_len;
    return true;
}

static EVP_PKEY *read_public_key(card *c)
{
    unsigned char first[512];
    unsigned char second[16];
    CK_ATTRIBUTE ec[] = {{CKA_EC_POINT, first, sizeof first}};
    CK_ATTRIBUTE rsa[] = {{CKA_MODULUS, first, sizeof first},
                          {CKA_PUBLIC_EXPONENT, second, sizeof second}};
    if (c->type == CKK_EC) {
        /* CKA_EC_POINT is a DER OCTET STRING: two bytes before the point */
        const bool got = c->p11->C_GetAttributeValue(c->session, c->public_key, ec, 1) == CKR_OK &&
                         ec[0].ulValueLen > 2;
        return got ? mn_make_card_cert_ec_key(first + 2, ec[0].ulValueLen - 2) : NULL;
    }
    const bool got = c->p11->C_GetAttributeValue(c->session, c->public_key, rsa, 2) == CKR_OK;
    return got ? mn_make_card_cert_rsa_key(first, rsa[0].ulValueLen, second, rsa[1].ulValueLen)
               : NULL;
}

static bool store_certificate(card *c, CK_BYTE id, unsigned char *der, size_t len)
{
    CK_OBJECT_CLASS class = CKO_CERTIFICATE;
    CK_CERTIFICATE_TYPE type = CKC_X_509;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_OBJECT_HANDLE object;
    const unsigned char *at = der;
    unsigned char *subject = NULL;
    X509 *certificate = d2i_X509(NULL, &at, (long)len);
    const int subject_len =
        certificate != NULL ? i2d_X509_NAME(X509_get_subject_name(certificate), &subject) : -1;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &class, sizeof class},
        {CKA_CERTIFICATE_TYPE, &type, sizeof type},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &no, sizeof no},
        {CKA_ID, &id, sizeof id},
        {CKA_VALUE, der, len},
        {CKA_SUBJECT, subject, subject_len > 0 ? (CK_ULONG)subject_len : 0},
    };
    const bool stored =
        subject_len > 0 &&
        c->p11->C_CreateObject(c->session, attributes, sizeof attributes / sizeof attributes[0],
                               &object) == CKR_OK;
    OPENSSL_free(subject);
    X509_free(certificate);
    return stored;
}

static bool certify(card *c, CK_BYTE id, const char *name)
{
    unsigned char *der = NULL;
    size_t len = 0;
    EVP_PKEY *key = read_public_key(c);
    const bool done = key != NULL && mn_make_card_cert(name, key, sign_on_card, c, &der, &len) &&
                      store_certificate(c, id, der, len);
    EVP_PKEY_free(key);
    free(der);
    return done;
}

static bool read_serial(card *c, char out_serial[MN_MAKE_CARD_SERIAL_BYTES])
{
    CK_TOKEN_INFO info;
    if (c->p11->C_GetTokenInfo(c->slot, &info) != CKR_OK) {
        return false;
    }
    memcpy(out_serial, info.serialNumber, sizeof info.serialNumber);
    out_serial[sizeof info.serialNumber] = '\0';
    for (size_t i = sizeof info.serialNumber; i > 0 && out_serial[i - 1] == ' '; i--) {
        out_serial[i - 1] = '\0';
    }
    return true;
}

static const char *make(card *c, const mn_make_card_order *order,
                        char out_serial[MN_MAKE_CARD_SERIAL_BYTES])
{
    const profile *wanted = find_profile(order->profile);
    if (!find_blank_slot(c)) {
        return "no blank slot";
    }
    if (!initialise(c, order)) {
        return "the token could not be initialised with these PINs";
    }
    for (CK_BYTE i = 0; i < 2 && wanted->keys[i].use != USE_NONE; i++) {
        const CK_BYTE id = (CK_BYTE)(i + 1);
        if (!make_key(c, &wanted->keys[i], id)) {
            return "a key could not be made";
        }
        if (wanted->keys[i].use == USE_SIGN && !certify(c, id, order->name)) {
            return "the certificate could not be made";
        }
    }
    return read_serial(c, out_serial) ? NULL : "the serial number could not be read";
}

const char *mn_make_card(const mn_make_card_order *order,
                         char out_serial[MN_MAKE_CARD_SERIAL_BYTES])
{
    card c = {.p11 = p11_kit_module_load(order->module, P11_KIT_MODULE_UNMANAGED)};
    if (c.p11 == NULL) {
        return "the PKCS#11 module could not be loaded";
    }
    const char *failed = "the PKCS#11 module could not be started";
    if (p11_kit_module_initialize(c.p11) == CKR_OK) {
        failed = make(&c, order, out_serial);
        (void)p11_kit_module_finalize(c.p11);
    }
    p11_kit_module_release(c.p11);
    return failed;
}
