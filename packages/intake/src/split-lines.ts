/**
 * Lines of a stream, ended by LF alone: what NDJSON calls a line. Other characters that end lines elsewhere, such as
 * U+2028, are legal inside JSON texts and end nothing here.
 * @module
 */
const LF = 10;

/**
 * The lines, without their LF. The last one need not have an LF. A line that grows past `most` bytes is given as far as
 * it was read, and is the last: memory does not grow with it.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, from)) {
      yield held === 0 ? bytes.subarray(from, end) : Buffer.concat([...parts, bytes.subarray(from, end)]);
      parts = [];
      held = 0;
      from = end + 1;
    }
    if (from === bytes.length) continue;
    parts.push(Buffer.from(bytes.subarray(from))); // a copy: the caller may reuse its chunk
    held += bytes.length - from;
    if (held > most) break;
  }
  if (held > 0) yield Buffer.concat(parts);
}
