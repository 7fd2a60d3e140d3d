/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is not granted is denied, and the denial stands in the log: by action, by document kind, by
 * department, by time. Nobody grants himself anything alone.
 */
#include "scenario.h"

TestSuite(scenario_grant, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status try_give(const char *who, const char *department, const char *actions,
                             const char *document, const char *second, mnsec_id *out_id)
{
    const mnsec_grant grant = {
        .person = facility_fixture_person(F, who),
        .department = facility_fixture_department(F, department),
        .actions = actions,
        .document = document,
    };
    return mnsec_grant_give(F->session, &grant, second, out_id);
}

/* By HARUKO, who logs out again. */
static mnsec_id give(const char *who, const char *department, const char *actions,
                     const char *document)
{
    mnsec_id id = {0};
    facility_fixture_login(F, HARUKO);
    MUST(try_give(who, department, actions, document, NULL, &id));
    facility_fixture_logout(F);
    return id;
}

static mnsec_status show(const mnsec_id *record, const char *document)
{
    char number[MNSEC_NUMBER_TEXT_BYTES];
    return mnsec_record_show(F->session, record, "書類の作成", document, number);
}

/* A record of KAIGO, made by TARO. */
static mnsec_id registered(void)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    const mnsec_id record = facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    facility_fixture_logout(F);
    facility_fixture_forget(F);
    return record;
}

Test(scenario_grant, a_responsible_person_sees_no_number_without_one)
{
    const mnsec_id record = registered();
    facility_fixture_login_unlock(F, HARUKO, KAIGO);

    EXPECT(MNSEC_E_DENIED, show(&record, "TAX_SLIP"));

    EXPECT_LINE("record.show", "\"out\":4");
}

Test(scenario_grant, allows_the_granted_action_only)
{
    const mnsec_id record = registered();
    give(HANAKO, KAIGO, "record.list", "*");
    facility_fixture_login_unlock(F, HANAKO, KAIGO);
    mnsec_id other = {0};

    EXPECT(MNSEC_E_DENIED, show(&record, "TAX_SLIP"));
    EXPECT(MNSEC_E_DENIED,
           facility_fixture_try_register(F, KAIGO, "E-2", FACILITY_FIXTURE_OTHER_NUMBER, &other));
    EXPECT(MNSEC_E_DENIED, mnsec_record_change_number(F->session, &record, "訂正"));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_NUMBER), 0,
                 "a number was typed for nothing");
}

Test(scenario_grant, allows_the_granted_document_kind_only)
{
    const mnsec_id record = registered();
    give(HANAKO, KAIGO, "record.show", "SI_HP");
    facility_fixture_login_unlock(F, HANAKO, KAIGO);

    EXPECT(MNSEC_OK, show(&record, "SI_HP"));
    EXPECT(MNSEC_E_DENIED, show(&record, "TAX_SLIP"));
}

Test(scenario_grant, ends_when_it_is_withdrawn)
{
    const mnsec_id record = registered();
    const mnsec_id grant = give(HANAKO, KAIGO, FACILITY_FIXTURE_ACTIONS, "*");
    facility_fixture_login(F, HARUKO);
    MUST(mnsec_grant_withdraw(F->session, &grant, "異動"));
    facility_fixture_logout(F);

    facility_fixture_login(F, HANAKO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);

    EXPECT(MNSEC_E_DENIED, mnsec_session_unlock(F->session, &kaigo));
    EXPECT(MNSEC_E_STATE_UNLOCK_NEEDED, show(&record, "TAX_SLIP"));
}

Test(scenario_grant, ends_in_a_session_that_runs)
{
    const mnsec_id record = registered();
    const mnsec_id grant = give(HANAKO, KAIGO, FACILITY_FIXTURE_ACTIONS, "*");
    facility_fixture_login_unlock(F, HANAKO, KAIGO);
    char text[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&grant, text);
    scenario_elsewhere("withdraw-grant", text);

    EXPECT(MNSEC_E_DENIED, show(&record, "TAX_SLIP"));
}

Test(scenario_grant, ends_with_its_time)
{
    const mnsec_id record = registered();
    mnsec_grant grant = {
        .person = facility_fixture_person(F, HANAKO),
        .department = facility_fixture_department(F, KAIGO),
        .actions = "record.show",
        .valid_until = facility_fixture_now(F) + 3600,
    };
    mnsec_id id = {0};
    facility_fixture_login(F, HARUKO);
    MUST(mnsec_grant_give(F->session, &grant, NULL, &id));
    facility_fixture_logout(F);
    facility_fixture_login_unlock(F, HANAKO, KAIGO);
    EXPECT(MNSEC_OK, show(&record, "TAX_SLIP"));
    facility_fixture_logout(F);
    F->seconds += 3601;

    facility_fixture_login(F, HANAKO);

    EXPECT(MNSEC_E_DENIED, mnsec_session_unlock(F->session, &grant.department));
}

Test(scenario_grant, is_given_by_responsible_persons_only)
{
    facility_fixture_login(F, TARO);
    mnsec_id id = {0};

    EXPECT(MNSEC_E_DENIED, try_give(HANAKO, KAIGO, "record.show", "*", NULL, &id));

    EXPECT_LINE("grant.give", "\"out\":4");
}

Test(scenario_grant, to_oneself_takes_a_second_responsible_person)
{
    facility_fixture_login(F, HARUKO);
    facility_fixture_insert(F, AKIO);
    mnsec_id id = {0};

    MUST(try_give(HARUKO, KAIGO, "record.show", "*", AKIO, &id));

    cr_expect_eq(facility_fixture_asked_count(F, MNSEC_SECRET_SECOND_PIN), 1);
    EXPECT_BODY("grant.give", "\"actor2\":");
}

static int ignore_subject(void *user, const mnsec_subject *subject)
{
    (void)user;
    (void)subject;
    return 0;
}

Test(scenario_grant, to_oneself_is_not_possible_alone)
{
    facility_fixture_login(F, HARUKO);
    F->refused = 1U << MNSEC_NOTICE_INSERT_CARD;
    mnsec_id id = {0};

    EXPECT(MNSEC_E_STATE_CANCELLED, try_give(HARUKO, KAIGO, "record.show", "*", NULL, &id));
    facility_fixture_forget(F);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);
    MUST(mnsec_session_unlock(F->session, &kaigo));

    EXPECT(MNSEC_E_DENIED, mnsec_record_list(F->session, &kaigo, NULL, ignore_subject, NULL));
}

Test(scenario_grant, refuses_actions_and_documents_that_are_not_known)
{
    facility_fixture_login(F, HARUKO);
    mnsec_id id = {0};

    EXPECT(MNSEC_E_USAGE, try_give(TARO, KAIGO, "record.steal", "*", NULL, &id));
    EXPECT(MNSEC_E_USAGE, try_give(TARO, KAIGO, "record.show", "LOVE_LETTER", NULL, &id));
    EXPECT(MNSEC_E_USAGE, try_give(TARO, KAIGO, "record.show record.show", "*", NULL, &id));
    EXPECT(MNSEC_E_USAGE, try_give(TARO, KAIGO, "", "*", NULL, &id));
}

Test(scenario_grant, gives_an_auditor_no_numbers)
{
    const mnsec_id record = registered();
    mnsec_id id = {0};
    facility_fixture_login(F, HARUKO);
    (void)try_give(NAOTO, KAIGO, FACILITY_FIXTURE_ACTIONS, "*", NULL, &id);
    facility_fixture_logout(F);

    facility_fixture_login(F, NAOTO);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);

    EXPECT(MNSEC_E_DENIED, mnsec_session_unlock(F->session, &kaigo));
    EXPECT(MNSEC_E_STATE_UNLOCK_NEEDED, show(&record, "TAX_SLIP"));
}

/* --- lists ---------------------------------------------------------------------------------------
 */

static int count_grants(void *user, const mnsec_grant *grant)
{
    size_t *counts = user;
    counts[grant->withdrawn ? 1 : 0]++;
    return 0;
}

Test(scenario_grant, is_listed_also_when_it_was_withdrawn)
{
    const mnsec_id grant = give(HANAKO, KAIGO, "record.show", "SI_HP");
    facility_fixture_login(F, HARUKO);
    MUST(mnsec_grant_withdraw(F->session, &grant, "異動"));
    const mnsec_id hanako = facility_fixture_person(F, HANAKO);

    size_t counts[2] = {0};
    MUST(mnsec_grant_list(F->context, &hanako, count_grants, counts));

    cr_expect_eq(counts[0], 1);
    cr_expect_eq(counts[1], 1);
}
