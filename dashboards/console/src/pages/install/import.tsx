// A table of devices: chosen, its columns named where they are not ours, checked, every problem at its cell, imported whole, undone.
import { useSignal, useSignalEffect } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { ImportResult } from '../../contract';

import { t } from '../../i18n';
import { i, installWord } from '../../i18n/install';
import { rest } from '../../link/rest';
import { Refusal } from '../../parts/refusal';
import { useAttempt } from '../../parts/form';
import { number } from '../../parts/states';
import { convert, guessed, headingRow, isOurs, kNeeded, rememberedOf, type ColumnMap, type Meaning } from '../../state/columns';
import { parseCsv, textOf, writeCsv, type Rows } from '../../state/csv';
import { kindOf } from '../../state/kinds';
import { keepColumns, keepImport, lastImport, rememberedColumns } from '../../state/last_place';
import { treeOf } from '../../state/places';
import { language } from '../../state/settings';
import { isXlsx, readXlsx, SheetError } from '../../state/xlsx';
import { en } from '../../i18n/en';
import { zh } from '../../i18n/zh';
import { shortKind } from './adopt';
import { Frame } from './frame';
import { ColumnFields } from './import_columns';
import { Problems, Undo } from './import_result';
import { useOnce } from './once';
import { refusalsOf, useKeptQuery } from './parts';

interface Sheet {
  name: string; // of the file
  rows: Rows;
  heading: number; // row of the headings, -1: none was found
  map: ColumnMap;
}

async function readSheet(file: File): Promise<Sheet> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const rows = isXlsx(bytes) ? readXlsx(bytes) : parseCsv(textOf(bytes));
  const heading = headingRow(rows);
  return { name: file.name, rows, heading, map: guessed(rows[heading] ?? [], rememberedColumns()) };
}

const kWords = { zh: zh.words.kind as Record<string, string>, en: en.words.kind as Record<string, string> };

function useMeaning(): Meaning {
  const { data } = useKeptQuery('estates', rest.estates, []);
  return useMemo(() => ({
    tree: treeOf(data?.estates ?? []),
    kind: (text) => kindOf(text, (kind) => [kWords.zh[kind] ?? '', kWords.en[kind] ?? '']),
    kindShort: shortKind,
    taken: new Set<string>(),
  }), [data, language.value]);
}

// It can be undone also when this page has been left.
function kept(result: ImportResult): ImportResult {
  if (result.import !== null) keepImport({ no: result.import, added: result.added, changed: result.changed });
  return result;
}

function missing(map: ColumnMap): string[] {
  return kNeeded.filter((column) => {
    const from = map[column];
    return !from || ('always' in from && from.always.trim() === '');
  });
}

function FileField({ onSheet, onFault }: { onSheet: (sheet: Sheet) => void; onFault: (fault: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const take = async (file: File | undefined) => {
    if (!file) return;
    try {
      const sheet = await readSheet(file);
      if (sheet.heading < 0) onFault(i('import_no_heading'));
      else if (sheet.rows.length <= sheet.heading + 1) onFault(i('import_empty'));
      else onSheet(sheet);
    } catch (error) {
      onFault(error instanceof SheetError ? installWord('sheet_fault', error.fault) : installWord('sheet_fault', 'not_xlsx'));
    }
    if (input.current) input.current.value = ''; // the same file, mended, can be chosen again
  };
  return (
    <label class="button primary file-field">
      {i('import_file')}
      <input ref={input} type="file" class="hidden" name="file" accept=".csv,.xlsx,text/csv" onChange={(event) => void take(event.currentTarget.files?.[0])} />
    </label>
  );
}

interface CheckProps {
  sheet: Sheet;
  meaning: Meaning;
  onDone: () => void;
}
function Check({ sheet, meaning, onDone }: CheckProps) {
  const map = useSignal(sheet.map);
  const checked = useSignal<ImportResult | null>(null);
  const done = useSignal<ImportResult | null>(null);
  const attempt = useAttempt();
  const once = useOnce();
  const headings = sheet.rows[sheet.heading]!;
  const ours = isOurs(headings);
  useSignalEffect(() => {
    void map.value;
    checked.value = null;
    once.answered();
  });
  const made = useMemo(() => convert(sheet.rows, sheet.heading, map.value, meaning), [sheet, map.value, meaning]);
  const run = async (dry: boolean) => {
    done.value = null;
    const fine = await attempt.run(async () => {
      const result = await rest.importDevices(writeCsv(made.rows), dry, dry ? `${once.key}.dry${Date.now()}` : once.key);
      if (dry) checked.value = result;
      else done.value = kept(result);
    });
    if (!fine || dry) return;
    once.answered();
    checked.value = null;
    keepColumns(rememberedOf(headings, map.value));
    onDone();
  };
  const problems = checked.value?.problems ?? refusalsOf(attempt.error).problems ?? [];
  const needed = missing(map.value);
  return (
    <>
      <section class="panel" data-sheet>
        <p><b>{i('import_rows', { rows: number(made.rows.length - 1), name: sheet.name })}</b></p>
        {!ours && <ColumnFields rows={sheet.rows} heading={sheet.heading} map={map.value} meaning={meaning} onChange={(next) => (map.value = next)} />}
        {needed.length > 0 && <p role="status" data-needed>{i('import_missing', { columns: needed.map((one) => installWord('column', one)).join('、') })}</p>}
        <div class="journal-acts">
          <button type="button" class="button" data-act="check" disabled={attempt.busy || needed.length > 0} onClick={() => void run(true)}>{i('import_check')}</button>
          <button type="button" class="button primary" data-act="import" disabled={attempt.busy || checked.value === null || problems.length > 0} onClick={() => void run(false)}>
            {i('import_do')}
          </button>
        </div>
        {checked.value && problems.length === 0 && (
          <p role="status" data-checked>✓ {i('import_result', { added: checked.value.added, changed: checked.value.changed, unchanged: checked.value.unchanged })}</p>
        )}
        {problems.length === 0 && <Refusal error={attempt.error} />}
        {done.value && <p role="status" data-imported={done.value.import ?? ''}>✓ {i('import_done', { added: done.value.added, changed: done.value.changed })}</p>}
      </section>
      {problems.length > 0 && <Problems problems={problems} converted={made} map={map.value} />}
    </>
  );
}

export function ImportPage() {
  const sheet = useSignal<Sheet | null>(null);
  const fault = useSignal('');
  const last = useSignal(lastImport());
  const meaning = useMeaning();
  return (
    <Frame here="import" title={t('import')}>
      <p class="note">{i('import_text')}</p>
      <div class="journal-acts">
        <FileField onFault={(said) => {
          fault.value = said;
          sheet.value = null;
        }} onSheet={(next) => {
          fault.value = '';
          sheet.value = next;
        }} />
        <a class="button" href="/api/v1/devices.csv" download="devices.csv">{i('import_export')}</a>
      </div>
      {fault.value !== '' && <p class="refusal" role="alert" data-fault>{fault.value}</p>}
      {sheet.value && <Check key={`${sheet.value.name}/${sheet.value.rows.length}`} sheet={sheet.value} meaning={meaning} onDone={() => (last.value = lastImport())} />}
      {last.value && <Undo key={last.value.no} last={last.value} />}
    </Frame>
  );
}

