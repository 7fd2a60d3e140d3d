/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Callbacks of a host that calls back in: refused, or what the running call holds (an unlocked
 * department, the session itself) would be wiped under it.
 */
#include "scenario.h"

TestSuite(scenario_callback, .init = facility_fixture_make, .fini = facility_fixture_remove);

static mnsec_status answered;

static void forget_and_poll(facility_fixture *f, const mnsec_secret_request *request)
{
    mnsec_session_event event;
    if (request->kind == MNSEC_SECRET_NUMBER) {
        f->seconds += 3600; /* by now the unlocking has ended, and the idle time too */
        answered = mnsec_session_poll(f->session, &event);
        mnsec_session_forget(f->session);
        mnsec_session_close(f->session);
        f->seconds -= 3600;
    }
}

Test(scenario_callback, that_is_asked_for_a_secret_may_not_end_the_session)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    F->on_ask = forget_and_poll;

    mnsec_id record;
    EXPECT(MNSEC_OK,
           facility_fixture_try_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER, &record));

    cr_expect_eq(answered, MNSEC_E_USAGE);
}

static int close_session(void *user, const mnsec_subject *subject)
{
    (void)user;
    (void)subject;
    mnsec_session_close(F->session);
    return 0;
}

Test(scenario_callback, that_is_shown_a_record_may_not_end_the_session)
{
    facility_fixture_login_unlock(F, TARO, KAIGO);
    facility_fixture_register(F, KAIGO, "E-1", FACILITY_FIXTURE_NUMBER);
    const mnsec_id kaigo = facility_fixture_department(F, KAIGO);

    EXPECT(MNSEC_OK, mnsec_record_list(F->session, &kaigo, NULL, close_session, NULL));

    cr_expect_eq(mnsec_session_get_info(F->session).locked, 0);
}

/* Calls that need no session list out of what is open in the context. */
static int listed;

static void free_context(void)
{
    const char *name = NULL;
    listed++;
    mnsec_context_free(F->context);
    answered = mnsec_facility_name(F->context, &name);
}

static int free_at_person(void *user, const mnsec_person *person)
{
    (void)user;
    free_context();
    cr_expect_gt(strlen(person->name), 0);
    return 0;
}

static int free_at_department(void *user, const mnsec_department *department)
{
    (void)user;
    free_context();
    cr_expect_gt(strlen(department->name), 0);
    return 0;
}

static int free_at_grant(void *user, const mnsec_grant *grant)
{
    (void)user;
    free_context();
    cr_expect_not_null(grant->actions);
    return 0;
}

static int free_at_finding(void *user, const mnsec_health_finding *finding)
{
    (void)user;
    (void)finding;
    free_context();
    return 0;
}

Test(scenario_callback, that_is_told_of_people_may_not_free_the_context)
{
    EXPECT(MNSEC_OK, mnsec_staff_list(F->context, free_at_person, NULL));

    cr_expect_gt(listed, 0);
    cr_expect_eq(answered, MNSEC_E_USAGE);
}

Test(scenario_callback, that_is_told_of_departments_may_not_free_the_context)
{
    EXPECT(MNSEC_OK, mnsec_department_list(F->context, free_at_department, NULL));

    cr_expect_gt(listed, 0);
    cr_expect_eq(answered, MNSEC_E_USAGE);
}

Test(scenario_callback, that_is_told_of_grants_may_not_free_the_context)
{
    const mnsec_id taro = facility_fixture_person(F, TARO);

    EXPECT(MNSEC_OK, mnsec_grant_list(F->context, &taro, free_at_grant, NULL));

    cr_expect_gt(listed, 0);
    cr_expect_eq(answered, MNSEC_E_USAGE);
}

Test(scenario_callback, that_is_told_how_things_stand_may_not_free_the_context)
{
    EXPECT(MNSEC_OK, mnsec_health_read(F->context, 0, free_at_finding, NULL));

    cr_expect_gt(listed, 0);
    cr_expect_eq(answered, MNSEC_E_USAGE);
}
