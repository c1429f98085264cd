// The journal of acts: who did what, when, from where. Read, filtered, exported, verified; never changed.
import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { JournalCheck, JournalEntry, JournalReport } from '../../contract';
import { t, word } from '../../i18n';
import { kOfficeWords, o, officeWord } from '../../i18n/office';
import { reasonText } from '../../i18n/said';
import { journalCsv, rest, type JournalQuery } from '../../link/rest';
import { Field, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Empty, Loaded, number, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { keepSearch } from '../../state/route';

const kPage = 100;
// Kinds that are of alarms; the others are the door's (officeWord 'act').
const kAlarmKinds = [
  'raise', 'clear', 'acknowledge', 'unacknowledge', 'verdict', 'reset', 'shelve', 'unshelve', 'silence', 'disable', 'enable',
] as const;

function kindText(kind: string): string {
  const act = officeWord('act', kind);
  return act === kind ? word('event', kind) : act;
}

function whoText({ name, who }: JournalEntry): string {
  if (name) return name;
  const [kind = ''] = who.split(':');
  return kind === 'system' || kind === 'local' ? officeWord('who', kind) : who;
}

// The id of a session is long and says nothing to people: its beginning tells it from others.
function subjectText(subject: string): string {
  return subject.replace(/^(session:[0-9a-f]{8})[0-9a-f]{56}$/, '$1…');
}

function Row({ entry }: { entry: JournalEntry }) {
  const why = reasonText(entry);
  return (
    <tr>
      <td><Time at={entry.at} /></td>
      <td title={entry.who}>{whoText(entry)}{entry.post && ` · ${entry.post}`}</td>
      <td>{entry.address}</td>
      <td><b>{kindText(entry.kind)}</b></td>
      <td title={entry.subject}>
        {entry.alarm ? <a href={`/alarms/${encodeURIComponent(entry.alarm)}`}>{entry.subject || o('journal_of_alarm')}</a> : subjectText(entry.subject)}
      </td>
      <td>
        {(entry.from || entry.to) && <span>{word('state', entry.from)} → {word('state', entry.to)}</span>} {why}
      </td>
    </tr>
  );
}

function Page({ asked, cursor }: { asked: JournalQuery; cursor: string }) {
  const more = useSignal(false);
  const query = useQuery((how) => rest.journal({ ...asked, cursor, limit: kPage }, how), [JSON.stringify(asked), cursor]);
  return (
    <Loaded query={query}>
      {({ entries, next_cursor }) => (
        <>
          {entries.length === 0 && !cursor ? <Empty text={o('journal_empty')} /> : (
            <div class="table-box" role="group" tabIndex={0} aria-label={t('journal')}>
              <table class="journal">
                <thead>
                  <tr>
                    <th>{o('journal_at')}</th><th>{o('journal_who')}</th><th>{o('from_where')}</th><th>{o('journal_kind')}</th>
                    <th>{o('journal_subject')}</th><th>{o('journal_change')}</th>
                  </tr>
                </thead>
                <tbody>{entries.map((one) => <Row key={one.seq} entry={one} />)}</tbody>
              </table>
            </div>
          )}
          {!next_cursor && entries.length > 0 && <p class="note">{o('journal_end')}</p>}
          {next_cursor && !more.value && <button type="button" class="button more" data-act="more" onClick={() => (more.value = true)}>{t('more')}</button>}
          {next_cursor && more.value && <Page key={next_cursor} asked={asked} cursor={next_cursor} />}
        </>
      )}
    </Loaded>
  );
}

function Report({ report }: { report: JournalReport }) {
  if (report.ok) {
    return (
      <div class="strip" role="status" data-report="ok">
        {report.rows === 0 ? o('journal_intact_none')
          : o('journal_intact', { rows: number(report.rows), first: report.first, last: report.last, checkpoints: number(report.checkpoints) })}
        {report.unchained > 0 && ` ${o('journal_unchained', { rows: number(report.unchained) })}`}
      </div>
    );
  }
  return (
    <section class="strip strip-broken" role="alert" data-report="broken">
      <strong>{o('journal_broken')}</strong>
      <ul>
        {report.findings.map((one, index) => (
          <li key={index}><b>{officeWord('finding', one.kind)}</b> <span>{o('journal_finding', { text: one.text })}</span></li>
        ))}
      </ul>
      {report.more_findings > 0 && <p>{o('journal_more', { count: number(report.more_findings) })}</p>}
    </section>
  );
}

const kAskAgain = 1_000; // ms between two questions how far the check is

// A large journal takes minutes: the gateway checks by itself, and is asked how far it is. Who leaves the page and comes back
// joins the check that runs.
function Verify() {
  const check = useSignal<JournalCheck | null>(null);
  const attempt = useAttempt();
  const here = useRef(true);
  useEffect(() => () => void (here.current = false), []);
  const verify = () => attempt.run(async () => {
    check.value = null;
    check.value = await rest.verifyJournal();
    while (here.current && check.value.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, kAskAgain));
      check.value = await rest.journalCheck();
    }
  });
  const { state, rows = 0, of = 0, report, error } = check.value ?? {};
  return (
    <>
      <button type="button" class="button" data-act="verify" disabled={attempt.busy} onClick={() => void verify()}>
        {attempt.busy ? o('journal_verifying') : o('journal_verify')}
      </button>
      <Refusal error={attempt.error} />
      {state === 'running' && <p role="status">{o('journal_checked', { rows: number(rows), of: number(of) })}</p>}
      {state === 'failed' && <p class="refusal" role="alert">{o('journal_not_checked', { error: error ?? '' })}</p>}
      {report && <Report report={report} />}
    </>
  );
}

// A moment typed as Shanghai's clock shows it, in the API's time; nothing where it is none.
function moment(text: string): string | undefined {
  const at = Date.parse(`${text}:00+08:00`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

const kFilters = ['who', 'kind', 'subject', 'from', 'to'] as const;
const kTypingPause = 300; // ms until what is typed is asked for

export function JournalPage() {
  const first = new URLSearchParams(location.search);
  const who = useSignal(first.get('who') ?? '');
  const kind = useSignal(first.get('kind') ?? '');
  const subject = useSignal(first.get('subject') ?? '');
  const from = useSignal(first.get('from') ?? '');
  const to = useSignal(first.get('to') ?? '');
  const fields = { who, kind, subject, from, to };
  const filter = useSignal(valuesOf(fields));
  useSignalEffect(() => {
    const typed = valuesOf(fields);
    const timer = setTimeout(() => {
      keepSearch('journal', typed);
      filter.value = typed;
    }, kTypingPause);
    return () => clearTimeout(timer);
  });
  const asked = queryOf(filter.value);
  return (
    <>
      <h1 tabIndex={-1}>{t('journal')}</h1>
      <p class="page-text">{o('journal_text')}</p>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <Field label={o('journal_who')} placeholder={o('journal_who_hint')} value={who} name="who" />
        <label class="field">{o('journal_kind')}
          <select name="kind" value={kind.value} onChange={(event) => (kind.value = event.currentTarget.value)}>
            <option value="">{t('all')}</option>
            {[...Object.keys(kOfficeWords.act), ...kAlarmKinds].map((one) => <option key={one} value={one}>{kindText(one)}</option>)}
          </select>
        </label>
        <Field label={o('journal_subject')} placeholder={o('journal_subject_hint')} value={subject} name="subject" />
        <Field label={t('from')} type="datetime-local" value={from} name="from" />
        <Field label={t('to')} type="datetime-local" value={to} name="to" />
      </form>
      <div class="journal-acts">
        <a class="button" href={journalCsv(asked)} download="journal.csv">{o('journal_export')}</a>
        <Verify />
      </div>
      <Page key={JSON.stringify(asked)} asked={asked} cursor="" />
    </>
  );
}

type Filter = Record<(typeof kFilters)[number], string>;
function valuesOf(fields: Record<keyof Filter, Signal<string>>): Filter {
  return Object.fromEntries(kFilters.map((name) => [name, fields[name].value.trim()])) as Filter;
}

// A name by which somebody signs in stands for the person.
function whoAsked(typed: string): string {
  return typed === '' || typed === 'system' || typed.includes(':') ? typed : `user:${typed}`;
}

function queryOf(filter: Filter): JournalQuery {
  const asked: JournalQuery = { who: whoAsked(filter.who), kind: filter.kind, subject: filter.subject };
  const first = moment(filter.from);
  const last = moment(filter.to);
  if (first) asked.from = first;
  if (last) asked.to = last;
  return asked;
}
