/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Founding, the tokens' part: the facility token from blank to keys, the spare with its escrow, and
 * at the very end the pins. PINs are random; the SO PIN is shown once and typed back before the
 * token knows it, because a token that is half founded can be initialised again with it only.
 */
#include "api/api_founding.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/encode.h"
#include "crypto/secret/crypto.h"

#define TYPE_BACKS      3
#define PIN_BYTES       32
#define URI_MAX_BYTES   4096
#define SPARE_PERMANENT "permanent"
/* Key pairs for epochs to come, beside one for each department's first (docs/ARCHITECTURE.md). */
#define SPARE_AHEAD 2

/* What a founding that was cut short has left of a token, in its folder. */
typedef struct token_trace {
    const char *subject;
    const char *pin_shown; /* its SO PIN was shown, and is asked for from then on */
    const char *moved; /* the URI it was given by, and the URI that names it since it has a label */
} token_trace;
static const token_trace facility_trace = {
    .subject = "facility token", .pin_shown = "so-pin-shown", .moved = "token-uri"};
static const token_trace spare_trace = {
    .subject = "spare token", .pin_shown = "spare-so-pin-shown", .moved = "spare-uri"};

/* --- PINs ----------------------------------------------------------------------------------------
 */

static mnsec_status ask_so_pin(mn_founding_work *work, const char *subject, unsigned attempt,
                               const char *reason, mn_secret *out_pin)
{
    const mnsec_secret_request request = {
        .kind = MNSEC_SECRET_SO_PIN,
        .subject = subject,
        .attempt = attempt,
        .reason = reason,
    };
    return mn_secret_ask(work->context, &request, out_pin);
}

static mnsec_status type_back(mn_founding_work *work)
{
    const char *reason = NULL;
    for (unsigned attempt = 1; attempt <= TYPE_BACKS; attempt++) {
        MN_AUTO(mn_secret) typed = {0};
        MN_TRY(ask_so_pin(work, facility_trace.subject, attempt, reason, &typed));
        if (mn_secret_equal(&typed, &work->so_pin)) {
            return MNSEC_OK;
        }
        reason = "this is not the SO PIN that was shown";
    }
    return mn_fail(work->err, MNSEC_E_USAGE_MISMATCH, "the SO PIN was not typed back rightly");
}

static mnsec_status show_so_pin(mn_founding_work *work, const token_trace *trace, mn_secret *pin)
{
    MN_TRY(mn_random_text(pin, PIN_BYTES));
    return mn_context_notice(work->context, MNSEC_NOTICE_SHOW_SO_PIN, trace->subject,
                             (const char *)pin->bytes);
}

static mnsec_status note_shown(mn_founding_work *work, const token_trace *trace)
{
    MN_AUTO(mn_buf) path = {0};
    MN_TRY(mn_founding_path(work, trace->pin_shown, &path));
    return mn_config_write_file(mn_buf_text(&path), mn_bytes_of("\n", 1), 0600, work->err);
}

static mnsec_status get_so_pin(mn_founding_work *work)
{
    if (mn_founding_has(work, facility_trace.pin_shown)) {
        return ask_so_pin(work, facility_trace.subject, 1, "founding is resumed", &work->so_pin);
    }
    MN_TRY(show_so_pin(work, &facility_trace, &work->so_pin));
    MN_TRY(type_back(work));
    return note_shown(work, &facility_trace);
}

static mnsec_status get_spare_so_pin(mn_founding_work *work)
{
    if (mn_founding_has(work, spare_trace.pin_shown)) {
        return ask_so_pin(work, spare_trace.subject, 1, "founding is resumed", &work->spare_so_pin);
    }
    MN_TRY(show_so_pin(work, &spare_trace, &work->spare_so_pin));
    return note_shown(work, &spare_trace);
}

/* --- which token ---------------------------------------------------------------------------------
 */

/* Initialised tokens may be in another slot than when they were blank: what named one then is of no
 * use when founding is resumed. */
static mnsec_status note_moved(mn_founding_work *work, const token_trace *trace, const char *given,
                               const mn_buf *now)
{
    MN_AUTO(mn_buf) path = {0};
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_founding_path(work, trace->moved, &path));
    MN_TRY(mn_buf_printf(&text, "%s\n%s", given, mn_buf_text(now)));
    return mn_config_write_file(mn_buf_text(&path), mn_buf_view(&text), 0600, work->err);
}

static mnsec_status uri_of(mn_founding_work *work, const token_trace *trace, const char *given,
                           mn_buf *out_uri)
{
    MN_AUTO(mn_buf) path = {0};
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_founding_path(work, trace->moved, &path));
    const mnsec_status status =
        mn_config_read_file(mn_buf_text(&path), URI_MAX_BYTES, work->err, &text);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        mn_error_clear(work->err);
        return mn_buf_append_text(out_uri, given);
    }
    MN_TRY(status);
    const size_t len = strlen(given);
    const char *noted = mn_buf_text(&text);
    const bool is_same = strncmp(noted, given, len) == 0 && noted[len] == '\n';
    return mn_buf_append_text(out_uri, is_same ? noted + len + 1 : given);
}

/* --- the facility token --------------------------------------------------------------------------
 */

static void label_of(const mn_founding_work *work, const char *prefix, char out_label[33])
{
    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&work->workstation.facility, id);
    snprintf(out_label, 33, "%s-%.20s", prefix, id);
}

static mnsec_status open_blank(mn_founding_work *work, const token_trace *trace, const char *given,
                               mn_keyring **out_keyring)
{
    MN_AUTO(mn_buf) uri = {0};
    MN_AUTO_PTR(mn_keyring) keyring = NULL;
    MN_TRY(uri_of(work, trace, given, &uri));
    MN_TRY(mn_keyring_open(mn_buf_text(&uri), work->err, &keyring));
    MN_AUTO(mn_buf) first = {0};
    size_t pins = 0;
    /* A token without a pin may be founded again, whatever a founding cut short has left on it. */
    if (!mn_keyring_is_blank(keyring)) {
        MN_TRY(mn_keyring_object_weak_pins(keyring, &first, &pins)); /* trusted or not */
    }
    if (pins > 0) {
        return mn_fail(work->err, MNSEC_E_STATE_FOUNDED,
                       "the token is a founded facility's already");
    }
    *out_keyring = mn_take(keyring);
    return MNSEC_OK;
}

/* An escrow that would not hold; better told now than when the founders are here. */
static mnsec_status refuse_spare(const mn_founding_work *work)
{
    if (work->options->spare_uri == NULL) {
        return MNSEC_OK;
    }
    const bool is_aes =
        work->passport.outer == MN_OUTER_AES_GCM || work->passport.outer == MN_OUTER_AES_CBC;
    if (!is_aes || work->passport.gcm_iv != MN_GCM_IV_OURS) {
        return mn_fail(
            work->err, MNSEC_E_TOKEN_UNSUITABLE,
            "this token's data keys cannot be kept at a spare; found the facility without one");
    }
    if (!work->passport.trusted_honoured) {
        return mn_fail(work->err, MNSEC_E_TOKEN_UNSUITABLE,
                       "the token does not know trusted keys; found the facility without a spare");
    }
    return MNSEC_OK;
}

mnsec_status mn_founding_token_prepare(mn_founding_work *work)
{
    const char *given = work->options->token_uri;
    MN_TRY(open_blank(work, &facility_trace, given, &work->keyring));
    MN_TRY(get_so_pin(work));
    MN_TRY(mn_random_text(&work->facility_pin, PIN_BYTES));
    char label[33];
    label_of(work, "mnsec", label);
    MN_TRY(mn_context_progress(work->context, "preparing the facility token", 0, 0));
    MN_TRY(mn_keyring_initialise(work->keyring, label, &work->so_pin, &work->facility_pin,
                                 &work->workstation.token_uri));
    MN_TRY(note_moved(work, &facility_trace, given, &work->workstation.token_uri));
    MN_TRY(mn_keyring_login(work->keyring, &work->facility_pin, NULL));
    MN_TRY(mn_passport_probe(work->keyring, &work->passport));
    mn_keyring_logout(work->keyring);
    MN_TRY(refuse_spare(work));
    return mn_keyring_login(work->keyring, &work->facility_pin, &work->passport);
}

static mnsec_status make_key(mn_founding_work *work, mn_key_kind kind, const mnsec_id *department)
{
    mn_key_ref ref = {.kind = kind};
    if (department) {
        ref.department = *department;
        ref.epoch = 1;
    }
    return mn_keyring_key_make(work->keyring, &ref);
}

static mnsec_status sign_by_audit_key(void *user, mn_bytes message, mn_buf *out_signature)
{
    return mn_keyring_key_sign(user, message, out_signature);
}

mn_audit_signer mn_founding_token_signer(mn_founding_work *work)
{
    return (mn_audit_signer){
        .signer = {.sign = sign_by_audit_key,
                   .user = work->keyring,
                   .alg = work->passport.audit_alg,
                   .spki = mn_buf_view(&work->audit_spki)},
        .certificate = mn_buf_view(&work->audit_certificate),
    };
}

static mnsec_status issue_audit_certificate(mn_founding_work *work)
{
    MN_TRY(mn_keyring_key_audit_spki(work->keyring, &work->audit_spki));
    mn_x509_request request = {
        .subject_cn = work->origin,
        .issuer_cn = work->origin,
        .subject_spki = mn_buf_view(&work->audit_spki),
        .not_before = mn_clock_now(&work->context->clock),
        .is_ca = true,
    };
    mn_random_bytes(request.serial, sizeof request.serial);
    const mn_audit_signer signer = mn_founding_token_signer(work);
    MN_TRY(mn_x509_issue(&request, &signer.signer, &work->audit_certificate));
    return mn_keyring_object_write_audit_cert(work->keyring, mn_buf_view(&work->audit_certificate));
}

mnsec_status mn_founding_token_keys(mn_founding_work *work)
{
    const mn_founding *founding = &work->statement->u.founding;
    const uint64_t total = 2 + 2 * founding->department_count;
    MN_TRY(make_key(work, MN_KEY_PEPPER, NULL));
    MN_TRY(make_key(work, MN_KEY_AUDIT, NULL));
    for (size_t i = 0; i < founding->department_count; i++) {
        MN_TRY(mn_context_progress(work->context, "making keys", 2 + 2 * i, total));
        MN_TRY(make_key(work, MN_KEY_DATA, &founding->departments[i].versions.id));
        MN_TRY(make_key(work, MN_KEY_INDEX, &founding->departments[i].versions.id));
    }
    return issue_audit_certificate(work);
}

/* --- the spare -----------------------------------------------------------------------------------
 */

static mnsec_status initialise_spare(mn_founding_work *work)
{
    const char *given = work->options->spare_uri;
    MN_TRY(open_blank(work, &spare_trace, given, &work->spare));
    MN_TRY(get_spare_so_pin(work));
    MN_TRY(mn_random_text(&work->spare_pin, PIN_BYTES));
    MN_TRY(mn_context_notice(work->context, MNSEC_NOTICE_SHOW_SPARE_PIN, spare_trace.subject,
                             (const char *)work->spare_pin.bytes));
    char label[33];
    label_of(work, "spare", label);
    MN_AUTO(mn_buf) uri = {0};
    MN_TRY(mn_keyring_initialise(work->spare, label, &work->spare_so_pin, &work->spare_pin, &uri));
    MN_TRY(note_moved(work, &spare_trace, given, &uri));
    MN_TRY(mn_keyring_login(work->spare, &work->spare_pin, NULL));
    MN_TRY(mn_passport_probe(work->spare, &work->spare_passport));
    mn_keyring_logout(work->spare);
    return mn_keyring_login(work->spare, &work->spare_pin, &work->spare_passport);
}

/* Pairs are made in the spare; the facility token gets the public halves, trusted by its SO. */
static mnsec_status make_spare_keys(mn_founding_work *work)
{
    mn_founding *founding = &work->statement->u.founding;
    const size_t pairs = 1 + founding->department_count + SPARE_AHEAD;
    for (size_t i = 0; i < pairs; i++) {
        MN_TRY(mn_context_progress(work->context, "preparing the spare token", i, pairs));
        char *name = founding->spare[i].name;
        if (i == 0) {
            snprintf(name, sizeof founding->spare[i].name, "%s", SPARE_PERMANENT);
        } else {
            snprintf(name, sizeof founding->spare[i].name, "batch-%03zu", i - 1);
        }
        MN_TRY(mn_keyring_escrow_make_pair(work->spare, name, &founding->spare[i].spki));
        founding->spare_count = i + 1;
    }
    mn_keyring_logout(work->keyring);
    for (size_t i = 0; i < pairs; i++) {
        MN_TRY(mn_keyring_escrow_trust(work->keyring, founding->spare[i].name,
                                       mn_buf_view(&founding->spare[i].spki), &work->so_pin));
    }
    return mn_keyring_login(work->keyring, &work->facility_pin, &work->passport);
}

static mnsec_status escrow(mn_founding_work *work, mn_store_txn *txn, const mn_key_ref *ref,
                           const char *name)
{
    MN_AUTO(mn_buf) blob = {0};
    MN_TRY(mn_keyring_escrow_wrap(work->keyring, ref, name, &blob));
    const mn_store_value row[] = {
        mn_store_integer((int64_t)ref->kind),
        mn_store_blob(ref->department.bytes, sizeof ref->department.bytes),
        mn_store_integer((int64_t)ref->epoch),
        mn_store_blob(name, strlen(name)),
        mn_store_blob(blob.bytes, blob.len),
    };
    return mn_store_insert(txn, MN_TABLE_ESCROW, row);
}

static mnsec_status escrow_all(mn_founding_work *work)
{
    const mn_founding *founding = &work->statement->u.founding;
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(work->store, MN_STORE_WRITE, &txn));
    const mn_key_ref pepper = {.kind = MN_KEY_PEPPER};
    MN_TRY(escrow(work, &txn, &pepper, SPARE_PERMANENT));
    for (size_t i = 0; i < founding->department_count; i++) {
        mn_key_ref ref = {
            .kind = MN_KEY_DATA,
            .department = founding->departments[i].versions.id,
            .epoch = 1,
        };
        MN_TRY(escrow(work, &txn, &ref, founding->spare[1 + i].name));
        ref.kind = MN_KEY_INDEX;
        MN_TRY(escrow(work, &txn, &ref, founding->spare[1 + i].name));
    }
    return mn_store_commit(&txn);
}

mnsec_status mn_founding_token_spare(mn_founding_work *work)
{
    if (!work->options->spare_uri) {
        return MNSEC_OK;
    }
    MN_TRY(initialise_spare(work));
    MN_TRY(make_spare_keys(work));
    MN_TRY(escrow_all(work));
    mn_keyring_logout(work->spare);
    return MNSEC_OK;
}

/* --- the pins ------------------------------------------------------------------------------------
 */

static mnsec_status write_pin(mn_founding_work *work, mn_keyring *keyring, const char *subject,
                              mn_secret *so_pin)
{
    MN_AUTO(mn_buf) first = {0};
    size_t pins = 0;
    MN_TRY(mn_keyring_object_pins(keyring, &first, &pins));
    if (pins > 0) {
        return MNSEC_OK; /* written before the founding was cut short */
    }
    if (mn_secret_is_empty(so_pin)) {
        MN_TRY(ask_so_pin(work, subject, 1, "founding is resumed", so_pin));
    }
    return mn_keyring_object_write_pin(keyring, mn_buf_view(&work->pin_certificate), so_pin);
}

mnsec_status mn_founding_token_reopen(mn_founding_work *work)
{
    MN_TRY(mn_keyring_open(mn_buf_text(&work->workstation.token_uri), work->err, &work->keyring));
    if (!work->options->spare_uri) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_buf) uri = {0};
    MN_TRY(uri_of(work, &spare_trace, work->options->spare_uri, &uri));
    return mn_keyring_open(mn_buf_text(&uri), work->err, &work->spare);
}

mnsec_status mn_founding_token_pins(mn_founding_work *work)
{
    if (work->spare) {
        mn_keyring_logout(work->spare);
        MN_TRY(write_pin(work, work->spare, spare_trace.subject, &work->spare_so_pin));
    }
    mn_keyring_logout(work->keyring);
    return write_pin(work, work->keyring, facility_trace.subject, &work->so_pin);
}
