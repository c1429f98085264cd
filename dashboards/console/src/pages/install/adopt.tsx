// The adopt sheet: where it hangs, by one tap a level; what it is and what it is called are filled in. After a save the next room comes first.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { AdoptRequest, DeviceView, UnmappedDevice } from '../../contract';
import { t, word } from '../../i18n';
import { i } from '../../i18n/install';
import { rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Loaded } from '../../parts/states';
import { freeName, nameStem } from '../../state/device_names';
import { kCalled, kKinds, type Kind } from '../../state/kinds';
import { keepPlace, lastPlace } from '../../state/last_place';
import { neighbours, readNeighbours, takenNames } from '../../state/neighbours';
import { act } from '../../state/outbox_desk';
import { jobs } from '../../state/outbox_view';
import { cleaned, nameAt, nextRoom, treeOf, type Choice } from '../../state/places';
import { language } from '../../state/settings';
import { EntryFacts, Suggestion } from './tray';
import { FieldRefusal, type KeptQuery } from './parts';
import { PlaceChoice } from './place_choice';

type Tree = ReturnType<typeof treeOf>;
type Estates = Awaited<ReturnType<typeof rest.estates>>;

export interface Adopted {
  id: string | null; // null: it waits to be sent
  name: string;
  place: Choice; // where it was put
}

export const shortKind = (kind: string): string => kCalled[kind as Kind]?.short[language.value === 'zh' ? 0 : 1] ?? kind;

export function useNeighbours({ estate, building }: Choice): readonly DeviceView[] {
  useEffect(() => {
    if (estate !== '' && building !== '') void readNeighbours(estate, building).catch(() => undefined); // what was read before stays
  }, [estate, building]);
  return neighbours(estate, building);
}

function madeName(tree: Tree, choice: Choice, kind: string, taken: ReadonlySet<string>): string {
  const at = (level: keyof Choice) => nameAt(tree, choice, level);
  const stem = nameStem({ building: at('building'), floor: at('floor'), zone: at('zone'), location: at('location'), kind: shortKind(kind) });
  return freeName(stem, taken);
}

// Without what is left empty: the gateway fills that in.
function requestOf(choice: Choice, more: { kind: string; name: string; model: string; note: string }): AdoptRequest {
  const given = Object.entries({ ...choice, ...more }).filter(([, value]) => value.trim() !== '').map(([name, value]) => [name, value.trim()]);
  return Object.fromEntries(given) as AdoptRequest;
}

export function KindField({ value }: { value: Signal<string> }) {
  return (
    <label class="field">{t('kind')}
      <select name="kind" required value={value.value} onChange={(event) => (value.value = event.currentTarget.value)}>
        {value.value === '' && <option value="">—</option>}
        {kKinds.map((kind) => <option key={kind} value={kind}>{word('kind', kind)}</option>)}
      </select>
    </label>
  );
}

interface SheetProps {
  entry: UnmappedDevice;
  tree: Tree;
  onDone: (adopted: Adopted) => void;
  onClose: () => void;
}
function Sheet({ entry, tree, onDone, onClose }: SheetProps) {
  const last = cleaned(tree, lastPlace());
  const next = nextRoom(tree, last);
  const choice = useSignal<Choice>(next ?? last);
  const kind = useSignal<string>(entry.suggestion?.kind ?? '');
  const typed = useSignal<string | null>(null); // null: the name is made
  const model = useSignal(entry.suggestion?.model ?? '');
  const note = useSignal('');
  const attempt = useAttempt();
  const known = useNeighbours(choice.value);
  const name = typed.value ?? (kind.value === '' ? '' : madeName(tree, choice.value, kind.value, takenNames(known, jobs.value)));
  const save = async () => {
    const body = requestOf(choice.value, { kind: kind.value, name, model: model.value, note: note.value });
    let adopted: Adopted | null = null;
    await attempt.run(async () => {
      const done = await act({ kind: 'adopt', entry: entry.key, address: entry.address, body });
      if (done.how === 'refused') throw done.error;
      adopted = { id: done.how === 'done' ? (done.answer as DeviceView).id : null, name, place: choice.value };
    });
    if (!adopted) return;
    keepPlace(choice.value);
    onDone(adopted);
  };
  return (
    <form class="sheet" onSubmit={onSubmit(save)} data-form="adopt">
      <div class="sheet-body">
        <Suggestion entry={entry} />
        <EntryFacts entry={entry} />
        {next && choice.value.zone === next.zone && <p class="note">{i('adopt_next')}</p>}
        <PlaceChoice tree={tree} choice={choice.value} known={known} onChoose={(to) => (choice.value = to)} />
        <KindField value={kind} />
        <details>
          <summary>{i('more_fields')}</summary>
          <Field label={t('model')} value={model} name="model" maxLength={80} autocomplete="off" />
          <Field label={i('note')} value={note} name="note" maxLength={300} autocomplete="off" />
        </details>
        <FieldRefusal error={attempt.error} />
      </div>
      <div class="sheet-foot">
        <label class="field grow">{i('device_name')}
          <input name="name" value={name} maxLength={80} autocomplete="off" onInput={(event) => (typed.value = event.currentTarget.value)} />
        </label>
        <div class="sheet-acts">
          <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
          <button type="submit" class="button primary large" data-act="save" disabled={attempt.busy || kind.value === '' || choice.value.building === ''}>
            {i('adopt_save')}
          </button>
        </div>
      </div>
    </form>
  );
}

interface AdoptProps {
  entry: UnmappedDevice;
  estates: KeptQuery<Estates>;
  onDone: (adopted: Adopted) => void;
  onClose: () => void;
}
export function AdoptSheet({ entry, estates, onDone, onClose }: AdoptProps) {
  return (
    <Dialog title={i('adopt_title', { address: entry.address })} onClose={onClose}>
      <Loaded query={estates}>
        {(answer) => <Sheet entry={entry} tree={treeOf(answer.estates)} onDone={onDone} onClose={onClose} />}
      </Loaded>
    </Dialog>
  );
}
