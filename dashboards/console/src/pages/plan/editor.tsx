// Placing devices on a plan: one is chosen, then a tap puts it there; a drag, numbers and arrow keys do, too.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { DeviceView } from '../../contract';
import { p } from '../../i18n/plan';
import { onSubmit } from '../../parts/form';
import { movedBy, pointsOf, shareOf, type PlanImage, type Share } from '../../plan/plan_view';

const kSettled = 600; // ms after the last key until it is saved; our choice

type Put = (device: DeviceView, to: Share | null) => Promise<void>;

function Numbers({ device, image, put }: { device: DeviceView; image: PlanImage; put: Put }) {
  const at = device.position ? pointsOf(device.position, image) : null;
  const x = useSignal('');
  const y = useSignal('');
  useEffect(() => {
    x.value = at ? String(at.x) : '';
    y.value = at ? String(at.y) : '';
  }, [device.id, at?.x, at?.y]);
  const to = shareOf(x.value, y.value, image);
  const field = (name: string, label: string, value: Signal<string>, most: number) => (
    <label class="field">{label}
      <input name={name} type="number" min={0} max={most} step={1} required value={value.value} onInput={(event) => (value.value = event.currentTarget.value)} />
    </label>
  );
  return (
    <form class="plan-numbers" data-form="position" onSubmit={onSubmit(() => (to ? put(device, to) : Promise.resolve()))}>
      {field('x', p('position_x'), x, image.width)}
      {field('y', p('position_y'), y, image.height)}
      <button type="submit" class="button" data-act="set-position" disabled={!to}>{p('set_position')}</button>
      {device.position && <button type="button" class="button" data-act="unplace" onClick={() => void put(device, null)}>{p('unplace')}</button>}
    </form>
  );
}

// Arrow keys move what is chosen, wherever the focus is but in a field; saved when the keys rest.
function useArrows(device: DeviceView | undefined, image: PlanImage, put: Put, shown: Signal<Share | null>): void {
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!device?.position || event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
      const to = movedBy(event.key, event.shiftKey, shown.peek() ?? device.position, image);
      if (!to) return;
      event.preventDefault();
      shown.value = to;
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        shown.value = null;
        void put(device, to);
      }, kSettled);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [device?.id, device?.position?.x, device?.position?.y]);
}

function Choices({ devices, legend, chosen }: { devices: readonly DeviceView[]; legend: string; chosen: Signal<string> }) {
  if (devices.length === 0) return null;
  return (
    <fieldset class="picks">
      <legend>{legend}</legend>
      {devices.map(({ id, name }) => (
        <label key={id} class="pick">
          <input type="radio" class="hidden" name="device" value={id} checked={chosen.value === id} onChange={() => (chosen.value = id)} />
          <span>{name || id}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface Props {
  image: PlanImage;
  devices: readonly DeviceView[];
  chosen: Signal<string>;
  put: Put;
  adopting: boolean; // came from the tray, and goes back there
}
export function Editor({ image, devices, chosen, put, adopting }: Props) {
  const device = devices.find(({ id }) => id === chosen.value);
  const moving = useSignal<Share | null>(null);
  useArrows(device, image, put, moving);
  const shown = device && moving.value ? { ...device, position: moving.value } : device;
  return (
    <section class="panel" data-editor>
      <p>{device ? p('tap_where', { name: device.name || device.id }) : p('pick_first')}</p>
      {adopting && device?.position && <a class="button primary large" data-act="next-unmapped" href="/devices/unmapped">{p('next_unmapped')}</a>}
      {shown && <Numbers device={shown} image={image} put={put} />}
      <Choices legend={p('unplaced', { count: devices.filter((one) => !one.position).length })} devices={devices.filter((one) => !one.position)} chosen={chosen} />
      <Choices legend={p('placed', { count: devices.filter((one) => one.position).length })} devices={devices.filter((one) => one.position)} chosen={chosen} />
    </section>
  );
}
