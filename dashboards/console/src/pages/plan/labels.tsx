// Labels to print: a QR code of the permanent address of each device's page, with what can be read without a scanner. The browser prints them,
// with its own fonts, or makes a PDF of them.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { DeviceView } from '../../contract';
import { t } from '../../i18n';
import { placeText } from '../../i18n/format';
import { p } from '../../i18n/plan';
import { rest } from '../../link/rest';
import { Loaded, useQuery } from '../../parts/states';
import { labelUrl } from '../../plan/label_url';
import { place } from '../../state/route';
import { Qr } from '../office/qr';

const kPage = 1000;
const kPapers = { a4: 'labels_a4', small: 'labels_small' } as const;
type Paper = keyof typeof kPapers;

async function devicesOf(search: string): Promise<DeviceView[]> {
  const asked = new URLSearchParams(search);
  const one = asked.get('device');
  if (one) return [await rest.device(one)];
  const found: DeviceView[] = [];
  for (let offset = 0; ; offset += kPage) {
    const { devices } = await rest.devices({ estate: asked.get('estate') ?? '', building: asked.get('building') ?? '', limit: kPage, offset });
    found.push(...devices.filter(({ mapped }) => mapped));
    if (devices.length < kPage) return found;
  }
}

function Label({ device }: { device: DeviceView }) {
  return (
    <li class="label" data-label={device.id}>
      <Qr text={labelUrl(location.origin, device.id)} label={device.id} />
      <div>
        <b>{device.name || device.id}</b>
        <span>{placeText(device.place)}</span>
        <code>{device.id}</code>
      </div>
    </li>
  );
}

// The size of the sheet is the page's: it holds while this page is open.
function useSheet(paper: Paper): void {
  useEffect(() => {
    document.documentElement.dataset['paper'] = paper;
    return () => void delete document.documentElement.dataset['paper'];
  }, [paper]);
}

export function LabelsPage() {
  const { search } = place.value;
  const paper = useSignal<Paper>('a4');
  const query = useQuery(() => devicesOf(search), [search]);
  useSheet(paper.value);
  return (
    <>
      <div class="no-print">
        <a class="back" href="/devices">← {t('devices')}</a>
        <div class="page-head"><h1 tabIndex={-1}>{p('labels')}</h1></div>
        <p class="note">{p('labels_text')}</p>
        <label class="field">{p('labels_size')}
          <select name="paper" value={paper.value} onChange={(event) => (paper.value = event.currentTarget.value as Paper)}>
            {Object.entries(kPapers).map(([one, text]) => <option key={one} value={one}>{p(text)}</option>)}
          </select>
        </label>
        <button type="button" class="button primary large" data-act="print" onClick={() => print()}>{p('print')}</button>
      </div>
      <Loaded query={query}>
        {(devices) => (
          <>
            <p class="no-print" data-count>{p('labels_count', { count: devices.length })}</p>
            <ul class={`labels labels-${paper.value}`}>{devices.map((device) => <Label key={device.id} device={device} />)}</ul>
          </>
        )}
      </Loaded>
    </>
  );
}
