/**
 * A release from protected tables: data files, pages, manifest and signature, as bytes in memory.
 * Pure: no clock, no disk, no chance. The same input gives the same bytes on any machine.
 * @module
 */
import { Refusal, refuse, sha384 } from '@weighbridge/base';
import type { Issue } from '@weighbridge/base';
import { isProtectedTable } from '@weighbridge/protect';
import type { ProtectedTable } from '@weighbridge/protect';
import { testClosure } from './closure.ts';
import { compareSides } from './comparisons.ts';
import { controlIssues, testControls } from './controls.ts';
import { dataPackage } from './data-package.ts';
import { gatherFindings } from './findings.ts';
import type { ReleaseFiles, ReleaseInput } from './input.ts';
import { FORMAT, MANIFEST, RENDERER, SIGNATURE, allCodelists, allSubmissions, listFiles, listTable, manifestText, releaseId } from './manifest.ts';
import type { Manifest, ReleaseContent } from './manifest.ts';
import { revisionsCsv, revisionsJson, sortRevisions } from './revision-files.ts';
import { signRelease, verifierKeyOf } from './sign.ts';
import { renderSite } from './site/site.ts';
import { tableCsv, tableJson } from './table-files.ts';
import { keyText, tableView } from './table-view.ts';

/**
 * Builds a release in memory.
 *
 * @throws TypeError when a table is not a protected table made by `protect` in this process, or the attack on it found something.
 * @throws Refusal CONTROL_MISSED or CONTROL_NOT_TESTABLE (one issue a control, published numbers only) when a control
 * that refuses is missed; CONTROL_*, COMPARISON_* when one does not name a cell; TABLE_ID, TABLE_CELLS,
 * DEFINITION_PATH or SIGNING_KEY_KIND when the input cannot become files; SYNTHETIC_MIXED when a
 * table rests on generated and on real submissions, or does not say of itself what its submissions are.
 */
export function buildRelease(input: ReleaseInput): ReleaseFiles {
  const tables = checkedTables(input.tables);
  const views = tables.map(tableView);
  const byId = new Map(views.map((v) => [v.meta.id, v]));
  const closures = new Map(views.map((v) => [v.meta.id, testClosure(v)]));
  const controls = testControls(input.controls, byId);
  const issues = controlIssues(controls);
  const [firstIssue, ...otherIssues] = issues;
  if (firstIssue !== undefined) throw new Refusal([firstIssue, ...otherIssues]);
  const comparisons = compareSides(input.comparisons, byId);
  const findings = gatherFindings(views, closures, controls, comparisons);
  const revisions = sortRevisions(input.revisions);

  const data = new Map<string, string>();
  for (const { path, text } of input.definitions) put(data, `definitions/${checkedPath(path)}`, text);
  for (const table of tables) {
    put(data, `tables/${table.meta.id}.json`, tableJson(table));
    put(data, `tables/${table.meta.id}.csv`, tableCsv(table));
  }
  put(data, 'revisions.json', revisionsJson(revisions));
  put(data, 'revisions.csv', revisionsCsv(revisions));

  const content: ReleaseContent = {
    format: FORMAT, collection: input.collection, tables: tables.map(listTable), submissions: allSubmissions(tables), codelists: allCodelists(tables),
    findings, controls, comparisons, data: listFiles(data), ...(input.earlier === undefined || input.earlier.length === 0 ? {} : { earlier: input.earlier }),
  };
  const release = releaseId(content);
  const files = new Map<string, Uint8Array | string>(data);
  const csvs = new Map(tables.map((t) => [t.meta.id, data.get(`tables/${t.meta.id}.csv`) ?? '']));
  const revised = revisions.length > 0 || tables.length === 0 ? (data.get('revisions.csv') ?? '') : null;
  put(files, 'datapackage.json', dataPackage(input.collection, release, tables, { tables: csvs, revisions: revised }));
  const site = renderSite({ content, release, views, closures, revisions });
  for (const [path, text] of site) put(files, path, text);
  return sealed(input, content, release, files);
}

/** Adds the manifest and, with a key, the signature; orders files by path. */
function sealed(input: ReleaseInput, content: ReleaseContent, release: Manifest['release'], files: Map<string, Uint8Array | string>): ReleaseFiles {
  const name = input.collection.id;
  const signer = input.signingKey === undefined ? null : verifierKeyOf(input.signingKey, name);
  const text = manifestText({ format: FORMAT, release, renderer: RENDERER, signer, content, files: listFiles(files) });
  files.set(MANIFEST, text);
  if (input.signingKey !== undefined) {
    const facts = { collection: name, edition: input.collection.edition, release, manifest: sha384(text) };
    files.set(SIGNATURE, signRelease(facts, input.signingKey, name));
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

function checkedTables(tables: readonly ProtectedTable[]): readonly ProtectedTable[] {
  const issues: Issue[] = [];
  for (const table of tables) {
    if (!isProtectedTable(table)) throw new TypeError('buildRelease: expected tables made by protect, got something else');
    if (table.certificate.breaches !== 0) throw new TypeError('buildRelease: expected tables with a certificate of an attack that found nothing');
    const { id } = table.meta;
    if (!/^[a-z0-9][a-z0-9-]*$/.test(id)) refuse('TABLE_ID', `table id "${id}" cannot be a file name`, { object: id }, 'use lower-case letters, digits and hyphens');
    const made = new Set(table.meta.provenance.submissions.map((s) => s.synthetic));
    if (made.size > 1 || (made.size === 1 && !made.has(table.meta.synthetic))) {
      issues.push({
        code: 'SYNTHETIC_MIXED', severity: 'error', message: `table ${id} mixes generated and real records, or hides that they are generated`, place: { object: id },
        repair: 'keep generated extracts in a collection and an instrument of their own',
      });
    }
    if (table.meta.dimensions.length === 0) issues.push(tableIssue(id, 'it has no dimension', 'give it at least one `by`'));
    if (new Set(table.cells.map((c) => keyText(c.key))).size !== table.cells.length) issues.push(tableIssue(id, 'two cells share one address', 'this is a fault of the program: report it'));
  }
  const [first, ...rest] = issues;
  if (first !== undefined) throw new Refusal([first, ...rest]);
  return tables;
}

function tableIssue(id: string, what: string, repair: string): Issue {
  return { code: 'TABLE_CELLS', severity: 'error', message: `table ${id} cannot be published: ${what}`, place: { object: id }, repair };
}

function checkedPath(path: string): string {
  const parts = path.split('/');
  const bad = path === '' || path.includes('\\') || path.includes('\0') || /^[A-Za-z]:/.test(path) || parts.some((p) => p === '' || p === '.' || p === '..');
  return bad ? refuse('DEFINITION_PATH', 'a definition path must be relative, with forward slashes and without dots', { object: path }, 'name the file relative to the collection') : path;
}

function put(files: Map<string, Uint8Array | string>, path: string, data: string): void {
  if (files.has(path)) refuse('TABLE_ID', `two files of the release would be called ${path}`, { object: path }, 'give the tables ids of which none is another one with "-source" at its end');
  files.set(path, data);
}
