/** How old a datum is, counted on from when it was said; grey and said so when past its promise. */
import { age } from './format';
import { useLocalSecond } from './hooks';
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
  const local = useLocalSecond();
  const seconds = at === null ? null : Math.max(0, deskNow(clock, local) - at);
  const old = isOld(seconds, promise);
  return (
    <span className="j-age" data-old={old} data-silent={silent && old}>
      {seconds === null ? t.never : silent && old ? t.silentFor(age(t, seconds)) : t.ago(age(t, seconds))}
    </span>
  );
}
