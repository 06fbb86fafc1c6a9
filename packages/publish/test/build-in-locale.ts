/**
 * Builds the demonstration and prints the hash of all of it: run under another locale and time zone by a test.
 * @module
 */
import { sha384Json } from '@weighbridge/base';
import { buildRelease } from '../src/index.ts';
import { fixtureInput } from './fixtures.ts';

process.stdout.write(sha384Json([...buildRelease(fixtureInput())].map(([path, data]) => [path, String(data)])));
