/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Card signatures. A card's signature vouches for its statement and, by at and pre, for the whole
 * history before it; so the last one of each card is enough to prove that history, and is kept here
 * until the end. Authority statements are verified at once, as is everything when all is asked for.
 * The certificate must be the enrolled one and its key that of the enrolled card. Memory: one
 * statement, signature and key for each certificate.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "verify_state.h"

#define SIGNERS_MAX 65536U

typedef struct signer {
    uint8_t certificate[32];
    bool is_tried;         /* the key was looked for */
    mn_signature_key *key; /* NULL = withheld, or not that of the card */
    bool has_last;         /* the members below: the last signature, not verified yet */
    uint64_t index, at;
    mn_signature_alg alg;
    mn_buf statement, signature;
} signer;

struct mn_verify_attest {
    signer *signers;
    size_t count, capacity;
    bool is_whole; /* no authority document was withheld so far */
    bool has_withheld;
    uint64_t last_withheld; /* newest entry whose signature is */
};

/* A signature of an entry that may be kept. */
typedef struct claim {
    const mn_verify_line *line;
    mn_verify_line_group *group;
    bool is_known; /* the certificate is enrolled, with this card hash */
    uint8_t card[32];
} claim;

/* Bad news about a signature does not end the pass over the entries. */
static mnsec_status tell(mn_verify *verify, mn_verify_finding finding, uint64_t entry,
                         const char *file)
{
    const mnsec_status status = mn_verify_finding_tell(verify, finding, entry, file);
    return status == MNSEC_E_INTEGRITY ? MNSEC_OK : status;
}

/* --- keys ---------------------------------------------------------------------------------------
 */

static mnsec_status find_signer(mn_verify_attest *attest, const uint8_t certificate[32],
                                signer **out_signer)
{
    for (size_t i = 0; i < attest->count; i++) {
        if (memcmp(attest->signers[i].certificate, certificate, 32) == 0) {
            *out_signer = &attest->signers[i];
            return MNSEC_OK;
        }
    }
    if (attest->count == SIGNERS_MAX) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    if (attest->count == attest->capacity) {
        const size_t capacity = attest->capacity == 0 ? 16 : 2 * attest->capacity;
        signer *grown = realloc(attest->signers, capacity * sizeof(*grown));
        if (grown == NULL) {
            return MNSEC_E_INTERNAL_MEMORY;
        }
        attest->signers = grown;
        attest->capacity = capacity;
    }
    signer *fresh = &attest->signers[attest->count++];
    *fresh = (signer){0};
    memcpy(fresh->certificate, certificate, sizeof(fresh->certificate));
    *out_signer = fresh;
    return MNSEC_OK;
}

/* The key of a certificate in the export, if it is that of the card. USAGE_FORMAT */
static mnsec_status read_key(const signer *s, mn_bytes pem, const uint8_t card[32],
                             mn_signature_key **out_key)
{
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) spki = {0};
    mn_x509_info info;
    MN_TRY(mn_x509_from_pem(pem, &der));
    MN_TRY(mn_x509_read(mn_buf_view(&der), &info));
    if (memcmp(info.fingerprint, s->certificate, sizeof(info.fingerprint)) != 0 ||
        memcmp(info.spki_hash, card, sizeof(info.spki_hash)) != 0) {
        return MNSEC_E_USAGE_FORMAT;
    }
    MN_TRY(mn_x509_spki(mn_buf_view(&der), &spki));
    return mn_signature_key_new(mn_buf_view(&spki), out_key);
}

static mnsec_status load_key(mn_verify *verify, signer *s, const claim *c)
{
    if (s->is_tried) {
        return MNSEC_OK;
    }
    s->is_tried = true;
    char fingerprint[MN_BASE64_URL_DIGEST_BYTES];
    MN_AUTO(mn_buf) name = {0};
    MN_AUTO(mn_buf) pem = {0};
    mn_base64_url_digest(s->certificate, fingerprint);
    MN_TRY(mn_buf_printf(&name, "certs/%s.pem", fingerprint));
    mnsec_status status =
        mn_verify_file_read(verify->folder, mn_buf_text(&name), MN_VERIFY_SMALL_MAX, &pem);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return tell(verify, MN_VERIFY_CERTIFICATE_WITHHELD, c->line->index, mn_buf_text(&name));
    }
    status = status == MNSEC_OK ? read_key(s, mn_buf_view(&pem), c->card, &s->key) : status;
    if (status == MNSEC_E_USAGE_FORMAT || status == MNSEC_E_INTEGRITY) {
        return tell(verify, MN_VERIFY_CERTIFICATE_OTHER, c->line->index, mn_buf_text(&name));
    }
    return status;
}

/* --- signatures ---------------------------------------------------------------------------------
 */

static mnsec_status verify_signature(mn_verify *verify, const signer *s, mn_bytes statement,
                                     const mn_verify_line_group *group, uint64_t index, uint64_t at)
{
    if (s->key == NULL) {
        return MNSEC_OK; /* which was told */
    }
    const mnsec_status status =
        mn_signature_key_verify(s->key, group->alg, statement, mn_buf_view(&group->signature));
    if (status == MNSEC_E_INTEGRITY || status == MNSEC_E_USAGE_FORMAT) {
        return tell(verify, MN_VERIFY_SIGNATURE_WRONG, index, NULL);
    }
    MN_TRY(status);
    verify->result.signatures_verified++;
    if (at > verify->result.attested) {
        verify->result.attested = at;
    }
    return MNSEC_OK;
}

static mnsec_status keep(signer *s, const claim *c)
{
    mn_buf_reset(&s->statement);
    MN_TRY(mn_buf_append(&s->statement, c->line->statement.bytes, c->line->statement.len));
    mn_buf_move(&s->signature, &c->group->signature);
    s->alg = c->group->alg;
    s->index = c->line->index;
    s->at = c->line->at;
    s->has_last = true;
    return MNSEC_OK;
}

static mnsec_status take_claim(mn_verify *verify, const claim *c, bool at_once)
{
    mn_verify_attest *attest = verify->attest;
    signer *s = NULL;
    if (!c->is_known) {
        return tell(verify,
                    attest->is_whole ? MN_VERIFY_SIGNATURE_STRANGER : MN_VERIFY_SIGNATURE_UNKNOWN,
                    c->line->index, NULL);
    }
    MN_TRY(find_signer(attest, c->group->certificate, &s));
    MN_TRY(load_key(verify, s, c));
    if (!at_once) {
        return keep(s, c);
    }
    s->has_last = false; /* an older one, which this one covers */
    return verify_signature(verify, s, c->line->statement, c->group, c->line->index, c->line->at);
}

static void look_up(const mn_verify *verify, claim *c)
{
    const uint8_t *card = mn_verify_authority_card(verify->authority, c->group->certificate);
    if (!c->is_known && card != NULL) {
        memcpy(c->card, card, sizeof(c->card));
        c->is_known = true;
    }
}

static mnsec_status apply_document(mn_verify *verify, const mn_verify_line *line,
                                   const mn_verify_line_groups *groups, mn_bytes document)
{
    if (document.len == 0) {
        verify->attest->is_whole = false;
        return tell(verify, MN_VERIFY_AUTHORITY_WITHHELD, line->index, NULL);
    }
    const mnsec_status status = mn_verify_authority_apply(verify->authority, line, document, groups,
                                                          &verify->audit_certificate);
    if (status == MNSEC_E_USAGE_FORMAT) {
        return tell(verify, MN_VERIFY_AUTHORITY_MALFORMED, line->index, NULL);
    }
    if (status == MNSEC_E_DENIED) {
        return tell(verify,
                    verify->attest->is_whole ? MN_VERIFY_AUTHORITY_REFUSED
                                             : MN_VERIFY_AUTHORITY_UNKNOWN,
                    line->index, NULL);
    }
    return status;
}

/* --- certificates that nobody's signature names -------------------------------------------------
 */

static bool is_tried(const mn_verify_attest *attest, const uint8_t certificate[32])
{
    for (size_t i = 0; i < attest->count; i++) {
        if (memcmp(attest->signers[i].certificate, certificate, 32) == 0) {
            return attest->signers[i].is_tried;
        }
    }
    return false;
}

/* Fingerprint in a name certs/FINGERPRINT.pem; "roots" and "pin" are none. */
static bool names_certificate(const char *name, uint8_t out_fingerprint[32])
{
    static const char start[] = "certs/";
    static const char end[] = ".pem";
    const size_t letters = MN_BASE64_URL_DIGEST_BYTES - 1;
    return strlen(name) == strlen(start) + letters + strlen(end) &&
           memcmp(name, start, strlen(start)) == 0 &&
           strcmp(name + strlen(start) + letters, end) == 0 &&
           mn_base64_url_digest_read(mn_bytes_of(name + strlen(start), letters), out_fingerprint) ==
               MNSEC_OK;
}

/* USAGE_FORMAT where the file holds anything else. */
static mnsec_status hold_certificate(const mn_verify *verify, const char *name,
                                     const uint8_t fingerprint[32])
{
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) der = {0};
    mn_x509_info info;
    MN_TRY(mn_verify_file_read(verify->folder, name, MN_VERIFY_SMALL_MAX, &pem));
    MN_TRY(mn_x509_from_pem(mn_buf_view(&pem), &der));
    MN_TRY(mn_x509_read(mn_buf_view(&der), &info));
    return memcmp(info.fingerprint, fingerprint, sizeof(info.fingerprint)) == 0
               ? MNSEC_OK
               : MNSEC_E_USAGE_FORMAT;
}

static mnsec_status check_certificate(void *user, const char *name, bool is_plain)
{
    mn_verify *verify = (mn_verify *)user;
    uint8_t fingerprint[32];
    if (!is_plain || !names_certificate(name, fingerprint) ||
        is_tried(verify->attest, fingerprint)) {
        return MNSEC_OK;
    }
    const mnsec_status status = hold_certificate(verify, name, fingerprint);
    return status == MNSEC_E_USAGE_FORMAT
               ? tell(verify, MN_VERIFY_CERTIFICATE_OTHER, MNSEC_BUNDLE_NO_ENTRY, name)
               : status;
}

mnsec_status mn_verify_attest_new(mn_verify_attest **out_attest)
{
    mn_verify_attest *attest = calloc(1, sizeof(*attest));
    if (attest == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    attest->is_whole = true;
    *out_attest = attest;
    return MNSEC_OK;
}

void mn_verify_attest_free(mn_verify_attest *attest)
{
    if (attest == NULL) {
        return;
    }
    for (size_t i = 0; i < attest->count; i++) {
        mn_signature_key_free(attest->signers[i].key);
        mn_buf_wipe(&attest->signers[i].statement);
        mn_buf_wipe(&attest->signers[i].signature);
    }
    free(attest->signers);
    free(attest);
}

mnsec_status mn_verify_attest_entry(mn_verify *verify, const mn_verify_line *line,
                                    mn_verify_line_groups *groups, mn_bytes document)
{
    mn_verify_attest *attest = verify->attest;
    const bool is_authority = mn_verify_line_is_authority(line);
    const bool at_once = is_authority || verify->options->check_all != 0;
    claim claims[MN_VERIFY_GROUPS] = {0};
    for (size_t i = 0; i < groups->count; i++) {
        claims[i] = (claim){.line = line, .group = &groups->groups[i]};
        look_up(verify, &claims[i]); /* one who leaves by this statement could sign it */
    }
    if (is_authority) {
        MN_TRY(apply_document(verify, line, groups, document));
    }
    if (line->is_signed && groups->count == 0) {
        attest->has_withheld = true;
        attest->last_withheld = line->index;
        return at_once ? tell(verify, MN_VERIFY_SIGNATURE_WITHHELD, line->index, NULL) : MNSEC_OK;
    }
    for (size_t i = 0; i < groups->count; i++) {
        look_up(verify, &claims[i]); /* and so could one who comes by it */
        MN_TRY(take_claim(verify, &claims[i], at_once));
    }
    return MNSEC_OK;
}

mnsec_status mn_verify_attest_end(mn_verify *verify)
{
    mn_verify_attest *attest = verify->attest;
    for (size_t i = 0; i < attest->count; i++) {
        signer *s = &attest->signers[i];
        MN_TRY(mn_verify_finding_progress(verify, "verifying signatures", i, attest->count));
        if (s->has_last) {
            const mn_verify_line_group last = {.alg = s->alg, .signature = s->signature};
            MN_TRY(verify_signature(verify, s, mn_buf_view(&s->statement), &last, s->index, s->at));
        }
    }
    MN_TRY(mn_verify_folder_walk(verify->folder, check_certificate, verify));
    /* What hides behind a withheld signature is proven only by a later one. */
    return attest->has_withheld && attest->last_withheld >= verify->result.attested
               ? tell(verify, MN_VERIFY_SIGNATURE_WITHHELD, attest->last_withheld, NULL)
               : MNSEC_OK;
}
