/**
 * Folding of spellings for comparison: what is left is equal when two texts differ in case, punctuation or spacing only.
 * Method: Unicode NFKC, then lower case, then every run of characters that are neither letters, marks nor digits
 * becomes one space. Leaves out: abbreviations and misspellings; whether two spellings are one body is a person's call.
 * @module
 */

/** How a text is folded: not at all, without the white space around it, or without case and punctuation. */
export type FoldHow = 'none' | 'trim' | 'case-punctuation';

/**
 * The folded text. Pure and independent of locale, so every engine and machine folds alike.
 * @example foldText('  Los Angeles Police Dept. ', 'case-punctuation') // 'los angeles police dept'
 */
export function foldText(text: string, how: FoldHow): string {
  if (how === 'none') return text;
  if (how === 'trim') return text.trim();
  return text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
}
