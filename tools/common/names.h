/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for the enumerations of the public headers: in options, in JSON, and (through the
 * catalogue) in tables. The words are promised in the man pages.
 */
#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include "idiom.h"
#include "mnsec/record.h"
#include "mnsec/session.h"

/* "responsible", "handler", "auditor", "unattended"; "none" for anything else. */
const char *names_role(mnsec_role role);
bool names_role_parse(const char *word, mnsec_role *out_role);
/* "employee", "dependant", "payee", "resident"; "none" for anything else. */
const char *names_subject(mnsec_subject_kind kind);
bool names_subject_parse(const char *word, mnsec_subject_kind *out_kind);
/* "unverified", "verified", "not provided"; "none" for anything else. */
const char *names_number_state(mnsec_number_state state);

#endif
