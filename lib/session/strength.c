/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strength of own and operation passwords. The system's own pwquality.conf is not read: what holds
 * for a facility is the same on every workstation.
 */
#include "strength.h"

#include <pwquality.h>
#include <unistd.h>

/* Where Debian's cracklib-runtime keeps the words. Without them nothing could be judged, and
 * cracklib would say so on the host's standard error. */
#define DICTIONARY "/var/cache/cracklib/cracklib_dict.pwd"

static const char *reason_of(int code)
{
    switch (code) {
    case PWQ_ERROR_MIN_LENGTH:
        return "the password is shorter than 12 characters";
    case PWQ_ERROR_USER_CHECK:
    case PWQ_ERROR_GECOS_CHECK:
        return "the password contains the name";
    case PWQ_ERROR_CRACKLIB_CHECK:
    case PWQ_ERROR_BAD_WORDS:
        return "the password is too easy to guess (dictionary)";
    case PWQ_ERROR_PALINDROME:
    case PWQ_ERROR_MAX_CONSECUTIVE:
    case PWQ_ERROR_MAX_SEQUENCE:
        return "the password repeats itself or counts up";
    default:
        return "the password is too easy to guess";
    }
}

mnsec_status mn_strength_check(const mn_secret *password, const char *subject, mn_error *err)
{
    if (mn_secret_is_empty(password) || password->len < MN_STRENGTH_MIN_BYTES) {
        return mn_fail(err, MNSEC_E_USAGE_WEAK_PASSWORD, "%s", reason_of(PWQ_ERROR_MIN_LENGTH));
    }
    if (access(DICTIONARY, R_OK) != 0) {
        return mn_fail(err, MNSEC_E_INTERNAL,
                       "the dictionary of weak passwords is missing (package cracklib-runtime)");
    }
    pwquality_settings_t *settings = pwquality_default_settings();
    if (!settings) {
        return mn_fail(err, MNSEC_E_INTERNAL_MEMORY, "out of memory");
    }
    /* Length in place of character classes (SP 800-63B 5.1.1): Japanese phrases are welcome. */
    int code = pwquality_set_int_value(settings, PWQ_SETTING_MIN_LENGTH, MN_STRENGTH_MIN_BYTES);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_DIG_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_UP_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_LOW_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_OTH_CREDIT, 0);
    code |= pwquality_set_int_value(settings, PWQ_SETTING_MAX_SEQUENCE, 5);
    if (code == 0) {
        code = pwquality_check(settings, (const char *)password->bytes, NULL, subject, NULL);
    }
    pwquality_free_settings(settings);
    return code >= 0 ? MNSEC_OK : mn_fail(err, MNSEC_E_USAGE_WEAK_PASSWORD, "%s", reason_of(code));
}
