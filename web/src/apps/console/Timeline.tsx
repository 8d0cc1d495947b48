/** What happened, newest first, each line with its clock and its age; and where a person adds one. */
import { memo, type RefObject } from 'react';
import type { Whole } from '../../protocol/http';
import type { Saying } from '../../state/room';
import type { Silence } from '../../state/silence';
import type { DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { clock as face } from '../../ui/format';
import { useText } from '../../ui/text';
import { LogForm } from './LogForm';
import { lines } from './timeline';

interface Props {
  readonly whole: Whole;
  readonly said: readonly Saying[];
  readonly silent: readonly Silence[];
  readonly agency: string;
  readonly clock: DeskClock;
  readonly logBox: RefObject<HTMLInputElement | null>;
}

export const Timeline = memo(({ whole, said, silent, agency, clock, logBox }: Props) => {
  const { t, language } = useText();
  return (
    <section className="c-box">
      <h3>{t.incident.timeline}</h3>
      <LogForm key={whole.id} incident={whole.id} box={logBox} />
      <ol className="c-timeline">
        {lines(whole, said, silent, agency, t, language).map((one) => (
          <li key={one.key} data-weight={one.weight}>
            <span className="j-num">{face(one.at)}</span>
            <span>{one.text}</span>
            <span className="j-dim"><Age at={one.at} clock={clock} promise={Infinity} /></span>
          </li>
        ))}
      </ol>
    </section>
  );
});
