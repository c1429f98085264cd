// What the acts of installers share: choices of one tap, a reason, what the gateway said against single fields, and what was read before the
// signal went.
import { useSignal, type Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Refusals } from '../../contract';
import { t } from '../../i18n';
import { i, installWord } from '../../i18n/install';
import { shortTime } from '../../i18n/format';
import type { ApiError, How } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { useQuery, type Query } from '../../parts/states';
import { now, phase } from '../../state/store';

const kKept = new Map<string, { value: unknown; at: number }>(); // by name, as long as the page is open

export interface KeptQuery<T> extends Query<T> {
  asOf: number | null; // what is shown was read before; null: it is of now
}

// As useQuery; what was read once is there when the link is gone, and says how old it is.
export function useKeptQuery<T>(name: string, read: (how: How) => Promise<T>, deps: readonly unknown[]): KeptQuery<T> {
  const query = useQuery((how) => read(how).then((value) => {
    kKept.set(name, { value, at: now.peek() });
    return value;
  }), [name, ...deps]);
  const kept = kKept.get(name);
  const away = phase.value === 'lost' || query.error !== null;
  if (!kept) return { ...query, data: null, asOf: null }; // what was read under another name is not this
  return { ...query, data: kept.value as T, error: query.error?.code === 'unreachable' ? null : query.error, asOf: away ? kept.at : null };
}

export function AsOf({ query }: { query: KeptQuery<unknown> }) {
  if (query.asOf === null) return null;
  return <p class="strip" role="status" data-as-of>{i('as_of', { time: shortTime(query.asOf, now.value) })}</p>;
}

export function useEvery(ms: number, run: () => void): void {
  useEffect(() => {
    const timer = setInterval(run, ms);
    return () => clearInterval(timer);
  }, []);
}

export interface Option {
  id: string;
  name: string;
  more?: string;
}

// One of several, by one tap.
export function Chips({ legend, name, options, value, onChoose }: { legend: string; name: string; options: readonly Option[]; value: string; onChoose: (id: string) => void }) {
  return (
    <fieldset class="picks" data-chips={name}>
      <legend>{legend}</legend>
      {options.map((one) => (
        <label key={one.id} class="pick">
          <input type="radio" class="hidden" name={name} value={one.id} checked={one.id === value} onChange={() => onChoose(one.id)} />
          <span>{one.name}{one.more && <small>{one.more}</small>}</span>
        </label>
      ))}
    </fieldset>
  );
}

type Reasons = 'reasons' | 'why_disabled' | 'why_replaced' | 'why_removed';
const kReasons: Readonly<Record<Reasons, readonly string[]>> = {
  reasons: ['neighbour', 'trial', 'gone'], why_disabled: ['works', 'dust', 'fault'], why_replaced: ['broken', 'old', 'battery'], why_removed: ['gone', 'wrong'],
};

// The usual ones by one tap, any other in words.
export function Reason({ of, value }: { of: Reasons; value: Signal<string> }) {
  const usual = kReasons[of].map((one) => ({ id: installWord(of, one), name: installWord(of, one) }));
  return (
    <>
      <Chips legend={i('reason')} name="reason" options={usual} value={value.value} onChoose={(id) => (value.value = id)} />
      <label class="field">
        <span class="hidden">{i('reason')}</span>
        <input name="why" value={value.value} required maxLength={300} autocomplete="off" onInput={(event) => (value.value = event.currentTarget.value)} />
      </label>
    </>
  );
}

export function refusalsOf(error: ApiError | null): Refusals {
  return (error?.problem ?? {}) as Refusals;
}

// A refusal, and below it what exists for each field that it is about.
export function FieldRefusal({ error }: { error: ApiError | null }) {
  const { fields = [], devices = [] } = refusalsOf(error);
  return (
    <Refusal error={error}>
      {fields.length > 0 && (
        <ul data-fields>
          {fields.map((one) => (
            <li key={one.field}>{i('field_refused', { field: installWord('column', one.field), found: one.found, expected: one.expected.slice(0, 30).join('、') })}</li>
          ))}
        </ul>
      )}
      {devices.length > 0 && <p>{i('against', { devices: devices.slice(0, 20).join('、') })}</p>}
    </Refusal>
  );
}

interface ReasonDialogProps {
  title: string;
  text: string;
  act: string; // the word on the button
  of: Reasons;
  first?: string;
  run: (reason: string) => Promise<unknown>; // rejects: it was refused
  onClose: () => void;
  children?: ComponentChildren;
}
export function ReasonDialog({ title, text, act, of, first = '', run, onClose, children }: ReasonDialogProps) {
  const reason = useSignal(first);
  const attempt = useAttempt();
  const submit = async () => {
    if (await attempt.run(() => run(reason.value.trim()))) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={onSubmit(submit)} data-form="reason">
        <p>{text}</p>
        <Reason of={of} value={reason} />
        {children}
        <FieldRefusal error={attempt.error} />
        <div class="dialog-acts">
          <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
          <button type="submit" class="button primary" data-act="sure" disabled={attempt.busy}>{act}</button>
        </div>
      </form>
    </Dialog>
  );
}

export { Field };
