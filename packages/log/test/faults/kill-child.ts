/**
 * A writer in a process of its own, to be killed: appends in a loop and prints each acknowledged index with the entry's text.
 * @module
 */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { utf8 } from '../../src/bytes.ts';
import { openRealLog } from './real-log.ts';

const [folder, label] = process.argv.slice(2);
if (folder === undefined || label === undefined) throw new Error('kill-child: expected a folder and a label');
const { sequencer } = await openRealLog(folder);
flushCompileCache(); // one that is killed leaves nothing to the next at its end
writeSync(1, 'ready\n');
for (let i = 0; ; i++) {
  const texts = Array.from({ length: 1 + (i % 7) * 5 }, (_, j) => `${label}/${i}/${j}`);
  const appended = await Promise.all(texts.map((text) => sequencer.append(utf8(text))));
  writeSync(1, appended.map(({ index }, j) => `${index} ${texts[j] ?? ''}\n`).join(''));
}
