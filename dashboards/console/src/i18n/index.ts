// t: a text in the language of the console. word: a word of the gateway, as people say it; an unknown word is shown as it is.
import { language } from '../state/settings';
import { fill, type Catalogue, type TextArguments, type TextKey, type WordKind } from './catalogue';
import { en } from './en';
import { zh } from './zh';

const kCatalogues: Record<'zh' | 'en', Catalogue> = { zh, en };

export function t<K extends TextKey>(key: K, ...values: TextArguments<K>): string {
  return fill(kCatalogues[language.value].texts[key], values[0]);
}

export function isWord(kind: WordKind, value: string): boolean {
  return Object.hasOwn(zh.words[kind], value);
}

export function word(kind: WordKind, value: string): string {
  const words: Record<string, string> = kCatalogues[language.value].words[kind];
  return Object.hasOwn(words, value) ? words[value]! : value;
}
