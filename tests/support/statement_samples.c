/* SPDX-License-Identifier: Apache-2.0 */
/* Sample documents. A sample that cannot be made ends the test program. */
#include "statement_samples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SALT_OF(number) ((uint8_t)(0x80 + (number)))

static void must(mnsec_status status)
{
    if (status != MNSEC_OK) {
        abort();
    }
}

#define SAY(member, text) (void)snprintf((member), sizeof(member), "%s", (text))

mnsec_id sample_id(uint8_t number)
{
    mnsec_id id;
    memset(id.bytes, number, sizeof(id.bytes));
    return id;
}

void sample_point(uint8_t number, uint8_t out_point[MN_P256_POINT_BYTES])
{
    memset(out_point, number, MN_P256_POINT_BYTES);
    out_point[0] = 0x04;
}

void sample_argon2(uint8_t number, mn_argon2_params *out_params)
{
    *out_params = (mn_argon2_params){
        .passes = MN_ARGON2_FLOOR_PASSES, .kib = MN_ARGON2_FLOOR_KIB, .lanes = 1};
    memset(out_params->salt, SALT_OF(number), sizeof(out_params->salt));
}

void sample_enrolment(uint8_t number, mn_enrolment *out_enrolment)
{
    *out_enrolment = (mn_enrolment){
        .person = sample_id(number),
        .role = MNSEC_ROLE_HANDLER,
        .valid_from = 1700000000,
        .valid_until = 1800000000,
    };
    SAY(out_enrolment->name, "山田 花子");
    memset(out_enrolment->card, number, sizeof(out_enrolment->card));
    memset(out_enrolment->certificate, number + 1, sizeof(out_enrolment->certificate));
    must(mn_buf_append_text(&out_enrolment->binding, "binding"));
    sample_point(number, out_enrolment->door);
    sample_point((uint8_t)(number + 1), out_enrolment->work);
    sample_argon2(number, &out_enrolment->argon2);
}

/* Two of these cards, and one share on paper. */
static void fill_recovery(uint64_t version, uint8_t first, uint8_t second, mn_recovery *recovery)
{
    recovery->version = version;
    sample_point(0x33, recovery->key);
    recovery->threshold = 2;
    recovery->holder_count = 3;
    memset(recovery->holders[0], first, sizeof(recovery->holders[0]));
    memset(recovery->holders[1], second, sizeof(recovery->holders[1]));
}

static void fill_versions(uint8_t number, mn_department_versions *versions)
{
    *versions = (mn_department_versions){
        .id = sample_id(number), .g_version = 1, .o_version = 1, .s_version = 1, .wrap_version = 1};
    sample_argon2(number, &versions->argon2);
}

static void fill_founding(mn_founding *founding)
{
    founding->facility = sample_id(0x01);
    SAY(founding->name, "ひまわり苑");
    must(mn_buf_append_text(&founding->passport, "passport"));
    must(mn_buf_append_text(&founding->attestation, "attestation"));
    must(mn_buf_append_text(&founding->audit_certificate, "audit certificate"));
    founding->spare_count = 2;
    SAY(founding->spare[0].name, "permanent");
    must(mn_buf_append_text(&founding->spare[0].spki, "spki 1"));
    SAY(founding->spare[1].name, "epoch 1");
    must(mn_buf_append_text(&founding->spare[1].spki, "spki 2"));
    fill_recovery(1, 0x11, 0x13, &founding->recovery);
    founding->department_count = 2;
    for (uint8_t i = 0; i < founding->department_count; i++) {
        fill_versions((uint8_t)(0x21 + i), &founding->departments[i].versions);
        founding->departments[i].epoch = 1;
    }
    SAY(founding->departments[0].name, "総務");
    SAY(founding->departments[1].name, "経理");
    founding->workstation = sample_id(0x31);
    SAY(founding->workstation_name, "事務所");
    founding->person_count = 2;
    for (uint8_t i = 0; i < founding->person_count; i++) {
        sample_enrolment((uint8_t)(0x11 + 2 * i), &founding->persons[i]);
        founding->persons[i].role = MNSEC_ROLE_RESPONSIBLE;
    }
    must(mn_buf_append_text(&founding->accepted_risks, "no-spare software-token"));
}

static void fill_withdrawal(mn_withdrawal *withdrawal)
{
    withdrawal->person = sample_id(0x13);
    SAY(withdrawal->reason, "退職");
    withdrawal->facility_pin_version = 2;
    withdrawal->department_count = 2;
    for (uint8_t i = 0; i < withdrawal->department_count; i++) {
        withdrawal->departments[i] = (mn_department_versions){
            .id = sample_id((uint8_t)(0x21 + i)), .g_version = 2, .o_version = 1, .s_version = 2};
    }
}

static void fill_grant(mn_grant *grant)
{
    grant->id = sample_id(0x41);
    grant->person = sample_id(0x15);
    grant->department = sample_id(0x21);
    grant->action_count = 2;
    SAY(grant->actions[0], "record.list");
    SAY(grant->actions[1], "record.show");
    SAY(grant->document, "TAX_SLIP");
    grant->valid_from = 1700000000;
    grant->valid_until = 1800000000;
}

mn_statement *sample_statement(mn_statement_kind kind)
{
    mn_statement *statement = NULL;
    must(mn_statement_new(kind, &statement));
    switch (kind) {
    case MN_STATEMENT_FACILITY_FOUND:
        fill_founding(&statement->u.founding);
        break;
    case MN_STATEMENT_STAFF_ENROL:
        sample_enrolment(0x15, &statement->u.enrol.enrolment);
        statement->u.enrol.enrolment.role = MNSEC_ROLE_RESPONSIBLE;
        fill_recovery(2, 0x11, 0x15, &statement->u.enrol.recovery);
        break;
    case MN_STATEMENT_STAFF_WITHDRAW:
        fill_withdrawal(&statement->u.withdrawal);
        break;
    case MN_STATEMENT_GRANT_GIVE:
        fill_grant(&statement->u.grant);
        break;
    case MN_STATEMENT_GRANT_WITHDRAW:
        statement->u.grant_withdrawal.grant = sample_id(0x41);
        SAY(statement->u.grant_withdrawal.reason, "担当変更");
        break;
    case MN_STATEMENT_PASSWORD_CHANGE:
        statement->u.password.person = sample_id(0x15);
        memset(statement->u.password.card, 0x15, sizeof(statement->u.password.card));
        statement->u.password.version = 2;
        sample_argon2(0x16, &statement->u.password.argon2);
        break;
    case MN_STATEMENT_PASSWORD_OPERATION:
        fill_versions(0x21, &statement->u.operation.versions);
        statement->u.operation.versions.wrap_version = 2;
        statement->u.operation.recovered = true;
        break;
    case MN_STATEMENT_KEY_FACILITY_PIN:
        statement->u.facility_pin_version = 2;
        break;
    case MN_STATEMENT_WORKSTATION_REGISTER:
        statement->u.workstation.id = sample_id(0x32);
        SAY(statement->u.workstation.name, "二階");
        break;
    case MN_STATEMENT_POLICY_CHANGE:
        SAY(statement->u.policy.key, "session.idle_seconds");
        must(mn_buf_append_text(&statement->u.policy.value, "300"));
        break;
    case MN_STATEMENT_NONE:
        abort();
    }
    return statement;
}
