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
#define TEXT_BYTES      48

static int format(const mn_fault_tries *tries, char out_text[TEXT_BYTES])
{
    return snprintf(out_text, TEXT_BYTES, "user %u so %u\n", tries->wrong[MN_FAULT_ROLE_USER],
                    tries->wrong[MN_FAULT_ROLE_SO]);
}

/* Strict: only what format() writes is read; sscanf alone would take blanks, signs and less. */
static bool parse(const char *text, mn_fault_tries *out_tries)
{
    mn_fault_tries tries;
    char again[TEXT_BYTES];
    if (sscanf(text, "user %2u so %2u", &tries.wrong[MN_FAULT_ROLE_USER],
               &tries.wrong[MN_FAULT_ROLE_SO]) != 2) {
        return false;
    }
    (void)format(&tries, again);
    *out_tries = tries;
    return strcmp(text, again) == 0;
}

void mn_fault_tries_read(int dir, const char *serial, mn_fault_tries *out_tries)
{
    mn_fault_tries tries = {0};
    char text[TEXT_BYTES] = "";
    bool understood = true;
    const int fd = openat(dir, serial, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        understood = read(fd, text, sizeof text - 1) >= 0 && parse(text, &tries);
        (void)close(fd);
    } else {
        understood = errno == ENOENT;
    }
    *out_tries = understood ? tries : (mn_fault_tries){{LOCKED_FOR_GOOD, LOCKED_FOR_GOOD}};
}

static bool write_tries(int dir, const char *serial, const mn_fault_tries *tries)
{
    char text[TEXT_BYTES];
    const int len = format(tries, text);
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

CK_FLAGS mn_fault_tries_lie(CK_FLAGS flags, mn_fault_pin_flags lie)
{
    switch (lie) {
    case MN_FAULT_PIN_FLAGS_NONE:
        return 0;
    case MN_FAULT_PIN_FLAGS_NO_COUNT_LOW:
        return flags & ~(CK_FLAGS)(CKF_USER_PIN_COUNT_LOW | CKF_SO_PIN_COUNT_LOW);
    case MN_FAULT_PIN_FLAGS_ALWAYS_FINAL:
        return flags | CKF_USER_PIN_FINAL_TRY;
    case MN_FAULT_PIN_FLAGS_TRUE:
    default:
        return flags;
    }
}
