// What somebody has changed in the files of the rules and not yet published. Edits are laid over the files as the gateway has them. Pure.
import type { RuleFile, RuleFiles, RulePatch } from '../contract';

export const kNoEdits: RulePatch = {};

export function inForce(files: readonly RuleFile[], name: string): string | null {
  return files.find((one) => one.name === name)?.text ?? null;
}

// The text as it would be published; null where there is (or would be) no such file.
export function textOf(files: readonly RuleFile[], edits: RulePatch, name: string): string | null {
  const edited = edits[name];
  return edited === undefined ? inForce(files, name) : edited;
}

// What differs from the files in force: all that needs to be sent.
export function patchOf(files: readonly RuleFile[], edits: RulePatch): RulePatch {
  return Object.fromEntries(Object.entries(edits).filter(([name, text]) => text !== inForce(files, name)));
}

export function isEmpty(patch: RulePatch): boolean {
  return Object.keys(patch).length === 0;
}

// With this text for a file. What is again as it is in force is no edit, so that nothing old is laid over what somebody else publishes later.
export function edited(files: readonly RuleFile[], edits: RulePatch, name: string, text: string | null): RulePatch {
  const { [name]: _, ...others } = edits;
  if (text !== inForce(files, name)) return { ...others, [name]: text };
  return isEmpty(others) ? kNoEdits : others;
}

// All names, also of files that are only made or only removed here; in the order of the folder.
export function names(files: readonly RuleFile[], edits: RulePatch): string[] {
  return [...new Set([...files.map((one) => one.name), ...Object.keys(edits)])].sort();
}

// Files that were changed both here and by somebody else since: publishing would undo what the other has written.
export function overwritten(base: RuleFiles, now: RuleFiles, edits: RulePatch): string[] {
  return Object.keys(patchOf(now.files, edits)).filter((name) => inForce(base.files, name) !== inForce(now.files, name));
}

const kName = /^[^./][^/]{0,94}\.yaml$/;
export function isFileName(name: string): boolean {
  return kName.test(name);
}
