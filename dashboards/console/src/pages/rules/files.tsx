// All files: edited whole, made and removed.
import { useSignal, useSignalEffect } from '@preact/signals';
import { t } from '../../i18n';
import { r } from '../../i18n/rules';
import { Field, onSubmit } from '../../parts/form';
import { keepSearch } from '../../state/route';
import { isFileName, names } from '../../state/rule_edits';
import { Editor } from './editor';
import { Workshop, type Shop } from './workshop';

function NewFile({ shop, onMade }: { shop: Shop; onMade: (name: string) => void }) {
  const name = useSignal('');
  const make = () => {
    const wanted = name.value.trim();
    if (!isFileName(wanted)) return;
    if (shop.text(wanted) === null) shop.edit(wanted, 'rules:\n');
    name.value = '';
    onMade(wanted);
  };
  return (
    <form class="new-file" onSubmit={onSubmit(make)} data-form="new-file">
      <Field label={r('file_new')} hint={r('file_new_hint')} value={name} name="file" required pattern="[^.\/][^\/]{0,94}\.yaml" maxLength={100} autocomplete="off" />
      <button type="submit" class="button">{r('file_add')}</button>
    </form>
  );
}

function Files({ shop }: { shop: Shop }) {
  const all = names(shop.files.files, shop.edits);
  const chosen = useSignal(new URLSearchParams(location.search).get('file') ?? '');
  useSignalEffect(() => {
    keepSearch('rules', { view: 'files', file: chosen.value });
  });
  const name = all.includes(chosen.value) ? chosen.value : (all[0] ?? '');
  const text = shop.text(name);
  const problems = shop.checked.check?.problems ?? [];
  const elsewhere = problems.filter((one) => one.file !== name);
  return (
    <section class="panel rule-files">
      <div class="file-choice">
        <label class="field">{r('file')}
          <select name="file" value={name} onChange={(event) => (chosen.value = event.currentTarget.value)}>
            {all.map((one) => <option key={one} value={one}>{one}{one in shop.patch ? ` · ${r('file_changed')}` : ''}</option>)}
          </select>
        </label>
        {shop.mayTry && text !== null && <button type="button" class="button" data-act="remove-file" onClick={() => shop.edit(name, null)}>{r('file_remove')}</button>}
        {shop.mayTry && <NewFile shop={shop} onMade={(made) => (chosen.value = made)} />}
      </div>
      {elsewhere.length > 0 && (
        <ul class="problems" data-problems-elsewhere>
          {elsewhere.map((one, index) => (
            <li key={index}>
              <button type="button" class="button" onClick={() => (chosen.value = one.file)}>{r('problem_at', { file: one.file, line: one.line, column: one.column })}</button>
              <span><code>{one.code}</code> {one.message}</span>
            </li>
          ))}
        </ul>
      )}
      {name === '' && <p>{t('none')}</p>}
      {name !== '' && text === null && (
        <p class="strip">{r('file_removed')} <button type="button" class="button" onClick={() => shop.edit(name, shop.files.files.find((one) => one.name === name)?.text ?? 'rules:\n')}>{r('file_restore')}</button></p>
      )}
      {text !== null && name !== '' && (
        <Editor key={name} name={name} text={text} problems={problems.filter((one) => one.file === name)} readOnly={!shop.mayTry} onText={(next) => shop.edit(name, next)} />
      )}
    </section>
  );
}

export function FilesView() {
  return (
    <>
      <p class="note phone-only">{r('phone_only_looks')}</p>
      <Workshop>{(shop) => <Files shop={shop} />}</Workshop>
    </>
  );
}
