/**
 * What a reader has chosen to verify: folders and files as the browser hands them out.
 * Leaves out: what they are worth (judge.ts). Links cannot be told from files here: the browser follows them.
 * @module
 */
import { refuse } from '@weighbridge/base';

/** A file under the name that the reader knows. `path` has forward slashes and is relative to the folder, where there is one. */
export interface ChosenFile {
  readonly path: string;
  readonly content: Blob;
}

export interface ChosenFolder {
  readonly name: string;
  readonly files: readonly ChosenFile[];
}

export interface Choice {
  readonly release?: ChosenFolder | undefined;
  readonly log?: ChosenFolder | undefined;
  readonly policy?: ChosenFile | undefined;
  /** The publisher's verifier key; '' when none is given. */
  readonly key: string;
  /** Receipts, proofs, evidence. */
  readonly held: readonly ChosenFile[];
}

export const NOTHING: Choice = { key: '', held: [] };

/** The folder that an input with `webkitdirectory` gives; undefined when it is empty. */
export function folderOf(files: Iterable<File>): ChosenFolder | undefined {
  const all = [...files];
  const [first] = all;
  if (first === undefined) return undefined;
  const [name = first.name] = first.webkitRelativePath.split('/');
  return { name, files: all.map((file) => ({ path: file.webkitRelativePath.slice(name.length + 1), content: file })) };
}

/** The bytes of a file. @throws Refusal FILE_UNREADABLE when the browser cannot read what it let the reader choose */
export async function bytesOf({ path, content }: ChosenFile): Promise<Uint8Array> {
  try {
    return new Uint8Array(await content.arrayBuffer());
  } catch {
    return refuse('FILE_UNREADABLE', 'the browser cannot read the file: it was changed, moved or locked after it was chosen', { file: path }, 'choose it again');
  }
}
