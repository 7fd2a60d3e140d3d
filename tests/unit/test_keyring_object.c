/* SPDX-License-Identifier: Apache-2.0 */
/* The public objects: pins that only the security officer can make count, checkpoints, and whatever
 * somebody without a PIN may put beside them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft_key.h"
#include "token/keyring_internal.h"
#include "token_fixture.h"

TestSuite(keyring_object, .init = token_fixture_make, .fini = token_fixture_remove);

static void certify(const char *name, mn_buf *out_der)
{
    MN_AUTO(soft_key) key = {0};
    soft_key_make(&key, MN_SIGNATURE_ECDSA_P256_SHA256, 0);
    soft_key_certify(&key, name, out_der);
}

static bool is_same(const mn_buf *a, const mn_buf *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

static size_t count_pins(token_fixture *token, mn_buf *out_first)
{
    size_t count = 99;
    cr_assert_eq(mn_keyring_object_pins(token->keyring, out_first, &count), MNSEC_OK, "%s",
                 token->err.text);
    return count;
}

/* A certificate as somebody may write it who is not the security officer. */
static CK_RV write_certificate(const token_raw *raw, const char *label, const mn_buf *der,
                               bool trusted)
{
    static CK_OBJECT_CLASS certificate = CKO_CERTIFICATE;
    static CK_CERTIFICATE_TYPE x509 = CKC_X_509;
    static unsigned char subject[] = {0x30, 0x00};
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &certificate, sizeof(certificate)},
        {CKA_CERTIFICATE_TYPE, &x509, sizeof(x509)},
        {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},
        {CKA_LABEL, mn_keyring_lend(label), strlen(label)},
        {CKA_SUBJECT, subject, sizeof(subject)},
        {CKA_VALUE, der->bytes, der->len},
        {CKA_TRUSTED, &yes, sizeof(yes)},
    };
    CK_OBJECT_HANDLE object = 0;
    return raw->calls->C_CreateObject(raw->session, attributes, trusted ? 8 : 7, &object);
}

/* --- pins --- */

Test(keyring_object, has_no_pin_at_first)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) first = {0};

    cr_expect_eq(count_pins(&token, &first), 0);
}

Test(keyring_object, keeps_a_pin_that_is_read_without_a_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) first = {0};
    certify("pin", &der);

    cr_assert_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&der), &token.so_pin),
                 MNSEC_OK, "%s", token.err.text);

    cr_expect_eq(count_pins(&token, &first), 1);
    cr_expect(is_same(&first, &der));
    cr_expect_not(mn_keyring_is_logged_in(token.keyring));
    cr_expect_eq(mn_keyring_login(token.keyring, &token.user_pin, &token.passport), MNSEC_OK);
}

Test(keyring_object, keeps_a_weak_pin_where_the_token_knows_no_trust)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_plan("no-trust\n");
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) first = {0};
    size_t weak = 0;
    certify("pin", &der);

    cr_assert_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&der), &token.so_pin),
                 MNSEC_OK, "%s", token.err.text);

    cr_expect_eq(count_pins(&token, &first), 0, "nobody trusted it");
    cr_expect_eq(mn_keyring_object_weak_pins(token.keyring, &first, &weak), MNSEC_OK);
    cr_expect_eq(weak, 1);
    cr_expect(is_same(&first, &der));
    cr_expect_eq(token.err.status, MNSEC_OK, "%s", token.err.text);
    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&der), &token.so_pin),
                 MNSEC_OK, "and again");
    MN_AUTO(mn_buf) other = {0};
    certify("other", &other);
    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&other), &token.so_pin),
                 MNSEC_E_STATE_CONFLICT);
}

Test(keyring_object, leaves_the_pin_to_nobody_to_change_or_destroy)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) der = {0};
    certify("pin", &der);
    cr_assert_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&der), &token.so_pin),
                 MNSEC_OK);
    token_fixture_login(&token);
    const token_raw raw = token_fixture_raw(&token);
    CK_OBJECT_HANDLE pin = 0;
    cr_assert_eq(token_raw_find(&raw, CKO_CERTIFICATE, "mnsec/pin", &pin), 1);
    CK_ATTRIBUTE label = {CKA_LABEL, mn_keyring_lend("x"), 1};

    cr_expect_neq(raw.calls->C_DestroyObject(raw.session, pin), CKR_OK);
    cr_expect_neq(raw.calls->C_SetAttributeValue(raw.session, pin, &label, 1), CKR_OK);
}

Test(keyring_object, counts_no_pin_that_the_security_officer_did_not_trust)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) first = {0};
    certify("false pin", &der);
    const token_raw raw = token_fixture_raw(&token);

    cr_assert_eq(write_certificate(&raw, "mnsec/pin", &der, false), CKR_OK);
    cr_expect_neq(write_certificate(&raw, "mnsec/pin", &der, true), CKR_OK);

    cr_expect_eq(count_pins(&token, &first), 0);
}

Test(keyring_object, finds_the_trusted_pin_among_false_ones)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) false_pin = {0};
    MN_AUTO(mn_buf) pin = {0};
    MN_AUTO(mn_buf) first = {0};
    certify("false pin", &false_pin);
    certify("pin", &pin);
    const token_raw raw = token_fixture_raw(&token);
    cr_assert_eq(write_certificate(&raw, "mnsec/pin", &false_pin, false), CKR_OK,
                 "nobody is logged in");
    cr_assert_eq(raw.calls->C_CloseSession(raw.session), CKR_OK);

    cr_assert_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&pin), &token.so_pin),
                 MNSEC_OK, "%s", token.err.text);

    cr_expect_eq(count_pins(&token, &first), 1);
    cr_expect(is_same(&first, &pin));
}

Test(keyring_object, tells_how_many_trusted_pins_there_are)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) pin = {0};
    MN_AUTO(mn_buf) other = {0};
    MN_AUTO(mn_buf) first = {0};
    certify("pin", &pin);
    certify("other", &other);
    cr_assert_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&pin), &token.so_pin),
                 MNSEC_OK);
    cr_assert_eq(mn_keyring_so_login(token.keyring, &token.so_pin), MNSEC_OK);
    const token_raw raw = token_fixture_raw(&token);
    cr_assert_eq(write_certificate(&raw, "mnsec/pin", &other, true), CKR_OK);
    mn_keyring_logout(token.keyring);

    cr_expect_eq(count_pins(&token, &first), 2);
}

Test(keyring_object, takes_the_same_pin_again_and_no_other)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) pin = {0};
    MN_AUTO(mn_buf) other = {0};
    MN_AUTO(mn_buf) first = {0};
    certify("pin", &pin);
    certify("other", &other);
    cr_assert_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&pin), &token.so_pin),
                 MNSEC_OK);

    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&pin), &token.so_pin),
                 MNSEC_OK);
    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&other), &token.so_pin),
                 MNSEC_E_STATE_CONFLICT);

    cr_expect_eq(count_pins(&token, &first), 1);
}

Test(keyring_object, takes_no_pin_from_anybody_but_the_security_officer)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) pin = {0};
    MN_AUTO(mn_buf) first = {0};
    certify("pin", &pin);

    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&pin), &token.user_pin),
                 MNSEC_E_TOKEN_PIN);
    token_fixture_login(&token);
    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_buf_view(&pin), &token.so_pin),
                 MNSEC_E_STATE_CONFLICT);

    cr_expect_eq(count_pins(&token, &first), 0);
}

Test(keyring_object, takes_no_pin_that_is_no_certificate)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) first = {0};

    cr_expect_eq(mn_keyring_object_write_pin(token.keyring, mn_bytes_of("0123", 4), &token.so_pin),
                 MNSEC_E_USAGE_FORMAT);

    cr_expect_eq(count_pins(&token, &first), 0);
    token_fixture_login(&token);
}

/* --- the audit certificate --- */

Test(keyring_object, keeps_the_audit_certificate)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) read = {0};
    certify("audit", &der);
    cr_assert_eq(mn_keyring_object_write_audit_cert(token.keyring, mn_buf_view(&der)), MNSEC_OK,
                 "%s", token.err.text);
    mn_keyring_logout(token.keyring);

    cr_assert_eq(mn_keyring_object_audit_cert(token.keyring, &read), MNSEC_OK);

    cr_expect(is_same(&read, &der));
}

Test(keyring_object, takes_the_same_audit_certificate_again_and_no_other)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    MN_AUTO(mn_buf) der = {0};
    MN_AUTO(mn_buf) other = {0};
    certify("audit", &der);
    certify("other", &other);
    cr_assert_eq(mn_keyring_object_write_audit_cert(token.keyring, mn_buf_view(&der)), MNSEC_OK);

    cr_expect_eq(mn_keyring_object_write_audit_cert(token.keyring, mn_buf_view(&der)), MNSEC_OK);
    cr_expect_eq(mn_keyring_object_write_audit_cert(token.keyring, mn_buf_view(&other)),
                 MNSEC_E_STATE_CONFLICT);
}

Test(keyring_object, has_no_audit_certificate_at_first)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_initialise("facility", &token);
    MN_AUTO(mn_buf) read = {0};

    cr_expect_eq(mn_keyring_object_audit_cert(token.keyring, &read), MNSEC_E_STATE_NOT_FOUND);
    cr_expect_eq(mn_keyring_object_write_audit_cert(token.keyring, mn_bytes_of("", 0)),
                 MNSEC_E_STATE_LOCKED);
}

/* --- checkpoints --- */

typedef struct seen_checkpoints {
    size_t count;
    char values[4][32];
} seen_checkpoints;

static mnsec_status see(void *user, mn_bytes value)
{
    seen_checkpoints *seen = user;
    if (seen->count < 4 && value.len < sizeof(seen->values[0])) {
        memcpy(seen->values[seen->count], value.bytes, value.len);
    }
    seen->count++;
    return MNSEC_OK;
}

static seen_checkpoints see_all(token_fixture *token)
{
    seen_checkpoints seen = {0};
    cr_assert_eq(mn_keyring_object_checkpoints(token->keyring, see, &seen), MNSEC_OK, "%s",
                 token->err.text);
    return seen;
}

static mnsec_status write_checkpoint(token_fixture *token, const char *value)
{
    return mn_keyring_object_write_checkpoint(token->keyring, mn_bytes_of(value, strlen(value)));
}

/* A data object that somebody else puts there. */
static void write_data(const token_raw *raw, size_t len)
{
    static CK_OBJECT_CLASS data = CKO_DATA;
    CK_BBOOL yes = CK_TRUE;
    CK_BBOOL no = CK_FALSE;
    unsigned char *value = calloc(1, len + 1);
    CK_ATTRIBUTE attributes[] = {
        {CKA_CLASS, &data, sizeof(data)}, {CKA_TOKEN, &yes, sizeof(yes)},
        {CKA_PRIVATE, &no, sizeof(no)},   {CKA_LABEL, mn_keyring_lend("mnsec/checkpoint"), 16},
        {CKA_VALUE, value, len},
    };
    CK_OBJECT_HANDLE object = 0;
    cr_assert_eq(raw->calls->C_CreateObject(raw->session, attributes, 5, &object), CKR_OK);
    free(value);
}

Test(keyring_object, keeps_the_newest_checkpoint_only)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK, "%s", token.err.text);
    cr_assert_eq(write_checkpoint(&token, "size 2"), MNSEC_OK, "%s", token.err.text);
    mn_keyring_logout(token.keyring);

    const seen_checkpoints seen = see_all(&token);

    cr_expect_eq(seen.count, 1);
    cr_expect_str_eq(seen.values[0], "size 2");
}

Test(keyring_object, keeps_the_older_checkpoint_when_the_new_one_cannot_be_written)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK);
    token_fixture_plan("C_CreateObject 1 once CKR_DEVICE_MEMORY\n");

    cr_expect_eq(write_checkpoint(&token, "size 2"), MNSEC_E_TOKEN_FULL);

    const seen_checkpoints seen = see_all(&token);
    cr_expect_eq(seen.count, 1);
    cr_expect_str_eq(seen.values[0], "size 1");
}

Test(keyring_object, has_both_checkpoints_when_the_older_one_cannot_be_deleted)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK);
    token_fixture_plan("C_DestroyObject 1 once CKR_GENERAL_ERROR\n");

    cr_expect_eq(write_checkpoint(&token, "size 2"), MNSEC_OK, "the new head is there");

    cr_expect_eq(see_all(&token).count, 2);
    cr_assert_eq(write_checkpoint(&token, "size 3"), MNSEC_OK);
    cr_expect_eq(see_all(&token).count, 1, "and the next one clears up");
}

Test(keyring_object, always_has_a_checkpoint_whichever_call_fails)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK);

    int n = 0;
    uint64_t made = 99;
    while (made >= (uint64_t)n) {
        char plan[64];
        n++;
        (void)snprintf(plan, sizeof(plan), "* %d once CKR_DEVICE_ERROR\n", n);
        token_fixture_plan(plan);
        (void)write_checkpoint(&token, "size 2");
        made = token_fixture_count(MN_FAULT_ANY);
        token_fixture_plan(NULL);
        if (!mn_keyring_is_logged_in(token.keyring)) {
            token_fixture_login(&token);
        }
        cr_expect_geq(see_all(&token).count, 1, "after call %d", n);
    }

    cr_expect_gt(n, 5);
}

Test(keyring_object, passes_over_what_cannot_be_a_checkpoint)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK);
    const token_raw raw = token_fixture_raw(&token);
    write_data(&raw, 0);
    write_data(&raw, 16 * 1024 + 1);
    write_data(&raw, 1024 * 1024);

    const seen_checkpoints seen = see_all(&token);

    cr_expect_eq(seen.count, 1);
    cr_expect_str_eq(seen.values[0], "size 1");
}

Test(keyring_object, shows_every_checkpoint_that_somebody_put_there)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK);
    const token_raw raw = token_fixture_raw(&token);
    write_data(&raw, 16 * 1024);

    cr_expect_eq(see_all(&token).count, 2);
}

static mnsec_status stop(void *user, mn_bytes value)
{
    (void)value;
    (*(int *)user)++;
    return MNSEC_E_INTEGRITY_LOG;
}

Test(keyring_object, stops_at_the_first_checkpoint_that_is_refused)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);
    cr_assert_eq(write_checkpoint(&token, "size 1"), MNSEC_OK);
    const token_raw raw = token_fixture_raw(&token);
    write_data(&raw, 20);
    int visits = 0;

    cr_expect_eq(mn_keyring_object_checkpoints(token.keyring, stop, &visits),
                 MNSEC_E_INTEGRITY_LOG);

    cr_expect_eq(visits, 1);
}

Test(keyring_object, takes_no_checkpoint_without_content_or_log_in)
{
    MN_AUTO(token_fixture) token = {0};
    token_fixture_open("facility", &token);

    cr_expect_eq(write_checkpoint(&token, ""), MNSEC_E_USAGE);
    mn_keyring_logout(token.keyring);
    cr_expect_eq(write_checkpoint(&token, "size 1"), MNSEC_E_STATE_LOCKED);
}
