/* SPDX-License-Identifier: Apache-2.0 */
/* One loop: a question is heard, and answered in the card's manner. */
#include "tiny_card.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

/* Direct convention, T=1 alone, no historical bytes. */
const uint8_t tiny_card_atr[] = {0x3b, 0x80, 0x01, 0x81};
const size_t tiny_card_atr_len = sizeof(tiny_card_atr);

typedef struct answer {
    uint8_t type;
    size_t len;
    uint8_t bytes[VREADER_FRAME_MAX + 1];
} answer;

int tiny_card_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool tiny_card_say(int fd, uint8_t type, const uint8_t *payload, size_t len)
{
    struct iovec parts[] = {{&type, 1}, {NULL, len}};
    memcpy(&parts[1].iov_base, &payload, sizeof(payload)); /* an iovec knows no const */
    const struct msghdr frame = {.msg_iov = parts, .msg_iovlen = len > 0 ? 2 : 1};
    return sendmsg(fd, &frame, MSG_NOSIGNAL) == (ssize_t)(1 + len);
}

static void echo(const uint8_t *command, size_t len, answer *out)
{
    out->type = VREADER_APDU;
    out->len = len < VREADER_APDU_MAX - 2 ? len : VREADER_APDU_MAX - 2;
    memcpy(out->bytes, command, out->len);
    out->bytes[out->len++] = 0x90;
    out->bytes[out->len++] = 0x00;
}

/* False: it leaves without a word. */
static bool answer_command(const uint8_t *command, size_t len, tiny_card_manner manner, answer *out)
{
    echo(command, len, out);
    switch (manner) {
    case TINY_CARD_VANISHES:
        return false;
    case TINY_CARD_ANSWERS_WRONG:
        out->type = VREADER_ATR;
        break;
    case TINY_CARD_ANSWERS_LONG:
        out->len = VREADER_FRAME_MAX;
        break;
    case TINY_CARD_ANSWERS_SHORT:
        out->len = 1;
        break;
    default:
        break;
    }
    return true;
}

static void answer_power(uint8_t question, tiny_card_manner manner, answer *out)
{
    out->type = question == VREADER_POWER_OFF ? VREADER_POWER_OFF : VREADER_ATR;
    out->len =
        question == VREADER_POWER_OFF || manner == TINY_CARD_FORGETS_ATR ? 0 : tiny_card_atr_len;
    memcpy(out->bytes, tiny_card_atr, out->len);
}

/* False: it leaves. */
static bool answer_question(int fd, const uint8_t *question, size_t len, tiny_card_manner manner)
{
    static _Thread_local answer said;
    const bool is_command = question[0] == VREADER_APDU;
    if (!is_command) {
        answer_power(question[0], manner, &said);
    } else if (!answer_command(question + 1, len - 1, manner, &said)) {
        return false;
    }
    if (is_command && manner == TINY_CARD_MUTE) {
        return true;
    }
    if (is_command && manner == TINY_CARD_ANSWERS_EMPTY) {
        return send(fd, "", 0, MSG_NOSIGNAL) == 0;
    }
    return tiny_card_say(fd, said.type, said.bytes, said.len) &&
           (manner != TINY_CARD_CHATTERS || tiny_card_say(fd, said.type, said.bytes, said.len)) &&
           !(is_command && manner == TINY_CARD_ANSWERS_AND_GOES);
}

void tiny_card_serve(int fd, tiny_card_manner manner)
{
    static _Thread_local uint8_t question[VREADER_FRAME_MAX];
    bool stays = tiny_card_say(fd, VREADER_ATR, tiny_card_atr, tiny_card_atr_len);
    while (stays) {
        const ssize_t len = recv(fd, question, sizeof(question), 0);
        stays = len > 0 && answer_question(fd, question, (size_t)len, manner);
    }
    (void)close(fd);
}
