/** How old a datum is, counted on from when it was said; grey and said so when past its promise. */
import { age } from './format';
import { useSaid } from './hooks';
import { useText } from './text';
import { deskNow, type DeskClock, isOld } from '../state/time';

interface Props {
  /** Desk time of the datum, Unix seconds; null: never. */
  readonly at: number | null;
  readonly clock: DeskClock;
  readonly promise: number;
  /** Says of an old position that there is none since. */
  readonly silent?: boolean;
}

export function Age({ at, clock, promise, silent = false }: Props) {
  const { t } = useText();
  const seconds = (local: number) => (at === null ? null : Math.max(0, deskNow(clock, Math.floor(local)) - at));
  const old = useSaid((local) => isOld(seconds(local), promise));
  const said = useSaid((local) => {
    const now = seconds(local);
    if (now === null) return t.never;
    return silent && isOld(now, promise) ? t.silentFor(age(t, now)) : t.ago(age(t, now));
  });
  return <span className="j-age" data-old={old} data-silent={silent && old}>{said}</span>;
}
