/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding out what a token really does, by doing it: each ability is tried with throw-away keys of
 * the very shape that will be made, and each protection by an attempt to get past it. A list of
 * mechanisms is never believed, and no token is known by name.
 *
 * A call that fails closes the session, and its session objects with it; so every attempt makes its
 * own keys, and whatever must be refused comes last in it.
 */
#include <string.h>

#include "base/encode.h"
#include "keyring_internal.h"

#define SCRATCH          MN_KEYRING_PREFIX "scratch"
#define PROBE_BITS       2048U /* of a throw-away pair */
#define PIN_MAX_BYTES    255U
#define SECRET_MAX_BYTES 512U

typedef struct probe {
    mn_keyring *keyring;
    mn_passport found;  /* so far */
    const char *reason; /* why the token is not fit */
} probe;

static const uint8_t text_bytes[60] = "what is sealed under the outer lock is as long as this is";
static const uint8_t iv_bytes[MN_KEYRING_MAX_IV] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
static const mn_bytes text = {text_bytes, sizeof(text_bytes)};
static const mn_bytes aad = {text_bytes, 16};
static const mn_bytes other_aad = {text_bytes, 17};

/* The same key, but gone with the session. */
static mn_keyring_shape scratch(mn_keyring_shape shape)
{
    shape.set &= ~(uint32_t)MN_FLAG_TOKEN;
    return shape;
}

static void end_attempt(mn_keyring *keyring)
{
    mn_p11_session_wipe(&keyring->work);
}

static bool is_same(const mn_buf *a, const mn_buf *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static bool opens(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE key,
                  mn_bytes with, const mn_buf *sealed)
{
    MN_AUTO(mn_secret) opened = {0};
    return mn_keyring_lock_open(keyring, trial, key, with, mn_buf_view(sealed), &opened) ==
               MNSEC_OK &&
           opened.len == text.len && mn_secret_equal_bytes(opened.bytes, text.bytes, text.len);
}

static bool seal_alike(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE a,
                       CK_OBJECT_HANDLE b)
{
    MN_AUTO(mn_buf) by_a = {0};
    MN_AUTO(mn_buf) by_b = {0};
    if (mn_keyring_lock_seal(keyring, trial, a, iv_bytes, aad, text, &by_a) != MNSEC_OK) {
        return false;
    }
    if (trial->gcm_iv != MN_GCM_IV_OURS) {
        return opens(keyring, trial, b, aad, &by_a);
    }
    return mn_keyring_lock_seal(keyring, trial, b, iv_bytes, aad, text, &by_b) == MNSEC_OK &&
           is_same(&by_a, &by_b);
}

static bool hash_alike(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE a,
                       CK_OBJECT_HANDLE b)
{
    MN_AUTO(mn_secret) by_a = {0};
    MN_AUTO(mn_secret) by_b = {0};
    return mn_keyring_lock_mac(keyring, trial->mac, a, text, &by_a) == MNSEC_OK &&
           mn_keyring_lock_mac(keyring, trial->mac, b, text, &by_b) == MNSEC_OK &&
           mn_secret_equal(&by_a, &by_b);
}

/* Do two secret keys do the same? Then they are the same key. */
static bool are_alike(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE a,
                      CK_OBJECT_HANDLE b)
{
    return mn_keyring_shape_carried(trial) == MN_KEY_DATA ? seal_alike(keyring, trial, a, b)
                                                          : hash_alike(keyring, trial, a, b);
}

/* A secret key as most of ours are. */
static mn_keyring_shape shape_of_secret(const mn_passport *trial)
{
    return mn_keyring_shape_secret(trial, mn_keyring_shape_carried(trial));
}

static mnsec_status make_data_pair(mn_keyring *keyring, const mn_passport *trial, bool on_token,
                                   CK_OBJECT_HANDLE *out_private, CK_OBJECT_HANDLE *out_public)
{
    mn_keyring_pair pair = {
        .private_half = mn_keyring_shape_half(trial, MN_KEY_DATA, true),
        .public_half = mn_keyring_shape_half(trial, MN_KEY_DATA, false),
        .rsa_bits = on_token ? MN_KEYRING_PAIR_BITS : PROBE_BITS,
    };
    if (!on_token) {
        pair.private_half = scratch(pair.private_half);
        pair.public_half = scratch(pair.public_half);
    }
    return mn_keyring_make_pair(keyring, &pair, SCRATCH, out_private, out_public);
}

/* --- methods --- */

/* Opens what the host sealed to it, and not with another AAD. */
static bool has_pair_lock(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_rsa_padding padding = mn_keyring_pair_padding(trial);
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_secret) opened = {0};
    return make_data_pair(keyring, trial, false, &private_key, &public_key) == MNSEC_OK &&
           mn_keyring_make_spki(keyring, public_key, false, &spki) == MNSEC_OK &&
           mn_keyring_pair_seal(keyring, padding, mn_buf_view(&spki), aad, text, &sealed) ==
               MNSEC_OK &&
           mn_keyring_pair_open(keyring, padding, mn_buf_view(&spki), private_key, aad,
                                mn_buf_view(&sealed), &opened) == MNSEC_OK &&
           opened.len == text.len && mn_secret_equal_bytes(opened.bytes, text.bytes, text.len) &&
           mn_keyring_pair_open(keyring, padding, mn_buf_view(&spki), private_key, other_aad,
                                mn_buf_view(&sealed), &opened) != MNSEC_OK;
}

/* Seals and opens, takes our IV or never makes one twice, refuses another AAD. */
static bool has_lock(mn_keyring *keyring, const mn_passport *trial)
{
    if (mn_keyring_pair_padding(trial) != 0) {
        return has_pair_lock(keyring, trial);
    }
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    MN_AUTO(mn_buf) sealed = {0};
    MN_AUTO(mn_buf) again = {0};
    return mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           seal_alike(keyring, trial, key, key) &&
           mn_keyring_lock_seal(keyring, trial, key, NULL, aad, text, &sealed) == MNSEC_OK &&
           mn_keyring_lock_seal(keyring, trial, key, NULL, aad, text, &again) == MNSEC_OK &&
           !is_same(&sealed, &again) && opens(keyring, trial, key, aad, &sealed) &&
           opens(keyring, trial, key, aad, &again) &&
           !opens(keyring, trial, key, other_aad, &sealed);
}

static bool has_mac(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_INDEX));
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    MN_AUTO(mn_secret) first = {0};
    MN_AUTO(mn_secret) again = {0};
    MN_AUTO(mn_secret) other = {0};
    return mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           mn_keyring_lock_mac(keyring, trial->mac, key, text, &first) == MNSEC_OK &&
           mn_keyring_lock_mac(keyring, trial->mac, key, text, &again) == MNSEC_OK &&
           mn_keyring_lock_mac(keyring, trial->mac, key, aad, &other) == MNSEC_OK &&
           mn_secret_equal(&first, &again) && !mn_secret_equal(&first, &other);
}

static bool has_signature(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_pair pair = {
        .private_half = scratch(mn_keyring_shape_audit(trial, true)),
        .public_half = scratch(mn_keyring_shape_audit(trial, false)),
        .rsa_bits = PROBE_BITS,
    };
    const bool is_ec = trial->audit_alg == MN_SIGNATURE_ECDSA_P256_SHA256;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) signature = {0};
    return mn_keyring_make_pair(keyring, &pair, SCRATCH, &private_key, &public_key) == MNSEC_OK &&
           mn_keyring_make_spki(keyring, public_key, is_ec, &spki) == MNSEC_OK &&
           mn_keyring_lock_sign(keyring, trial->audit_alg, private_key, text, &signature) ==
               MNSEC_OK &&
           mn_signature_verify(mn_buf_view(&spki), trial->audit_alg, text,
                               mn_buf_view(&signature)) == MNSEC_OK;
}

static void find_methods(probe *p)
{
    static const struct {
        mn_outer_method outer;
        mn_gcm_iv gcm_iv;
    } locks[] = {
        {MN_OUTER_AES_GCM, MN_GCM_IV_OURS},      {MN_OUTER_AES_GCM, MN_GCM_IV_IN_PLACE},
        {MN_OUTER_AES_GCM, MN_GCM_IV_APPENDED},  {MN_OUTER_AES_GCM, MN_GCM_IV_APPENDED_16},
        {MN_OUTER_AES_GCM, MN_GCM_IV_PREPENDED}, {MN_OUTER_AES_CBC, MN_GCM_IV_OURS},
        {MN_OUTER_RSA_OAEP, MN_GCM_IV_OURS},     {MN_OUTER_RSA_OAEP_SHA1, MN_GCM_IV_OURS},
    };
    static const mn_mac_method macs[] = {MN_MAC_HMAC_SHA256, MN_MAC_AES_CMAC};
    static const mn_signature_alg algs[] = {MN_SIGNATURE_ECDSA_P256_SHA256,
                                            MN_SIGNATURE_RSA_PKCS1_SHA256};
    for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]) && p->found.outer == MN_OUTER_NONE;
         i++) {
        const mn_passport trial = {.outer = locks[i].outer, .gcm_iv = locks[i].gcm_iv};
        if (has_lock(p->keyring, &trial)) {
            p->found.outer = trial.outer;
            p->found.gcm_iv = trial.gcm_iv;
        }
        end_attempt(p->keyring);
    }
    for (size_t i = 0; i < 2 && p->found.mac == MN_MAC_NONE; i++) {
        const mn_passport trial = {.mac = macs[i]};
        p->found.mac = has_mac(p->keyring, &trial) ? macs[i] : MN_MAC_NONE;
        end_attempt(p->keyring);
    }
    for (size_t i = 0; i < 2 && p->found.audit_alg == MN_SIGNATURE_NONE; i++) {
        const mn_passport trial = {.audit_alg = algs[i]};
        p->found.audit_alg = has_signature(p->keyring, &trial) ? algs[i] : MN_SIGNATURE_NONE;
        end_attempt(p->keyring);
    }
    if (p->found.outer == MN_OUTER_NONE) {
        p->reason = "it has neither AES-GCM nor AES-CBC nor RSA-OAEP for the data keys";
    } else if (p->found.mac == MN_MAC_NONE) {
        p->reason = "it has neither HMAC with SHA-256 nor AES-CMAC";
    } else if (p->found.audit_alg == MN_SIGNATURE_NONE) {
        p->reason = "it signs neither by ECDSA on P-256 nor by RSA";
    }
}

/* --- protections --- */

/* Is CKA_ALLOWED_MECHANISMS kept, and another mechanism then refused? */
static bool honours_mechanisms_of_pair(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = mn_keyring_shape_half(trial, MN_KEY_DATA, true);
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_MECHANISM other = {.mechanism = CKM_RSA_X_509};
    uint8_t room[PROBE_BITS / 8] = {0};
    CK_ULONG len = sizeof(room);
    mn_keyring_facts facts;
    return make_data_pair(keyring, trial, false, &private_key, &public_key) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, private_key, &facts) == MNSEC_OK &&
           facts.use == shape.use &&
           mn_keyring_lock_run(keyring, MN_KEYRING_DECRYPT, &other, private_key,
                               mn_bytes_of(room, sizeof(room)), MNSEC_OK, room, &len) != MNSEC_OK;
}

static bool honours_mechanisms(mn_keyring *keyring, const mn_passport *trial)
{
    if (mn_keyring_shape_is_pair(trial, MN_KEY_DATA)) {
        return honours_mechanisms_of_pair(keyring, trial);
    }
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
    const mn_passport other = {.outer = trial->outer == MN_OUTER_AES_GCM ? MN_OUTER_AES_CBC
                                                                         : MN_OUTER_AES_GCM};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    MN_AUTO(mn_buf) sealed = {0};
    return mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, key, &facts) == MNSEC_OK &&
           facts.use == shape.use &&
           mn_keyring_lock_seal(keyring, trial, key, NULL, aad, text, &sealed) == MNSEC_OK &&
           mn_keyring_lock_seal(keyring, &other, key, iv_bytes, aad, text, &sealed) != MNSEC_OK;
}

static bool honours_undestroyable(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_PEPPER));
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    return mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, key, &facts) == MNSEC_OK &&
           mn_keyring_shape_fits(&shape, &facts) &&
           mn_keyring_calls(keyring)->C_DestroyObject(keyring->work.handle, key) != CKR_OK;
}

static mnsec_status make_scratch_pair(mn_keyring *keyring, const mn_passport *trial,
                                      CK_OBJECT_HANDLE *out_private, CK_OBJECT_HANDLE *out_public)
{
    const mn_keyring_pair pair = {
        .private_half = scratch(mn_keyring_shape_escrow_private(trial)),
        .public_half = scratch(mn_keyring_shape_escrow_public(false)),
        .unwrapped = shape_of_secret(trial),
        .rsa_bits = PROBE_BITS,
    };
    return mn_keyring_make_pair(keyring, &pair, SCRATCH, out_private, out_public);
}

/* Nothing is known of the value of a sensitive key, whatever its attributes say. */
static bool is_readable(mn_keyring *keyring, CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type)
{
    uint8_t value[SECRET_MAX_BYTES];
    CK_ATTRIBUTE attribute = {type, value, sizeof(value)};
    const CK_RV rv =
        mn_keyring_calls(keyring)->C_GetAttributeValue(keyring->work.handle, key, &attribute, 1);
    mn_secret_erase(value, sizeof(value));
    return rv == CKR_OK;
}

/* Goes out wrapped and comes back the same, and nothing that could be read comes back. */
static bool has_wrap(mn_keyring *keyring, const mn_passport *trial)
{
    mn_keyring_shape shape = scratch(shape_of_secret(trial));
    mn_keyring_shape out_shape = shape;
    mn_keyring_shape hostile = shape;
    out_shape.set |= MN_FLAG_EXTRACTABLE;
    hostile.set = (hostile.set | MN_FLAG_EXTRACTABLE) & ~(uint32_t)MN_FLAG_SENSITIVE;
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE back = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    MN_AUTO(mn_buf) wrapped = {0};
    return make_scratch_pair(keyring, trial, &private_key, &public_key) == MNSEC_OK &&
           mn_keyring_make_secret(keyring, &out_shape, SCRATCH, &key) == MNSEC_OK &&
           mn_keyring_make_wrapped(keyring, trial->wrap, public_key, key, &wrapped) == MNSEC_OK &&
           mn_keyring_make_unwrapped(keyring, trial->wrap, private_key, &shape, SCRATCH,
                                     mn_buf_view(&wrapped), &back) == MNSEC_OK &&
           are_alike(keyring, trial, key, back) && !is_readable(keyring, back, CKA_VALUE) &&
           mn_keyring_make_unwrapped(keyring, trial->wrap, private_key, &hostile, SCRATCH,
                                     mn_buf_view(&wrapped), &back) != MNSEC_OK;
}

/* CKA_WRAP_WITH_TRUSTED: not out under a key that nobody trusted. */
static bool refuses_untrusted(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = scratch(shape_of_secret(trial));
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    MN_AUTO(mn_buf) wrapped = {0};
    return make_scratch_pair(keyring, trial, &private_key, &public_key) == MNSEC_OK &&
           mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, key, &facts) == MNSEC_OK &&
           mn_keyring_shape_fits(&shape, &facts) &&
           mn_keyring_make_wrapped(keyring, trial->wrap, public_key, key, &wrapped) != MNSEC_OK;
}

/* CKA_TRUSTED: not for the user to give, though he may bring the same key in without it. */
static bool keeps_trust_from_user(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape plain = scratch(mn_keyring_shape_escrow_public(false));
    const mn_keyring_shape trusted = scratch(mn_keyring_shape_escrow_public(true));
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE brought = CK_INVALID_HANDLE;
    MN_AUTO(mn_buf) spki = {0};
    return make_scratch_pair(keyring, trial, &private_key, &public_key) == MNSEC_OK &&
           mn_keyring_make_spki(keyring, public_key, false, &spki) == MNSEC_OK &&
           mn_keyring_make_public(keyring, &plain, SCRATCH, mn_buf_view(&spki), &brought) ==
               MNSEC_OK &&
           mn_keyring_make_public(keyring, &trusted, SCRATCH, mn_buf_view(&spki), &brought) !=
               MNSEC_OK;
}

static void find_protections(probe *p)
{
    static const mn_rsa_padding paddings[] = {MN_RSA_OAEP_SHA256, MN_RSA_OAEP_SHA1};
    mn_passport trial = p->found;
    trial.mechanisms_honoured = true;
    p->found.mechanisms_honoured = honours_mechanisms(p->keyring, &trial);
    end_attempt(p->keyring);

    trial = p->found;
    trial.undestroyable_honoured = true;
    p->found.undestroyable_honoured = honours_undestroyable(p->keyring, &trial);
    end_attempt(p->keyring);

    for (size_t i = 0; i < 2 && p->found.wrap == 0; i++) {
        trial = p->found;
        trial.wrap = paddings[i];
        p->found.wrap = has_wrap(p->keyring, &trial) ? paddings[i] : 0;
        end_attempt(p->keyring);
    }
    trial = p->found;
    trial.trusted_honoured = true;
    if (p->found.wrap != 0) {
        const bool refuses = refuses_untrusted(p->keyring, &trial);
        end_attempt(p->keyring);
        p->found.trusted_honoured = refuses && keeps_trust_from_user(p->keyring, &trial);
        end_attempt(p->keyring);
    }
}

/* --- a key on the token itself --- */

static void remove_scratch(mn_keyring *keyring)
{
    const mn_p11_session *work = NULL;
    char label[] = SCRATCH;
    CK_ATTRIBUTE pattern = {CKA_LABEL, label, sizeof(label) - 1};
    MN_AUTO(mn_buf) handles = {0};
    if (mn_keyring_work_as_user(keyring, false, &work) != MNSEC_OK ||
        mn_p11_session_find(work, &pattern, 1, &handles) != MNSEC_OK) {
        return;
    }
    for (size_t i = 0; i < mn_p11_session_found(&handles); i++) {
        mn_keyring_calls(keyring)->C_DestroyObject(work->handle,
                                                   mn_p11_session_handle(&handles, i));
    }
}

static bool copies(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE key)
{
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    mn_keyring_shape shape = scratch(shape_of_secret(trial));
    shape.set &= ~(uint32_t)MN_FLAG_EXTRACTABLE;
    mn_keyring_facts facts;
    return mn_keyring_key_copy(keyring, trial, key, &copy) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, copy, &facts) == MNSEC_OK &&
           mn_keyring_shape_fits(&shape, &facts) && are_alike(keyring, trial, key, copy);
}

/* With and without CKA_MODIFIABLE: the shape in full, unreadable, and copied to the session. */
static void try_token_key(probe *p, bool modifiable)
{
    mn_passport trial = p->found;
    trial.copy_needs_modifiable = modifiable;
    const mn_keyring_shape shape = shape_of_secret(&trial);
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    if (mn_keyring_make_secret(p->keyring, &shape, SCRATCH, &key) != MNSEC_OK ||
        mn_keyring_shape_read(&p->keyring->work, key, &facts) != MNSEC_OK ||
        !mn_keyring_shape_fits(&shape, &facts)) {
        p->reason = "it makes no keys with the attributes that ours must have";
    } else if (is_readable(p->keyring, key, CKA_VALUE)) {
        p->reason = "it lets the value of a sensitive key be read";
    } else if (copies(p->keyring, &trial, key)) {
        p->found.session_copy = true;
        p->found.copy_needs_modifiable = modifiable;
    }
    end_attempt(p->keyring);
    remove_scratch(p->keyring);
}

/* The same of a data key that is a pair, which is never copied. */
static void try_token_pair(probe *p)
{
    const mn_keyring_shape shape = mn_keyring_shape_half(&p->found, MN_KEY_DATA, true);
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    if (make_data_pair(p->keyring, &p->found, true, &private_key, &public_key) != MNSEC_OK ||
        mn_keyring_shape_read(&p->keyring->work, private_key, &facts) != MNSEC_OK ||
        !mn_keyring_shape_fits(&shape, &facts)) {
        p->reason = "it makes no key pairs with the attributes that ours must have";
    } else if (is_readable(p->keyring, private_key, CKA_PRIVATE_EXPONENT)) {
        p->reason = "it lets the value of a private key be read";
    }
    end_attempt(p->keyring);
    remove_scratch(p->keyring);
}

static void find_all(probe *p)
{
    remove_scratch(p->keyring);
    find_methods(p);
    if (p->reason == NULL) {
        find_protections(p);
        try_token_key(p, false);
    }
    if (p->reason == NULL && !p->found.session_copy) {
        try_token_key(p, true);
    }
    if (p->reason == NULL && mn_keyring_shape_is_pair(&p->found, MN_KEY_DATA)) {
        try_token_pair(p);
    }
}

mnsec_status mn_passport_probe(mn_keyring *keyring, mn_passport *out_passport)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work_as_user(keyring, false, &work));
    probe p = {.keyring = keyring};
    mn_keyring_identity(&keyring->token, &p.found);
    const CK_ULONG pin_max = keyring->token.ulMaxPinLen;
    p.found.pin_max = pin_max > PIN_MAX_BYTES ? PIN_MAX_BYTES : (uint32_t)pin_max;
    p.found.objects_max = MN_KEYRING_MAX_OBJECTS;

    /* An attempt that fails is an answer here, not an error. */
    mn_error *err = keyring->err;
    keyring->err = NULL;
    end_attempt(keyring);
    find_all(&p);
    keyring->err = err;
    end_attempt(keyring);
    if (!mn_keyring_is_logged_in(keyring)) {
        return mn_fail(err, MNSEC_E_TOKEN_FAULT, "the token was lost while it was tried");
    }
    if (p.reason != NULL) {
        return mn_fail(err, MNSEC_E_TOKEN_UNSUITABLE, "this token does not do: %s", p.reason);
    }
    *out_passport = p.found;
    return MNSEC_OK;
}
