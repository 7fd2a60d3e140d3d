/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that a column may hold, out of subject_word.def. A word that is not there is refused:
 * nothing is kept that the law's forms do not know.
 */
#include "policy/subject/subject_word.h"

#include <ctype.h>
#include <string.h>

static const mn_subject_word words[] = {
#define NUMBER                          MN_SUBJECT_WORD_NUMBER
#define PHOTO                           MN_SUBJECT_WORD_PHOTO
#define PLAIN                           MN_SUBJECT_WORD_PLAIN
#define AGENCY                          MN_SUBJECT_WORD_AGENCY
#define WORD(group, code, names, flags) {MN_SUBJECT_WORD_GROUP_##group, code, names, flags},
#include "policy/subject/subject_word.def"
#undef WORD
#undef NUMBER
#undef PHOTO
#undef PLAIN
#undef AGENCY
};

#define COUNT (sizeof(words) / sizeof(words[0]))

/* The next letter that counts, in lower case; 0 at end. */
static int next_letter(const char **at, const char *end)
{
    while (*at < end && strchr(" -_", **at) != NULL) {
        (*at)++;
    }
    return *at < end ? tolower((unsigned char)*(*at)++) : 0;
}

static bool is_same(const char *text, const char *name, size_t name_len)
{
    const char *text_end = text + strlen(text);
    const char *name_end = name + name_len;
    int letter = 0;
    do {
        letter = next_letter(&text, text_end);
        if (letter != next_letter(&name, name_end)) {
            return false;
        }
    } while (letter != 0);
    return true;
}

bool mn_subject_word_is(const char *text, const char *names)
{
    for (const char *name = names;; name++) {
        const size_t len = strcspn(name, "|");
        if (is_same(text, name, len)) {
            return true;
        }
        name += len;
        if (*name == '\0') {
            return false;
        }
    }
}

const mn_subject_word *mn_subject_word_find(mn_subject_word_group group, const char *text)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (words[i].group == group &&
            (mn_subject_word_is(text, words[i].code) || mn_subject_word_is(text, words[i].names))) {
            return &words[i];
        }
    }
    return NULL;
}

const mn_subject_word *mn_subject_word_at(size_t n)
{
    return n < COUNT ? &words[n] : NULL;
}
