/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes on a real store: what is sealed for somebody opens as that and as nothing else, wherever a
 * row is put.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "crypto/secret/crypto.h"
#include "hex.h"
#include "registry/box.h"
#include "scratch.h"
#include "store/sqlite/store_sqlite.h"

#define SECRET "a secret"

static mn_error error;
static mn_store *store;
static mn_store_txn txn;
static mn_secret key;
static mn_secret private_key;
static uint8_t point[MN_P256_POINT_BYTES];
static mn_secret plaintext;

static void start(void)
{
    scratch_make();
    cr_assert_eq(mn_crypto_init(), MNSEC_OK);
    const mn_store_sqlite_options options = {.path = scratch_path("store.db"), .create = true};
    cr_assert_eq(mn_store_sqlite_open(&options, &error, &store), MNSEC_OK, "%s", error.text);
    cr_assert_eq(mn_store_begin(store, MN_STORE_WRITE, &txn), MNSEC_OK);
    cr_assert_eq(mn_random_secret(&key, 32), MNSEC_OK);
    cr_assert_eq(mn_p256_generate(&private_key, point), MNSEC_OK);
    cr_assert_eq(mn_secret_copy(&plaintext, SECRET, strlen(SECRET)), MNSEC_OK);
}

static void end(void)
{
    mn_secret_wipe(&plaintext);
    mn_secret_wipe(&private_key);
    mn_secret_wipe(&key);
    mn_store_txn_wipe(&txn);
    mn_store_free(store);
    scratch_remove();
}

TestSuite(box, .init = start, .fini = end);

static const uint8_t card[32] = {1};
static const uint8_t other_card[32] = {2};
static const uint8_t person[MNSEC_ID_BYTES] = {3};
static const uint8_t other_person[MNSEC_ID_BYTES] = {4};

/* Under a key, and sealed to a point. */
static const mn_box_ref door = {.facility = {{9}},
                                .kind = MN_BOX_DOOR,
                                .owner = {card, sizeof(card)},
                                .subject = {person, sizeof(person)},
                                .version = 1};
static const mn_box_ref pin = {
    .facility = {{9}}, .kind = MN_BOX_FACILITY_PIN, .owner = {card, sizeof(card)}, .version = 1};

static void expect_secret(const mn_secret *secret)
{
    cr_assert_eq(secret->len, strlen(SECRET));
    cr_expect(mn_secret_equal(secret, &plaintext));
}

static void commit_and_read(void)
{
    cr_assert_eq(mn_store_commit(&txn), MNSEC_OK);
    cr_assert_eq(mn_store_begin(store, MN_STORE_READ, &txn), MNSEC_OK);
}

/* The row of from, put in the place of to. */
static void move_row(const mn_box_ref *from, const mn_box_ref *to)
{
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_box_get(&txn, from, &bytes), MNSEC_OK);
    cr_assert_eq(mn_box_put(&txn, to, mn_buf_view(&bytes)), MNSEC_OK);
}

Test(box, opens_what_was_sealed_under_a_key)
{
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);
    commit_and_read();

    cr_assert_eq(mn_box_open(&txn, &door, &key, &opened), MNSEC_OK);

    expect_secret(&opened);
}

Test(box, opens_what_was_sealed_to_a_point)
{
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_box_seal_to(&txn, &pin, point, &plaintext), MNSEC_OK);
    commit_and_read();

    cr_assert_eq(mn_box_open_with(&txn, &pin, &private_key, &opened), MNSEC_OK);

    expect_secret(&opened);
}

Test(box, names_facility_kind_owner_subject_and_version_in_its_aad)
{
    MN_AUTO(mn_buf) aad = {0};

    cr_assert_eq(mn_box_aad(&door, &aad), MNSEC_OK);

    hex_expect(aad.bytes, aad.len,
               "000000000e6d6e7365632f7365616c65642f31"
               "0000001009000000000000000000000000000000"
               "000000080000000000000001"
               "000000200100000000000000000000000000000000000000000000000000000000000000"
               "0000001003000000000000000000000000000000"
               "000000080000000000000001");
}

Test(box, does_not_open_with_another_key)
{
    MN_AUTO(mn_secret) other = {0};
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_random_secret(&other, 32), MNSEC_OK);
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);

    cr_expect_eq(mn_box_open(&txn, &door, &other, &opened), MNSEC_E_INTEGRITY);
    cr_expect(mn_secret_is_empty(&opened));
    cr_expect_eq(error.text[0], '\0', "the cause is for the log");
}

Test(box, does_not_open_with_another_private_key)
{
    MN_AUTO(mn_secret) other = {0};
    MN_AUTO(mn_secret) opened = {0};
    uint8_t other_point[MN_P256_POINT_BYTES];
    cr_assert_eq(mn_p256_generate(&other, other_point), MNSEC_OK);
    cr_assert_eq(mn_box_seal_to(&txn, &pin, point, &plaintext), MNSEC_OK);

    cr_expect_eq(mn_box_open_with(&txn, &pin, &other, &opened), MNSEC_E_INTEGRITY);
    cr_expect(mn_secret_is_empty(&opened));
}

/* --- a row in another's place ---------------------------------------------------------------- */

static void expect_door_shut(const mn_box_ref *place)
{
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);

    move_row(&door, place);

    cr_expect_eq(mn_box_open(&txn, place, &key, &opened), MNSEC_E_INTEGRITY);
    cr_expect(mn_secret_is_empty(&opened));
}

static void expect_pin_shut(const mn_box_ref *place)
{
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_box_seal_to(&txn, &pin, point, &plaintext), MNSEC_OK);

    move_row(&pin, place);

    cr_expect_eq(mn_box_open_with(&txn, place, &private_key, &opened), MNSEC_E_INTEGRITY);
    cr_expect(mn_secret_is_empty(&opened));
}

Test(box, does_not_open_in_another_owners_place)
{
    mn_box_ref place = door;
    place.owner = mn_bytes_of(other_card, sizeof(other_card));
    expect_door_shut(&place);
}

Test(box, does_not_open_for_another_subject)
{
    mn_box_ref place = door;
    place.subject = mn_bytes_of(other_person, sizeof(other_person));
    expect_door_shut(&place);
}

Test(box, does_not_open_as_another_kind)
{
    mn_box_ref place = door;
    place.kind = MN_BOX_WORK;
    expect_door_shut(&place);
}

Test(box, does_not_open_in_another_facility)
{
    mn_box_ref place = door;
    place.facility.bytes[0] ^= 1;
    expect_door_shut(&place);
}

Test(box, does_not_open_as_a_newer_version)
{
    mn_box_ref place = door;
    place.version = 2;
    expect_door_shut(&place);
}

Test(box, sealed_to_a_point_does_not_open_in_another_owners_place)
{
    mn_box_ref place = pin;
    place.owner = mn_bytes_of(other_card, sizeof(other_card));
    expect_pin_shut(&place);
}

Test(box, sealed_to_a_point_does_not_open_as_another_kind)
{
    mn_box_ref place = pin;
    place.kind = MN_BOX_SO_PIN;
    expect_pin_shut(&place);
}

Test(box, sealed_to_a_point_does_not_open_in_another_facility)
{
    mn_box_ref place = pin;
    place.facility.bytes[15] ^= 1;
    expect_pin_shut(&place);
}

Test(box, sealed_to_a_point_does_not_open_as_a_newer_version)
{
    mn_box_ref place = pin;
    place.version = 2;
    expect_pin_shut(&place);
}

/* An older box was good once; put over the newer one it opens no more. */
Test(box, older_does_not_open_over_a_newer_one)
{
    MN_AUTO(mn_secret) opened = {0};
    mn_box_ref newer = door;
    newer.version = 2;
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);
    cr_assert_eq(mn_box_seal(&txn, &newer, &key, &plaintext), MNSEC_OK);
    cr_assert_eq(mn_box_open(&txn, &newer, &key, &opened), MNSEC_OK);
    mn_secret_wipe(&opened);

    move_row(&door, &newer);

    cr_expect_eq(mn_box_open(&txn, &newer, &key, &opened), MNSEC_E_INTEGRITY);
}

Test(box, does_not_open_when_it_was_cut_or_changed)
{
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);
    cr_assert_eq(mn_box_get(&txn, &door, &bytes), MNSEC_OK);

    for (size_t len = 0; len < bytes.len; len++) {
        MN_AUTO(mn_secret) opened = {0};
        cr_assert_eq(mn_box_put(&txn, &door, mn_bytes_of(bytes.bytes, len)), MNSEC_OK);
        cr_expect_eq(mn_box_open(&txn, &door, &key, &opened), MNSEC_E_INTEGRITY, "%zu bytes", len);
        bytes.bytes[len] ^= 1;
        cr_assert_eq(mn_box_put(&txn, &door, mn_buf_view(&bytes)), MNSEC_OK);
        cr_expect_eq(mn_box_open(&txn, &door, &key, &opened), MNSEC_E_INTEGRITY, "byte %zu", len);
        bytes.bytes[len] ^= 1;
    }
}

/* --- rows ------------------------------------------------------------------------------------ */

Test(box, is_not_found_where_there_is_none)
{
    MN_AUTO(mn_secret) opened = {0};
    MN_AUTO(mn_buf) bytes = {0};

    cr_expect_eq(mn_box_open(&txn, &door, &key, &opened), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_box_open_with(&txn, &pin, &private_key, &opened), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_box_get(&txn, &door, &bytes), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_box_remove(&txn, &door), MNSEC_E_STATE_NOT_FOUND);
}

Test(box, replaces_the_one_that_was_there)
{
    MN_AUTO(mn_secret) former = {0};
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_secret_copy(&former, "former", 6), MNSEC_OK);
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &former), MNSEC_OK);

    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);

    cr_assert_eq(mn_box_open(&txn, &door, &key, &opened), MNSEC_OK);
    expect_secret(&opened);
}

Test(box, is_gone_once_removed)
{
    MN_AUTO(mn_secret) opened = {0};
    cr_assert_eq(mn_box_seal(&txn, &door, &key, &plaintext), MNSEC_OK);

    cr_assert_eq(mn_box_remove(&txn, &door), MNSEC_OK);

    cr_expect_eq(mn_box_open(&txn, &door, &key, &opened), MNSEC_E_STATE_NOT_FOUND);
}

Test(box, keeps_bytes_that_the_caller_sealed)
{
    const uint8_t department[MNSEC_ID_BYTES] = {5};
    const mn_box_ref directory = {.kind = MN_BOX_DIRECTORY,
                                  .owner = mn_bytes_of(department, sizeof(department)),
                                  .version = 1};
    MN_AUTO(mn_buf) bytes = {0};
    cr_assert_eq(mn_box_put(&txn, &directory, mn_bytes_of("outer lock", 10)), MNSEC_OK);
    commit_and_read();

    cr_assert_eq(mn_box_get(&txn, &directory, &bytes), MNSEC_OK);

    cr_expect_str_eq(mn_buf_text(&bytes), "outer lock");
}

/* --- references that are none ---------------------------------------------------------------- */

typedef struct ref_case {
    char what[40];
    mn_box_kind kind;
    size_t owner_len;
    size_t subject_len;
    uint64_t version;
} ref_case;

ParameterizedTestParameters(box, refuses_a_reference_outside_the_table)
{
    static ref_case cases[] = {
        {"kind 0", (mn_box_kind)0, 32, 16, 1},
        {"kind 13", (mn_box_kind)13, 32, 16, 1},
        {"negative kind", (mn_box_kind)-1, 32, 16, 1},
        {"a department as owner of a door", MN_BOX_DOOR, 16, 16, 1},
        {"a door without person", MN_BOX_DOOR, 32, 0, 1},
        {"a PIN with subject", MN_BOX_FACILITY_PIN, 32, 16, 1},
        {"a card as owner of O_d", MN_BOX_OPERATION, 32, 0, 1},
        {"recovery without version", MN_BOX_RECOVERY_GROUP, 16, 0, 1},
        {"a version above 2^63", MN_BOX_DOOR, 32, 16, UINT64_MAX},
    };
    return cr_make_param_array(ref_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const ref_case *c, box, refuses_a_reference_outside_the_table)
{
    static const uint8_t bytes[32];
    MN_AUTO(mn_buf) out = {0};
    const mn_box_ref ref = {.kind = c->kind,
                            .owner = mn_bytes_of(bytes, c->owner_len),
                            .subject = mn_bytes_of(bytes, c->subject_len),
                            .version = c->version};

    cr_expect_eq(mn_box_aad(&ref, &out), MNSEC_E_USAGE, "%s", c->what);
    cr_expect_eq(mn_box_put(&txn, &ref, mn_bytes_of("x", 1)), MNSEC_E_USAGE, "%s", c->what);
    cr_expect_eq(mn_box_get(&txn, &ref, &out), MNSEC_E_USAGE, "%s", c->what);
    cr_expect_eq(mn_box_remove(&txn, &ref), MNSEC_E_USAGE, "%s", c->what);
}

Test(box, is_sealed_in_the_one_way_of_its_kind)
{
    MN_AUTO(mn_secret) opened = {0};

    cr_expect_eq(mn_box_seal(&txn, &pin, &key, &plaintext), MNSEC_E_USAGE);
    cr_expect_eq(mn_box_open(&txn, &pin, &key, &opened), MNSEC_E_USAGE);
    cr_expect_eq(mn_box_seal_to(&txn, &door, point, &plaintext), MNSEC_E_USAGE);
    cr_expect_eq(mn_box_open_with(&txn, &door, &private_key, &opened), MNSEC_E_USAGE);
}

Test(box, does_not_seal_to_a_point_off_the_curve)
{
    point[64] ^= 1;

    cr_expect_eq(mn_box_seal_to(&txn, &pin, point, &plaintext), MNSEC_E_USAGE_FORMAT);
}
