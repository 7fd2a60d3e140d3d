/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strength of own and operation passwords. The system's own pwquality.conf is not read: what holds
 * for a facility is the same on every workstation.
 */
#include "strength.h"

#include <pwquality.h>
#include <unistd.h>

#include "session/strength_guess.h"

/* Where Debian's cracklib-runtime keeps the words. Without them nothing could be judged, and
 * cracklib would say so on the host's standard error. */
#define DICTIONARY "/var/cache/cracklib/cracklib_dict.pwd"

/* What must be left when everything is taken away that people try first. */
#define LEFT_MIN_BYTES 6
/* Shorter ones are no words to cracklib. */
#define CORE_MIN_BYTES 6

static const char *reason_of(int code)
{
    switch (code) {
    case PWQ_ERROR_MIN_LENGTH:
        return "the password is shorter than 12 characters";
    case PWQ_ERROR_CRACKLIB_CHECK:
    case PWQ_ERROR_BAD_WORDS:
        return "the password is a word of the dictionary, or nearly; take several words that do "
               "not "
               "belong together";
    case PWQ_ERROR_PALINDROME:
    case PWQ_ERROR_MAX_CONSECUTIVE:
    case PWQ_ERROR_MAX_SEQUENCE:
        return "the password repeats itself or counts up";
    default:
        return "the password is too easy to guess";
    }
}

/* cracklib's words and libpwquality's rules. Length in place of character classes (SP 800-63B
 * 5.1.1): Japanese phrases are welcome. */
static mnsec_status ask_pwquality(const mn_secret *text, int min_length, mn_error *err,
                                  int *out_code)
{
    pwquality_settings_t *settings = pwquality_default_settings();
    if (!settings) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    int code = pwquality_set_int_value(settings, PWQ_SETTING_MIN_LENGTH, min_length);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_DIG_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_UP_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_LOW_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_OTH_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_MAX_SEQUENCE, 5);
    if (code == 0) {
        code = pwquality_check(settings, (const char *)text->bytes, NULL, NULL, NULL);
    }
    pwquality_free_settings(settings);
    *out_code = code;
    return MNSEC_OK;
}

/* What is weak about it when the guessable is taken away, or NULL. */
static const char *reason_of_guess(const mn_strength_guess *guess)
{
    if (guess->has_name) {
        return "the password contains the name of a person, a department or the facility";
    }
    if (guess->left >= LEFT_MIN_BYTES) {
        return NULL;
    }
    if (guess->has_word) {
        return "the password is a common word with little around it; take several words that do "
               "not belong together";
    }
    if (guess->has_run || guess->is_repeat) {
        return "the password is keys in a row or repeats itself; take several words that do not "
               "belong together";
    }
    return "the password is almost only digits and signs; take several words that do not belong "
           "together";
}

mnsec_status mn_strength_check(const mn_secret *password, const char *const names[],
                               size_t name_count, mn_error *err)
{
    if (mn_secret_is_empty(password) || password->len < MN_STRENGTH_MIN_BYTES) {
        return mn_fail(err, MNSEC_E_USAGE_WEAK_PASSWORD, "%s", reason_of(PWQ_ERROR_MIN_LENGTH));
    }
    if (access(DICTIONARY, R_OK) != 0) {
        return mn_fail(err, MNSEC_E_INTERNAL,
                       "the dictionary of weak passwords is missing (package cracklib-runtime)");
    }
    int code = 0;
    mn_strength_guess guess = {0};
    MN_AUTO(mn_secret) core = {0};
    MN_TRY(mn_strength_guess_take(password, names, name_count, &guess, &core));
    const char *reason = reason_of_guess(&guess);
    if (reason) {
        return mn_fail(err, MNSEC_E_USAGE_WEAK_PASSWORD, "%s", reason);
    }
    MN_TRY(ask_pwquality(password, MN_STRENGTH_MIN_BYTES, err, &code));
    if (code >= 0 && core.len >= CORE_MIN_BYTES) {
        MN_TRY(ask_pwquality(&core, CORE_MIN_BYTES, err, &code));
        code = code == PWQ_ERROR_CRACKLIB_CHECK ? code : 0; /* the other rules are for the whole */
    }
    return code >= 0 ? MNSEC_OK : mn_fail(err, MNSEC_E_USAGE_WEAK_PASSWORD, "%s", reason_of(code));
}
