/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of words. One word, one value, both ways.
 */
#include "names.h"

#include <string.h>

#include "words.h"

typedef struct name {
    const char *word;
    int value;
} name;

static const name roles[] = {
    {N_("responsible"), MNSEC_ROLE_RESPONSIBLE},
    {N_("handler"), MNSEC_ROLE_HANDLER},
    {N_("auditor"), MNSEC_ROLE_AUDITOR},
    {N_("unattended"), MNSEC_ROLE_UNATTENDED},
    {NULL, 0},
};
static const name subjects[] = {
    {N_("employee"), MNSEC_SUBJECT_EMPLOYEE},
    {N_("dependant"), MNSEC_SUBJECT_DEPENDANT},
    {N_("payee"), MNSEC_SUBJECT_PAYEE},
    {N_("resident"), MNSEC_SUBJECT_RESIDENT},
    {NULL, 0},
};
static const name states[] = {
    {N_("unverified"), MNSEC_NUMBER_UNVERIFIED},
    {N_("verified"), MNSEC_NUMBER_VERIFIED},
    {N_("not provided"), MNSEC_NUMBER_NOT_PROVIDED},
    {NULL, 0},
};

static const char *word_of(const name *names, int value)
{
    for (; names->word != NULL; names++) {
        if (names->value == value) {
            return names->word;
        }
    }
    return N_("none");
}

static const name *find_word(const name *names, const char *word)
{
    for (; names->word != NULL; names++) {
        if (strcmp(names->word, word) == 0) {
            return names;
        }
    }
    return NULL;
}

const char *names_role(mnsec_role role)
{
    return word_of(roles, (int)role);
}

bool names_role_parse(const char *word, mnsec_role *out_role)
{
    const name *found = find_word(roles, word);
    if (found != NULL) {
        *out_role = (mnsec_role)found->value;
    }
    return found != NULL;
}

const char *names_subject(mnsec_subject_kind kind)
{
    return word_of(subjects, (int)kind);
}

bool names_subject_parse(const char *word, mnsec_subject_kind *out_kind)
{
    const name *found = find_word(subjects, word);
    if (found != NULL) {
        *out_kind = (mnsec_subject_kind)found->value;
    }
    return found != NULL;
}

const char *names_number_state(mnsec_number_state state)
{
    return word_of(states, (int)state);
}
