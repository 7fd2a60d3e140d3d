/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The moments in which a token made of files can be lost or missed: a program that starts its
 * module while another one logs in may read a half-written token, and a log-in on a full disk
 * truncates it for good. So start-up and log-in go one at a time over the whole host, and only with
 * room.
 *
 * The lock lies on the module's own file: every user of the module can open it for reading, nothing
 * has to be made, and it is gone with the process. A device does not mind.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "keyring_internal.h"

#define WAIT_MS    2
#define WAIT_TIMES 15000 /* half a minute */
#define ROOM_BYTES (1024U * 1024U)

mnsec_status mn_keyring_gate_enter(const char *module_path, mn_error *err,
                                   mn_keyring_gate *out_gate)
{
    MN_AUTO(mn_keyring_gate) gate = {.fd = open(module_path, O_RDONLY | O_CLOEXEC)};
    if (gate.fd < 0) {
        return mn_fail_native(err, MNSEC_E_TOKEN_ABSENT, errno, "there is no PKCS#11 module %s",
                              module_path);
    }
    const struct timespec wait = {.tv_nsec = WAIT_MS * 1000000L};
    for (int i = 0; i < WAIT_TIMES; i++) {
        if (flock(gate.fd, LOCK_EX | LOCK_NB) == 0) {
            *out_gate = (mn_keyring_gate){.fd = gate.fd};
            gate.fd = -1;
            return MNSEC_OK;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            break;
        }
        (void)nanosleep(&wait, NULL);
    }
    return mn_fail_native(err, MNSEC_E_TOKEN_FAULT, errno,
                          "another program has been starting the token for too long");
}

void mn_keyring_gate_wipe(mn_keyring_gate *gate)
{
    if (gate->fd >= 0) {
        (void)close(gate->fd);
    }
    gate->fd = -1;
}

mnsec_status mn_keyring_gate_room(const char *directory, mn_error *err)
{
    struct rlimit largest_file;
    if (getrlimit(RLIMIT_FSIZE, &largest_file) == 0 && largest_file.rlim_cur < ROOM_BYTES) {
        return mn_fail(err, MNSEC_E_TOKEN_FULL,
                       "this program may not write files (file size limit)");
    }
    if (directory == NULL) {
        return MNSEC_OK;
    }
    struct statvfs disk;
    if (statvfs(directory, &disk) != 0) {
        return mn_fail_native(err, MNSEC_E_TOKEN_ABSENT, errno, "there is no token directory %s",
                              directory);
    }
    /* A file system without a fixed number of inodes tells 0 of 0. */
    const bool has_inode = disk.f_files == 0 || disk.f_favail > 0;
    if (!has_inode || disk.f_bavail < ROOM_BYTES / (disk.f_frsize == 0 ? 1 : disk.f_frsize)) {
        return mn_fail(err, MNSEC_E_TOKEN_FULL, "the disk of the token directory %s is full",
                       directory);
    }
    if ((disk.f_flag & ST_RDONLY) != 0 || faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) != 0) {
        return mn_fail(err, MNSEC_E_TOKEN_UNSUITABLE, "the token directory %s cannot be written",
                       directory);
    }
    return MNSEC_OK;
}
