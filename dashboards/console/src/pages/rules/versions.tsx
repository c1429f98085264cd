// Who published which rules, when and why; and the way back.
import { useSignal } from '@preact/signals';
import type { RuleVersion } from '../../contract';
import { t } from '../../i18n';
import { r } from '../../i18n/rules';
import { rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { mayEverywhereOnceAwake } from '../../state/session';
import { authorText, Changes, noteText } from './parts';

function RollBack({ version, base, onDone, onClose }: { version: RuleVersion; base: number; onDone: () => void; onClose: () => void }) {
  const note = useSignal('');
  const attempt = useAttempt();
  const submit = async () => {
    const done = await attempt.run(() => rest.rollBackRules(version.number, note.value.trim(), base));
    if (done) onClose();
    onDone();
  };
  return (
    <Dialog title={r('rollback_title', { number: version.number })} onClose={onClose}>
      <form onSubmit={onSubmit(submit)} data-form="rollback">
        <p>{r('rollback_text')}</p>
        <Field label={r('publish_note')} hint={r('publish_note_hint')} value={note} name="note" required autofocus maxLength={160} autocomplete="off" />
        <Refusal error={attempt.error} />
        <div class="dialog-acts">
          <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
          <button type="submit" class="button primary" data-act="rollback-now" disabled={attempt.busy}>{r('rollback')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function FilesOf({ number }: { number: number }) {
  const query = useQuery((how) => rest.ruleVersion(number, how), [number]);
  return (
    <Loaded query={query}>
      {({ files }) => <>{files.map((one) => <details key={one.name} class="version-file"><summary><code>{one.name}</code></summary><pre tabIndex={0} aria-label={one.name}>{one.text}</pre></details>)}</>}
    </Loaded>
  );
}

interface RowProps {
  version: RuleVersion;
  now: number;
  onRollBack: (version: RuleVersion) => void;
}
function Row({ version, now, onRollBack }: RowProps) {
  const open = useSignal(false);
  const current = version.number === now;
  return (
    <li data-version={version.number}>
      <div class="card-main">
        <strong>{version.number}</strong> {current && <span class="mark strong">{r('in_force')}</span>}
        <span>{authorText(version)}</span> <Time at={version.at} /> {version.rollback_of !== null && <span class="mark">{r('rollback_of', { number: version.rollback_of })}</span>}
      </div>
      <p class="version-note">{noteText(version)}</p>
      <Changes changes={version.changes} />
      <div class="draft-acts">
        <button type="button" class="button" data-act="show" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>{open.value ? r('version_hide') : r('version_show')}</button>
        {!current && mayEverywhereOnceAwake('edit_rules') && <button type="button" class="button" data-act="rollback" onClick={() => onRollBack(version)}>{r('rollback')}</button>}
      </div>
      {open.value && <FilesOf number={version.number} />}
    </li>
  );
}

export function VersionsView() {
  const query = useQuery((how) => rest.ruleVersions(how), []);
  const asked = useSignal<RuleVersion | null>(null);
  return (
    <>
      <p class="page-text">{r('versions_text')}</p>
      <Loaded query={query}>
        {({ versions }) => (
          <section class="panel">
            <ul class="versions">{versions.map((one) => <Row key={one.number} version={one} now={versions[0]!.number} onRollBack={(version) => (asked.value = version)} />)}</ul>
            {asked.value && <RollBack version={asked.value} base={versions[0]!.number} onDone={query.refresh} onClose={() => (asked.value = null)} />}
          </section>
        )}
      </Loaded>
    </>
  );
}
