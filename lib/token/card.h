/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A person's IC card, reached through the card worker: a small process of ours (libexec) that loads
 * one PKCS#11 module, answers whole requests over a socket pair, and can be killed. No card module
 * is ever loaded into the caller's process. Every request has a deadline; past it the worker is
 * killed and the answer is CARD_TIMEOUT. After CARD_TIMEOUT or CARD_FAULT the next request may
 * start another process; a log-in that the old one held is then CARD_REMOVED. The process ends with
 * the thread that started it. mn_crypto_init() comes first.
 *
 * A card is known by the SHA-256 of the SubjectPublicKeyInfo of its signing key, proven by a fresh
 * challenge; never by label, serial, CKA_ID or slot. The PIN goes only to the slot that shows the
 * certificate asked for; the proof by signature follows the PIN.
 */
#ifndef MN_CARD_H
#define MN_CARD_H

#include "base/base.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/secret.h"
#include "crypto/public/x509.h"

typedef struct mn_card_worker mn_card_worker;

typedef struct mn_card_worker_options {
    const char *program;     /* absolute path of mnsec-card-worker */
    const char *module_path; /* absolute path of the PKCS#11 module of the cards */
    const char *tries;    /* folder of the PIN tries, absolute, made where missing; NULL = none */
    unsigned deadline_ms; /* of one request; 0 = 10 000 */
} mn_card_worker_options;

MNSEC_MUST_USE mnsec_status mn_card_worker_new(const mn_card_worker_options *options, mn_error *err,
                                               mn_card_worker **out_worker);
/* Ends the process (log-out and card reset first, within a short deadline, else killed). */
void mn_card_worker_free(mn_card_worker *worker);
MN_AUTO_PTR_DECLARE(mn_card_worker)

/* What a card is, read without PIN. */
#define MN_CARD_MAX 16
typedef struct mn_card_info {
    uint8_t spki_hash[32]; /* identity */
    mn_buf certificate;    /* DER of the signing certificate; owned, wipe with mn_card_info_wipe */
    char label[33];
    char reader[64];
    mn_signature_alg sign_alg;
    bool can_bind_ecdh;
    bool can_bind_rsa_decrypt;
    bool can_bind_rsa_sign;
    bool pin_pad;       /* protected authentication path */
    bool pin_count_low; /* a try since the last right PIN: the card says so, or we remember it */
    bool pin_final_try; /* the next one may be the last; as above */
    bool pin_locked;
} mn_card_info;
void mn_card_info_wipe(mn_card_info *info);

/* Cards inserted now; up to MN_CARD_MAX. out_cards has room for them. */
MNSEC_MUST_USE mnsec_status mn_card_list(mn_card_worker *worker, mn_card_info *out_cards,
                                         size_t *out_count);

/* How a card's secret is bound (docs/ARCHITECTURE.md). Public, part of the enrolment statement. */
typedef enum mn_card_method {
    MN_CARD_METHOD_NONE = 0,
    MN_CARD_METHOD_ECDH = 1,
    MN_CARD_METHOD_RSA_DECRYPT = 2,
    MN_CARD_METHOD_RSA_SIGN = 3
} mn_card_method;
typedef struct mn_card_binding {
    mn_card_method method;
    uint32_t padding; /* mn_rsa_padding for RSA_DECRYPT */
    mn_buf key_spki;  /* public key of the card's key that is used */
    mn_buf data;      /* ephemeral point, ciphertext, or salt */
} mn_card_binding;
void mn_card_binding_wipe(mn_card_binding *binding);
MNSEC_MUST_USE mnsec_status mn_card_binding_encode(const mn_card_binding *binding,
                                                   mn_buf *out_bytes);
MNSEC_MUST_USE mnsec_status mn_card_binding_decode(mn_bytes bytes, mn_card_binding *out_binding);
const char *mn_card_method_name(mn_card_method method);

/* One PIN check, never repeated by itself: logs the card in. Without final_try_consent what may be
 * the last try, by the card or by our own count, is not spent: CARD_FINAL_TRY. CARD_PIN,
 * CARD_BLOCKED, CARD_ABSENT, CARD_REMOVED; STORE where the try cannot be kept. pin NULL = PIN pad.
 * The session (log-in) is then held by the worker until logout, removal or worker end. */
MNSEC_MUST_USE mnsec_status mn_card_login(mn_card_worker *worker, const uint8_t spki_hash[32],
                                          const mn_secret *pin, bool final_try_consent);
void mn_card_logout(mn_card_worker *worker);
/* Enrolment, logged in: first method that really works out of method (NONE = best of all; ECDH and
 * RSA_DECRYPT are preferred to RSA_SIGN); tried live. card_secret is 32 bytes. */
MNSEC_MUST_USE mnsec_status mn_card_bind(mn_card_worker *worker, mn_card_method method,
                                         mn_card_binding *out_binding, mn_secret *out_card_secret);
/* One private-key operation. RSA PKCS#1 v1.5 padding errors continue with a pseudo-random secret.
 */
MNSEC_MUST_USE mnsec_status mn_card_secret(mn_card_worker *worker, const mn_card_binding *binding,
                                           mn_secret *out_card_secret);
/* Signature over message (hash in worker); raw r || s or RSA. It has been verified with the key of
 * the card's certificate: CARD_UNSUITABLE, and logged out, where the card holds another key. A
 * message that belongs to RSA_SIGN is refused (USAGE): its signature is the card secret. */
MNSEC_MUST_USE mnsec_status mn_card_sign(mn_card_worker *worker, mn_bytes message,
                                         mn_signature_alg *out_alg, mn_buf *out_signature);
/* CARD_PIN: the old one is wrong; USAGE_FORMAT: the card does not take the new one. The last try is
 * never spent. A log-in stays. */
MNSEC_MUST_USE mnsec_status mn_card_change_pin(mn_card_worker *worker, const uint8_t spki_hash[32],
                                               const mn_secret *old_pin, const mn_secret *new_pin);
/* Is the logged-in card still there? Cheap; CARD_REMOVED when it left (even if it came back), and
 * from then on for all that needs the log-in; STATE_LOCKED where no card was logged in. */
MNSEC_MUST_USE mnsec_status mn_card_present(mn_card_worker *worker);
/* Readable when the worker has something to tell (card removed): for poll(2), then ask
 * mn_card_present(). -1 while there is no process; may be another one after any call. */
int mn_card_worker_descriptor(const mn_card_worker *worker);

#endif
