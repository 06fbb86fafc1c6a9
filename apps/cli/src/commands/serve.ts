import { once } from 'node:events';
import { UsageError } from '@weighbridge/base';
import type { Command } from '../command.ts';

/** `weighbridge serve`: the sites of a store's releases, or of one release, read-only on this machine. */
export const serve: Command = {
  name: 'serve',
  summary: 'serves the releases of a store, or one release, on this machine',
  positionals: [],
  options: {
    store: { value: 'DIR', help: 'serve every release made from this store, and its transparency log below /log/' },
    release: { value: 'DIR', help: 'serve this release only' },
    port: { value: 'N', help: 'port; default 8321' },
  },
  exits: '3 the port or the folder cannot be used',
  async run(args, reporter) {
    const { serveFolder } = await import('@weighbridge/web');
    const store = args.text('store');
    const release = args.text('release');
    if ((store === undefined) === (release === undefined)) throw new UsageError('give either --store or --release. Try: weighbridge serve --help');
    const folder = release ?? store ?? '';
    const server = await serveFolder({ ...(release === undefined ? { store } : { folder: release }), port: args.wholeNumber('port', 0) ?? 8321, host: '127.0.0.1' });
    reporter.say('serving', `serving ${folder} at ${server.url}  (stop with Ctrl+C)`, { url: server.url, folder });
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    await server.close();
    return 0;
  },
};
