/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-status: how things stand, as a table of findings. Looks only, needs no card, changes
 * nothing. Exit code: 0 when nothing is bad, else the class of what is (see the table of areas).
 */
#include <string.h>

#include "cli.h"
#include "exit.h"
#include "facility.h"
#include "mnsec/health.h"
#include "print.h"
#include "words.h"

static const cli_option options[] = {
    {"check", NULL, NULL, N_("deeper: every page of the store, every line of the log")},
    {0},
};

static const print_column columns[] = {
    {"level", N_("STATE"), PRINT_WORD},     {"area", N_("AREA"), PRINT_WORD},
    {"subject", N_("WHAT"), PRINT_TEXT},    {"value", N_("VALUE"), PRINT_TEXT},
    {"text", N_("FINDING"), PRINT_PHRASE},  {"code", N_("CODE"), PRINT_HIDDEN},
    {"advice", N_("ADVICE"), PRINT_HIDDEN},
};

static const char *const levels[] = {
    [MNSEC_HEALTH_OK] = N_("ok"),
    [MNSEC_HEALTH_INFO] = N_("info"),
    [MNSEC_HEALTH_ATTENTION] = N_("attention"),
    [MNSEC_HEALTH_BAD] = N_("bad"),
};

/* Which status a bad finding of an area ends with; what is not here, with INTEGRITY. */
static const struct {
    const char *area;
    mnsec_status status;
} areas[] = {
    {N_("reader"), MNSEC_E_CARD_ABSENT},
    {N_("card"), MNSEC_E_CARD_UNSUITABLE},
    {N_("token"), MNSEC_E_TOKEN_FAULT},
    {N_("spare"), MNSEC_E_TOKEN_FAULT},
    {N_("store"), MNSEC_E_STORE},
    {N_("staff"), MNSEC_E_STATE_CHANGED},
    {N_("workstation"), MNSEC_E_INTEGRITY_PIN},
    {N_("log"), MNSEC_E_INTEGRITY_LOG},
    {N_("authority"), MNSEC_E_INTEGRITY_AUTHORITY},
};

typedef struct findings {
    print_table table;
    mnsec_status worst;  /* of the bad ones, the highest class */
    mnsec_status failed; /* while collecting */
} findings;

static void findings_wipe(findings *f)
{
    print_table_wipe(&f->table);
}

static mnsec_status status_of_area(const char *area)
{
    for (size_t i = 0; i < COUNT_OF(areas); i++) {
        if (strcmp(areas[i].area, area) == 0) {
            return areas[i].status;
        }
    }
    return MNSEC_E_INTEGRITY;
}

static int see(void *user, const mnsec_health_finding *finding)
{
    findings *f = user;
    const bool known = (size_t)finding->level < COUNT_OF(levels);
    const mnsec_health_level level = known ? finding->level : MNSEC_HEALTH_BAD;
    const mnsec_status status = status_of_area(finding->area);
    if (level == MNSEC_HEALTH_BAD && status > f->worst) {
        f->worst = status;
    }
    f->failed = print_table_add(&f->table, json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s,s:s?}", "level",
                                                     levels[level], "area", finding->area, "code",
                                                     finding->code, "subject", finding->subject,
                                                     "value", finding->value, "text", finding->text,
                                                     "advice", finding->advice));
    return f->failed != MNSEC_OK;
}

/* What to do, once for each piece of advice. */
static void advise(const print_table *table)
{
    const char *former = "";
    size_t i;
    json_t *row;
    json_array_foreach(table->rows, i, row)
    {
        const char *advice = json_string_value(json_object_get(row, "advice"));
        if (advice != NULL && strcmp(advice, former) != 0) {
            exit_hint("%s", _(advice));
            former = advice;
        }
    }
}

static mnsec_status run_status(const cli_command *command, facility *at)
{
    MN_AUTO(findings) f = {0};
    const bool json = cli_has(command, "json");
    MN_TRY(print_table_init(&f.table, columns, COUNT_OF(columns)));
    MN_TRY(facility_open(at, command));
    MN_TRY(mnsec_health_read(at->context, cli_has(command, "check"), see, &f));
    MN_TRY(f.failed);
    MN_TRY(print_table_list(&f.table, json));
    if (!json) {
        advise(&f.table);
    }
    return f.worst == MNSEC_OK ? MNSEC_OK
                               : exit_refuse(f.worst, "%s", _("something is bad, see above"));
}

static const cli_verb verbs[] = {
    {"", "", N_("show how things stand"), .run = run_status},
    {0},
};

const cli_tool mncard_status = {
    .name = "mncard-status",
    .summary = N_("show how things stand: readers, cards, token, store, log"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_JSON,
};
