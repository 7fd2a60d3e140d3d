/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One message of card_wire.h in or out, before a deadline, without SIGPIPE. The size of a message
 * is looked at before it is taken, so that nothing is cut and nothing over the limit is read.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/clock.h"
#include "token/card_wire.h"

/* MNSEC_OK: events has happened, or the other side is gone. */
static mnsec_status wait_for(int fd, short events, int64_t deadline)
{
    for (;;) {
        int timeout = -1;
        if (deadline >= 0) {
            const int64_t left = deadline - mn_clock_monotonic_ms(&mn_clock_system);
            timeout = left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
        }
        struct pollfd item = {.fd = fd, .events = events};
        const int ready = poll(&item, 1, timeout);
        if (ready > 0) {
            return MNSEC_OK;
        }
        if (ready == 0) {
            return MNSEC_E_CARD_TIMEOUT;
        }
        if (errno != EINTR) {
            return MNSEC_E_CARD_FAULT;
        }
    }
}

static mnsec_status status_of_errno(int error)
{
    return error == EPIPE || error == ECONNRESET ? MNSEC_E_STATE_END : MNSEC_E_CARD_FAULT;
}

mnsec_status mn_card_wire_socket_send(int fd, const mn_secret *message, int64_t deadline)
{
    for (;;) {
        MN_TRY(wait_for(fd, POLLOUT, deadline));
        const ssize_t sent =
            send(fd, message->bytes, message->len, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_EOR);
        if (sent >= 0) {
            return (size_t)sent == message->len ? MNSEC_OK : MNSEC_E_CARD_FAULT;
        }
        if (errno != EINTR && errno != EAGAIN) {
            return status_of_errno(errno);
        }
    }
}

mnsec_status mn_card_wire_socket_receive(int fd, int64_t deadline, mn_secret *out_message)
{
    uint8_t none;
    ssize_t len = -1;
    do {
        MN_TRY(wait_for(fd, POLLIN, deadline));
        len = recv(fd, &none, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    } while (len < 0 && (errno == EINTR || errno == EAGAIN));
    if (len <= 0) {
        return len == 0 ? MNSEC_E_STATE_END : status_of_errno(errno);
    }
    if ((size_t)len > MN_CARD_WIRE_MAX_BYTES) {
        return MNSEC_E_CARD_FAULT;
    }
    MN_AUTO(mn_secret) message = {0};
    MN_TRY(mn_secret_init(&message, (size_t)len));
    if (recv(fd, message.bytes, message.len, MSG_DONTWAIT) != len) {
        return MNSEC_E_CARD_FAULT;
    }
    mn_secret_move(out_message, &message);
    return MNSEC_OK;
}

bool mn_card_wire_socket_has(int fd)
{
    return wait_for(fd, POLLIN, 0) == MNSEC_OK;
}
