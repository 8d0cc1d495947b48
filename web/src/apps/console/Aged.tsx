/** How old what is known of a party is, and that it is too old. It must never say an age where nobody was ever seen. */
import type { PairFrame } from '../../protocol/frames';
import { type DeskClock, PROMISE_S } from '../../state/time';
import { Age } from '../../ui/Age';

interface Props {
  readonly pair: PairFrame | null;
  readonly side: 'offender_age_s' | 'victim_age_s';
  readonly clock: DeskClock;
}

export function Aged({ pair, side, clock }: Props) {
  const seconds = pair?.[side] ?? null;
  return <Age at={pair && seconds !== null ? pair.at - seconds : null} clock={clock} promise={PROMISE_S.position} silent />;
}
