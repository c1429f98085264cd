// A floor gets its plan, another one, or none.
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../../i18n';
import { p } from '../../i18n/plan';
import { rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import type { At } from './plan';

export function PutPlan({ at, replaces, onDone }: { at: At; replaces: boolean; onDone: () => void }) {
  const attempt = useAttempt();
  const input = useRef<HTMLInputElement>(null);
  const send = async (file: File | undefined) => {
    if (!file) return;
    if (await attempt.run(() => rest.putPlan(at, file))) onDone();
    if (input.current) input.current.value = ''; // the same file may be chosen again
  };
  return (
    <div class="plan-put">
      <label class="button">
        {attempt.busy ? p('saving') : replaces ? p('plan_replace') : p('plan_put')}
        <input ref={input} type="file" class="hidden" name="plan" accept="image/png,image/jpeg,image/svg+xml" disabled={attempt.busy}
          onChange={(event) => void send(event.currentTarget.files?.[0])} />
      </label>
      {!replaces && <small class="note">{p('plan_hint')}</small>}
      <Refusal error={attempt.error} />
    </div>
  );
}

export function DropPlan({ at, onDone }: { at: At; onDone: () => void }) {
  const asked = useSignal(false);
  const attempt = useAttempt();
  const drop = async () => {
    if (!(await attempt.run(() => rest.dropPlan(at)))) return;
    asked.value = false;
    onDone();
  };
  return (
    <>
      <button type="button" class="button" data-act="drop-plan" onClick={() => (asked.value = true)}>{p('plan_drop')}</button>
      {asked.value && (
        <Dialog title={p('plan_drop')} onClose={() => (asked.value = false)}>
          <p>{p('plan_drop_sure')}</p>
          <Refusal error={attempt.error} />
          <div class="dialog-acts">
            <button type="button" class="button" onClick={() => (asked.value = false)}>{t('cancel')}</button>
            <button type="button" class="button primary" data-act="sure" disabled={attempt.busy} onClick={() => void drop()}>{p('plan_drop')}</button>
          </div>
        </Dialog>
      )}
    </>
  );
}
