/**
 * A warning on the user's own device: looks at one text as it is about to be sent or has just been decrypted, and says why it
 * would warn. It keeps nothing, sends nothing and changes nothing.
 * Source: the place of the check as in docs/references.md#apple-communication-safety; the rules are the lab's own.
 * @module
 */

/** Why the user is warned. */
export type Warning = 'phrase' | 'picture-for-stranger' | 'link-elsewhere';

/** What the device knows of a message beside its text. */
export interface Circumstances {
  /** The other person is not among the user's contacts. */
  readonly stranger: boolean;
  /** Messages exchanged with that person before this one. */
  readonly messagesBefore: number;
}

/** Phrases that the rule looks for, without anything between letters. A product would have a list; here it is a marker. */
const PHRASES = ['syntheticrisky'];
/** With somebody unknown, a request for a picture counts as one up to this many messages. */
const FIRST_MESSAGES = 3;
const PICTURE = /\b(send|share|show)\b.{0,40}\b(picture|photo|selfie)\b/;
const LINK = /\[([^\]]{1,200})\]\(https:\/\/([^/)\s]{1,200})[^)\s]{0,400}\)/g;
const HOST = /\b[a-z0-9-]+(\.[a-z0-9-]+)+\b/;

/** Reasons to warn of a text, none for most. */
export function warnOf(text: string, { stranger, messagesBefore }: Circumstances): Warning[] {
  const plain = text.normalize('NFKC').toLowerCase();
  const letters = plain.replaceAll(/[^\p{L}]/gu, '');
  const warnings: Warning[] = [];
  if (PHRASES.some((phrase) => letters.includes(phrase))) warnings.push('phrase');
  if (stranger && messagesBefore < FIRST_MESSAGES && PICTURE.test(plain)) warnings.push('picture-for-stranger');
  if ([...plain.matchAll(LINK)].some(([, shown = '', host]) => differs(shown, host ?? ''))) warnings.push('link-elsewhere');
  return warnings;
}

/** The text of a link names one host and the link leads to another. */
function differs(shown: string, host: string): boolean {
  const named = HOST.exec(shown)?.[0];
  return named !== undefined && named !== host;
}
