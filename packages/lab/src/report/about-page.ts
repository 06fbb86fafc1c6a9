/**
 * Under what the run was made, and where its figures are as data.
 * @module
 */
import { html } from '@weighbridge/publish/markup';
import { METRICS } from '../metrics.ts';
import type { Run } from '../results.ts';
import { page } from './page.ts';
import { countOf } from './values.ts';

/** `about.html`. */
export function aboutPage(run: Run): string {
  const { plan } = run;
  const machines = [...new Set([...run.times.values()].map(({ machine: m }) => `${m.processor}, ${countOf(m.cores, 'core', 'cores')}, ${m.memoryGiB} GiB, ${m.platform}, Node ${m.node}`))];
  const days = [...new Set([...run.times.values()].map((t) => t.on))].toSorted();
  const seconds = [...run.times.values()].reduce((sum, t) => sum + t.seconds, 0);
  return page('Conditions and data', html`<h1>Conditions and data</h1>
<dl class="summary">
<div><dt>Seed</dt><dd>${plan.seed}. The same seed and the same code give the same results, byte for byte; times are kept apart.</dd></div>
<div><dt>Conversations</dt><dd>${plan.sizes.join(', ')} people; ${plan.epochs} epochs of ${plan.messagesPerEpoch} messages with ${plan.payloadBytes} bytes of text; with and without padding to 256 bytes. In every epoch one member renews its keys. Of groups of more than ten, five devices are run in full; the others are in the tree and silent.</dd></div>
<div><dt>Protocol</dt><dd>MLS (RFC 9420), ciphersuite 1 (X25519, AES-128-GCM, SHA-256, Ed25519), ${plan.library}: a library by volunteers that nobody has audited. It serves measurements only.</dd></div>
<div><dt>Order</dt><dd>One member’s messages of epochs 2 to ${Math.max(3, plan.epochs - 1)}; issued when epoch 3 begins.</dd></div>
<div><dt>Code</dt><dd><span class="hash">${plan.code}</span><br>SHA-384 over the lab’s sources (packages/lab/src, the report’s pages apart) and its package.json: what computes results, not what shows them.</dd></div>
<div><dt>${days.length === 1 ? 'Day' : 'Days'}</dt><dd>${days.join(', ')}</dd></div>
<div><dt>${machines.length === 1 ? 'Machine' : 'Machines'} of the times</dt><dd>${machines.join('; ')}; ${countOf(run.results.length, 'cell', 'cells')}, ${Math.round(seconds)} s in all.</dd></div>
<div><dt>Guard rails</dt><dd>One process, no network, no real person, no photograph, no list of hashes. Keys come from the seed and live for a run.</dd></div>
<div><dt>Data</dt><dd><a href="series.csv">series.csv</a>, <a href="times.csv">times.csv</a>, <a href="series.json">series.json</a>, <a href="datapackage.json">datapackage.json</a>. To cite a value, name the series, its version in datapackage.json, and the cell. <code>weighbridge run collection --store STORE --out RELEASE</code>, in this folder, seals the series and makes a release of it, in which every number leads back to the sealed file.</dd></div>
</dl>
<h2 id="quantities">What each quantity means</h2>
<dl class="summary">${Object.values(METRICS).map((m) => html`<div><dt>${m.title}</dt><dd>${m.means} (${m.unit})</dd></div>`)}</dl>`);
}
