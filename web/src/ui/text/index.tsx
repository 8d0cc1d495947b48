/** The language of this screen. It must never fall back from one language to the other within a sentence. */
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from 'react';
import { en, type Text } from './en';
import { ko } from './ko';

export type Language = 'ko' | 'en';
const TEXTS: Record<Language, Text> = { ko, en };
const KEPT = 'jikimi.language';

export interface Spoken {
  readonly t: Text;
  readonly language: Language;
  readonly turn: () => void;
}

const Context = createContext<Spoken>({ t: en, language: 'en', turn: () => undefined });

function first(): Language {
  const kept = window.localStorage.getItem(KEPT);
  if (kept === 'ko' || kept === 'en') return kept;
  return navigator.language.startsWith('ko') ? 'ko' : 'en';
}

export function Speaking({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(first);
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = TEXTS[language].product;
    window.localStorage.setItem(KEPT, language);
  }, [language]);
  const spoken = useMemo(
    () => ({ t: TEXTS[language], language, turn: () => setLanguage((now) => (now === 'ko' ? 'en' : 'ko')) }),
    [language],
  );
  return <Context value={spoken}>{children}</Context>;
}

export function useText(): Spoken {
  return useContext(Context);
}

export type { Text };
