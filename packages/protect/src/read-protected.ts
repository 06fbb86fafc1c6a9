/**
 * Re-reads a released table from JSON: the shape is checked to the last cell before the brand is given.
 * Leaves out: whether the table is the one that was released; the manifest's hashes and its signature say that.
 * @module
 */
import { VALUE_STATES, refuse } from '@weighbridge/base';
import type { TableMeta } from '@weighbridge/base';
import { brandTable } from './protected-brand.ts';
import type { ProtectedTable, ProtectionStatement, ReleasedCell, TableCertificate } from './released.ts';

/**
 * @throws Refusal `RELEASED_TABLE_MALFORMED` with the key path of the first part that is missing or wrong.
 */
export function readProtectedTable(json: unknown): ProtectedTable {
  const root = object(json, '$');
  const meta = readMeta(root['meta']);
  const method = oneOf(object(root['protection'], 'protection')['method'], ['public', 'round-base-3', 'suppress'] as const, 'protection.method');
  const protection: ProtectionStatement = { method, statement: text(object(root['protection'], 'protection')['statement'], 'protection.statement') };
  const codes = meta.dimensions.map((d) => ({ known: new Set(d.codes.map((c) => c.code)), margin: d.total !== null }));
  const seen = new Set<string>();
  const cells = list(root['cells'], 'cells').map((cell, i) => readCell(cell, `cells[${i}]`, codes, seen));
  return brandTable(meta, cells, protection, readCertificate(root['certificate'], method, cells));
}

/** What the certificate says of the table itself must be so. */
function readCertificate(json: unknown, method: ProtectionStatement['method'], cells: readonly ReleasedCell[]): TableCertificate {
  const certificate = object(json, 'certificate');
  const known = ['engine', 'method', 'cells', 'withheld', 'linkedTables', 'earlierReleases', 'breaches'];
  for (const name of Object.keys(certificate)) if (!known.includes(name)) malformed(`certificate.${name}`, 'no such member');
  const whole = (name: string): number => {
    const n = certificate[name];
    return Number.isSafeInteger(n) && (n as number) >= 0 ? n as number : malformed(`certificate.${name}`, 'a whole number');
  };
  const engine = text(certificate['engine'], 'certificate.engine');
  if (oneOf(certificate['method'], ['public', 'round-base-3', 'suppress'] as const, 'certificate.method') !== method) malformed('certificate.method', 'the method of the protection');
  if (whole('cells') !== cells.length) malformed('certificate.cells', 'the number of cells');
  if (whole('withheld') !== cells.filter((cell) => cell.value === null).length) malformed('certificate.withheld', 'the number of cells withheld');
  return { engine, method, cells: whole('cells'), withheld: whole('withheld'), linkedTables: whole('linkedTables'), ...(certificate['earlierReleases'] === undefined ? {} : { earlierReleases: whole('earlierReleases') }), breaches: whole('breaches') };
}

interface DimensionCodes {
  readonly known: ReadonlySet<string>;
  readonly margin: boolean;
}

function readCell(json: unknown, path: string, codes: readonly DimensionCodes[], seen: Set<string>): ReleasedCell {
  const cell = object(json, path);
  const key = list(cell['key'], `${path}.key`).map((code, d) => {
    const dimension = codes[d];
    if (!dimension || !(code === null ? dimension.margin : typeof code === 'string' && dimension.known.has(code))) {
      malformed(`${path}.key[${d}]`, 'a code of the dimension, or null for its margin');
    }
    return code as string | null;
  });
  if (key.length !== codes.length) malformed(`${path}.key`, `${codes.length} codes`);
  const id = JSON.stringify(key);
  if (seen.has(id)) malformed(`${path}.key`, 'an address that no other cell has');
  seen.add(id);
  const status = oneOf(cell['status'], ['published', 'rounded', 'suppressed', 'secondary'] as const, `${path}.status`);
  const withheld = status === 'suppressed' || status === 'secondary';
  if ((cell['value'] === null) !== withheld) malformed(`${path}.value`, withheld ? 'null, since the cell is withheld' : 'a quantity');
  return { key, status, value: cell['value'] === null ? null : readQuantity(cell['value'], `${path}.value`) };
}

function readQuantity(json: unknown, path: string): NonNullable<ReleasedCell['value']> {
  const q = object(json, path);
  const bound = (name: 'lo' | 'hi'): number | null => {
    const n = q[name];
    return n === null || (typeof n === 'number' && Number.isFinite(n)) ? n : malformed(`${path}.${name}`, 'a number or null');
  };
  const [lo, hi] = [bound('lo'), bound('hi')];
  if (lo !== null && hi !== null && lo > hi) malformed(path, 'lo not above hi');
  const states = object(q['states'], `${path}.states`);
  for (const [state, n] of Object.entries(states)) {
    if (!(VALUE_STATES as readonly string[]).includes(state) || !Number.isSafeInteger(n) || (n as number) < 0) {
      malformed(`${path}.states.${state}`, 'a value state with a count');
    }
  }
  return { lo, hi, states };
}

/** Checks what later rooms rely on; members that only carry text for people are checked to be there. */
function readMeta(json: unknown): TableMeta {
  const meta = object(json, 'meta');
  for (const name of ['id', 'title', 'collection', 'instrument']) text(meta[name], `meta.${name}`);
  const measure = object(meta['measure'], 'meta.measure');
  for (const name of ['id', 'label']) text(measure[name], `meta.measure.${name}`);
  oneOf(measure['kind'], ['count', 'sum', 'distinct'] as const, 'meta.measure.kind');
  const unit = object(measure['unit'], 'meta.measure.unit');
  for (const name of ['id', 'one', 'many']) text(unit[name], `meta.measure.unit.${name}`);
  for (const [i, d] of list(meta['dimensions'], 'meta.dimensions').entries()) readDimension(d, `meta.dimensions[${i}]`);
  const basis = object(meta['basis'], 'meta.basis');
  for (const name of ['unit', 'coverage', 'edition']) text(basis[name], `meta.basis.${name}`);
  const period = object(basis['period'], 'meta.basis.period');
  for (const name of ['from', 'to']) text(period[name], `meta.basis.period.${name}`);
  for (const name of ['notes', 'breaks']) list(basis[name], `meta.basis.${name}`);
  if (typeof meta['synthetic'] !== 'boolean') malformed('meta.synthetic', 'true or false');
  if (meta['chart'] !== null) object(meta['chart'], 'meta.chart');
  for (const name of ['answers', 'derive', 'findings']) list(meta[name], `meta.${name}`);
  const provenance = object(meta['provenance'], 'meta.provenance');
  for (const name of ['specSha384', 'specText', 'specFile']) text(provenance[name], `meta.provenance.${name}`);
  for (const name of ['submissions', 'codelists']) list(provenance[name], `meta.provenance.${name}`).forEach((s, i) => object(s, `meta.provenance.${name}[${i}]`));
  return json as TableMeta;
}

function readDimension(json: unknown, path: string): void {
  const dimension = object(json, path);
  for (const name of ['field', 'label']) text(dimension[name], `${path}.${name}`);
  oneOf(dimension['kind'], ['category', 'time'] as const, `${path}.kind`);
  if (dimension['total'] !== null) text(dimension['total'], `${path}.total`);
  if (typeof dimension['levelsShown'] !== 'boolean') malformed(`${path}.levelsShown`, 'true or false');
  const seen = new Set<string>();
  for (const [i, c] of list(dimension['codes'], `${path}.codes`).entries()) {
    const code = object(c, `${path}.codes[${i}]`);
    const id = text(code['code'], `${path}.codes[${i}].code`);
    text(code['label'], `${path}.codes[${i}].label`);
    if (seen.has(id)) malformed(`${path}.codes[${i}].code`, 'a code that stands once');
    seen.add(id);
  }
}

function object(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) malformed(path, 'an object');
  return value as Record<string, unknown>;
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : malformed(path, 'a list');
}

function text(value: unknown, path: string): string {
  return typeof value === 'string' ? value : malformed(path, 'a text');
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], path: string): T {
  return allowed.find((a) => a === value) ?? malformed(path, `one of ${allowed.join(', ')}`);
}

function malformed(path: string, expected: string): never {
  refuse('RELEASED_TABLE_MALFORMED', `the released table is not whole: expected ${expected}`, { key: path }, 'take the file from the release again and verify the release');
}
