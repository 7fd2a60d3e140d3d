/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mncard-desk: one card insertion, many operations. Whatever it does is a command line of another
 * tool, run in the session that is open: a menu item asks for the words, a typed line is them. It
 * ends when the card leaves, at the idle time-out, or on request, and then says what to do next.
 *
 * The card is watched while a line is awaited (prompt.h); in the middle of an operation the library
 * watches it itself.
 */
#include <assert.h>
#include <string.h>

#include "cli.h"
#include "documents.h"
#include "exit.h"
#include "facility.h"
#include "line.h"
#include "names.h"
#include "print.h"
#include "words.h"

#define FIELDS_MAX   6
#define WORDS_MAX    32
#define WRONG_MAX    3
#define IDLE_MAX     3600
#define IDLE_DEFAULT 600

extern const cli_tool mncard_record;
extern const cli_tool mncard_staff;
extern const cli_tool mncard_password;
extern const cli_tool mncard_log;

/* The tools whose verbs can be typed here, in the order in which a bare verb is looked up. */
static const cli_tool *const tools[] = {&mncard_record, &mncard_log, &mncard_staff,
                                        &mncard_password};

/* How a field is filled in. */
typedef enum filling {
    FILL_FLAG,     /* given without asking */
    FILL_NEEDED,   /* asked for; an empty answer gives the whole item up */
    FILL_OPTIONAL, /* asked for; an empty answer leaves it out */
    FILL_DOCUMENT, /* needed, chosen from the document kinds */
} filling;

/* One word or two of a command line that a menu item makes. */
typedef struct field {
    const char *option;   /* "--code"; NULL = an operand */
    const char *question; /* N_() text; NULL where nothing is asked in words of ours */
    filling filling;
} field;

/* A command line that is being put together. */
typedef struct command_line {
    char texts[WORDS_MAX][PROMPT_LINE_BYTES];
    char *words[WORDS_MAX];
    int count;
} command_line;

enum {
    FOR_RESPONSIBLE = 1,
    FOR_HANDLER = 2,
    FOR_AUDITOR = 4,
};

typedef struct item {
    const char *label; /* N_() text */
    unsigned roles;
    const cli_tool *tool;
    const char *verb;
    field fields[FIELDS_MAX]; /* up to the first empty one */
} item;

static const item items[] = {
    {N_("show a number"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "show",
     {{NULL, N_("Whose (name, code or id)?"), FILL_NEEDED}, {"--number", NULL, FILL_FLAG}}},
    {N_("list the records"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "list",
     {{NULL, N_("Which (part of a name; empty = all)?"), FILL_OPTIONAL}}},
    {N_("register a person"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "register",
     {{NULL, N_("Name?"), FILL_NEEDED},
      {"--kana", N_("Kana (may be empty)?"), FILL_OPTIONAL},
      {"--code", N_("Employee code (may be empty)?"), FILL_OPTIONAL},
      {"--birth", N_("Date of birth, such as S40.3.2 (may be empty)?"), FILL_OPTIONAL},
      {"--document", NULL, FILL_DOCUMENT},
      {"--verified", N_("Identity verified by: card, documents, known ... (empty = not yet)?"),
       FILL_OPTIONAL}}},
    {N_("import a CSV file"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "import",
     {{NULL, N_("File?"), FILL_NEEDED}}},
    {N_("correct a number"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "change",
     {{NULL, N_("Whose (name, code or id)?"), FILL_NEEDED},
      {"--number", NULL, FILL_FLAG},
      {"--reason", N_("Why does it change?"), FILL_NEEDED}}},
    {N_("read the log"), FOR_RESPONSIBLE | FOR_AUDITOR, &mncard_log, "show", {{0}}},
    {N_("export the log"),
     FOR_RESPONSIBLE | FOR_AUDITOR,
     &mncard_log,
     "export",
     {{NULL, N_("To which new folder?"), FILL_NEEDED}}},
    {N_("list the staff"), FOR_RESPONSIBLE | FOR_AUDITOR, &mncard_staff, "list", {{0}}},
    {N_("change the operation password"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_password,
     "operation",
     {{0}}},
    {N_("change your own password"),
     FOR_RESPONSIBLE | FOR_HANDLER | FOR_AUDITOR,
     &mncard_password,
     "own",
     {{0}}},
};

static const cli_option options[] = {
    {"department", "NAME", NULL, N_("the department to work in; else it is asked for")},
    {"idle", "SECONDS", NULL, N_("end after so long without input; else 600")},
    {0},
};

/* How each end is told, and what to do next. */
static const struct {
    mnsec_session_event event;
    const char *what;
    const char *next;
} ends[] = {
    {MNSEC_SESSION_EVENT_CARD_REMOVED, N_("the card was removed: everything is closed"),
     N_("to go on, insert the card and start mncard-desk again")},
    {MNSEC_SESSION_EVENT_TIMEOUT, N_("nothing was done for a while: everything is closed"),
     N_("to go on, start mncard-desk again; take your card when you leave")},
    {MNSEC_SESSION_EVENT_WITHDRAWN, N_("your enrolment was withdrawn: everything is closed"),
     N_("ask a responsible person")},
};

typedef struct desk {
    facility *at;
    mnsec_session_event end; /* NONE = still open */
    unsigned wrong;          /* lines in a row that were not understood */
    facility_departments departments;
} desk;

static bool field_is_there(const field *f)
{
    return f->option != NULL || f->question != NULL;
}

/* Asserts room: a menu item makes at most verb, tool and two words for each field. */
static void add_word(command_line *line, const char *word)
{
    assert(line->count < WORDS_MAX);
    (void)snprintf(line->texts[line->count], PROMPT_LINE_BYTES, "%s", word);
    line->words[line->count] = line->texts[line->count];
    line->count++;
}

/* --- the card ------------------------------------------------------------------------------------
 */

static int card_descriptor(void *user)
{
    const desk *d = user;
    return mnsec_session_descriptor(d->at->session);
}

/* Is it over? */
static bool card_look(void *user)
{
    desk *d = user;
    mnsec_session_event event = MNSEC_SESSION_EVENT_NONE;
    if (d->end != MNSEC_SESSION_EVENT_NONE) {
        return true;
    }
    if (mnsec_session_poll(d->at->session, &event) != MNSEC_OK) {
        event = MNSEC_SESSION_EVENT_CARD_REMOVED; /* what cannot be looked at is not there */
    }
    if (event == MNSEC_SESSION_EVENT_UNLOCK_ENDED) {
        facility_forget(d->at);
        return false;
    }
    d->end = event;
    return event != MNSEC_SESSION_EVENT_NONE;
}

static void tell_end(const desk *d)
{
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        if (ends[i].event == d->end) {
            exit_say("%s", _(ends[i].what));
            exit_hint("%s", _(ends[i].next));
        }
    }
}

/* --- running a command line ----------------------------------------------------------------------
 */

static void run_words(desk *d, const cli_tool *tool, int count, char *const words[])
{
    cli_command command;
    mnsec_status status = cli_parse(tool, count, words, &command);
    if (status == MNSEC_OK && cli_has(&command, "help")) {
        cli_help(tool, command.verb);
    } else if (status == MNSEC_OK && command.verb != NULL) {
        status = command.verb->run(&command, d->at);
    }
    if (status == MNSEC_E_STATE_UNLOCK_NEEDED) {
        facility_forget(d->at); /* it ran out on the way: once more, with the password */
        status = command.verb->run(&command, d->at);
    }
    (void)fflush(stdout);
    char detail[EXIT_DETAIL_BYTES]; /* taken first: looking at the card forgets it */
    exit_detail(status, d->at->context, detail);
    if (!card_look(d)) {
        (void)exit_report_detail(status, detail);
    }
}

/* Ask what one field wants to know, and add what it gives. MNSEC_E_STATE_NOT_FOUND = it was needed
 * and is missing. */
static mnsec_status ask_field(desk *d, const field *f, command_line *line)
{
    char answer[PROMPT_LINE_BYTES] = "";
    if (f->filling == FILL_FLAG) {
        add_word(line, f->option);
        return MNSEC_OK;
    }
    MN_TRY(f->filling == FILL_DOCUMENT ? documents_choose(&d->at->prompt, answer)
                                       : prompt_line(&d->at->prompt, _(f->question), answer));
    if (answer[0] == '\0') {
        return f->filling == FILL_OPTIONAL ? MNSEC_OK : MNSEC_E_STATE_NOT_FOUND;
    }
    if (f->option != NULL) {
        add_word(line, f->option);
    }
    add_word(line, answer);
    return MNSEC_OK;
}

/* Ask for the words of an item, and run them. */
static mnsec_status run_item(desk *d, const item *chosen)
{
    command_line line = {0};
    add_word(&line, chosen->tool->name);
    add_word(&line, chosen->verb);
    for (size_t i = 0; i < FIELDS_MAX && field_is_there(&chosen->fields[i]); i++) {
        const mnsec_status status = ask_field(d, &chosen->fields[i], &line);
        if (status == MNSEC_E_STATE_NOT_FOUND) {
            exit_say("%s", _("nothing was done"));
            return MNSEC_OK;
        }
        MN_TRY(status);
    }
    run_words(d, chosen->tool, line.count, line.words);
    return MNSEC_OK;
}

/* --- understanding a line ------------------------------------------------------------------------
 */

static unsigned role_bit(mnsec_role role)
{
    switch (role) {
    case MNSEC_ROLE_RESPONSIBLE:
        return FOR_RESPONSIBLE;
    case MNSEC_ROLE_HANDLER:
        return FOR_HANDLER;
    case MNSEC_ROLE_AUDITOR:
        return FOR_AUDITOR;
    case MNSEC_ROLE_NONE:
    case MNSEC_ROLE_UNATTENDED:
    default:
        return 0;
    }
}

/* Number n, from 1, of the items this person sees, or NULL. */
static const item *item_at(const desk *d, unsigned n)
{
    const unsigned role = role_bit(mnsec_session_get_info(d->at->session).role);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        if ((items[i].roles & role) != 0 && --n == 0) {
            return &items[i];
        }
    }
    return NULL;
}

static void show_menu(const desk *d)
{
    const item *shown = NULL;
    (void)fputc('\n', stderr);
    for (unsigned n = 1; (shown = item_at(d, n)) != NULL; n++) {
        (void)fprintf(stderr, "%3u  %s\n", n, _(shown->label));
    }
    (void)fprintf(stderr, "%3u  %s\n\n", 0U, _("end (or take out the card)"));
}

/* The tool of "record show …", or of a verb alone; *out_skip words belong to its name. */
static const cli_tool *find_tool(const char *word, int *out_skip)
{
    static const char prefix[] = "mncard-";
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        if (strcmp(tools[i]->name, word) == 0 ||
            strcmp(tools[i]->name + sizeof(prefix) - 1, word) == 0) {
            *out_skip = 1;
            return tools[i];
        }
    }
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        if (cli_verb_get(tools[i], word) != NULL) {
            *out_skip = 0;
            return tools[i];
        }
    }
    return NULL;
}

static bool is_one_of(const char *line, const char *const words[], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(line, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void not_understood(desk *d)
{
    exit_say("%s", _("this was not understood"));
    if (++d->wrong % WRONG_MAX == 0) {
        exit_hint("%s", _("type a number from the list; ? shows it again, 0 ends"));
    }
}

static mnsec_status do_typed(desk *d, char *line)
{
    char *words[WORDS_MAX] = {line};
    int skip = 0;
    const int count = 1 + (int)line_split(line, words + 1, WORDS_MAX - 1);
    const cli_tool *tool = count > 1 ? find_tool(words[1], &skip) : NULL;
    if (tool == NULL) {
        not_understood(d);
        return MNSEC_OK;
    }
    d->wrong = 0;
    run_words(d, tool, count - skip, words + skip);
    return MNSEC_OK;
}

/* One line. MNSEC_E_STATE_END = the desk is to be closed. */
static mnsec_status do_line(desk *d, char *line)
{
    static const char *const help[] = {"?", "？", "help", "ヘルプ", ""};
    static const char *const quit[] = {"exit", "quit", "q", "終了"};
    unsigned number = 0;
    if (is_one_of(line, help, COUNT_OF(help))) {
        show_menu(d);
        return MNSEC_OK;
    }
    if (is_one_of(line, quit, COUNT_OF(quit))) {
        return MNSEC_E_STATE_END;
    }
    if (!line_choice(line, &number)) {
        return do_typed(d, line);
    }
    if (number == 0) {
        return MNSEC_E_STATE_END;
    }
    const item *chosen = item_at(d, number);
    if (chosen == NULL) {
        not_understood(d);
        return MNSEC_OK;
    }
    d->wrong = 0;
    return run_item(d, chosen);
}

/* --- the desk ------------------------------------------------------------------------------------
 */

/* One department for all that is done here; auditors need none. */
static mnsec_status choose_department(desk *d, const cli_command *command)
{
    mnsec_id department;
    if (role_bit(mnsec_session_get_info(d->at->session).role) == FOR_AUDITOR) {
        return MNSEC_OK;
    }
    MN_TRY(facility_department(d->at, command, &department));
    MN_TRY(facility_departments_read(d->at, &d->departments));
    d->at->department = facility_departments_name(&d->departments, &department);
    return MNSEC_OK;
}

static void greet(const desk *d)
{
    const mnsec_session_info info = mnsec_session_get_info(d->at->session);
    const char *name = NULL;
    const bool named = mnsec_facility_name(d->at->context, &name) == MNSEC_OK;
    (void)fprintf(stderr, "%s  %s (%s)\n", named ? name : "", info.name, _(names_role(info.role)));
}

static mnsec_status work(desk *d)
{
    for (;;) {
        char line[PROMPT_LINE_BYTES];
        mnsec_status status = prompt_line(&d->at->prompt, ">", line);
        if (status == MNSEC_OK) {
            status = do_line(d, line);
        }
        if (card_look(d)) {
            tell_end(d);
            return MNSEC_OK;
        }
        if (status == MNSEC_E_STATE_END) {
            return MNSEC_OK;
        }
        MN_TRY(status);
    }
}

static mnsec_status run_desk(const cli_command *command, facility *at)
{
    desk d = {.at = at};
    uint64_t idle = 0;
    MN_TRY(cli_get_number(command, "idle", IDLE_MAX, IDLE_DEFAULT, &idle));
    MN_TRY(facility_prepare(at, command));
    at->prompt.from_input = true;
    at->idle_seconds = (unsigned)idle;
    MN_TRY(facility_log_in(at, command));
    at->prompt.watch = (prompt_watch){.descriptor = card_descriptor, .look = card_look, .user = &d};
    greet(&d);
    mnsec_status status = choose_department(&d, command);
    if (status == MNSEC_OK) {
        show_menu(&d);
        status = work(&d);
    }
    if (status == MNSEC_E_STATE_END) { /* while a department was asked for */
        tell_end(&d);
        status = MNSEC_OK;
    }
    at->prompt.watch = (prompt_watch){0}; /* d ends here, the prompt does not */
    at->department = NULL;
    return status;
}

static const cli_verb verbs[] = {
    {"", "", N_("work with one card insertion"), .run = run_desk},
    {0},
};

const cli_tool mncard_desk = {
    .name = "mncard-desk",
    .summary = N_("one card insertion, many operations, by menu or by typed commands"),
    .verbs = verbs,
    .options = options,
    .shared = CLI_FACILITY | CLI_LOGIN | CLI_SECRETS | CLI_YES,
};
