/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-staff: who works with numbers, with which card, and what each may do. Every change is a
 * statement signed by a responsible person's card; this file only turns words into its arguments.
 */
#include <string.h>
#include <time.h>

#include "cli.h"
#include "exit.h"
#include "facility.h"
#include "names.h"
#include "print.h"
#include "words.h"

#define ACTIONS_BYTES 512

/* What a handler is granted when no --action says otherwise. */
#define HANDLER_ACTIONS                                                                            \
    "record.register record.import record.list record.show record.search record.change"

static const cli_option options[] = {
    {"role", "ROLE", "enrol", N_("responsible, handler (default), auditor or unattended")},
    {"new-card", "CARD", "enrol", N_("label or hash of the new card; else it is asked for")},
    {"second", "CARD", "enrol withdraw grant", N_("card of the second responsible person")},
    {"all", NULL, "list", N_("people who were withdrawn too")},
    {"department", "NAME", "grant", N_("the department; else the only one")},
    {"action", "ACTION", "grant",
     N_("what is granted, such as record.show; may be repeated; else all a handler needs")},
    {"document", "CODE", "grant", N_("only for this document kind; else for all")},
    {"from", "DAY", "grant", N_("valid from this day; else at once")},
    {"until", "DAY", "enrol grant", N_("valid up to and with this day; else without end")},
    {"grant", "ID", "withdraw", N_("only this grant, not the person")},
    {"reason", "TEXT", "withdraw", N_("why; stays in the log")},
    {0},
};

static const print_column person_columns[] = {
    {"id", N_("ID"), PRINT_SPARE},
    {"name", N_("NAME"), PRINT_TEXT},
    {"role", N_("ROLE"), PRINT_WORD},
    {"enrolled_at", N_("ENROLLED"), PRINT_DAY},
    {"valid_until", N_("UNTIL"), PRINT_UNTIL},
    {"withdrawn", N_("WITHDRAWN"), PRINT_FLAG},
    {"card_method", N_("CARD"), PRINT_WORD},
    {"card_hash", N_("CARD HASH"), PRINT_HIDDEN},
};

static const print_column grant_columns[] = {
    {"id", N_("GRANT"), PRINT_WHOLE},           {"department", N_("DEPARTMENT"), PRINT_TEXT},
    {"actions", N_("ACTIONS"), PRINT_TEXT},     {"document", N_("DOCUMENT"), PRINT_TEXT},
    {"valid_from", N_("FROM"), PRINT_DAY},      {"valid_until", N_("UNTIL"), PRINT_UNTIL},
    {"withdrawn", N_("WITHDRAWN"), PRINT_FLAG},
};

/* What a list is being collected into. */
typedef struct collector {
    print_table table;
    facility_departments departments;
    const mnsec_id *only; /* this person; NULL = everybody */
    bool with_withdrawn;
    mnsec_status failed;
} collector;

static void collector_wipe(collector *c)
{
    print_table_wipe(&c->table);
}

static int see_person(void *user, const mnsec_person *person)
{
    collector *c = user;
    char id[MNSEC_ID_TEXT_BYTES];
    if ((c->only != NULL && !mnsec_id_equal(c->only, &person->id)) ||
        (person->withdrawn && !c->with_withdrawn)) {
        return 0;
    }
    mnsec_id_format(&person->id, id);
    c->failed = print_table_add(
        &c->table,
        json_pack("{s:s,s:s,s:s,s:I,s:I,s:b,s:s?,s:s?}", "id", id, "name", person->name, "role",
                  names_role(person->role), "enrolled_at", (json_int_t)person->enrolled_at,
                  "valid_until", (json_int_t)person->valid_until, "withdrawn", person->withdrawn,
                  "card_method", person->card_method, "card_hash", person->card_hash));
    return c->failed != MNSEC_OK;
}

static int see_grant(void *user, const mnsec_grant *grant)
{
    collector *c = user;
    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&grant->id, id);
    c->failed = print_table_add(
        &c->table, json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:b}", "id", id, "department",
                             facility_departments_name(&c->departments, &grant->department),
                             "actions", grant->actions, "document", grant->document, "valid_from",
                             (json_int_t)grant->valid_from, "valid_until",
                             (json_int_t)grant->valid_until, "withdrawn", grant->withdrawn));
    return c->failed != MNSEC_OK;
}

static mnsec_status collect_people(collector *c, const facility *at)
{
    MN_TRY(print_table_init(&c->table, person_columns, COUNT_OF(person_columns)));
    MN_TRY(mnsec_staff_list(at->context, see_person, c));
    return c->failed;
}

static mnsec_status collect_grants(collector *c, facility *at)
{
    MN_TRY(print_table_init(&c->table, grant_columns, COUNT_OF(grant_columns)));
    MN_TRY(facility_departments_read(at, &c->departments));
    MN_TRY(mnsec_grant_list(at->context, c->only, see_grant, c));
    return c->failed;
}

/* The --action values, separated by spaces. */
static mnsec_status read_actions(const cli_command *command, char out_actions[ACTIONS_BYTES])
{
    size_t used = 0;
    const char *action = NULL;
    if (!cli_has(command, "action")) {
        (void)snprintf(out_actions, ACTIONS_BYTES, "%s", HANDLER_ACTIONS);
        return MNSEC_OK;
    }
    for (size_t i = 0; (action = cli_get_at(command, "action", i)) != NULL; i++) {
        const int len =
            snprintf(out_actions + used, ACTIONS_BYTES - used, "%s%s", i > 0 ? " " : "", action);
        if (len < 0 || (size_t)len >= ACTIONS_BYTES - used) {
            return cli_refuse(command, _("too many actions"));
        }
        used += (size_t)len;
    }
    return MNSEC_OK;
}

/* --until; a day that is over is a slip of the pen, most often in the year. */
static mnsec_status read_until(const cli_command *command, int64_t *out_seconds)
{
    MN_TRY(cli_get_day(command, "until", true, out_seconds));
    return *out_seconds != 0 && *out_seconds <= (int64_t)time(NULL)
               ? cli_refuse(command, _("--%s is a day that is over"), "until")
               : MNSEC_OK;
}

static mnsec_status run_enrol(const cli_command *command, facility *at)
{
    mnsec_enrolment_options enrolment = MNSEC_ENROLMENT_OPTIONS_INIT;
    const char *role = cli_get(command, "role");
    mnsec_id person;
    enrolment.name = cli_operand(command, 0);
    enrolment.card = cli_get(command, "new-card");
    enrolment.second = cli_get(command, "second");
    if (!names_role_parse(role != NULL ? role : "handler", &enrolment.role)) {
        return cli_refuse(command, _("no role \"%s\""), role);
    }
    MN_TRY(read_until(command, &enrolment.valid_until));
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_staff_enrol(at->session, &enrolment, &person));
    if (!cli_has(command, "json")) {
        exit_say(_("enrolled: %s"), enrolment.name);
    }
    if (enrolment.role == MNSEC_ROLE_HANDLER) {
        exit_hint(_("a handler may do nothing yet: mncard-staff grant %s --department ..."),
                  enrolment.name);
    }
    return print_id(&person, cli_has(command, "json"));
}

static mnsec_status run_list(const cli_command *command, facility *at)
{
    MN_AUTO(collector) people = {.with_withdrawn = cli_has(command, "all")};
    MN_TRY(facility_open(at, command));
    MN_TRY(collect_people(&people, at));
    static const char *const order[] = {"name"};
    MN_TRY(print_table_sort(&people.table, order, COUNT_OF(order), "id"));
    return print_table_list(&people.table, cli_has(command, "json"));
}

/* In JSON the grants are a member of the person. */
static mnsec_status show_json(const collector *person, const collector *grants)
{
    json_t *object = print_table_row_json(&person->table, 0);
    json_t *list = print_table_json(&grants->table);
    const bool joined = object != NULL && json_object_set_new(object, "grants", list) == 0;
    const mnsec_status status = joined ? print_json(object) : MNSEC_E_INTERNAL_MEMORY;
    json_decref(object);
    return status;
}

static mnsec_status run_show(const cli_command *command, facility *at)
{
    mnsec_id id;
    MN_TRY(facility_open(at, command));
    MN_TRY(facility_person(at, cli_operand(command, 0), &id));
    MN_AUTO(collector) person = {.only = &id, .with_withdrawn = true};
    MN_AUTO(collector) grants = {.only = &id};
    MN_TRY(collect_people(&person, at));
    MN_TRY(collect_grants(&grants, at));
    if (print_table_rows(&person.table) != 1) {
        return MNSEC_E_STATE_NOT_FOUND;
    }
    if (cli_has(command, "json")) {
        return show_json(&person, &grants);
    }
    MN_TRY(print_table_show(&person.table, false));
    putchar('\n');
    return print_table_list(&grants.table, false);
}

static mnsec_status run_grant(const cli_command *command, facility *at)
{
    char actions[ACTIONS_BYTES];
    const char *document = cli_get(command, "document");
    mnsec_grant grant = {.actions = actions, .document = document != NULL ? document : "*"};
    mnsec_id made;
    MN_TRY(read_actions(command, actions));
    MN_TRY(cli_get_day(command, "from", false, &grant.valid_from));
    MN_TRY(read_until(command, &grant.valid_until));
    MN_TRY(facility_open(at, command));
    MN_TRY(facility_person(at, cli_operand(command, 0), &grant.person));
    MN_TRY(facility_department(at, command, &grant.department));
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_grant_give(at->session, &grant, cli_get(command, "second"), &made));
    if (!cli_has(command, "json")) {
        exit_say(_("granted to %s"), cli_operand(command, 0));
    }
    return print_id(&made, cli_has(command, "json"));
}

static mnsec_status withdraw_grant(const cli_command *command, facility *at, const char *text,
                                   const char *reason)
{
    mnsec_id id;
    if (mnsec_id_parse(text, &id) != MNSEC_OK) {
        return cli_refuse(command, _("--grant wants the id of a grant"));
    }
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_grant_withdraw(at->session, &id, reason));
    exit_say("%s", _("the grant is withdrawn"));
    return MNSEC_OK;
}

static mnsec_status withdraw_person(const cli_command *command, facility *at, const char *name,
                                    const char *reason)
{
    char question[PROMPT_LINE_BYTES];
    mnsec_id id;
    MN_TRY(facility_open(at, command));
    MN_TRY(facility_person(at, name, &id));
    (void)snprintf(question, sizeof(question), _("Withdraw %s? The card will open nothing again."),
                   name);
    if (cli_get(command, "yes") == NULL) {
        MN_TRY(prompt_confirm(&at->prompt, question));
    }
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_staff_withdraw(at->session, &id, reason, cli_get(command, "second")));
    exit_say("%s", _("withdrawn; the departments now need a new operation password"));
    exit_hint("%s", _("mncard-password operation, for each department"));
    return MNSEC_OK;
}

static mnsec_status run_withdraw(const cli_command *command, facility *at)
{
    const char *grant = cli_get(command, "grant");
    const char *person = cli_operand(command, 0);
    const char *reason = cli_get(command, "reason");
    if ((grant == NULL) == (person == NULL)) {
        return cli_refuse(command, _("either a person or --grant is expected"));
    }
    if (reason == NULL) {
        return cli_refuse(command, _("--%s is missing"), "reason");
    }
    return grant != NULL ? withdraw_grant(command, at, grant, reason)
                         : withdraw_person(command, at, person, reason);
}

static const cli_verb verbs[] = {
    {"enrol", "NAME", N_("enrol a person with a card"), .run = run_enrol},
    {"list", "", N_("list the people"), .run = run_list},
    {"show", "PERSON", N_("show a person and the person's grants"), .run = run_show},
    {"grant", "PERSON", N_("grant a person something in a department"), .run = run_grant},
    {"withdraw", "[PERSON]", N_("withdraw a person, or with --grant a grant"), .run = run_withdraw},
    {0},
};

const cli_tool mncard_staff = {
    .name = "mncard-staff",
    .summary = N_("people, their cards and what each may do"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_LOGIN | CLI_SECRETS | CLI_YES | CLI_JSON,
};
