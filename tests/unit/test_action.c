/* SPDX-License-Identifier: Apache-2.0 */
/* The list of actions: names lead there and back, and what the flags promise holds together. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "policy/action.h"

typedef struct event_case {
    char event[32];
    mn_action action;
} event_case;

Test(action, has_an_event_that_leads_back_to_it)
{
    for (int action = MN_ACTION_NONE + 1; action < MN_ACTION_COUNT; action++) {
        const char *event = mn_action_event((mn_action)action);
        cr_assert_not_null(event);
        cr_expect_eq(mn_action_of(event), (mn_action)action, "%s", event);
    }
}

Test(action, has_an_event_of_noun_and_verb_that_fits_a_grant)
{
    for (int action = MN_ACTION_NONE + 1; action < MN_ACTION_COUNT; action++) {
        const char *event = mn_action_event((mn_action)action);
        const size_t noun = strspn(event, "abcdefghijklmnopqrstuvwxyz");
        cr_expect(noun > 0 && event[noun] == '.', "%s", event);
        const size_t verb = strspn(event + noun + 1, "abcdefghijklmnopqrstuvwxyz_");
        cr_expect(verb > 0 && event[noun + 1 + verb] == '\0', "%s", event);
        cr_expect_lt(strlen(event), 32);
    }
}

ParameterizedTestParameters(action, of_an_unknown_event_is_none)
{
    static event_case cases[] = {{.event = ""},           {.event = "record"},
                                 {.event = "record.*"},   {.event = "record.shows"},
                                 {.event = "record.sho"}, {.event = "RECORD.SHOW"}};
    return cr_make_param_array(event_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const event_case *c, action, of_an_unknown_event_is_none)
{
    cr_expect_eq(mn_action_of(c->event), MN_ACTION_NONE);
}

Test(action, of_no_event_is_none)
{
    cr_expect_eq(mn_action_of(NULL), MN_ACTION_NONE);
}

ParameterizedTestParameters(action, that_is_unknown_may_nothing)
{
    static event_case cases[] = {{.action = MN_ACTION_NONE},
                                 {.action = MN_ACTION_COUNT},
                                 {.action = (mn_action)-1},
                                 {.action = (mn_action)1000}};
    return cr_make_param_array(event_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const event_case *c, action, that_is_unknown_may_nothing)
{
    cr_expect_null(mn_action_event(c->action));
    cr_expect_eq(mn_action_rule_of(c->action), MN_ACTION_RULE_NOBODY);
    cr_expect_eq(mn_action_stage_of(c->action), MN_ACTION_STAGE_NONE);
    cr_expect_not(mn_action_has(c->action, MN_ACTION_AUTHORITY));
}

typedef struct stage_case {
    char event[32];
    char stage[16];
} stage_case;

ParameterizedTestParameters(action, has_the_stage_of_the_law)
{
    static stage_case cases[] = {
        {"record.register", "acquire"}, {"record.import", "acquire"}, {"record.list", "keep"},
        {"record.change", "keep"},      {"record.show", "use"},       {"record.search", "use"},
        {"staff.enrol", "none"},        {"log.export", "none"},       {"session.login", "none"},
    };
    return cr_make_param_array(stage_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const stage_case *c, action, has_the_stage_of_the_law)
{
    const mn_action_stage stage = mn_action_stage_of(mn_action_of(c->event));

    cr_expect_str_eq(mn_action_stage_name(stage), c->stage, "%s", c->event);
}

Test(action, has_a_name_for_each_stage)
{
    cr_expect_str_eq(mn_action_stage_name(MN_ACTION_STAGE_PROVIDE), "provide");
    cr_expect_str_eq(mn_action_stage_name(MN_ACTION_STAGE_DISPOSE), "dispose");
    cr_expect_str_eq(mn_action_stage_name((mn_action_stage)42), "none");
}

Test(action, that_moves_authority_is_on_the_token_before_it_returns)
{
    for (int action = MN_ACTION_NONE + 1; action < MN_ACTION_COUNT; action++) {
        if (mn_action_has((mn_action)action, MN_ACTION_AUTHORITY)) {
            cr_expect(mn_action_has((mn_action)action, MN_ACTION_CHECKPOINT), "%s",
                      mn_action_event((mn_action)action));
        }
    }
}

ParameterizedTestParameters(action, that_writes_a_value_says_so)
{
    static event_case cases[] = {{"record.register", MN_ACTION_RECORD_REGISTER},
                                 {"record.import", MN_ACTION_RECORD_IMPORT},
                                 {"record.change", MN_ACTION_RECORD_CHANGE}};
    return cr_make_param_array(event_case, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(const event_case *c, action, that_writes_a_value_says_so)
{
    cr_expect(mn_action_has(c->action, MN_ACTION_WRITES));
    cr_expect_str_eq(mn_action_event(c->action), c->event);
}

Test(action, that_only_shows_writes_nothing)
{
    cr_expect_not(mn_action_has(MN_ACTION_RECORD_SHOW, MN_ACTION_WRITES));
}
