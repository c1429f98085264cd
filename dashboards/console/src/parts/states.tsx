// What a page shows while it has nothing, waits, or failed.
import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../i18n';
import { dateTime } from '../i18n/format';
import { refusalText } from '../i18n/refusal';
import { asApiError, kBackground, kForeground, type ApiError, type How } from '../link/rest';
import { Details } from './refusal';
import { age, board, now, phase } from '../state/store';

const kSkeleton = 300; // ms until words replace the skeleton (design, console section 8)
const kRetryOffered = 5_000;

export interface Query<T> {
  data: T | null;
  error: ApiError | null;
  retry: () => void; // a person wants to know
  refresh: () => void; // the page keeps itself up to date
}

// Reads when the page opens, when `deps` change, when the link returns, and on retry. An old answer never replaces a newer one;
// what was read before stays on the page when a later read fails.
export function useQuery<T>(read: (how: How) => Promise<T>, deps: readonly unknown[]): Query<T> {
  const data = useSignal<T | null>(null);
  const error = useSignal<ApiError | null>(null);
  const turn = useSignal(0);
  const how = useRef<How>(kForeground);
  const wasLost = useSignal(false);
  useEffect(() => {
    let current = true;
    const asked = read(how.current);
    how.current = kForeground;
    asked.then(
      (value) => {
        if (!current) return;
        data.value = value;
        error.value = null;
      },
      (failure: unknown) => {
        if (current) error.value = asApiError(failure);
      },
    );
    return () => {
      current = false;
    };
  }, [...deps, turn.value]);
  const again = (next: How) => {
    how.current = next;
    turn.value = turn.peek() + 1;
  };
  useSignalEffect(() => {
    if (phase.value === 'lost') wasLost.value = true;
    else if (phase.value === 'live' && wasLost.peek()) {
      wasLost.value = false;
      again(kBackground);
    }
  });
  return { data: data.value, error: error.value, retry: () => again(kForeground), refresh: () => again(kBackground) };
}

// What a person is told; the gateway's own words stand in the details.
export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  const told = refusalText(error);
  return (
    <section class="failure" role="status">
      <p>
        <strong>{told === error.message ? t('failed') : told}</strong> {told === error.message && told}
      </p>
      <Details error={error} />
      {retry && <button type="button" class="button" onClick={retry}>{t('retry')}</button>}
    </section>
  );
}

export function Loading({ retry }: { retry?: () => void }) {
  const waited = useSignal(0);
  useEffect(() => {
    const first = setTimeout(() => (waited.value = kSkeleton), kSkeleton);
    const second = setTimeout(() => (waited.value = kRetryOffered), kRetryOffered);
    return () => {
      clearTimeout(first);
      clearTimeout(second);
    };
  }, []);
  if (waited.value < kSkeleton) {
    return <div class="skeleton" aria-hidden="true"><i /><i /><i /></div>;
  }
  return (
    <p class="loading" role="status">
      {t('reading')}{' '}
      {waited.value >= kRetryOffered && retry && (
        <button type="button" class="button" onClick={retry}>{t('retry')}</button>
      )}
    </p>
  );
}

export function Loaded<T>({ query, children }: { query: Query<T>; children: (data: T) => ComponentChildren }) {
  return (
    <>
      {query.error && <Failure error={query.error} retry={query.retry} />}
      {query.data !== null ? children(query.data) : !query.error && <Loading retry={query.retry} />}
    </>
  );
}

// How old the picture is, and how many devices it covers.
export function Coverage() {
  const health = board.value.health;
  const time = dateTime(now.value - age.value * 1000).slice(11);
  return (
    <span>
      {health
        ? t('empty_age', { time, online: number(health.devices_online), total: number(health.devices_total) })
        : t('empty_age_only', { time })}
    </span>
  );
}

// Never a bare blank.
export function Empty({ text }: { text: string }) {
  return (
    <div class="empty">
      <p class="empty-text">{text}</p>
      <p class="empty-age"><Coverage /></p>
    </div>
  );
}

const kGrouped = new Intl.NumberFormat('en', { useGrouping: true });
export function number(value: number): string {
  return kGrouped.format(value).replaceAll(',', '\u202f');
}
