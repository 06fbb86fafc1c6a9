export { releaseApp } from './release-app.ts';
export { findReleases } from './release-folders.ts';
export type { ReleaseFolder } from './release-folders.ts';
export { serveFolder } from './serve-folder.ts';
export type { ServeOptions, Serving } from './serve-folder.ts';
