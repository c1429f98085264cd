// The text of a file with its line numbers, and what the checker says to it where it says it. A plain textarea over a copy of its text: the copy
// carries the marks and the messages, and both scroll as one.
import { useEffect, useRef } from 'preact/hooks';
import type { ConfigProblem } from '../../contract';
import { r } from '../../i18n/rules';

export interface EditorProps {
  name: string;
  text: string;
  problems: readonly ConfigProblem[];
  readOnly: boolean;
  onText: (text: string) => void;
  focus?: { line: number; lastLine: number }; // brought into view when the editor opens, and marked
}

function offsetOf(lines: readonly string[], line: number, column: number): number {
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return before + Math.min(Math.max(0, column - 1), lines[line - 1]?.length ?? 0);
}

// The mark covers the word at the place, or the last character of a line that ends before it.
function Marked({ text, column }: { text: string; column: number }) {
  const start = Math.min(Math.max(0, column - 1), Math.max(0, text.length - 1));
  const length = Math.max(1, /^[\w.-]*/.exec(text.slice(start))![0].length);
  return <>{text.slice(0, start)}<mark>{text.slice(start, start + length) || ' '}</mark>{text.slice(start + length)}</>;
}

interface LineProps {
  text: string;
  problems: readonly ConfigProblem[] | undefined;
  lit: boolean;
}
function Line({ text, problems, lit }: LineProps) {
  return (
    <div class={`code-line ${problems ? 'code-bad' : ''} ${lit ? 'code-lit' : ''}`}>
      {problems ? <Marked text={text} column={problems[0]!.column} /> : text}
      {problems?.map((one, index) => <span key={index} class="code-said">{one.message}</span>)}
      {'\n'}
    </div>
  );
}

export function Editor({ name, text, problems, readOnly, onText, focus }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const lines = text.split('\n');
  const byLine = new Map<number, ConfigProblem[]>();
  for (const one of problems) byLine.set(one.line, [...(byLine.get(one.line) ?? []), one]);
  const show = (line: number) => {
    const at = box.current?.querySelectorAll<HTMLElement>('.code-line')[line - 1];
    if (at && box.current) box.current.scrollTop = at.offsetTop - box.current.clientHeight / 3;
  };
  useEffect(() => {
    if (focus) show(focus.line);
  }, [name]);
  const go = ({ line, column }: ConfigProblem) => {
    const at = offsetOf(lines, line, column);
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(at, at);
    show(line);
  };
  return (
    <div class="editor" data-editor={name}>
      <div class="code" ref={box}>
        <div class="code-numbers" aria-hidden="true">{lines.map((_, index) => <div key={index} class={byLine.has(index + 1) ? 'code-bad' : ''}>{index + 1}</div>)}</div>
        <div class="code-text">
          <pre aria-hidden="true" tabIndex={-1}>
            {lines.map((line, index) => (
              <Line key={index} text={line} problems={byLine.get(index + 1)} lit={focus !== undefined && index + 1 >= focus.line && index + 1 <= focus.lastLine} />
            ))}
          </pre>
          <textarea ref={area} value={text} readOnly={readOnly} rows={lines.length} spellcheck={false} autocapitalize="off" autocomplete="off" wrap="off"
            aria-label={r('editor', { name })} aria-invalid={problems.length > 0} onInput={(event) => onText(event.currentTarget.value)} />
        </div>
      </div>
      {problems.length > 0 && (
        <ul class="problems" data-problems aria-label={r('problems', { count: problems.length })}>
          {problems.map((one, index) => (
            <li key={index}>
              <button type="button" class="button" onClick={() => go(one)}>{r('problem_at', { file: one.file, line: one.line, column: one.column })}</button>
              <span><code>{one.code}</code> {one.message} {one.path && <small class="note">{one.path}</small>}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
