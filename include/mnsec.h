/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libmnsec: lawful keeping of Individual Numbers (マイナンバー).
 *
 * Every operation is bound to a person's IC card and password, data keys stay on the facility's
 * token, and every act lands in a log that an outside auditor can verify without this software.
 * A tour:
 *
 *   mnsec/context.h   begin here: one facility at one workstation, and how you are asked and told
 *   mnsec/facility.h  found it; departments, people, cards, grants, passwords
 *   mnsec/session.h   a person's log-in, until the card leaves
 *   mnsec/record.h    register, import, list, show, change
 *   mnsec/document.h  the document kinds that need a number
 *   mnsec/audit.h     read the log, export it signed
 *   mnsec/verify.h    verify an export, offline, with nothing of the facility at hand
 *   mnsec/health.h    how things stand and what needs attention
 *   mnsec/status.h    what every call answers · mnsec/id.h names · mnsec/version.h
 *
 *     mnsec_context_options options = MNSEC_CONTEXT_OPTIONS_INIT;
 *     options.facility = "/srv/mnsec/himawari";
 *     options.secret = ask_in_my_dialog;
 *     mnsec_context *context = NULL;
 *     mnsec_session *session = NULL;
 *     if (mnsec_context_new(&options, &context) == MNSEC_OK &&
 *         mnsec_session_open(context, NULL, &session) == MNSEC_OK) {
 *         …
 *     }
 *     mnsec_session_close(session);
 *     mnsec_context_free(context);
 *
 * docs/INTEGRATING.md and docs/examples/ show more.
 */
#ifndef MNSEC_H
#define MNSEC_H

#include "mnsec/audit.h"
#include "mnsec/context.h"
#include "mnsec/document.h"
#include "mnsec/facility.h"
#include "mnsec/health.h"
#include "mnsec/id.h"
#include "mnsec/record.h"
#include "mnsec/session.h"
#include "mnsec/status.h"
#include "mnsec/verify.h"
#include "mnsec/version.h"

#endif
