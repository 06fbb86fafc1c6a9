/**
 * Policies: which logs are believed, and which cosigners must have seen a checkpoint before it is.
 * Source: C2SP tlog-policy (no numbered version yet), with the choices it leaves taken strictly (docs/log-format.md).
 * Leaves out: how fresh a checkpoint is, which needs a clock; the times are handed on.
 * @module
 */
import { refuse } from '@weighbridge/base';
import type { Place } from '@weighbridge/base';
import { fromUtf8, toHex } from './bytes.ts';
import { parseCheckpoint, refuseFalse, refuseOrigin } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { verifyCosignature } from './cosignature.ts';
import { isBy, verifySignature } from './signed-note.ts';
import { parseVerifierKey } from './verifier-key.ts';
import type { VerifierKey } from './verifier-key.ts';

/** A key of a policy, with the address that its line may give. */
export interface PolicyKey {
  readonly key: VerifierKey;
  readonly url?: string;
}

/** A group has witnessed a checkpoint when at least `threshold` of its members have. */
export interface PolicyGroup {
  readonly threshold: number;
  /** Names of witnesses or of groups defined before. */
  readonly members: readonly string[];
}

/** A policy that can be met. */
export interface Policy {
  readonly logs: readonly PolicyKey[];
  /** By the names of the policy, which mean nothing outside it. */
  readonly witnesses: ReadonlyMap<string, PolicyKey>;
  /** In the order of definition: a group comes after its members. */
  readonly groups: ReadonlyMap<string, PolicyGroup>;
  /** A witness, a group, or null for `quorum none`. */
  readonly quorum: string | null;
  readonly text: string;
}

/** What a checkpoint showed. */
export interface CheckedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** The key of the log whose signature holds. */
  readonly log: VerifierKey;
  /** The witnesses of the policy that cosigned, by their names in it, in its order; each once. */
  readonly cosigned: readonly { readonly name: string; readonly time: bigint }[];
}

const LONGEST_POLICY = 1 << 20;

/**
 * Reads a policy. Bytes are decoded as UTF-8.
 * @throws Refusal with a line number: POLICY_LINE (not a line of a policy: unknown word, other number of parts, a control character, no newline at
 * the end), POLICY_NAME (`none`), POLICY_NAME_TWICE, POLICY_UNDEFINED (not defined on a line before), POLICY_MEMBER_TWICE, POLICY_KEY_TWICE,
 * POLICY_KEY_KIND (a cosigner key for a log, or the reverse), POLICY_NEVER_MET (k is 0 or more than the members), POLICY_QUORUM_TWICE, and the
 * codes of `parseVerifierKey`; without one: POLICY_UTF8, POLICY_TOO_LONG, POLICY_LOG_MISSING, POLICY_QUORUM_MISSING
 */
export function parsePolicy(policy: string | Uint8Array, place: Place = {}): Policy {
  const text = typeof policy === 'string' ? policy : fromUtf8(policy);
  if (text === undefined) refuse('POLICY_UTF8', 'the bytes are not UTF-8', place, 'save the policy as UTF-8');
  if (text.length > LONGEST_POLICY) refuse('POLICY_TOO_LONG', `more than ${LONGEST_POLICY} characters`, place, 'give a policy, not another file');
  const draft: Draft = { logs: [], witnesses: new Map(), groups: new Map(), members: new Set(), quorum: undefined };
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) readLine(draft, line, { ...place, line: i + 1 });
  // tlog-policy: each line is terminated by a newline. A policy that was cut could be a weaker one.
  if (lines.at(-1) !== '') refuse('POLICY_LINE', 'the last line has no newline: the policy may have been cut', { ...place, line: lines.length }, 'end the last line');
  // tlog-policy lets an application bring its own logs; here the policy is all that is believed.
  if (draft.logs.length === 0) refuse('POLICY_LOG_MISSING', 'the policy names no log', place, 'add a line: log <verifier key>');
  if (draft.quorum === undefined) refuse('POLICY_QUORUM_MISSING', 'the policy has no quorum', place, 'add a line: quorum <name>, or quorum none');
  const { logs, witnesses, groups, quorum } = draft;
  return { logs, witnesses, groups, quorum, text };
}

/**
 * Decides whether a checkpoint is to be believed: a log of the policy signed it under its own origin, no known key's signature fails, and the
 * quorum cosigned it. Everything else, an unsigned or unreadable checkpoint first of all, is refused.
 * @throws Refusal with the codes of `parseCheckpoint`, and CHECKPOINT_OTHER_ORIGIN, NOTE_SIGNATURE_FALSE, NOTE_KEY_UNKNOWN (the log did not sign),
 * QUORUM_SHORT
 */
export function checkPolicy(policy: Policy, bytes: Uint8Array, place: Place = {}): CheckedCheckpoint {
  const checkpoint = parseCheckpoint(bytes, place);
  const { note, origin } = checkpoint;
  if (!policy.logs.some(({ key }) => key.name === origin)) refuseOrigin(place, origin, policy.logs.map(({ key }) => key.name).join(', '));
  const logs: VerifierKey[] = [];
  for (const { key } of policy.logs) {
    const signature = note.signatures.find((s) => isBy(s, key));
    if (!signature) continue;
    if (!verifySignature(note, signature, key)) refuseFalse(key.name, place);
    if (key.name === origin) logs.push(key);
  }
  // A map: a witness counts once, however many lines it has.
  const times = new Map<string, bigint>();
  for (const [name, { key }] of policy.witnesses) {
    const signature = note.signatures.find((s) => isBy(s, key));
    if (!signature) continue;
    const cosigned = verifyCosignature(note, signature, key);
    if (!cosigned) refuseFalse(key.name, place);
    times.set(name, cosigned.time);
  }
  const [log] = logs;
  if (!log) refuse('NOTE_KEY_UNKNOWN', 'no signature of a key that the policy gives for this log', place, 'give the policy of this log, or ask for a signed checkpoint');
  const need = shortOf(policy, times);
  const missing = [...policy.witnesses.keys()].filter((name) => !times.has(name));
  if (need !== undefined) {
    refuse('QUORUM_SHORT', `${need}; not signed by ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ' and others' : ''}`, place,
      'get the log, or a receipt, again once they have cosigned; its owner asks them with `weighbridge log cosign STORE`');
  }
  return { checkpoint, log, cosigned: Array.from(times, ([name, time]) => ({ name, time })) };
}

/** True when the witnesses of these names are enough. */
export function meetsQuorum({ quorum, groups }: Policy, names: ReadonlySet<string>): boolean {
  const met = new Set(names);
  // A group comes after its members.
  for (const [name, { threshold, members }] of groups) {
    if (members.filter((member) => met.has(member)).length >= threshold) met.add(name);
  }
  return quorum === null || met.has(quorum);
}

interface Draft {
  readonly logs: PolicyKey[];
  readonly witnesses: Map<string, PolicyKey>;
  readonly groups: Map<string, PolicyGroup>;
  /** Names that are a member of some group already. */
  readonly members: Set<string>;
  quorum: string | null | undefined;
}

const FORMS = 'log <key> [url], witness <name> <key> [url], group <name> all|any|<k> <member>…, quorum <name>|none, # comment';

function readLine(draft: Draft, line: string, place: Place): void {
  // tlog-policy, "Character set": of the control characters only tab and newline. A carriage return would become part of a name.
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(line)) {
    refuse('POLICY_LINE', 'a control character other than tab and newline', place, 'end lines with a newline alone');
  }
  const [word, ...rest] = line.split(/[ \t]+/).filter((part) => part !== '');
  if (word === undefined || word.startsWith('#')) return;
  if (word === 'log') readLog(draft, rest, place);
  else if (word === 'witness') readWitness(draft, rest, place);
  else if (word === 'group') readGroup(draft, rest, place);
  else if (word === 'quorum') readQuorum(draft, rest, place);
  else refuseLine(place);
}

function readLog(draft: Draft, parts: readonly string[], place: Place): void {
  const [text, url, ...more] = parts;
  if (text === undefined || more.length > 0) refuseLine(place);
  const key = parseVerifierKey(text, place);
  if (key.kind !== 'ed25519') refuse('POLICY_KEY_KIND', 'a log signs with an Ed25519 key of type 0x01', place, 'give the verifier key of the log');
  checkNew(draft, key, place);
  draft.logs.push(url === undefined ? { key } : { key, url });
}

function readWitness(draft: Draft, parts: readonly string[], place: Place): void {
  const [name, text, url, ...more] = parts;
  if (name === undefined || text === undefined || more.length > 0) refuseLine(place);
  checkName(draft, name, place);
  const key = parseVerifierKey(text, place);
  if (key.kind === 'ed25519') refuse('POLICY_KEY_KIND', 'a witness signs with a cosigner key (0x04 or P-384)', place, 'give the verifier key of the witness');
  checkNew(draft, key, place);
  draft.witnesses.set(name, url === undefined ? { key } : { key, url });
}

function readGroup(draft: Draft, parts: readonly string[], place: Place): void {
  const [name, rule, ...members] = parts;
  if (name === undefined || rule === undefined || members.length === 0) refuseLine(place);
  checkName(draft, name, place);
  for (const member of members) {
    checkDefined(draft, member, place);
    // Once at most in all groups together, so that a witness contributes to the quorum in one way.
    if (draft.members.has(member)) refuse('POLICY_MEMBER_TWICE', 'a member is listed a second time', place, 'list a name in one group only');
    draft.members.add(member);
  }
  const threshold = rule === 'all' ? members.length : rule === 'any' ? 1 : /^(0|[1-9][0-9]{0,5})$/.test(rule) ? Number(rule) : refuseLine(place);
  if (threshold < 1) refuse('POLICY_NEVER_MET', 'a group of 0 members asks for nothing', place, 'ask for at least one member, or say: quorum none');
  if (threshold > members.length) {
    refuse('POLICY_NEVER_MET', `${threshold} members are asked for and ${members.length} are listed`, place, 'ask for as many members as there are, at most');
  }
  draft.groups.set(name, { threshold, members });
}

function readQuorum(draft: Draft, parts: readonly string[], place: Place): void {
  const [name, ...more] = parts;
  if (name === undefined || more.length > 0) refuseLine(place);
  if (draft.quorum !== undefined) refuse('POLICY_QUORUM_TWICE', 'a second quorum', place, 'keep one quorum line');
  if (name !== 'none') checkDefined(draft, name, place);
  draft.quorum = name === 'none' ? null : name;
}

function checkName(draft: Draft, name: string, place: Place): void {
  if (name === 'none') refuse('POLICY_NAME', 'the name none is taken', place, 'choose another name');
  if (draft.witnesses.has(name) || draft.groups.has(name)) {
    refuse('POLICY_NAME_TWICE', 'a name is defined a second time; witnesses and groups share their names', place, 'choose another name');
  }
}

function checkDefined(draft: Draft, name: string, place: Place): void {
  if (draft.witnesses.has(name) || draft.groups.has(name)) return;
  refuse('POLICY_UNDEFINED', 'a name that no line before defines', place, 'define the witness or the group on a line above');
}

/**
 * tlog-policy forbids one key twice among logs and one twice among witnesses; here also across the two: a log is no witness to itself.
 * Keys with the same name and key id are refused as well: nobody could say whose line it is, and a note holds only one of the two.
 */
function checkNew(draft: Draft, key: VerifierKey, place: Place): void {
  for (const { key: other } of [...draft.logs, ...draft.witnesses.values()]) {
    if (toHex(other.key) === toHex(key.key)) {
      refuse('POLICY_KEY_TWICE', 'a public key is given a second time, under this name or another', place, 'give every log and witness a key of its own');
    }
    if (other.name === key.name && toHex(other.id) === toHex(key.id)) {
      refuse('POLICY_KEY_ID_TWICE', 'another key has the same name and the same key id', place, 'ask one of the holders for another key');
    }
  }
}

/** What is missing from the quorum; undefined when it is met. Groups come after their members, so one pass decides. */
function shortOf(policy: Policy, cosigned: ReadonlyMap<string, bigint>): string | undefined {
  if (meetsQuorum(policy, new Set(cosigned.keys()))) return undefined;
  return `the quorum is not met: ${cosigned.size} of ${policy.witnesses.size} witnesses of the policy cosigned`;
}

function refuseLine(place: Place): never {
  return refuse('POLICY_LINE', `not a line of a policy: ${FORMS}`, place, 'write the line in one of these forms');
}
