/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One authority document of each kind, always the same bytes, with something in every field. An id
 * is its number sixteen times, a hash thirty-two times, a point is 0x04 and its number sixty-four
 * times: so a reader of a dump sees what is what.
 */
#ifndef MN_STATEMENT_SAMPLES_H
#define MN_STATEMENT_SAMPLES_H

#include "registry/statement.h"

mnsec_id sample_id(uint8_t number);
void sample_point(uint8_t number, uint8_t out_point[MN_P256_POINT_BYTES]);
void sample_argon2(uint8_t number, mn_argon2_params *out_params);
/* A handler of this number: person id, card, certificate, keys and salt. */
void sample_enrolment(uint8_t number, mn_enrolment *out_enrolment);
/* Free with mn_statement_free(). */
mn_statement *sample_statement(mn_statement_kind kind);

#endif
