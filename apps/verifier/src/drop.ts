/**
 * Folders and files that were dropped on the page, told apart by what is in them.
 * Leaves out: folders in folders that are releases or logs themselves; what was dropped is taken as it is.
 * @module
 */
import { kindOfFile } from '@weighbridge/log';
import { MANIFEST } from '@weighbridge/publish/check';
import type { ChosenFile, ChosenFolder } from './choice.ts';

/** Something that was dropped, and what it is taken for. */
export type Dropped =
  | { readonly is: 'release' | 'log'; readonly folder: ChosenFolder }
  | { readonly is: 'policy' | 'held'; readonly file: ChosenFile }
  | { readonly is: 'unknown'; readonly name: string; readonly why: string };

/** What a browser says of one thing that was dropped. Asked for in the event itself: it is gone after it. */
interface Item {
  readonly file: File | null;
  readonly entry: FileSystemEntry | null;
  readonly handle: Promise<FileSystemHandle | null>;
}

/** Not every browser has it. Chromium lets a page that was opened from a file read dropped folders by this alone. */
type WithHandle = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/** Reads what a drop carries. Call it in the event itself. */
export async function readDrop(transfer: DataTransfer): Promise<readonly Dropped[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file').map((item: WithHandle): Item => ({
    file: item.getAsFile(), entry: item.webkitGetAsEntry(), handle: item.getAsFileSystemHandle?.().catch(() => null) ?? Promise.resolve(null),
  }));
  return Promise.all(items.map(readItem));
}

async function readItem({ file, entry, handle }: Item): Promise<Dropped> {
  const name = entry?.name ?? file?.name ?? 'what was dropped';
  try {
    if (entry === null || !isDirectory(entry)) {
      return file === null ? { is: 'unknown', name, why: 'the browser did not say what it is' } : await sortFile({ path: file.name, content: file });
    }
    const folder = await handle;
    return sortFolder({ name, files: folder instanceof FileSystemDirectoryHandle ? await filesOfHandle(folder, '') : await filesBelow(entry, '') });
  } catch {
    return { is: 'unknown', name, why: 'this browser does not let the page read a dropped folder: choose it with the button below' };
  }
}

/** What a folder holds. As on the command line: a log has a checkpoint and no manifest. */
export function sortFolder(folder: ChosenFolder): Dropped {
  const has = (name: string): boolean => folder.files.some(({ path }) => path === name);
  if (has(MANIFEST)) return { is: 'release', folder };
  if (has('checkpoint')) return { is: 'log', folder };
  const why = folder.files.length === 0 ? 'the folder is empty' : 'the folder holds neither a release (no manifest.json) nor a log (no checkpoint)';
  return { is: 'unknown', name: folder.name, why };
}

const POLICY_LINE = /^(log|witness|group|quorum)[ \t]/m;
const LONGEST = 4 << 20;

/** Whatever is no policy is taken for a receipt; the verification says when it is none. */
export async function sortFile(file: ChosenFile): Promise<Dropped> {
  const bytes = new Uint8Array(await file.content.slice(0, LONGEST).arrayBuffer());
  if (kindOfFile(bytes) === undefined && POLICY_LINE.test(new TextDecoder().decode(bytes))) return { is: 'policy', file };
  return { is: 'held', file };
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

async function filesOfHandle(folder: FileSystemDirectoryHandle, below: string): Promise<readonly ChosenFile[]> {
  const files: ChosenFile[] = [];
  for await (const entry of folder.values()) {
    const path = `${below}${entry.name}`;
    if (entry instanceof FileSystemDirectoryHandle) files.push(...await filesOfHandle(entry, `${path}/`));
    else if (entry instanceof FileSystemFileHandle) files.push({ path, content: await entry.getFile() });
  }
  return files;
}

async function filesBelow(folder: FileSystemDirectoryEntry, below: string): Promise<readonly ChosenFile[]> {
  const files: ChosenFile[] = [];
  for (const entry of await entriesOf(folder)) {
    const path = `${below}${entry.name}`;
    if (isDirectory(entry)) files.push(...await filesBelow(entry, `${path}/`));
    else files.push({ path, content: await fileOf(entry as FileSystemFileEntry) });
  }
  return files;
}

/** A reader gives its entries in lots, the last of them empty. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader();
  const entries: FileSystemEntry[] = [];
  for (;;) {
    const lot = await new Promise<readonly FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (lot.length === 0) return entries;
    entries.push(...lot);
  }
}

async function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => { entry.file(resolve, reject); });
}
