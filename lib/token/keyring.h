/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility token: the HSM (or SoftHSM) that holds the data keys, and the spare in the safe.
 * token/ is the only user of PKCS#11, through p11-kit; no CK_ type leaves it. Modules by absolute
 * path inside an RFC 7512 URI (module-path); pin-source, pin-value and bare names are refused.
 *
 * A keyring is opened without log-in (public objects: pins, checkpoint), then logged in with the
 * facility PIN. One find pass at log-in gives every handle and compares attributes; data and index
 * and pepper keys are then copied once, at log-in, to non-extractable private session objects where
 * the token allows it: so every operation costs the same two calls, the first included. All handles
 * are dropped at log-out. What the token can do comes from the passport, never from its name.
 *
 * Errors are set in the mn_error given at opening: TOKEN_ABSENT, TOKEN_FOREIGN, TOKEN_FAULT,
 * TOKEN_FULL, TOKEN_UNSUITABLE, TOKEN_PIN; INTERNAL_FORKED in a forked child. A token that lost our
 * session or log-in has logged us out: what needs the log-in answers STATE_LOCKED until the next
 * log-in. A log-in while anybody of this process is logged in to the token: STATE_CONFLICT.
 */
#ifndef MN_KEYRING_H
#define MN_KEYRING_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"
#include "crypto/public/x509.h"
#include "crypto/secret/crypto.h"

typedef struct mn_keyring mn_keyring;

/* --- passport.c: what this token really does, found out by trying --- */
typedef enum mn_outer_method { /* how the outer lock is shut */
                               MN_OUTER_NONE = 0,
                               MN_OUTER_AES_GCM = 1,
                               MN_OUTER_AES_CBC = 2,      /* padded fixed-size block, random IV: the
                                                             inner lock authenticates */
                               MN_OUTER_RSA_OAEP = 3,     /* SHA-256; the data key is a pair */
                               MN_OUTER_RSA_OAEP_SHA1 = 4 /* SHA-1, the named exception */
} mn_outer_method;
typedef enum mn_mac_method {
    MN_MAC_NONE = 0,
    MN_MAC_HMAC_SHA256 = 1,
    MN_MAC_AES_CMAC = 2
} mn_mac_method;
typedef enum mn_gcm_iv {
    MN_GCM_IV_OURS = 0,
    MN_GCM_IV_IN_PLACE = 1,   /* the token writes it over the 12 zeros that it is given */
    MN_GCM_IV_APPENDED = 2,   /* 12 bytes behind the tag */
    MN_GCM_IV_PREPENDED = 3,  /* 12 bytes before the ciphertext */
    MN_GCM_IV_APPENDED_16 = 4 /* 16 bytes behind the tag */
} mn_gcm_iv;

typedef struct mn_passport {
    char manufacturer[33];
    char model[17];
    char serial[17];
    char label[33];
    mn_outer_method outer;
    mn_gcm_iv gcm_iv;
    mn_mac_method mac;
    mn_signature_alg audit_alg; /* ECDSA_P256_SHA256 or RSA_PKCS1_SHA256 */
    bool trusted_honoured;      /* CKA_TRUSTED set by SO only, and CKA_WRAP_WITH_TRUSTED enforced */
    bool undestroyable_honoured; /* CKA_DESTROYABLE false refused to die */
    bool mechanisms_honoured;    /* CKA_ALLOWED_MECHANISMS kept and enforced */
    bool session_copy;           /* token keys can be copied to private session objects */
    bool copy_needs_modifiable; /* … but only modifiable ones, so ours are (usage flags can then be
                                   changed, which log-in finds; SENSITIVE, WRAP_WITH_TRUSTED,
                                   ALLOWED_MECHANISMS and DESTROYABLE cannot be lowered) */
    mn_rsa_padding wrap;        /* escrow: RSA-OAEP to the spare's public key; 0 = none */
    uint32_t pin_max;           /* longest facility PIN in bytes */
    uint32_t objects_max;       /* what our layout may use on this token */
} mn_passport;
/* Canonical form "mnsec/passport/1" (FORMATS.md). The known answers of the keys are in the
 * attestation, mn_keyring_key_attest(). Decoding: USAGE_FORMAT. */
MNSEC_MUST_USE mnsec_status mn_passport_encode(const mn_passport *passport, mn_buf *out_bytes);
MNSEC_MUST_USE mnsec_status mn_passport_decode(mn_bytes bytes, mn_passport *out_passport);
/* Try it all with throw-away keys on a token that is logged in. TOKEN_UNSUITABLE with the reason.
 */
MNSEC_MUST_USE mnsec_status mn_passport_probe(mn_keyring *keyring, mn_passport *out_passport);
/* Is the token before us still the one of the passport (identity, mechanisms)? Needs no log-in.
 * INTEGRITY_PASSPORT */
MNSEC_MUST_USE mnsec_status mn_passport_compare(const mn_passport *passport, mn_keyring *keyring);

/* --- keyring.c: opening, log-in, PINs --- */
/* uri names exactly one token: TOKEN_ABSENT when none answers, TOKEN_FOREIGN when several do. */
MNSEC_MUST_USE mnsec_status mn_keyring_open(const char *uri, mn_error *err,
                                            mn_keyring **out_keyring);
void mn_keyring_free(mn_keyring *keyring); /* logs out, wipes, unloads */
MN_AUTO_PTR_DECLARE(mn_keyring)
/* Manufacturer, model, serial number and label of the token, into a passport's fields. */
void mn_keyring_describe(const mn_keyring *keyring, mn_passport *out_passport);
/* Where a token made of files (SoftHSM) keeps them: log-in and whatever else makes the token write
 * there first sees that there is room. NULL = a device (the default). */
MNSEC_MUST_USE mnsec_status mn_keyring_watch_room(mn_keyring *keyring, const char *directory);
/* Fresh: not initialised, or initialised without any of our public objects? One find pass; false
 * where the token does not answer. */
bool mn_keyring_is_blank(mn_keyring *keyring);
/* Destroys what is on the token. pin lengths: up to the token's limit. After it the keyring stands
 * on the initialised token, logged out; the URI that names it from now on is out_uri. */
MNSEC_MUST_USE mnsec_status mn_keyring_initialise(mn_keyring *keyring, const char *label,
                                                  const mn_secret *so_pin,
                                                  const mn_secret *user_pin, mn_buf *out_uri);
/* passport gives the methods; NULL while founding probes, and then no key can be used. A token that
 * is not the passport's is TOKEN_FOREIGN and sees no PIN; a key with other attributes than ours, or
 * there twice, is INTEGRITY_PASSPORT. Start-up and log-in each hold a host-wide lock (two programs
 * in them at once can lose a SoftHSM token), log-in tests disk space first. */
MNSEC_MUST_USE mnsec_status mn_keyring_login(mn_keyring *keyring, const mn_secret *user_pin,
                                             const mn_passport *passport);
void mn_keyring_logout(mn_keyring *keyring);
bool mn_keyring_is_logged_in(const mn_keyring *keyring);
/* A device (CKF_HW_SLOT)? A token in software does not say so. */
bool mn_keyring_is_hardware(const mn_keyring *keyring);
MNSEC_MUST_USE mnsec_status mn_keyring_set_pin(mn_keyring *keyring, const mn_secret *old_pin,
                                               const mn_secret *new_pin);
/* Security officer for one act; never while the user is logged in. mn_keyring_logout() ends it. */
MNSEC_MUST_USE mnsec_status mn_keyring_so_login(mn_keyring *keyring, const mn_secret *so_pin);
/* SO sets a new user PIN (restore). */
MNSEC_MUST_USE mnsec_status mn_keyring_so_init_pin(mn_keyring *keyring, const mn_secret *new_pin);

/* --- keyring_key.c: the keys and their use --- */
typedef enum mn_key_kind {
    MN_KEY_DATA = 1,   /* (department, epoch): outer lock */
    MN_KEY_INDEX = 2,  /* (department, epoch): blind index MAC */
    MN_KEY_PEPPER = 3, /* MAC over Argon2id outputs */
    MN_KEY_AUDIT = 4   /* EC P-256 or RSA: checkpoints, pin */
} mn_key_kind;
typedef struct mn_key_ref {
    mn_key_kind kind;
    mnsec_id department; /* none for pepper and audit */
    uint32_t epoch;      /* 0 for pepper and audit */
} mn_key_ref;
#define MN_KEYRING_MAX_DEPARTMENTS 20

/* Sensitive, never extractable at once or wrap-with-trusted, CKA_ALLOWED_MECHANISMS, not
 * modifiable (but see copy_needs_modifiable); pepper and audit not destroyable. STATE_CONFLICT when
 * it exists, TOKEN_FULL past MN_KEYRING_MAX_DEPARTMENTS. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_make(mn_keyring *keyring, const mn_key_ref *ref);
bool mn_keyring_key_exists(const mn_keyring *keyring, const mn_key_ref *ref);
MNSEC_MUST_USE mnsec_status mn_keyring_key_destroy(mn_keyring *keyring, const mn_key_ref *ref);
/* Canonical list "mnsec/key-attributes/1" of every key found: ref, label, attributes as the token
 * tells them, known answer. For the passport hash and for exports. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_attest(mn_keyring *keyring, mn_buf *out_bytes);
/* Known-answer test of one key, against answers kept in the attestation: tells "tampered" from
 * "token sick". TOKEN_FAULT, INTEGRITY_PASSPORT, STATE_NOT_FOUND (no such key there) */
MNSEC_MUST_USE mnsec_status mn_keyring_key_test(mn_keyring *keyring, const mn_key_ref *ref,
                                                mn_bytes attested);
/* Outer lock: method byte || iv || ciphertext || tag, as the passport's method lays it out.
 * Exactly C_EncryptInit + C_Encrypt (one random IV out of a pool of 64 from one C_GenerateRandom);
 * by RSA-OAEP on the host, and no call at all. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_seal(mn_keyring *keyring, const mn_key_ref *ref,
                                                mn_bytes aad, mn_bytes plaintext,
                                                mn_buf *out_sealed);
/* Exactly C_DecryptInit + C_Decrypt, whatever the method. Any refusal of C_Decrypt: INTEGRITY, and
 * the error has the CKR (mn_keyring_key_test() then tells whether the token is sick); a lost token:
 * TOKEN_FAULT. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_open(mn_keyring *keyring, const mn_key_ref *ref,
                                                mn_bytes aad, mn_bytes sealed,
                                                mn_secret *out_plaintext);
/* Exactly C_SignInit + C_Sign: 32 bytes (HMAC-SHA256) or 16 (CMAC). */
MNSEC_MUST_USE mnsec_status mn_keyring_key_mac(mn_keyring *keyring, const mn_key_ref *ref,
                                               mn_bytes message, mn_secret *out_mac);
/* Audit signature over message (hash in software): raw r || s or RSA, appended. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_sign(mn_keyring *keyring, mn_bytes message,
                                                mn_buf *out_signature);
MNSEC_MUST_USE mnsec_status mn_keyring_key_audit_spki(mn_keyring *keyring, mn_buf *out_spki);

/* --- keyring_object.c: public objects, readable without log-in --- */
/* The trusted pin certificates (exactly one counts), the audit certificate, both DER. count 0..n.
 */
MNSEC_MUST_USE mnsec_status mn_keyring_object_pins(mn_keyring *keyring, mn_buf *out_first,
                                                   size_t *out_count);
/* The same where nobody trusted them. They count only when there is no trusted one, and the signed
 * passport then says that the token honours no trust. */
MNSEC_MUST_USE mnsec_status mn_keyring_object_weak_pins(mn_keyring *keyring, mn_buf *out_first,
                                                        size_t *out_count);
/* SO: stored CKA_TRUSTED, not modifiable, not destroyable; read back. A token that has no
 * CKA_TRUSTED gets a weak one. */
MNSEC_MUST_USE mnsec_status mn_keyring_object_write_pin(mn_keyring *keyring, mn_bytes der,
                                                        const mn_secret *so_pin);
MNSEC_MUST_USE mnsec_status mn_keyring_object_write_audit_cert(mn_keyring *keyring, mn_bytes der);
MNSEC_MUST_USE mnsec_status mn_keyring_object_audit_cert(mn_keyring *keyring, mn_buf *out_der);
/* Every checkpoint object there is (caller takes the largest that verifies): visit stops on error.
 */
typedef mnsec_status (*mn_keyring_object_fn)(void *user, mn_bytes value);
MNSEC_MUST_USE mnsec_status mn_keyring_object_checkpoints(mn_keyring *keyring,
                                                          mn_keyring_object_fn visit, void *user);
/* New object first, then the older ones deleted. */
MNSEC_MUST_USE mnsec_status mn_keyring_object_write_checkpoint(mn_keyring *keyring, mn_bytes value);

/* --- keyring_escrow.c: the spare --- */
/* On the spare, logged in with its passport: key pairs for future (department, epoch), and one
 * permanent pair; their public halves by name. name: "permanent" or "batch-000" … */
MNSEC_MUST_USE mnsec_status mn_keyring_escrow_make_pair(mn_keyring *spare, const char *name,
                                                        mn_buf *out_spki);
MNSEC_MUST_USE mnsec_status mn_keyring_escrow_spki(mn_keyring *spare, const char *name,
                                                   mn_buf *out_spki);
/* Remove what has this name: at the spare the key pair, without which its blobs are for nobody
 * (final disposal); on the facility token the public key. STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_keyring_escrow_destroy(mn_keyring *keyring, const char *name);
/* On the facility token, logged out: the spare's public key made trusted by the SO. */
MNSEC_MUST_USE mnsec_status mn_keyring_escrow_trust(mn_keyring *keyring, const char *name,
                                                    mn_bytes spki, const mn_secret *so_pin);
/* Wrap the key of ref to the spare's public key of that name. Secret keys only. TOKEN_UNSUITABLE
 * where the passport has no trusted keys: such keys are never extractable. */
MNSEC_MUST_USE mnsec_status mn_keyring_escrow_wrap(mn_keyring *keyring, const mn_key_ref *ref,
                                                   const char *name, mn_buf *out_blob);
/* Inside the spare, logged in with its passport: the key lives from now on, with the attributes of
 * key_make, and has given the answer that the blob tells. A blob is not signed: compare with the
 * attestation in a signed statement by mn_keyring_key_test() before use. */
MNSEC_MUST_USE mnsec_status mn_keyring_escrow_unwrap(mn_keyring *spare, const mn_key_ref *ref,
                                                     const char *name, mn_bytes blob);

#endif
