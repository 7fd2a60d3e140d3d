/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Founding: its order, what must be accepted in words, what it leaves on paper and token; cut short
 * anywhere, it goes on when it is asked for again, and a founded facility is founded once.
 */
#include "api/api_context.h"
#include "base/base64.h"
#include "crypto/secret/hash.h"
#include "scenario.h"

/* Founding takes seconds: what can be seen of a facility that was founded before is. */
#define FOUNDED .init = facility_fixture_make, .fini = facility_fixture_remove
#define BLANK   .init = facility_fixture_make_blank, .fini = facility_fixture_remove

static const mnsec_founder haruko_alone[] = {{.name = HARUKO, .card = HARUKO}};

static void expect_works(void)
{
    facility_fixture_forget(F);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    facility_fixture_login(F, HARUKO);
    EXPECT(MNSEC_OK, mnsec_session_unlock(F->session, &kaigo));
    facility_fixture_logout(F);
}

static mnsec_status found_again(void)
{
    facility_fixture_reopen(F);
    return facility_fixture_found(F);
}

/* --- the way it should go ------------------------------------------------------------------------
 */

Test(scenario_founding, asks_and_tells_in_its_order, BLANK)
{
    FACILITY_FIXTURE_NEEDS_SPARE();
    MUST(facility_fixture_found(F));

    static const mnsec_notice_kind told[] = {
        MNSEC_NOTICE_SHOW_SO_PIN,
        MNSEC_NOTICE_SOFTWARE_TOKEN,
        MNSEC_NOTICE_SHOW_SO_PIN,
        MNSEC_NOTICE_SHOW_SPARE_PIN,
    };
    static const mnsec_secret_kind asked[] = {
        MNSEC_SECRET_SO_PIN,        MNSEC_SECRET_NEW_PIN,      MNSEC_SECRET_NEW_PASSWORD,
        MNSEC_SECRET_NEW_PIN,       MNSEC_SECRET_NEW_PASSWORD, MNSEC_SECRET_NEW_OPERATION,
        MNSEC_SECRET_NEW_OPERATION,
    };
    cr_assert_eq(F->told_count, sizeof told / sizeof told[0]);
    for (size_t i = 0; i < F->told_count; i++) {
        cr_expect_eq(F->told[i].kind, told[i], "notice %zu", i);
    }
    cr_assert_eq(F->asked_count, sizeof asked / sizeof asked[0]);
    for (size_t i = 0; i < F->asked_count; i++) {
        cr_expect_eq(F->asked[i].kind, asked[i], "secret %zu", i);
    }
    expect_works();
}

Test(scenario_founding, is_the_first_entry_and_named_by_the_slip, FOUNDED)
{
    mnsec_founding_slip slip;
    MUST(mnsec_facility_slip(F->context, &slip));

    const char *line = facility_fixture_log_line(F, "facility.found");
    uint8_t hash[MN_HASH_BYTES];
    MN_AUTO(mn_buf) hex = {0};
    mn_hash_bytes(mn_bytes_of(line, strcspn(line, "\t")), hash);
    MUST(mn_base64_hex_append(&hex, hash, sizeof hash));
    cr_expect_str_eq(slip.founding_hash, mn_buf_text(&hex));
    cr_expect(strstr(line, slip.origin));
    cr_expect(strstr(line, "\t0 1 "), "%s", line);
    const char *name = NULL;
    MUST(mnsec_facility_name(F->context, &name));
    cr_expect_str_eq(name, "ひまわり苑");
}

Test(scenario_founding, is_signed_by_both_founders, FOUNDED)
{
    cr_expect_eq(facility_fixture_sql_integer(
                     F, "SELECT length(line) - length(replace(line, 'es256', '')) FROM log_sig "
                        "WHERE i = 0"),
                 2 * 5);
}

Test(scenario_founding, makes_pins_that_nobody_chose, FOUNDED)
{
    FACILITY_FIXTURE_NEEDS_SPARE();
    cr_expect_eq(strlen(F->shown.so_pin), 32);
    cr_expect_eq(strlen(F->shown.spare_so_pin), 32);
    cr_expect_eq(strlen(F->shown.spare_pin), 32);
    cr_expect_str_neq(F->shown.so_pin, F->shown.spare_so_pin);
}

Test(scenario_founding, goes_with_one_reader, BLANK)
{
    F->founding.spare_uri = NULL;
    static const mnsec_founder founders[] = {{.name = HARUKO}, {.name = AKIO}};
    F->founding.founders = founders;
    F->one_reader = true;

    MUST(mnsec_facility_found(F->context, &F->founding, &F->slip));

    cr_expect_geq(facility_fixture_told_count(F, MNSEC_NOTICE_INSERT_CARD), 3,
                  "each card, and the first one again to sign");
    expect_works();
}

/* --- risks ---------------------------------------------------------------------------------------
 */

Test(scenario_founding, by_one_person_alone_leaves_a_share_on_paper, BLANK)
{
    F->founding.founders = haruko_alone;
    F->founding.founder_count = 1;
    F->founding.spare_uri = NULL;

    MUST(facility_fixture_found(F));

    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_SINGLE_PERSON), 1);
    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_NO_SPARE), 1);
    cr_expect_eq(facility_fixture_told_count(F, MNSEC_NOTICE_SHOW_SHARE), 1);
    expect_works();
    facility_fixture_login(F, HARUKO);
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, KAIGO, "sora no iro ga kawaru");
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    EXPECT(MNSEC_OK, mnsec_password_recover(F->session, &kaigo, NULL));
}

Test(scenario_founding, does_not_go_on_when_a_risk_is_not_accepted, BLANK)
{
    F->founding.spare_uri = NULL;
    F->refused = 1U << MNSEC_NOTICE_NO_SPARE;

    EXPECT(MNSEC_E_STATE_CANCELLED, facility_fixture_found(F));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NEW_PIN), 0);
}

/* --- refused -------------------------------------------------------------------------------------
 */

Test(scenario_founding, is_done_once, FOUNDED)
{
    EXPECT(MNSEC_E_STATE_FOUNDED, facility_fixture_found(F));

    cr_expect_eq(F->asked_count + F->told_count, 0);
}

Test(scenario_founding, is_done_once_on_a_token, FOUNDED)
{
    mnsec_founding_slip slip;
    MUST(mnsec_facility_slip(F->context, &slip));
    snprintf(F->token_uri, sizeof F->token_uri, "%s",
             mn_buf_text(&F->context->opened->workstation.token_uri));
    snprintf(F->place, sizeof F->place, "%s/elsewhere", F->directory);
    facility_fixture_reopen(F);

    EXPECT(MNSEC_E_STATE_FOUNDED, facility_fixture_found(F));

    EXPECT_TEXT("token");
    cr_expect_eq(F->asked_count + F->told_count, 0);
}

Test(scenario_founding, refuses_a_card_that_can_bind_nothing, BLANK)
{
    static const mnsec_founder founders[] = {{.name = "素通り", .card = "素通り"}};
    facility_fixture_card(F, "素通り", "sign-only");
    F->founding.founders = founders;
    F->founding.founder_count = 1;
    F->founding.spare_uri = NULL;

    EXPECT(MNSEC_E_CARD_UNSUITABLE, facility_fixture_found(F));
}

Test(scenario_founding, has_the_so_pin_typed_back_before_the_token_knows_it, BLANK)
{
    facility_fixture_answers(F, MNSEC_SECRET_SO_PIN, "", "something else");

    EXPECT(MNSEC_E_USAGE_MISMATCH, facility_fixture_found(F));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SO_PIN), 3);
    cr_expect_eq(facility_fixture_token_count(F, MN_FAULT_C_InitToken), 0);
}

Test(scenario_founding, refuses_names_that_are_none, BLANK)
{
    F->founding.name = "";
    EXPECT(MNSEC_E_USAGE, facility_fixture_found(F));

    F->founding.name = "園 1234-5678-9018";
    EXPECT(MNSEC_E_USAGE, facility_fixture_found(F));

    cr_expect_eq(F->told_count, 0);
}

/* --- cut short -----------------------------------------------------------------------------------
 */

/* Cancelled when this step is told the countdown's time. */
static const char *cut_step;
static int countdown;

static int cut_at_step(facility_fixture *f, const char *step)
{
    (void)f;
    return cut_step && strcmp(step, cut_step) == 0 && countdown-- == 0;
}

static void expect_cut(void)
{
    const char *name = NULL;
    F->on_progress = cut_at_step;
    EXPECT(MNSEC_E_STATE_CANCELLED, found_again());
    facility_fixture_reopen(F);
    EXPECT(MNSEC_E_STATE_NOT_FOUNDED, mnsec_facility_name(F->context, &name));
    facility_fixture_forget(F);
    cut_step = NULL;
}

Test(scenario_founding, goes_on_wherever_it_was_cut_short, BLANK)
{
    FACILITY_FIXTURE_NEEDS_SPARE();
    cut_step = "making keys";
    countdown = 1;
    expect_cut();
    F->refused = 1U << MNSEC_NOTICE_SHOW_SPARE_PIN;
    expect_cut();
    cut_step = "preparing the spare token";
    countdown = 1;
    expect_cut();
    facility_fixture_answers(F, MNSEC_SECRET_NEW_OPERATION, SOMU, "");
    expect_cut();

    MUST(found_again());

    cr_expect_eq(facility_fixture_log_size(F), 1);
    expect_works();
}

/* Told before the founders are asked for anything. */
Test(scenario_founding, takes_no_spare_that_could_keep_nothing, BLANK)
{
    if (facility_fixture_has_spare()) {
        cr_skip_test("this kind of facility token can keep its keys at a spare");
    }
    F->founding.spare_uri = F->spare_uri;

    EXPECT(MNSEC_E_TOKEN_UNSUITABLE, facility_fixture_found(F));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NEW_PASSWORD), 0);
}

Test(scenario_founding, refuses_a_weak_password, BLANK)
{
    F->founding.spare_uri = NULL;
    facility_fixture_answers(F, MNSEC_SECRET_NEW_PASSWORD, AKIO, "aaaaaaaaaaaaaaaa");

    EXPECT(MNSEC_E_USAGE_WEAK_PASSWORD, facility_fixture_found(F));

    const char *name = NULL;
    facility_fixture_reopen(F);
    EXPECT(MNSEC_E_STATE_NOT_FOUNDED, mnsec_facility_name(F->context, &name));
}

/* After the signing: a checkpoint on the token, then each pin, tried first as an object that can be
 * destroyed. The third is the spare's. */
static int spoil_the_pins(facility_fixture *f, const char *step)
{
    if (strcmp(step, "signing the founding statement") == 0) {
        facility_fixture_token_plan(f, "C_CreateObject 3 once CKR_DEVICE_ERROR\n");
    }
    return 0;
}

Test(scenario_founding, goes_on_where_only_the_pins_are_missing, BLANK)
{
    FACILITY_FIXTURE_NEEDS_SPARE();
    const char *name = NULL;
    F->on_progress = spoil_the_pins;
    EXPECT_CLASS(MNSEC_CLASS_CARD, facility_fixture_found(F));
    facility_fixture_token_plan(F, NULL);
    facility_fixture_reopen(F);
    EXPECT(MNSEC_E_TOKEN_FOREIGN, mnsec_facility_name(F->context, &name));
    facility_fixture_forget(F);

    MUST(found_again());

    cr_expect_eq(F->asked_count, 2, "the SO PINs, and nothing else");
    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SO_PIN), 2);
    expect_works();
}
