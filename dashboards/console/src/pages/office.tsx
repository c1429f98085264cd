// The door to the pages that are loaded when somebody goes there: first arrival, my account, and what one administers.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { Loading } from '../parts/states';
import type { Route } from '../state/route';
import type * as Office from './office/all';

export function OfficePage({ at }: { at: Route }) {
  const office = useSignal<typeof Office | null>(null);
  const failed = useSignal(false);
  useEffect(() => {
    import('./office/all').then(
      (pages) => (office.value = pages),
      () => (failed.value = true),
    );
  }, []);
  if (failed.value) {
    return (
      <section class="failure" role="alert">
        <p>{t('page_failed')}</p>
        <button type="button" class="button" onClick={() => location.reload()}>{t('reload')}</button>
      </section>
    );
  }
  if (!office.value) return <Loading />;
  const { OfficeRoute } = office.value;
  return <OfficeRoute at={at} />;
}
