// The tray: devices that speak and are in nobody's list, the newest first; each is adopted or ignored where one stands.
import { useSignal } from '@preact/signals';
import type { UnmappedDevice } from '../../contract';
import { t, word } from '../../i18n';
import { duration } from '../../i18n/format';
import { i } from '../../i18n/install';
import { rest } from '../../link/rest';
import { Empty, Loaded, number } from '../../parts/states';
import { Time } from '../../parts/time';
import { act, settledJobs } from '../../state/outbox_desk';
import { pendingOf, type Job } from '../../state/outbox';
import { jobs } from '../../state/outbox_view';
import type { Choice } from '../../state/places';
import { navigate } from '../../state/route';
import { now } from '../../state/store';
import { Rejected } from '../rejected';
import { AdoptSheet, type Adopted } from './adopt';
import { Frame } from './frame';
import { Ignored } from './ignored';
import { AsOf, ReasonDialog, useEvery, useKeptQuery } from './parts';

const kRefresh = 3_000; // an installer waits for a device to appear (design, console 3.2)

// The one that has just spoken for the first time is the one that is waited for.
export function newestFirst(devices: readonly UnmappedDevice[]): UnmappedDevice[] {
  return [...devices].sort((a, b) => b.first_heard.localeCompare(a.first_heard));
}

// The gateway names the points that decided, `says smoke, gas`; what is said otherwise stays as it was said.
function whyText(why: string): string {
  const points = /^says ([a-z0-9_]+(?:, [a-z0-9_]+)*)$/.exec(why)?.[1];
  return points ? i('says', { points: points.split(', ').map((one) => word('point', one)).join(' · ') }) : why;
}

export function Suggestion({ entry }: { entry: UnmappedDevice }) {
  const seems = entry.suggestion;
  if (!seems) return <p class="seems">{i('looks_like_nothing')}</p>;
  return (
    <p class="seems">
      {i('looks_like')} <b>{word('kind', seems.kind)}</b>{seems.model && ` · ${seems.model}`} <small>{whyText(seems.why)}</small>
    </p>
  );
}

export function EntryFacts({ entry }: { entry: UnmappedDevice }) {
  const last = t('ago', { duration: duration(now.value - Date.parse(entry.last_heard)) });
  return (
    <ul class="entry-facts">
      <li>{entry.format} · {entry.source}</li>
      <li>{number(entry.count)} × · {last}</li>
      {entry.signal_dbm !== null && <li>{i('signal')} {Math.round(entry.signal_dbm)} dBm</li>}
      {entry.battery_pct !== null && <li>{i('battery')} {Math.round(entry.battery_pct)} %</li>}
    </ul>
  );
}

function Payload({ entry }: { entry: UnmappedDevice }) {
  return (
    <details>
      <summary>{i('payload_show')} · {entry.points.map((point) => word('point', point)).join(' · ') || t('none')}</summary>
      <p><Time at={entry.first_heard} /> <code>{entry.first_topic}</code></p>
      <pre tabIndex={0}>{entry.first_payload}</pre>
    </details>
  );
}

interface EntryProps {
  entry: UnmappedDevice;
  job: Job | undefined;
  onAdopt: () => void;
  onIgnore: () => void;
}
function Entry({ entry, job, onAdopt, onIgnore }: EntryProps) {
  return (
    <li class="panel entry" data-entry={entry.key}>
      <h2>{entry.address}</h2>
      <Suggestion entry={entry} />
      <EntryFacts entry={entry} />
      {job ? (
        <p class="entry-job" role="status" data-pending>{job.refused ? i('entry_refused') : i('entry_waits')}</p>
      ) : (
        <div class="entry-acts">
          <button type="button" class="button primary large" data-act="adopt" onClick={onAdopt}>{i('adopt')}</button>
          <button type="button" class="button" data-act="ignore" onClick={onIgnore}>{i('ignore')}</button>
        </div>
      )}
      <Payload entry={entry} />
    </li>
  );
}

const hasPlan = (known: Awaited<ReturnType<typeof rest.plans>> | null, { estate, building, floor }: Choice) =>
  known?.plans.some((plan) => plan.estate === estate && plan.building === building && plan.floor === floor) ?? false;

const placeHref = (device: string, { estate, building, floor }: Choice) =>
  `/plan/${[estate, building, floor].map(encodeURIComponent).join('/')}?place=${encodeURIComponent(device)}`;

function Told({ adopted }: { adopted: Adopted }) {
  if (adopted.id === null) return <p class="strip told" role="status" data-told="waiting">{i('adopted_waits', { name: adopted.name })}</p>;
  const device = adopted.id;
  return (
    <p class="strip told" role="status" data-told="done">
      <span>✓ {i('adopted', { name: adopted.name })}</span>
      <a class="button" href={`/devices/${encodeURIComponent(device)}`}>{i('adopted_open')}</a>
      <button type="button" class="button" data-act="test-it" onClick={() => void act({ kind: 'test', device, name: adopted.name, minutes: 30 })}>{i('test_it')}</button>
    </p>
  );
}

export function TrayPage() {
  const query = useKeptQuery('tray', rest.unmapped, [settledJobs.value]);
  const estates = useKeptQuery('estates', rest.estates, []);
  const plans = useKeptQuery('plans', rest.plans, []);
  useEvery(kRefresh, query.refresh);
  const adopting = useSignal<UnmappedDevice | null>(null);
  const ignoring = useSignal<UnmappedDevice | null>(null);
  const told = useSignal<Adopted | null>(null);
  const pending = pendingOf(jobs.value);
  const ignore = async (entry: UnmappedDevice, reason: string) => {
    const done = await act({ kind: 'ignore', entry: entry.key, address: entry.address, reason });
    if (done.how === 'refused') throw done.error;
  };
  return (
    <Frame here="unmapped" title={t('unmapped')}>
      <p class="note">{i('tray_text')}</p>
      {told.value && <Told adopted={told.value} />}
      <AsOf query={query} />
      <Loaded query={query}>
        {({ devices }) => (devices.length === 0 ? <Empty text={t('unmapped_empty')} /> : (
          <ul class="tray">
            {newestFirst(devices).map((entry) => (
              <Entry key={entry.key} entry={entry} job={pending.get(`entry/${entry.key}`)}
                onAdopt={() => (adopting.value = entry)} onIgnore={() => (ignoring.value = entry)} />
            ))}
          </ul>
        ))}
      </Loaded>
      <Ignored />
      <Rejected />
      {adopting.value && (
        <AdoptSheet key={adopting.value.key} entry={adopting.value} estates={estates} onClose={() => (adopting.value = null)}
          onDone={(adopted) => {
            told.value = adopted;
            adopting.value = null;
            if (adopted.id !== null && hasPlan(plans.data, adopted.place)) navigate(placeHref(adopted.id, adopted.place));
          }} />
      )}
      {ignoring.value && (
        <ReasonDialog title={i('ignore_title')} text={i('ignore_text')} act={i('ignore')} of="reasons"
          run={(reason) => ignore(ignoring.value!, reason)} onClose={() => (ignoring.value = null)} />
      )}
    </Frame>
  );
}
