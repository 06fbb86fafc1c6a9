/**
 * What somebody can open of the wire who holds some secrets and no membership: the adversaries' tools of the lab.
 * Each takes wire bytes and secrets alone; none sees what was really sent.
 * @module
 */
import {
  createSecretTree, decodeGroupState, decodeMlsMessage, decodePrivateMessageContent, decryptSenderData, defaultKeyPackageEqualityConfig,
  defaultLifetimeConfig, emptyPskIndex, encodePrivateContentAAD, leafToNodeIndex, processMessage, ratchetToGeneration, toLeafIndex,
} from './library.ts';
import type { ClientState, PrivateMessage, SecretTree } from './library.ts';
import { plainSuite } from './suite.ts';

/** Whoever holds stolen secrets keeps every key that can be derived from them. */
const KEEP_ALL = { retainKeysForGenerations: 100_000, retainKeysForEpochs: 100_000, maximumForwardRatchetSteps: 10_000 };

/** A message that was opened: its text, and the leaf that sent it where the opener could tell. */
export interface OpenedMessage {
  readonly plaintext: Uint8Array;
  readonly leaf: number | undefined;
}

/** The clear part of a message on the wire: anybody who carries it sees this. Undefined when it is no private message. */
export function clearPart(bytes: Uint8Array): { readonly epoch: number; readonly contentType: string; readonly authenticatedData: Uint8Array } | undefined {
  const message = privateMessage(bytes);
  return message && { epoch: Number(message.epoch), contentType: message.contentType, authenticatedData: message.authenticatedData };
}

/** Opens one application message with its AEAD key and nonce. Undefined when they do not fit. */
export async function openWithMessageKey(bytes: Uint8Array, key: Uint8Array, nonce: Uint8Array): Promise<OpenedMessage | undefined> {
  const message = privateMessage(bytes);
  if (message?.contentType !== 'application') return undefined;
  const plaintext = await openContent(message, key, nonce);
  return plaintext && { plaintext, leaf: undefined };
}

/** Opens all application messages of one epoch, from the two secrets that a member derives for it (RFC 9420 §9). */
export class EpochReader {
  readonly #tree: SecretTree;
  readonly #senderDataSecret: Uint8Array;

  private constructor(tree: SecretTree, senderDataSecret: Uint8Array) {
    this.#tree = tree;
    this.#senderDataSecret = senderDataSecret;
  }

  /** `leaves`: number of leaves of the group's tree, a power of two, 1 to 1,024. */
  static async of(secrets: { readonly encryptionSecret: Uint8Array; readonly senderDataSecret: Uint8Array }, leaves: number): Promise<EpochReader> {
    const { kdf } = await plainSuite();
    return new EpochReader(await createSecretTree(leaves, secrets.encryptionSecret, kdf), secrets.senderDataSecret);
  }

  /** Undefined when the message is of another epoch or was made with other secrets. */
  async open(bytes: Uint8Array): Promise<OpenedMessage | undefined> {
    const suite = await plainSuite();
    const message = privateMessage(bytes);
    if (message?.contentType !== 'application') return undefined;
    try {
      const sender = await decryptSenderData(message, this.#senderDataSecret, suite);
      if (sender === undefined || leafToNodeIndex(toLeafIndex(sender.leafIndex)) >= this.#tree.length) return undefined;
      const { key, nonce } = await ratchetToGeneration(this.#tree, sender, 'application', KEEP_ALL, suite);
      const plaintext = await openContent(message, key, nonce);
      return plaintext && { plaintext, leaf: sender.leafIndex };
    } catch {
      return undefined;
    }
  }
}

/** Opens the application messages of one sender in one epoch, from the root of its ratchet and the epoch's sender data secret. */
export class SenderReader {
  readonly #tree: SecretTree;
  readonly #senderDataSecret: Uint8Array;

  private constructor(tree: SecretTree, senderDataSecret: Uint8Array) {
    this.#tree = tree;
    this.#senderDataSecret = senderDataSecret;
  }

  static of(secrets: { readonly ratchetRoot: Uint8Array; readonly senderDataSecret: Uint8Array }): SenderReader {
    const ratchet = { secret: secrets.ratchetRoot, generation: 0, unusedGenerations: {} };
    return new SenderReader([{ handshake: ratchet, application: ratchet }], secrets.senderDataSecret);
  }

  /** Undefined when the message is of another epoch or another sender. */
  async open(bytes: Uint8Array): Promise<OpenedMessage | undefined> {
    const [suite, message] = [await plainSuite(), privateMessage(bytes)];
    if (message?.contentType !== 'application') return undefined;
    try {
      const sender = await decryptSenderData(message, this.#senderDataSecret, suite);
      if (sender === undefined) return undefined;
      // The tree has the one ratchet; whose it is shows when a message opens.
      const { key, nonce } = await ratchetToGeneration(this.#tree, { ...sender, leafIndex: 0 }, 'application', KEEP_ALL, suite);
      const plaintext = await openContent(message, key, nonce);
      return plaintext && { plaintext, leaf: sender.leafIndex };
    } catch {
      return undefined;
    }
  }

  /** The leaf that sent a message of the epoch, whoever it was: the sender data secret tells it without opening the text. */
  async leafOf(bytes: Uint8Array): Promise<number | undefined> {
    const message = privateMessage(bytes);
    if (message === undefined) return undefined;
    try {
      return (await decryptSenderData(message, this.#senderDataSecret, await plainSuite()))?.leafIndex;
    } catch {
      return undefined;
    }
  }
}

/**
 * A device's state in somebody else's hands, running on from where it was taken: reads what comes after as the member
 * would, and of what came before what can be derived from the secrets that the client had kept.
 */
export class SeizedState {
  readonly #taken: ClientState;
  #state: ClientState;

  private constructor(state: ClientState) {
    this.#taken = state;
    this.#state = state;
  }

  /** From what {@link Member.seize} gives. The holder accepts every commit and keeps every key. @throws RangeError when it is no such state. */
  static of(seized: Uint8Array): SeizedState {
    const decoded = decodeGroupState(seized, 0);
    if (decoded === undefined) throw new RangeError('the state of a device expected');
    return new SeizedState({
      ...decoded[0],
      clientConfig: {
        keyRetentionConfig: KEEP_ALL, lifetimeConfig: defaultLifetimeConfig, keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
        paddingConfig: { kind: 'alwaysPad', paddingLength: 0 }, authService: { validateCredential: () => Promise.resolve(true) },
      },
    });
  }

  /** Takes the next message of the wire: a commit moves the state on; a message that opens is returned. */
  async take(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const message = decodeMlsMessage(bytes, 0)?.[0];
    if (message?.wireformat !== 'mls_private_message' && message?.wireformat !== 'mls_public_message') return undefined;
    try {
      const result = await processMessage(message, this.#state, emptyPskIndex, () => 'accept', await plainSuite());
      this.#state = result.newState;
      return result.kind === 'applicationMessage' ? result.message : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Opens a message that was sent before the state was taken, as {@link take} would, with what the client itself would accept.
   * Does not move the state on.
   */
  async openAsClient(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const copy = new SeizedState(this.#taken);
    return clearPart(bytes)?.contentType === 'application' ? copy.take(bytes) : undefined;
  }

  /**
   * Opens a message that was sent before the state was taken with anything that can be derived from what the state holds,
   * whether or not the client would still accept the message. Does not move the state on.
   *
   * For a message that has not arrived the library keeps the ratchet's secret, where RFC 9420 §9.2 keeps key and nonce: so
   * the keys of all later messages of that sender in that epoch can be derived again, read or not.
   */
  async derive(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const message = privateMessage(bytes);
    if (message?.contentType !== 'application') return undefined;
    const now = this.#taken;
    const { secretTree, senderDataSecret } = message.epoch === now.groupContext.epoch ? { secretTree: now.secretTree, senderDataSecret: now.keySchedule.senderDataSecret } : (now.historicalReceiverData.get(message.epoch) ?? {});
    if (secretTree === undefined || senderDataSecret === undefined) return undefined;
    try {
      const suite = await plainSuite();
      const sender = await decryptSenderData(message, senderDataSecret, suite);
      const node = sender && leafToNodeIndex(toLeafIndex(sender.leafIndex));
      const ratchet = node === undefined ? undefined : secretTree[node]?.application;
      if (sender === undefined || node === undefined || ratchet === undefined) return undefined;
      const kept: [number, Uint8Array][] = [...Object.entries(ratchet.unusedGenerations).map(([generation, secret]): [number, Uint8Array] => [Number(generation), secret]), [ratchet.generation, ratchet.secret]];
      const start = kept.filter(([generation]) => generation <= sender.generation).sort(([a], [b]) => b - a)[0];
      if (start === undefined) return undefined;
      const rewound = secretTree.map((leaf, i) => (i === node ? { ...leaf, application: { generation: start[0], secret: start[1], unusedGenerations: {} } } : leaf));
      const { key, nonce } = await ratchetToGeneration(rewound, sender, 'application', KEEP_ALL, suite);
      return (await openContent(message, key, nonce))?.slice();
    } catch {
      return undefined;
    }
  }
}

async function openContent(message: PrivateMessage, key: Uint8Array, nonce: Uint8Array): Promise<Uint8Array | undefined> {
  const { hpke } = await plainSuite();
  const aad = encodePrivateContentAAD({ groupId: message.groupId, epoch: message.epoch, contentType: message.contentType, authenticatedData: message.authenticatedData });
  try {
    const content = decodePrivateMessageContent(message.contentType)(await hpke.decryptAead(key, nonce, aad, message.ciphertext), 0)?.[0];
    return content?.contentType === 'application' ? content.applicationData : undefined;
  } catch {
    return undefined;
  }
}

function privateMessage(bytes: Uint8Array): PrivateMessage | undefined {
  const message = decodeMlsMessage(bytes, 0)?.[0];
  return message?.wireformat === 'mls_private_message' ? message.privateMessage : undefined;
}
