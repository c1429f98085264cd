// What the gateway said to a table: every problem at the cell of the sheet that it came from; and the way back from an import.
import { useSignal } from '@preact/signals';
import type { ImportProblem } from '../../contract';
import { i, installWord } from '../../i18n/install';
import { asApiError, rest } from '../../link/rest';
import { useAttempt } from '../../parts/form';
import { number } from '../../parts/states';
import { cellOf, type ColumnMap, type Converted } from '../../state/columns';
import { keepImport, type LastImport } from '../../state/last_place';
import { useOnce } from './once';
import { FieldRefusal } from './parts';

const kShown = 500; // rows; more is mended in turns

interface Props {
  problems: readonly ImportProblem[];
  converted: Converted;
  map: ColumnMap;
}
export function Problems({ problems, converted, map }: Props) {
  const columnText = (problem: ImportProblem) => {
    const cell = cellOf(problem, converted, map);
    const named = problem.column === null ? '' : installWord('column', problem.column);
    return { row: cell.row, column: [cell.column, named].filter((one) => one !== '').join(' ') || '—' };
  };
  return (
    <section class="panel" data-problems={problems.length}>
      <p role="alert"><b>! {i('import_problems', { count: number(problems.length) })}</b></p>
      <div class="table-box" role="group" tabIndex={0} aria-label={i('import_found')}>
        <table class="import-problems">
          <thead><tr><th>{i('import_row')}</th><th>{i('import_column')}</th><th>{i('import_found')}</th><th>{i('import_expected')}</th></tr></thead>
          <tbody>
            {problems.slice(0, kShown).map((problem, index) => {
              const { row, column } = columnText(problem);
              return <tr key={index} data-row={row}><td>{row}</td><td class="nowrap">{column}</td><td>{problem.found}</td><td>{problem.expected}</td></tr>;
            })}
          </tbody>
        </table>
      </div>
      {problems.length > kShown && <p class="note">{i('import_more', { count: number(problems.length - kShown) })}</p>}
    </section>
  );
}

export function Undo({ last }: { last: LastImport }) {
  const attempt = useAttempt();
  const once = useOnce();
  const undone = useSignal<{ removed: number; changed_back: number } | null>(null);
  const run = () => attempt.run(async () => {
    try {
      undone.value = await rest.undoImport(last.no, once.key);
      once.answered();
      keepImport(null);
    } catch (error) {
      once.after(asApiError(error));
      throw error;
    }
  });
  if (undone.value) return <p class="strip" role="status" data-undone>{i('import_undone', { removed: undone.value.removed, back: undone.value.changed_back })}</p>;
  return (
    <section class="panel form">
      <p>{i('import_undo_text', { added: number(last.added), changed: number(last.changed) })}</p>
      <FieldRefusal error={attempt.error} />
      <button type="button" class="button" data-act="undo" disabled={attempt.busy} onClick={() => void run()}>{i('import_undo')}</button>
    </section>
  );
}
