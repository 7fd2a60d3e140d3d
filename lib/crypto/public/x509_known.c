/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates that come again: read once, by OpenSSL, which takes longer to read a key than to
 * verify with it. Known by the digest of all bytes, so nothing else is ever taken for one. Reading
 * itself, and what is refused: x509.c, signature.c.
 */
#include <stdlib.h>
#include <string.h>

#include "ossl.h"
#include "x509.h"

#define PLACES 32U /* more cards than sign at one place in a day */

typedef struct place {
    mn_x509_info info;
    mn_signature_key *key; /* NULL = free */
} place;

struct mn_x509_known {
    place places[PLACES];
    size_t next; /* the one that has been there longest */
};

mnsec_status mn_x509_known_new(mn_x509_known **out_known)
{
    mn_x509_known *known = calloc(1, sizeof(*known));
    if (known == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    *out_known = known;
    return MNSEC_OK;
}

void mn_x509_known_free(mn_x509_known *known)
{
    if (known != NULL) {
        for (size_t i = 0; i < PLACES; i++) {
            mn_signature_key_free(known->places[i].key);
        }
        free(known);
    }
}

static place *find(mn_x509_known *known, mn_bytes der)
{
    uint8_t digest[32];
    if (EVP_Digest(der.bytes, der.len, digest, NULL, EVP_sha256(), NULL) != 1) {
        return NULL;
    }
    for (size_t i = 0; i < PLACES; i++) {
        place *at = &known->places[i];
        if (at->key != NULL && memcmp(at->info.fingerprint, digest, sizeof(digest)) == 0) {
            return at;
        }
    }
    return NULL;
}

static mnsec_status keep(mn_x509_known *known, mn_bytes der, place **out_place)
{
    mn_x509_info info;
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO_PTR(mn_signature_key) key = NULL;
    MN_TRY(mn_x509_read_spki(der, &info, &spki));
    MN_TRY(mn_signature_key_new(mn_buf_view(&spki), &key));
    place *at = &known->places[known->next];
    known->next = (known->next + 1) % PLACES;
    mn_signature_key_free(at->key);
    *at = (place){.info = info, .key = mn_take(key)};
    *out_place = at;
    return MNSEC_OK;
}

mnsec_status mn_x509_known_get(mn_x509_known *known, mn_bytes der, const mn_x509_info **out_info,
                               mn_signature_key **out_key)
{
    MN_AUTO(mn_ossl_errors) errors = mn_ossl_errors_mark();
    place *at = find(known, der);
    if (at == NULL) {
        MN_TRY(keep(known, der, &at));
    }
    *out_info = &at->info;
    *out_key = at->key;
    return MNSEC_OK;
}
