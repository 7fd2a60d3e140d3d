/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Public keys of the certificates that sign here, read once: to read one takes OpenSSL longer than
 * to verify with it, and the same few cards sign all day. A certificate never changes under its
 * fingerprint, but its row must be there, and right, each time.
 */
#include <string.h>

#include "audit/audit_log.h"

static mn_audit_key *find(mn_audit *audit, const uint8_t fingerprint[32])
{
    for (size_t i = 0; i < MN_AUDIT_KEYS; i++) {
        mn_audit_key *kept = &audit->keys[i];
        if (kept->key && memcmp(kept->fingerprint, fingerprint, sizeof(kept->fingerprint)) == 0) {
            return kept;
        }
    }
    return NULL;
}

/* In the place of the one that has been there longest. */
static mnsec_status keep(mn_audit *audit, const uint8_t fingerprint[32], mn_bytes certificate,
                         mn_audit_key **out_kept)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO_PTR(mn_signature_key) key = NULL;
    MN_TRY(mn_x509_spki(certificate, &spki));
    MN_TRY(mn_signature_key_new(mn_buf_view(&spki), &key));
    mn_audit_key *place = &audit->keys[audit->next_key];
    audit->next_key = (audit->next_key + 1) % MN_AUDIT_KEYS;
    mn_signature_key_free(place->key);
    place->key = mn_take(key);
    memcpy(place->fingerprint, fingerprint, sizeof(place->fingerprint));
    *out_kept = place;
    return MNSEC_OK;
}

mnsec_status mn_audit_key_get(mn_audit *audit, mn_store_txn *txn, const uint8_t fingerprint[32],
                              mn_signature_key **out_key)
{
    MN_AUTO(mn_buf) certificate = {0};
    MN_TRY(mn_audit_row_certificate(audit, txn, fingerprint, &certificate));
    mn_audit_key *kept = find(audit, fingerprint);
    if (!kept) {
        MN_TRY(keep(audit, fingerprint, mn_buf_view(&certificate), &kept));
    }
    *out_key = kept->key;
    return MNSEC_OK;
}

void mn_audit_key_forget(mn_audit *audit)
{
    for (size_t i = 0; i < MN_AUDIT_KEYS; i++) {
        mn_signature_key_free(mn_take(audit->keys[i].key));
    }
}
