// API tokens: keys for programs. The secret is shown once.
import { useSignal } from '@preact/signals';
import type { Grant, TokenView } from '../../contract';
import { t } from '../../i18n';
import { o } from '../../i18n/office';
import { rest } from '../../link/rest';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { useDraft } from '../../state/drafts';
import { now } from '../../state/store';
import { Grants, GrantsEditor, useEstates, type Estates } from './grants';
import { Ask, Copyable, type Question } from './parts';
import { Ends } from './session_list';
import { useOnce } from './users';

const kDay = 86_400_000;
const kFirstEnd = 90 * kDay; // offered; our choice
const kLongest = 366 * kDay; // the gateway's limit
const kNoGrants: readonly Grant[] = [];

const dayOf = (at: number) => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10); // as Shanghai counts days

function NewToken({ estates, onMade }: { estates: Estates; onMade: () => void }) {
  const name = useDraft('token/name', '');
  const grants = useDraft<readonly Grant[]>('token/grants', kNoGrants);
  const ends = useSignal(dayOf(now.value + kFirstEnd));
  const secret = useSignal('');
  const once = useOnce();
  const attempt = useAttempt();
  const submit = async () => {
    secret.value = '';
    await attempt.run(async () => {
      const ends_at = new Date(Date.parse(`${ends.value}T23:59:59+08:00`)).toISOString();
      secret.value = (await rest.createToken({ name: name.value.value.trim(), grants: [...grants.value.value], ends_at }, once.key)).secret;
      name.value.value = '';
      grants.value.value = kNoGrants;
      onMade();
    });
    if (attempt.error?.code !== 'unreachable') once.answered();
  };
  return (
    <>
      <form class="panel form" onSubmit={onSubmit(submit)} data-form="new-token">
        <h2>{o('token_create')}</h2>
        <Field label={o('token_name')} value={name.value} required maxLength={60} autocomplete="off" />
        <Field label={o('token_ends')} value={ends} type="date" required min={dayOf(now.value)} max={dayOf(now.value + kLongest)} />
        <GrantsEditor value={grants.value} estates={estates} />
        <Refusal error={attempt.error} />
        <button type="submit" class="button primary" disabled={attempt.busy}>{o('token_create')}</button>
      </form>
      {secret.value && (
        <section class="panel once" data-secret role="status">
          <h2>{o('token_created')}</h2>
          <Copyable text={secret.value} label={o('token_created')} />
        </section>
      )}
    </>
  );
}

function Row({ token, estates, onDrop }: { token: TokenView; estates: Estates; onDrop: () => void }) {
  const over = token.ends_at !== null && Date.parse(token.ends_at) <= now.value;
  return (
    <li>
      <div class="card-main">
        <strong>{token.name}</strong>
        <span class="card-label">{token.id} · {token.user}</span>
        {over && <span class="mark strong">{o('token_ended')}</span>}
      </div>
      <Grants grants={token.grants} estates={estates} />
      <dl class="card-facts">
        <div><dt>{o('created')}</dt><dd><Time at={token.created_at} short /></dd></div>
        <div><dt>{o('used')}</dt><dd><Time at={token.used_at} short /></dd></div>
        <div><dt>{o('ends')}</dt><dd><Ends at={token.ends_at} /></dd></div>
      </dl>
      <button type="button" class="button" aria-label={`${o('remove')}: ${token.name}`} onClick={onDrop}>{o('remove')}</button>
    </li>
  );
}

export function TokensPage() {
  const estates = useEstates();
  const query = useQuery((how) => rest.tokens(how), []);
  const question = useSignal<Question | null>(null);
  const drop = (token: TokenView) => (question.value = {
    text: o('token_drop_text', { name: token.name }),
    act: o('remove'),
    run: async () => {
      await rest.dropToken(token.id);
      query.retry();
    },
  });
  return (
    <>
      <h1 tabIndex={-1}>{t('tokens')}</h1>
      <p class="page-text">{o('tokens_text')}</p>
      <div class="columns">
        <div>
          <Loaded query={query}>
            {({ tokens }) => (
              <section class="panel">
                {tokens.length === 0 && <p>{o('none_yet')}</p>}
                <ul class="cards">{tokens.map((one) => <Row key={one.id} token={one} estates={estates} onDrop={() => drop(one)} />)}</ul>
              </section>
            )}
          </Loaded>
        </div>
        <div><NewToken estates={estates} onMade={query.retry} /></div>
      </div>
      {question.value && <Ask question={question.value} onClose={() => (question.value = null)} />}
    </>
  );
}
