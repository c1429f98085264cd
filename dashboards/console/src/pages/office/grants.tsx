// Roles within estates: told in words, and the editor for them.
import { useSignal, type Signal } from '@preact/signals';
import { kEveryEstate, kRoles, type Grant, type Role } from '../../contract';
import { o, officeWord } from '../../i18n/office';
import { kBackground, rest } from '../../link/rest';
import { useQuery } from '../../parts/states';

export type Estates = ReadonlyMap<string, string>; // names by id

// Those that one may see.
export function useEstates(): Estates {
  const query = useQuery(() => rest.estates(kBackground), []);
  return new Map((query.data?.estates ?? []).map(({ id, name }) => [id, name]));
}

export function estateName(id: string, estates: Estates): string {
  if (id === kEveryEstate) return o('every_estate');
  return estates.get(id) || id;
}

export function grantText(grant: Grant, estates: Estates): string {
  return o('grant_in', { role: officeWord('role', grant.role), estate: estateName(grant.estate, estates) });
}

export function Grants({ grants, estates }: { grants: readonly Grant[]; estates: Estates }) {
  if (grants.length === 0) return <span class="note">{o('grants_none')}</span>;
  return <ul class="grants">{grants.map((one) => <li key={`${one.role}/${one.estate}`} class="mark">{grantText(one, estates)}</li>)}</ul>;
}

export function same(a: Grant, b: Grant): boolean {
  return a.role === b.role && a.estate === b.estate;
}

// An estate, of those known or by its id.
export function EstateSelect({ value, known, label }: { value: Signal<string>; known: Estates; label: string }) {
  const other = useSignal(false);
  const ids = [kEveryEstate, ...known.keys()];
  return (
    <>
      <label class="field">{label}
        <select value={other.value ? '' : value.value} onChange={(event) => {
          other.value = event.currentTarget.value === '';
          value.value = event.currentTarget.value;
        }}>
          {ids.map((id) => <option key={id} value={id}>{estateName(id, known)}</option>)}
          <option value="">{o('other_estate')}</option>
        </select>
      </label>
      {other.value && (
        <label class="field">{o('estate_id')}
          <input required maxLength={64} value={value.value} onInput={(event) => (value.value = event.currentTarget.value.trim())} />
        </label>
      )}
    </>
  );
}

export interface GrantsEditorProps {
  value: Signal<readonly Grant[]>;
  estates: Estates;
  roles?: readonly Role[];
}
export function GrantsEditor({ value, estates, roles = kRoles }: GrantsEditorProps) {
  const role = useSignal<Role>(roles[0] ?? 'viewer');
  const estate = useSignal(kEveryEstate as string);
  const add = () => {
    const grant = { role: role.value, estate: estate.value };
    if (grant.estate !== '' && !value.value.some((one) => same(one, grant))) value.value = [...value.value, grant];
  };
  return (
    <fieldset class="grants-editor">
      <legend>{o('grants')}</legend>
      {value.value.length === 0 && <p class="note">{o('grants_none')}</p>}
      <ul class="grants">
        {value.value.map((one) => (
          <li key={`${one.role}/${one.estate}`} class="mark" data-grant={`${one.role}/${one.estate}`}>
            {grantText(one, estates)}
            <button type="button" class="button small" aria-label={o('grant_remove', { grant: grantText(one, estates) })}
              onClick={() => (value.value = value.value.filter((other) => !same(other, one)))}>✕</button>
          </li>
        ))}
      </ul>
      <div class="grants-add">
        <label class="field">{o('role')}
          <select value={role.value} onChange={(event) => (role.value = event.currentTarget.value as Role)}>
            {roles.map((one) => <option key={one} value={one}>{officeWord('role', one)} · {officeWord('role_does', one)}</option>)}
          </select>
        </label>
        <EstateSelect value={estate} known={estates} label={o('screens_scope')} />
        <button type="button" class="button" data-act="add-grant" onClick={add}>{o('grant_add')}</button>
      </div>
    </fieldset>
  );
}
