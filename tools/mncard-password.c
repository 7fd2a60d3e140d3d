/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-password: one's own password, and the operation password of a department.
 */
#include "cli.h"
#include "exit.h"
#include "facility.h"
#include "words.h"

static const cli_option options[] = {
    {"department", "NAME", "operation recover", N_("the department; else the only one")},
    {"second", "CARD", "recover",
     N_("card of the second responsible person; else the share on paper is asked for")},
    {0},
};

static mnsec_status run_own(const cli_command *command, facility *at)
{
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_password_change(at->session));
    exit_say("%s", _("your password is changed"));
    return MNSEC_OK;
}

static mnsec_status run_operation(const cli_command *command, facility *at)
{
    mnsec_id department;
    MN_TRY(facility_log_in(at, command));
    MN_TRY(facility_department(at, command, &department));
    MN_TRY(mnsec_password_operation(at->session, &department));
    facility_forget(at);
    exit_say("%s", _("the operation password is changed: tell those who need it"));
    return MNSEC_OK;
}

static mnsec_status run_recover(const cli_command *command, facility *at)
{
    mnsec_id department;
    MN_TRY(facility_log_in(at, command));
    MN_TRY(facility_department(at, command, &department));
    MN_TRY(mnsec_password_recover(at->session, &department, cli_get(command, "second")));
    facility_forget(at);
    exit_say("%s", _("the operation password is set anew: tell those who need it"));
    return MNSEC_OK;
}

static const cli_verb verbs[] = {
    {"own", "", N_("change one's own password"), .run = run_own},
    {"operation", "", N_("change the operation password of a department"), .run = run_operation},
    {"recover", "", N_("set a forgotten operation password anew, with two shares"),
     .run = run_recover},
    {0},
};

const cli_tool mncard_password = {
    .name = "mncard-password",
    .summary = N_("change passwords"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_LOGIN | CLI_SECRETS | CLI_YES,
};
