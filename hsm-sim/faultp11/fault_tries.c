/* SPDX-License-Identifier: Apache-2.0 */
/* Tries on disk: read, changed and renamed into place under one lock of the tries folder. */
#include "fault_tries.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define LOCKED_FOR_GOOD 99

void mn_fault_tries_read(int dir, const char *serial, mn_fault_tries *out_tries)
{
    mn_fault_tries tries = {0};
    char text[32] = "";
    const int fd = openat(dir, serial, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        const ssize_t len = read(fd, text, sizeof text - 1);
        (void)close(fd);
        int end = 0;
        if (sscanf(text, "user %2u so %2u\n%n", &tries.wrong[MN_FAULT_ROLE_USER],
                   &tries.wrong[MN_FAULT_ROLE_SO], &end) != 2 ||
            end != len) {
            tries = (mn_fault_tries){{LOCKED_FOR_GOOD, LOCKED_FOR_GOOD}};
        }
    } else if (errno != ENOENT) {
        tries = (mn_fault_tries){{LOCKED_FOR_GOOD, LOCKED_FOR_GOOD}};
    }
    *out_tries = tries;
}

static bool write_tries(int dir, const char *serial, const mn_fault_tries *tries)
{
    char text[32];
    const int len = snprintf(text, sizeof text, "user %u so %u\n", tries->wrong[MN_FAULT_ROLE_USER],
                             tries->wrong[MN_FAULT_ROLE_SO]);
    const int fd = openat(dir, ".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        return false;
    }
    const bool written = write(fd, text, (size_t)len) == len;
    (void)close(fd);
    return written && renameat(dir, ".new", dir, serial) == 0;
}

/* A lock of its own descriptor, so that it also parts threads; -1 = none could be had. */
static int lock_tries(int dir)
{
    const int fd = openat(dir, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

bool mn_fault_tries_spend(int dir, const char *serial, mn_fault_role role, unsigned max)
{
    mn_fault_tries tries;
    const int lock = lock_tries(dir);
    if (lock < 0) {
        return false;
    }
    mn_fault_tries_read(dir, serial, &tries);
    bool spent = false;
    if (tries.wrong[role] < max) {
        tries.wrong[role]++;
        spent = write_tries(dir, serial, &tries);
    }
    (void)close(lock);
    return spent;
}

void mn_fault_tries_return(int dir, const char *serial, mn_fault_role role)
{
    mn_fault_tries tries;
    const int lock = lock_tries(dir);
    if (lock < 0) {
        return;
    }
    mn_fault_tries_read(dir, serial, &tries);
    if (tries.wrong[role] > 0 && tries.wrong[role] < LOCKED_FOR_GOOD) {
        tries.wrong[role]--;
        (void)write_tries(dir, serial, &tries);
    }
    (void)close(lock);
}

void mn_fault_tries_reset(int dir, const char *serial, mn_fault_role role)
{
    mn_fault_tries tries;
    const int lock = lock_tries(dir);
    if (lock < 0) {
        return;
    }
    mn_fault_tries_read(dir, serial, &tries);
    tries.wrong[role] = 0;
    (void)write_tries(dir, serial, &tries);
    (void)close(lock);
}

static CK_FLAGS flags_of(unsigned wrong, unsigned max, CK_FLAGS low, CK_FLAGS final,
                         CK_FLAGS locked)
{
    if (wrong >= max) {
        return low | locked;
    }
    return (wrong > 0 ? low : 0) | (max - wrong == 1 ? final : 0);
}

CK_FLAGS mn_fault_tries_flags(const mn_fault_tries *tries, unsigned max)
{
    return flags_of(tries->wrong[MN_FAULT_ROLE_USER], max, CKF_USER_PIN_COUNT_LOW,
                    CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED) |
           flags_of(tries->wrong[MN_FAULT_ROLE_SO], max, CKF_SO_PIN_COUNT_LOW, CKF_SO_PIN_FINAL_TRY,
                    CKF_SO_PIN_LOCKED);
}
