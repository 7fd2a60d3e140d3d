/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A facility whose people have cards that really sign, for tests of the registry: statements are
 * made, signed with fresh keys, and applied. A test spoils one thing and looks who notices.
 *
 *     chain_found(&c, 2);                                   alice and bob are responsible
 *     mn_statement *s = chain_enrol(&c, CHAIN_HANA, MNSEC_ROLE_HANDLER);
 *     chain_say(&c, s, 2, CHAIN_ALICE, CHAIN_HANA)          signed by both, applied, s freed
 *
 * Departments are sample_id(0x21) and sample_id(0x22), a person is sample_id(chain_number(who)).
 */
#ifndef MN_CHAIN_H
#define MN_CHAIN_H

#include "registry/registry.h"
#include "soft_key.h"
#include "statement_samples.h"

typedef enum chain_who {
    CHAIN_ALICE,
    CHAIN_BOB,
    CHAIN_CAROL,
    CHAIN_HANA,
    CHAIN_MALLORY,
    CHAIN_PEOPLE
} chain_who;

#define CHAIN_MAX_SIGNERS 4

typedef struct chain_card {
    soft_key key;
    mn_buf certificate;
    uint8_t hash[32];
    uint8_t fingerprint[32];
} chain_card;

typedef struct chain {
    mn_error error;
    mn_registry *registry;
    uint64_t next_index;
    uint8_t founding_hash[32];
    chain_card cards[CHAIN_PEOPLE];
} chain;

/* One entry, made but not applied; entry points into the other members. */
typedef struct chain_entry {
    mn_registry_entry entry;
    mn_buf statement;
    mn_buf document;
    mn_registry_signature signatures[CHAIN_MAX_SIGNERS];
    mn_buf signature_bytes[CHAIN_MAX_SIGNERS];
} chain_entry;

/* Everybody gets a P-256 card; the registry is empty. */
void chain_init(chain *c);
void chain_wipe(chain *c);
/* A fresh key and a certificate for it. A card is not moved. */
void chain_card_make(chain_card *card, mn_signature_alg alg);
/* Another certificate for the same key. */
void chain_card_certify(const chain_card *card, mn_buf *out_certificate);
void chain_card_wipe(chain_card *card);

uint8_t chain_number(chain_who who);
mnsec_id chain_person(chain_who who);

/* Documents that may follow now, unless the test changes them. */
mn_statement *chain_founding(const chain *c, size_t responsible);
mn_statement *chain_enrol(const chain *c, chain_who who, mnsec_role role);
mn_statement *chain_withdraw(const chain *c, chain_who who);
mn_statement *chain_grant(uint8_t number, chain_who who, uint8_t department);
mn_statement *chain_operation(const chain *c, uint8_t department);
mn_statement *chain_password(const chain *c, chain_who who);

/* The next entry, signed by these people in this order. */
void chain_entry_make(const chain *c, const mn_statement *statement, size_t count,
                      const chain_who *signers, chain_entry *out_entry);
/* Make the JSON anew from entry.event, entry.ah and the document, and sign it. */
void chain_entry_sign(const chain *c, chain_entry *entry, size_t count, const chain_who *signers);
void chain_entry_wipe(chain_entry *entry);
mnsec_status chain_apply(chain *c, const chain_entry *entry);
/* Make, apply, free the statement. */
mnsec_status chain_say(chain *c, mn_statement *statement, size_t count, ...);
/* What mn_registry_may() answers; frees the statement. */
mnsec_status chain_may(chain *c, mn_statement *statement, size_t count, ...);

/* Founded with so many responsible persons: alice, bob, carol. */
void chain_found(chain *c, size_t responsible);
/* The same with alice and bob, and hana as handler with the grant 0x41 in department 0x21. */
void chain_found_with_handler(chain *c);

#endif
