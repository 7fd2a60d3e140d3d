/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door to PKCS#11, internal to token/ and the card worker: the only place that knows p11-kit's
 * loader. A module is named by absolute path, loaded and initialised once per process, counted, and
 * finalised by its last user. A child after fork(2) gets INTERNAL_FORKED from whatever checks, and
 * nothing of it ever reaches the module.
 *
 * One operation at a time and one thread per session; modules may be shared between threads.
 */
#ifndef MN_P11_H
#define MN_P11_H

#include <p11-kit/pkcs11.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"

/* --- p11.c: a loaded module --- */
typedef struct mn_p11 mn_p11;

/* path is absolute. TOKEN_ABSENT when the file cannot be loaded as a PKCS#11 module,
 * TOKEN_UNSUITABLE when it is p11-kit's proxy, TOKEN_FAULT when it will not start,
 * INTERNAL_FORKED in a child of a process that has modules loaded. */
MNSEC_MUST_USE mnsec_status mn_p11_load(const char *path, mn_error *err, mn_p11 **out_module);
void mn_p11_free(mn_p11 *module); /* the last one finalises; in a forked child only forgets */
MN_AUTO_PTR_DECLARE(mn_p11)
/* The module's functions, borrowed. */
CK_FUNCTION_LIST *mn_p11_calls(const mn_p11 *module);
/* Resolved absolute path, borrowed. */
const char *mn_p11_path(const mn_p11 *module);
/* INTERNAL_FORKED in another process than the one that loaded it. */
MNSEC_MUST_USE mnsec_status mn_p11_check(const mn_p11 *module, mn_error *err);
/* Slots that hold a token (or all), freshly listed; CK_SLOT_ID after CK_SLOT_ID in out_slots. */
MNSEC_MUST_USE mnsec_status mn_p11_slots(const mn_p11 *module, bool with_token, mn_error *err,
                                         mn_buf *out_slots);

/* --- p11.c: what a CK_RV means --- */
typedef enum mn_p11_role { MN_P11_TOKEN = 0, MN_P11_CARD = 1 } mn_p11_role;
mnsec_status mn_p11_status(mn_p11_role role, CK_RV rv);
/* Does it say that session, log-in or device are gone, so that no handle is worth keeping? */
bool mn_p11_is_lost(CK_RV rv);
/* Space-padded or NUL-ended text of a token to a C string; out has len + 1 bytes. */
void mn_p11_text(const unsigned char *padded, size_t len, char *out_text);

/* --- p11_session.c: a session and the objects it sees --- */
typedef struct mn_p11_session {
    mn_p11 *module; /* borrowed; NULL = no session */
    mn_error *err;  /* borrowed, may be NULL */
    mn_p11_role role;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE handle;
} mn_p11_session;
MNSEC_MUST_USE mnsec_status mn_p11_session_open(mn_p11 *module, CK_SLOT_ID slot, bool writable,
                                                mn_p11_role role, mn_error *err,
                                                mn_p11_session *out_session);
void mn_p11_session_wipe(mn_p11_session *session); /* closes */
/* Note the failure of a call, named as in the standard, and answer its status. */
MNSEC_MUST_USE mnsec_status mn_p11_session_fail(const mn_p11_session *session, CK_RV rv,
                                                const char *call);
/* CK_OBJECT_HANDLE after CK_OBJECT_HANDLE; the search is ended on every path. At most
 * MN_P11_FIND_MAX, more is refused. */
#define MN_P11_FIND_MAX 4096U
MNSEC_MUST_USE mnsec_status mn_p11_session_find(const mn_p11_session *session,
                                                CK_ATTRIBUTE *pattern, size_t count,
                                                mn_buf *out_handles);
size_t mn_p11_session_found(const mn_buf *handles);
CK_OBJECT_HANDLE mn_p11_session_handle(const mn_buf *handles, size_t index);
/* One attribute of any length up to 64 KiB. STATE_NOT_FOUND where the object has none such. */
MNSEC_MUST_USE mnsec_status mn_p11_session_attribute(const mn_p11_session *session,
                                                     CK_OBJECT_HANDLE object,
                                                     CK_ATTRIBUTE_TYPE type, mn_buf *out_value);

/* --- p11_uri.c: RFC 7512 --- */
typedef struct mn_p11_uri mn_p11_uri;
#define MN_P11_URI_MAX_BYTES 1024U
/* A URI that names a token of a module: module-path is absolute, and at least one of token,
 * manufacturer, model, serial, slot-id, slot-description is there. pin-value, pin-source,
 * module-name, object attributes, unknown ones and over-long values: USAGE_CONFIG. */
MNSEC_MUST_USE mnsec_status mn_p11_uri_parse(const char *text, mn_error *err, mn_p11_uri **out_uri);
void mn_p11_uri_free(mn_p11_uri *uri);
MN_AUTO_PTR_DECLARE(mn_p11_uri)
const char *mn_p11_uri_module_path(const mn_p11_uri *uri); /* borrowed */
bool mn_p11_uri_matches(const mn_p11_uri *uri, CK_SLOT_ID slot, const CK_SLOT_INFO *slot_info,
                        const CK_TOKEN_INFO *token_info);
/* The URI that names this token: manufacturer, model, serial, token, module-path. */
MNSEC_MUST_USE mnsec_status mn_p11_uri_format(const char *module_path,
                                              const CK_TOKEN_INFO *token_info, mn_buf *out_text);

#endif
