# SPDX-License-Identifier: Apache-2.0
# Stands for a SmartCard-HSM or Nitrokey HSM through OpenSC: from collected tables, never tried on one.
# Key pairs only: neither AES nor any MAC. Refused as facility token.
no-trust
C_CopyObject 1 always CKR_FUNCTION_NOT_SUPPORTED
only CKM_RSA_PKCS_KEY_PAIR_GEN
only CKM_EC_KEY_PAIR_GEN
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_X_509
only CKM_RSA_PKCS_OAEP
only CKM_ECDH1_DERIVE
