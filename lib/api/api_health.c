/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at everything without a log-in. A part that is broken is a finding, and the look goes on
 * with what does not depend on it. What can be found is the table api_health.def; the contract is
 * in mnsec/health.h.
 */
#include "mnsec/health.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "api/api_context.h"
#include "api/api_party.h"
#include "reader/reader.h"
#include "token/card.h"

typedef enum finding {
#define FINDING(name, area, code, level, text, advice) FIND_##name,
#include "api/api_health.def"
#undef FINDING
} finding;

static const mnsec_health_finding findings[] = {
#define FINDING(name, area_, code_, level_, text_, advice_)                                        \
    [FIND_##name] = {.area = (area_),                                                              \
                     .code = (code_),                                                              \
                     .level = MNSEC_HEALTH_##level_,                                               \
                     .text = (text_),                                                              \
                     .advice = (advice_)},
#include "api/api_health.def"
#undef FINDING
};

typedef struct look {
    mnsec_context *context;
    mnsec_health_fn each;
    void *user;
    bool stopped;
} look;

static void tell(look *at, finding found, const char *subject, const char *value)
{
    if (at->stopped) {
        return;
    }
    mnsec_health_finding one = findings[found];
    one.subject = subject;
    one.value = value && value[0] != '\0' ? value : NULL;
    mn_context_go_out(at->context);
    at->stopped = at->each(at->user, &one) != 0;
    mn_context_come_back(at->context);
}

/* --- workstation ---------------------------------------------------------------------------------
 */

static void look_at_workstation(look *at)
{
    const char *path = at->context->workstation;
    struct stat status;
    MN_AUTO(mn_workstation) workstation = {0};
    if (mn_workstation_read(path, &at->context->err, &workstation) != MNSEC_OK ||
        stat(path, &status) != 0) {
        tell(at, FIND_WORKSTATION_MISSING, path, at->context->err.text);
    } else if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        tell(at, FIND_WORKSTATION_OPEN, path, NULL);
    } else {
        tell(at, FIND_WORKSTATION_OK, path, NULL);
    }
    mn_error_clear(&at->context->err);
}

/* --- what opening found --------------------------------------------------------------------------
 */

static finding blame(mnsec_status status)
{
    switch (status) {
    case MNSEC_E_STATE_NOT_FOUNDED:
    case MNSEC_E_USAGE_CONFIG:
        return FIND_WORKSTATION_MISSING;
    case MNSEC_E_INTEGRITY_LOG:
    case MNSEC_E_INTEGRITY_ROLLBACK:
        return FIND_LOG_BAD;
    case MNSEC_E_INTEGRITY_AUTHORITY:
    case MNSEC_E_DENIED:
        return FIND_AUTHORITY_BAD;
    case MNSEC_E_INTEGRITY_PIN:
    case MNSEC_E_INTEGRITY_PASSPORT:
        return FIND_TOKEN_BAD;
    default:
        return mnsec_status_class(status) == MNSEC_CLASS_CARD ? FIND_TOKEN_BAD : FIND_STORE_BAD;
    }
}

static void describe_profile(const mn_passport *passport, char *out_text, size_t size)
{
    static const char *const outers[] = {
        [MN_OUTER_AES_GCM] = "AES-GCM",
        [MN_OUTER_AES_CBC] = "AES-CBC",
        [MN_OUTER_RSA_OAEP] = "RSA-OAEP",
        [MN_OUTER_RSA_OAEP_SHA1] = "RSA-OAEP (SHA-1)",
    };
    static const char *const macs[] = {
        [MN_MAC_HMAC_SHA256] = "HMAC-SHA256",
        [MN_MAC_AES_CMAC] = "AES-CMAC",
    };
    const char *outer =
        (size_t)passport->outer < sizeof outers / sizeof outers[0] ? outers[passport->outer] : NULL;
    const char *mac =
        (size_t)passport->mac < sizeof macs / sizeof macs[0] ? macs[passport->mac] : NULL;
    snprintf(out_text, size, "%s, %s, %s", outer ? outer : "?", mac ? mac : "?",
             mn_signature_alg_name(passport->audit_alg));
}

static void look_at_token(look *at, const mn_opened *opened)
{
    char profile[96];
    const mn_passport *passport = &opened->passport;
    describe_profile(passport, profile, sizeof profile);
    tell(at, FIND_TOKEN_OK, passport->label, passport->model);
    tell(at, FIND_TOKEN_PROFILE, passport->label, profile);
    if (!mn_keyring_is_hardware(opened->keyring)) {
        tell(at, FIND_TOKEN_SOFTWARE, passport->label, NULL);
    }
    if (!passport->trusted_honoured || !passport->undestroyable_honoured) {
        tell(at, FIND_TOKEN_PIN_WEAK, passport->label, NULL);
    }
    const bool has_spare = mn_registry_founding(opened->registry)->spare_count > 0;
    tell(at, has_spare ? FIND_SPARE_OK : FIND_SPARE_NONE, NULL, NULL);
}

static void look_at_staff(look *at, const mn_opened *opened)
{
    size_t responsible = 0;
    for (size_t i = 0; i < mn_registry_person_count(opened->registry); i++) {
        const mn_registry_person *person = mn_registry_person_at(opened->registry, i);
        if (!person->withdrawn && person->enrolment->role == MNSEC_ROLE_RESPONSIBLE) {
            responsible++;
        }
    }
    char count[24];
    snprintf(count, sizeof count, "%zu", responsible);
    tell(at, responsible > 1 ? FIND_STAFF_OK : FIND_STAFF_SINGLE, NULL, count);
    for (size_t i = 0; i < mn_registry_department_count(opened->registry); i++) {
        const mn_registry_department *department = mn_registry_department_at(opened->registry, i);
        if (department->operation_password_due) {
            tell(at, FIND_STAFF_PASSWORD_DUE, department->name, NULL);
        }
    }
}

/* Every page of the store, every line of the log. */
static mnsec_status look_deeper(mn_opened *opened)
{
    MN_TRY(mn_store_check(opened->store, true));
    mn_audit_index_free(opened->index);
    opened->index = NULL;
    const mn_audit_index *index = NULL;
    MN_AUTO(mn_store_txn) txn = {0};
    MN_TRY(mn_store_begin(opened->store, MN_STORE_READ, &txn));
    return mn_opened_index(opened, &txn, &index);
}

static void look_at_facility(look *at, bool deep)
{
    mnsec_context *context = at->context;
    mn_opened *opened = NULL;
    mnsec_status status = mn_context_opened(context, &opened);
    if (status == MNSEC_OK) {
        status = mn_opened_catch_up(opened);
    }
    if (status == MNSEC_OK && deep) {
        status = look_deeper(opened);
    }
    if (status != MNSEC_OK) {
        const finding found = blame(status);
        if (found != FIND_WORKSTATION_MISSING) {
            tell(at, found, NULL, context->err.text);
        }
        mn_error_clear(&context->err);
        return;
    }
    char value[64];
    tell(at, FIND_STORE_OK, NULL, NULL);
    snprintf(value, sizeof value, "%llu", (unsigned long long)mn_audit_size(opened->audit));
    tell(at, FIND_LOG_OK, NULL, value);
    snprintf(value, sizeof value, "%llu", (unsigned long long)mn_registry_count(opened->registry));
    tell(at, FIND_AUTHORITY_OK, NULL, value);
    look_at_token(at, opened);
    look_at_staff(at, opened);
}

/* --- readers and cards ---------------------------------------------------------------------------
 */

static void look_at_readers(look *at)
{
    mn_reader readers[MN_READER_MAX];
    size_t count = 0;
    const mnsec_status status = mn_reader_list(&at->context->err, readers, &count);
    mn_error_clear(&at->context->err);
    if (status != MNSEC_OK) {
        tell(at, FIND_READER_NO_SERVICE, NULL, NULL);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        tell(at, readers[i].is_mute ? FIND_READER_MUTE : FIND_READER_SEEN, readers[i].name, NULL);
    }
}

static void look_at_card(look *at, const mn_card_info *card)
{
    const mn_registry_person *person =
        at->context->opened
            ? mn_registry_person_by_card(at->context->opened->registry, card->spki_hash)
            : NULL;
    if (!at->context->opened) {
        tell(at, FIND_CARD_SEEN, card->label, NULL);
    } else if (!person) {
        tell(at, FIND_CARD_UNKNOWN, card->label, NULL);
    } else {
        tell(at, person->withdrawn ? FIND_CARD_WITHDRAWN : FIND_CARD_ENROLLED, card->label,
             person->enrolment->name);
        MN_AUTO(mn_card_binding) binding = {0};
        if (mn_card_binding_decode(mn_buf_view(&person->enrolment->binding), &binding) ==
                MNSEC_OK &&
            binding.method == MN_CARD_METHOD_RSA_SIGN) {
            tell(at, FIND_CARD_WEAK, card->label, mn_card_method_name(binding.method));
        }
    }
    if (card->pin_locked) {
        tell(at, FIND_CARD_PIN_LOCKED, card->label, NULL);
    } else if (card->pin_final_try) {
        tell(at, FIND_CARD_PIN_FINAL, card->label, NULL);
    } else if (card->pin_count_low) {
        tell(at, FIND_CARD_PIN_LOW, card->label, NULL);
    }
}

static void look_at_cards(look *at)
{
    mnsec_context *context = at->context;
    MN_AUTO(mn_workstation) workstation = {0};
    if (mn_workstation_read(context->workstation, &context->err, &workstation) != MNSEC_OK) {
        mn_error_clear(&context->err);
        return; /* told already */
    }
    MN_AUTO_PTR(mn_card_worker) worker = NULL;
    MN_AUTO(mn_party_cards) list = {0};
    mnsec_status status =
        mn_workstation_start_worker(&workstation, context->card_worker, &context->err, &worker);
    if (status == MNSEC_OK) {
        status = mn_card_list(worker, list.cards, &list.count);
    }
    if (status != MNSEC_OK) {
        tell(at, FIND_CARD_MODULE, mn_buf_text(&workstation.card_module), context->err.text);
        mn_error_clear(&context->err);
        return;
    }
    if (list.count == 0) {
        tell(at, FIND_CARD_NONE, NULL, NULL);
    }
    for (size_t i = 0; i < list.count; i++) {
        look_at_card(at, &list.cards[i]);
    }
}

mnsec_status mnsec_health_read(mnsec_context *context, int deep, mnsec_health_fn each, void *user)
{
    MN_TRY(mn_context_enter(context));
    if (!each) {
        return mn_fail(&context->err, MNSEC_E_USAGE, "invalid argument");
    }
    look at = {.context = context, .each = each, .user = user};
    look_at_workstation(&at);
    look_at_facility(&at, deep != 0);
    look_at_readers(&at);
    look_at_cards(&at);
    return MNSEC_OK;
}
