/**
 * What somebody can open of the wire who holds some secrets and no membership: the adversaries' tools of the lab.
 * Each takes wire bytes and secrets alone; none sees what was really sent.
 * @module
 */
import {
  createSecretTree, decodeGroupState, decodeMlsMessage, decodePrivateMessageContent, decryptSenderData, defaultKeyPackageEqualityConfig, defaultKeyRetentionConfig,
  defaultLifetimeConfig, emptyPskIndex, encodePrivateContentAAD, leafToNodeIndex, processMessage, ratchetToGeneration, toLeafIndex,
} from './library.ts';
import type { ClientState, PrivateMessage, SecretTree } from './library.ts';
import { plainSuite } from './suite.ts';

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
      const { key, nonce } = await ratchetToGeneration(this.#tree, sender, 'application', { ...defaultKeyRetentionConfig, maximumForwardRatchetSteps: 10_000 }, suite);
      const plaintext = await openContent(message, key, nonce);
      return plaintext && { plaintext, leaf: sender.leafIndex };
    } catch {
      return undefined;
    }
  }
}

/**
 * A device's state in somebody else's hands, running on from where it was taken: reads what comes after as the member
 * would, and of what came before only what the client had kept keys for.
 */
export class SeizedState {
  #state: ClientState;

  private constructor(state: ClientState) {
    this.#state = state;
  }

  /** From what {@link Member.seize} gives. The holder accepts every commit. @throws RangeError when it is no such state. */
  static of(seized: Uint8Array): SeizedState {
    const decoded = decodeGroupState(seized, 0);
    if (decoded === undefined) throw new RangeError('the state of a device expected');
    return new SeizedState({
      ...decoded[0],
      clientConfig: {
        keyRetentionConfig: defaultKeyRetentionConfig, lifetimeConfig: defaultLifetimeConfig, keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
        paddingConfig: { kind: 'alwaysPad', paddingLength: 0 }, authService: { validateCredential: () => Promise.resolve(true) },
      },
    });
  }

  /** Takes the next message of the wire: a commit moves the state on; a message that opens is returned. */
  async take(bytes: Uint8Array): Promise<Uint8Array | undefined> {
    const message = privateMessage(bytes);
    if (message === undefined) return undefined;
    try {
      const result = await processMessage({ wireformat: 'mls_private_message', privateMessage: message }, this.#state, emptyPskIndex, () => 'accept', await plainSuite());
      this.#state = result.newState;
      return result.kind === 'applicationMessage' ? result.message : undefined;
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
