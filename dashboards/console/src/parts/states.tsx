// What a page shows while it has nothing, waits, or failed.
import { useSignal, useSignalEffect } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { dateTime } from '../i18n/format';
import { ApiError } from '../link/rest';
import { age, board, now, phase } from '../state/store';

const kSkeleton = 300; // ms until words replace the skeleton (design, console section 8)
const kRetryOffered = 5_000;

export interface Query<T> {
  data: T | null;
  error: ApiError | null;
  retry: () => void;
}

// Reads when the page opens, when `deps` change, when the link returns, and on retry. An old answer never replaces a newer one;
// what was read before stays on the page when a later read fails.
export function useQuery<T>(read: () => Promise<T>, deps: readonly unknown[]): Query<T> {
  const data = useSignal<T | null>(null);
  const error = useSignal<ApiError | null>(null);
  const turn = useSignal(0);
  const wasLost = useSignal(false);
  useEffect(() => {
    let current = true;
    read().then(
      (value) => {
        if (!current) return;
        data.value = value;
        error.value = null;
      },
      (failure: unknown) => {
        if (current) error.value = failure instanceof ApiError ? failure : new ApiError('bug', String(failure));
      },
    );
    return () => {
      current = false;
    };
  }, [...deps, turn.value]);
  useSignalEffect(() => {
    if (phase.value === 'lost') wasLost.value = true;
    else if (phase.value === 'live' && wasLost.peek()) {
      wasLost.value = false;
      turn.value = turn.peek() + 1;
    }
  });
  return { data: data.value, error: error.value, retry: () => (turn.value += 1) };
}

export function Failure({ error, retry }: { error: ApiError; retry?: () => void }) {
  return (
    <section class="failure" role="status">
      <p>
        <strong>{error.code === 'unreachable' ? t('unreachable') : t('failed')}</strong> {error.message}
      </p>
      <details>
        <summary>{t('details')}</summary>
        <p>{t('error_code')}: <code>{error.code}</code></p>
        {error.problem && <p>{t('request_id')}: <code>{error.problem.request_id}</code></p>}
        {error.problem && <pre>{JSON.stringify(error.problem, null, 2)}</pre>}
      </details>
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

// Never a bare blank: how old the picture is, and how many devices it covers.
export function Empty({ text }: { text: string }) {
  const health = board.value.health;
  const time = dateTime(now.value - age.value * 1000).slice(11);
  return (
    <div class="empty">
      <p class="empty-text">{text}</p>
      <p class="empty-age">
        {health
          ? t('empty_age', { time, online: number(health.devices_online), total: number(health.devices_total) })
          : t('empty_age_only', { time })}
      </p>
    </div>
  );
}

const kGrouped = new Intl.NumberFormat('en', { useGrouping: true });
export function number(value: number): string {
  return kGrouped.format(value).replaceAll(',', '\u202f');
}
