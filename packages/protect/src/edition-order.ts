/**
 * The order of editions by their names: numbers in them count as numbers, so that 2024-9 comes before 2024-10.
 * @module
 */

/** Names in order, oldest first; the edition without a name, which is judged, last. */
export function inEditionOrder(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => (a === '' || b === '' ? Number(a === '') - Number(b === '') : compared(a, b)));
}

function compared(a: string, b: string): number {
  const [left, right] = [piecesOf(a), piecesOf(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] as string, right[i] as string];
    const order = isNumber(x) && isNumber(y) ? byNumber(x, y) : byText(x, y);
    if (order !== 0) return order;
  }
  return left.length - right.length || byText(a, b);
}

/** Runs of digits, and what stands between them. */
function piecesOf(name: string): readonly string[] {
  return name.match(/\d+|\D+/g) ?? [];
}

function isNumber(piece: string): boolean {
  return /^\d/.test(piece);
}

/** Whole numbers of any length. */
function byNumber(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return x.length - y.length || byText(x, y);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
