/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the command line to a context and a session.
 */
#include "facility.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exit.h"
#include "line.h"
#include "process.h"
#include "progress.h"
#include "words.h"

static bool join(char out_path[PATH_MAX], const char *folder, const char *name)
{
    const int len = snprintf(out_path, PATH_MAX, "%s/%s", folder, name);
    return len > 0 && len < PATH_MAX;
}

/* The folder where a user's own facilities are. */
static bool home_of_facilities(char out_path[PATH_MAX])
{
    const char *data = getenv("XDG_DATA_HOME");
    if (data != NULL && data[0] == '/') {
        return join(out_path, data, "mnsec");
    }
    const char *home = getenv("HOME");
    return home != NULL && home[0] == '/' && join(out_path, home, ".local/share/mnsec");
}

/* Number of folders in home; the path of the last one seen. */
static size_t count_folders(const char *home, char out_path[PATH_MAX])
{
    DIR *directory = opendir(home);
    size_t count = 0;
    if (directory == NULL) {
        return 0;
    }
    for (const struct dirent *entry = readdir(directory); entry != NULL;
         entry = readdir(directory)) {
        char path[PATH_MAX];
        struct stat about;
        if (entry->d_name[0] != '.' && join(path, home, entry->d_name) && stat(path, &about) == 0 &&
            S_ISDIR(about.st_mode)) {
            count++;
            (void)snprintf(out_path, PATH_MAX, "%s", path);
        }
    }
    (void)closedir(directory);
    return count;
}

static mnsec_status take_path(const char *path, char out_path[PATH_MAX])
{
    if (path[0] == '\0' || strlen(path) >= PATH_MAX) {
        return exit_refuse(MNSEC_E_USAGE, _("the facility's path is empty or too long"));
    }
    (void)snprintf(out_path, PATH_MAX, "%s", path);
    return MNSEC_OK;
}

static mnsec_status only_folder(bool is_new, char out_path[PATH_MAX])
{
    char home[PATH_MAX];
    const bool has_home = home_of_facilities(home);
    const size_t count = has_home ? count_folders(home, out_path) : 0;
    if (count == 1) {
        return MNSEC_OK;
    }
    if (count == 0 && is_new && has_home && join(out_path, home, "facility")) {
        return MNSEC_OK;
    }
    const mnsec_status status =
        count > 1 ? exit_refuse(MNSEC_E_USAGE, _("which facility? there are several in %s"), home)
                  : exit_refuse(MNSEC_E_USAGE, _("which facility? none is named"));
    exit_hint("%s", _("name its folder: --facility DIR, or MNSEC_FACILITY"));
    return status;
}

static int see_department(void *user, const mnsec_department *department)
{
    facility_departments *all = user;
    if (all->count == FACILITY_DEPARTMENTS_MAX) {
        return 1;
    }
    all->items[all->count].id = department->id;
    (void)snprintf(all->items[all->count].name, sizeof(all->items[all->count].name), "%s",
                   department->name);
    all->count++;
    return 0;
}

/* Which of all departments one person may work in. */
typedef struct granted {
    const facility_departments *all;
    bool is_mine[FACILITY_DEPARTMENTS_MAX];
} granted;

static int see_grant(void *user, const mnsec_grant *grant)
{
    granted *g = user;
    for (size_t i = 0; i < g->all->count && grant->withdrawn == 0; i++) {
        g->is_mine[i] = g->is_mine[i] || mnsec_id_equal(&g->all->items[i].id, &grant->department);
    }
    return 0;
}

/* The departments a person can be offered: those with a grant; to a responsible person, and before
 * anybody has logged in, all of them. */
static mnsec_status offered_departments(facility *at, facility_departments *out_offered)
{
    facility_departments all;
    MN_TRY(facility_departments_read(at, &all));
    *out_offered = all;
    if (at->session == NULL) {
        return MNSEC_OK;
    }
    const mnsec_session_info info = mnsec_session_get_info(at->session);
    if (info.role == MNSEC_ROLE_RESPONSIBLE) {
        return MNSEC_OK;
    }
    granted g = {.all = &all};
    MN_TRY(mnsec_grant_list(at->context, &info.person, see_grant, &g));
    out_offered->count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (g.is_mine[i]) {
            out_offered->items[out_offered->count++] = all.items[i];
        }
    }
    if (out_offered->count == 0) {
        const mnsec_status status =
            exit_refuse(MNSEC_E_DENIED, _("you have no grant in any department"));
        exit_hint("%s", _("a responsible person can grant it: mncard-staff grant"));
        return status;
    }
    return MNSEC_OK;
}

/* By number; asked again until it is one of them. */
static mnsec_status choose_department(facility *at, const facility_departments *all,
                                      mnsec_id *out_department)
{
    char question[FACILITY_DEPARTMENTS_MAX * (sizeof(all->items[0].name) + 8)];
    char line[PROMPT_LINE_BYTES];
    size_t len = 0;
    unsigned number = 0;
    for (size_t i = 0; i < all->count; i++) {
        len += (size_t)snprintf(question + len, sizeof(question) - len, "%3zu  %s\n", i + 1,
                                all->items[i].name);
    }
    (void)snprintf(question + len, sizeof(question) - len, "%s", _("Which department (number)?"));
    MN_TRY(prompt_line(&at->prompt, question, line));
    while (!line_choice(line, &number) || number < 1 || number > all->count) {
        exit_say(_("type a number from 1 to %zu"), all->count);
        MN_TRY(prompt_line(&at->prompt, question, line));
    }
    *out_department = all->items[number - 1].id;
    return MNSEC_OK;
}

mnsec_status facility_path(const facility *at, const cli_command *command, char out_path[PATH_MAX])
{
    const char *given = cli_get(command, "facility");
    if (given != NULL) {
        return take_path(given, out_path);
    }
    const char *environment = getenv("MNSEC_FACILITY");
    if (environment != NULL && environment[0] != '\0') {
        return take_path(environment, out_path);
    }
    return only_folder(at->is_new, out_path);
}

bool facility_worker(char out_path[PATH_MAX])
{
    return process_beside(TOOLS_WORKER, out_path, PATH_MAX) && access(out_path, X_OK) == 0;
}

mnsec_status facility_prepare(facility *at, const cli_command *command)
{
    if (at->is_prepared) {
        return MNSEC_OK;
    }
    MN_TRY(
        prompt_init(&at->prompt, cli_get(command, "secrets-fd"), cli_get(command, "yes") != NULL));
    at->is_prepared = true;
    return MNSEC_OK;
}

mnsec_status facility_open(facility *at, const cli_command *command)
{
    if (at->context != NULL) {
        return MNSEC_OK;
    }
    char path[PATH_MAX];
    char worker[PATH_MAX];
    MN_TRY(facility_prepare(at, command));
    MN_TRY(facility_path(at, command, path));
    const char *workstation = cli_get(command, "workstation");
    mnsec_context_options options = MNSEC_CONTEXT_OPTIONS_INIT;
    options.facility = path;
    options.workstation = workstation != NULL ? workstation : getenv("MNSEC_WORKSTATION");
    options.card_worker = facility_worker(worker) ? worker : NULL;
    options.secret = prompt_secret;
    options.secret_user = &at->prompt;
    options.notice = prompt_notice;
    options.notice_user = &at->prompt;
    options.progress = progress_tell;
    return mnsec_context_new(&options, &at->context);
}

mnsec_status facility_log_in(facility *at, const cli_command *command)
{
    MN_TRY(facility_open(at, command));
    if (at->session != NULL) {
        return MNSEC_OK;
    }
    mnsec_session_options options = MNSEC_SESSION_OPTIONS_INIT;
    options.card = cli_get(command, "card");
    options.person = cli_get(command, "as");
    options.idle_seconds = at->idle_seconds;
    return mnsec_session_open(at->context, &options, &at->session);
}

mnsec_status facility_department(facility *at, const cli_command *command, mnsec_id *out_department)
{
    const char *given = cli_get(command, "department");
    const char *name = given != NULL ? given : at->department;
    if (name != NULL) {
        const mnsec_status status = mnsec_department_find(at->context, name, out_department);
        return status == MNSEC_E_STATE_NOT_FOUND
                   ? exit_refuse(status, _("no department \"%s\""), name)
                   : status;
    }
    facility_departments all;
    MN_TRY(offered_departments(at, &all));
    if (all.count == 1) {
        *out_department = all.items[0].id;
        return MNSEC_OK;
    }
    if ((at->prompt.has_answers && !at->prompt.from_input) || !prompt_can_ask(&at->prompt)) {
        return cli_refuse(command, _("which department? name it with --department"));
    }
    return choose_department(at, &all, out_department);
}

mnsec_status facility_departments_read(facility *at, facility_departments *out_departments)
{
    *out_departments = (facility_departments){0};
    return mnsec_department_list(at->context, see_department, out_departments);
}

const char *facility_departments_name(const facility_departments *departments, const mnsec_id *id)
{
    for (size_t i = 0; i < departments->count; i++) {
        if (mnsec_id_equal(&departments->items[i].id, id)) {
            return departments->items[i].name;
        }
    }
    return "-";
}

mnsec_status facility_unlock(facility *at, const cli_command *command, mnsec_id *out_department)
{
    MN_TRY(facility_log_in(at, command));
    mnsec_id department;
    MN_TRY(facility_department(at, command, &department));
    if (!at->is_unlocked || !mnsec_id_equal(&at->unlocked, &department)) {
        MN_TRY(mnsec_session_unlock(at->session, &department));
        at->is_unlocked = true;
        at->unlocked = department;
    }
    *out_department = department;
    return MNSEC_OK;
}

void facility_forget(facility *at)
{
    at->is_unlocked = false;
}

mnsec_status facility_person(facility *at, const char *name, mnsec_id *out_person)
{
    const mnsec_status status = mnsec_staff_find(at->context, name, out_person);
    if (status == MNSEC_E_STATE_NOT_FOUND) {
        return exit_refuse(status, _("nobody is called \"%s\""), name);
    }
    if (status == MNSEC_E_STATE_CONFLICT) {
        return exit_refuse(status, _("several people are called \"%s\": use the id"), name);
    }
    return status;
}

void facility_wipe(facility *at)
{
    mnsec_session_close(at->session);
    mnsec_context_free(at->context);
    prompt_wipe(&at->prompt);
    *at = (facility){0};
}
