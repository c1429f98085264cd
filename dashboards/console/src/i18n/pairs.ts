// Texts in pairs of Chinese and English, for pages that are loaded when somebody goes there: their texts come with them, and not with the board.
import { language } from '../state/settings';
import { fill } from './catalogue';

export type Pair = readonly [zh: string, en: string];
export type Pairs = Readonly<Record<string, Pair>>;

type Names<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Values<S extends string> = [Names<S>] extends [never] ? [] : [values: Record<Names<S>, string | number>];

const kAt = { zh: 0, en: 1 } as const;

// A text by its key, in the language of the console; what it names in braces is checked when the console is compiled.
export function inPairs<T extends Pairs>(texts: T): <K extends keyof T>(key: K, ...values: Values<T[K][0]>) => string {
  return (key, ...values) => fill(texts[key]![kAt[language.value]], values[0]);
}

// A word of the gateway as people say it; an unknown word is shown as it is.
export function wordsInPairs<W extends Readonly<Record<string, Pairs>>>(words: W): (kind: keyof W, value: string) => string {
  return (kind, value) => {
    const known = words[kind]!;
    return Object.hasOwn(known, value) ? known[value]![kAt[language.value]] : value;
  };
}
