// The limits, delays and classes of one rule as fields. Each change goes into the text of the file at once; what is not yet a number or a
// duration stays in its field.
import { useRef } from 'preact/hooks';
import { t, word } from '../../i18n';
import { r, ruleWord } from '../../i18n/rules';
import { kBackground, rest } from '../../link/rest';
import { useQuery } from '../../parts/states';
import { fits, rulesIn, withField, type RuleField, type RulesInText } from '../../state/rule_yaml';

function labelOf({ key, of, step, path }: RuleField): string {
  const said = ruleWord('field', key);
  const about = path.startsWith('overrides.') ? r('form_exception', { where: of }) : of === '' ? '' : word('point', of);
  return [step > 0 ? r('step', { step }) : '', about, said].filter((part) => part !== '').join(' · ');
}

interface FieldProps {
  field: RuleField;
  classes: readonly string[];
  onValue: (value: string) => void;
}
function Field({ field, classes, onValue }: FieldProps) {
  const { kind, value } = field;
  const label = labelOf(field);
  if (kind === 'class') {
    return (
      <label class="field">{label}
        <select data-field={field.path} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {[...new Set([value, ...classes])].map((one) => <option key={one} value={one}>{word('class', one)}</option>)}
        </select>
      </label>
    );
  }
  const number = kind === 'number';
  return (
    <label class="field">{label}
      <input data-field={field.path} value={value} inputMode={number ? 'decimal' : 'text'} placeholder={value === '' ? r('form_none') : ''} autocomplete="off"
        pattern={number ? '-?[0-9]{1,12}(\\.[0-9]{1,9})?' : '[0-9]{1,9}(ms|s|min|h|d)'} title={number ? r('number_hint') : r('duration_hint')}
        onInput={(event) => fits(kind, event.currentTarget.value.trim()) && onValue(event.currentTarget.value.trim())} />
    </label>
  );
}

// Read anew where the text is another.
export function useRulesIn(text: string): RulesInText {
  const kept = useRef<{ text: string; read: RulesInText } | null>(null);
  if (kept.current?.text !== text) kept.current = { text, read: rulesIn(text) };
  return kept.current.read;
}

interface RuleFormProps {
  id: string;
  text: string;
  onText: (text: string) => void;
}
export function RuleForm({ id, text, onText }: RuleFormProps) {
  const classes = useQuery(() => rest.classes(kBackground), []);
  const { rules, broken } = useRulesIn(text);
  const rule = rules.find((one) => one.id === id);
  if (broken) return <p class="strip" role="status" data-broken>{r('form_broken', { line: broken.line, message: broken.message })}</p>;
  if (!rule) return <p class="strip" role="status">{r('form_gone')}</p>;
  return (
    <form class="rule-form" data-form="rule" onSubmit={(event) => event.preventDefault()}>
      <p class="note">{r('form_text')}</p>
      {rule.fields.map((field) => (
        <Field key={field.path} field={field} classes={classes.data?.map((one) => one.class) ?? []} onValue={(value) => onText(withField(text, field, value))} />
      ))}
      {rule.fields.length === 0 && <p>{t('none')}</p>}
    </form>
  );
}
