/**
 * Serves release folders from one process.
 * @module
 */
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Refusal, UsageError } from '@weighbridge/base';
import { releaseApp } from './release-app.ts';
import { findReleases } from './release-folders.ts';

export interface ServeOptions {
  /** A release folder, or a folder that holds several. One of `folder` and `store` is needed. */
  readonly folder?: string | undefined;
  /** A store: its releases are served, and its log below `/log/`. */
  readonly store?: string | undefined;
  /** 0 takes a free port. */
  readonly port: number;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string | undefined;
}

/** A running server. `close` ends it and resolves when its connections have ended. */
export interface Serving {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts serving; resolves when requests are answered.
 * @throws UsageError when neither folder nor store is given, Refusal NO_RELEASE when there is no such folder,
 * Refusal PORT_TAKEN when another program has the port.
 */
export async function serveFolder(options: ServeOptions): Promise<Serving> {
  const place = options.folder ?? options.store;
  if (place === undefined) throw new UsageError('serve: expected a folder or a store');
  await findReleases(place);
  const host = options.host ?? '127.0.0.1';
  const app = releaseApp(place, options.folder === undefined ? join(place, 'log') : undefined);
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port: options.port, hostname: host }, (info) => {
      const shown = host.includes(':') ? `[${host}]` : host;
      resolve({
        url: `http://${shown}:${info.port}/`,
        close: () => new Promise((done, failed) => {
          server.close((error) => {
            if (error === undefined) done();
            else failed(error);
          });
          if ('closeAllConnections' in server) server.closeAllConnections();
        }),
      });
    });
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') reject(error);
      else reject(portRefusal(options.port, error));
    });
  });
}

function portRefusal(port: number, cause: Error): Refusal {
  return new Refusal([{
    code: 'PORT_TAKEN', severity: 'error', message: `port ${port} cannot be used on this machine`, place: { key: 'port' },
    repair: 'end the program that uses it, or name another port (0 takes a free one)',
  }], { cause });
}
