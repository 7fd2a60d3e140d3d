/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-log: read the log, and export it for an outside auditor. Reading is itself an act that the
 * log records.
 */
#include <string.h>

#include "cli.h"
#include "exit.h"
#include "facility.h"
#include "mnsec/audit.h"
#include "print.h"
#include "words.h"

#define LIMIT_MAX 1000000000U

static const cli_option options[] = {
    {"from", "DAY", "show", N_("from this day on")},
    {"until", "DAY", "show", N_("up to and with this day")},
    {"event", "EVENT", "show", N_("this event, such as record.show, or a noun: record.*")},
    {"person", "PERSON", "show", N_("acts of this person")},
    {"department", "NAME", "show", N_("acts in this department")},
    {"record", "ID", "show", N_("acts on this record")},
    {"failures", NULL, "show", N_("only what was refused or failed")},
    {"limit", "N", "show", N_("the newest N; else 100; 0 = all")},
    {0},
};

static const print_column columns[] = {
    {"index", N_("ENTRY"), PRINT_COUNT},
    {"time", N_("TIME"), PRINT_TIME},
    {"event", N_("EVENT"), PRINT_WORD},
    {"result", N_("RESULT"), PRINT_WORD},
    {"person", N_("PERSON"), PRINT_TEXT},
    {"department", N_("DEPARTMENT"), PRINT_TEXT},
    {"record_id", N_("RECORD"), PRINT_SPARE},
    {"document", N_("DOCUMENT"), PRINT_TEXT},
    {"purpose", N_("PURPOSE"), PRINT_TEXT},
    {"reason", N_("REASON"), PRINT_PHRASE},
    {"outcome", N_("OUTCOME"), PRINT_HIDDEN},
    {"auth", N_("SIGNED BY"), PRINT_HIDDEN},
    {"stage", N_("STAGE"), PRINT_HIDDEN},
    {"person_id", N_("PERSON ID"), PRINT_HIDDEN},
    {"department_id", N_("DEPARTMENT ID"), PRINT_HIDDEN},
    {"workstation_id", N_("WORKSTATION ID"), PRINT_HIDDEN},
    {"count", N_("COUNT"), PRINT_HIDDEN},
};

/* Reasons as the library writes them into the log; the column above translates them. */
static const char *const reasons[] __attribute__((unused)) = {
    N_("pin"),          N_("password"),  N_("card"),         N_("token"),
    N_("other-person"), N_("not-valid"), N_("unknown-card"), N_("idle"),
};

/* A filter and what it points to. */
typedef struct query {
    mnsec_audit_filter filter;
    mnsec_id person, department, record;
} query;

typedef struct collector {
    print_table table;
    mnsec_status failed;
} collector;

static void collector_wipe(collector *c)
{
    print_table_wipe(&c->table);
}

static const char *result_of(int outcome)
{
    return outcome == 0 ? N_("done") : outcome == 4 ? N_("refused") : N_("failed");
}

static int see_entry(void *user, const mnsec_audit_entry *entry)
{
    collector *c = user;
    const char *person = entry->person != NULL ? entry->person : entry->person_id;
    json_t *row = json_pack(
        "{s:I,s:I,s:s,s:s,s:i,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:s?,s:I}", "index",
        (json_int_t)entry->index, "time", (json_int_t)entry->time, "event", entry->event, "result",
        result_of(entry->outcome), "outcome", entry->outcome, "person", person, "department",
        entry->department, "record_id", entry->record_id, "document", entry->document, "purpose",
        entry->purpose, "reason", entry->reason, "auth", entry->auth, "stage", entry->stage,
        "person_id", entry->person_id, "department_id", entry->department_id, "workstation_id",
        entry->workstation_id, "count", (json_int_t)entry->count);
    c->failed = print_table_add(&c->table, row);
    return c->failed != MNSEC_OK;
}

static mnsec_status read_names(const cli_command *command, facility *at, query *q)
{
    const char *person = cli_get(command, "person");
    const char *record = cli_get(command, "record");
    if (person != NULL) {
        MN_TRY(facility_person(at, person, &q->person));
        q->filter.person = &q->person;
    }
    if (cli_get(command, "department") != NULL) {
        MN_TRY(facility_department(at, command, &q->department));
        q->filter.department = &q->department;
    }
    if (record != NULL) {
        if (mnsec_id_parse(record, &q->record) != MNSEC_OK) {
            return cli_refuse(command, _("--record wants the id of a record"));
        }
        q->filter.record = &q->record;
    }
    return MNSEC_OK;
}

static mnsec_status run_show(const cli_command *command, facility *at)
{
    query q = {.filter = MNSEC_AUDIT_FILTER_INIT};
    MN_AUTO(collector) entries = {0};
    MN_TRY(cli_get_day(command, "from", false, &q.filter.from));
    MN_TRY(cli_get_day(command, "until", true, &q.filter.until));
    MN_TRY(cli_get_number(command, "limit", LIMIT_MAX, 100, &q.filter.limit));
    q.filter.event = cli_get(command, "event");
    q.filter.failures_only = cli_has(command, "failures");
    MN_TRY(print_table_init(&entries.table, columns, COUNT_OF(columns)));
    MN_TRY(facility_open(at, command));
    MN_TRY(read_names(command, at, &q));
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_audit_list(at->session, &q.filter, see_entry, &entries));
    MN_TRY(entries.failed);
    return print_table_list(&entries.table, cli_has(command, "json"));
}

static mnsec_status run_export(const cli_command *command, facility *at)
{
    const char *directory = cli_operand(command, 0);
    MN_TRY(facility_log_in(at, command));
    MN_TRY(mnsec_audit_export(at->session, directory));
    exit_say(_("exported to %s; it holds no Individual Number"), directory);
    exit_hint(_("mncard-verify %s checks it; README.txt tells how to do it with openssl"),
              directory);
    return MNSEC_OK;
}

static const cli_verb verbs[] = {
    {"show", "", N_("show entries"), .run = run_show},
    {"export", "DIR", N_("export everything, signed, to a new folder"), .run = run_export},
    {0},
};

const cli_tool mncard_log = {
    .name = "mncard-log",
    .summary = N_("read and export the log"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_LOGIN | CLI_SECRETS | CLI_YES | CLI_JSON,
};
