/** What ids on this page are called. It must never ask twice for the same unless something may be known no longer: each asking is
 * a look on the register. */
import { createContext, useContext, useEffect, useRef, useState } from 'react';
import { desk } from '../../protocol/http';
import { account, label } from '../../ui/format';
import { useText } from '../../ui/text';

export type Named = ReadonlyMap<string, string>;

/** Names by id: agencies', colleagues', and of files one may know. */
export const Names = createContext<Named>(new Map());

export function useName(id: string): string | null {
  return useContext(Names).get(id) ?? null;
}

/** Of all ids seen those that were never asked for. */
export function unasked(ids: readonly (string | null)[], asked: ReadonlySet<string>): readonly string[] {
  return [...new Set(ids.filter((id): id is string => id !== null && id !== '' && !asked.has(id)))];
}

/** Names for these accounts and people, and of every agency. With each of `ends` people are named anew. */
export function useNames(accounts: readonly (string | null)[], people: readonly (string | null)[], ends: number): Named {
  const { t } = useText();
  const asked = useRef(new Set<string>());
  const [raw, setRaw] = useState<ReadonlyMap<string, { readonly of: 'agency' | 'account' | 'person'; readonly name: string }>>(new Map());
  useEffect(() => {
    void desk.agencies().then((all) => setRaw((now) => new Map([...now, ...all.map((one) => [one.id, { of: 'agency', name: one.name }] as const)])), () => undefined);
  }, []);
  const held = useRef(ends);
  useEffect(() => {
    if (held.current === ends) return;
    held.current = ends;
    asked.current = new Set();
    setRaw((now) => new Map([...now].filter(([, one]) => one.of !== 'person')));
  }, [ends]);
  const before = held.current === ends ? asked.current : new Set<string>();
  const [whose, whom] = [unasked(accounts, before).slice(0, 500), unasked(people, before).slice(0, 500)];
  useEffect(() => {
    if (whose.length + whom.length === 0) return;
    for (const id of [...whose, ...whom]) asked.current.add(id);
    void desk.names(whose, whom).then(
      (found) => held.current !== ends ? undefined : setRaw((now) => new Map([
        ...now,
        ...found.accounts.map((one) => [one.id, { of: 'account', name: one.name }] as const),
        ...found.people.map((one) => [one.id, { of: 'person', name: one.label ?? '—' }] as const),
      ])),
      () => undefined,
    );
  });
  return new Map([...raw].map(([id, one]) => [id, one.of === 'account' ? account(t, one.name) : one.of === 'person' ? (label(t, one.name) ?? one.name) : one.name]));
}
