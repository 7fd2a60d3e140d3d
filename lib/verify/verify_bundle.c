/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a verification, and what comes out of it. Each step tells what it finds; a level is
 * reached when its checks ran to their end, nothing spoiled it, and the level below is reached.
 */
#include "verify.h"
#include "verify_state.h"

static void mn_verify_wipe(mn_verify *verify)
{
    mn_verify_file_wipe(&verify->folder);
    mn_buf_wipe(&verify->checkpoint_text);
    mn_buf_wipe(&verify->given);
    mn_buf_wipe(&verify->audit_certificate);
    mn_verify_authority_free(verify->authority);
    mn_verify_attest_free(verify->attest);
}

/* Run a step to its end, or to something bad; done = the level that it completes. */
static mnsec_status take_step(mn_verify *verify, mnsec_status status, unsigned done)
{
    if (status == MNSEC_OK) {
        verify->done |= done;
    }
    return status == MNSEC_E_INTEGRITY ? MNSEC_OK : status;
}

static mnsec_status run(mn_verify *verify)
{
    MN_TRY(mn_verify_signed_pin(verify));
    MN_TRY(mn_verify_remember_read(verify));
    MN_TRY(take_step(verify, mn_verify_manifest(verify), 0));
    const mnsec_status status = mn_verify_signed_checkpoint(verify);
    if (status != MNSEC_OK) {
        return take_step(verify, status, 0); /* without it nothing else can be said */
    }
    MN_TRY(mn_verify_remember_begin(verify));
    MN_TRY(take_step(verify, mn_verify_log(verify), MNSEC_BUNDLE_INTACT));
    if (verify->result.entries == 0) {
        return MNSEC_OK;
    }
    MN_TRY(take_step(verify, mn_verify_signed(verify), MNSEC_BUNDLE_SIGNED));
    if ((verify->done & MNSEC_BUNDLE_INTACT) == 0) {
        return MNSEC_OK; /* which signatures are the last ones is not known */
    }
    return take_step(verify, mn_verify_attest_end(verify), MNSEC_BUNDLE_ATTESTED);
}

static unsigned reached_levels(const mn_verify *verify)
{
    const unsigned good = verify->done & ~verify->spoiled;
    unsigned reached = 0;
    for (unsigned level = MNSEC_BUNDLE_INTACT; level <= MNSEC_BUNDLE_ATTESTED; level <<= 1U) {
        if ((good & level) == 0) {
            return reached;
        }
        reached |= level;
    }
    return reached | (good & MNSEC_BUNDLE_CONTINUOUS);
}

static unsigned skipped_checks(const mn_verify *verify)
{
    const mnsec_bundle_result *result = &verify->result;
    unsigned skipped = MNSEC_BUNDLE_SKIP_ANCHOR;
    skipped |= verify->given.len == 0 ? MNSEC_BUNDLE_SKIP_PIN : 0U;
    skipped |= result->signatures_verified < result->signatures ? MNSEC_BUNDLE_SKIP_SIGNATURES : 0U;
    skipped |= result->signatures_withheld > 0 ? MNSEC_BUNDLE_SKIP_WITHHELD : 0U;
    skipped |= result->bodies_withheld > 0 ? MNSEC_BUNDLE_SKIP_BODIES : 0U;
    skipped |= verify->has_remembered ? 0U : MNSEC_BUNDLE_SKIP_REMEMBER;
    skipped |= (verify->done & MNSEC_BUNDLE_INTACT) == 0 ? MNSEC_BUNDLE_SKIP_REST : 0U;
    return skipped;
}

static void conclude(mn_verify *verify, unsigned required)
{
    mnsec_bundle_result *result = &verify->result;
    result->reached = reached_levels(verify);
    result->skipped = skipped_checks(verify);
    if (verify->bad) {
        result->verdict = MNSEC_BUNDLE_REFUTED;
    } else if ((result->reached & required) == required) {
        result->verdict = MNSEC_BUNDLE_REACHED;
    }
}

/* Good enough to be remembered: what is required, but for the continuity that this begins. */
static bool is_worth_keeping(const mn_verify *verify, unsigned required)
{
    const mnsec_bundle_result *result = &verify->result;
    const unsigned wanted = result->first_contact != 0 && required == MNSEC_BUNDLE_CONTINUOUS
                                ? MNSEC_BUNDLE_ATTESTED
                                : required;
    return verify->options->remember != NULL && !verify->bad &&
           (result->reached & wanted) == wanted;
}

mnsec_status mn_verify_bundle(const mnsec_bundle_options *options, mnsec_bundle_result *out_result)
{
    const unsigned required = options->required == 0 ? MNSEC_BUNDLE_ATTESTED : options->required;
    MN_AUTO(mn_verify)
    verify = {.options = options, .folder = -1, .result = {.first_bad = MNSEC_BUNDLE_NO_ENTRY}};
    MN_TRY(mn_verify_folder_open(options->directory, &verify.folder));
    MN_TRY(mn_verify_authority_new(&verify.authority));
    MN_TRY(mn_verify_attest_new(&verify.attest));
    MN_TRY(run(&verify));
    conclude(&verify, required);
    if (is_worth_keeping(&verify, required)) {
        MN_TRY(mn_verify_remember_write(&verify));
    }
    *out_result = verify.result;
    return MNSEC_OK;
}
