// Where rules are changed: the files in force, what is edited and not yet published, what the gateway's checker says to it, and publishing. What is
// edited stands apart from the files: it outlives the page, and is seen against a version that somebody else publishes meanwhile.
import { signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RuleCheck, RuleFiles, RulePatch, RuleVersion } from '../../contract';
import { t } from '../../i18n';
import { dateTime } from '../../i18n/format';
import { r } from '../../i18n/rules';
import { asApiError, kBackground, rest, type ApiError } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { useDraft } from '../../state/drafts';
import { edited, isEmpty, kNoEdits, overwritten, patchOf, textOf } from '../../state/rule_edits';
import { mayEverywhereOnceAwake } from '../../state/session';
import { authorText, Changes, noteText } from './parts';

const kTypingPause = 500; // ms until what is typed is checked
const kLook = 10_000; // ms between two looks whether somebody else has published

export interface Checked {
  check: RuleCheck | null;
  error: ApiError | null;
  busy: boolean;
}

export interface Shop {
  files: RuleFiles; // in force
  edits: RulePatch;
  patch: RulePatch; // what differs from the files in force
  checked: Checked;
  mayTry: boolean; // change, test, publish
  text(name: string): string | null;
  edit(name: string, text: string | null): void;
  replace(edits: RulePatch): void;
  discard(): void;
  reload(): void; // the files in force
}

export const published = signal(0); // how often from here: who shows rules reads them again

const kNoBase: RuleFiles | null = null;
const useEdits = () => ({
  edits: useDraft<RulePatch>('rules/edits', kNoEdits).value,
  base: useDraft<RuleFiles | null>('rules/base', kNoBase).value, // the files that the editing began from
  note: useDraft('rules/note', '').value,
});

// Asked again a moment after each change, and when other files are in force.
function useCheck(patch: RulePatch, version: number, wanted: boolean): Checked {
  const checked = useSignal<Checked>({ check: null, error: null, busy: false });
  const asked = wanted && !isEmpty(patch) ? JSON.stringify(patch) : '';
  useEffect(() => {
    if (asked === '') {
      checked.value = { check: null, error: null, busy: false };
      return undefined;
    }
    let current = true;
    checked.value = { ...checked.peek(), busy: true };
    const timer = setTimeout(() => {
      rest.checkRules(JSON.parse(asked) as RulePatch, kBackground).then(
        (check) => current && (checked.value = { check, error: null, busy: false }),
        (error: unknown) => current && (checked.value = { check: null, error: asApiError(error), busy: false }),
      );
    }, kTypingPause);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [asked, version]);
  return checked.value;
}

interface InsideProps {
  files: RuleFiles;
  newest: RuleVersion | null;
  reload: () => void;
  children: (shop: Shop) => ComponentChildren;
}
function Inside({ files, newest, reload, children }: InsideProps) {
  const { edits, base, note } = useEdits();
  const mayTry = mayEverywhereOnceAwake('edit_rules');
  const patch = patchOf(files.files, edits.value);
  const checked = useCheck(patch, files.version, mayTry);
  const discard = () => {
    edits.value = kNoEdits;
    base.value = kNoBase;
    note.value = '';
  };
  const shop: Shop = {
    files, edits: edits.value, patch, checked, mayTry, discard, reload,
    text: (name) => textOf(files.files, edits.value, name),
    edit: (name, text) => {
      if (isEmpty(edits.value)) base.value = files;
      edits.value = edited(files.files, edits.value, name, text);
      if (isEmpty(edits.value)) base.value = kNoBase;
    },
    replace: (all) => {
      base.value = files;
      edits.value = all;
    },
  };
  const began = base.value;
  const stale = began !== null && !isEmpty(patch) && began.version !== files.version ? began : null;
  return (
    <>
      {files.built_in && <p class="strip" role="note">{r('files_built_in')}</p>}
      {!mayTry && <p class="note" data-read-only>{r('read_only')}</p>}
      {children(shop)}
      {mayTry && !isEmpty(patch) && (
        <div class="unpublished">
          {stale && <Stale base={stale} files={files} edits={edits.value} newest={newest} onTake={discard} onKeep={() => (base.value = files)} />}
          <Draft shop={shop} blocked={stale !== null} />
        </div>
      )}
    </>
  );
}

export function Workshop({ children }: { children: (shop: Shop) => ComponentChildren }) {
  const query = useQuery((how) => rest.ruleFiles(how), []);
  const now = useQuery(rest.rules, []);
  useEffect(() => {
    const timer = setInterval(now.refresh, kLook);
    return () => clearInterval(timer);
  }, []);
  const newest = now.data?.version ?? null;
  const behind = query.data !== null && newest !== null && newest.number > query.data.version;
  useEffect(() => {
    if (behind) query.refresh();
  }, [behind, newest?.number]);
  const reload = () => {
    query.refresh();
    now.refresh();
  };
  return <Loaded query={query}>{(files) => <Inside files={files} newest={newest} reload={reload}>{children}</Inside>}</Loaded>;
}

interface StaleProps {
  base: RuleFiles;
  files: RuleFiles;
  edits: RulePatch;
  newest: RuleVersion | null;
  onTake: () => void;
  onKeep: () => void;
}
function Stale({ base, files, edits, newest, onTake, onKeep }: StaleProps) {
  const both = overwritten(base, files, edits);
  const who = newest ? (newest.author === 'system' ? r('stale_who_system') : authorText(newest)) : '—';
  return (
    <section class="refusal" role="alert" data-stale>
      <p><strong>{r('stale', { number: files.version, who, time: newest ? dateTime(newest.at) : '—', note: newest ? noteText(newest) : '' })}</strong></p>
      <p>{both.length > 0 ? r('stale_same', { files: both.join(', ') }) : r('stale_apart')}</p>
      <div class="dialog-acts">
        <button type="button" class="button" data-act="take" onClick={onTake}>{r('stale_take')}</button>
        <button type="button" class="button" data-act="keep" onClick={onKeep}>{r('stale_keep')}</button>
      </div>
    </section>
  );
}

export function CheckLine({ checked }: { checked: Checked }) {
  const { check, error, busy } = checked;
  if (error) return <Refusal error={error} text={r('check_failed')} />;
  if (busy) return <p role="status" data-check="busy">{r('checking')}</p>;
  if (!check) return null;
  if (check.ok) return <p role="status" data-check="ok">✓ {r('check_ok', { rules: check.rules })}</p>;
  return <p role="status" data-check="problems"><b>! {r('problems', { count: check.problems.length })}</b></p>;
}

// What is edited and not yet published, on every page where rules are changed.
function Draft({ shop, blocked }: { shop: Shop; blocked: boolean }) {
  const asking = useSignal<'publish' | 'discard' | null>(null);
  const { checked } = shop;
  const good = checked.check?.ok === true && !checked.busy;
  return (
    <section class="panel draft" data-draft>
      <div class="draft-what">
        <p><b>{r('draft')}</b> · {r('draft_files', { files: Object.keys(shop.patch).join(', ') })} <small class="note">{r('draft_kept')}</small></p>
        <CheckLine checked={checked} />
        {good && checked.check?.changes && <Changes changes={checked.check.changes} />}
      </div>
      <div class="draft-acts">
        <a class="button" href="/rules?view=backtest">{r('backtest')}</a>
        <a class="button" href="/rules?view=shadow">{r('shadow')}</a>
        <button type="button" class="button" data-act="discard" onClick={() => (asking.value = 'discard')}>{r('discard')}</button>
        <button type="button" class="button primary" data-act="publish" disabled={!good || blocked} onClick={() => (asking.value = 'publish')}>{r('publish')}</button>
      </div>
      {asking.value === 'publish' && <Publish shop={shop} onClose={() => (asking.value = null)} />}
      {asking.value === 'discard' && (
        <Dialog title={r('discard')} onClose={() => (asking.value = null)}>
          <p>{r('discard_text')}</p>
          <div class="dialog-acts">
            <button type="button" class="button" onClick={() => (asking.value = null)}>{t('cancel')}</button>
            <button type="button" class="button primary" data-act="sure" onClick={shop.discard}>{r('discard')}</button>
          </div>
        </Dialog>
      )}
    </section>
  );
}

function Publish({ shop, onClose }: { shop: Shop; onClose: () => void }) {
  const { base, note } = useEdits();
  const attempt = useAttempt();
  const submit = async () => {
    const done = await attempt.run(() => rest.publishRules(shop.patch, note.value.trim(), base.value?.version ?? shop.files.version));
    if (done) {
      published.value += 1;
      shop.discard();
      onClose();
    }
    shop.reload();
  };
  return (
    <Dialog title={r('publish_title')} onClose={onClose}>
      <form onSubmit={onSubmit(submit)} data-form="publish">
        <p>{r('publish_text')}</p>
        {shop.checked.check?.changes && <Changes changes={shop.checked.check.changes} />}
        <Field label={r('publish_note')} hint={r('publish_note_hint')} value={note} name="note" required autofocus maxLength={160} autocomplete="off" />
        <Refusal error={attempt.error} />
        <div class="dialog-acts">
          <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
          <button type="submit" class="button primary" data-act="publish-now" disabled={attempt.busy}>{r('publish')}</button>
        </div>
      </form>
    </Dialog>
  );
}

// On pages that do not read the files: that something is not yet published.
export function KeptDraft() {
  const { edits } = useEdits();
  const names = Object.keys(edits.value);
  if (names.length === 0) return null;
  return (
    <p class="strip" role="note" data-kept>
      <b>{r('draft')}</b> {r('draft_files', { files: names.join(', ') })} <a class="button" href={`/rules?view=files&file=${encodeURIComponent(names[0]!)}`}>{t('open')}</a>
    </p>
  );
}
