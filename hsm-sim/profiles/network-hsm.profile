# SPDX-License-Identifier: Apache-2.0
# Stands for a network HSM that makes the IVs of AES-GCM itself (AWS CloudHSM, client SDK 5): written
# from collected tables of its mechanisms, never tried on one. The IV comes back in the caller's 12 zeros;
# CKA_TRUSTED and CKA_WRAP_WITH_TRUSTED are known. As facility token: AES-GCM, HMAC, no spare so far.
gcm-iv in-place
only CKM_AES_KEY_GEN
only CKM_GENERIC_SECRET_KEY_GEN
only CKM_RSA_PKCS_KEY_PAIR_GEN
only CKM_EC_KEY_PAIR_GEN
only CKM_AES_GCM
only CKM_AES_CBC
only CKM_AES_CBC_PAD
only CKM_AES_ECB
only CKM_AES_CMAC
only CKM_SHA256_HMAC
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_PKCS_OAEP
only CKM_AES_KEY_WRAP
