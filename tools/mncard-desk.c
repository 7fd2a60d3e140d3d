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
#include <unistd.h>

#include "cli.h"
#include "documents.h"
#include "edit.h"
#include "era.h"
#include "exit.h"
#include "facility.h"
#include "line.h"
#include "names.h"
#include "print.h"
#include "words.h"

#define FIELDS_MAX   9
#define WORDS_MAX    64
#define WRONG_MAX    3
#define TOOL_PREFIX  "mncard-"
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
    FILL_FLAG,      /* given without asking */
    FILL_NEEDED,    /* asked for; an empty answer gives the whole item up */
    FILL_OPTIONAL,  /* asked for; an empty answer leaves it out */
    FILL_DOCUMENTS, /* needed, chosen from the document kinds; one or more */
} filling;

/* One word or two of a command line that a menu item makes. */
typedef struct field {
    const char *option;   /* "--code"; NULL = an operand */
    const char *question; /* N_() text; NULL where nothing is asked in words of ours */
    filling filling;
    bool (*is_good)(const char *answer); /* NULL = anything; what is not is asked for again */
    const char *complaint;               /* N_() text: what is wrong with it */
    const char *after;                   /* only where the answer before is one of these words */
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

/* --- what is a good answer -----------------------------------------------------------------------
 */

static bool is_day(const char *answer)
{
    char iso[11];
    return era_parse(answer, iso);
}

/* Is word one of the words of a text, which are parted by blanks? */
static bool is_word_of(const char *words, const char *word)
{
    const size_t len = strlen(word);
    for (const char *at = strstr(words, word); len > 0 && at != NULL; at = strstr(at + 1, word)) {
        if ((at == words || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' ')) {
            return true;
        }
    }
    return false;
}

/* The words of a column, as lib/policy knows them. */
#define WITH_PROOFS "documents 書類 agent 代理人"
#define METHODS                                                                                                     \
    WITH_PROOFS " card 個人番号カード マイナンバーカード known 雇用時確認済み 面識あり " \
                "second-time 2回目以降 提供済み employee 従業員が確認 従業員"
#define WITH_NUMBER_PROOF   WITH_PROOFS " known 雇用時確認済み 面識あり"
#define WITH_IDENTITY_PROOF WITH_PROOFS " second-time 2回目以降 提供済み"

static bool is_method(const char *answer)
{
    return is_word_of(METHODS, answer);
}

static bool is_readable(const char *answer)
{
    return access(answer, R_OK) == 0;
}

static bool is_free(const char *answer)
{
    return access(answer, F_OK) != 0;
}

static const item items[] = {
    {N_("show a number"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "show",
     {{NULL, N_("Whose (name, code or id)?"), .filling = FILL_NEEDED},
      {"--number", NULL, .filling = FILL_FLAG}}},
    {N_("list the records"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "list",
     {{NULL, N_("Which (part of a name; empty = all)?"), .filling = FILL_OPTIONAL}}},
    {N_("register a person"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "register",
     {{NULL, N_("Name?"), .filling = FILL_NEEDED},
      {"--kana", N_("Kana (may be empty)?"), .filling = FILL_OPTIONAL},
      {"--code", N_("Employee code (may be empty)?"), .filling = FILL_OPTIONAL},
      {"--birth", N_("Date of birth, such as S40.3.2 (may be empty)?"), .filling = FILL_OPTIONAL,
       is_day, N_("this is no day; type it as 1965-03-02 or S40.3.2")},
      {"--document", NULL, .filling = FILL_DOCUMENTS},
      {"--verified", N_("Identity verified by: card, documents, known ... (empty = not yet)?"),
       .filling = FILL_OPTIONAL, is_method,
       N_("type card, documents, known, second-time, agent or employee, or nothing")},
      {"--number-doc", N_("Which document showed the number (such as residence-certificate)?"),
       .filling = FILL_OPTIONAL, .after = WITH_NUMBER_PROOF},
      {"--identity-doc", N_("Which document showed the person (such as driving-licence)?"),
       .filling = FILL_OPTIONAL, .after = WITH_IDENTITY_PROOF},
      {"--agency-doc", N_("Which document showed the agency (such as power-of-attorney)?"),
       .filling = FILL_OPTIONAL, .after = "agent 代理人"}}},
    {N_("import a CSV file"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "import",
     {{NULL, N_("File?"), .filling = FILL_NEEDED, is_readable,
       N_("there is no such file, or it cannot be read")}}},
    {N_("correct a number"),
     FOR_RESPONSIBLE | FOR_HANDLER,
     &mncard_record,
     "change",
     {{NULL, N_("Whose (name, code or id)?"), .filling = FILL_NEEDED},
      {"--number", NULL, .filling = FILL_FLAG},
      {"--reason", N_("Why does it change?"), .filling = FILL_NEEDED}}},
    {N_("read the log"), FOR_RESPONSIBLE | FOR_AUDITOR, &mncard_log, "show", {{0}}},
    {N_("export the log"),
     FOR_RESPONSIBLE | FOR_AUDITOR,
     &mncard_log,
     "export",
     {{NULL, N_("To which new folder?"), .filling = FILL_NEEDED, is_free,
       N_("this is there already; name a folder that is not")}}},
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
    edit *editor;                   /* NULL = lines are not edited here */
    char method[PROMPT_LINE_BYTES]; /* the last answer that others depend on */
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

/* A line, edited where that can be. */
static mnsec_status read_line(desk *d, const char *question, bool keep,
                              char out_line[PROMPT_LINE_BYTES])
{
    return d->editor != NULL ? edit_line(d->editor, question, keep, out_line)
                             : prompt_line(&d->at->prompt, question, out_line);
}

/* Until the answer is good, or empty. */
static mnsec_status ask_good(desk *d, const field *f, char out_answer[PROMPT_LINE_BYTES])
{
    for (;;) {
        MN_TRY(read_line(d, _(f->question), false, out_answer));
        if (out_answer[0] == '\0' || f->is_good == NULL || f->is_good(out_answer)) {
            return MNSEC_OK;
        }
        exit_say("%s", _(f->complaint));
    }
}

/* The option with each code, or word, of answer. */
static void add_answer(command_line *line, const field *f, char *answer)
{
    char *words[WORDS_MAX / 4] = {answer};
    const size_t count =
        f->filling == FILL_DOCUMENTS ? line_split(answer, words, COUNT_OF(words)) : 1;
    for (size_t i = 0; i < count; i++) {
        if (f->option != NULL) {
            add_word(line, f->option);
        }
        add_word(line, words[i]);
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
    if (f->after != NULL && !is_word_of(f->after, d->method)) {
        return MNSEC_OK;
    }
    MN_TRY(f->filling == FILL_DOCUMENTS ? documents_choose_some(&d->at->prompt, answer)
                                        : ask_good(d, f, answer));
    if (f->is_good == is_method) {
        memcpy(d->method, answer, sizeof(answer));
    }
    if (answer[0] == '\0') {
        return f->filling == FILL_OPTIONAL ? MNSEC_OK : MNSEC_E_STATE_NOT_FOUND;
    }
    add_answer(line, f, answer);
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
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        if (strcmp(tools[i]->name, word) == 0 ||
            strcmp(tools[i]->name + sizeof(TOOL_PREFIX) - 1, word) == 0) {
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

/* --- completion ----------------------------------------------------------------------------------
 */

static void offer_verbs(edit *e, const cli_tool *tool)
{
    for (const cli_verb *verb = tool->verbs; verb->name != NULL; verb++) {
        edit_offer(e, verb->name);
    }
}

/* The first word: a verb, or what tools are called. */
static void offer_commands(edit *e)
{
    for (size_t i = 0; i < COUNT_OF(tools); i++) {
        edit_offer(e, tools[i]->name + sizeof(TOOL_PREFIX) - 1);
        for (const cli_verb *verb = tools[i]->verbs; verb->name != NULL; verb++) {
            int skip = 0;
            if (find_tool(verb->name, &skip) == tools[i]) { /* a bare verb is the first tool's */
                edit_offer(e, verb->name);
            }
        }
    }
    edit_offer(e, "exit");
}

static void offer_options(edit *e, const cli_tool *tool, const char *verb)
{
    for (const cli_option *option = tool->options; option != NULL && option->name != NULL;
         option++) {
        char text[PROMPT_LINE_BYTES];
        if (option->verbs == NULL || is_word_of(option->verbs, verb)) {
            (void)snprintf(text, sizeof(text), "--%s", option->name);
            edit_offer(e, text);
        }
    }
}

static void offer_code(void *user, const char *code)
{
    edit_offer(user, code);
}

/* What may stand where something is being typed. */
static void complete(void *user, edit *e, const char *before)
{
    const desk *d = user;
    char line[PROMPT_LINE_BYTES];
    char *words[WORDS_MAX];
    int skip = 0;
    (void)snprintf(line, sizeof(line), "%s", before);
    const size_t len = strlen(before);
    size_t count = line_split(line, words, COUNT_OF(words));
    count -= count > 0 && len > 0 && before[len - 1] != ' ' ? 1 : 0; /* whole words only */
    if (count == 0) {
        offer_commands(e);
        return;
    }
    const cli_tool *tool = find_tool(words[0], &skip);
    if (tool == NULL) {
        return;
    }
    const char *last = words[count - 1];
    if (strcmp(last, "--department") == 0) {
        for (size_t i = 0; i < d->departments.count; i++) {
            edit_offer(e, d->departments.items[i].name);
        }
    } else if (strcmp(last, "--document") == 0) {
        documents_each(offer_code, e);
    } else if (skip == 1 && count == 1) {
        offer_verbs(e, tool);
    } else {
        offer_options(e, tool, words[skip]);
    }
}

/* --- the desk ------------------------------------------------------------------------------------
 */

/* One department for all that is done here; auditors need none. */
static mnsec_status choose_department(desk *d, const cli_command *command)
{
    mnsec_id department;
    MN_TRY(facility_departments_read(d->at, &d->departments));
    if (role_bit(mnsec_session_get_info(d->at->session).role) == FOR_AUDITOR) {
        return MNSEC_OK;
    }
    MN_TRY(facility_department(d->at, command, &department));
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
        mnsec_status status = read_line(d, ">", true, line);
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
        d.editor = edit_new(&at->prompt, complete, &d);
        status = work(&d);
        edit_free(d.editor);
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
