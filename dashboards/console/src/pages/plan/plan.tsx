// The plan of a floor: its devices where they hang, what is unacknowledged on top; an installer places them here.
import { useSignal, type Signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { DeviceView, FloorPlan } from '../../contract';
import { t } from '../../i18n';
import { p } from '../../i18n/plan';
import { asApiError, rest, type ApiError } from '../../link/rest';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { imageOf } from '../../plan/floor';
import { leafletView } from '../../plan/leaflet_view';
import { marksOf, type DeviceMark } from '../../plan/marks';
import type { PlanImage, PlanView, Share } from '../../plan/plan_view';
import { announced } from '../../state/board';
import { navigate, type Route } from '../../state/route';
import { mayOnceAwake } from '../../state/session';
import { alarms } from '../../state/store';
import { Editor } from './editor';
import { Symbol, markText } from './symbol';
import { DropPlan, PutPlan } from './upload';

export type At = Extract<Route, { page: 'plan' }>;

const kPage = 1000; // devices of a building in one answer

async function devicesOn({ estate, building, floor }: At): Promise<DeviceView[]> {
  const found: DeviceView[] = [];
  for (let offset = 0; ; offset += kPage) {
    const { devices } = await rest.devices({ estate, building, limit: kPage, offset });
    found.push(...devices.filter(({ place }) => place.floor?.id === floor));
    if (devices.length < kPage) return found;
  }
}

async function readFloor(at: At) {
  const [{ plans }, devices] = await Promise.all([rest.plans(), devicesOn(at)]);
  return { plan: plans.find(({ estate, building, floor }) => estate === at.estate && building === at.building && floor === at.floor) ?? null, devices };
}

interface CanvasProps {
  image: PlanImage;
  marks: readonly DeviceMark[];
  chosen: string;
  editing: boolean;
  onPoint: (at: Share) => void;
  onMark: (id: string) => void;
  onMoved: (id: string, to: Share) => void;
}

// The view lives as long as the picture; what it calls is always of now.
function Canvas({ image, marks, chosen, editing, ...events }: CanvasProps) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<PlanView | null>(null);
  const now = useRef(events);
  now.current = events;
  useEffect(() => {
    const made = leafletView(element.current!, image, {
      onPoint: (at) => now.current.onPoint(at), onMark: (id) => now.current.onMark(id), onMoved: (id, to) => now.current.onMoved(id, to),
    });
    view.current = made;
    return () => {
      view.current = null;
      made.close();
    };
  }, [image.url]);
  useEffect(() => {
    view.current?.show(marks.flatMap((mark, index) => {
      if (!mark.device.position) return [];
      const symbol = document.createElement('span');
      const { id } = mark.device;
      render(<Symbol mark={mark} chosen={id === chosen} />, symbol);
      return [{ id, at: mark.device.position, element: symbol, on_top: id === chosen ? marks.length : index, draggable: editing && id === chosen }];
    }));
  });
  useEffect(() => {
    const at = marks.find(({ device }) => device.id === chosen)?.device.position;
    if (at && !editing) view.current?.lookAt(at);
  }, [chosen, image.url]);
  return <div class="plan-canvas" ref={element} role="application" aria-label={p('plan')} data-plan />;
}

// For who cannot see where: the same as a list, the most urgent first.
function MarkList({ marks, onMark }: { marks: readonly DeviceMark[]; onMark: (id: string) => void }) {
  const urgent = [...marks].reverse();
  if (urgent.length === 0) return <p>{p('no_devices')}</p>;
  return (
    <ul class="plan-list" data-plan-list>
      {urgent.map((mark) => (
        <li key={mark.device.id}>
          <button type="button" class="button" data-choose={mark.device.id} onClick={() => onMark(mark.device.id)}>{markText(mark)}{!mark.device.position && ` · ${p('unplaced_one')}`}</button>
        </li>
      ))}
    </ul>
  );
}

interface FloorProps {
  at: At;
  plan: FloorPlan | null;
  devices: DeviceView[];
  onChanged: () => void;
}

function Head({ at, plan, devices, editing, onChanged }: FloorProps & { editing: Signal<boolean> }) {
  const place = devices[0]?.place;
  const title = p('plan_of', { building: place?.building?.name || at.building, floor: place?.floor?.name || at.floor });
  const maps = mayOnceAwake('map_devices');
  return (
    <div class="page-head">
      <h1 tabIndex={-1}>{title}</h1>
      {plan && maps && (
        <button type="button" class="button" data-act="edit-plan" aria-pressed={editing.value} onClick={() => (editing.value = !editing.value)}>
          {editing.value ? p('edit_done') : p('edit')}
        </button>
      )}
      {maps && (!plan || editing.value) && <PutPlan at={at} replaces={plan !== null} onDone={onChanged} />}
      {maps && plan && editing.value && <DropPlan at={at} onDone={onChanged} />}
      <a class="button" href={`/labels?estate=${encodeURIComponent(at.estate)}&building=${encodeURIComponent(at.building)}`}>{p('labels')}</a>
    </div>
  );
}

// Saves where a device is: against what it is now, and shows it there at once.
function usePlacing(devices: DeviceView[], onChanged: () => void) {
  const error = useSignal<ApiError | null>(null);
  const said = useSignal('');
  const shown = useSignal<ReadonlyMap<string, Share | null>>(new Map()); // before the gateway has answered
  const put = async (device: DeviceView, to: Share | null) => {
    error.value = null;
    said.value = p('saving');
    shown.value = new Map(shown.peek()).set(device.id, to);
    try {
      const { tag } = await rest.taggedDevice(device.id);
      await rest.changeDevice(device.id, tag, { position: to });
      said.value = p('saved', { name: device.name || device.id });
      onChanged();
    } catch (failure) {
      const without = new Map(shown.peek());
      without.delete(device.id);
      shown.value = without;
      said.value = '';
      error.value = asApiError(failure);
    }
  };
  const now = devices.map((device) => (shown.value.has(device.id) ? { ...device, position: shown.value.get(device.id)! } : device));
  return { now, put, error, said };
}

function Floor({ at, plan, devices, onChanged }: FloorProps) {
  const asked = at.place;
  const editing = useSignal(asked !== '' && mayOnceAwake('map_devices'));
  const chosen = useSignal(asked || at.device);
  const { now, put, error, said } = usePlacing(devices, onChanged);
  const marks = marksOf(now, alarms.value, announced);
  const device = now.find(({ id }) => id === chosen.value);
  const onMark = (id: string) => {
    if (!editing.value && chosen.value === id) navigate(`/devices/${encodeURIComponent(id)}`);
    chosen.value = id;
  };
  return (
    <>
      <Head at={at} plan={plan} devices={devices} onChanged={onChanged} editing={editing} />
      <p role="status" class="note" data-said>{said.value}</p>
      <Refusal error={error.value} />
      {!plan && <p data-plan-none>{p('plan_none')}</p>}
      <div class="plan-columns">
        {plan && (
          <Canvas image={imageOf(plan)} marks={marks} chosen={chosen.value} editing={editing.value} onMark={onMark}
            onPoint={(to) => editing.value && device && void put(device, to)}
            onMoved={(id, to) => {
              const one = now.find((other) => other.id === id);
              if (one) void put(one, to);
            }} />
        )}
        <div class="plan-side">
          {plan && editing.value
            ? <Editor image={imageOf(plan)} devices={now} chosen={chosen} put={put} adopting={asked !== ''} />
            : <MarkList marks={marks} onMark={onMark} />}
        </div>
      </div>
    </>
  );
}

export function PlanPage({ at }: { at: At }) {
  const query = useQuery(() => readFloor(at), [at.estate, at.building, at.floor]);
  return (
    <>
      <a class="back" href="/devices">← {t('devices')}</a>
      <Loaded query={query}>{({ plan, devices }) => <Floor at={at} plan={plan} devices={devices} onChanged={query.refresh} />}</Loaded>
    </>
  );
}
