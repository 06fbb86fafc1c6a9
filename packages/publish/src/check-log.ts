/**
 * Looks a release, its submissions and its definitions up in a log that was verified.
 * Leaves out: signatures and tiles (the log's own verification), and whether the numbers follow from the submissions.
 * @module
 */
import type { Issue, Sha384 } from '@weighbridge/base';
import { parseVerifierKey, toHex } from '@weighbridge/log';
import type { LogEntry, VerifiedLog } from '@weighbridge/log';
import type { Manifest } from './manifest.ts';

/** What the log shows. */
export interface LogCheck {
  /** The log bears the release out when there are none. */
  readonly issues: readonly Issue[];
  readonly proved: readonly string[];
  readonly notProved: readonly string[];
}

type Entry<K extends LogEntry['kind']> = Extract<LogEntry, { kind: K }>;

/**
 * Checks a verified log against a release.
 * @param manifest - SHA-384 of the bytes of the release's `manifest.json`
 * @returns issues RELEASE_NOT_LOGGED, SUBMISSION_NOT_LOGGED, DEFINITION_NOT_LOGGED; RELEASE_CONTRADICTED when the log's entry of the release rests it
 *   on other submissions than the release does and the same key signed both, RELEASE_ENTRY_DIFFERS when another did
 */
export async function checkLog(log: VerifiedLog, manifest: Sha384, { content, signer }: Manifest): Promise<LogCheck> {
  const found = await lookUp(log, manifest, content.collection.id);
  const issues: Issue[] = [];
  const { size } = log.head;
  const older = `the log has ${size} entries and may be older than the release: get it again; otherwise ask the publisher`;
  if (found.release === undefined) issues.push(problem('RELEASE_NOT_LOGGED', manifest, 'the release is not in the log', `${older} which release was logged`));
  const missing = content.submissions.filter((s) => !found.submissions.has(s.manifest));
  for (const s of missing) issues.push(problem('SUBMISSION_NOT_LOGGED', s.manifest, `the submission of ${s.agency} for ${s.instrument}, ${s.round}, edition ${s.edition} is not in the log`, `${older} for the agency’s receipt`));
  const definitions = content.data.filter(({ path }) => path.startsWith('definitions/') && !path.startsWith('definitions/inputs/'));
  const unknown = definitions.filter(({ path, sha384 }) => !found.definitions.has(`${path.slice('definitions/'.length)} ${sha384}`));
  for (const { path, sha384 } of unknown) issues.push(problem('DEFINITION_NOT_LOGGED', sha384, `the definition ${path} is not in the log`, `${older} when it began to be used`));
  const contradictions = found.release && missing.length === 0 ? contradictionsOf(found, content.submissions.map((s) => s.manifest), manifest, isSigner(log, signer)) : [];
  const deleted = content.submissions.filter((s) => found.deleted.has(found.submissions.get(s.manifest) ?? -1)).length;
  return {
    issues: [...contradictions, ...issues],
    ...wordsOf(issues.length + contradictions.length > 0 ? [] : [
      `The release is entry ${found.release?.index} of the log, and every submission that it rests on (${content.submissions.length}) is in it, committed to before the release was.`,
      `Every definition of the release (${definitions.length}) is in the log.`,
    ], log, deleted),
  };
}

/** What the log shows is proved by it only where somebody who is believed signed it. */
function wordsOf(shown: readonly string[], { key }: VerifiedLog, deleted: number): Pick<LogCheck, 'proved' | 'notProved'> {
  const unsigned = key === undefined ? shown.map((line) => `${line} (As the folder has it: nobody that you named signed it.)`) : [];
  return {
    proved: key === undefined ? [] : shown,
    notProved: [...unsigned, ...goneWords(deleted)],
  };
}

function goneWords(deleted: number): string[] {
  return deleted === 0 ? [] : [`That the numbers come from all of the submissions: ${deleted} ${deleted === 1 ? 'was' : 'were'} deleted under law since, as the log says, and nobody can recompute from ${deleted === 1 ? 'it' : 'them'}.`];
}

/** True when the release was signed with the very key that signed the log, under a policy that names it. */
function isSigner({ key }: VerifiedLog, signer: string | null): boolean {
  if (key === undefined || signer === null) return false;
  try {
    return toHex(parseVerifierKey(signer).key) === toHex(key.key);
  } catch {
    return false; // a malformed signer is told where the signature is checked
  }
}

interface Found {
  readonly release: { readonly index: number; readonly entry: Entry<'release'> } | undefined;
  /** Commitment → index. */
  readonly submissions: ReadonlyMap<string, number>;
  /** `path hash`. */
  readonly definitions: ReadonlySet<string>;
  readonly deleted: ReadonlySet<number>;
}

async function lookUp(log: VerifiedLog, manifest: Sha384, collection: string): Promise<Found> {
  let release: Found['release'];
  const submissions = new Map<string, number>();
  const definitions = new Set<string>();
  const deleted = new Set<number>();
  for await (const { index, entry } of log.entries('release', 'submission', 'definition', 'deletion')) {
    if (entry.kind === 'release' && entry.manifest === manifest) release ??= { index, entry };
    if (entry.kind === 'submission') submissions.set(entry.commitment, index);
    if (entry.kind === 'definition' && entry.collection === collection) definitions.add(`${entry.path} ${entry.sha384}`);
    if (entry.kind === 'deletion') deleted.add(entry.submission);
  }
  return { release, submissions, definitions, deleted };
}

/** The operator signed both the release and the entry: where they name other submissions, one of the two is false. */
function contradictionsOf({ release, submissions }: Found, commitments: readonly string[], manifest: Sha384, sameSigner: boolean): Issue[] {
  const rests = new Set(release?.entry.submissions);
  const named = commitments.map((commitment) => submissions.get(commitment) ?? -1);
  if (named.every((index) => rests.has(index) && index < (release?.index ?? 0)) && named.length === rests.size) return [];
  const differs = 'the log’s entry of the release names other submissions than the release does';
  if (!sameSigner) return [problem('RELEASE_ENTRY_DIFFERS', manifest, differs, 'somebody else than the release’s signer may have made this log: verify under the publisher’s policy')];
  return [problem('RELEASE_CONTRADICTED', manifest, differs, 'keep the release and the log: the operator signed two statements that cannot both be true')];
}

function problem(code: string, object: string, message: string, repair: string): Issue {
  return { code, severity: 'error', message, place: { object }, repair };
}
