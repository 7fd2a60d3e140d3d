/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-record: register, import, list, show and change records. A number comes in through the
 * prompt, twice, or from a file; it goes out only where --number asks for it, whole, for a stated
 * purpose and document kind, and does not stay on a terminal. Directory data goes in and out
 * freely.
 */
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "documents.h"
#include "era.h"
#include "exit.h"
#include "facility.h"
#include "locked.h"
#include "mnsec/record.h"
#include "names.h"
#include "print.h"
#include "terminal.h"
#include "words.h"

#define SHOWN_SECONDS     30
#define SHOWN_SECONDS_MAX 600
#define CODES_BYTES       512
#define NUMBER_TRIES      3

#define FIELDS            "register change"

static const cli_option options[] = {
    {"department", "NAME", NULL, N_("the department; else the only one")},
    {"kind", "KIND", "register", N_("employee (default), dependant or payee")},
    {"name", "TEXT", "change", N_("the new name")},
    {"code", "TEXT", FIELDS, N_("employee or payee code")},
    {"kana", "TEXT", FIELDS, N_("name in kana")},
    {"birth", "DAY", FIELDS, N_("date of birth, such as 1965-03-02 or S40.3.2")},
    {"address", "TEXT", FIELDS, N_("address")},
    {"relation", "TEXT", FIELDS, N_("a dependant's relation")},
    {"of", "ID", "register", N_("record of the employee that a dependant belongs to")},
    {"document", "CODE", "register change show",
     N_("document kind that needs the number; register, change: may be repeated")},
    {"not-provided", "REASON", "register", N_("no number is given, and why")},
    {"verified", "METHOD", FIELDS,
     N_("how identity was verified: card, documents, known, second-time, agent or employee")},
    {"number-doc", "CODE", FIELDS, N_("document that showed the number")},
    {"identity-doc", "CODE", FIELDS, N_("document that showed the person; may be repeated")},
    {"agency-doc", "CODE", FIELDS, N_("proof of agency")},
    {"channel", "CHANNEL", FIELDS, N_("face, post or online")},
    {"verifier", "PERSON", FIELDS, N_("who verified; else you")},
    {"verified-on", "DAY", FIELDS, N_("when; else today")},
    {"notice", "TEXT", FIELDS, N_("version of the notice of purposes that was shown")},
    {"skip-bad", NULL, "import", N_("take the good lines though others are refused")},
    {"dry-run", NULL, "import", N_("only check and report")},
    {"number", NULL, "show change", N_("show: the number too; change: the number")},
    {"purpose", "TEXT", "show", N_("what the number is needed for; stays in the log")},
    {"seconds", "N", "show", N_("how long the number stays on a terminal; else 30")},
    {"reason", "TEXT", "change", N_("why the number changes; stays in the log")},
    {0},
};

static const print_column columns[] = {
    {"id", N_("ID"), PRINT_SPARE},
    {"code", N_("EMPLOYEE CODE"), PRINT_TEXT},
    {"name", N_("NAME"), PRINT_TEXT},
    {"kana", N_("KANA"), PRINT_SPARE},
    {"kind", N_("KIND"), PRINT_WORD},
    {"birth_date", N_("BORN"), PRINT_DATE},
    {"number_state", N_("NUMBER"), PRINT_WORD},
    {"documents", N_("DOCUMENTS"), PRINT_TEXT},
    {"changed_at", N_("CHANGED"), PRINT_SPARE_DAY},
    {"address", N_("ADDRESS"), PRINT_HIDDEN},
    {"relation", N_("RELATION"), PRINT_HIDDEN},
    {"registered_at", N_("REGISTERED"), PRINT_HIDDEN_TIME},
};

/* For one record everything is shown. */
static const print_column full_columns[] = {
    {"id", N_("ID"), PRINT_TEXT},
    {"code", N_("EMPLOYEE CODE"), PRINT_TEXT},
    {"name", N_("NAME"), PRINT_TEXT},
    {"kana", N_("KANA"), PRINT_TEXT},
    {"kind", N_("KIND"), PRINT_WORD},
    {"birth_date", N_("BORN"), PRINT_DATE},
    {"address", N_("ADDRESS"), PRINT_TEXT},
    {"relation", N_("RELATION"), PRINT_TEXT},
    {"number_state", N_("NUMBER"), PRINT_WORD},
    {"not_provided_reason", N_("NOT PROVIDED"), PRINT_TEXT},
    {"documents", N_("DOCUMENTS"), PRINT_TEXT},
    {"verified", N_("VERIFIED BY"), PRINT_WORD},
    {"verified_on", N_("VERIFIED ON"), PRINT_DATE},
    {"registered_at", N_("REGISTERED"), PRINT_TIME},
    {"changed_at", N_("CHANGED"), PRINT_TIME},
};

static const print_column document_columns[] = {
    {"code", N_("CODE"), PRINT_TEXT},           {"employee", N_("EMPLOYEE"), PRINT_FLAG},
    {"dependant", N_("DEPENDANT"), PRINT_FLAG}, {"payee", N_("PAYEE"), PRINT_FLAG},
    {"name", N_("DOCUMENT"), PRINT_PHRASE},
};

typedef struct collector {
    print_table table;
    mnsec_status failed;
} collector;

static void collector_wipe(collector *c)
{
    print_table_wipe(&c->table);
}

/* The one record that a name or code means. */
typedef struct finder {
    const char *wanted;
    char name[CODES_BYTES]; /* of the record; what was wanted where that is an id */
    mnsec_id id;
    size_t count;
    size_t similar; /* records that only contain it */
} finder;

/* What is known of a subject, and the texts that it points to. */
typedef struct form {
    mnsec_subject subject;
    mnsec_id linked;
    char documents[CODES_BYTES];
    char identity_docs[CODES_BYTES];
    char birth_date[11];
    char verified_on[11];
} form;

/* --- reading the command line --------------------------------------------------------------------
 */

/* The values of an option that may be repeated, separated by spaces; *out_text stays NULL where it
 * was not given. */
static mnsec_status read_codes(const cli_command *command, const char *name,
                               char codes[CODES_BYTES], const char **out_text)
{
    const char *code = NULL;
    size_t used = 0;
    for (size_t i = 0; (code = cli_get_at(command, name, i)) != NULL; i++) {
        const int len = snprintf(codes + used, CODES_BYTES - used, "%s%s", i > 0 ? " " : "", code);
        if (len < 0 || (size_t)len >= CODES_BYTES - used) {
            return cli_refuse(command, _("--%s is too long"), name);
        }
        used += (size_t)len;
        *out_text = codes;
    }
    return MNSEC_OK;
}

static mnsec_status read_date(const cli_command *command, const char *name, char iso[11],
                              const char **out_text)
{
    const char *typed = cli_get(command, name);
    if (typed == NULL) {
        return MNSEC_OK;
    }
    if (!era_parse(typed, iso)) {
        return cli_refuse(command, _("--%s wants a day, such as 2026-04-01 or R8.4.1"), name);
    }
    *out_text = iso;
    return MNSEC_OK;
}

static mnsec_status read_verification(const cli_command *command, form *f)
{
    mnsec_verification *verification = &f->subject.verification;
    verification->method = cli_get(command, "verified");
    verification->number_doc = cli_get(command, "number-doc");
    verification->agency_doc = cli_get(command, "agency-doc");
    verification->channel = cli_get(command, "channel");
    verification->verifier = cli_get(command, "verifier");
    verification->notice = cli_get(command, "notice");
    MN_TRY(read_codes(command, "identity-doc", f->identity_docs, &verification->identity_doc));
    return read_date(command, "verified-on", f->verified_on, &verification->date);
}

/* Everything that register and change have in common. */
static mnsec_status read_form(const cli_command *command, form *f)
{
    f->subject = (mnsec_subject)MNSEC_SUBJECT_INIT;
    f->subject.code = cli_get(command, "code");
    f->subject.kana = cli_get(command, "kana");
    f->subject.address = cli_get(command, "address");
    f->subject.relation = cli_get(command, "relation");
    MN_TRY(read_date(command, "birth", f->birth_date, &f->subject.birth_date));
    MN_TRY(read_codes(command, "document", f->documents, &f->subject.documents));
    return read_verification(command, f);
}

static mnsec_status read_new(const cli_command *command, form *f)
{
    const char *kind = cli_get(command, "kind");
    const char *of = cli_get(command, "of");
    MN_TRY(read_form(command, f));
    f->subject.name = cli_operand(command, 0);
    f->subject.not_provided_reason = cli_get(command, "not-provided");
    if (!names_subject_parse(kind != NULL ? kind : "employee", &f->subject.kind)) {
        return cli_refuse(command, _("no kind \"%s\""), kind);
    }
    if (of != NULL) {
        if (mnsec_id_parse(of, &f->linked) != MNSEC_OK) {
            return cli_refuse(command, _("--of wants the id of a record"));
        }
        f->subject.linked = &f->linked;
    }
    return MNSEC_OK;
}

/* --- finding and collecting ----------------------------------------------------------------------
 */

static int see_candidate(void *user, const mnsec_subject *subject)
{
    finder *f = user;
    const bool named = strcmp(subject->name, f->wanted) == 0;
    const bool coded = subject->code != NULL && strcmp(subject->code, f->wanted) == 0;
    if (named || coded) {
        f->id = subject->id;
        f->count++;
        print_clean(subject->name, f->name, sizeof(f->name));
    } else {
        f->similar++;
    }
    return 0;
}

/* The record of an operand: id, name or code. */
static mnsec_status find(facility *at, const mnsec_id *department, const char *wanted,
                         finder *out_found)
{
    *out_found = (finder){.wanted = wanted};
    if (mnsec_id_parse(wanted, &out_found->id) == MNSEC_OK) {
        print_clean(wanted, out_found->name, sizeof(out_found->name));
        return MNSEC_OK;
    }
    MN_TRY(mnsec_record_list(at->session, department, wanted, see_candidate, out_found));
    if (out_found->count == 1) {
        return MNSEC_OK;
    }
    const mnsec_status status =
        out_found->count == 0
            ? exit_refuse(MNSEC_E_STATE_NOT_FOUND, _("no record of \"%s\""), wanted)
            : exit_refuse(MNSEC_E_STATE_CONFLICT, _("several records of \"%s\""), wanted);
    if (out_found->count > 1) {
        exit_hint(_("mncard-record list %s shows their ids"), wanted);
    } else if (out_found->similar > 0) {
        exit_hint(
            _("write the whole name or the code: mncard-record list %s shows %zu that contain "
              "this"),
            wanted, out_found->similar);
    }
    return status;
}

static int see_subject(void *user, const mnsec_subject *s)
{
    collector *c = user;
    char id[MNSEC_ID_TEXT_BYTES];
    mnsec_id_format(&s->id, id);
    c->failed = print_table_add(
        &c->table,
        json_pack("{s:s,s:s?,s:s?,s:s?,s:s,s:s?,s:s?,s:s?,s:s,s:s?,s:s?,s:s?,s:s?,s:I,s:I}", "id",
                  id, "code", s->code, "name", s->name, "kana", s->kana, "kind",
                  names_subject(s->kind), "birth_date", s->birth_date, "address", s->address,
                  "relation", s->relation, "number_state", names_number_state(s->state),
                  "not_provided_reason", s->not_provided_reason, "documents", s->documents,
                  "verified", s->verification.method, "verified_on", s->verification.date,
                  "registered_at", (json_int_t)s->registered_at, "changed_at",
                  (json_int_t)s->changed_at));
    return c->failed != MNSEC_OK;
}

/* --- showing a number ----------------------------------------------------------------------------
 */

typedef mnsec_status (*question)(prompt *p, char out_line[PROMPT_LINE_BYTES]);

static mnsec_status ask_purpose(prompt *p, char out_line[PROMPT_LINE_BYTES])
{
    return prompt_line(p, _("What is the number needed for?"), out_line);
}

/* The option, or what a person answers. */
static mnsec_status need_text(const cli_command *command, facility *at, const char *name,
                              question ask, char line[PROMPT_LINE_BYTES], const char **out_text)
{
    *out_text = cli_get(command, name);
    if (*out_text != NULL) {
        return MNSEC_OK;
    }
    if (!prompt_can_ask(&at->prompt)) {
        return cli_refuse(command, _("--%s is missing"), name);
    }
    MN_TRY(ask(&at->prompt, line));
    *out_text = line;
    return line[0] != '\0' ? MNSEC_OK : cli_refuse(command, _("--%s is missing"), name);
}

/* In groups of four, as on the card; page is locked memory. */
static mnsec_status show_on_terminal(const char *who, const char *number, unsigned seconds)
{
    MN_AUTO(terminal) t = {.in = -1};
    MN_AUTO(locked) page = {0};
    char clean[CODES_BYTES];
    MN_TRY(terminal_open(&t));
    MN_TRY(locked_init(&page, 2UL * CODES_BYTES));
    print_clean(who, clean, sizeof(clean));
    (void)snprintf(page.bytes, page.size, "%s\n\n    %.4s %.4s %.4s\n\n", clean, number, number + 4,
                   number + 8);
    page.len = strlen(page.bytes);
    (void)snprintf(page.bytes + page.len, page.size - page.len,
                   _("It disappears after %u seconds, or with Enter."), seconds);
    return terminal_show(&t, page.bytes, seconds);
}

static mnsec_status put_number(const cli_command *command, const mnsec_id *id, const char *number)
{
    char text[MNSEC_ID_TEXT_BYTES];
    if (!cli_has(command, "json")) {
        printf("%s\n", number);
        return MNSEC_OK;
    }
    mnsec_id_format(id, text);
    json_t *object = json_pack("{s:s,s:s}", "id", text, "number", number);
    const mnsec_status status = print_json(object);
    json_decref(object);
    return status;
}

static mnsec_status show_number(const cli_command *command, facility *at, const finder *found)
{
    char purpose_line[PROMPT_LINE_BYTES];
    char document_line[PROMPT_LINE_BYTES];
    const char *purpose = NULL;
    const char *document = NULL;
    uint64_t seconds = 0;
    MN_AUTO(locked) number = {0};
    MN_TRY(cli_get_number(command, "seconds", SHOWN_SECONDS_MAX, SHOWN_SECONDS, &seconds));
    MN_TRY(need_text(command, at, "purpose", ask_purpose, purpose_line, &purpose));
    MN_TRY(need_text(command, at, "document", documents_choose, document_line, &document));
    MN_TRY(locked_init(&number, MNSEC_NUMBER_TEXT_BYTES));
    MN_TRY(mnsec_record_show(at->session, &found->id, purpose, document, number.bytes));
    if (isatty(STDOUT_FILENO) == 1 && !cli_has(command, "json")) {
        return show_on_terminal(found->name, number.bytes, (unsigned)seconds);
    }
    return put_number(command, &found->id, number.bytes);
}

/* --- the verbs -----------------------------------------------------------------------------------
 */

/* A number was mistyped: say so and ask for it once more, so that the rest needs not be typed anew.
 * True = repeat. */
static bool asks_again(const facility *at, mnsec_status status, unsigned *tries)
{
    const bool mistyped = status == MNSEC_E_USAGE_CHECK_DIGIT || status == MNSEC_E_USAGE_MISMATCH;
    if (!mistyped || at->prompt.has_answers || ++*tries == NUMBER_TRIES) {
        return false;
    }
    (void)exit_report(status, at->context);
    return true;
}

/* What was done to whom, for people; programs read the id. The formats are ours, each with one %s.
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void tell_done(const cli_command *command, const char *words, const char *name)
{
    char clean[CODES_BYTES];
    if (!cli_has(command, "json")) {
        print_clean(name, clean, sizeof(clean));
        exit_say(words, clean);
    }
}
#pragma GCC diagnostic pop

static mnsec_status run_register(const cli_command *command, facility *at)
{
    form f = {0};
    mnsec_id department;
    mnsec_id made;
    MN_TRY(read_new(command, &f));
    MN_TRY(facility_unlock(at, command, &department));
    mnsec_status status = MNSEC_OK;
    unsigned tries = 0;
    do {
        status = mnsec_record_register(at->session, &department, &f.subject, &made);
    } while (asks_again(at, status, &tries));
    MN_TRY(status);
    tell_done(command, _("registered: %s"), f.subject.name);
    return print_id(&made, cli_has(command, "json"));
}

static void see_refusal(void *user, const mnsec_import_refusal *refusal)
{
    json_t *refusals = user;
    const uintmax_t line = (uintmax_t)refusal->line;
    (void)json_array_append_new(refusals,
                                json_pack("{s:I,s:s?,s:s}", "line", (json_int_t)line, "column",
                                          refusal->column, "reason", refusal->reason));
    if (line == 0) {
        exit_say("%s", _(refusal->reason)); /* of the file as a whole */
    } else if (refusal->column != NULL) {
        exit_say(_("line %ju, %s: %s"), line, _(refusal->column), _(refusal->reason));
    } else {
        exit_say(_("line %ju: %s"), line, _(refusal->reason));
    }
}

/* Takes refusals. */
static mnsec_status put_import(const cli_command *command, const mnsec_import_result *result,
                               json_t *refusals)
{
    const bool dry_run = cli_has(command, "dry-run");
    if (cli_has(command, "json")) {
        json_t *object =
            json_pack("{s:I,s:I,s:I,s:s?,s:b,s:o}", "read", (json_int_t)result->read, "taken",
                      (json_int_t)result->taken, "refused", (json_int_t)result->refused, "encoding",
                      result->encoding, "dry_run", dry_run, "refusals", refusals);
        const mnsec_status status = print_json(object);
        json_decref(object);
        return status;
    }
    json_decref(refusals);
    printf(dry_run ? _("%ju read, %ju would be taken, %ju refused (%s)\n")
                   : _("%ju read, %ju taken, %ju refused (%s)\n"),
           (uintmax_t)result->read, (uintmax_t)result->taken, (uintmax_t)result->refused,
           result->encoding != NULL ? result->encoding : "-");
    return MNSEC_OK;
}

/* Nothing was taken, and the lines have been told. Takes refusals. */
static mnsec_status refuse_import(const cli_command *command, json_t *refusals)
{
    const size_t count = json_array_size(refusals);
    const json_t *last = json_array_get(refusals, count - 1);
    const bool of_a_row = json_integer_value(json_object_get(last, "line")) > 1;
    if (cli_has(command, "json")) {
        const mnsec_import_result nothing = {.refused = count};
        (void)put_import(command, &nothing, refusals);
    } else {
        json_decref(refusals);
    }
    const mnsec_status status =
        of_a_row ? exit_refuse(MNSEC_E_USAGE_FORMAT, _("nothing was taken: %zu lines were refused"),
                               count)
                 : exit_refuse(MNSEC_E_USAGE_FORMAT, _("nothing was taken"));
    if (of_a_row && !cli_has(command, "skip-bad")) {
        exit_hint("%s", _("mend these lines, or take only the good ones with --skip-bad"));
    }
    return status;
}

static mnsec_status run_import(const cli_command *command, facility *at)
{
    mnsec_import_options import = MNSEC_IMPORT_OPTIONS_INIT;
    mnsec_import_result result = {0};
    mnsec_id department;
    json_t *refusals = json_array();
    import.path = cli_operand(command, 0);
    import.skip_bad = cli_has(command, "skip-bad");
    import.dry_run = cli_has(command, "dry-run");
    import.refused = see_refusal;
    import.refused_user = refusals;
    mnsec_status status = facility_unlock(at, command, &department);
    if (status == MNSEC_OK) {
        status = mnsec_record_import(at->session, &department, &import, &result);
    }
    if (status == MNSEC_E_USAGE_FORMAT && json_array_size(refusals) > 0) {
        return refuse_import(command, refusals);
    }
    if (status != MNSEC_OK) {
        json_decref(refusals);
        return status;
    }
    return put_import(command, &result, refusals);
}

static mnsec_status run_list(const cli_command *command, facility *at)
{
    MN_AUTO(collector) records = {0};
    mnsec_id department;
    MN_TRY(print_table_init(&records.table, columns, COUNT_OF(columns)));
    MN_TRY(facility_unlock(at, command, &department));
    MN_TRY(mnsec_record_list(at->session, &department, cli_operand(command, 0), see_subject,
                             &records));
    MN_TRY(records.failed);
    static const char *const order[] = {"kana", "name"};
    MN_TRY(print_table_sort(&records.table, order, COUNT_OF(order), "code"));
    return print_table_list(&records.table, cli_has(command, "json"));
}

static mnsec_status run_show(const cli_command *command, facility *at)
{
    MN_AUTO(collector) record = {0};
    mnsec_id department;
    finder found;
    MN_TRY(facility_unlock(at, command, &department));
    MN_TRY(find(at, &department, cli_operand(command, 0), &found));
    if (cli_has(command, "number")) {
        return show_number(command, at, &found);
    }
    MN_TRY(print_table_init(&record.table, full_columns, COUNT_OF(full_columns)));
    MN_TRY(mnsec_record_get(at->session, &found.id, see_subject, &record));
    MN_TRY(record.failed);
    return print_table_show(&record.table, cli_has(command, "json"));
}

/* Is there an option that names a new value? */
static bool changes_something(const cli_command *command)
{
    static const char *const fields[] = {"name",         "code",       "kana",     "birth",
                                         "address",      "relation",   "document", "number-doc",
                                         "identity-doc", "agency-doc", "channel",  "verifier",
                                         "verified-on",  "notice",     "verified"};
    for (size_t i = 0; i < COUNT_OF(fields); i++) {
        if (cli_has(command, fields[i])) {
            return true;
        }
    }
    return false;
}

static mnsec_status run_change(const cli_command *command, facility *at)
{
    form f = {0};
    mnsec_id department;
    finder found;
    const char *reason = cli_get(command, "reason");
    const bool number = cli_has(command, "number");
    MN_TRY(read_form(command, &f));
    f.subject.name = cli_get(command, "name");
    if (number && reason == NULL) {
        return cli_refuse(command, _("--%s is missing"), "reason");
    }
    if (!number && !changes_something(command)) {
        return cli_refuse(command, _("what is to change?"));
    }
    MN_TRY(facility_unlock(at, command, &department));
    MN_TRY(find(at, &department, cli_operand(command, 0), &found));
    mnsec_status status = MNSEC_OK;
    unsigned tries = 0;
    do {
        status = number ? mnsec_record_change_number(at->session, &found.id, reason)
                        : mnsec_record_change(at->session, &found.id, &f.subject);
    } while (asks_again(at, status, &tries));
    MN_TRY(status);
    tell_done(command, number ? _("the number of %s was changed") : _("changed: %s"), found.name);
    return print_id(&found.id, cli_has(command, "json"));
}

static mnsec_status run_search(const cli_command *command, facility *at)
{
    mnsec_id department;
    mnsec_id id;
    MN_TRY(facility_unlock(at, command, &department));
    MN_TRY(mnsec_record_search(at->session, &department, &id));
    return print_id(&id, cli_has(command, "json"));
}

static int see_document(void *user, const mnsec_document *d)
{
    collector *c = user;
    c->failed = print_table_add(&c->table, json_pack("{s:s,s:s,s:b,s:b,s:b}", "code", d->code,
                                                     "name", d->name, "employee", d->employee,
                                                     "dependant", d->dependant, "payee", d->payee));
    return c->failed != MNSEC_OK;
}

static mnsec_status run_documents(const cli_command *command, facility *at)
{
    MN_AUTO(collector) documents = {0};
    (void)at;
    MN_TRY(print_table_init(&documents.table, document_columns, COUNT_OF(document_columns)));
    MN_TRY(mnsec_document_list(see_document, &documents));
    MN_TRY(documents.failed);
    return print_table_list(&documents.table, cli_has(command, "json"));
}

static const cli_verb verbs[] = {
    {"register", "NAME", N_("register a person; the number is asked for twice"),
     .run = run_register},
    {"import", "FILE", N_("register everybody in a CSV file"), .run = run_import},
    {"list", "[FILTER]", N_("list records, without numbers"), .run = run_list},
    {"show", "ID|NAME|CODE", N_("show one record; the number with --number"), .run = run_show},
    {"change", "ID|NAME|CODE", N_("change one record, or with --number its number"),
     .run = run_change},
    {"search", "", N_("find the record of a number, which is asked for"), .run = run_search},
    {"documents", "", N_("list the document kinds and their codes"), .run = run_documents},
    {0},
};

const cli_tool mncard_record = {
    .name = "mncard-record",
    .summary = N_("keep records of Individual Numbers"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_LOGIN | CLI_SECRETS | CLI_YES | CLI_JSON,
};
