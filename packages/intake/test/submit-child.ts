/**
 * Submits one file in a process of its own and says each stage as it begins: for tests that end the process.
 * Arguments: collection folder, store folder, file.
 * @module
 */
import { loadCollection } from '@weighbridge/instrument';
import { openStore, submitFile } from '../src/index.ts';

const [, , folder = '', storeFolder = '', file = ''] = process.argv;
const { receipt } = await submitFile({
  file, collection: await loadCollection(folder), store: await openStore(storeFolder), agency: 'police', round: '2020', instrument: 'devices',
  onProgress: ({ stage }) => process.stdout.write(`${stage}\n`),
});
process.stdout.write(`receipt ${receipt.entry.index}\n`);
