/**
 * The solver as WebAssembly, loaded once for whoever solves linear or integer programs. Source: docs/references.md#highs.
 * @module
 */
import highsModule from 'highs';

/** The package's types describe its CommonJS form, in which the loader is a member; the module itself is the loader. */
const loadHighs = highsModule as unknown as typeof highsModule.default;

export type Highs = Awaited<ReturnType<typeof loadHighs>>;

let loaded: Promise<Highs> | undefined;

/** The solver, the same at every call. */
export function loadedHighs(): Promise<Highs> {
  return (loaded ??= loadHighs());
}
