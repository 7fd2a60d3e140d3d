/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The place where measures are taken: the facility of the tests with many records, its handler
 * logged in and the department unlocked. Public calls by the fixture's context; inner ones by what
 * the context has opened. For times the facility token is SoftHSM itself; for counts the fault
 * module stands before it.
 */
#ifndef BENCH_HOUSE_H
#define BENCH_HOUSE_H

#include "api/api_session.h"
#include "facility_fixture.h"

typedef enum bench_house_module {
    BENCH_HOUSE_TIMED = 0,
    BENCH_HOUSE_COUNTED = 1
} bench_house_module;

typedef struct bench_house_record {
    mnsec_id id;
    mnsec_id value; /* value id */
    char number[MNSEC_NUMBER_TEXT_BYTES];
} bench_house_record;

typedef struct bench_house {
    facility_fixture *fixture;
    mnsec_id kaigo;
    mnsec_session *session;          /* of whoever is there */
    mn_opened *opened;               /* the context's */
    mn_vault_department *department; /* KAIGO, borrowed from the session */
    bench_house_record *records;     /* of KAIGO in no order */
    size_t count;
    unsigned entered; /* persons made so far, so that none has another's number */
} bench_house;

#define BENCH_HOUSE_PURPOSE  "源泉徴収票の作成"
#define BENCH_HOUSE_DOCUMENT "TAX_SLIP"

extern bench_house house;

/* Test(…, .init, .fini) parts: scratch directory and facility; then records and log-in. */
void bench_house_found(bench_house_module module);
void bench_house_fill(size_t records);
void bench_house_leave(void);
/* Somebody, TARO at first, logs in and unlocks KAIGO. */
void bench_house_enter(const char *name);
/* Another handler of KAIGO, with a card of this profile; whoever is logged in is logged out. */
void bench_house_hire(const char *name, const char *profile);

/* Checkpoints are counted apart: the next one is due as if one had just been made. */
void bench_house_postpone(void);

/* A file of so many new people; path of the scratch directory. */
const char *bench_house_people(size_t count);
void bench_house_import(const char *path, size_t count);
/* A number that nobody has. */
void bench_house_number(char out_number[MNSEC_NUMBER_TEXT_BYTES]);

#define BENCH_HOUSE_MUST(call) FACILITY_FIXTURE_MUST(house.fixture, call)

#endif
