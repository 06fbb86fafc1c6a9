/**
 * Checks of the MLS vectors about messages: their encoding, their protection, and a member that joins by a Welcome and follows the group.
 * Sources: RFC 9420 §6, §12, and test-vectors.md of mlswg/mls-implementations.
 * @module
 */
import * as mls from '../../../packages/lab/src/mls/internals.ts';
import { ANYBODY, holdsKeys, opensFor } from './tree.ts';
import { base64, groupContext, hex, ofSuites, some, suiteOf, vectorCheck } from './vectors.ts';
import type { Tally } from './vectors.ts';

interface Messages {
  readonly mls_welcome: string;
  readonly mls_group_info: string;
  readonly mls_key_package: string;
  readonly ratchet_tree: string;
  readonly group_secrets: string;
  readonly add_proposal: string;
  readonly update_proposal: string;
  readonly remove_proposal: string;
  readonly pre_shared_key_proposal: string;
  readonly re_init_proposal: string;
  readonly external_init_proposal: string;
  readonly group_context_extensions_proposal: string;
  readonly commit: string;
  readonly public_message_application: string;
  readonly public_message_proposal: string;
  readonly public_message_commit: string;
  readonly private_message: string;
}

export const messages = vectorCheck<Messages>({
  file: 'messages',
  claim: 'all seventeen structures are decoded whole and encoded to the same bytes',
  vectors: 300,
  comparisons: 13_500,
  damaged: (vectors) => vectors.slice(0, 10),
  damage: 'ends',
  run(v, tally) {
    for (const [what, wireformat, contentType] of MESSAGES) {
      const message = tally.whole(what, v[what], mls.decodeMlsMessage, mls.encodeMlsMessage);
      tally.equal(`${what}: wire format`, message.wireformat, wireformat);
      if (message.wireformat === 'mls_public_message') tally.equal(`${what}: content`, message.publicMessage.content.contentType, contentType);
    }
    tally.whole('ratchet_tree', v.ratchet_tree, mls.decodeRatchetTree, mls.encodeRatchetTree);
    tally.whole('group_secrets', v.group_secrets, mls.decodeGroupSecrets, mls.encodeGroupSecrets);
    tally.whole('add_proposal', v.add_proposal, mls.decodeAdd, mls.encodeAdd);
    tally.whole('update_proposal', v.update_proposal, mls.decodeUpdate, mls.encodeUpdate);
    tally.whole('remove_proposal', v.remove_proposal, mls.decodeRemove, mls.encodeRemove);
    tally.whole('pre_shared_key_proposal', v.pre_shared_key_proposal, mls.decodePSK, mls.encodePSK);
    tally.whole('re_init_proposal', v.re_init_proposal, mls.decodeReinit, mls.encodeReinit);
    tally.whole('external_init_proposal', v.external_init_proposal, mls.decodeExternalInit, mls.encodeExternalInit);
    tally.whole('group_context_extensions_proposal', v.group_context_extensions_proposal, mls.decodeGroupContextExtensions, mls.encodeGroupContextExtensions);
    tally.whole('commit', v.commit, mls.decodeCommit, mls.encodeCommit);
    tally.equal('structures', Object.keys(v).length, 17);
    return Promise.resolve();
  },
});

const MESSAGES = [
  ['mls_welcome', 'mls_welcome', ''],
  ['mls_group_info', 'mls_group_info', ''],
  ['mls_key_package', 'mls_key_package', ''],
  ['public_message_application', 'mls_public_message', 'application'],
  ['public_message_proposal', 'mls_public_message', 'proposal'],
  ['public_message_commit', 'mls_public_message', 'commit'],
  ['private_message', 'mls_private_message', ''],
] as const;

interface MessageProtection {
  readonly cipher_suite: number;
  readonly group_id: string;
  readonly epoch: number;
  readonly tree_hash: string;
  readonly confirmed_transcript_hash: string;
  readonly signature_priv: string;
  readonly signature_pub: string;
  readonly encryption_secret: string;
  readonly sender_data_secret: string;
  readonly membership_key: string;
  readonly proposal: string;
  readonly proposal_priv: string;
  readonly proposal_pub: string;
  readonly commit: string;
  readonly commit_priv: string;
  readonly commit_pub: string;
  readonly application: string;
  readonly application_priv: string;
}

export const messageProtection = vectorCheck<MessageProtection>({
  file: 'message-protection',
  claim: 'proposal, commit and application data open from the vector and from messages protected by us, private and public',
  vectors: 7,
  comparisons: 420,
  damaged: ofSuites([1]),
  async run(v, tally) {
    const group = await protectedGroup(v);
    await privateMessage(group, v.proposal_priv, v.proposal, tally);
    await privateMessage(group, v.commit_priv, v.commit, tally);
    await privateMessage(group, v.application_priv, v.application, tally);
    await publicMessage(group, v.proposal_pub, v.proposal, tally);
    const tag = await publicMessage(group, v.commit_pub, v.commit, tally);
    for (const [message, expected] of await ourMessages(group, v, some('confirmation tag', tag))) {
      await (message.wireformat === 'mls_public_message' ? publicMessage : privateMessage)(group, Buffer.from(mls.encodeMlsMessage(message)).toString('hex'), expected, tally);
    }
  },
});

interface ProtectedGroup {
  readonly cs: mls.CiphersuiteImpl;
  readonly context: mls.GroupContext;
  readonly secretTree: mls.SecretTree;
  readonly senderDataSecret: Uint8Array;
  readonly membershipKey: Uint8Array;
  readonly signaturePub: Uint8Array;
}

/** The vectors' group has two members, and leaf 1 sends. */
const SENDER = 1;

async function protectedGroup(v: MessageProtection): Promise<ProtectedGroup> {
  const cs = await suiteOf(v.cipher_suite);
  return {
    cs, context: groupContext(cs, { groupId: v.group_id, epoch: v.epoch, treeHash: v.tree_hash, transcriptHash: v.confirmed_transcript_hash }),
    secretTree: await mls.createSecretTree(2, hex(v.encryption_secret), cs.kdf),
    senderDataSecret: hex(v.sender_data_secret), membershipKey: hex(v.membership_key), signaturePub: hex(v.signature_pub),
  };
}

async function privateMessage(group: ProtectedGroup, text: string, expected: string, tally: Tally): Promise<void> {
  const message = tally.whole('private message', text, mls.decodeMlsMessage, mls.encodeMlsMessage);
  if (message.wireformat !== 'mls_private_message') throw new Error('no private message');
  const { content } = await mls.unprotectPrivateMessage(group.senderDataSecret, message.privateMessage, group.secretTree, [], group.context, mls.defaultKeyRetentionConfig, group.cs, group.signaturePub);
  sameContent(content.content, group, expected, tally);
}

/** @returns the confirmation tag of a commit */
async function publicMessage(group: ProtectedGroup, text: string, expected: string, tally: Tally): Promise<Uint8Array | undefined> {
  const message = tally.whole('public message', text, mls.decodeMlsMessage, mls.encodeMlsMessage);
  if (message.wireformat !== 'mls_public_message') throw new Error('no public message');
  const { content, auth } = await mls.unprotectPublicMessage(group.membershipKey, group.context, [], message.publicMessage, group.cs, group.signaturePub);
  sameContent(content, group, expected, tally);
  return auth.contentType === 'commit' ? auth.confirmationTag : undefined;
}

function sameContent(content: mls.FramedContent, group: ProtectedGroup, expected: string, tally: Tally): void {
  tally.equal('sender', content.sender.senderType === 'member' ? content.sender.leafIndex : undefined, SENDER);
  tally.bytes('group', content.groupId, Buffer.from(group.context.groupId).toString('hex'));
  tally.equal('epoch', content.epoch, group.context.epoch);
  switch (content.contentType) {
    case 'application': tally.bytes('application data', content.applicationData, expected); break;
    case 'proposal': tally.bytes('proposal', mls.encodeProposal(content.proposal), expected); break;
    case 'commit': tally.bytes('commit', mls.encodeCommit(content.commit), expected); break;
  }
}

/** The same contents protected by us, with the confirmation tag of the vector's commit: what must open, and to what. */
async function ourMessages(group: ProtectedGroup, v: MessageProtection, confirmationTag: Uint8Array): Promise<[mls.MLSMessage, string][]> {
  const { cs, context, secretTree, senderDataSecret: secret, membershipKey } = group;
  const key = hex(v.signature_priv);
  const none = new Uint8Array();
  const padding = mls.defaultPaddingConfig;
  const proposal = whole(mls.decodeProposal, v.proposal);
  const commit = whole(mls.decodeCommit, v.commit);
  const ours: [mls.MLSMessage, string][] = [];
  const add = (message: mls.MLSMessage, expected: string): void => { ours.push([message, expected]); };
  const application = await mls.protectApplicationData(key, secret, hex(v.application), none, context, secretTree, SENDER, padding, cs);
  add({ version: 'mls10', wireformat: 'mls_private_message', privateMessage: application.privateMessage }, v.application);
  const sealed = await mls.protectProposal(key, secret, proposal, none, context, secretTree, SENDER, padding, cs);
  add({ version: 'mls10', wireformat: 'mls_private_message', privateMessage: sealed.privateMessage }, v.proposal);
  const open = await mls.protectProposalPublic(key, membershipKey, context, none, proposal, SENDER, cs);
  add({ version: 'mls10', wireformat: 'mls_public_message', publicMessage: open.publicMessage }, v.proposal);
  for (const wireformat of ['mls_private_message', 'mls_public_message'] as const) {
    const signed = await mls.createContentCommitSignature(context, wireformat, commit, { senderType: 'member', leafIndex: SENDER }, none, key, cs.signature);
    const auth = { contentType: 'commit', signature: signed.signature, confirmationTag } as const;
    add(wireformat === 'mls_private_message'
      ? { version: 'mls10', wireformat, privateMessage: (await mls.protect(secret, none, context, secretTree, { ...signed.framedContent, auth }, SENDER, padding, cs)).privateMessage }
      : { version: 'mls10', wireformat, publicMessage: await mls.protectPublicMessage(membershipKey, context, { wireformat, content: signed.framedContent, auth }, cs) }, v.commit);
  }
  return ours;
}

function whole<T>(decode: mls.Decoder<T>, text: string): T {
  return some('content', decode(hex(text), 0))[0];
}

interface PassiveClient {
  readonly cipher_suite: number;
  readonly external_psks: readonly { readonly psk_id: string; readonly psk: string }[];
  readonly key_package: string;
  readonly signature_priv: string;
  readonly encryption_priv: string;
  readonly init_priv: string;
  readonly welcome: string;
  readonly ratchet_tree: string | null;
  readonly initial_epoch_authenticator: string;
  readonly epochs: readonly { readonly proposals: readonly string[]; readonly commit: string; readonly epoch_authenticator: string }[];
}

export const passiveClientWelcome = vectorCheck<PassiveClient>({
  file: 'passive-client-welcome',
  claim: 'the member joins, with and without pre-shared keys and with the tree inside or beside, and reaches the authenticator',
  vectors: 56,
  comparisons: 560,
  bySuite: true,
  damaged: ofSuites([1], richest),
  run: follows,
});

export const passiveClientHandlingCommit = vectorCheck<PassiveClient>({
  file: 'passive-client-handling-commit',
  claim: 'the member follows 26 commits with 12 proposals and reaches every authenticator',
  vectors: 91,
  comparisons: 1_533,
  bySuite: true,
  damaged: ofSuites([1], richest),
  run: follows,
});

export const passiveClientRandom = vectorCheck<PassiveClient>({
  file: 'passive-client-random',
  claim: 'the member follows 200 commits with 1,542 proposals and reaches every authenticator',
  vectors: 1,
  comparisons: 3_693,
  damaged: (vectors) => vectors.map((v) => ({ ...v, epochs: v.epochs.slice(0, 2) })),
  run: follows,
});

/** The vectors of a suite with a tree beside, keys and proposals first. */
function richest(vectors: readonly PassiveClient[]): readonly PassiveClient[] {
  const richness = (v: PassiveClient): number => v.external_psks.length + (v.ratchet_tree === null ? 0 : 1) + (v.epochs[1]?.proposals.length ?? 0);
  return vectors.toSorted((a, b) => richness(b) - richness(a));
}

/** Forgets nothing that a later epoch's pre-shared key may name. */
const CONFIG: mls.ClientConfig = {
  keyRetentionConfig: { ...mls.defaultKeyRetentionConfig, retainKeysForEpochs: 300 },
  lifetimeConfig: mls.defaultLifetimeConfig,
  keyPackageEqualityConfig: mls.defaultKeyPackageEqualityConfig,
  paddingConfig: mls.defaultPaddingConfig,
  authService: ANYBODY,
};

async function follows(v: PassiveClient, tally: Tally): Promise<void> {
  const cs = await suiteOf(v.cipher_suite);
  const packaged = tally.whole('key_package', v.key_package, mls.decodeMlsMessage, mls.encodeMlsMessage);
  const invitation = tally.whole('welcome', v.welcome, mls.decodeMlsMessage, mls.encodeMlsMessage);
  if (packaged.wireformat !== 'mls_key_package' || invitation.wireformat !== 'mls_welcome') throw new Error('not a KeyPackage and a Welcome');
  const { keyPackage } = packaged;
  tally.holds('signature of the KeyPackage', await mls.verifyKeyPackage(keyPackage, cs.signature));
  await holdsKeys(keyPackage.leafNode, v.encryption_priv, v.signature_priv, cs, tally);
  await opensFor(keyPackage.initKey, v.init_priv, cs, tally);
  const tree = v.ratchet_tree === null ? undefined : tally.whole('ratchet_tree', v.ratchet_tree, mls.decodeRatchetTree, mls.encodeRatchetTree);
  const keys = { initPrivateKey: hex(v.init_priv), hpkePrivateKey: hex(v.encryption_priv), signaturePrivateKey: hex(v.signature_priv) };
  const psks = Object.fromEntries(v.external_psks.map((p) => [base64(p.psk_id), hex(p.psk)]));
  let state = await mls.joinGroup(invitation.welcome, keyPackage, keys, mls.makePskIndex(undefined, psks), cs, tree, undefined, CONFIG);
  tally.bytes('initial_epoch_authenticator', state.keySchedule.epochAuthenticator, v.initial_epoch_authenticator);
  for (const { proposals, commit, epoch_authenticator: authenticator } of v.epochs) {
    for (const text of [...proposals, commit]) state = await received(state, text, psks, cs, tally);
    tally.bytes('epoch_authenticator', state.keySchedule.epochAuthenticator, authenticator);
  }
}

async function received(state: mls.ClientState, text: string, psks: Record<string, Uint8Array>, cs: mls.CiphersuiteImpl, tally: Tally): Promise<mls.ClientState> {
  const message = tally.whole('message', text, mls.decodeMlsMessage, mls.encodeMlsMessage);
  const index = mls.makePskIndex(state, psks);
  if (message.wireformat === 'mls_public_message') return (await mls.processPublicMessage(state, message.publicMessage, index, cs)).newState;
  if (message.wireformat === 'mls_private_message') return (await mls.processPrivateMessage(state, message.privateMessage, index, cs)).newState;
  throw new Error(`message: ${message.wireformat}`);
}
