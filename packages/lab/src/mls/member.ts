/**
 * One device of one synthetic person in an MLS group (RFC 9420): what its client does, and what its state holds.
 *
 * The library's defaults accept every credential and every commit. Here a member accepts a credential only when the
 * directory knows it, and asks its `policy` about every commit; otherwise no test of detection would mean anything.
 * @module
 */
import {
  ciphersuites, consumeRatchet, createApplicationMessage, createCommit, createGroup, createGroupInfoWithExternalPubAndRatchetTree, decodeMlsMessage, decryptSenderData, defaultKeyPackageEqualityConfig, defaultKeyRetentionConfig,
  defaultLifetimeConfig, emptyPskIndex, encodeGroupState, encodeMlsMessage, generateKeyPackageWithKey, joinGroup, joinGroupExternal, leafToNodeIndex, mlsExporter, processMessage, ratchetToGeneration, toLeafIndex,
} from './library.ts';
import type { AuthenticationService, CiphersuiteImpl, CiphersuiteName, ClientConfig, ClientState, Credential, KeyPackage, LeafNode, PaddingConfig, PrivateKeyPackage, Proposal, PublicMessage } from './library.ts';
import { seededSuite } from './suite.ts';
import type { SeededRandom } from '../random.ts';

/** Padding of application messages: to 256 bytes of content, the library's default, or none. */
export type Padding = 'on' | 'off';

/** Which name holds which signature key: what an honest identity service says. Devices that it does not know are refused. */
export class Directory {
  readonly #keys = new Map<string, string>();

  enrol(name: string, signatureKey: Uint8Array): void {
    this.#keys.set(Buffer.from(signatureKey).toString('hex'), name);
  }

  /** The name that a signature key belongs to, undefined when nobody enrolled it. */
  nameOf(signatureKey: Uint8Array): string | undefined {
    return this.#keys.get(Buffer.from(signatureKey).toString('hex'));
  }

  /** Keys enrolled under a name, in hexadecimal, sorted: what a public log of the directory would list for its owner to check. */
  keysOf(name: string): string[] {
    return [...this.#keys].flatMap(([key, owner]) => (owner === name ? [key] : [])).sort();
  }

  /** A directory of its own with the same entries: what is enrolled in one does not reach the other. */
  copy(): Directory {
    const copy = new Directory();
    for (const [key, name] of this.#keys) copy.#keys.set(key, name);
    return copy;
  }

  asService(): AuthenticationService {
    return { validateCredential: (credential, key) => Promise.resolve(this.nameOf(key) === credentialName(credential)) };
  }
}

/** What a commit does to the group, as a member sees it before it accepts. */
export interface CommitSeen {
  readonly epoch: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** A device in the group's tree, as every member sees it. */
export interface Device {
  readonly leaf: number;
  readonly name: string;
  /** In hexadecimal, as {@link Directory.keysOf} gives it. */
  readonly signatureKey: string;
}

/** What became of a message that came in. */
export type Received =
  | { readonly kind: 'message'; readonly plaintext: Uint8Array; readonly authenticatedData: Uint8Array }
  | { readonly kind: 'commit'; readonly accepted: boolean; readonly seen: CommitSeen };

/** Key and nonce with which one message will be encrypted: what only the sending client and its receivers can derive. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly generation: number;
}

export interface MemberOptions {
  readonly directory: Directory;
  readonly padding: Padding;
  /** Whether the client goes along with a commit. Without it every commit by a known member is accepted. */
  readonly policy?: (seen: CommitSeen) => boolean;
  /** How many generations, epochs and forward steps keys are kept for; the library's defaults (10, 4, 200) without it. */
  readonly retention?: ClientConfig['keyRetentionConfig'];
}

/** An Ed25519 key pair, raw. */
export interface SignatureKeys {
  readonly signKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A commit on its way, and the welcome for those it adds. */
export interface Committed {
  readonly commit: Uint8Array;
  readonly welcome: Uint8Array | undefined;
}

/** A device. Its state moves with every call; {@link Member.fork} gives an independent copy. */
export class Member {
  readonly name: string;
  readonly keyPackage: KeyPackage;
  readonly options: MemberOptions;
  readonly #private: PrivateKeyPackage;
  readonly #random: SeededRandom;
  readonly #suite: CiphersuiteImpl;
  readonly #epochSecret: { latest: Uint8Array };
  #state: ClientState | undefined;

  private constructor(name: string, made: { publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }, chance: { random: SeededRandom; suite: CiphersuiteImpl; epochSecret: { latest: Uint8Array } }, options: MemberOptions) {
    this.name = name;
    this.keyPackage = made.publicPackage;
    this.#private = made.privatePackage;
    this.#random = chance.random;
    this.#suite = chance.suite;
    this.#epochSecret = chance.epochSecret;
    this.options = options;
  }

  /** A device with keys of its own, enrolled in the directory under its name; `signature` makes one with somebody's stolen key. */
  static async create(name: string, random: SeededRandom, options: MemberOptions, signature?: SignatureKeys): Promise<Member> {
    const chance = await seededChance(random.fork(`member ${name}`));
    const keys = signature ?? await chance.suite.signature.keygen();
    options.directory.enrol(name, keys.publicKey);
    const made = await generateKeyPackageWithKey(credentialOf(name), CAPABILITIES, LIFETIME, [], keys, chance.suite);
    return new Member(name, made, chance, options);
  }

  /** An independent copy with chance of its own; changes to one do not reach the other. */
  async fork(label: string, changed: Partial<MemberOptions> = {}): Promise<Member> {
    const chance = await seededChance(this.#random.fork(`fork ${label}`));
    const copy = new Member(this.name, { publicPackage: this.keyPackage, privatePackage: this.#private }, chance, { ...this.options, ...changed });
    chance.epochSecret.latest = this.#epochSecret.latest;
    if (this.#state !== undefined) copy.#state = { ...this.#state, clientConfig: configOf(copy.options) };
    return copy;
  }

  /** What the device signs with: alone it opens nothing. */
  get signatureKeys(): SignatureKeys {
    return { signKey: this.#private.signaturePrivateKey, publicKey: this.keyPackage.leafNode.signaturePublicKey };
  }

  /** The key package as it goes over the wire. */
  keyPackageBytes(): Uint8Array {
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: this.keyPackage });
  }

  async createGroup(groupId: Uint8Array): Promise<void> {
    this.#state = await createGroup(groupId, this.keyPackage, this.#private, [], this.#suite, configOf(this.options));
  }

  /** Commits the adding of devices; the welcome carries the tree. */
  add(packages: readonly KeyPackage[]): Promise<Committed> {
    return this.#commit(packages.map((keyPackage) => ({ proposalType: 'add', add: { keyPackage } })));
  }

  /** Commits the removal of a member by name: of its first device, where it has several. */
  remove(name: string): Promise<Committed> {
    const removed = this.devices().find((device) => device.name === name);
    if (removed === undefined) throw new RangeError('a member of the group expected');
    return this.removeLeaf(removed.leaf);
  }

  /** Commits the removal of the device at one leaf of the tree. */
  removeLeaf(leaf: number): Promise<Committed> {
    return this.#commit([{ proposalType: 'remove', remove: { removed: leaf } }]);
  }

  /** Commits nothing but new keys of its own: what restores secrecy after a compromise of its old ones. */
  async update(): Promise<Uint8Array> {
    return (await this.#commit([])).commit;
  }

  /** Joins with a welcome. @throws when the welcome is not for this device or a member is unknown to the directory. */
  async join(welcome: Uint8Array): Promise<void> {
    const message = decodeMessage(welcome);
    if (message.wireformat !== 'mls_welcome') throw new RangeError('a welcome expected');
    this.#state = await joinGroup(message.welcome, this.keyPackage, this.#private, emptyPskIndex, this.#suite, undefined, undefined, configOf(this.options));
  }

  /** What a service needs to let a device join by a commit of its own (RFC 9420 §12.4.3.2): signed by this member, tree included. */
  async groupInfo(): Promise<Uint8Array> {
    const groupInfo = await createGroupInfoWithExternalPubAndRatchetTree(this.state, [], this.#suite);
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo });
  }

  /**
   * Joins without an invitation, by an external commit to which nobody in the group has to agree beforehand. Gives the commit,
   * a public message. `replacing`: takes the place of the device with the same signature key. @throws as the library does.
   */
  async joinExternally(groupInfo: Uint8Array, { replacing = false } = {}): Promise<Uint8Array> {
    const message = decodeMessage(groupInfo);
    if (message.wireformat !== 'mls_group_info') throw new RangeError('a group info expected');
    const { publicMessage, newState } = await joinGroupExternal(message.groupInfo, this.keyPackage, this.#private, replacing, this.#suite, undefined, configOf(this.options));
    this.#state = newState;
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
  }

  /**
   * Encrypts one application message. `authenticatedData` is in the clear on the wire and bound to the message; given as a
   * function, it is told the message's key first, as a client would have to be changed to do.
   */
  async send(plaintext: Uint8Array, authenticatedData: Uint8Array | ((key: MessageKey) => Promise<Uint8Array>) = new Uint8Array()): Promise<Uint8Array> {
    const reuseGuard = this.#random.bytes(4);
    const suite = { ...this.#suite, rng: { randomBytes: () => reuseGuard.slice() } };
    const data = typeof authenticatedData === 'function' ? await authenticatedData(await this.#nextKey(suite)) : authenticatedData;
    const sent = await createApplicationMessage(this.state, plaintext, suite, data);
    this.#state = sent.newState;
    return encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage: sent.privateMessage });
  }

  /** Key and nonce of an application message that came in and was not taken in yet: what its receivers can derive. */
  async keyOf(bytes: Uint8Array): Promise<MessageKey> {
    const message = decodeMessage(bytes);
    if (message.wireformat !== 'mls_private_message') throw new RangeError('a private message expected');
    const sender = await decryptSenderData(message.privateMessage, this.state.keySchedule.senderDataSecret, this.#suite);
    if (sender === undefined) throw new RangeError('a message of the current epoch expected');
    const { key, nonce } = await ratchetToGeneration(this.state.secretTree, sender, 'application', this.state.clientConfig.keyRetentionConfig, this.#suite);
    return { key, nonce, generation: sender.generation };
  }

  /** Takes in a message or a commit. @throws when it cannot be decrypted or verified. */
  async receive(bytes: Uint8Array): Promise<Received> {
    const message = decodeMessage(bytes);
    if (message.wireformat !== 'mls_private_message' && message.wireformat !== 'mls_public_message') throw new RangeError('a private or public message expected');
    const authenticatedData = message.wireformat === 'mls_private_message' ? message.privateMessage.authenticatedData : message.publicMessage.content.authenticatedData;
    const joiner = message.wireformat === 'mls_public_message' ? externalJoiner(message.publicMessage) : [];
    const before = this.#epochSecret.latest;
    let seen: CommitSeen = { epoch: this.epoch, added: [], removed: [] };
    const result = await processMessage(message, this.state, emptyPskIndex, (incoming) => {
      if (incoming.kind !== 'commit') return 'accept';
      seen = this.#seen(incoming.proposals.map((p) => p.proposal), joiner);
      return this.options.policy?.(seen) === false ? 'reject' : 'accept';
    }, this.#suite).catch((error: unknown) => {
      this.#epochSecret.latest = before; // of an epoch that did not come about
      throw error;
    });
    this.#state = result.newState;
    if (result.kind === 'applicationMessage') return { kind: 'message', plaintext: result.message, authenticatedData };
    return { kind: 'commit', accepted: result.actionTaken === 'accept', seen };
  }

  get epoch(): number {
    return Number(this.state.groupContext.epoch);
  }

  get leafIndex(): number {
    return this.state.privatePath.leafIndex;
  }

  /** Names in the group's tree, in the order of their leaves: what an honest client shows its user. */
  roster(): string[] {
    return this.devices().map((device) => device.name);
  }

  /** Devices in the group's tree, in the order of their leaves. */
  devices(): Device[] {
    return this.state.ratchetTree.flatMap((node, i) => (node?.nodeType === 'leaf' ? [{ leaf: i / 2, name: leafName(node.leaf), signatureKey: Buffer.from(node.leaf.signaturePublicKey).toString('hex') }] : []));
  }

  /** RFC 9420 §8.7: equal for members who see the same group; people can compare it by another way. */
  get epochAuthenticator(): Uint8Array {
    return this.state.keySchedule.epochAuthenticator;
  }

  /** RFC 9420 §8.5. */
  exporter(label: string, context: Uint8Array, length: number): Promise<Uint8Array> {
    return mlsExporter(this.state.keySchedule.exporterSecret, label, context, length, this.#suite);
  }

  /** What opens every application message of the current epoch: a changed client could hand these to somebody. 64 bytes. */
  epochSecrets(): { readonly encryptionSecret: Uint8Array; readonly senderDataSecret: Uint8Array } {
    return { encryptionSecret: this.#epochSecret.latest, senderDataSecret: this.state.keySchedule.senderDataSecret };
  }

  /**
   * What opens this member's own application messages of the current epoch, and nobody else's: the root of its own ratchet,
   * and the secret under which all senders' generations travel (RFC 9420 §9.1, §6.3.2). 64 bytes.
   * @throws RangeError when the member has written in this epoch: the root is gone then
   */
  senderSecrets(): { readonly ratchetRoot: Uint8Array; readonly senderDataSecret: Uint8Array } {
    const ratchet = this.state.secretTree[leafToNodeIndex(toLeafIndex(this.leafIndex))]?.application;
    if (ratchet?.generation !== 0) throw new RangeError('an epoch in which this member has not written expected');
    return { ratchetRoot: ratchet.secret, senderDataSecret: this.state.keySchedule.senderDataSecret };
  }

  /** Everything that the device holds of the group, as it would be found on a device that is seized. */
  seize(): Uint8Array {
    return encodeGroupState(this.state);
  }

  /** @throws RangeError when the device is in no group. */
  get state(): ClientState {
    if (this.#state === undefined) throw new RangeError('a device that is in a group expected');
    return this.#state;
  }

  async #commit(extraProposals: Proposal[]): Promise<Committed> {
    const made = await createCommit({ state: this.state, cipherSuite: this.#suite }, { extraProposals, ratchetTreeExtension: true });
    this.#state = made.newState;
    const welcome = made.welcome === undefined ? undefined : encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome });
    return { commit: encodeMlsMessage(made.commit), welcome };
  }

  async #nextKey(suite: CiphersuiteImpl): Promise<MessageKey> {
    const { key, nonce, generation } = await consumeRatchet(this.state.secretTree, leafToNodeIndex(toLeafIndex(this.leafIndex)), 'application', suite);
    return { key, nonce, generation };
  }

  #seen(proposals: readonly Proposal[], joiner: readonly string[]): CommitSeen {
    const names = new Map(this.devices().map(({ leaf, name }) => [leaf, name]));
    return {
      epoch: this.epoch + 1,
      added: [...proposals.flatMap((p) => (p.proposalType === 'add' ? [leafName(p.add.keyPackage.leafNode)] : [])), ...joiner],
      removed: proposals.flatMap((p) => (p.proposalType === 'remove' ? [names.get(p.remove.removed) ?? ''] : [])),
    };
  }
}

const LIFETIME = { notBefore: 0n, notAfter: 2n ** 63n - 1n };
/** Without the random values that the library mixes in by default (GREASE): sizes would differ from run to run. */
const CAPABILITIES = { versions: ['mls10' as const], ciphersuites: Object.keys(ciphersuites) as CiphersuiteName[], extensions: [], proposals: [], credentials: ['basic' as const, 'x509' as const] };
const PADDING: Readonly<Record<Padding, PaddingConfig>> = { on: { kind: 'padUntilLength', padUntilLength: 256 }, off: { kind: 'alwaysPad', paddingLength: 0 } };

async function seededChance(random: SeededRandom): Promise<{ random: SeededRandom; suite: CiphersuiteImpl; epochSecret: { latest: Uint8Array } }> {
  const epochSecret: { latest: Uint8Array } = { latest: new Uint8Array() };
  const suite = await seededSuite(random, (label, secret) => {
    if (label === 'encryption') epochSecret.latest = secret;
  });
  return { random, suite, epochSecret };
}

function configOf(options: MemberOptions): ClientConfig {
  return {
    keyRetentionConfig: options.retention ?? defaultKeyRetentionConfig, lifetimeConfig: defaultLifetimeConfig,
    keyPackageEqualityConfig: defaultKeyPackageEqualityConfig, paddingConfig: PADDING[options.padding], authService: options.directory.asService(),
  };
}

function decodeMessage(bytes: Uint8Array): NonNullable<ReturnType<typeof decodeMlsMessage>>[0] {
  const decoded = decodeMlsMessage(bytes, 0);
  if (decoded === undefined || decoded[1] !== bytes.length) throw new RangeError('an MLS message expected');
  return decoded[0];
}

/** An external commit holds no Add: who joins stands in the leaf of its path (RFC 9420 §12.4.3.2). */
function externalJoiner(message: PublicMessage): readonly string[] {
  const { content } = message;
  if (content.sender.senderType !== 'new_member_commit' || content.contentType !== 'commit' || content.commit.path === undefined) return [];
  return [leafName(content.commit.path.leafNode)];
}

function credentialOf(name: string): Credential {
  return { credentialType: 'basic', identity: new TextEncoder().encode(name) };
}

function credentialName(credential: Credential): string {
  return credential.credentialType === 'basic' ? new TextDecoder().decode(credential.identity) : '';
}

function leafName(leaf: LeafNode): string {
  return credentialName(leaf.credential);
}
