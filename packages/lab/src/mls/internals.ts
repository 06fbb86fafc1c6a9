/**
 * The parts below the surface of the MLS library that the working group's test vectors reach [rfc9420].
 * Re-exports only: nothing is computed here, and no experiment uses this file. A function stands here because a vector needs it.
 * Functions throw the library's own errors; what answers with `false`, an error object or `undefined` instead is said beside it.
 * @module
 */

/** Suites by the number of the registry (§17.1). `getCiphersuiteImpl` throws when an optional package of a suite is missing. */
export { getCiphersuiteFromId } from 'ts-mls/crypto/ciphersuite.js';
export { getCiphersuiteImpl } from 'ts-mls';
export type { CiphersuiteId } from 'ts-mls/crypto/ciphersuite.js';
export type { CiphersuiteImpl } from 'ts-mls';

/** Labelled primitives (§5.1, §5.2, §8, §9). `verifyWithLabel` answers `false` or throws, by the signature scheme; `decryptWithLabel` throws. */
export { refhash } from 'ts-mls/crypto/hash.js';
export { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js';
export { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js';
export { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js';

/** Vectors of variable size (§2.1.2). Decoders answer `undefined` or throw, take an offset, and return the value and the bytes read. */
export { determineLength, lengthEncoder } from 'ts-mls/codec/variableLength.js';
export type { Decoder } from 'ts-mls/codec/tlsDecoder.js';
export type { Encoder } from 'ts-mls/codec/tlsEncoder.js';

/** Structures on the wire (§6, §7, §11, §12): a decoder may leave bytes unread; the caller compares the count. */
export { decodeMlsMessage, encodeMlsMessage } from 'ts-mls';
export { decodeCommit, encodeCommit } from 'ts-mls/commit.js';
export { encodeGroupContext } from 'ts-mls/groupContext.js';
export { decodeGroupSecrets, encodeGroupSecrets } from 'ts-mls/groupSecrets.js';
export {
  decodeAdd, decodeExternalInit, decodeGroupContextExtensions, decodePSK, decodeProposal, decodeReinit, decodeRemove, decodeUpdate,
  encodeAdd, encodeExternalInit, encodeGroupContextExtensions, encodePSK, encodeProposal, encodeReinit, encodeRemove, encodeUpdate,
} from 'ts-mls/proposal.js';
export { decodeRatchetTree, encodeRatchetTree } from 'ts-mls/ratchetTree.js';
export { decodeUpdatePath, encodeUpdatePath } from 'ts-mls/updatePath.js';
export type { FramedContent, GroupContext, MLSMessage, Proposal } from 'ts-mls';

/** Key schedule, exporter and pre-shared keys (§8): the secrets of an epoch from those of the last. */
export { initializeEpoch } from 'ts-mls/keySchedule.js';
export { mlsExporter } from 'ts-mls';
export { computePskSecret } from 'ts-mls/presharedkey.js';
export { accumulatePskSecret } from 'ts-mls/pskIndex.js';
export { makePskIndex } from 'ts-mls';
export type { PreSharedKeyID } from 'ts-mls';

/** Transcript hashes and confirmation tag (§8.2, §6.1). `verifyConfirmationTag` answers `false`. */
export { decodeAuthenticatedContent, encodeAuthenticatedContent } from 'ts-mls/authenticatedContent.js';
export { createConfirmationTag, createContentCommitSignature, verifyConfirmationTag } from 'ts-mls/framedContent.js';
export { createConfirmedHash, createInterimHash } from 'ts-mls/transcriptHash.js';

/** Secret tree and sender data keys (§9, §6.3.2). `createSecretTree` takes the number of leaves; leaves stand at even indices. */
export { consumeRatchet, createSecretTree, ratchetToGeneration } from 'ts-mls/secretTree.js';
export { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js';
export type { ReuseGuard } from 'ts-mls/sender.js';
export type { SecretTree } from 'ts-mls';

/** Message protection, private and public (§6.2, §6.3). Opening throws on a wrong tag, signature or key. */
export { protect, protectApplicationData, protectProposal, unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
export { protectProposalPublic, protectPublicMessage, unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js';

/** Array indices of the tree (Appendix C). Where a node has no such relative the function throws. */
export { left, leafToNodeIndex, leafWidth, nodeWidth, parent, right, root, sibling, toLeafIndex, toNodeIndex } from 'ts-mls/treemath.js';

/** Tree operations (§7.7, §12.1): each returns a new tree and leaves its argument alone. */
export { addLeafNode, removeLeafNode, resolution, updateLeafNode } from 'ts-mls/ratchetTree.js';
export type { RatchetTree } from 'ts-mls/ratchetTree.js';

/** Validation of a tree (§7.3, §7.8, §7.9, §12.4.3.1). `validateRatchetTree` returns its error; the others answer `false`. */
export { validateRatchetTree } from 'ts-mls/clientState.js';
export { verifyLeafNodeSignature } from 'ts-mls/leafNode.js';
export { verifyKeyPackage } from 'ts-mls/keyPackage.js';
export { verifyParentHashes } from 'ts-mls/parentHash.js';
export { treeHash, treeHashRoot } from 'ts-mls/treeHash.js';

/** Update paths (§7.4 to §7.6). `createUpdatePath` seals for the epoch after the one of its context; `applyUpdatePath` checks the parent hash. */
export { applyUpdatePathSecret } from 'ts-mls/createCommit.js';
export { getCommitSecret } from 'ts-mls/pathSecrets.js';
export { applyUpdatePath, createUpdatePath } from 'ts-mls/updatePath.js';
export type { PrivateKeyPath } from 'ts-mls/privateKeyPath.js';

/** Welcome (§12.4.3.1). The decrypting functions answer `undefined` for what they cannot decode and throw for what they cannot open. */
export { extractWelcomeSecret, verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
export { makeKeyPackageRef } from 'ts-mls/keyPackage.js';
export { decryptGroupInfo, decryptGroupSecrets, encryptGroupInfo, encryptGroupSecrets } from 'ts-mls/welcome.js';

/**
 * A member that joins and follows (§12). `processPrivateMessage` and `processPublicMessage` take the pre-shared keys given;
 * `processMessage`, which the library offers beside them, gives none to a private message.
 */
export { joinGroup, processPrivateMessage, processPublicMessage } from 'ts-mls';
export { defaultKeyPackageEqualityConfig, defaultKeyRetentionConfig, defaultLifetimeConfig, defaultPaddingConfig } from 'ts-mls';
export type { AuthenticationService, ClientConfig, ClientState } from 'ts-mls';
