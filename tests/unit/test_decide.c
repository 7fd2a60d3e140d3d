/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May this person do this now? The matrix below says for each action what each role is answered
 * without a grant and with one; every combination is asked. What narrows a grant (department,
 * action, document, time, withdrawal) is turned one at a time below it.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "policy/decide.h"

#define NOW 1000

static const mnsec_id kitchen = {{1}};
static const mnsec_id office = {{2}};

/*
 * Columns: responsible, handler, auditor, unattended; first without any grant, then with a grant in
 * the department that names the action and every document. A allowed, r refused for the role,
 * g for want of a grant, u because unattended.
 */
typedef struct row {
    char event[32];
    char without[5];
    char with[5];
} row;

static row matrix[] = {
    {"facility.found", "rrrr", "rrrr"},
    {"staff.enrol", "Arru", "Arru"},
    {"staff.withdraw", "Arru", "Arru"},
    {"grant.give", "Arru", "Arru"},
    {"grant.withdraw", "Arru", "Arru"},
    {"policy.change", "Arru", "Arru"},
    {"workstation.register", "Arru", "Arru"},
    {"password.change", "AAAA", "AAAA"},
    {"password.operation", "Agru", "AAru"},
    {"key.facility_pin", "Arru", "Arru"},
    {"session.login", "AAAA", "AAAA"},
    {"session.login_failed", "rrrr", "rrrr"},
    {"session.logout", "AAAA", "AAAA"},
    {"session.lock", "rrrr", "rrrr"},
    {"session.card_removed", "rrrr", "rrrr"},
    {"session.unlock", "Agrg", "AArA"},
    {"session.unlock_failed", "rrrr", "rrrr"},
    {"record.register", "ggrg", "AArA"},
    {"record.import", "ggrg", "AArA"},
    {"record.list", "ggrg", "AArA"},
    {"record.show", "ggru", "AAru"},
    {"record.search", "ggru", "AAru"},
    {"record.change", "ggrg", "AArA"},
    {"log.read", "ArAr", "ArAr"},
    {"log.export", "ArAr", "ArAr"},
    {"clock.step", "rrrr", "rrrr"},
    {"integrity.alarm", "rrrr", "rrrr"},
};

#define ROWS (sizeof(matrix) / sizeof(matrix[0]))

static mn_decide_verdict verdict_of(char letter)
{
    static const char letters[] = "Argu";
    static const mn_decide_verdict verdicts[] = {MN_DECIDE_ALLOW, MN_DECIDE_DENY_ROLE,
                                                 MN_DECIDE_DENY_GRANT, MN_DECIDE_DENY_UNATTENDED};
    const char *found = strchr(letters, letter);
    cr_assert(found && *found, "no verdict is written %c", letter);
    return verdicts[found - letters];
}

/* A grant of one action and, borrowed, its documents. */
typedef struct one_grant {
    char actions[1][32];
    mn_decide_grant grant;
} one_grant;

static void grant_of(one_grant *one, const char *event, const char *document)
{
    *one = (one_grant){.grant = {.department = kitchen, .action_count = 1, .document = document}};
    memcpy(one->actions[0], event, strnlen(event, sizeof(one->actions[0]) - 1));
    one->grant.actions = one->actions;
}

static mn_decide_person handler_with(const one_grant *one)
{
    return (mn_decide_person){.role = MNSEC_ROLE_HANDLER, .grants = &one->grant, .grant_count = 1};
}

static mn_decide_request request_of(mn_action action)
{
    return (mn_decide_request){
        .action = action, .department = &kitchen, .documents = "TAX_SLIP", .now = NOW};
}

Test(decide, has_a_row_of_the_matrix_for_each_action)
{
    cr_assert_eq(ROWS, MN_ACTION_COUNT - 1);
    for (size_t i = 0; i < ROWS; i++) {
        cr_expect_eq(mn_action_of(matrix[i].event), (mn_action)(i + 1), "%s", matrix[i].event);
    }
}

ParameterizedTestParameters(decide, answers_each_role_without_a_grant)
{
    return cr_make_param_array(row, matrix, ROWS);
}

ParameterizedTest(const row *c, decide, answers_each_role_without_a_grant)
{
    const mn_decide_request request = request_of(mn_action_of(c->event));

    for (unsigned column = 0; column < 4; column++) {
        const mn_decide_person person = {.role = (mnsec_role)(column + 1)};
        cr_expect_eq(mn_decide(&person, &request), verdict_of(c->without[column]), "role %u",
                     column + 1);
    }
}

ParameterizedTestParameters(decide, answers_each_role_with_a_grant)
{
    return cr_make_param_array(row, matrix, ROWS);
}

ParameterizedTest(const row *c, decide, answers_each_role_with_a_grant)
{
    const mn_decide_request request = request_of(mn_action_of(c->event));
    one_grant one;
    grant_of(&one, c->event, "*");

    for (unsigned column = 0; column < 4; column++) {
        const mn_decide_person person = {
            .role = (mnsec_role)(column + 1), .grants = &one.grant, .grant_count = 1};
        cr_expect_eq(mn_decide(&person, &request), verdict_of(c->with[column]), "role %u",
                     column + 1);
    }
}

ParameterizedTestParameters(decide, allows_nothing_to_a_person_who_is_out_of_force)
{
    return cr_make_param_array(row, matrix, ROWS);
}

ParameterizedTest(const row *c, decide, allows_nothing_to_a_person_who_is_out_of_force)
{
    const mn_decide_request request = request_of(mn_action_of(c->event));
    one_grant one;
    grant_of(&one, c->event, "*");

    for (unsigned role = 1; role <= 4; role++) {
        mn_decide_person person = {
            .role = (mnsec_role)role, .grants = &one.grant, .grant_count = 1, .withdrawn = true};
        cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_WITHDRAWN);
        person.withdrawn = false;
        person.valid_from = NOW + 1;
        cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_VALIDITY);
        person.valid_from = 0;
        person.valid_until = NOW;
        cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_VALIDITY);
    }
}

typedef struct time_case {
    int64_t from;
    int64_t until;
    bool in_force;
} time_case;

static time_case times[] = {
    {0, 0, true},          {NOW, 0, true},      {NOW - 1, NOW + 1, true},  {NOW, NOW + 1, true},
    {0, NOW, false},       {NOW + 1, 0, false}, {NOW - 2, NOW - 1, false}, {0, 1, false},
    {NOW + 1, NOW, false}, {NOW, NOW, false},
};

ParameterizedTestParameters(decide, minds_the_times_of_a_person)
{
    return cr_make_param_array(time_case, times, sizeof(times) / sizeof(times[0]));
}

ParameterizedTest(const time_case *c, decide, minds_the_times_of_a_person)
{
    const mn_decide_request request = request_of(MN_ACTION_LOG_READ);
    const mn_decide_person person = {
        .role = MNSEC_ROLE_AUDITOR, .valid_from = c->from, .valid_until = c->until};

    cr_expect_eq(mn_decide(&person, &request),
                 c->in_force ? MN_DECIDE_ALLOW : MN_DECIDE_DENY_VALIDITY);
}

ParameterizedTestParameters(decide, minds_the_times_of_a_grant)
{
    return cr_make_param_array(time_case, times, sizeof(times) / sizeof(times[0]));
}

ParameterizedTest(const time_case *c, decide, minds_the_times_of_a_grant)
{
    const mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);
    one_grant one;
    grant_of(&one, "record.show", "*");
    one.grant.valid_from = c->from;
    one.grant.valid_until = c->until;
    const mn_decide_person person = handler_with(&one);

    cr_expect_eq(mn_decide(&person, &request),
                 c->in_force ? MN_DECIDE_ALLOW : MN_DECIDE_DENY_GRANT);
    cr_expect_eq(mn_decide_reaches(&person, &kitchen, NOW), c->in_force);
}

Test(decide, takes_no_grant_that_was_withdrawn)
{
    const mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);
    one_grant one;
    grant_of(&one, "record.show", "*");
    one.grant.withdrawn = true;
    const mn_decide_person person = handler_with(&one);

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_GRANT);
    cr_expect_not(mn_decide_reaches(&person, &kitchen, NOW));
}

Test(decide, takes_no_grant_of_another_department)
{
    mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);
    request.department = &office;
    one_grant one;
    grant_of(&one, "record.show", "*");
    const mn_decide_person person = handler_with(&one);

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_GRANT);
    cr_expect_not(mn_decide_reaches(&person, &office, NOW));
}

Test(decide, takes_no_grant_of_another_action)
{
    const mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);
    one_grant one;
    grant_of(&one, "record.list", "*");
    const mn_decide_person person = handler_with(&one);

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_GRANT);
    cr_expect(mn_decide_reaches(&person, &kitchen, NOW), "any grant reaches the department");
}

Test(decide, lets_any_grant_in_the_department_unlock_it)
{
    const mn_decide_request request = request_of(MN_ACTION_SESSION_UNLOCK);
    one_grant one;
    grant_of(&one, "record.list", "TAX_SLIP");
    const mn_decide_person person = handler_with(&one);

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_ALLOW);
}

typedef struct document_case {
    char granted[2][32]; /* documents of up to two grants */
    char asked[48];
    mn_decide_verdict verdict;
} document_case;

ParameterizedTestParameters(decide, minds_the_documents_of_a_grant)
{
    static document_case cases[] = {
        {{"*"}, "TAX_SLIP", MN_DECIDE_ALLOW},
        {{"*"}, "TAX_SLIP SI_HP", MN_DECIDE_ALLOW},
        {{"TAX_SLIP"}, "TAX_SLIP", MN_DECIDE_ALLOW},
        {{"TAX_SLIP", "SI_HP"}, "SI_HP TAX_SLIP", MN_DECIDE_ALLOW},
        {{"TAX_SLIP", "*"}, "SI_HP", MN_DECIDE_ALLOW},
        {{"TAX_SLIP"}, "SI_HP", MN_DECIDE_DENY_DOCUMENT},
        {{"TAX_SLIP"}, "TAX_SLIP SI_HP", MN_DECIDE_DENY_DOCUMENT},
        {{"TAX_SLIP"}, "SI_HP TAX_SLIP", MN_DECIDE_DENY_DOCUMENT},
        {{"TAX_SLIP"}, "TAX_SLIP_RET", MN_DECIDE_DENY_DOCUMENT}, /* a prefix is no match */
        {{"TAX_SLIP_RET"}, "TAX_SLIP", MN_DECIDE_DENY_DOCUMENT},
        {{"*"}, "", MN_DECIDE_DENY_DOCUMENT}, /* showing a number needs a purpose */
        {{"*"}, "NOBODY", MN_DECIDE_DENY_DOCUMENT},
        {{"NOBODY"}, "NOBODY", MN_DECIDE_DENY_DOCUMENT},
        {{"*"}, "*", MN_DECIDE_DENY_DOCUMENT},
        {{"*"}, "TAX_SLIP  SI_HP", MN_DECIDE_DENY_DOCUMENT},
        {{""}, "TAX_SLIP", MN_DECIDE_DENY_DOCUMENT},
    };
    return cr_make_param_array(document_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const document_case *c, decide, minds_the_documents_of_a_grant)
{
    one_grant first;
    one_grant second;
    grant_of(&first, "record.show", c->granted[0]);
    grant_of(&second, "record.show", c->granted[1]);
    const mn_decide_grant grants[] = {first.grant, second.grant};
    const mn_decide_person person = {
        .role = MNSEC_ROLE_HANDLER, .grants = grants, .grant_count = 2};
    mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);
    request.documents = c->asked;

    cr_expect_eq(mn_decide(&person, &request), c->verdict, "%s", c->asked);
}

Test(decide, needs_a_document_only_where_the_action_does)
{
    one_grant one;
    grant_of(&one, "record.list", "TAX_SLIP");
    const mn_decide_person person = handler_with(&one);
    mn_decide_request request = request_of(MN_ACTION_RECORD_LIST);
    request.documents = NULL;

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_ALLOW);
}

Test(decide, needs_a_document_where_the_action_does)
{
    one_grant one;
    grant_of(&one, "record.show", "*");
    const mn_decide_person person = handler_with(&one);
    mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);
    request.documents = NULL;

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_DOCUMENT);
}

Test(decide, takes_no_grant_without_documents_for_one)
{
    one_grant one;
    grant_of(&one, "record.show", NULL);
    const mn_decide_person person = handler_with(&one);
    const mn_decide_request request = request_of(MN_ACTION_RECORD_SHOW);

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_DOCUMENT);
}

typedef struct unknown_case {
    mn_action action;
    mnsec_role role;
} unknown_case;

ParameterizedTestParameters(decide, refuses_what_it_does_not_know)
{
    static unknown_case cases[] = {
        {MN_ACTION_NONE, MNSEC_ROLE_RESPONSIBLE}, {MN_ACTION_COUNT, MNSEC_ROLE_RESPONSIBLE},
        {(mn_action)-1, MNSEC_ROLE_RESPONSIBLE},  {MN_ACTION_SESSION_LOGIN, MNSEC_ROLE_NONE},
        {MN_ACTION_SESSION_LOGIN, (mnsec_role)5}, {MN_ACTION_SESSION_LOGIN, (mnsec_role)-1},
    };
    return cr_make_param_array(unknown_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const unknown_case *c, decide, refuses_what_it_does_not_know)
{
    const mn_decide_person person = {.role = c->role};
    const mn_decide_request request = request_of(c->action);

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_UNKNOWN);
}

Test(decide, refuses_an_act_on_a_department_that_is_not_named)
{
    static const mnsec_id none;
    one_grant one;
    grant_of(&one, "record.list", "*");
    one.grant.department = none;
    const mn_decide_person person = handler_with(&one);
    mn_decide_request request = request_of(MN_ACTION_RECORD_LIST);

    request.department = NULL;
    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_UNKNOWN);
    request.department = &none;
    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_UNKNOWN);
    request.action = MN_ACTION_SESSION_UNLOCK;
    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_DENY_UNKNOWN);
}

Test(decide, asks_no_department_of_oversight)
{
    const mn_decide_person person = {.role = MNSEC_ROLE_AUDITOR};
    const mn_decide_request request = {.action = MN_ACTION_LOG_EXPORT, .now = NOW};

    cr_expect_eq(mn_decide(&person, &request), MN_DECIDE_ALLOW);
}

Test(decide, lets_an_auditor_reach_no_department)
{
    one_grant one;
    grant_of(&one, "record.show", "*");
    mn_decide_person person = handler_with(&one);
    person.role = MNSEC_ROLE_AUDITOR;

    cr_expect_not(mn_decide_reaches(&person, &kitchen, NOW));
}

Test(decide, lets_a_person_out_of_force_reach_no_department)
{
    one_grant one;
    grant_of(&one, "record.show", "*");
    mn_decide_person person = handler_with(&one);

    person.withdrawn = true;
    cr_expect_not(mn_decide_reaches(&person, &kitchen, NOW));
    person.withdrawn = false;
    person.valid_until = NOW;
    cr_expect_not(mn_decide_reaches(&person, &kitchen, NOW));
}

Test(decide, has_a_reason_of_its_own_for_each_verdict)
{
    for (int a = MN_DECIDE_DENY_UNKNOWN; a <= MN_DECIDE_DENY_UNATTENDED; a++) {
        cr_expect_not_null(mn_decide_reason((mn_decide_verdict)a));
        for (int b = 0; b < a; b++) {
            cr_expect_str_neq(mn_decide_reason((mn_decide_verdict)a),
                              mn_decide_reason((mn_decide_verdict)b));
        }
    }
    cr_expect_str_eq(mn_decide_reason(MN_DECIDE_DENY_GRANT), "no-grant");
    cr_expect_str_eq(mn_decide_reason((mn_decide_verdict)42),
                     mn_decide_reason(MN_DECIDE_DENY_UNKNOWN));
}
