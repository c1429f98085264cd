// All sessions: who is signed in where; any can be ended.
import { useSignal } from '@preact/signals';
import type { SessionRow } from '../../contract';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { rest } from '../../link/rest';
import { Loaded, useQuery } from '../../parts/states';
import { Ask, type Question } from './parts';
import { SessionList } from './session_list';

export function SessionsPage() {
  const query = useQuery((how) => rest.sessions(how), []);
  const question = useSignal<Question | null>(null);
  const end = (one: SessionRow) => {
    question.value = {
      text: o('session_end_text', { who: one.user || one.label }),
      act: o('session_end'),
      run: async () => {
        await rest.endSession(one.id);
        query.retry();
      },
    };
  };
  return (
    <>
      <h1 tabIndex={-1}>{t('sessions')}</h1>
      <p class="page-text">{o('sessions_text')}</p>
      <Loaded query={query}>
        {({ sessions }) => <section class="panel"><SessionList sessions={sessions} whose act={() => o('session_end')} onEnd={end} /></section>}
      </Loaded>
      {question.value && <Ask question={question.value} onClose={() => (question.value = null)} />}
    </>
  );
}
