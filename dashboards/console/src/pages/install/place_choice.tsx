// Building, floor, zone and spot by one tap each: what is chosen stands in a line, below it the level to choose next. Used for adopting and for
// moving; how many stand there already is counted.
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { DeviceView } from '../../contract';
import { t } from '../../i18n';
import { i } from '../../i18n/install';
import { chosen, kLevels, nameAt, offered, standing, type Choice, type Level, type treeOf } from '../../state/places';

type Tree = ReturnType<typeof treeOf>;
const kOptional: readonly Level[] = ['floor', 'zone', 'location'];

interface Props {
  tree: Tree;
  choice: Choice;
  known: readonly DeviceView[]; // devices of the building
  onChoose: (choice: Choice) => void;
}

// A level is shown when the one above is chosen, and where there is something to choose.
function isShown(tree: Tree, choice: Choice, level: Level): boolean {
  const count = offered(tree, choice, level).length;
  return level === 'estate' ? count > 1 : count > 0;
}

function LevelChips({ tree, choice, known, onChoose, level }: Props & { level: Level }) {
  const counts = standing(known, choice, level);
  const options = offered(tree, choice, level).map(({ id, name }) => {
    const count = counts.get(id) ?? 0;
    return { id, name: name || id, more: count > 0 ? i('adopt_there', { count }) : '' };
  });
  const none = kOptional.includes(level) && choice[level] !== '' ? [{ id: '', name: i('adopt_spot'), more: '' }] : [];
  return (
    <fieldset class="picks" data-chips={level}>
      <legend>{t(level)}</legend>
      {[...options, ...none].map(({ id, name, more }) => (
        <button key={id} type="button" class="button" value={id} aria-pressed={id === choice[level]} onClick={() => onChoose(chosen(tree, choice, level, id))}>
          {name}{more !== '' && <small>{more}</small>}
        </button>
      ))}
    </fieldset>
  );
}

export function PlaceChoice(props: Props) {
  const { tree, choice, onChoose } = props;
  const opened = useSignal<Level | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const moved = useRef(false); // a level was chosen: who uses the keyboard goes on at the next one
  const levels = kLevels.filter((level) => isShown(tree, choice, level));
  const active = opened.value ?? levels.find((level) => choice[level] === '') ?? null;
  useLayoutEffect(() => {
    if (moved.current) box.current?.querySelector<HTMLElement>(active ? '.picks button' : '.way button:last-child')?.focus({ preventScroll: true });
    moved.current = false;
  }, [choice]);
  if (tree.length === 0) return <p class="note">{i('adopt_none')}</p>;
  return (
    <div ref={box}>
      <div class="way" data-way>
        {levels.filter((level) => choice[level] !== '').map((level) => {
          const name = nameAt(tree, choice, level) || choice[level];
          return (
            <button key={level} type="button" class="button" data-level={level} aria-expanded={active === level} aria-label={i('adopt_change', { level: t(level), name })}
              onClick={() => (opened.value = active === level ? null : level)}>{name}</button>
          );
        })}
      </div>
      {active && (
        <LevelChips key={active} {...props} level={active} onChoose={(to) => {
          opened.value = null;
          moved.current = true;
          onChoose(to);
        }} />
      )}
    </div>
  );
}
