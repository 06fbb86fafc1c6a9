/**
 * The one script of the page. It runs twice: in the page, and, handed over as text, in the worker that verifies.
 * @module
 */
import { startPage } from './page.ts';
import { serveRuns } from './run.ts';

if (typeof document === 'undefined') serveRuns(globalThis);
else startPage(document.currentScript?.textContent ?? '');
