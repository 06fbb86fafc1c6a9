/**
 * The one place where the lab names its MLS library (RFC 9420, through `ts-mls`): what the rest of the lab may use of it.
 * The library has had no audit; it serves measurements only.
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export {
  ciphersuites, createApplicationMessage, createCommit, createGroup, createGroupInfoWithExternalPubAndRatchetTree, decodeGroupState, decodeMlsMessage, defaultCapabilities, defaultKeyPackageEqualityConfig,
  defaultKeyRetentionConfig, defaultLifetimeConfig, emptyPskIndex, encodeGroupState, encodeMlsMessage, generateKeyPackageWithKey,
  getCiphersuiteFromName, getCiphersuiteImpl, joinGroup, joinGroupExternal, mlsExporter, processMessage,
} from 'ts-mls';
export type {
  AuthenticationService, CiphersuiteImpl, CiphersuiteName, ClientConfig, ClientState, Credential, Hpke, IncomingMessageCallback, Kdf, KeyPackage, LeafNode,
  MLSMessage, PaddingConfig, PrivateKeyPackage, PrivateMessage, Proposal, PublicKey, PublicMessage, SecretTree,
} from 'ts-mls';
export { encodePrivateContentAAD, encodePrivateMessageContent, decodePrivateMessageContent, decryptSenderData, encryptSenderData } from 'ts-mls/privateMessage.js';
export { consumeRatchet, createSecretTree, ratchetToGeneration } from 'ts-mls/secretTree.js';
export { signFramedContentApplicationOrProposal } from 'ts-mls/framedContent.js';
export { leafToNodeIndex, toLeafIndex, nodeToLeafIndex, toNodeIndex, leafWidth } from 'ts-mls/treemath.js';

/** Version of the library that is installed, from its own manifest. */
export function libraryVersion(): string {
  const entry = createRequire(import.meta.url).resolve('ts-mls');
  return (JSON.parse(readFileSync(join(dirname(entry), '..', '..', 'package.json'), 'utf8')) as { version: string }).version;
}
