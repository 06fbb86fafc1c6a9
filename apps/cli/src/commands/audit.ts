import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError, canonicalJson, refuse } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { CellsAudit, ProtectionSpec, ReleasedList } from '@weighbridge/protect';
import type { Arguments, Command } from '../command.ts';
import { assertOutputs, outputsOf, writeConfidential } from '../output-files.ts';
import type { Reporter } from '../reporter.ts';
import { MOST_TOLD, progressOf, readSpec } from './protect.ts';

const REPAIRS: Readonly<Record<CellsAudit['findings'][number]['of'], string>> = {
  reader: 'withhold more, or protect the list again',
  contributor: 'say "insiders": true in the specification and protect the list again; methods that change counts have no such setting',
  edition: 'ask with --request which cells the new list must withhold beside what was released, and release that',
};

/** `weighbridge audit`: what an informed reader can derive of the cells that a protected list withholds. */
export const audit: Command = {
  name: 'audit',
  summary: 'attacks a protected list of cells, with all that was released before',
  positionals: ['OUT.csv'],
  options: {
    spec: { value: 'SPEC.json', help: 'the specification that it was protected by', required: true },
    earlier: { value: 'DIR', help: 'lists released before from the same records, of whatever columns; a folder inside holds an earlier edition' },
    'added-only': { help: 'between editions records were only added, and readers know it' },
    contributors: { help: 'attack as each person or firm alone in a cell, too' },
    'whole-numbers': { value: 'SECONDS', help: 'attack counts in whole numbers too, for so long at most' },
    certificate: { value: 'C.json', help: 'write what can be derived of each unsafe cell (confidential)' },
    request: { help: 'OUT.csv holds cells that somebody asks for, not yet protected: judge the request' },
    out: { value: 'GRANTED.csv', help: 'with --request: the cells as they may be released (confidential: the truth stands beside it)' },
    public: { value: 'PUBLIC.csv', help: 'with --request: the same without the truth, to be published' },
  },
  exits: '3 the lists or the specification were refused, 4 a withheld cell can be derived more closely than the rules allow, or the request is refused',
  async run(args, reporter) {
    const { auditCells } = await import('@weighbridge/protect');
    const { readColumns, readReleasedList } = await import('../cells-file.ts');
    for (const name of ['out', 'public']) if (args.text(name) !== undefined && !args.flag('request')) throw new UsageError(`--${name} goes with --request`);
    await assertOutputs(outputsOf([['out', args.text('out')], ['public', args.text('public')], ['certificate', args.text('certificate')]]), [args.positional(0), args.required('spec'), args.text('earlier')]);
    const spec = await readSpec(args.required('spec'));
    const earlier = await readEarlier(args.text('earlier'), spec.dimensions.map((d) => d.column), (issue) => { reporter.issue(issue); });
    if (args.flag('request')) return judge(args, spec, earlier, reporter);
    const list = await readReleasedList(args.positional(0), { dimensions: columnsOf(spec, earlier.lists, await readColumns(args.positional(0))) }, (issue) => { reporter.issue(issue); });
    const seconds = args.wholeNumber('whole-numbers', 1);
    const { certificate: found, findings } = await auditCells(list, spec, earlier.lists, {
      editions: earlier.editions, addedOnly: args.flag('added-only'), contributors: args.flag('contributors'), ...(seconds === undefined ? {} : { wholeNumbers: seconds }), onProgress: progressOf(reporter),
    });
    const certificate = { ...found, summary: { ...found.summary, ...earlier.read } };
    const file = args.text('certificate');
    if (file !== undefined) await writeConfidential(file, `${canonicalJson(certificate)}\n`);
    for (const { message, of } of findings.slice(0, MOST_TOLD)) reporter.issue({ code: 'DERIVABLE', severity: 'error', message, place: {}, repair: REPAIRS[of] });
    const { summary } = certificate;
    if ((summary.undecided ?? 0) > 0) reporter.issue({ code: 'UNDECIDED', severity: 'warning', message: `${summary.undecided ?? 0} cells are open in fractions, and the time was too short to tell whether they are in whole numbers`, place: { key: 'whole-numbers' }, repair: 'give more seconds' });
    reporter.say('audited', `${summary.withheld} cells withheld, ${summary.primary} unsafe in themselves, ${findings.length} derivable${readBefore(earlier)}`, { ...summary });
    return findings.length === 0 ? 0 : 4;
  },
};

/** The decision goes to the analyst with its reason; `public` is what the one who asked may be told. */
async function judge(args: Arguments, spec: ProtectionSpec, earlier: Earlier, reporter: Reporter): Promise<number> {
  const { judgeRequest } = await import('@weighbridge/protect');
  const { protectedCsv, publicCsv, readCells, readColumns } = await import('../cells-file.ts');
  const columns = columnsOf(spec, earlier.lists, await readColumns(args.positional(0)));
  const own: ProtectionSpec = { ...spec, dimensions: spec.dimensions.filter((d) => columns.includes(d.column)) };
  const rows = await readCells(args.positional(0), own, (issue) => { reporter.issue(issue); });
  const judged = await judgeRequest({ columns: own.dimensions.map((d) => d.column), rows }, spec, earlier.lists, { editions: earlier.editions, addedOnly: args.flag('added-only'), onProgress: progressOf(reporter) });
  for (const cell of judged.withhold.slice(0, MOST_TOLD)) reporter.issue({ code: 'WITHHOLD', severity: 'warning', message: cell, place: {}, repair: 'leave the cell out of what is released' });
  if (judged.decision === 'refused') reporter.issue({ code: 'REQUEST_REFUSED', severity: 'error', message: judged.reason, place: {}, repair: 'tell who asked only what `public` says' });
  const [file, published] = [args.text('out'), args.text('public')];
  if (file !== undefined && judged.decision !== 'refused') await writeConfidential(file, protectedCsv(rows, judged, own));
  if (published !== undefined && judged.decision !== 'refused') await writeFileDurably(published, publicCsv(judged, own));
  reporter.say('judged', `${judged.decision}: ${judged.reason}`, { decision: judged.decision, withhold: judged.withhold.length, reason: judged.reason, public: judged.public, ...earlier.read });
  return judged.decision === 'refused' ? 4 : 0;
}

interface Earlier {
  readonly lists: readonly ReleasedList[];
  /** Oldest first; the one that is judged last. */
  readonly editions: readonly string[];
  /** How much was read; nothing where no folder was given. */
  readonly read: { readonly lists?: number; readonly editions?: number };
}

/**
 * Lists in the folder; those of folders inside are editions, oldest first by the numbers and words of their names. What is no list is told.
 * @throws Refusal `NO_LISTS` where the folder gives none; as `readReleasedList`
 */
async function readEarlier(folder: string | undefined, known: readonly string[], tell: (issue: Issue) => void): Promise<Earlier> {
  const { readReleasedList } = await import('../cells-file.ts');
  if (folder === undefined) return { lists: [], editions: [''], read: {} };
  const passOver = (name: string, why: string): void => { tell({ code: 'FILE_UNUSED', severity: 'warning', message: why, place: { file: join(folder, name) }, repair: 'give each list released before as a .csv file, and those of an earlier edition in a folder inside' }); };
  const { inEditionOrder } = await import('@weighbridge/protect');
  const { files, folders } = await entriesOf(folder);
  const lists: ReleasedList[] = [];
  const editions: string[] = [];
  for (const edition of ['', ...inEditionOrder(folders)]) {
    const inside = edition === '' ? { files, folders: [] } : await entriesOf(join(folder, edition));
    const named = inside.files.filter((name) => isList(name));
    for (const name of inside.files) if (!isList(name)) passOver(join(edition, name), 'the file is passed over: its name does not end in .csv');
    for (const name of inside.folders) passOver(join(edition, name), 'the folder is passed over: editions hold no folders');
    for (const name of named) lists.push({ ...await readReleasedList(join(folder, edition, name), { known }), ...(edition === '' ? {} : { edition }) });
    if (edition === '') continue;
    if (named.length === 0) passOver(edition, 'the folder is passed over: it holds no list');
    else editions.push(edition);
  }
  if (lists.length === 0) refuse('NO_LISTS', 'the folder of lists released before holds none', { file: folder }, 'give a folder with .csv files, or leave --earlier out');
  return { lists, editions: [...editions, ''], read: { lists: lists.length, editions: editions.length } };
}

/** What a folder holds, by name; links count as what they lead to. */
async function entriesOf(folder: string): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  const names = (await readdir(folder)).sort((a, b) => (a < b ? -1 : 1));
  const folders = new Set<string>();
  for (const name of names) if ((await stat(join(folder, name))).isDirectory()) folders.add(name);
  return { files: names.filter((name) => !folders.has(name)), folders: [...folders] };
}

function isList(name: string): boolean {
  return name.toLowerCase().endsWith('.csv');
}

/** For people: with how much was released before. */
function readBefore({ read: { lists, editions } }: Earlier): string {
  return lists === undefined ? '' : `; attacked with ${lists} ${lists === 1 ? 'list' : 'lists'} released before${editions === 0 || editions === undefined ? '' : `, of ${editions} earlier ${editions === 1 ? 'edition' : 'editions'} and this one`}`;
}

/** Columns of the judged list: those of the specification, without those that are there for an earlier list alone. */
function columnsOf({ dimensions }: ProtectionSpec, earlier: readonly ReleasedList[], present: readonly string[]): string[] {
  return dimensions.map((d) => d.column).filter((column) => present.includes(column) || !earlier.some((list) => list.columns.includes(column)));
}
