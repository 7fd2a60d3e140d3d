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

#define SCRATCH       MN_KEYRING_PREFIX "scratch"
#define PROBE_BITS    2048U /* of a throw-away pair */
#define PIN_MAX_BYTES 255U

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

/* Do two keys seal alike? Then they are the same key. */
static bool seal_alike(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE a,
                       CK_OBJECT_HANDLE b)
{
    MN_AUTO(mn_buf) by_a = {0};
    MN_AUTO(mn_buf) by_b = {0};
    return mn_keyring_lock_seal(keyring, trial->outer, a, iv_bytes, aad, text, &by_a) == MNSEC_OK &&
           mn_keyring_lock_seal(keyring, trial->outer, b, iv_bytes, aad, text, &by_b) == MNSEC_OK &&
           is_same(&by_a, &by_b);
}

static bool opens(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE key,
                  mn_bytes with, const mn_buf *sealed)
{
    MN_AUTO(mn_secret) opened = {0};
    return mn_keyring_lock_open(keyring, trial->outer, key, with, mn_buf_view(sealed), &opened) ==
               MNSEC_OK &&
           opened.len == text.len && mn_secret_equal_bytes(opened.bytes, text.bytes, text.len);
}

/* --- methods --- */

/* Seals and opens, takes our IV, refuses another AAD. */
static bool has_lock(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    MN_AUTO(mn_buf) sealed = {0};
    return mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           seal_alike(keyring, trial, key, key) &&
           mn_keyring_lock_seal(keyring, trial->outer, key, NULL, aad, text, &sealed) == MNSEC_OK &&
           opens(keyring, trial, key, aad, &sealed) &&
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
    static const mn_outer_method locks[] = {MN_OUTER_AES_GCM, MN_OUTER_AES_CBC};
    static const mn_mac_method macs[] = {MN_MAC_HMAC_SHA256, MN_MAC_AES_CMAC};
    static const mn_signature_alg algs[] = {MN_SIGNATURE_ECDSA_P256_SHA256,
                                            MN_SIGNATURE_RSA_PKCS1_SHA256};
    for (size_t i = 0; i < 2 && p->found.outer == MN_OUTER_NONE; i++) {
        const mn_passport trial = {.outer = locks[i]};
        p->found.outer = has_lock(p->keyring, &trial) ? locks[i] : MN_OUTER_NONE;
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
        p->reason = "it has neither AES-GCM with our IV nor AES-CBC for the data keys";
    } else if (p->found.mac == MN_MAC_NONE) {
        p->reason = "it has neither HMAC with SHA-256 nor AES-CMAC";
    } else if (p->found.audit_alg == MN_SIGNATURE_NONE) {
        p->reason = "it signs neither by ECDSA on P-256 nor by RSA";
    }
}

/* --- protections --- */

/* Is CKA_ALLOWED_MECHANISMS kept, and another mechanism then refused? */
static bool honours_mechanisms(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
    const mn_outer_method other =
        trial->outer == MN_OUTER_AES_GCM ? MN_OUTER_AES_CBC : MN_OUTER_AES_GCM;
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    MN_AUTO(mn_buf) sealed = {0};
    return mn_keyring_make_secret(keyring, &shape, SCRATCH, &key) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, key, &facts) == MNSEC_OK &&
           facts.use == shape.use &&
           mn_keyring_lock_seal(keyring, trial->outer, key, NULL, aad, text, &sealed) == MNSEC_OK &&
           mn_keyring_lock_seal(keyring, other, key, NULL, aad, text, &sealed) != MNSEC_OK;
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
        .unwrapped = mn_keyring_shape_secret(trial, MN_KEY_DATA),
        .rsa_bits = PROBE_BITS,
    };
    return mn_keyring_make_pair(keyring, &pair, SCRATCH, out_private, out_public);
}

/* Goes out wrapped and comes back the same, and nothing that could be read comes back. */
static bool has_wrap(mn_keyring *keyring, const mn_passport *trial)
{
    mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
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
           seal_alike(keyring, trial, key, back) &&
           mn_keyring_make_unwrapped(keyring, trial->wrap, private_key, &hostile, SCRATCH,
                                     mn_buf_view(&wrapped), &back) != MNSEC_OK;
}

/* CKA_WRAP_WITH_TRUSTED: not out under a key that nobody trusted. */
static bool refuses_untrusted(mn_keyring *keyring, const mn_passport *trial)
{
    const mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
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

/* Nothing is known of the value of a sensitive key. */
static bool is_readable(mn_keyring *keyring, CK_OBJECT_HANDLE key)
{
    uint8_t value[MN_KEYRING_KEY_BYTES];
    CK_ATTRIBUTE attribute = {CKA_VALUE, value, sizeof(value)};
    return mn_keyring_calls(keyring)->C_GetAttributeValue(keyring->work.handle, key, &attribute,
                                                          1) == CKR_OK;
}

static bool copies(mn_keyring *keyring, const mn_passport *trial, CK_OBJECT_HANDLE key)
{
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    mn_keyring_shape shape = scratch(mn_keyring_shape_secret(trial, MN_KEY_DATA));
    shape.set &= ~(uint32_t)MN_FLAG_EXTRACTABLE;
    mn_keyring_facts facts;
    return mn_keyring_key_copy(keyring, trial, key, &copy) == MNSEC_OK &&
           mn_keyring_shape_read(&keyring->work, copy, &facts) == MNSEC_OK &&
           mn_keyring_shape_fits(&shape, &facts) && seal_alike(keyring, trial, key, copy);
}

/* With and without CKA_MODIFIABLE: the shape in full, unreadable, and copied to the session. */
static void try_token_key(probe *p, bool modifiable)
{
    mn_passport trial = p->found;
    trial.copy_needs_modifiable = modifiable;
    const mn_keyring_shape shape = mn_keyring_shape_secret(&trial, MN_KEY_DATA);
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    mn_keyring_facts facts;
    if (mn_keyring_make_secret(p->keyring, &shape, SCRATCH, &key) != MNSEC_OK ||
        mn_keyring_shape_read(&p->keyring->work, key, &facts) != MNSEC_OK ||
        !mn_keyring_shape_fits(&shape, &facts)) {
        p->reason = "it makes no keys with the attributes that ours must have";
    } else if (is_readable(p->keyring, key)) {
        p->reason = "it lets the value of a sensitive key be read";
    } else if (copies(p->keyring, &trial, key)) {
        p->found.session_copy = true;
        p->found.copy_needs_modifiable = modifiable;
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
