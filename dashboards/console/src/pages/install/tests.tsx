// The walk test: what is not yet tested, floor by floor; a test is begun, the button of the device is pressed, and the phone says that its
// message is here.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { TestRow } from '../../contract';
import { t, word } from '../../i18n';
import { shortTime } from '../../i18n/format';
import { i } from '../../i18n/install';
import { asApiError, rest, type ApiError } from '../../link/rest';
import { Refusal } from '../../parts/refusal';
import { Empty, Loaded } from '../../parts/states';
import { buildingsOf, isPassed, type BuildingTests, type FloorTests } from '../../state/tests';
import { lastPlace } from '../../state/last_place';
import { act, settledJobs } from '../../state/outbox_desk';
import { pendingOf } from '../../state/outbox';
import { jobs } from '../../state/outbox_view';
import { keepSearch, route } from '../../state/route';
import { may, mayOnceAwake } from '../../state/session';
import { latestTest, now } from '../../state/store';
import { Frame } from './frame';
import { AsOf, Chips, useEvery, useKeptQuery } from './parts';
import { Tick } from './tick';

const kRefresh = 10_000;
const kTestMinutes = 30;
const kMany = 400; // rows that a phone draws without a pause; our choice

function stateText(row: TestRow): string {
  if (row.test_until && Date.parse(row.test_until) > now.value) return i('test_until', { time: shortTime(row.test_until, now.value) });
  if (row.last_test === null) return i('test_never');
  const by = i('test_by', { by: row.last_test.by, time: shortTime(row.last_test.at, now.value) });
  return `${row.last_test.passed ? i('test_passed') : i('test_failed')} · ${by}`;
}

interface RowProps {
  row: TestRow;
  waits: boolean;
  onTest: () => void;
}
function Row({ row, waits, onTest }: RowProps) {
  const inTest = row.test_until !== null && Date.parse(row.test_until) > now.value;
  const passed = isPassed(row);
  return (
    <li data-test={row.device} data-state={inTest ? 'open' : passed ? 'passed' : 'left'}>
      <span class="test-mark" aria-hidden="true">{inTest ? '…' : passed ? '✓' : '○'}</span>
      <span class="test-what">
        <a href={`/devices/${encodeURIComponent(row.device)}`}>{row.name || row.device}</a>
        <small>{word('kind', row.kind)} · {inTest ? `${i('test_waits')} ${stateText(row)}` : stateText(row)}</small>
      </span>
      {may('map_devices', row.place.estate.id) || mayOnceAwake('map_devices') ? (
        <button type="button" class="button" data-act="test" disabled={waits || inTest} onClick={onTest}>{waits ? i('entry_waits') : i('test_start')}</button>
      ) : <span />}
    </li>
  );
}

interface FloorProps {
  floor: FloorTests;
  many: boolean; // rows are there when they are asked for
  onTest: (rows: readonly TestRow[]) => void;
}
function Floor({ floor, many, onTest }: FloorProps) {
  const opened = useSignal(false);
  const pending = pendingOf(jobs.value);
  const left = floor.rows.filter((row) => !isPassed(row) && row.test_until === null && !pending.has(`device/${row.device}`));
  return (
    <section class="floor" data-floor={floor.key}>
      <div class="floor-head">
        {floor.name !== '' && <h3>{floor.name}</h3>}
        <span>{i('tests_count', { tested: floor.tested, total: floor.total })}</span>
        {left.length > 1 && mayOnceAwake('map_devices') && (
          <button type="button" class="button" data-act="test-floor" onClick={() => onTest(left)}>{i('test_floor', { count: left.length })}</button>
        )}
      </div>
      {many && !opened.value ? (
        <button type="button" class="button" data-act="rows" onClick={() => (opened.value = true)}>{i('tests_rows', { count: floor.rows.length })}</button>
      ) : (
        <ul class="tests">
          {floor.rows.map((row) => <Row key={row.device} row={row} waits={pending.has(`device/${row.device}`)} onTest={() => onTest([row])} />)}
        </ul>
      )}
    </section>
  );
}

function Building({ building, many, onTest }: Omit<FloorProps, 'floor'> & { building: BuildingTests }) {
  return (
    <section class="panel" data-building={building.key}>
      <div class="floor-head"><h2>{building.name}</h2><span>{i('tests_count', { tested: building.tested, total: building.total })}</span></div>
      {building.floors.map((floor) => <Floor key={floor.key} floor={floor} many={many} onTest={onTest} />)}
    </section>
  );
}

interface ListProps {
  rows: readonly TestRow[];
  all: boolean;
}
function List({ rows, all }: ListProps) {
  const error = useSignal<ApiError | null>(null);
  const start = async (wanted: readonly TestRow[]) => {
    error.value = null;
    for (const row of wanted) {
      const done = await act({ kind: 'test', device: row.device, name: row.name || row.device, minutes: kTestMinutes });
      if (done.how === 'refused') error.value = asApiError(done.error);
    }
  };
  const buildings = buildingsOf(rows, all);
  const many = rows.length > kMany;
  return (
    <>
      <Refusal error={error.value} />
      {buildings.length === 0 && <Empty text={rows.length === 0 ? i('tests_none') : i('tests_all_done')} />}
      {buildings.map((one) => <Building key={one.key} building={one} many={many} onTest={(wanted) => void start(wanted)} />)}
    </>
  );
}

interface Chosen {
  estate: string;
  building: string;
}

function PlaceFields({ chosen, onChoose }: { chosen: Chosen; onChoose: (chosen: Chosen) => void }) {
  const { data } = useKeptQuery('estates', rest.estates, []);
  const estates = data?.estates ?? [];
  const buildings = estates.find(({ id }) => id === chosen.estate)?.buildings ?? [];
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      <label class="field">{t('estate')}
        <select name="estate" value={chosen.estate} onChange={(event) => onChoose({ estate: event.currentTarget.value, building: '' })}>
          <option value="">{t('all')}</option>
          {estates.map(({ id, name }) => <option key={id} value={id}>{name || id}</option>)}
        </select>
      </label>
      <label class="field">{t('building')}
        <select name="building" value={chosen.building} disabled={buildings.length === 0} onChange={(event) => onChoose({ ...chosen, building: event.currentTarget.value })}>
          <option value="">{t('all')}</option>
          {buildings.map(({ id, name }) => <option key={id} value={id}>{name || id}</option>)}
        </select>
      </label>
    </form>
  );
}

// Where the address says, else where this installer was last.
function firstChoice(): Chosen {
  const asked = new URLSearchParams(location.search);
  const { estate, building } = lastPlace();
  return asked.has('estate') ? { estate: asked.get('estate')!, building: asked.get('building') ?? '' } : { estate, building };
}

export function TestsPage() {
  const chosen = useSignal<Chosen>(firstChoice());
  const all = useSignal(false);
  const { estate, building } = chosen.value;
  const query = useKeptQuery(`tests/${estate}/${building}`, (how) => rest.tests({ estate, building }, how), [settledJobs.value, latestTest.value]);
  useEvery(kRefresh, query.refresh);
  useEffect(() => {
    if (route.peek().page === 'tests') keepSearch('tests', { estate, building });
  }, [estate, building]);
  return (
    <Frame here="tests" title={t('walk_test')}>
      <p class="note">{i('tests_text')}</p>
      <PlaceFields chosen={chosen.value} onChoose={(to) => (chosen.value = to)} />
      <Tick names={new Map((query.data?.devices ?? []).map(({ device, name }) => [device, name || device]))} />
      <AsOf query={query} />
      <Loaded query={query}>
        {({ tested, total, devices }) => (
          <>
            <div class="tests-head">
              <p role="status" data-tested={tested} data-total={total}>
                <b>{i('tests_count', { tested, total })}</b> {total > tested && i('tests_left', { count: total - tested })}
              </p>
              <Chips legend={i('tests_show')} name="show" value={all.value ? 'all' : 'left'} onChoose={(id) => (all.value = id === 'all')}
                options={[{ id: 'left', name: i('tests_only_left') }, { id: 'all', name: t('all') }]} />
            </div>
            <List rows={devices} all={all.value} />
          </>
        )}
      </Loaded>
    </Frame>
  );
}
