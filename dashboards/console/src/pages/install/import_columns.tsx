// Which column of a sheet is which of ours, or the same value in every row; with what stands in it, so that one sees what one does.
import { t, word } from '../../i18n';
import { i, installWord } from '../../i18n/install';
import { headingKey, kColumns, type Column, type ColumnMap, type From, type Meaning } from '../../state/columns';
import { columnName, type Rows } from '../../state/csv';
import { kKinds } from '../../state/kinds';

const kMade: readonly Column[] = ['id', 'name'];
const kFormats = ['native', 'zigbee2mqtt', 'chirpstack', 'tasmota', 'shelly', 'homeassistant', 'gb26875']; // suggestions; the gateway judges

interface Props {
  rows: Rows;
  heading: number;
  map: ColumnMap;
  meaning: Meaning;
  onChange: (map: ColumnMap) => void;
}

function without(map: ColumnMap, column: Column): ColumnMap {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name !== column)) as ColumnMap;
}

function codeOf(from: From | undefined): string {
  if (!from) return '';
  return 'always' in from ? 'always' : String(from.column);
}

function exampleOf(rows: Rows, heading: number, column: number): string {
  return rows.slice(heading + 1).map((row) => row[column] ?? '').find((cell) => cell.trim() !== '') ?? '';
}

// What may stand in every row: of kinds and estates those that there are.
function Always({ column, value, meaning, onChange }: { column: Column; value: string; meaning: Meaning; onChange: (value: string) => void }) {
  const label = i('import_value', { column: installWord('column', column) });
  const options = column === 'kind' ? kKinds.map((kind) => ({ id: kind as string, name: word('kind', kind) })) : column === 'estate' ? meaning.tree : null;
  if (options) {
    return (
      <select aria-label={label} name={`always-${column}`} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">—</option>
        {options.map(({ id, name }) => <option key={id} value={id}>{name || id}</option>)}
      </select>
    );
  }
  return (
    <input aria-label={label} name={`always-${column}`} value={value} maxLength={80} autocomplete="off" list={column === 'format' ? 'formats' : undefined}
      onInput={(event) => onChange(event.currentTarget.value)} />
  );
}

export function ColumnFields({ rows, heading, map, meaning, onChange }: Props) {
  const headings = rows[heading]!;
  const choose = (column: Column, code: string) => {
    if (code === '') onChange(without(map, column));
    else if (code === 'always') onChange({ ...map, [column]: { always: '' } });
    else onChange({ ...map, [column]: { column: Number(code) } });
  };
  return (
    <fieldset class="columns-of">
      <legend>{i('import_columns')}</legend>
      <p class="note">{i('import_columns_text')}</p>
      <datalist id="formats">{kFormats.map((one) => <option key={one} value={one} />)}</datalist>
      {kColumns.map((column) => {
        const from = map[column];
        return (
          <div key={column} class="column-row" data-column={column}>
            <label class="field">{installWord('column', column)}
              <select name={`column-${column}`} value={codeOf(from)} onChange={(event) => choose(column, event.currentTarget.value)}>
                <option value="">{i(kMade.includes(column) ? 'import_made' : 'import_not_there')}</option>
                {headings.map((said, at) => headingKey(said) !== '' && <option key={at} value={String(at)}>{columnName(at)} {said}</option>)}
                <option value="always">{i('import_always')}</option>
              </select>
            </label>
            <div class="field column-value">
              {from && 'always' in from && <Always column={column} value={from.always} meaning={meaning} onChange={(value) => onChange({ ...map, [column]: { always: value } })} />}
              {from && 'column' in from && <small>{i('import_example', { text: exampleOf(rows, heading, from.column) || t('none') })}</small>}
            </div>
          </div>
        );
      })}
    </fieldset>
  );
}
