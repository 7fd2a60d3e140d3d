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

#include "process.h"

static bool japanese;

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
