# SPDX-License-Identifier: Apache-2.0
# Stands for a plain PIV card through OpenSC: from collected tables of its mechanisms. Its keys are made
# by the card's own tool, it stores nothing of ours and has no MAC. Refused as facility token.
no-trust
C_GenerateKeyPair 1 always CKR_FUNCTION_NOT_SUPPORTED
C_CopyObject 1 always CKR_FUNCTION_NOT_SUPPORTED
only CKM_ECDSA
only CKM_RSA_PKCS
only CKM_RSA_X_509
only CKM_RSA_PKCS_OAEP
only CKM_ECDH1_DERIVE
