/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choosing the language. The catalogue is found beside the program (../share/locale, as installed
 * and in the build folder alike), so that a tool speaks Japanese wherever it was put.
 */
#include "words.h"

#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "idiom.h"
#include "process.h"

#define DETAIL_BYTES 512

static bool japanese;

/* Words of the library that stand by themselves: columns of a subject, steps of an import. */
static const char *const words[] __attribute__((unused)) = {
    N_("kind"),       N_("code"),       N_("name"),
    N_("kana"),       N_("birth_date"), N_("number"),
    N_("relation"),   N_("linked"),     N_("documents"),
    N_("method"),     N_("number_doc"), N_("identity_doc"),
    N_("agency_doc"), N_("channel"),    N_("verifier"),
    N_("date"),       N_("notice"),     N_("checking"),
    N_("comparing"),  N_("importing"),  N_("not_provided_reason"),
};

/* Details of the library that hold one value, which stands here as "%s". */
static const char *const patterns[] = {
    N_("this number is registered already, in record %s"),
    N_("record %s is in the log, but its row is missing"),
    N_("the document kind %s is not known"),
    N_("the action %s is not known"),
    N_("the action %s stands twice"),
    N_("the card of %s is not there"),
    N_("there is no department %s"),
    N_("there is nobody called %s"),
    N_("two people are called %s; use the id"),
    N_("there is no workstation configuration %s"),
    N_("there is no folder for %s"),
    N_("%s has a facility already"),
    N_("cannot open %s"),
    N_("cancelled while %s"),
    N_("wait %s seconds"),
};

static bool environment_is_japanese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "ja", 2) == 0;
        }
    }
    return false;
}

/* What stands for the "%s" of a pattern in text; false where text is not of this pattern. */
static bool match(const char *pattern, const char *text, const char **out_value, size_t *out_len)
{
    const char *gap = strstr(pattern, "%s");
    const size_t before = (size_t)(gap - pattern);
    const size_t after = strlen(gap + 2);
    const size_t len = strlen(text);
    if (len <= before + after || strncmp(text, pattern, before) != 0 ||
        strcmp(text + len - after, gap + 2) != 0) {
        return false;
    }
    *out_value = text + before;
    *out_len = len - before - after;
    return true;
}

/* One text of the catalogue, or one of the patterns. */
static void translate(const char *text, char *out_text, size_t size)
{
    char value[DETAIL_BYTES];
    const char *found = NULL;
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(patterns); i++) {
        if (match(patterns[i], text, &found, &len) && len < sizeof(value)) {
            const char *translated = _(patterns[i]);
            const char *gap = strstr(translated, "%s");
            (void)snprintf(value, sizeof(value), "%.*s", (int)len, found);
            (void)snprintf(out_text, size, "%.*s%s%s", (int)(gap - translated), translated,
                           _(value), gap + 2);
            return;
        }
    }
    (void)snprintf(out_text, size, "%s", text[0] != '\0' ? _(text) : "");
}

bool words_init(const char *language)
{
    if (language != NULL && strcmp(language, "ja") != 0 && strcmp(language, "en") != 0) {
        return false;
    }
    japanese = language == NULL ? environment_is_japanese() : strcmp(language, "ja") == 0;

    /* gettext asks the locale first and LANGUAGE then; C.UTF-8 is always there. */
    (void)setlocale(LC_ALL, "C.UTF-8");
    (void)setenv("LANGUAGE", japanese ? "ja" : "en", 1);
    char path[PATH_MAX];
    if (process_beside("share/locale", path, sizeof(path))) {
        (void)bindtextdomain(WORDS_DOMAIN, path);
    }
    (void)bind_textdomain_codeset(WORDS_DOMAIN, "UTF-8");
    return true;
}

bool words_are_japanese(void)
{
    return japanese;
}

void words_detail(const char *text, char *out_text, size_t size)
{
    char what[DETAIL_BYTES];
    char why[DETAIL_BYTES];
    const char *colon = strstr(text, ": ");
    if (colon == NULL || (size_t)(colon - text) >= sizeof(what) || strcmp(_(text), text) != 0) {
        translate(text, out_text, size);
        return;
    }
    (void)snprintf(what, sizeof(what), "%.*s", (int)(colon - text), text);
    translate(colon + 2, why, sizeof(why));
    translate(what, out_text, size);
    const size_t used = strlen(out_text);
    (void)snprintf(out_text + used, size - used, ": %s", why);
}
