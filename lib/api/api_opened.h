/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A facility, opened: trust before secrets (docs/ARCHITECTURE.md). The workstation's configuration
 * and the pin on the token agree, every signed statement has been verified from the pin on, the
 * store is not older than token and workstation remember. Only then is anybody asked for a PIN.
 */
#ifndef MN_API_OPENED_H
#define MN_API_OPENED_H

#include "audit/audit.h"
#include "base/clock.h"
#include "base/error.h"
#include "registry/registry.h"
#include "store/store.h"
#include "token/keyring.h"
#include "vault/vault.h"

#include "api/api_workstation.h"

#define MN_OPENED_STORE_NAME    "store.db"
#define MN_OPENED_ORIGIN_BYTES  64
#define MN_OPENED_OS_USER_BYTES 64

/* Where it is. */
typedef struct mn_opened_place {
    const char *directory;
    const char *workstation; /* configuration file */
    const mn_clock *clock;
} mn_opened_place;

typedef struct mn_opened {
    mn_error *err;         /* borrowed from the context */
    const mn_clock *clock; /* likewise */
    mn_workstation workstation;
    char origin[MN_OPENED_ORIGIN_BYTES];
    char os_user[MN_OPENED_OS_USER_BYTES]; /* who runs this process, for the log */
    mn_buf store_path;
    mn_buf pin_certificate;   /* DER */
    bool pin_is_weak;         /* nobody trusted it; the passport must allow that */
    mn_buf audit_certificate; /* DER */
    mn_buf audit_spki;
    mn_store *store;
    mn_keyring *keyring;
    mn_audit *audit;
    mn_registry *registry;
    mn_audit_index *index; /* NULL until a record is asked for; mn_opened_index() */
    mn_passport passport;
    mn_vault vault;           /* borrows the above */
    int64_t checkpoint_ms;    /* monotonic, of the last checkpoint of this process */
    uint64_t checkpoint_size; /* of the log then */
    bool is_alarmed;          /* what is wrong with the log is in the log already */
} mn_opened;

MNSEC_MUST_USE mnsec_status mn_opened_new(const mn_opened_place *place, mn_error *err,
                                          mn_opened **out_opened);
void mn_opened_free(mn_opened *opened);
MN_AUTO_PTR_DECLARE(mn_opened)

/* Path of the store of a facility directory. */
MNSEC_MUST_USE mnsec_status mn_opened_store_path(const char *directory, mn_buf *out_path);
/* Origin of the log: "mnsec/" and the id. */
void mn_opened_origin(const mnsec_id *facility, char out_origin[MN_OPENED_ORIGIN_BYTES]);

/* A user of the system as the log can take him: a name that is too long, no text, or looks like an
 * Individual Number would keep every entry out, so the number of the user stands for it. */
void mn_opened_os_user(const char *name, unsigned uid, char out_name[MN_OPENED_OS_USER_BYTES]);

/* Pick up what other processes have appended: entries, and the statements among them. */
MNSEC_MUST_USE mnsec_status mn_opened_refresh(mn_opened *opened, mn_store_txn *txn);
/* The same in a transaction of its own. */
MNSEC_MUST_USE mnsec_status mn_opened_catch_up(mn_opened *opened);
/* Which value of a record is the newest; refreshed. */
MNSEC_MUST_USE mnsec_status mn_opened_index(mn_opened *opened, mn_store_txn *txn,
                                            const mn_audit_index **out_index);
/* Make a checkpoint now, or (not must) only when one is due: 100 entries or 60 seconds. The token
 * is logged in; where it is not, nothing is due and a must is refused. INTEGRITY goes to the log
 * as integrity.alarm, once, where it still takes an entry. */
MNSEC_MUST_USE mnsec_status mn_opened_checkpoint(mn_opened *opened, bool must);
/* The signer of checkpoints and exports; borrows opened. */
mn_audit_signer mn_opened_signer(mn_opened *opened);

#endif
