import { describe, expect, it } from 'vitest';
import type { RuleFiles } from '../src/contract';
import { edited, isEmpty, isFileName, kNoEdits, names, overwritten, patchOf, textOf } from '../src/state/rule_edits';

const files = (version: number, ...texts: [string, string][]): RuleFiles =>
  ({ version, built_in: false, files: texts.map(([name, text]) => ({ name, text })) });
const base = files(1, ['a.yaml', 'a'], ['b.yaml', 'b']);

describe('Edits of the rules', () => {
  it('are laid over the files in force', () => {
    const edits = edited(base.files, edited(base.files, kNoEdits, 'a.yaml', 'A'), 'b.yaml', null);
    expect([textOf(base.files, edits, 'a.yaml'), textOf(base.files, edits, 'b.yaml'), textOf(base.files, edits, 'c.yaml')]).toEqual(['A', null, null]);
    expect(names(base.files, edited(base.files, edits, 'c.yaml', 'c'))).toEqual(['a.yaml', 'b.yaml', 'c.yaml']);
  });
  it('are none where the text is again as it is in force', () => {
    const one = edited(base.files, kNoEdits, 'a.yaml', 'A');
    expect(edited(base.files, one, 'a.yaml', 'a')).toBe(kNoEdits);
    expect(edited(base.files, { ...one, 'c.yaml': 'c' }, 'c.yaml', null)).toEqual(one);
  });
  it('send what differs, and nothing else', () => {
    const edits = { 'a.yaml': 'A', 'b.yaml': 'b', 'c.yaml': 'c', 'd.yaml': null };
    expect(patchOf(base.files, edits)).toEqual({ 'a.yaml': 'A', 'c.yaml': 'c' });
    expect(isEmpty(patchOf(base.files, { 'a.yaml': 'a' }))).toBe(true);
  });
  it('name the files that somebody else has changed as well', () => {
    const now = files(2, ['a.yaml', 'theirs'], ['b.yaml', 'b']);
    expect(overwritten(base, now, { 'b.yaml': 'mine' })).toEqual([]);
    expect(overwritten(base, now, { 'a.yaml': 'mine', 'b.yaml': 'mine' })).toEqual(['a.yaml']);
    expect(overwritten(base, now, { 'a.yaml': 'theirs' })).toEqual([]);
  });
  it.each([['x.yaml', true], ['现场.yaml', true], ['.x.yaml', false], ['a/x.yaml', false], ['x.yml', false], ['../x.yaml', false]])('take %s as the name of a file: %s', (name, good) => {
    expect(isFileName(name)).toBe(good);
  });
});
