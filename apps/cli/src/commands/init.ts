import { mkdir, readFile, readdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { refuse } from '@weighbridge/base';
import { writeFileDurably } from '@weighbridge/base/node';
import type { Command } from '../command.ts';

/** Beside `src/` in the repository and beside `dist/` where the package is installed. */
const TEMPLATE = resolve(import.meta.dirname, '..', '..', 'template');

/** `weighbridge init`: a small collection that runs as it is, to start from. Never overwrites. */
export const init: Command = {
  name: 'init',
  summary: 'writes a new collection to start from',
  positionals: ['DIR'],
  options: {},
  exits: '3 the folder is not empty',
  async run(args, reporter) {
    const folder = resolve(args.positional(0));
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length > 0) refuse('FOLDER_NOT_EMPTY', 'the folder is not empty', { file: args.positional(0) }, 'name a new folder');
    const id = basename(folder).toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'collection';
    const title = id.replaceAll('-', ' ').replace(/^./, (c) => c.toUpperCase());
    const entries = (await readdir(TEMPLATE, { recursive: true, withFileTypes: true })).filter((e) => e.isFile());
    const files = entries.map((e) => relative(TEMPLATE, join(e.parentPath, e.name))).sort();
    for (const file of files) {
      const text = await readFile(join(TEMPLATE, file), 'utf8');
      await writeFileDurably(join(folder, file), text.replaceAll('{{id}}', id).replaceAll('{{title}}', title));
    }
    reporter.say('initialised', `${files.length} files in ${args.positional(0)}; next: weighbridge run ${args.positional(0)} --store store --out release`, { folder: args.positional(0), files });
    return 0;
  },
};
