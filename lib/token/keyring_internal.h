/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the keyring share, and nobody else sees: the handle itself, its two sessions,
 * the host-wide gate, and what a key of ours must look like.
 *
 * Two sessions: `home` has the log-in and the session copies, and nothing that could stay active
 * ever runs in it; `work` does everything else and is closed after whatever failed in it, because a
 * call that failed may have left its operation open (CKR_OPERATION_ACTIVE).
 */
#ifndef MN_KEYRING_INTERNAL_H
#define MN_KEYRING_INTERNAL_H

#include "keyring.h"
#include "p11.h"

#define MN_KEYRING_PREFIX      "mnsec/"
#define MN_KEYRING_LABEL_BYTES 96U
#define MN_KEYRING_KEY_BYTES   32U
/* Four for each department and two for the facility. */
#define MN_KEYRING_MAX_KEYS    (4U * MN_KEYRING_MAX_DEPARTMENTS + 2U)
#define MN_KEYRING_MAX_OBJECTS (4U * MN_KEYRING_MAX_DEPARTMENTS + 8U)
#define MN_KEYRING_POOL_IVS    64U
#define MN_KEYRING_MAX_IV      16U
#define MN_KEYRING_MAX_SPKI    600U /* RSA of 4096 bits */

typedef enum mn_keyring_user {
    MN_KEYRING_NOBODY = 0,
    MN_KEYRING_USER = 1,
    MN_KEYRING_OFFICER = 2
} mn_keyring_user;

typedef struct mn_keyring_entry {
    mn_key_ref ref;
    CK_OBJECT_HANDLE token;       /* the key itself */
    CK_OBJECT_HANDLE use;         /* its session copy, or the key itself */
    CK_OBJECT_HANDLE public_half; /* of a pair */
    size_t spki_len;              /* of a data key that is a pair; 0 = none read */
    uint8_t spki[MN_KEYRING_MAX_SPKI];
} mn_keyring_entry;

struct mn_keyring {
    mn_error *err;
    mn_p11 *module;
    char *room; /* directory that must have room; NULL = not a token made of files */
    CK_SLOT_ID slot;
    CK_TOKEN_INFO token; /* as it was at opening */
    mn_p11_session home;
    mn_p11_session work;
    mn_keyring_user user;
    bool has_passport;
    mn_passport passport;
    mn_keyring_entry keys[MN_KEYRING_MAX_KEYS];
    size_t key_count;
    uint8_t iv_pool[MN_KEYRING_POOL_IVS * MN_KEYRING_MAX_IV];
    size_t ivs_left;
};

/* PKCS#11 has no const: what is only read goes in through here. */
static inline CK_BYTE *mn_keyring_lend(const void *bytes)
{
    union {
        const void *given;
        CK_BYTE *taken;
    } pointer = {.given = bytes};
    return pointer.taken;
}

/* --- keyring.c: sessions and who is logged in --- */
/* The session to work in, opened when there is none; borrowed until the next failure. */
MNSEC_MUST_USE mnsec_status mn_keyring_work(mn_keyring *keyring, const mn_p11_session **out_work);
/* The same for what needs the user, or the user and a passport. STATE_LOCKED, USAGE */
MNSEC_MUST_USE mnsec_status mn_keyring_work_as_user(mn_keyring *keyring, bool with_passport,
                                                    const mn_p11_session **out_work);
/* A call in `work` failed: note it, close `work`, and log out where the token has lost us. */
MNSEC_MUST_USE mnsec_status mn_keyring_fail(mn_keyring *keyring, CK_RV rv, const char *call);
/* The same after a failure that has been noted already; answers status. */
MNSEC_MUST_USE mnsec_status mn_keyring_failed(mn_keyring *keyring, mnsec_status status);
CK_FUNCTION_LIST *mn_keyring_calls(const mn_keyring *keyring);
/* Text fields of a CK_TOKEN_INFO into those of a passport. */
void mn_keyring_identity(const CK_TOKEN_INFO *token, mn_passport *out_passport);
/* Is it the token of this passport, by manufacturer, model, serial number and label? */
bool mn_keyring_is_token(const CK_TOKEN_INFO *token, const mn_passport *passport);
MNSEC_MUST_USE mnsec_status mn_keyring_token_info(const mn_keyring *keyring,
                                                  CK_TOKEN_INFO *out_token);

/* --- passport.c --- */
/* Only methods that this software has? */
bool mn_passport_is_usable(const mn_passport *passport);

/* --- keyring_gate.c: one program at a time, and only with room on the disk --- */
typedef struct mn_keyring_gate {
    int fd; /* -1 = not held */
} mn_keyring_gate;
/* Waits, but not for ever. TOKEN_ABSENT (no such module), TOKEN_FAULT (held too long) */
MNSEC_MUST_USE mnsec_status mn_keyring_gate_enter(const char *module_path, mn_error *err,
                                                  mn_keyring_gate *out_gate);
void mn_keyring_gate_wipe(mn_keyring_gate *gate);
/* May files still grow, and is there room in the token's directory? TOKEN_FULL */
MNSEC_MUST_USE mnsec_status mn_keyring_gate_room(const char *directory, mn_error *err);

/* --- keyring_shape.c: what our objects are called and look like --- */
/* Flags of an object; the order is that of flag_types in keyring_shape.c. */
enum {
    MN_FLAG_MODIFIABLE = 1U << 0,
    MN_FLAG_TOKEN = 1U << 1,
    MN_FLAG_PRIVATE = 1U << 2,
    MN_FLAG_DESTROYABLE = 1U << 3,
    MN_FLAG_SENSITIVE = 1U << 4,
    MN_FLAG_EXTRACTABLE = 1U << 5,
    MN_FLAG_WRAP_WITH_TRUSTED = 1U << 6,
    MN_FLAG_ENCRYPT = 1U << 7,
    MN_FLAG_DECRYPT = 1U << 8,
    MN_FLAG_SIGN = 1U << 9,
    MN_FLAG_VERIFY = 1U << 10,
    MN_FLAG_WRAP = 1U << 11,
    MN_FLAG_UNWRAP = 1U << 12,
    MN_FLAG_DERIVE = 1U << 13,
    MN_FLAG_TRUSTED = 1U << 14,
    MN_FLAG_LOCAL = 1U << 15,
    MN_FLAG_ALWAYS_SENSITIVE = 1U << 16,
    MN_FLAG_NEVER_EXTRACTABLE = 1U << 17,
    MN_FLAG_COUNT = 18
};
#define MN_MECHANISM_ANY ((CK_MECHANISM_TYPE)-1) /* no CKA_ALLOWED_MECHANISMS */
#define MN_KEY_TYPE_NONE ((CK_KEY_TYPE)-1)       /* not a key */

/* What an object is to be like: the flags in `named` are those in `set`, the others do not matter.
 */
typedef struct mn_keyring_shape {
    CK_OBJECT_CLASS object_class;
    CK_KEY_TYPE key_type;
    uint32_t named;
    uint32_t set;
    CK_MECHANISM_TYPE use; /* the one mechanism allowed */
    CK_ULONG bytes;        /* length of a secret key; 0 = does not matter */
} mn_keyring_shape;

/* A template with what it points to. Not to be copied. */
#define MN_KEYRING_TEMPLATE_MAX 32
typedef struct mn_keyring_template {
    CK_ATTRIBUTE attributes[MN_KEYRING_TEMPLATE_MAX];
    CK_ULONG count;
    CK_BBOOL yes;
    CK_BBOOL no;
    mn_keyring_shape shape;
    char label[MN_KEYRING_LABEL_BYTES];
} mn_keyring_template;

/* What the token tells of an object. */
typedef struct mn_keyring_facts {
    CK_OBJECT_CLASS object_class;
    CK_KEY_TYPE key_type;
    char label[MN_KEYRING_LABEL_BYTES]; /* "" where it has none that could be ours */
    uint32_t known;                     /* flags that the token tells */
    uint32_t set;
    CK_ULONG bytes;
    CK_MECHANISM_TYPE use; /* MN_MECHANISM_ANY where it tells none, or more than one */
} mn_keyring_facts;

/* Is a key of this kind a pair? The audit key, and data keys where the lock is RSA-OAEP. */
bool mn_keyring_shape_is_pair(const mn_passport *passport, mn_key_kind kind);
/* The key that goes to the spare first of all: a data key, or the index key where data keys are
 * pairs and stay. */
mn_key_kind mn_keyring_shape_carried(const mn_passport *passport);
/* Either half of a pair. */
mn_keyring_shape mn_keyring_shape_half(const mn_passport *passport, mn_key_kind kind,
                                       bool private_half);
/* A data, index or pepper key; or either half of the audit key. */
mn_keyring_shape mn_keyring_shape_secret(const mn_passport *passport, mn_key_kind kind);
mn_keyring_shape mn_keyring_shape_audit(const mn_passport *passport, bool private_half);
/* A pair of the spare; its public half is wanted trusted on the facility token. */
mn_keyring_shape mn_keyring_shape_escrow_private(const mn_passport *passport);
mn_keyring_shape mn_keyring_shape_escrow_public(bool trusted);
/* Mechanism that makes keys of this shape. */
CK_MECHANISM_TYPE mn_keyring_shape_maker(const mn_keyring_shape *shape);
/* Label of a key, MN_KEYRING_LABEL_BYTES; and back. */
void mn_keyring_shape_label(const mn_key_ref *ref, char *out_label);
bool mn_keyring_shape_parse(const char *label, mn_key_ref *out_ref);
bool mn_keyring_shape_same(const mn_key_ref *a, const mn_key_ref *b);
/* Flags, class, type, label, allowed mechanism. Secret keys' CKA_VALUE_LEN is the caller's. */
void mn_keyring_shape_fill(const mn_keyring_shape *shape, const char *label,
                           mn_keyring_template *out_template);
/* value is borrowed by the template and not written to. */
void mn_keyring_shape_add(mn_keyring_template *to, CK_ATTRIBUTE_TYPE type, const void *value,
                          size_t len);
/* One C_GetAttributeValue. */
MNSEC_MUST_USE mnsec_status mn_keyring_shape_read(const mn_p11_session *session,
                                                  CK_OBJECT_HANDLE object,
                                                  mn_keyring_facts *out_facts);
/* Is it so? What is not told counts as the weaker value. */
bool mn_keyring_shape_fits(const mn_keyring_shape *shape, const mn_keyring_facts *facts);
/* The one object of this class and label. STATE_NOT_FOUND; INTEGRITY_PASSPORT where several are. */
MNSEC_MUST_USE mnsec_status mn_keyring_shape_find(mn_keyring *keyring, CK_OBJECT_CLASS object_class,
                                                  const char *label, CK_OBJECT_HANDLE *out_object);

/* --- keyring_make.c: keys made after a shape, as user --- */
typedef struct mn_keyring_pair {
    mn_keyring_shape private_half;
    mn_keyring_shape public_half;
    mn_keyring_shape unwrapped; /* what an unwrapping key may give; zeroed = it unwraps nothing */
    CK_ULONG rsa_bits;
} mn_keyring_pair;
#define MN_KEYRING_MAX_WRAPPED 1024U
MNSEC_MUST_USE mnsec_status mn_keyring_make_secret(mn_keyring *keyring,
                                                   const mn_keyring_shape *shape, const char *label,
                                                   CK_OBJECT_HANDLE *out_key);
MNSEC_MUST_USE mnsec_status mn_keyring_make_pair(mn_keyring *keyring, const mn_keyring_pair *pair,
                                                 const char *label, CK_OBJECT_HANDLE *out_private,
                                                 CK_OBJECT_HANDLE *out_public);
MNSEC_MUST_USE mnsec_status mn_keyring_make_wrapped(mn_keyring *keyring, mn_rsa_padding padding,
                                                    CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key,
                                                    mn_buf *out_wrapped);
MNSEC_MUST_USE mnsec_status mn_keyring_make_unwrapped(mn_keyring *keyring, mn_rsa_padding padding,
                                                      CK_OBJECT_HANDLE unwrapping,
                                                      const mn_keyring_shape *shape,
                                                      const char *label, mn_bytes wrapped,
                                                      CK_OBJECT_HANDLE *out_key);
/* An RSA public key brought in; by whoever is logged in. USAGE_FORMAT */
MNSEC_MUST_USE mnsec_status mn_keyring_make_public(mn_keyring *keyring,
                                                   const mn_keyring_shape *shape, const char *label,
                                                   mn_bytes spki, CK_OBJECT_HANDLE *out_key);
/* SubjectPublicKeyInfo of a public key object; needs no log-in. TOKEN_FAULT where it makes no sense
 */
MNSEC_MUST_USE mnsec_status mn_keyring_make_spki(mn_keyring *keyring, CK_OBJECT_HANDLE key,
                                                 bool is_ec, mn_buf *out_spki);

/* --- keyring_lock.c: what a key does, by its handle --- */
typedef enum mn_keyring_step {
    MN_KEYRING_ENCRYPT = 0,
    MN_KEYRING_DECRYPT = 1,
    MN_KEYRING_SIGN = 2
} mn_keyring_step;
/* Init and the one call after it. out has *len bytes of room. A refusal by the second call that
 * says nothing of the token itself is answered by `refused`; MNSEC_OK = as any other failure. */
MNSEC_MUST_USE mnsec_status mn_keyring_lock_run(mn_keyring *keyring, mn_keyring_step step,
                                                CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key,
                                                mn_bytes in, mnsec_status refused, uint8_t *out,
                                                CK_ULONG *len);
/* The outer lock by AES as the passport says: method byte || iv || ciphertext, with this iv or one
 * out of the pool (NULL); a token that makes its IVs is given none. */
MNSEC_MUST_USE mnsec_status mn_keyring_lock_seal(mn_keyring *keyring, const mn_passport *how,
                                                 CK_OBJECT_HANDLE key, const uint8_t *iv,
                                                 mn_bytes aad, mn_bytes plaintext,
                                                 mn_buf *out_sealed);
MNSEC_MUST_USE mnsec_status mn_keyring_lock_open(mn_keyring *keyring, const mn_passport *how,
                                                 CK_OBJECT_HANDLE key, mn_bytes aad,
                                                 mn_bytes sealed, mn_secret *out_plaintext);
MNSEC_MUST_USE mnsec_status mn_keyring_lock_mac(mn_keyring *keyring, mn_mac_method method,
                                                CK_OBJECT_HANDLE key, mn_bytes message,
                                                mn_secret *out_mac);
MNSEC_MUST_USE mnsec_status mn_keyring_lock_sign(mn_keyring *keyring, mn_signature_alg alg,
                                                 CK_OBJECT_HANDLE key, mn_bytes message,
                                                 mn_buf *out_signature);
/* OAEP's parameters: SHA-256 where the token can, SHA-1 as the named exception (FORMATS.md). */
CK_RSA_PKCS_OAEP_PARAMS mn_keyring_lock_oaep(mn_rsa_padding padding);
/* Mechanism of a method. */
CK_MECHANISM_TYPE mn_keyring_lock_cipher(mn_outer_method method);
CK_MECHANISM_TYPE mn_keyring_lock_hasher(mn_mac_method method);
CK_MECHANISM_TYPE mn_keyring_lock_signer(mn_signature_alg alg);

/* --- keyring_pair.c: the outer lock by RSA-OAEP --- */
/* 0 where the lock is by AES. */
static inline mn_rsa_padding mn_keyring_pair_padding(const mn_passport *passport)
{
    return passport->outer == MN_OUTER_RSA_OAEP        ? MN_RSA_OAEP_SHA256
           : passport->outer == MN_OUTER_RSA_OAEP_SHA1 ? MN_RSA_OAEP_SHA1
                                                       : (mn_rsa_padding)0;
}
#define MN_KEYRING_PAIR_BITS 3072U
/* On the host, to the public key: no call of the token. */
MNSEC_MUST_USE mnsec_status mn_keyring_pair_seal(mn_keyring *keyring, mn_rsa_padding padding,
                                                 mn_bytes spki, mn_bytes aad, mn_bytes plaintext,
                                                 mn_buf *out_sealed);
/* By the private half, in two calls. */
MNSEC_MUST_USE mnsec_status mn_keyring_pair_open(mn_keyring *keyring, mn_rsa_padding padding,
                                                 mn_bytes spki, CK_OBJECT_HANDLE key, mn_bytes aad,
                                                 mn_bytes sealed, mn_secret *out_plaintext);

/* --- keyring_key.c: keys in use --- */
/* The find pass: every key of ours, attributes compared, copies made. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_load(mn_keyring *keyring);
/* Read what was just made, compare, and put it to the others; destroyed where it does not fit. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_adopt(mn_keyring *keyring, const mn_key_ref *ref,
                                                 CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE other);
/* A private session object with the same value, which can never leave: used three times as fast
 * where token objects are files. It goes with the log-in. */
MNSEC_MUST_USE mnsec_status mn_keyring_key_copy(mn_keyring *keyring, const mn_passport *passport,
                                                CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE *out_copy);
/* NULL where there is none. */
const mn_keyring_entry *mn_keyring_key_get(const mn_keyring *keyring, const mn_key_ref *ref);

/* --- keyring_key_attest.c: known answers --- */
#define MN_KEYRING_ANSWER_BYTES 32U
/* SHA-256 of what this key answers to the question that it is always asked. */
MNSEC_MUST_USE mnsec_status
mn_keyring_key_attest_answer(mn_keyring *keyring, const mn_keyring_entry *entry,
                             uint8_t out_answer[MN_KEYRING_ANSWER_BYTES]);
/* Its answer as an attestation has it. USAGE_FORMAT, STATE_NOT_FOUND */
MNSEC_MUST_USE mnsec_status mn_keyring_key_attest_find(mn_bytes attested, const mn_key_ref *ref,
                                                       uint8_t out_answer[MN_KEYRING_ANSWER_BYTES]);

#endif
