/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facility a tool works in, and its session: opened when a verb first needs them, closed by
 * main(). In mncard-desk the session is already there, and verbs that the desk runs use it.
 *
 * Which facility: --facility DIR, else MNSEC_FACILITY, else the only folder in
 * ${XDG_DATA_HOME:-~/.local/share}/mnsec. Which workstation: --workstation FILE, else
 * MNSEC_WORKSTATION, else the library's default, /etc/mnsec/workstation.conf. The library itself
 * reads no environment.
 */
#ifndef TOOLS_FACILITY_H
#define TOOLS_FACILITY_H

#include <limits.h>

#include "cli.h"
#include "mnsec/facility.h"
#include "mnsec/session.h"
#include "prompt.h"

typedef struct facility {
    prompt prompt;
    bool is_prepared;       /* prompt has been initialised */
    bool is_new;            /* to be founded: its folder need not be there yet (mncard-init) */
    const char *department; /* where a command names none (mncard-desk); may be NULL */
    mnsec_context *context;
    mnsec_session *session;
    unsigned idle_seconds; /* 0 = the library's default */
    bool is_unlocked;
    mnsec_id unlocked; /* the department whose operation password was given */
} facility;

/* The departments, as many as a facility may have. */
#define FACILITY_DEPARTMENTS_MAX 20
typedef struct facility_departments {
    struct {
        mnsec_id id;
        char name[256];
    } items[FACILITY_DEPARTMENTS_MAX];
    size_t count;
} facility_departments;

/* The callbacks' side: reads --secrets-fd. Called by facility_open(); a tool calls it itself to set
 * something in the prompt first. */
MNSEC_MUST_USE mnsec_status facility_prepare(facility *at, const cli_command *command);
/* The context, if it is not there yet. */
MNSEC_MUST_USE mnsec_status facility_open(facility *at, const cli_command *command);
/* The context and the session, if they are not there yet: --card, --as. */
MNSEC_MUST_USE mnsec_status facility_log_in(facility *at, const cli_command *command);
/* The department of --department, or the only one, else one that a person chooses. Needs
 * facility_open(). Says what is wrong. */
MNSEC_MUST_USE mnsec_status facility_department(facility *at, const cli_command *command,
                                                mnsec_id *out_department);
/* All of them, in the library's order. Needs facility_open(). */
MNSEC_MUST_USE mnsec_status facility_departments_read(facility *at,
                                                      facility_departments *out_departments);
/* Name of one of them; "-" where it is not there. */
const char *facility_departments_name(const facility_departments *departments, const mnsec_id *id);
/* Log in, and unlock the department, if it is not. */
MNSEC_MUST_USE mnsec_status facility_unlock(facility *at, const cli_command *command,
                                            mnsec_id *out_department);
/* The operation password is needed again. */
void facility_forget(facility *at);
/* A person by name or id. Says what is wrong. */
MNSEC_MUST_USE mnsec_status facility_person(facility *at, const char *name, mnsec_id *out_person);
/* Where the facility is, or is to be founded. Says what is wrong. */
MNSEC_MUST_USE mnsec_status facility_path(const facility *at, const cli_command *command,
                                          char out_path[PATH_MAX]);
/* Log out, close. */
void facility_wipe(facility *at);

/* The program of the card worker in the tree that this program belongs to; false where there is
 * none, and the library's own default holds. */
bool facility_worker(char out_path[PATH_MAX]);

#endif
