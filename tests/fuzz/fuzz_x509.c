/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates, keys, signatures and CMS, as a card, a token or a bundle may give them. The first
 * byte is the decoder. A key that is read has exactly the SubjectPublicKeyInfo it was read from.
 */
#include "crypto/public/x509.h"
#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "fuzz.h"

static void try_certificate(mn_bytes input)
{
    MN_AUTO(mn_buf) spki = {0};
    MN_AUTO(mn_buf) pem = {0};
    MN_AUTO(mn_buf) again = {0};
    mn_x509_info info;
    uint8_t hash[MN_HASH_BYTES];
    (void)!mn_x509_founding_hash(input, hash);
    if (mn_x509_read(input, &info) != MNSEC_OK) {
        return;
    }
    FUZZ_HOLDS(strnlen(info.subject_cn, sizeof(info.subject_cn)) < sizeof(info.subject_cn));
    FUZZ_HOLDS(mn_x509_spki(input, &spki) == MNSEC_OK);
    mn_hash_bytes(mn_buf_view(&spki), hash);
    FUZZ_HOLDS(memcmp(hash, info.spki_hash, sizeof(hash)) == 0);
    (void)!mn_x509_verify_issued(input, mn_buf_view(&spki));
    FUZZ_HOLDS(mn_x509_to_pem(input, &pem) == MNSEC_OK);
    FUZZ_HOLDS(mn_x509_from_pem(mn_buf_view(&pem), &again) == MNSEC_OK);
    FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
}

static void try_pem(mn_bytes input)
{
    MN_AUTO(mn_buf) der = {0};
    (void)!mn_x509_from_pem(input, &der);
}

static void try_key(mn_bytes input)
{
    MN_AUTO(mn_buf) first = {0};
    MN_AUTO(mn_buf) second = {0};
    MN_AUTO(mn_buf) again = {0};
    if (mn_x509_rsa_parts(input, &first, &second) == MNSEC_OK) {
        FUZZ_HOLDS(mn_x509_spki_from_rsa(mn_buf_view(&first), mn_buf_view(&second), &again) ==
                   MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
    if (mn_x509_point(input, &first) == MNSEC_OK) {
        FUZZ_HOLDS(mn_x509_spki_from_point(mn_buf_view(&first), &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

static void try_signature(mn_bytes input)
{
    MN_AUTO(mn_buf) raw = {0};
    MN_AUTO(mn_buf) again = {0};
    if (mn_signature_raw_from_der(input, 32, &raw) == MNSEC_OK) {
        FUZZ_HOLDS(raw.len == 64);
        FUZZ_HOLDS(mn_signature_der_from_raw(mn_buf_view(&raw), &again) == MNSEC_OK);
        FUZZ_HOLDS(fuzz_is_same(input, mn_buf_view(&again)));
    }
}

/* Two bytes of length, the pinned certificate, the CMS. */
static void try_cms(mn_bytes input)
{
    if (input.len < 2) {
        return;
    }
    const size_t len = (size_t)input.bytes[0] << 8 | input.bytes[1];
    if (len > input.len - 2) {
        return;
    }
    const mn_bytes pinned = mn_bytes_of(input.bytes + 2, len);
    const mn_bytes cms = mn_bytes_of(input.bytes + 2 + len, input.len - 2 - len);
    (void)!mn_cms_verify(cms, mn_bytes_of("content", 7), pinned);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const decoders[])(mn_bytes input) = {try_certificate, try_pem, try_key,
                                                       try_signature, try_cms};
    mn_bytes input = mn_bytes_of(data, size);
    FUZZ_HOLDS(mn_crypto_init() == MNSEC_OK);
    decoders[fuzz_choice(&input, sizeof(decoders) / sizeof(decoders[0]))](input);
    return 0;
}
