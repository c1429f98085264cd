// The door to the pages that are loaded when somebody goes there: first arrival, my account, what one administers, the rules, and what
// installers do.
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import type { DeviceDetail, Place } from '../contract';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { Loading } from '../parts/states';
import type { Route } from '../state/route';

type Pages = ComponentType<{ at: Route }>;

function Apart({ at, load }: { at: Route; load: () => Promise<Pages> }) {
  const pages = useSignal<{ show: Pages } | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    load().then(
      (show) => (pages.value = { show }),
      () => (failed.value = true),
    );
  }, [load]);
  if (failed.value) {
    return (
      <section class="failure" role="alert">
        <p>{t('page_failed')}</p>
        <button type="button" class="button" onClick={() => location.reload()}>{t('reload')}</button>
      </section>
    );
  }
  if (!pages.value) return <Loading />;
  const Show = pages.value.show;
  return <Show at={at} />;
}

const loadOffice = async () => (await import('./office/all')).OfficeRoute;
const loadRules = async () => (await import('./rules/all')).RulesRoute;

interface ActsProps {
  device: DeviceDetail;
  onChanged: () => void;
}

// On the page of a device: what was done to it and can be. Where it cannot be loaded, the page is what it was without it.
export function InstallActs({ part, ...props }: ActsProps & { part: 'DeviceActs' | 'DeviceCommands' | 'DeviceRecord' }) {
  const acts = useSignal<{ show: ComponentType<ActsProps> } | null>(null);
  useEffect(() => void import('./install/all').then((pages) => (acts.value = { show: pages[part] }), () => undefined), [part]);
  if (!acts.value) return null;
  const Show = acts.value.show;
  return <Show {...props} />;
}

// The part of a floor's plan around a device, and its photos: beside what a page says without them.
interface PlanProps {
  device: string;
  place: Place;
  offer?: boolean;
}
export function PlanPart(props: PlanProps) {
  const part = useSignal<{ show: ComponentType<PlanProps> } | null>(null);
  useEffect(() => void import('./plan/snippet').then((pages) => (part.value = { show: pages.PlanSnippet }), () => undefined), []);
  return part.value && props.place.floor ? <part.value.show {...props} /> : null;
}
export function PhotosPart({ device }: { device: DeviceDetail }) {
  const part = useSignal<{ show: ComponentType<{ device: DeviceDetail }> } | null>(null);
  useEffect(() => void import('./plan/photos').then((pages) => (part.value = { show: pages.DevicePhotos }), () => undefined), []);
  return part.value && <part.value.show device={device} />;
}

const loadPlan = async () => (await import('./plan/all')).PlanRoute;
export const loadInstall = async () => (await import('./install/all')).InstallRoute;

export const OfficePage = ({ at }: { at: Route }) => <Apart key="office" at={at} load={loadOffice} />;
export const PlanPages = ({ at }: { at: Route }) => <Apart key="plan" at={at} load={loadPlan} />;
export const RulesPages = ({ at }: { at: Route }) => <Apart key="rules" at={at} load={loadRules} />;
export const InstallPages = ({ at }: { at: Route }) => <Apart key="install" at={at} load={loadInstall} />;
