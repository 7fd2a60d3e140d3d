/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What our objects on a token are called and what they look like. One shape serves twice: as the
 * template that makes a key, and at each log-in as the measure of what the token tells of it. What
 * a token does not tell counts as the weaker value, so that silence never passes for safety.
 * Labels: mnsec/data/<department>/<epoch>, mnsec/index/<department>/<epoch>, mnsec/pepper,
 * mnsec/audit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring_internal.h"

static const CK_ATTRIBUTE_TYPE flag_types[MN_FLAG_COUNT] = {
    CKA_MODIFIABLE,
    CKA_TOKEN,
    CKA_PRIVATE,
    CKA_DESTROYABLE,
    CKA_SENSITIVE,
    CKA_EXTRACTABLE,
    CKA_WRAP_WITH_TRUSTED,
    CKA_ENCRYPT,
    CKA_DECRYPT,
    CKA_SIGN,
    CKA_VERIFY,
    CKA_WRAP,
    CKA_UNWRAP,
    CKA_DERIVE,
    CKA_TRUSTED,
    CKA_LOCAL,
    CKA_ALWAYS_SENSITIVE,
    CKA_NEVER_EXTRACTABLE,
};

/* Where "yes" is the weaker value. */
#define WEAK_FLAGS ((uint32_t)(MN_FLAG_MODIFIABLE | MN_FLAG_DESTROYABLE | MN_FLAG_EXTRACTABLE))

#define STORAGE_FLAGS                                                                              \
    ((uint32_t)(MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_MODIFIABLE | MN_FLAG_DESTROYABLE))
#define SECRET_FLAGS                                                                               \
    (STORAGE_FLAGS |                                                                               \
     (uint32_t)(MN_FLAG_SENSITIVE | MN_FLAG_EXTRACTABLE | MN_FLAG_ENCRYPT | MN_FLAG_DECRYPT |      \
                MN_FLAG_SIGN | MN_FLAG_VERIFY | MN_FLAG_WRAP | MN_FLAG_UNWRAP | MN_FLAG_DERIVE))
#define PRIVATE_FLAGS                                                                              \
    (STORAGE_FLAGS | (uint32_t)(MN_FLAG_SENSITIVE | MN_FLAG_EXTRACTABLE | MN_FLAG_DECRYPT |        \
                                MN_FLAG_SIGN | MN_FLAG_UNWRAP | MN_FLAG_DERIVE))
#define PUBLIC_FLAGS                                                                               \
    ((uint32_t)(MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_MODIFIABLE | MN_FLAG_ENCRYPT |           \
                MN_FLAG_VERIFY | MN_FLAG_WRAP))

static const struct {
    mn_key_kind kind;
    const char *name;
    bool of_department;
} kinds[] = {
    {MN_KEY_DATA, "data", true},
    {MN_KEY_INDEX, "index", true},
    {MN_KEY_PEPPER, "pepper", false},
    {MN_KEY_AUDIT, "audit", false},
};

static const char *name_of(mn_key_kind kind, bool *out_of_department)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].kind == kind) {
            *out_of_department = kinds[i].of_department;
            return kinds[i].name;
        }
    }
    *out_of_department = false;
    return "unknown";
}

static CK_MECHANISM_TYPE allowed(const mn_passport *passport, CK_MECHANISM_TYPE mechanism)
{
    return passport->mechanisms_honoured ? mechanism : MN_MECHANISM_ANY;
}

mn_keyring_shape mn_keyring_shape_secret(const mn_passport *passport, mn_key_kind kind)
{
    const bool is_data = kind == MN_KEY_DATA;
    const bool is_hmac = !is_data && passport->mac == MN_MAC_HMAC_SHA256;
    mn_keyring_shape shape = {
        .object_class = CKO_SECRET_KEY,
        .key_type = is_hmac ? CKK_GENERIC_SECRET : CKK_AES,
        .named = SECRET_FLAGS,
        .set = MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_SENSITIVE,
        .use = allowed(passport, is_data ? mn_keyring_lock_cipher(passport->outer)
                                         : mn_keyring_lock_hasher(passport->mac)),
        .bytes = MN_KEYRING_KEY_BYTES,
    };
    shape.set |= is_data ? MN_FLAG_ENCRYPT | MN_FLAG_DECRYPT : MN_FLAG_SIGN;
    if (passport->trusted_honoured) {
        /* Goes out under the spare's trusted public key, and under nothing else. */
        shape.named |= MN_FLAG_WRAP_WITH_TRUSTED;
        shape.set |= MN_FLAG_WRAP_WITH_TRUSTED | MN_FLAG_EXTRACTABLE;
    }
    if (passport->copy_needs_modifiable) {
        shape.set |= MN_FLAG_MODIFIABLE;
    }
    if (kind != MN_KEY_PEPPER || !passport->undestroyable_honoured) {
        shape.set |= MN_FLAG_DESTROYABLE;
    }
    return shape;
}

bool mn_keyring_shape_is_pair(const mn_passport *passport, mn_key_kind kind)
{
    return kind == MN_KEY_AUDIT || (kind == MN_KEY_DATA && mn_keyring_pair_padding(passport) != 0);
}

mn_key_kind mn_keyring_shape_carried(const mn_passport *passport)
{
    return mn_keyring_shape_is_pair(passport, MN_KEY_DATA) ? MN_KEY_INDEX : MN_KEY_DATA;
}

mn_keyring_shape mn_keyring_shape_audit(const mn_passport *passport, bool private_half)
{
    const bool is_ec = passport->audit_alg == MN_SIGNATURE_ECDSA_P256_SHA256;
    mn_keyring_shape shape = {
        .object_class = private_half ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY,
        .key_type = is_ec ? CKK_EC : CKK_RSA,
        .named = private_half ? PRIVATE_FLAGS : PUBLIC_FLAGS,
        .set = private_half ? MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_SENSITIVE | MN_FLAG_SIGN
                            : MN_FLAG_TOKEN | MN_FLAG_VERIFY,
        .use = allowed(passport, mn_keyring_lock_signer(passport->audit_alg)),
    };
    if (private_half && !passport->undestroyable_honoured) {
        shape.set |= MN_FLAG_DESTROYABLE;
    }
    return shape;
}

/* A data key that is a pair: the private half opens and does nothing else. The public half is only
 * read, for the host encrypts. */
static mn_keyring_shape shape_data_half(const mn_passport *passport, bool private_half)
{
    return (mn_keyring_shape){
        .object_class = private_half ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY,
        .key_type = CKK_RSA,
        .named = private_half ? PRIVATE_FLAGS : PUBLIC_FLAGS,
        .set = private_half ? MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_DESTROYABLE |
                                  MN_FLAG_SENSITIVE | MN_FLAG_DECRYPT
                            : MN_FLAG_TOKEN | MN_FLAG_ENCRYPT,
        .use = allowed(passport, CKM_RSA_PKCS_OAEP),
    };
}

mn_keyring_shape mn_keyring_shape_half(const mn_passport *passport, mn_key_kind kind,
                                       bool private_half)
{
    return kind == MN_KEY_AUDIT ? mn_keyring_shape_audit(passport, private_half)
                                : shape_data_half(passport, private_half);
}

mn_keyring_shape mn_keyring_shape_escrow_private(const mn_passport *passport)
{
    return (mn_keyring_shape){
        .object_class = CKO_PRIVATE_KEY,
        .key_type = CKK_RSA,
        .named = PRIVATE_FLAGS,
        .set = MN_FLAG_TOKEN | MN_FLAG_PRIVATE | MN_FLAG_DESTROYABLE | MN_FLAG_SENSITIVE |
               MN_FLAG_UNWRAP,
        .use = allowed(passport, CKM_RSA_PKCS_OAEP),
    };
}

mn_keyring_shape mn_keyring_shape_escrow_public(bool trusted)
{
    return (mn_keyring_shape){
        .object_class = CKO_PUBLIC_KEY,
        .key_type = CKK_RSA,
        .named = PUBLIC_FLAGS | (trusted ? MN_FLAG_TRUSTED : 0U),
        .set = MN_FLAG_TOKEN | MN_FLAG_WRAP | (trusted ? MN_FLAG_TRUSTED : 0U),
        .use = MN_MECHANISM_ANY, /* made before there is a passport; all it can do is wrap */
    };
}

CK_MECHANISM_TYPE mn_keyring_shape_maker(const mn_keyring_shape *shape)
{
    switch (shape->key_type) {
    case CKK_AES:
        return CKM_AES_KEY_GEN;
    case CKK_GENERIC_SECRET:
        return CKM_GENERIC_SECRET_KEY_GEN;
    case CKK_EC:
        return CKM_EC_KEY_PAIR_GEN;
    default:
        return CKM_RSA_PKCS_KEY_PAIR_GEN;
    }
}

void mn_keyring_shape_label(const mn_key_ref *ref, char *out_label)
{
    bool of_department = false;
    const char *name = name_of(ref->kind, &of_department);
    char department[MNSEC_ID_TEXT_BYTES] = "";
    if (!of_department) {
        (void)snprintf(out_label, MN_KEYRING_LABEL_BYTES, MN_KEYRING_PREFIX "%s", name);
        return;
    }
    mnsec_id_format(&ref->department, department);
    (void)snprintf(out_label, MN_KEYRING_LABEL_BYTES, MN_KEYRING_PREFIX "%s/%s/%lu", name,
                   department, (unsigned long)ref->epoch);
}

/* "<department>/<epoch>" */
static bool parse_department(const char *text, mn_key_ref *ref)
{
    char department[MNSEC_ID_TEXT_BYTES];
    const char *slash = strchr(text, '/');
    if (slash == NULL || (size_t)(slash - text) != sizeof(department) - 1) {
        return false;
    }
    memcpy(department, text, sizeof(department) - 1);
    department[sizeof(department) - 1] = '\0';
    if (mnsec_id_parse(department, &ref->department) != MNSEC_OK) {
        return false;
    }
    ref->epoch = (uint32_t)strtoul(slash + 1, NULL, 10);
    return true;
}

bool mn_keyring_shape_parse(const char *label, mn_key_ref *out_ref)
{
    const size_t prefix = sizeof(MN_KEYRING_PREFIX) - 1;
    if (strncmp(label, MN_KEYRING_PREFIX, prefix) != 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const size_t len = strlen(kinds[i].name);
        const char *rest = label + prefix + len;
        if (strncmp(label + prefix, kinds[i].name, len) != 0) {
            continue;
        }
        mn_key_ref ref = {.kind = kinds[i].kind};
        if (kinds[i].of_department && (rest[0] != '/' || !parse_department(rest + 1, &ref))) {
            continue;
        }
        /* Only what we would have written: no leading zero, no sign, nothing after it. */
        char written[MN_KEYRING_LABEL_BYTES];
        mn_keyring_shape_label(&ref, written);
        if (strcmp(written, label) == 0) {
            *out_ref = ref;
            return true;
        }
    }
    return false;
}

bool mn_keyring_shape_same(const mn_key_ref *a, const mn_key_ref *b)
{
    return a->kind == b->kind && a->epoch == b->epoch &&
           mnsec_id_equal(&a->department, &b->department);
}

void mn_keyring_shape_add(mn_keyring_template *to, CK_ATTRIBUTE_TYPE type, const void *value,
                          size_t len)
{
    if (to->count < MN_KEYRING_TEMPLATE_MAX) {
        to->attributes[to->count++] = (CK_ATTRIBUTE){type, mn_keyring_lend(value), (CK_ULONG)len};
    }
}

void mn_keyring_shape_fill(const mn_keyring_shape *shape, const char *label,
                           mn_keyring_template *out_template)
{
    mn_keyring_template *t = out_template;
    *t = (mn_keyring_template){.yes = CK_TRUE, .no = CK_FALSE, .shape = *shape};
    (void)snprintf(t->label, sizeof(t->label), "%s", label);
    mn_keyring_shape_add(t, CKA_CLASS, &t->shape.object_class, sizeof(t->shape.object_class));
    if (shape->key_type != MN_KEY_TYPE_NONE) {
        mn_keyring_shape_add(t, CKA_KEY_TYPE, &t->shape.key_type, sizeof(t->shape.key_type));
    }
    mn_keyring_shape_add(t, CKA_LABEL, t->label, strlen(t->label));
    if (shape->use != MN_MECHANISM_ANY) {
        mn_keyring_shape_add(t, CKA_ALLOWED_MECHANISMS, &t->shape.use, sizeof(t->shape.use));
    }
    /* CKA_MODIFIABLE is the last: after it some tokens take nothing more. */
    for (size_t i = MN_FLAG_COUNT; i-- > 0;) {
        if ((shape->named >> i & 1U) != 0) {
            const bool is_set = (shape->set >> i & 1U) != 0;
            mn_keyring_shape_add(t, flag_types[i], is_set ? &t->yes : &t->no, sizeof(t->yes));
        }
    }
}

/* Where facts come in. A length that a token answers is believed only when it fits. */
typedef struct fact_room {
    CK_BBOOL flags[MN_FLAG_COUNT];
    CK_OBJECT_CLASS object_class;
    CK_KEY_TYPE key_type;
    CK_ULONG bytes;
    CK_MECHANISM_TYPE use[4];
    char label[MN_KEYRING_LABEL_BYTES];
} fact_room;

#define FACT_COUNT (MN_FLAG_COUNT + 5)

static bool is_told(const CK_ATTRIBUTE *attribute, size_t len)
{
    return attribute->ulValueLen == (CK_ULONG)len;
}

static void take_facts(const fact_room *room, const CK_ATTRIBUTE *told, mn_keyring_facts *facts)
{
    *facts = (mn_keyring_facts){.object_class = CKO_VENDOR_DEFINED, .use = MN_MECHANISM_ANY};
    for (size_t i = 0; i < MN_FLAG_COUNT; i++) {
        if (is_told(&told[i], sizeof(CK_BBOOL))) {
            facts->known |= 1U << i;
            facts->set |= (room->flags[i] != CK_FALSE ? 1U : 0U) << i;
        }
    }
    const CK_ATTRIBUTE *more = told + MN_FLAG_COUNT;
    if (is_told(&more[0], sizeof(room->object_class))) {
        facts->object_class = room->object_class;
    }
    facts->key_type = is_told(&more[1], sizeof(room->key_type)) ? room->key_type : MN_KEY_TYPE_NONE;
    facts->bytes = is_told(&more[2], sizeof(room->bytes)) ? room->bytes : 0;
    if (is_told(&more[3], sizeof(room->use[0]))) {
        facts->use = room->use[0];
    }
    const CK_ULONG len = more[4].ulValueLen;
    if (len < sizeof(facts->label) && memchr(room->label, '\0', len) == NULL) {
        memcpy(facts->label, room->label, len);
    }
}

mnsec_status mn_keyring_shape_read(const mn_p11_session *session, CK_OBJECT_HANDLE object,
                                   mn_keyring_facts *out_facts)
{
    fact_room room = {0};
    CK_ATTRIBUTE asked[FACT_COUNT];
    for (size_t i = 0; i < MN_FLAG_COUNT; i++) {
        asked[i] = (CK_ATTRIBUTE){flag_types[i], &room.flags[i], sizeof(room.flags[i])};
    }
    CK_ATTRIBUTE *more = asked + MN_FLAG_COUNT;
    more[0] = (CK_ATTRIBUTE){CKA_CLASS, &room.object_class, sizeof(room.object_class)};
    more[1] = (CK_ATTRIBUTE){CKA_KEY_TYPE, &room.key_type, sizeof(room.key_type)};
    more[2] = (CK_ATTRIBUTE){CKA_VALUE_LEN, &room.bytes, sizeof(room.bytes)};
    more[3] = (CK_ATTRIBUTE){CKA_ALLOWED_MECHANISMS, room.use, sizeof(room.use)};
    more[4] = (CK_ATTRIBUTE){CKA_LABEL, room.label, sizeof(room.label)};
    const CK_RV rv = mn_p11_calls(session->module)
                         ->C_GetAttributeValue(session->handle, object, asked, FACT_COUNT);
    /* What an object has not, or does not fit, is told by its length. */
    if (rv != CKR_OK && rv != CKR_ATTRIBUTE_TYPE_INVALID && rv != CKR_ATTRIBUTE_SENSITIVE &&
        rv != CKR_BUFFER_TOO_SMALL) {
        return mn_p11_session_fail(session, rv, "C_GetAttributeValue");
    }
    take_facts(&room, asked, out_facts);
    return MNSEC_OK;
}

/* Some tokens tell no length of a key that was unwrapped; there its known answer is the measure. */
bool mn_keyring_shape_fits(const mn_keyring_shape *shape, const mn_keyring_facts *facts)
{
    const uint32_t value = facts->set | (~facts->known & WEAK_FLAGS);
    return facts->object_class == shape->object_class && facts->key_type == shape->key_type &&
           (value & shape->named) == (shape->set & shape->named) &&
           (facts->bytes == 0 || shape->bytes == 0 || facts->bytes == shape->bytes) &&
           (shape->use == MN_MECHANISM_ANY || facts->use == shape->use);
}

mnsec_status mn_keyring_shape_find(mn_keyring *keyring, CK_OBJECT_CLASS object_class,
                                   const char *label, CK_OBJECT_HANDLE *out_object)
{
    const mn_p11_session *work = NULL;
    MN_TRY(mn_keyring_work(keyring, &work));

    char name[MN_KEYRING_LABEL_BYTES];
    (void)snprintf(name, sizeof(name), "%s", label);
    CK_BBOOL yes = CK_TRUE;
    CK_ATTRIBUTE pattern[] = {
        {CKA_CLASS, &object_class, sizeof(object_class)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_LABEL, name, strlen(name)},
    };
    MN_AUTO(mn_buf) handles = {0};
    const mnsec_status status = mn_p11_session_find(work, pattern, 3, &handles);
    if (status != MNSEC_OK) {
        return mn_keyring_failed(keyring, status);
    }
    switch (mn_p11_session_found(&handles)) {
    case 0:
        return MNSEC_E_STATE_NOT_FOUND;
    case 1:
        *out_object = mn_p11_session_handle(&handles, 0);
        return MNSEC_OK;
    default:
        return mn_fail(keyring->err, MNSEC_E_INTEGRITY_PASSPORT,
                       "there are several objects %s on the token", name);
    }
}
