/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Actions, out of action.def: what can be done, what it is called in the log, who may. Pure.
 */
#ifndef MN_ACTION_H
#define MN_ACTION_H

#include "base/base.h"

typedef enum mn_action {
    MN_ACTION_NONE = 0,
#define ACTION(name, event, stage, rule, flags) MN_ACTION_##name,
#include "policy/action.def"
#undef ACTION
    MN_ACTION_COUNT
} mn_action;

typedef enum mn_action_stage {
    MN_ACTION_STAGE_NONE = 0,
    MN_ACTION_STAGE_ACQUIRE,
    MN_ACTION_STAGE_USE,
    MN_ACTION_STAGE_KEEP,
    MN_ACTION_STAGE_PROVIDE,
    MN_ACTION_STAGE_DISPOSE
} mn_action_stage;

typedef enum mn_action_rule {
    MN_ACTION_RULE_NOBODY = 0,
    MN_ACTION_RULE_ANYBODY,
    MN_ACTION_RULE_RESPONSIBLE,
    MN_ACTION_RULE_OVERSIGHT,
    MN_ACTION_RULE_GRANT,
    MN_ACTION_RULE_GRANT_OR_RESPONSIBLE
} mn_action_rule;

typedef enum mn_action_flag {
    MN_ACTION_AUTHORITY = 1,
    MN_ACTION_WRITES = 2,
    MN_ACTION_CHECKPOINT = 4,
    MN_ACTION_OUTWARD = 8,
    MN_ACTION_DOCUMENT = 16
} mn_action_flag;

/* Event name, such as "record.show"; NULL for NONE and unknown values. Static. */
const char *mn_action_event(mn_action action);
/* Action of an event name; NONE where there is none. */
mn_action mn_action_of(const char *event);
mn_action_stage mn_action_stage_of(mn_action action);
/* Member `st` of a log statement: "acquire" … "none". Static. */
const char *mn_action_stage_name(mn_action_stage stage);
mn_action_rule mn_action_rule_of(mn_action action);
bool mn_action_has(mn_action action, mn_action_flag flag);

#endif
