// All devices: found by name, id or address, narrowed by presence. Thousands of rows; the blocks in view are read anew each
// half-minute, so that presence is not a picture of the past.
import { useSignal, useSignalEffect } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import type { DeviceView, Presence } from '../contract';
import { t, word } from '../i18n';
import { zh } from '../i18n/zh';
import { duration, placeText } from '../i18n/format';
import { asApiError, kBackground, kForeground, rest, type ApiError, type How } from '../link/rest';
import { Coverage, Empty, Failure, Loading, number } from '../parts/states';
import { VirtualList } from '../parts/virtual_list';
import { keepSearch, route } from '../state/route';
import { mayOnceAwake } from '../state/session';
import { board, now, phase } from '../state/store';

const kBlock = 200; // rows a request
const kRowHeight = 56; // px
const kRefresh = 30_000;
const kTypingPause = 250;

export function PresenceText({ device }: { device: DeviceView }) {
  return (
    <span class={`presence presence-${device.presence}`}>
      {word('presence', device.presence)}
    </span>
  );
}

function LastHeard({ at }: { at: string | null }) {
  if (at === null) return <span>{t('never')}</span>;
  return <span>{t('ago', { duration: duration(now.value - Date.parse(at)) })}</span>;
}

function Row({ device }: { device: DeviceView | undefined }) {
  if (!device) return <span role="cell" class="placeholder">…</span>;
  return (
    <>
      <span role="cell" class="device-name">
        <a href={`/devices/${encodeURIComponent(device.id)}`}>{device.name || device.id}</a>
        <small>
          <span class="device-id">{device.id}</span>
          <span class="device-where">{placeText(device.place)}</span>
        </small>
      </span>
      <span role="cell" class="device-kind">{word('kind', device.kind)}</span>
      <span role="cell" class="device-place">{placeText(device.place)}</span>
      <span role="cell" class="device-presence"><PresenceText device={device} /></span>
      <span role="cell" class="device-heard"><LastHeard at={device.last_heard} /></span>
    </>
  );
}

function Header() {
  return (
    <>
      <span role="columnheader">{t('name')}</span>
      <span role="columnheader" class="device-kind">{t('kind')}</span>
      <span role="columnheader" class="device-place">{t('where')}</span>
      <span role="columnheader" class="device-presence">{t('presence')}</span>
      <span role="columnheader" class="device-heard">{t('last_heard')}</span>
    </>
  );
}

// The blocks read so far of one search.
function DeviceTable({ q, presence, kind }: { q: string; presence: string; kind: string }) {
  const blocks = useSignal<ReadonlyMap<number, DeviceView[]>>(new Map());
  const total = useSignal<number | null>(null);
  const error = useSignal<ApiError | null>(null);
  const asked = useRef(new Set<number>());
  const view = useRef({ first: 0, last: 1 });

  const read = useCallback((block: number, how: How) => {
    if (asked.current.has(block)) return;
    asked.current.add(block);
    rest.devices({ q, presence: presence as Presence | '', kind: kind as DeviceView['kind'] | '', offset: block * kBlock, limit: kBlock }, how).then(
      (answer) => {
        error.value = null;
        total.value = answer.total;
        blocks.value = new Map(blocks.peek()).set(block, answer.devices);
      },
      (failure: unknown) => {
        asked.current.delete(block);
        error.value = asApiError(failure);
      },
    );
  }, [q, presence, kind]);

  const onView = useCallback((first: number, last: number, how: How = kForeground) => {
    view.current = { first, last };
    for (let block = Math.floor(first / kBlock); block <= Math.floor(Math.max(0, last - 1) / kBlock); block += 1) read(block, how);
  }, [read]);

  const again = useCallback((how: How) => {
    asked.current.clear();
    onView(view.current.first, view.current.last, how);
  }, [onView]);
  const retry = useCallback(() => again(kForeground), [again]);

  useEffect(() => {
    read(0, kForeground);
    const timer = setInterval(() => again(kBackground), kRefresh);
    return () => clearInterval(timer);
  }, [read, again]);

  const wasLost = useRef(false);
  useSignalEffect(() => {
    if (phase.value === 'lost') wasLost.current = true;
    else if (phase.value === 'live' && wasLost.current) {
      wasLost.current = false;
      again(kBackground);
    }
  });

  const row = (index: number) => <Row device={blocks.value.get(Math.floor(index / kBlock))?.[index % kBlock]} />;
  return (
    <>
      {error.value && <Failure error={error.value} retry={retry} />}
      {total.value === null && !error.value && <Loading retry={retry} />}
      {total.value === 0 && <Empty text={t('devices_empty')} />}
      {total.value !== null && total.value > 0 && (
        <>
          <p class="note"><span role="status">{t('devices_count', { total: number(total.value) })}</span> · <Coverage /></p>
          <VirtualList total={total.value} rowHeight={kRowHeight} label={t('devices')} header={<Header />} row={row}
            onView={onView} />
        </>
      )}
    </>
  );
}

export function DevicesPage() {
  const typed = useSignal('');
  const q = useSignal('');
  const presence = useSignal('');
  const kind = useSignal('');
  useSignalEffect(() => {
    if (route.value.page !== 'devices') return; // read at every visit, by a link or by going back
    const asked = new URLSearchParams(location.search);
    typed.value = q.value = asked.get('q') ?? '';
    presence.value = asked.get('presence') ?? '';
    kind.value = asked.get('kind') ?? '';
  });
  useSignalEffect(() => {
    const text = typed.value.trim();
    const timer = setTimeout(() => (q.value = text), kTypingPause);
    return () => clearTimeout(timer);
  });
  useSignalEffect(() => {
    keepSearch('devices', { q: q.value, presence: presence.value, kind: kind.value });
  });
  const unmapped = board.value.health?.devices_unmapped ?? 0;
  return (
    <>
      <div class="page-head">
        <h1 tabIndex={-1}>{t('devices')}</h1>
        <nav class="tabs" aria-label={t('devices')}>
          <a href="/devices" aria-current="page">{t('devices')}</a>
          {mayOnceAwake('map_devices') && <a href="/devices/unmapped">{t('unmapped')}{unmapped > 0 && ` (${unmapped})`}</a>}
          <a href="/tests">{t('walk_test')}</a>
          {mayOnceAwake('map_devices') && <a href="/import">{t('import')}</a>}
        </nav>
      </div>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label class="field grow">{t('search')}
          <input type="search" data-search placeholder={t('search_devices')} value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)} />
        </label>
        <label class="field">{t('presence')}
          <select value={presence.value} onChange={(event) => (presence.value = event.currentTarget.value)}>
            <option value="">{t('all')}</option>
            {(['online', 'lost', 'never_heard'] as const).map((one) => (
              <option key={one} value={one}>{word('presence', one)}</option>
            ))}
          </select>
        </label>
        <label class="field">{t('kind')}
          <select name="kind" value={kind.value} onChange={(event) => (kind.value = event.currentTarget.value)}>
            <option value="">{t('all')}</option>
            {Object.keys(zh.words.kind).map((one) => <option key={one} value={one}>{word('kind', one)}</option>)}
          </select>
        </label>
      </form>
      <DeviceTable key={`${q.value}\n${presence.value}\n${kind.value}`} q={q.value} presence={presence.value} kind={kind.value} />
    </>
  );
}
