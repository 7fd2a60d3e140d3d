/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Founding a facility, in a fixed order. Everything is made in the folder "founding" of the
 * facility's directory; the store moves to its place when it is whole, and the pin on the token,
 * written last, alone makes it a founded facility. Cut short before the store moved, a founding
 * begins anew with the SO PIN that was shown; cut short after, only the pins are missing.
 */
#ifndef MN_API_FOUNDING_H
#define MN_API_FOUNDING_H

#include "api/api_party.h"
#include "mnsec/facility.h"

/* A founder with what his card and password have opened. */
typedef struct mn_founding_person {
    mn_party party;
    mnsec_id id;
    mn_secret work; /* work private key */
} mn_founding_person;

/* What founding works with. */
typedef struct mn_founding_work {
    mnsec_context *context;
    const mnsec_founding_options *options;
    mn_error *err;
    mn_workstation workstation;
    char origin[MN_OPENED_ORIGIN_BYTES];
    mn_buf folder; /* DIR/founding */
    mn_keyring *keyring;
    mn_keyring *spare;
    mn_secret so_pin;
    mn_secret facility_pin;
    mn_secret spare_so_pin;
    mn_secret spare_pin;
    mn_passport passport;
    mn_passport spare_passport;
    mn_buf audit_certificate; /* DER */
    mn_buf audit_spki;
    mn_buf pin_certificate; /* DER */
    mn_store *store;
    mn_audit *audit;
    mn_vault vault;
    mn_statement *statement; /* facility.found */
    mn_founding_person persons[MN_STATEMENT_MAX_PERSONS];
    uint8_t founding_hash[32];
} mn_founding_work;
void mn_founding_work_wipe(mn_founding_work *work);

/* --- api_founding.c: the order of the steps, the statement, the end --- */
MNSEC_MUST_USE mnsec_status mn_founding_run(mn_founding_work *work);
/* Path below the founding folder. */
MNSEC_MUST_USE mnsec_status mn_founding_path(const mn_founding_work *work, const char *name,
                                             mn_buf *out_path);
bool mn_founding_has(const mn_founding_work *work, const char *name);

/* --- api_founding_token.c: facility token and spare --- */
/* SO PIN shown and typed back, or asked for where it was shown before; token initialised, probed.
 */
MNSEC_MUST_USE mnsec_status mn_founding_token_prepare(mn_founding_work *work);
/* Pepper, audit and departments' keys, audit certificate; ends logged in. */
MNSEC_MUST_USE mnsec_status mn_founding_token_keys(mn_founding_work *work);
/* The spare: its keys made, trusted, ours escrowed; nothing to do where there is none. */
MNSEC_MUST_USE mnsec_status mn_founding_token_spare(mn_founding_work *work);
/* The tokens of a founding that misses its pins only. */
MNSEC_MUST_USE mnsec_status mn_founding_token_reopen(mn_founding_work *work);
/* Pins on spare and token; asks for the SO PINs where they are not at hand (resumed). */
MNSEC_MUST_USE mnsec_status mn_founding_token_pins(mn_founding_work *work);
mn_audit_signer mn_founding_token_signer(mn_founding_work *work);

/* --- api_founding_people.c: founders, recovery, departments --- */
MNSEC_MUST_USE mnsec_status mn_founding_people_enrol(mn_founding_work *work);
MNSEC_MUST_USE mnsec_status mn_founding_people_secrets(mn_founding_work *work);
/* The statement signed by the first founder's card and, where there is one, the second's. */
MNSEC_MUST_USE mnsec_status mn_founding_people_sign(mn_founding_work *work, mn_bytes statement,
                                                    mn_audit_signature out_signatures[2],
                                                    size_t *out_count);

#endif
