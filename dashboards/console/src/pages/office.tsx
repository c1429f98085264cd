// The door to the pages that are loaded when somebody goes there: first arrival, my account, what one administers, and the rules.
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
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

export const OfficePage = ({ at }: { at: Route }) => <Apart key="office" at={at} load={loadOffice} />;
export const RulesPages = ({ at }: { at: Route }) => <Apart key="rules" at={at} load={loadRules} />;
