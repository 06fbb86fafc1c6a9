/**
 * What a check found, as programs read it.
 * @module
 */
import type { Issue, Sha384 } from '@weighbridge/base';
import type { FileFormat } from './stage.ts';
import type { CountedRepair } from './validate.ts';

/** What a check found. `accepted` is false when any issue is an error. */
export interface CheckReport {
  readonly accepted: boolean;
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly bytes: number;
  readonly original: Sha384;
  readonly rows: number;
  readonly format: FileFormat;
  /** One issue for each code, column and rule, with its count and first place; errors first. */
  readonly summary: readonly Issue[];
  readonly repairs: readonly CountedRepair[];
  /** The records are marked as generated. */
  readonly synthetic: boolean;
}
