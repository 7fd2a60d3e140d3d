# SPDX-License-Identifier: Apache-2.0
# Stands for a SmartCard-HSM or Nitrokey HSM through CardContact's own module (sc-hsm-embedded): written
# from collected tables of its mechanisms, never tried on one. AES-CBC and AES-CMAC, no HMAC, no
# wrapping, no trusted keys. As facility token: AES-CBC, AES-CMAC, no spare.
no-trust
C_CopyObject 1 always CKR_FUNCTION_NOT_SUPPORTED
only CKM_AES_KEY_GEN
only CKM_RSA_PKCS_KEY_PAIR_GEN
only CKM_EC_KEY_PAIR_GEN
only CKM_AES_CBC
only CKM_AES_CMAC
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_X_509
only CKM_ECDH1_DERIVE
