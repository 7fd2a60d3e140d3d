# SPDX-License-Identifier: Apache-2.0
# Stands for a YubiHSM 2 with a firmware that has AES, through yubihsm_pkcs11: written from collected
# tables of its mechanisms, never tried on one. No AES-GCM, no trusted keys, no copies of keys; what
# it wraps, it wraps under its own wrap keys. As facility token: AES-CBC, HMAC, no spare.
no-trust
C_CopyObject 1 always CKR_FUNCTION_NOT_SUPPORTED
C_WrapKey 1 always CKR_MECHANISM_INVALID
only CKM_AES_KEY_GEN
only CKM_GENERIC_SECRET_KEY_GEN
only CKM_RSA_PKCS_KEY_PAIR_GEN
only CKM_EC_KEY_PAIR_GEN
only CKM_AES_CBC
only CKM_AES_CBC_PAD
only CKM_AES_ECB
only CKM_SHA256_HMAC
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_PKCS_OAEP
only CKM_ECDH1_DERIVE
