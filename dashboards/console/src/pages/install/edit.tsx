// Name, place and what is known of a device are changed; two who change it at once are shown both versions, field by field. Nothing is merged.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { DevicePatch, DeviceView } from '../../contract';
import { t, word } from '../../i18n';
import { i, installWord } from '../../i18n/install';
import { asApiError, rest, type ApiError, type Tagged } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Failure, Loading } from '../../parts/states';
import { differing, draftOf, kDraftPlace, patchOf, type Draft } from '../../state/device_edit';
import { nameAt, treeOf, type Choice } from '../../state/places';
import { KindField, useNeighbours } from './adopt';
import { FieldRefusal, useKeptQuery } from './parts';
import { PlaceChoice } from './place_choice';

type Tree = ReturnType<typeof treeOf>;

const choiceOf = (draft: Draft): Choice => ({ estate: draft.estate, building: draft.building, floor: draft.floor, zone: draft.zone, location: draft.location });

function shown(tree: Tree, draft: Draft, field: keyof Draft): string {
  if (field === 'kind') return word('kind', draft.kind);
  if ((kDraftPlace as readonly string[]).includes(field)) return nameAt(tree, choiceOf(draft), field as keyof Choice) || draft[field] || '—';
  return draft[field] || '—';
}

interface ConflictProps {
  tree: Tree;
  base: Draft;
  theirs: Draft;
  mine: Draft;
  onTake: () => void;
  onKeep: () => void;
}
function Conflict({ tree, base, theirs, mine, onTake, onKeep }: ConflictProps) {
  const section = useRef<HTMLElement>(null);
  useEffect(() => section.current?.scrollIntoView({ block: 'nearest' }), []);
  const fields = [...new Set([...differing(base, theirs), ...differing(base, mine)])];
  return (
    <section ref={section} class="refusal" role="alert" data-conflict>
      <p><strong>{i('conflict_title')}</strong> {i('conflict_text')}</p>
      <table class="conflict-table">
        <thead><tr><th>{i('conflict_field')}</th><th>{i('conflict_theirs')}</th><th>{i('conflict_mine')}</th></tr></thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field}><th scope="row">{installWord('column', field)}</th><td>{shown(tree, theirs, field)}</td><td>{base[field] === mine[field] ? '—' : shown(tree, mine, field)}</td></tr>
          ))}
        </tbody>
      </table>
      <div class="dialog-acts">
        <button type="button" class="button" data-act="take" onClick={onTake}>{i('conflict_take')}</button>
        <button type="button" class="button" data-act="keep" onClick={onKeep}>{i('conflict_keep')}</button>
      </div>
    </section>
  );
}

interface FormProps {
  found: Tagged<DeviceView>;
  tree: Tree;
  onDone: () => void;
  onClose: () => void;
}
function Form({ found, tree, onDone, onClose }: FormProps) {
  const base = draftOf(found.value);
  const draft = useSignal<Draft>(base);
  const theirs = useSignal<Tagged<DeviceView> | null>(null);
  const attempt = useAttempt();
  const known = useNeighbours(choiceOf(draft.value));
  const field = (name: keyof Draft): Signal<string> => fieldOf(draft, name);
  const save = async (tag: string) => {
    theirs.value = null;
    const patch: DevicePatch = patchOf(base, draft.value);
    if (Object.keys(patch).length === 0) return onClose();
    const done = await attempt.run(() => rest.changeDevice(found.value.id, tag, patch).catch(async (error: unknown) => {
      if (asApiError(error).code === 'precondition_failed') theirs.value = await rest.taggedDevice(found.value.id);
      throw error;
    }));
    if (!done) return undefined;
    onDone();
    return onClose();
  };
  return (
    <form onSubmit={onSubmit(() => save(found.tag))} data-form="edit">
      <Field label={i('device_name')} value={field('name')} name="name" maxLength={80} autocomplete="off" />
      <PlaceChoice tree={tree} choice={choiceOf(draft.value)} known={known} onChoose={(to) => (draft.value = { ...draft.value, ...to })} />
      <KindField value={field('kind')} />
      <Field label={t('model')} value={field('model')} name="model" maxLength={80} autocomplete="off" />
      <Field label={i('note')} value={field('note')} name="note" maxLength={300} autocomplete="off" />
      <Field label={i('expected_life_years')} value={field('expected_life_years')} name="life" inputMode="numeric" pattern="[1-9][0-9]?" autocomplete="off" />
      <Field label={i('calibrated_at')} value={field('calibrated_at')} name="calibrated" type="date" />
      {theirs.value ? (
        <Conflict tree={tree} base={base} theirs={draftOf(theirs.value.value)} mine={draft.value} onTake={() => {
          onDone();
          onClose();
        }} onKeep={() => void save(theirs.value!.tag)} />
      ) : <FieldRefusal error={attempt.error} />}
      <div class="dialog-acts">
        <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
        <button type="submit" class="button primary" data-act="save" disabled={attempt.busy || theirs.value !== null}>{i('adopt_save')}</button>
      </div>
    </form>
  );
}

// One field of the draft as a signal, as fields want it.
function fieldOf(draft: Signal<Draft>, name: keyof Draft): Signal<string> {
  return {
    get value() {
      return draft.value[name];
    },
    set value(next: string) {
      draft.value = { ...draft.value, [name]: next };
    },
  } as Signal<string>;
}

export function EditDialog({ id, onDone, onClose }: { id: string; onDone: () => void; onClose: () => void }) {
  const found = useSignal<Tagged<DeviceView> | null>(null);
  const error = useSignal<ApiError | null>(null);
  const estates = useKeptQuery('estates', rest.estates, []);
  useEffect(() => {
    rest.taggedDevice(id).then((device) => (found.value = device), (failure: unknown) => (error.value = asApiError(failure)));
  }, [id]);
  return (
    <Dialog title={i('edit_title', { name: found.value?.value.name || id })} onClose={onClose}>
      {error.value && <Failure error={error.value} />}
      {found.value && estates.data ? (
        <Form found={found.value} tree={treeOf(estates.data.estates)} onDone={onDone} onClose={onClose} />
      ) : !error.value && <Loading />}
    </Dialog>
  );
}

