/**
 * The folder of a witness: its private keys and its state, made at the first start and bound to each other.
 * Leaves out: passwords on keys. The folder is for the operator's eyes alone (mode 0700).
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import { generateKey, loadSigner } from './keys.ts';
import type { NoteSigner } from './signed-note.ts';
import type { KeyKind, VerifierKey } from './verifier-key.ts';
import { Witness } from './witness.ts';
import { openWitnessState } from './witness-state.ts';
import type { WitnessDatabase } from './witness-state.ts';

export interface WitnessFolderOptions {
  readonly folder: string;
  /** Key name of the witness; its P-384 key is `<name>/p384`. */
  readonly name: string;
  readonly logs: readonly VerifierKey[];
  /** Make a P-384 key too. Once made it always signs. */
  readonly p384?: boolean;
  /** This copy of the state counts from now on, see `openWitnessState`. */
  readonly adopt?: boolean;
  readonly now: () => bigint;
}

export interface OpenedWitness {
  readonly witness: Witness;
  /** True when keys were made now: their verifier keys must be published. */
  readonly made: boolean;
  readonly close: () => void;
}

const STATE = 'witness.sqlite';
const FILES = { 'ed25519-cosigner': 'ed25519.pem', 'p384-cosigner': 'p384.pem' } as const;
type Kind = Exclude<KeyKind, 'ed25519'>;

/**
 * Opens the folder, or makes it. A state without its keys, or keys without their state, are never made good silently.
 * @throws Refusal WITNESS_KEY_LOST, WITNESS_KEY_OTHER (another name or key than the state belongs to); those of `openWitnessState`, `loadSigner`, `Witness`
 */
export async function openWitnessFolder(options: WitnessFolderOptions): Promise<OpenedWitness> {
  const { folder, adopt = false } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // The state is made first: keys without it are never the leavings of a first start that was cut off.
  const state = openWitnessState(join(folder, STATE), { create: !Object.values(FILES).some((file) => existsSync(join(folder, file))), adopt });
  try {
    const { signers, made } = await signersOf(state, options);
    return { witness: new Witness({ state, signers, logs: options.logs, now: options.now }), made, close: () => { state.close(); } };
  } catch (error) {
    state.close();
    throw error;
  }
}

async function signersOf(state: WitnessDatabase, { folder, name, p384 = false }: WitnessFolderOptions): Promise<{ signers: NoteSigner[]; made: boolean }> {
  const identity = state.identity();
  const signers: NoteSigner[] = [];
  for (const kind of Object.keys(FILES) as Kind[]) {
    const known = identity.length > 0 && (kind === 'ed25519-cosigner' || identity.length > 1);
    const wanted = known || kind === 'ed25519-cosigner' || p384;
    if (wanted) signers.push(await signerOf(join(folder, FILES[kind]), kind, kind === 'p384-cosigner' ? `${name}/p384` : name, known));
  }
  const vkeys = signers.map((signer) => signer.verifierKey.text);
  if (identity.some((vkey) => !vkeys.includes(vkey))) refuse('WITNESS_KEY_OTHER', 'the state belongs to a witness with another name or key', { file: folder }, 'give the name and the keys that it was made with');
  const added = vkeys.filter((vkey) => !identity.includes(vkey));
  if (added.length > 0) state.setIdentity(added);
  return { signers, made: added.length > 0 };
}

async function signerOf(file: string, kind: Kind, name: string, known: boolean): Promise<NoteSigner> {
  if (existsSync(file)) return loadSigner(await readFile(file, 'utf8'), kind, name, { file });
  if (known) refuse('WITNESS_KEY_LOST', 'a private key of the witness is gone', { file }, 'put it back; if it is lost, start a new witness under a new name');
  const { privatePem, signer } = generateKey(kind, name);
  await writeFileDurably(file, privatePem, 0o600);
  return signer;
}
