/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the export the facility's? The audit certificate is the one that the founding entry names;
 * what the verifier brings along (--pin) must agree with it. With it are verified: the checkpoint
 * as CMS and, for an EC key, as signed note, and the list of digests. The founding data on paper
 * (founding.txt) and the pin in the export must be of the same founding.
 */
#include <string.h>

#include "base/base64.h"
#include "base/config.h"
#include "verify_state.h"

#define CHECKPOINT "checkpoint.txt"
#define ROOTS      "certs/roots.pem"

static mnsec_status tell(mn_verify *verify, mn_verify_finding finding, const char *file)
{
    return mn_verify_finding_tell(verify, finding, MNSEC_BUNDLE_NO_ENTRY, file);
}

/* A file that every export has; too long is as good as absent. */
static mnsec_status read_part(mn_verify *verify, const char *name, size_t max, mn_buf *out_bytes)
{
    const mnsec_status status = mn_verify_file_read(verify->folder, name, max, out_bytes);
    return status == MNSEC_E_STATE_NOT_FOUND || status == MNSEC_E_INTEGRITY ||
                   status == MNSEC_E_USAGE_FORMAT
               ? tell(verify, MN_VERIFY_FILE_ABSENT, name)
               : status;
}

static mnsec_status audit_spki(const mn_verify *verify, mn_buf *out_spki)
{
    return mn_x509_spki(mn_buf_view(&verify->audit_certificate), out_spki);
}

/* certs/roots.pem is the audit certificate of the founding entry; where that entry's body is
 * withheld, it stands in for it, held by the fingerprint in founding.txt. */
static mnsec_status check_roots(mn_verify *verify)
{
    mn_x509_info info;
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) der = {0};
    MN_TRY(read_part(verify, ROOTS, MN_VERIFY_SMALL_MAX, &pem));
    if (mn_x509_from_pem(mn_buf_view(&pem), &der) != MNSEC_OK) {
        return tell(verify, MN_VERIFY_FOUNDING_CERTIFICATE, ROOTS);
    }
    mn_buf *audit = &verify->audit_certificate;
    if (audit->len == 0) {
        MN_TRY(mn_buf_append(audit, der.bytes, der.len));
    }
    if (mn_x509_read(mn_buf_view(audit), &info) == MNSEC_OK) {
        memcpy(verify->result.audit_fingerprint, info.fingerprint, sizeof(info.fingerprint));
    }
    return der.len == audit->len && memcmp(der.bytes, audit->bytes, der.len) == 0
               ? MNSEC_OK
               : tell(verify, MN_VERIFY_FOUNDING_CERTIFICATE, ROOTS);
}

/* Is this certificate issued by the audit key for the founding of this log? */
static mnsec_status check_pin(const mn_verify *verify, mn_bytes der)
{
    uint8_t hash[32];
    MN_AUTO(mn_buf) spki = {0};
    MN_TRY(mn_x509_founding_hash(der, hash));
    MN_TRY(audit_spki(verify, &spki));
    MN_TRY(mn_x509_verify_issued(der, mn_buf_view(&spki)));
    return memcmp(hash, verify->result.founding_hash, sizeof(hash)) == 0 ? MNSEC_OK
                                                                         : MNSEC_E_INTEGRITY;
}

static mnsec_status check_exported_pin(mn_verify *verify)
{
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) der = {0};
    MN_TRY(read_part(verify, "certs/pin.pem", MN_VERIFY_SMALL_MAX, &pem));
    if (mn_x509_from_pem(mn_buf_view(&pem), &der) != MNSEC_OK ||
        check_pin(verify, mn_buf_view(&der)) != MNSEC_OK) {
        return tell(verify, MN_VERIFY_FOUNDING_PIN, "certs/pin.pem");
    }
    return MNSEC_OK;
}

/* What the verifier brought: the pin, or the audit certificate itself. */
static mnsec_status check_given_pin(mn_verify *verify)
{
    uint8_t hash[32];
    const mn_bytes given = mn_buf_view(&verify->given);
    const mn_buf *audit = &verify->audit_certificate;
    if (given.len == 0) {
        return MNSEC_OK;
    }
    const bool agrees =
        mn_x509_founding_hash(given, hash) == MNSEC_OK
            ? check_pin(verify, given) == MNSEC_OK
            : given.len == audit->len && memcmp(given.bytes, audit->bytes, given.len) == 0;
    return agrees ? MNSEC_OK : tell(verify, MN_VERIFY_PIN_OTHER, NULL);
}

/* Origin, founding hash and fingerprint of the audit certificate, a line each, as they are on the
 * founding slip. */
static mnsec_status check_founding_text(mn_verify *verify)
{
    MN_AUTO(mn_buf) text = {0};
    MN_AUTO(mn_buf) expected = {0};
    const mnsec_bundle_result *result = &verify->result;
    MN_TRY(read_part(verify, "founding.txt", MN_VERIFY_SMALL_MAX, &text));
    MN_TRY(mn_buf_printf(&expected, "%s\n", verify->checkpoint.origin));
    MN_TRY(mn_base64_hex_append(&expected, result->founding_hash, sizeof(result->founding_hash)));
    MN_TRY(mn_buf_append_text(&expected, "\n"));
    MN_TRY(mn_base64_hex_append(&expected, result->audit_fingerprint,
                                sizeof(result->audit_fingerprint)));
    MN_TRY(mn_buf_append_text(&expected, "\n"));
    return text.len == expected.len && memcmp(text.bytes, expected.bytes, text.len) == 0
               ? MNSEC_OK
               : tell(verify, MN_VERIFY_FOUNDING_HASH, "founding.txt");
}

/* bytes signed by name. */
static mnsec_status check_cms(mn_verify *verify, const mn_buf *bytes, const char *name,
                              mn_verify_finding finding)
{
    MN_AUTO(mn_buf) cms = {0};
    MN_TRY(read_part(verify, name, MN_VERIFY_SMALL_MAX, &cms));
    const mnsec_status status = mn_cms_verify(mn_buf_view(&cms), mn_buf_view(bytes),
                                              mn_buf_view(&verify->audit_certificate));
    return status == MNSEC_E_INTEGRITY ? tell(verify, finding, name) : status;
}

static mnsec_status check_checkpoint(mn_verify *verify)
{
    return check_cms(verify, &verify->checkpoint_text, "checkpoint.p7s",
                     MN_VERIFY_CHECKPOINT_SIGNATURE);
}

static mnsec_status check_manifest(mn_verify *verify)
{
    MN_AUTO(mn_buf) list = {0};
    MN_TRY(read_part(verify, "MANIFEST.sha256", MN_VERIFY_LIST_MAX, &list));
    return check_cms(verify, &list, "MANIFEST.p7s", MN_VERIFY_MANIFEST_SIGNATURE);
}

static mnsec_status verify_note(mn_verify *verify, mn_bytes note, mn_bytes spki)
{
    mn_bytes text;
    mn_tlog_checkpoint said;
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) raw = {0};
    MN_TRY(mn_tlog_checkpoint_note_parse(note, verify->checkpoint.origin, spki, &text, &der));
    MN_TRY(mn_tlog_checkpoint_parse(text, &said));
    MN_TRY(mn_signature_raw_from_der(mn_buf_view(&der), 32, &raw));
    MN_TRY(mn_signature_verify(spki, MN_SIGNATURE_ECDSA_P256_SHA256, text, mn_buf_view(&raw)));
    return said.tree_size == verify->checkpoint.tree_size &&
                   mn_tlog_tree_hash_equal(&said.root, &verify->checkpoint.root)
               ? MNSEC_OK
               : MNSEC_E_INTEGRITY;
}

static mnsec_status check_verifier_key(mn_verify *verify, mn_bytes spki)
{
    MN_AUTO(mn_buf) expected = {0};
    MN_AUTO(mn_buf) text = {0};
    MN_TRY(read_part(verify, "log.vkey", MN_VERIFY_SMALL_MAX, &text));
    MN_TRY(mn_tlog_checkpoint_vkey(verify->checkpoint.origin, spki, &expected));
    MN_TRY(mn_buf_append_text(&expected, "\n"));
    return text.len == expected.len && memcmp(text.bytes, expected.bytes, text.len) == 0
               ? MNSEC_OK
               : tell(verify, MN_VERIFY_CHECKPOINT_KEY, "log.vkey");
}

/* Only an EC key signs notes. */
static mnsec_status check_note(mn_verify *verify)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) point = {0};
    MN_AUTO(mn_buf) note = {0};
    MN_TRY(audit_spki(verify, &spki));
    if (mn_x509_point(mn_buf_view(&spki), &point) != MNSEC_OK) {
        return MNSEC_OK;
    }
    MN_TRY(check_verifier_key(verify, mn_buf_view(&spki)));
    MN_TRY(read_part(verify, "checkpoint", MN_VERIFY_SMALL_MAX, &note));
    return verify_note(verify, mn_buf_view(&note), mn_buf_view(&spki)) == MNSEC_OK
               ? MNSEC_OK
               : tell(verify, MN_VERIFY_CHECKPOINT_NOTE, "checkpoint");
}

mnsec_status mn_verify_signed_pin(mn_verify *verify)
{
    if (verify->options->pin == NULL) {
        return MNSEC_OK;
    }
    MN_AUTO(mn_buf) bytes = {0};
    mn_x509_info info;
    MN_TRY(mn_config_read_file(verify->options->pin, MN_VERIFY_SMALL_MAX, NULL, &bytes));
    if (mn_x509_from_pem(mn_buf_view(&bytes), &verify->given) == MNSEC_OK) {
        return MNSEC_OK;
    }
    MN_TRY(mn_x509_read(mn_buf_view(&bytes), &info));
    mn_buf_move(&verify->given, &bytes);
    return MNSEC_OK;
}

mnsec_status mn_verify_signed_checkpoint(mn_verify *verify)
{
    MN_TRY(read_part(verify, CHECKPOINT, MN_VERIFY_SMALL_MAX, &verify->checkpoint_text));
    const mnsec_status status =
        mn_tlog_checkpoint_parse(mn_buf_view(&verify->checkpoint_text), &verify->checkpoint);
    if (status == MNSEC_E_USAGE_FORMAT || verify->checkpoint.tree_size == 0) {
        return tell(verify, MN_VERIFY_CHECKPOINT_MALFORMED, CHECKPOINT);
    }
    MN_TRY(status);
    mnsec_bundle_result *result = &verify->result;
    memcpy(result->origin, verify->checkpoint.origin, sizeof(verify->checkpoint.origin));
    result->tree_size = verify->checkpoint.tree_size;
    memcpy(result->root, verify->checkpoint.root.bytes, sizeof(result->root));
    return MNSEC_OK;
}

mnsec_status mn_verify_signed(mn_verify *verify)
{
    /* The first one sets the audit certificate that the others use. */
    static mnsec_status (*const steps[])(mn_verify *) = {
        check_roots, check_given_pin,  check_exported_pin, check_founding_text,
        check_note,  check_checkpoint, check_manifest};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        MN_TRY(steps[i](verify));
    }
    return MNSEC_OK;
}
