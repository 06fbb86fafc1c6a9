/**
 * The state of a witness in memory: the same rules as on disk, for thousands of witnesses that live for one fault.
 * @module
 */
import type { EquivocationRecord, StoredHead, WitnessState } from '../../src/witness.ts';

export function memoryState(): WitnessState {
  const heads = new Map<string, StoredHead[]>();
  const proofs = new Map<string, EquivocationRecord>();
  const latest = (origin: string): StoredHead | null => heads.get(origin)?.at(-1) ?? null;
  return {
    head: latest,
    origins: () => [...heads.keys()],
    equivocations: () => [...proofs.values()],
    change: (origin, decide) => {
      const kept = heads.get(origin) ?? [];
      const { store, equivocation, result } = decide(latest(origin), (size) => kept.find((head) => head.size === size) ?? null);
      if (equivocation !== undefined) proofs.set(equivocation.id, { origin, ...equivocation });
      if (store !== undefined) heads.set(origin, [...kept.filter((head) => head.size !== store.size), store]);
      return result;
    },
  };
}
