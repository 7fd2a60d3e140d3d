/* SPDX-License-Identifier: Apache-2.0 */
/* What pcscd asks of a driver, asked here: capabilities, unknown readers, many readers. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ifdhandler.h>
#include <reader.h>

#include "tiny_card.h"

#define READERS 40

static char folder[] = "/tmp/mnsec-vreader.XXXXXX";

static void name_device(unsigned number, char *out_device, size_t size)
{
    (void)snprintf(out_device, size, "/dev/null:%s/%u.sock", folder, number);
}

static DWORD lun_of(unsigned number)
{
    return (DWORD)number << 16;
}

static void open_readers(void)
{
    cr_assert_not_null(mkdtemp(folder));
    for (unsigned i = 0; i < READERS; i++) {
        char device[128];
        name_device(i, device, sizeof(device));
        cr_assert_eq(IFDHCreateChannelByName(lun_of(i), device), IFD_SUCCESS);
    }
}

static void close_readers(void)
{
    for (unsigned i = 0; i < READERS; i++) {
        (void)IFDHCloseChannel(lun_of(i));
    }
    cr_expect_eq(rmdir(folder), 0, "a socket was left behind");
}

TestSuite(vreader_driver, .init = open_readers, .fini = close_readers);

static void *serve(void *argument)
{
    tiny_card_serve(*(int *)argument, TINY_CARD_ECHO);
    return NULL;
}

Test(vreader_driver, a_card_is_in_its_own_reader_alone)
{
    char device[128];
    name_device(READERS - 1, device, sizeof(device));
    int fd = tiny_card_connect(device + sizeof("/dev/null:") - 1);
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, serve, &fd), 0);
    while (IFDHICCPresence(lun_of(READERS - 1)) != IFD_ICC_PRESENT) {
        (void)usleep(1000);
    }

    cr_assert_eq(IFDHICCPresence(lun_of(0)), IFD_ICC_NOT_PRESENT);

    UCHAR atr[MAX_ATR_SIZE] = {0};
    DWORD atr_len = sizeof(atr);
    cr_assert_eq(IFDHPowerICC(lun_of(READERS - 1), IFD_POWER_UP, atr, &atr_len), IFD_SUCCESS);
    cr_assert_eq(atr_len, tiny_card_atr_len);
    const SCARD_IO_HEADER sent = {1, 0};
    SCARD_IO_HEADER received = {0};
    UCHAR command[] = {0x00, 0xb0, 0x00, 0x00};
    UCHAR response[16];
    DWORD len = sizeof(response);
    cr_assert_eq(IFDHTransmitToICC(lun_of(READERS - 1), sent, command, sizeof(command), response,
                                   &len, &received),
                 IFD_SUCCESS);
    cr_assert_eq(len, sizeof(command) + 2);
    cr_assert_eq(received.Protocol, 1);
    len = 3;
    cr_assert_eq(IFDHTransmitToICC(lun_of(READERS - 1), sent, command, sizeof(command), response,
                                   &len, &received),
                 IFD_ERROR_INSUFFICIENT_BUFFER);
    cr_assert_eq(IFDHCloseChannel(lun_of(READERS - 1)), IFD_SUCCESS);
    cr_assert_eq(pthread_join(thread, NULL), 0);
}

Test(vreader_driver, an_empty_reader_answers_that_no_card_is_there)
{
    const SCARD_IO_HEADER sent = {1, 0};
    UCHAR bytes[MAX_ATR_SIZE] = {0};
    DWORD len = sizeof(bytes);

    cr_assert_eq(IFDHPowerICC(0, IFD_POWER_UP, bytes, &len), IFD_ERROR_POWER_ACTION);
    cr_assert_eq(len, 0);
    len = sizeof(bytes);
    cr_assert_eq(IFDHTransmitToICC(0, sent, bytes, 4, bytes, &len, NULL), IFD_ICC_NOT_PRESENT);
    cr_assert_eq(len, 0);
}

Test(vreader_driver, a_reader_that_is_not_there_is_told_so)
{
    const SCARD_IO_HEADER sent = {1, 0};
    const DWORD unknown = lun_of(READERS);
    UCHAR bytes[MAX_ATR_SIZE] = {0};
    DWORD len = sizeof(bytes);

    cr_assert_eq(IFDHICCPresence(unknown), IFD_NO_SUCH_DEVICE);
    cr_assert_eq(IFDHPowerICC(unknown, IFD_RESET, bytes, &len), IFD_NO_SUCH_DEVICE);
    cr_assert_eq(IFDHTransmitToICC(unknown, sent, bytes, 4, bytes, &len, NULL), IFD_NO_SUCH_DEVICE);
    cr_assert_eq(IFDHCloseChannel(unknown), IFD_NO_SUCH_DEVICE);
}

Test(vreader_driver, says_that_it_polls_itself_and_is_safe_for_threads)
{
    static const DWORD tags[] = {TAG_IFD_THREAD_SAFE, TAG_IFD_SLOTS_NUMBER};
    RESPONSECODE (*wait)(DWORD, int) = NULL;
    RESPONSECODE (*stop)(DWORD) = NULL;
    DWORD len = sizeof(wait);

    cr_assert_eq(IFDHGetCapabilities(0, TAG_IFD_POLLING_THREAD_WITH_TIMEOUT, &len, (PUCHAR)&wait),
                 IFD_SUCCESS);
    cr_assert_eq(IFDHGetCapabilities(0, TAG_IFD_STOP_POLLING_THREAD, &len, (PUCHAR)&stop),
                 IFD_SUCCESS);
    cr_assert_eq(stop(0), IFD_SUCCESS);
    cr_assert_eq(wait(0, 600000), IFD_SUCCESS);
    cr_assert_eq(wait(lun_of(READERS), 600000), IFD_NO_SUCH_DEVICE);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        UCHAR value = 0;
        len = 1;
        cr_assert_eq(IFDHGetCapabilities(0, tags[i], &len, &value), IFD_SUCCESS);
        cr_assert_eq(value, 1);
    }
    len = 0;
    cr_assert_eq(IFDHGetCapabilities(0, TAG_IFD_THREAD_SAFE, &len, (PUCHAR)&wait),
                 IFD_ERROR_INSUFFICIENT_BUFFER);
    cr_assert_eq(IFDHGetCapabilities(0, 0xbeef, &len, (PUCHAR)&wait), IFD_ERROR_TAG);
}

Test(vreader_driver, refuses_a_device_without_a_socket)
{
    char device[] = "/dev/null";
    char elsewhere[] = "/dev/null:/nowhere/0.sock";

    cr_assert_eq(IFDHCreateChannelByName(lun_of(READERS), device), IFD_COMMUNICATION_ERROR);
    cr_assert_eq(IFDHCreateChannelByName(lun_of(READERS), elsewhere), IFD_COMMUNICATION_ERROR);
    cr_assert_eq(IFDHCreateChannel(lun_of(READERS), 1), IFD_NOT_SUPPORTED);
}

Test(vreader_driver, has_an_empty_list_of_features)
{
    UCHAR out[8];
    DWORD len = 99;

    cr_assert_eq(IFDHControl(0, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, out, sizeof(out), &len),
                 IFD_SUCCESS);
    cr_assert_eq(len, 0);
    cr_assert_eq(IFDHControl(0, 1, NULL, 0, out, sizeof(out), &len), IFD_ERROR_NOT_SUPPORTED);
}
