/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vreader-activate SOCKET COMMAND...: hands COMMAND a listening socket as a service manager would
 * (sd_listen_fds(3)): descriptor 3, LISTEN_FDS, LISTEN_PID. pcscd has no option for its socket;
 * this gives it one of our own, mode 0600. run uses it where namespaces are forbidden.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_DESCRIPTOR 3

static int fail(const char *what)
{
    (void)fprintf(stderr, "vreader-activate: %s: %s\n", what, strerror(errno));
    return 125;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0 || fchmod(fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 64) != 0) {
        return -1;
    }
    return fd;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        errno = EINVAL;
        return fail("SOCKET COMMAND...");
    }
    const int fd = listen_at(argv[1]);
    if (fd < 0 || (fd != FIRST_DESCRIPTOR && dup2(fd, FIRST_DESCRIPTOR) < 0)) {
        return fail(argv[1]);
    }
    if (fd != FIRST_DESCRIPTOR) {
        (void)close(fd);
    }
    char pid[16];
    (void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    if (setenv("LISTEN_PID", pid, 1) != 0 || setenv("LISTEN_FDS", "1", 1) != 0) {
        return fail("environment");
    }
    (void)execvp(argv[2], argv + 2);
    return fail(argv[2]);
}
