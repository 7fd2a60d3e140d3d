# SPDX-License-Identifier: Apache-2.0
# Stands for a TPM 2.0 through tpm2-pkcs11: written from collected tables of its mechanisms, never tried
# on one. AES without GCM, HMAC, no wrapping, no trusted keys. As facility token: AES-CBC, HMAC, no spare.
no-trust
C_CopyObject 1 always CKR_FUNCTION_NOT_SUPPORTED
only CKM_AES_KEY_GEN
only CKM_GENERIC_SECRET_KEY_GEN
only CKM_RSA_PKCS_KEY_PAIR_GEN
only CKM_EC_KEY_PAIR_GEN
only CKM_AES_CBC
only CKM_AES_ECB
only CKM_SHA256_HMAC
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_X_509
only CKM_RSA_PKCS_OAEP
