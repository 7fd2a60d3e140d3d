/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Authority documents (docs/FORMATS.md, 3.1), as far as they say who may sign: persons with their
 * cards, and grants. The other fields are passed over, but they must be there and end where the
 * document ends. What a document changes is in verify_authority.c.
 */
#include <string.h>

#include "base/encode.h"
#include "verify_read.h"

#define ENROLMENT "mnsec/enrolment/1"

static mnsec_status skip(mn_decode *at, unsigned fields)
{
    for (unsigned i = 0; i < fields; i++) {
        mn_bytes field;
        MN_TRY(mn_decode_bytes(at, &field));
    }
    return MNSEC_OK;
}

static mnsec_status skip_list(mn_decode *at, unsigned fields)
{
    uint64_t count = 0;
    MN_TRY(mn_decode_u64(at, &count));
    for (uint64_t i = 0; i < count; i++) {
        MN_TRY(skip(at, fields));
    }
    return MNSEC_OK;
}

/* Version, key, threshold, holders. */
static mnsec_status skip_recovery(mn_decode *at)
{
    MN_TRY(skip(at, 3));
    return skip_list(at, 1);
}

static mnsec_status read_enrolment(mn_decode *at, mn_verify_document *document)
{
    mn_bytes nested;
    mn_decode inner;
    if (document->person_count == MN_VERIFY_PERSONS) {
        return MNSEC_E_USAGE_FORMAT;
    }
    mn_verify_person *person = &document->persons[document->person_count];
    MN_TRY(mn_decode_bytes(at, &nested));
    MN_TRY(mn_decode_begin(&inner, nested, ENROLMENT));
    MN_TRY(mn_decode_id(&inner, &person->id));
    MN_TRY(skip(&inner, 1)); /* name */
    MN_TRY(mn_decode_u64(&inner, &person->role));
    MN_TRY(mn_decode_fixed(&inner, person->card, sizeof(person->card)));
    MN_TRY(mn_decode_fixed(&inner, person->certificate, sizeof(person->certificate)));
    MN_TRY(skip(&inner, 9)); /* binding, door, work, Argon2id (4), validity (2) */
    document->person_count++;
    return mn_decode_end(&inner);
}

static mnsec_status read_founding(mn_decode *at, mn_verify_document *document)
{
    uint64_t count = 0;
    MN_TRY(skip(at, 4)); /* facility, name, passport, attestation */
    MN_TRY(mn_decode_bytes(at, &document->audit_certificate));
    MN_TRY(skip_list(at, 2)); /* spare */
    MN_TRY(skip_recovery(at));
    MN_TRY(skip_list(at, 11)); /* departments */
    MN_TRY(skip(at, 2));       /* workstation */
    MN_TRY(mn_decode_u64(at, &count));
    for (uint64_t i = 0; i < count; i++) {
        MN_TRY(read_enrolment(at, document));
    }
    MN_TRY(skip(at, 1)); /* single control */
    return skip_list(at, 1);
}

static mnsec_status read_enrol(mn_decode *at, mn_verify_document *document)
{
    MN_TRY(read_enrolment(at, document));
    return skip_recovery(at);
}

static mnsec_status read_withdraw(mn_decode *at, mn_verify_document *document)
{
    MN_TRY(mn_decode_id(at, &document->person));
    MN_TRY(skip(at, 2));      /* reason, facility PIN version */
    MN_TRY(skip_list(at, 4)); /* departments */
    return skip_recovery(at);
}

static mnsec_status read_give(mn_decode *at, mn_verify_document *document)
{
    MN_TRY(mn_decode_id(at, &document->grant));
    MN_TRY(mn_decode_id(at, &document->person));
    MN_TRY(mn_decode_id(at, &document->department));
    MN_TRY(skip_list(at, 1)); /* actions */
    return skip(at, 3);       /* document kind, validity (2) */
}

static mnsec_status read_take_back(mn_decode *at, mn_verify_document *document)
{
    MN_TRY(mn_decode_id(at, &document->grant));
    return skip(at, 1);
}

static mnsec_status read_password(mn_decode *at, mn_verify_document *document)
{
    MN_TRY(mn_decode_id(at, &document->person));
    return skip(at, 6); /* card, version, Argon2id (4) */
}

static mnsec_status read_operation(mn_decode *at, mn_verify_document *document)
{
    MN_TRY(mn_decode_id(at, &document->department));
    MN_TRY(skip(at, 8)); /* versions (4), Argon2id (4) */
    return mn_decode_u64(at, &document->recovered);
}

/* Any other: signed by somebody responsible, changes nobody's authority. */
static mnsec_status read_other(mn_decode *at, mn_verify_document *document)
{
    (void)document;
    while (!mn_decode_is_done(at)) {
        MN_TRY(skip(at, 1));
    }
    return MNSEC_OK;
}

static const struct {
    const char *event;
    mn_verify_document_kind kind;
    mnsec_status (*read)(mn_decode *at, mn_verify_document *document);
} kinds[] = {
    {"facility.found", MN_VERIFY_DOCUMENT_FOUNDING, read_founding},
    {"staff.enrol", MN_VERIFY_DOCUMENT_ENROL, read_enrol},
    {"staff.withdraw", MN_VERIFY_DOCUMENT_WITHDRAW, read_withdraw},
    {"grant.give", MN_VERIFY_DOCUMENT_GIVE, read_give},
    {"grant.withdraw", MN_VERIFY_DOCUMENT_TAKE_BACK, read_take_back},
    {"password.change", MN_VERIFY_DOCUMENT_PASSWORD, read_password},
    {"password.operation", MN_VERIFY_DOCUMENT_OPERATION, read_operation},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

mnsec_status mn_verify_document_read(const mn_verify_line *line, mn_bytes bytes,
                                     mn_verify_document *out_document)
{
    size_t n = 0;
    while (n < KINDS && !mn_verify_line_is(line, kinds[n].event)) {
        n++;
    }
    mn_decode at;
    MN_AUTO(mn_buf) purpose = {0};
    MN_TRY(mn_buf_append_text(&purpose, "mnsec/"));
    MN_TRY(mn_buf_append(&purpose, line->event.bytes, line->event.len));
    MN_TRY(mn_buf_append_text(&purpose, "/1"));
    MN_TRY(mn_decode_begin(&at, bytes, mn_buf_text(&purpose)));
    *out_document = (mn_verify_document){
        .kind = n < KINDS ? kinds[n].kind : MN_VERIFY_DOCUMENT_OTHER,
    };
    MN_TRY((n < KINDS ? kinds[n].read : read_other)(&at, out_document));
    return mn_decode_end(&at);
}
