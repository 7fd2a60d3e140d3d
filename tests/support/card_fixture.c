/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture: scripts of hsm-sim make folder and cards, fault_client moves them. */
#include "card_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/secret/crypto.h"
#include "fault_client.h"
#include "fault_counts.h"
#include "scratch.h"

static const char *simulator;
static const char *state;
static mn_fault_counts *counts;

static void must(bool done, const char *what)
{
    if (!done) {
        (void)fprintf(stderr, "card_fixture: %s\n", what);
        abort();
    }
}

static void run(const char *script, const char *arguments)
{
    char command[1024];
    const int len =
        snprintf(command, sizeof(command), "MNSEC_BUILD='%s' '%s/%s' '%s' %s", CARD_FIXTURE_BUILD,
                 CARD_FIXTURE_SCRIPTS, script, simulator, arguments);
    must(len > 0 && (size_t)len < sizeof(command) && system(command) == 0, command);
}

void card_fixture_add(void)
{
    simulator = scratch_path("sim");
    state = scratch_path("sim/reader/state");
    run("provision/provision", "");
    counts = mn_fault_counts_open(state);
    must(counts != NULL, "the counts cannot be opened");
    must(mn_crypto_init() == MNSEC_OK, "libgcrypt does not start");
}

void card_fixture_make(void)
{
    scratch_make();
    card_fixture_add();
}

void card_fixture_remove(void)
{
    mn_fault_counts_free(counts);
    scratch_remove();
}

void card_fixture_card(const char *name, const char *profile)
{
    char arguments[256];
    const int len = snprintf(arguments, sizeof(arguments), "'%s' --profile '%s'", name, profile);
    must(len > 0 && (size_t)len < sizeof(arguments), name);
    run("provision/card", arguments);
    card_fixture_insert(name);
}

void card_fixture_insert(const char *name)
{
    must(mn_fault_client_insert(state, name), name);
}

void card_fixture_pull(const char *name)
{
    must(mn_fault_client_remove(state, name), name);
}

const char *card_fixture_worker(void)
{
    return CARD_FIXTURE_WORKER;
}

const char *card_fixture_module(void)
{
    return scratch_path("sim/reader/mnsec-cards.so");
}

const char *card_fixture_tries(void)
{
    return scratch_path("tries");
}

mn_card_worker *card_fixture_start(unsigned deadline_ms, mn_error *err)
{
    const mn_card_worker_options options = {.program = card_fixture_worker(),
                                            .module_path = card_fixture_module(),
                                            .tries = card_fixture_tries(),
                                            .deadline_ms = deadline_ms};
    mn_card_worker *worker = NULL;
    must(mn_card_worker_new(&options, err, &worker) == MNSEC_OK, "the worker does not start");
    return worker;
}

void card_fixture_plan(const char *text)
{
    must(mn_fault_client_plan(state, text), "the plan cannot be written");
}

uint64_t card_fixture_count(mn_fault_fn fn)
{
    return mn_fault_counts_get(counts, fn);
}

void card_fixture_count_reset(void)
{
    mn_fault_counts_reset(counts);
}
