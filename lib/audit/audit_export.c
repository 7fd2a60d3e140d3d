/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An export: a directory that an outside auditor can verify with stock tools and none of this
 * software (docs/FORMATS.md, section 5). It ends with the newest checkpoint, whatever is appended
 * meanwhile. Lines are written by audit_export_log.c, the directory is audit_export_dir.c; the
 * texts for people are files in export/.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "audit/audit_export_log.h"
#include "audit/audit_export_text.h"
#include "base/base64.h"
#include "base/encode.h"
#include "base/text.h"
#include "policy/document.h"

#define ATTESTATION_PURPOSE "mnsec/key-attributes/1"
#define MAX_ATTESTED_KEYS   4096U

/* Texts that are written in more than one place. */
typedef struct page {
    mn_buf founding_hash; /* hex */
    mn_buf fingerprint;   /* hex */
    mn_buf root;          /* base64 */
    mn_buf documents;     /* lines */
    char time[32];
    char size[24];
} page;

static void page_wipe(page *p)
{
    mn_buf_wipe(&p->founding_hash);
    mn_buf_wipe(&p->fingerprint);
    mn_buf_wipe(&p->root);
    mn_buf_wipe(&p->documents);
}

/* --- the checkpoint --- */

/* Row of the checkpoint that is exported: the newest one, signed by the certificate at hand. */
static mnsec_status put_checkpoint(mn_audit_export_job *job)
{
    const mn_store_value key = mn_store_integer((int64_t)job->checkpoint.tree_size);
    mn_store_value row[MN_STORE_MAX_COLUMNS];
    MN_TRY(mn_store_get(job->txn, MN_TABLE_CHECKPOINT, &key, row));
    if (mn_cms_verify(row[3].bytes, row[1].bytes, job->options->signer->certificate) != MNSEC_OK) {
        return mn_fail(job->audit->err, MNSEC_E_INTEGRITY_LOG,
                       "newest checkpoint is not signed by the audit key");
    }
    MN_TRY(mn_audit_export_dir_put(job->dir, "checkpoint.txt", row[1].bytes));
    MN_TRY(mn_audit_export_dir_put(job->dir, "checkpoint.p7s", row[3].bytes));
    if (row[2].type == MN_STORE_NULL) {
        return MNSEC_OK; /* an RSA key: neither note nor verifier key */
    }
    MN_AUTO(mn_buf) vkey = {0};
    MN_TRY(mn_audit_export_dir_put(job->dir, "checkpoint", row[2].bytes));
    MN_TRY(mn_tlog_checkpoint_vkey(job->audit->origin, job->options->signer->signer.spki, &vkey));
    MN_TRY(mn_buf_append_text(&vkey, "\n"));
    return mn_audit_export_dir_put(job->dir, "log.vkey", mn_buf_view(&vkey));
}

/* --- certificates of the facility --- */

static mnsec_status put_certificate(mn_audit_export_job *job, const char *name, mn_bytes der)
{
    MN_AUTO(mn_buf) pem = {0};
    MN_TRY(mn_x509_to_pem(der, &pem));
    return mn_audit_export_dir_put(job->dir, name, mn_buf_view(&pem));
}

static mnsec_status put_certificates(mn_audit_export_job *job)
{
    const mn_bytes audit = job->options->signer->certificate;
    uint8_t fingerprint[MN_HASH_BYTES];
    char text[MN_BASE64_URL_DIGEST_BYTES];
    char name[MN_AUDIT_EXPORT_NAME_BYTES];
    mn_hash_bytes(audit, fingerprint);
    mn_base64_url_digest(fingerprint, text);
    (void)snprintf(name, sizeof(name), "certs/%s.pem", text);
    MN_TRY(put_certificate(job, name, audit));
    MN_TRY(put_certificate(job, "certs/roots.pem", audit));
    return put_certificate(job, "certs/pin.pem", job->options->pin_certificate);
}

/* --- keys.json --- */

static const char *const key_kinds[] = {"?", "data", "index", "pepper", "audit"};

/* Bits of the attestation, from the lowest. */
static const char *const key_flags[] = {
    "modifiable",   "token",   "private", "destroyable", "sensitive",        "extractable",
    "wrap_trusted", "encrypt", "decrypt", "sign",        "verify",           "wrap",
    "unwrap",       "derive",  "trusted", "local",       "always_sensitive", "never_extractable",
};

#define KINDS (sizeof(key_kinds) / sizeof(key_kinds[0]))
#define FLAGS (sizeof(key_flags) / sizeof(key_flags[0]))

typedef struct attested {
    uint64_t kind, epoch, key_type, bytes, mechanism, known, set;
    mnsec_id department;
    mn_buf label;
    uint8_t answer[MN_HASH_BYTES];
} attested;

static void attested_wipe(attested *key)
{
    mn_buf_wipe(&key->label);
}

static mnsec_status decode_key(mn_decode *decode, attested *key)
{
    MN_TRY(mn_decode_u64(decode, &key->kind));
    MN_TRY(mn_decode_id(decode, &key->department));
    MN_TRY(mn_decode_u64(decode, &key->epoch));
    MN_TRY(mn_decode_text(decode, &key->label));
    MN_TRY(mn_decode_u64(decode, &key->key_type));
    MN_TRY(mn_decode_u64(decode, &key->bytes));
    MN_TRY(mn_decode_u64(decode, &key->mechanism));
    MN_TRY(mn_decode_u64(decode, &key->known));
    MN_TRY(mn_decode_u64(decode, &key->set));
    MN_TRY(mn_decode_fixed(decode, key->answer, sizeof(key->answer)));
    const bool plain = strpbrk(mn_buf_text(&key->label), "\"\\") == NULL &&
                       mn_text_is_clean(mn_buf_view(&key->label), false);
    return plain && key->kind < KINDS ? MNSEC_OK : MNSEC_E_USAGE_FORMAT;
}

/* What the token told: true or false; null what it did not tell. */
static mnsec_status append_flags(mn_buf *json, const attested *key)
{
    for (size_t i = 0; i < FLAGS; i++) {
        const char *value = "null";
        if ((key->known >> i & 1U) != 0) {
            value = (key->set >> i & 1U) != 0 ? "true" : "false";
        }
        MN_TRY(mn_buf_printf(json, "%s\"%s\":%s", i == 0 ? "" : ",", key_flags[i], value));
    }
    return MNSEC_OK;
}

static mnsec_status append_key(mn_buf *json, const attested *key)
{
    char department[MNSEC_ID_TEXT_BYTES] = "-";
    char answer[MN_BASE64_URL_DIGEST_BYTES];
    char mechanism[24] = "any";
    if (!mnsec_id_is_none(&key->department)) {
        mnsec_id_format(&key->department, department);
    }
    if (key->mechanism != UINT64_MAX) {
        (void)snprintf(mechanism, sizeof(mechanism), "0x%" PRIx64, key->mechanism);
    }
    mn_base64_url_digest(key->answer, answer);
    MN_TRY(mn_buf_printf(json,
                         "{\"kind\":\"%s\",\"department\":\"%s\",\"epoch\":%" PRIu64
                         ",\"label\":\"%s\",\"key_type\":\"0x%" PRIx64 "\",\"bytes\":%" PRIu64
                         ",\"mechanism\":\"%s\",\"known_answer\":\"%s\",\"attributes\":{",
                         key_kinds[key->kind], department, key->epoch, mn_buf_text(&key->label),
                         key->key_type, key->bytes, mechanism, answer));
    MN_TRY(append_flags(json, key));
    return mn_buf_append_text(json, "}}");
}

static mnsec_status format_keys(mn_bytes attestation, mn_buf *out_json)
{
    mn_decode decode;
    uint64_t count = 0;
    MN_AUTO(mn_buf) json = {0};
    MN_TRY(mn_decode_begin(&decode, attestation, ATTESTATION_PURPOSE));
    MN_TRY(mn_decode_u64(&decode, &count));
    if (count > MAX_ATTESTED_KEYS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    for (uint64_t i = 0; i < count; i++) {
        MN_AUTO(attested) key = {.kind = 0};
        MN_TRY(decode_key(&decode, &key));
        MN_TRY(mn_buf_append_text(&json, i == 0 ? "[\n" : ",\n"));
        MN_TRY(append_key(&json, &key));
    }
    MN_TRY(mn_decode_end(&decode));
    MN_TRY(mn_buf_append_text(&json, count == 0 ? "[]\n" : "\n]\n"));
    mn_buf_move(out_json, &json);
    return MNSEC_OK;
}

static mnsec_status put_keys(mn_audit_export_job *job)
{
    MN_AUTO(mn_buf) json = {0};
    const mnsec_status status = format_keys(job->options->attestation, &json);
    if (status == MNSEC_E_USAGE_FORMAT) {
        return mn_fail(job->audit->err, MNSEC_E_INTEGRITY_AUTHORITY,
                       "attestation of the keys is malformed");
    }
    MN_TRY(status);
    return mn_audit_export_dir_put(job->dir, "keys.json", mn_buf_view(&json));
}

/* --- founding.txt, README.txt, tools/ --- */

static void format_time(int64_t seconds, char out_text[32])
{
    const time_t at = (time_t)seconds;
    struct tm parts;
    if (!gmtime_r(&at, &parts) || strftime(out_text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        memcpy(out_text, "-", 2);
    }
}

static mnsec_status fill_page(const mn_audit_export_job *job, page *p)
{
    const mn_audit_export_options *options = job->options;
    uint8_t fingerprint[MN_HASH_BYTES];
    mn_hash_bytes(options->signer->certificate, fingerprint);
    MN_TRY(mn_base64_hex_append(&p->founding_hash, options->founding_hash, MN_HASH_BYTES));
    MN_TRY(mn_base64_hex_append(&p->fingerprint, fingerprint, sizeof(fingerprint)));
    MN_TRY(mn_base64_append(&p->root, job->checkpoint.root.bytes, MN_TLOG_HASH_BYTES));
    for (size_t n = 0; n < mn_document_count(); n++) {
        const mn_document *document = mn_document_at(n);
        MN_TRY(mn_buf_printf(&p->documents, "%s  %-13s %s", n == 0 ? "" : "\n", document->code,
                             document->name));
    }
    (void)snprintf(p->size, sizeof(p->size), "%" PRIu64, job->checkpoint.tree_size);
    format_time(mn_clock_now(job->audit->clock), p->time);
    return MNSEC_OK;
}

static mnsec_status put_founding(mn_audit_export_job *job, const page *p)
{
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(mn_buf_printf(&text, "%s\n%s\n%s\n", job->audit->origin, mn_buf_text(&p->founding_hash),
                         mn_buf_text(&p->fingerprint)));
    return mn_audit_export_dir_put(job->dir, "founding.txt", mn_buf_view(&text));
}

/* Template with @NAME@ filled in; what is no name stays as it is. */
static mnsec_status fill_in(mn_bytes template, const mn_audit_export_job *job, const page *p,
                            mn_buf *out_text)
{
    const struct {
        const char *name;
        const char *value;
    } values[] = {
        {"@FACILITY@", job->options->facility_name},
        {"@ORIGIN@", job->audit->origin},
        {"@FOUNDING_HASH@", mn_buf_text(&p->founding_hash)},
        {"@FINGERPRINT@", mn_buf_text(&p->fingerprint)},
        {"@SIZE@", p->size},
        {"@ROOT@", mn_buf_text(&p->root)},
        {"@TIME@", p->time},
        {"@DOCUMENTS@", mn_buf_text(&p->documents)},
    };
    for (size_t at = 0; at < template.len;) {
        size_t taken = 0;
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && taken == 0; i++) {
            const size_t len = strlen(values[i].name);
            if (template.len - at >= len && memcmp(template.bytes + at, values[i].name, len) == 0) {
                MN_TRY(mn_buf_append_text(out_text, values[i].value));
                taken = len;
            }
        }
        if (taken == 0) {
            MN_TRY(mn_buf_append(out_text, template.bytes + at, 1));
            taken = 1;
        }
        at += taken;
    }
    return MNSEC_OK;
}

static mnsec_status put_texts(mn_audit_export_job *job, const page *p)
{
    for (const mn_embedded *text = mn_audit_export_texts; text->name; text++) {
        const mn_bytes bytes = mn_bytes_of(text->bytes, text->len);
        if (text != mn_audit_export_texts) {
            MN_TRY(mn_audit_export_dir_put(job->dir, text->name, bytes));
            continue;
        }
        MN_AUTO(mn_buf) readme = {0};
        MN_TRY(fill_in(bytes, job, p, &readme));
        MN_TRY(mn_audit_export_dir_put(job->dir, text->name, mn_buf_view(&readme)));
    }
    return MNSEC_OK;
}

/* --- the whole --- */

static mnsec_status make_folders(mn_audit_export_job *job)
{
    static const char *const names[] = {"log", "sig", "body", "certs", "history", "tools"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        MN_TRY(mn_audit_export_dir_folder(job->dir, names[i]));
    }
    return MNSEC_OK;
}

static mnsec_status put_all(mn_audit_export_job *job)
{
    MN_AUTO(page) p = {.time = ""};
    const mnsec_status status = mn_audit_checkpoint_newest(job->audit, job->txn, &job->checkpoint);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return mn_fail(job->audit->err, status, "log has no checkpoint yet");
    }
    MN_TRY(status);
    MN_TRY(make_folders(job));
    MN_TRY(put_checkpoint(job));
    MN_TRY(mn_audit_export_log(job));
    MN_TRY(put_certificates(job));
    MN_TRY(put_keys(job));
    MN_TRY(fill_page(job, &p));
    MN_TRY(put_founding(job, &p));
    return put_texts(job, &p);
}

static mnsec_status put_manifest(mn_audit_export_job *job)
{
    const mn_audit_signer *signer = job->options->signer;
    MN_AUTO(mn_buf) manifest = {0};
    MN_AUTO(mn_buf) cms = {0};
    MN_TRY(mn_audit_export_dir_manifest(job->dir, &manifest));
    MN_TRY(mn_cms_sign(mn_buf_view(&manifest), signer->certificate, &signer->signer,
                       mn_clock_now(job->audit->clock), &cms));
    MN_TRY(mn_audit_export_dir_put(job->dir, "MANIFEST.sha256", mn_buf_view(&manifest)));
    return mn_audit_export_dir_put(job->dir, "MANIFEST.p7s", mn_buf_view(&cms));
}

mnsec_status mn_audit_export(mn_audit *audit, const mn_audit_export_options *options)
{
    MN_AUTO(mn_audit_export_dir) dir = {.err = audit->err};
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_audit_export_dir_make(&dir, options->directory, audit->err));
    MN_TRY(mn_store_begin(audit->store, MN_STORE_READ, &txn));
    mn_audit_export_job job = {.audit = audit, .options = options, .txn = &txn, .dir = &dir};
    MN_TRY(put_all(&job));
    MN_TRY(put_manifest(&job));
    return mn_audit_export_dir_finish(&dir, options->directory);
}
