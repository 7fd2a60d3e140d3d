/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of actions as a table. An action that is not in action.def has no name, no stage and
 * nobody who may do it. Who may do which: decide.c.
 */
#include "policy/action.h"

#include <string.h>

/* The words of action.def. */
enum {
    AUTHORITY = MN_ACTION_AUTHORITY,
    WRITES = MN_ACTION_WRITES,
    CHECKPOINT = MN_ACTION_CHECKPOINT,
    OUTWARD = MN_ACTION_OUTWARD,
    DOCUMENT = MN_ACTION_DOCUMENT
};

typedef struct description {
    const char *event;
    mn_action_stage stage;
    mn_action_rule rule;
    unsigned flags;
} description;

static const description descriptions[MN_ACTION_COUNT] = {
#define ACTION(name, event, stage, rule, flags)                                                    \
    [MN_ACTION_##name] = {event, MN_ACTION_STAGE_##stage, MN_ACTION_RULE_##rule, flags},
#include "policy/action.def"
#undef ACTION
};

static const char *const stage_names[] = {
    [MN_ACTION_STAGE_NONE] = "none",       [MN_ACTION_STAGE_ACQUIRE] = "acquire",
    [MN_ACTION_STAGE_USE] = "use",         [MN_ACTION_STAGE_KEEP] = "keep",
    [MN_ACTION_STAGE_PROVIDE] = "provide", [MN_ACTION_STAGE_DISPOSE] = "dispose",
};

/* That of NONE, which can do nothing, for everything unknown. */
static const description *describe(mn_action action)
{
    const bool known = (unsigned)action < MN_ACTION_COUNT;
    return &descriptions[known ? action : MN_ACTION_NONE];
}

const char *mn_action_event(mn_action action)
{
    return describe(action)->event;
}

mn_action mn_action_of(const char *event)
{
    for (int action = MN_ACTION_NONE + 1; event && action < MN_ACTION_COUNT; action++) {
        if (strcmp(descriptions[action].event, event) == 0) {
            return (mn_action)action;
        }
    }
    return MN_ACTION_NONE;
}

mn_action_stage mn_action_stage_of(mn_action action)
{
    return describe(action)->stage;
}

const char *mn_action_stage_name(mn_action_stage stage)
{
    const bool known = (unsigned)stage < sizeof(stage_names) / sizeof(stage_names[0]);
    return stage_names[known ? stage : MN_ACTION_STAGE_NONE];
}

mn_action_rule mn_action_rule_of(mn_action action)
{
    return describe(action)->rule;
}

bool mn_action_has(mn_action action, mn_action_flag flag)
{
    return (describe(action)->flags & (unsigned)flag) != 0;
}
