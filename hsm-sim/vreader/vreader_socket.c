/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOCK_SEQPACKET keeps frames apart and whole; MSG_TRUNC tells of one that was longer than any may
 * be. Nothing is sent or received by a call that could block: poll() waits, with its limit.
 */
#include "vreader_socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t vreader_socket_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool name_socket(const char *path, struct sockaddr_un *out_address)
{
    const size_t len = strlen(path);
    if (len == 0 || len >= sizeof(out_address->sun_path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    *out_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out_address->sun_path, path, len + 1);
    return true;
}

/* What an earlier reader left behind goes; anything that is no socket stays, and bind() fails. */
static void remove_stale(const char *path)
{
    struct stat found;
    if (lstat(path, &found) == 0 && S_ISSOCK(found.st_mode)) {
        (void)unlink(path);
    }
}

int vreader_socket_listen(const char *path)
{
    struct sockaddr_un address;
    if (!name_socket(path, &address)) {
        return -1;
    }
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    remove_stale(path);
    /* The mode comes before the name, so that nobody else can ever connect. */
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 8) != 0) {
        const int error = errno;
        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

int vreader_socket_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

bool vreader_socket_is_closed(int fd)
{
    struct pollfd look = {.fd = fd, .events = POLLRDHUP};
    return poll(&look, 1, 0) > 0 && (look.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool vreader_socket_send(int fd, uint8_t type, const uint8_t *payload, size_t len)
{
    struct iovec parts[] = {{&type, 1}, {NULL, len}};
    memcpy(&parts[1].iov_base, &payload, sizeof(payload)); /* an iovec knows no const */
    const struct msghdr frame = {.msg_iov = parts, .msg_iovlen = len > 0 ? 2 : 1};
    return len <= VREADER_APDU_MAX &&
           sendmsg(fd, &frame, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)(1 + len);
}

/* False: the time is over. */
static bool wait_for_frame(int fd, int64_t deadline)
{
    for (;;) {
        const int64_t left = deadline - vreader_socket_now();
        struct pollfd look = {.fd = fd, .events = POLLIN};
        const int found = poll(&look, 1, left > 0 ? (int)left : 0);
        if (found != 0 && (found > 0 || errno != EINTR)) {
            return true;
        }
        if (left <= 0) {
            return false;
        }
    }
}

vreader_got vreader_socket_receive(int fd, int64_t limit_ms, uint8_t *out_frame, size_t size,
                                   size_t *out_len)
{
    if (limit_ms > 0 && !wait_for_frame(fd, vreader_socket_now() + limit_ms)) {
        return VREADER_GOT_NOTHING;
    }
    struct iovec place = {out_frame, size};
    struct msghdr frame = {.msg_iov = &place, .msg_iovlen = 1};
    const ssize_t got = recvmsg(fd, &frame, MSG_DONTWAIT);
    if (got < 0) {
        return errno == EAGAIN || errno == EINTR ? VREADER_GOT_NOTHING : VREADER_GOT_END;
    }
    if (got == 0 || (frame.msg_flags & MSG_TRUNC) != 0) {
        return VREADER_GOT_END;
    }
    *out_len = (size_t)got;
    return VREADER_GOT_FRAME;
}
