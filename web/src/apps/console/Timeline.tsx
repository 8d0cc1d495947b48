/** What happened, newest first, each line with its clock and its age. */
import type { Whole } from '../../protocol/http';
import type { Saying } from '../../state/room';
import type { DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { clock as face } from '../../ui/format';
import { useText } from '../../ui/text';
import { lines } from './timeline';

export function Timeline({ whole, said, clock }: { readonly whole: Whole; readonly said: readonly Saying[]; readonly clock: DeskClock }) {
  const { t, language } = useText();
  return (
    <section className="c-box">
      <h3>{t.incident.timeline}</h3>
      <ol className="c-timeline">
        {lines(whole, said, t, language).map((one) => (
          <li key={one.key} data-urgent={one.urgent}>
            <span className="j-num">{face(one.at)}</span>
            <span>{one.text}</span>
            <span className="j-dim"><Age at={one.at} clock={clock} promise={Infinity} /></span>
          </li>
        ))}
      </ol>
    </section>
  );
}
