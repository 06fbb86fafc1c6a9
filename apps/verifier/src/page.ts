/**
 * The page: what was chosen, the verification, its progress and its result. A result stands only as long as the choice that it is of.
 * Leaves out: memory. Nothing is stored, and nothing leaves the page.
 * @module
 */
import { formatNumber } from '@weighbridge/base';
import { NOTHING, folderOf } from './choice.ts';
import type { Choice, ChosenFile, ChosenFolder } from './choice.ts';
import { readDrop } from './drop.ts';
import type { Dropped } from './drop.ts';
import { byId } from './element.ts';
import { startRun } from './run.ts';
import type { Run } from './run.ts';
import { showResult } from './show-result.ts';

/** Starts the page. @param script - the text of its own script, for the worker */
export function startPage(script: string): void {
  const form = byId('form', HTMLFormElement);
  const result = byId('result', HTMLElement);
  const status = byId('status', HTMLElement);
  const progress = byId('progress', HTMLElement);
  const bar = byId('bar', HTMLProgressElement);
  const stage = byId('stage', HTMLElement);
  const policyText = byId('policy-text', HTMLTextAreaElement);
  let choice: Choice = NOTHING;
  let run: Run | undefined;

  const clear = (): void => {
    run?.stop();
    run = undefined;
    progress.hidden = true;
    result.hidden = true;
    result.replaceChildren();
  };
  const change = (changes: Partial<Choice>): void => {
    choice = { ...choice, ...changes };
    clear();
    tellChoice(choice);
  };
  const choosePolicy = async (file: ChosenFile): Promise<void> => {
    change({ policy: file });
    // The text is shown; the bytes of the file are verified, until somebody writes in the text.
    policyText.value = await file.content.text().catch(() => '');
  };
  const take = async (dropped: Dropped): Promise<void> => {
    switch (dropped.is) {
      case 'release': { change({ release: dropped.folder }); break; }
      case 'log': { change({ log: dropped.folder }); break; }
      case 'policy': { await choosePolicy(dropped.file); break; }
      case 'held': { change({ held: [...choice.held.filter(({ path }) => path !== dropped.file.path), dropped.file] }); break; }
      case 'unknown': { status.textContent = `${dropped.name}: ${dropped.why}.`; break; }
    }
  };

  onFiles('release', (files) => { change({ release: folderOf(files) }); });
  onFiles('log', (files) => { change({ log: folderOf(files) }); });
  onFiles('policy', ([file]) => {
    if (file !== undefined) void choosePolicy({ path: file.name, content: file });
  });
  onFiles('held', (files) => { change({ held: files.map((file) => ({ path: file.name, content: file })) }); });
  policyText.addEventListener('input', () => {
    byId('policy', HTMLInputElement).value = '';
    change({ policy: policyText.value === '' ? undefined : { path: 'pasted policy', content: new Blob([policyText.value]) } });
  });
  byId('key', HTMLInputElement).addEventListener('input', (event) => { change({ key: (event.target as HTMLInputElement).value.trim() }); });
  onDrop((dropped) => {
    status.textContent = '';
    void (async () => { for (const one of await dropped) await take(one); })();
  });
  form.addEventListener('reset', () => {
    choice = NOTHING;
    clear();
    tellChoice(choice);
    status.textContent = 'Nothing is chosen.';
  });
  byId('stop', HTMLButtonElement).addEventListener('click', () => {
    clear();
    status.textContent = 'Stopped. Nothing was verified.';
    byId('verify', HTMLButtonElement).focus();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clear();
    progress.hidden = false;
    bar.removeAttribute('value');
    stage.textContent = 'Reading what you chose';
    status.textContent = 'Verifying.';
    const mine = startRun(choice, script, ({ stage: name, done, total }) => {
      stage.textContent = total === 0 ? name : `${name}: ${formatNumber(done)} of ${formatNumber(total)}`;
      if (total === 0) bar.removeAttribute('value');
      else bar.value = done / total;
    });
    run = mine;
    void mine.outcomes.then((outcomes) => {
      if (run !== mine) return;
      progress.hidden = true;
      result.hidden = false;
      const heading = showResult(result, outcomes);
      status.textContent = `Done: ${heading.lastChild?.textContent ?? ''}.`;
      heading.focus();
    });
  });
  tellChoice(choice);
  form.hidden = false;
  byId('no-script', HTMLElement).hidden = true;
}

function onFiles(id: string, take: (files: readonly File[]) => void): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener('change', () => { take([...(input.files ?? [])]); });
}

/** The whole page takes what is dropped; otherwise the browser would open it in place of the page. */
function onDrop(take: (dropped: Promise<readonly Dropped[]>) => void): void {
  const { body } = document;
  document.addEventListener('dragover', (event) => {
    event.preventDefault();
    body.classList.add('dragging');
  });
  document.addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) body.classList.remove('dragging');
  });
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    body.classList.remove('dragging');
    if (event.dataTransfer !== null) take(readDrop(event.dataTransfer));
  });
}

/** Says below each input what stands chosen, for an input does not know what was dropped. */
function tellChoice({ release, log, policy, held }: Choice): void {
  tell('release', release === undefined ? '' : folderWords(release));
  tell('log', log === undefined ? '' : folderWords(log));
  tell('policy', policy === undefined ? '' : policy.path);
  tell('held', held.map(({ path }) => path).join(', '));
}

function tell(id: string, words: string): void {
  const place = byId(`${id}-chosen`, HTMLElement);
  place.textContent = words === '' ? 'Nothing chosen.' : `Chosen: ${words}`;
  place.classList.toggle('there', words !== '');
}

function folderWords({ name, files }: ChosenFolder): string {
  return `${name}, ${files.length === 1 ? '1 file' : `${formatNumber(files.length)} files`}`;
}
