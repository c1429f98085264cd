// What the pages of the rules say in the same way: who published, which rules changed.
import type { RuleChanges, RuleVersion } from '../../contract';
import { r } from '../../i18n/rules';

export function authorText({ author, name }: Pick<RuleVersion, 'author' | 'name'>): string {
  if (name) return name;
  if (author === 'system') return r('author_system');
  return author.startsWith('local:') ? r('author_local') : author.replace(/^user:/, '');
}

// Why a version was made; the gateway's own reasons in the language of the console (gateway/app/rule_desk.cpp).
export function noteText({ author, note }: Pick<RuleVersion, 'author' | 'note'>): string {
  if (author !== 'system') return note;
  if (note === 'as found at the first start') return r('note_first');
  return note === 'found in the folder of rules' ? r('note_folder') : note;
}

const kMost = 20; // ids in a line; how many more there are, is said

function ids(list: readonly string[]): string {
  return list.length > kMost ? `${list.slice(0, kMost).join(', ')} … ${r('left_out', { count: list.length - kMost })}` : list.join(', ');
}

export function changeTexts(changes: RuleChanges): string[] {
  return [
    ...(changes.added.length > 0 ? [r('added', { rules: ids(changes.added) })] : []),
    ...(changes.removed.length > 0 ? [r('removed', { rules: ids(changes.removed) })] : []),
    ...(changes.changed.length > 0 ? [r('changed', { rules: ids(changes.changed) })] : []),
  ];
}

export function Changes({ changes }: { changes: RuleChanges }) {
  const texts = changeTexts(changes);
  if (texts.length === 0) return <p class="note">{r('changes_none')}</p>;
  return <ul class="changes" data-changes>{texts.map((one) => <li key={one}>{one}</li>)}</ul>;
}

export function RuleLinks({ changes }: { changes: RuleChanges }) {
  const texts = changeTexts(changes);
  return texts.length > 0 ? <small class="note">{texts.join(' · ')}</small> : null;
}
