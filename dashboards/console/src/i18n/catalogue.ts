// The typed catalogue: keys, and the parameters that a text names in braces, are checked when the console is compiled.
import { zh } from './zh';

type Zh = typeof zh;
export type TextKey = keyof Zh['texts'];
export type WordKind = keyof Zh['words'];

export type Catalogue = {
  texts: { [K in TextKey]: string };
  words: { [K in WordKind]: { [W in keyof Zh['words'][K]]: string } };
};

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Parameters_<K extends TextKey> = Names<Zh['texts'][K]>;
export type TextArguments<K extends TextKey> = [Parameters_<K>] extends [never]
  ? []
  : [values: Record<Parameters_<K>, string | number>];

// Texts that stand as they are.
export type PlainKey = { [K in TextKey]: TextArguments<K> extends [] ? K : never }[TextKey];

export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
