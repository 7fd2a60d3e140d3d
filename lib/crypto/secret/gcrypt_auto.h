/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of crypto/secret/ share and nobody else sees: libgcrypt's handles ended by the
 * idiom of base/base.h (MN_AUTO(gcry_mpi_t) n = NULL;), and its errors as our statuses.
 */
#ifndef MN_GCRYPT_AUTO_H
#define MN_GCRYPT_AUTO_H

#include <gcrypt.h>

#include "base/base.h"

#define MN_GCRYPT_AUTO(type, release)                                                              \
    static inline void type##_wipe(type *handle)                                                   \
    {                                                                                              \
        release(*handle);                                                                          \
        *handle = NULL;                                                                            \
    }

MN_GCRYPT_AUTO(gcry_cipher_hd_t, gcry_cipher_close)
MN_GCRYPT_AUTO(gcry_ctx_t, gcry_ctx_release)
MN_GCRYPT_AUTO(gcry_md_hd_t, gcry_md_close)
MN_GCRYPT_AUTO(gcry_mpi_t, gcry_mpi_release)
MN_GCRYPT_AUTO(gcry_mpi_point_t, gcry_mpi_point_release)
MN_GCRYPT_AUTO(gcry_sexp_t, gcry_sexp_release)

/* For a call that fails only where libgcrypt itself is in trouble. */
static inline mnsec_status mn_gcrypt_status(gcry_error_t error)
{
    switch (gcry_err_code(error)) {
    case GPG_ERR_NO_ERROR:
        return MNSEC_OK;
    case GPG_ERR_ENOMEM:
        return MNSEC_E_INTERNAL_MEMORY;
    default:
        return MNSEC_E_INTERNAL_CRYPTO;
    }
}

#endif
