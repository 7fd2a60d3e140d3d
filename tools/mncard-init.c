/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-init: found a facility. Everything that founding does is in the library; here the options
 * become its arguments, the risks are shown in words (common/prompt.c), and the founding slip is
 * written (report/slip.c). Repeating the same command resumes a founding that was interrupted.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "exit.h"
#include "facility.h"
#include "print.h"
#include "report/slip.h"
#include "words.h"

#define DEPARTMENTS_MAX 20
#define FOUNDERS_MAX    8

/* The options, and what they point to. */
typedef struct plan {
    mnsec_founding_options founding;
    const char *departments[DEPARTMENTS_MAX];
    mnsec_founder founders[FOUNDERS_MAX];
    char *founder_texts[FOUNDERS_MAX]; /* "NAME" NUL "CARD" */
    char host[HOST_NAME_MAX + 1];
} plan;

static const cli_option options[] = {
    {"name", "TEXT", NULL, N_("name of the facility")},
    {"department", "TEXT", NULL, N_("a department; may be repeated")},
    {"founder", "NAME[=CARD]", NULL,
     N_("a first responsible person, and the label of the card; two or more are right")},
    {"token", "URI", NULL, N_("PKCS#11 URI, with module-path, of a blank facility token")},
    {"spare", "URI", NULL, N_("PKCS#11 URI of a blank spare token, for the safe")},
    {"card-module", "PATH", NULL, N_("PKCS#11 module of the staff's cards")},
    {"workstation-name", "TEXT", NULL, N_("name of this workstation; else the host's name")},
    {"slip", "FILE", NULL, N_("where the founding slip is written; else founding-slip.txt")},
    {"papers", "DIR", NULL,
     N_("write what is otherwise shown once (SO PIN, spare's PIN, shares) to files in DIR")},
    {"head-file", "FILE", NULL, N_("where this workstation remembers the last head of the log")},
    {"no-calibration", NULL, NULL, N_("passwords at their least cost, for a trial")},
    {0},
};

static const print_column columns[] = {
    {"name", N_("FACILITY"), PRINT_TEXT},
    {"folder", N_("FOLDER"), PRINT_TEXT},
    {"origin", N_("ORIGIN"), PRINT_TEXT},
    {"founding_hash", N_("FOUNDING HASH"), PRINT_TEXT},
    {"audit_fingerprint", N_("AUDIT CERTIFICATE"), PRINT_TEXT},
    {"slip", N_("SLIP"), PRINT_TEXT},
};

static void plan_wipe(plan *p)
{
    for (size_t i = 0; i < FOUNDERS_MAX; i++) {
        free(p->founder_texts[i]);
    }
}

/* The value, which must have been given. */
static mnsec_status need(const cli_command *command, const char *name, const char **out_value)
{
    *out_value = cli_get(command, name);
    return *out_value != NULL ? MNSEC_OK : cli_refuse(command, _("--%s is missing"), name);
}

static mnsec_status add_founder(plan *p, const char *text)
{
    const size_t n = p->founding.founder_count;
    char *copy = strdup(text);
    if (copy == NULL) {
        return MNSEC_E_INTERNAL_MEMORY;
    }
    p->founder_texts[n] = copy;
    char *equals = strchr(copy, '=');
    if (equals != NULL) {
        *equals = '\0';
    }
    p->founders[n] = (mnsec_founder){.name = copy, .card = equals != NULL ? equals + 1 : NULL};
    p->founding.founder_count++;
    return MNSEC_OK;
}

static mnsec_status plan_people(const cli_command *command, plan *p)
{
    const char *text = NULL;
    for (size_t i = 0; (text = cli_get_at(command, "department", i)) != NULL; i++) {
        if (i == DEPARTMENTS_MAX) {
            return cli_refuse(command, _("at most %d departments"), DEPARTMENTS_MAX);
        }
        p->departments[p->founding.department_count++] = text;
    }
    for (size_t i = 0; (text = cli_get_at(command, "founder", i)) != NULL; i++) {
        if (i == FOUNDERS_MAX) {
            return cli_refuse(command, _("at most %d founders"), FOUNDERS_MAX);
        }
        MN_TRY(add_founder(p, text));
    }
    MN_TRY(need(command, "department", &text));
    return need(command, "founder", &text);
}

static mnsec_status plan_read(const cli_command *command, plan *p)
{
    const char *given = cli_get(command, "workstation-name");
    p->founding = (mnsec_founding_options)MNSEC_FOUNDING_OPTIONS_INIT;
    MN_TRY(need(command, "name", &p->founding.name));
    MN_TRY(plan_people(command, p));
    MN_TRY(need(command, "token", &p->founding.token_uri));
    MN_TRY(need(command, "card-module", &p->founding.card_module));
    p->founding.departments = p->departments;
    p->founding.founders = p->founders;
    p->founding.spare_uri = cli_get(command, "spare");
    p->founding.workstation_name =
        given != NULL || gethostname(p->host, sizeof(p->host)) != 0 ? given : p->host;
    p->founding.head_file = cli_get(command, "head-file");
    p->founding.argon2_floor = cli_has(command, "no-calibration");
    return MNSEC_OK;
}

/* The folders above a file or folder that is to be made. */
static mnsec_status make_parents(const char *path)
{
    char parent[PATH_MAX];
    (void)snprintf(parent, sizeof(parent), "%s", path);
    for (char *slash = strchr(parent + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(parent, 0700) != 0 && errno != EEXIST) {
            return exit_refuse(MNSEC_E_STORE, _("%s cannot be made: %s"), parent, strerror(errno));
        }
        *slash = '/';
    }
    return MNSEC_OK;
}

static mnsec_status make_folders(const cli_command *command, const facility *at)
{
    char folder[PATH_MAX];
    const char *workstation = cli_get(command, "workstation");
    const char *papers = cli_get(command, "papers");
    MN_TRY(facility_path(at, command, folder));
    MN_TRY(make_parents(folder));
    if (workstation != NULL) {
        MN_TRY(make_parents(workstation));
    }
    if (papers != NULL && mkdir(papers, 0700) != 0 && errno != EEXIST) {
        return exit_refuse(MNSEC_E_STORE, _("%s cannot be made: %s"), papers, strerror(errno));
    }
    return MNSEC_OK;
}

static mnsec_status show(const cli_command *command, const facility *at,
                         const mnsec_founding_slip *values, const char *slip_file)
{
    MN_AUTO(print_table) table = {0};
    char folder[PATH_MAX];
    MN_TRY(facility_path(at, command, folder));
    MN_TRY(print_table_init(&table, columns, COUNT_OF(columns)));
    MN_TRY(print_table_add(
        &table, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "name", cli_get(command, "name"), "folder",
                          folder, "origin", values->origin, "founding_hash", values->founding_hash,
                          "audit_fingerprint", values->audit_fingerprint, "slip", slip_file)));
    return print_table_show(&table, cli_has(command, "json"));
}

static mnsec_status run_init(const cli_command *command, facility *at)
{
    MN_AUTO(plan) p = {0};
    mnsec_founding_slip values;
    const char *given = cli_get(command, "slip");
    const char *slip_file = given != NULL ? given : "founding-slip.txt";

    at->is_new = true;
    MN_TRY(plan_read(command, &p));
    MN_TRY(facility_prepare(at, command));
    MN_TRY(make_folders(command, at));
    at->prompt.papers = cli_get(command, "papers");
    MN_TRY(facility_open(at, command));
    const mnsec_status status = mnsec_facility_found(at->context, &p.founding, &values);
    if (status == MNSEC_E_STATE_CANCELLED) {
        const mnsec_status said = exit_refuse(status, "%s", _("the founding was broken off"));
        exit_hint("%s", _("the same command goes on where this one stopped"));
        return said;
    }
    MN_TRY(status);

    const slip page = {.values = &values, .founding = &p.founding, .founded_at = time(NULL)};
    MN_TRY(slip_write(&page, slip_file));
    exit_say(_("print and sign %s, and file it"), slip_file);
    return show(command, at, &values, slip_file);
}

static const cli_verb verbs[] = {
    {"", "", N_("found a facility"), .run = run_init},
    {0},
};

const cli_tool mncard_init = {
    .name = "mncard-init",
    .summary = N_("found a facility: token, first responsible persons, departments"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_SECRETS | CLI_YES | CLI_JSON,
};
