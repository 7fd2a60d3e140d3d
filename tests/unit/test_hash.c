/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (examples of FIPS 180-4), HMAC (RFC 4231) and HKDF (RFC 5869, appendix A). */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <gcrypt.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "crypto/secret/hash.h"
#include "hex.h"

static void start(void)
{
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
}

TestSuite(hash, .init = start);

typedef struct digest_case {
    char message[128];
    char digest[65];
} digest_case;

#define TWO_BLOCKS_OF_FIPS "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"

static digest_case digest_cases[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {TWO_BLOCKS_OF_FIPS, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};
#define DIGEST_CASES (sizeof(digest_cases) / sizeof(digest_cases[0]))

ParameterizedTestParameters(hash, agrees_with_fips_180_4)
{
    return cr_make_param_array(digest_case, digest_cases, DIGEST_CASES);
}

ParameterizedTest(const digest_case *c, hash, agrees_with_fips_180_4)
{
    uint8_t digest[MN_HASH_BYTES];

    mn_hash_bytes(mn_bytes_of(c->message, strlen(c->message)), digest);

    hex_expect(digest, sizeof(digest), c->digest);
}

ParameterizedTestParameters(hash, of_a_pair_is_that_of_the_joined_bytes_wherever_they_part)
{
    return cr_make_param_array(digest_case, digest_cases, DIGEST_CASES);
}

ParameterizedTest(const digest_case *c, hash,
                  of_a_pair_is_that_of_the_joined_bytes_wherever_they_part)
{
    const size_t len = strlen(c->message);

    for (size_t parting = 0; parting <= len; parting++) {
        uint8_t digest[MN_HASH_BYTES] = {0};
        mn_hash_pair(mn_bytes_of(parting == 0 ? NULL : c->message, parting),
                     mn_bytes_of(c->message + parting, len - parting), digest);
        hex_expect(digest, sizeof(digest), c->digest);
    }
}

Test(hash, streams_a_million_letters)
{
    MN_AUTO_PTR(mn_hash) hash = NULL;
    uint8_t digest[MN_HASH_BYTES];
    char letters[1000];
    memset(letters, 'a', sizeof(letters));

    cr_assert_eq(mn_hash_new(&hash), MNSEC_OK);
    for (size_t i = 0; i < 1000; i++) {
        mn_hash_update(hash, mn_bytes_of(letters, sizeof(letters)));
    }
    mn_hash_finish(hash, digest);

    hex_expect(digest, sizeof(digest),
               "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

Test(hash, starts_afresh_after_it_was_finished)
{
    MN_AUTO_PTR(mn_hash) hash = NULL;
    uint8_t digest[MN_HASH_BYTES];
    cr_assert_eq(mn_hash_new(&hash), MNSEC_OK);
    mn_hash_update(hash, mn_bytes_of("xyz", 3));
    mn_hash_finish(hash, digest);

    mn_hash_update(hash, mn_bytes_of("abc", 3));
    mn_hash_finish(hash, digest);

    hex_expect(digest, sizeof(digest), digest_cases[1].digest);
}

typedef struct hmac_case {
    char key[272];
    char message[320];
    char mac[65];
} hmac_case;

#define AA_20  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DD_10  "dddddddddddddddddddd"
#define CD_10  "cdcdcdcdcdcdcdcdcdcd"
#define AA_131 AA_20 AA_20 AA_20 AA_20 AA_20 AA_20 "aaaaaaaaaaaaaaaaaaaaaa"

ParameterizedTestParameters(hash, makes_the_macs_of_rfc_4231)
{
    static hmac_case cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {AA_20, DD_10 DD_10 DD_10 DD_10 DD_10,
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {"0102030405060708090a0b0c0d0e0f10111213141516171819", CD_10 CD_10 CD_10 CD_10 CD_10,
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {AA_131,
         "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
         "65204b6579202d2048617368204b6579204669727374",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {AA_131,
         "5468697320697320612074657374207573696e672061206c6172676572207468"
         "616e20626c6f636b2d73697a65206b657920616e642061206c61726765722074"
         "68616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565"
         "647320746f20626520686173686564206265666f7265206265696e6720757365"
         "642062792074686520484d414320616c676f726974686d2e",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    return cr_make_param_array(hmac_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const hmac_case *c, hash, makes_the_macs_of_rfc_4231)
{
    MN_AUTO(mn_secret) key = {0};
    MN_AUTO(mn_secret) mac = {0};
    MN_AUTO(mn_buf) message = {0};
    hex_read_secret(c->key, &key);
    hex_read(c->message, &message);

    cr_assert_eq(mn_hash_hmac(&key, mn_buf_view(&message), &mac), MNSEC_OK);

    hex_expect(mac.bytes, mac.len, c->mac);
    cr_expect(gcry_is_secure(mac.bytes));
}

typedef struct hkdf_case {
    char ikm[161];
    char salt[161];
    char info[161];
    size_t len;
    char okm[165];
} hkdf_case;

ParameterizedTestParameters(hash, derives_the_keys_of_rfc_5869)
{
    static hkdf_case cases[] = {
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "f0f1f2f3f4f5f6f7f8f9", 42,
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
         "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
         "404142434445464748494a4b4c4d4e4f",
         "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
         "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
         "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
         "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
         "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
         "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         82,
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
         "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
         "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "", 42,
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    };
    return cr_make_param_array(hkdf_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const hkdf_case *c, hash, derives_the_keys_of_rfc_5869)
{
    MN_AUTO(mn_secret) ikm = {0};
    MN_AUTO(mn_secret) okm = {0};
    MN_AUTO(mn_buf) salt = {0};
    MN_AUTO(mn_buf) info = {0};
    hex_read_secret(c->ikm, &ikm);
    hex_read(c->salt, &salt);
    hex_read(c->info, &info);

    cr_assert_eq(mn_hash_hkdf(&ikm, mn_buf_view(&salt), mn_buf_view(&info), c->len, &okm),
                 MNSEC_OK);

    hex_expect(okm.bytes, okm.len, c->okm);
    cr_expect(gcry_is_secure(okm.bytes));
}

Test(hash, derives_up_to_255_blocks_and_refuses_one_byte_more)
{
    MN_AUTO(mn_secret) ikm = {0};
    MN_AUTO(mn_secret) okm = {0};
    const mn_bytes none = mn_bytes_of(NULL, 0);
    cr_assert_eq(mn_secret_copy(&ikm, "key material", 12), MNSEC_OK);

    cr_expect_eq(mn_hash_hkdf(&ikm, none, none, 255 * MN_HASH_BYTES + 1, &okm), MNSEC_E_USAGE);
    cr_expect_eq(mn_hash_hkdf(&ikm, none, none, 0, &okm), MNSEC_E_USAGE);
    cr_expect(mn_secret_is_empty(&okm));
    cr_expect_eq(mn_hash_hkdf(&ikm, none, none, 255 * MN_HASH_BYTES, &okm), MNSEC_OK);
    cr_expect_eq(okm.len, 255 * MN_HASH_BYTES);
}
