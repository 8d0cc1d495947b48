/** How long each file opened in an emergency stays open. It must never be the last to know that one was closed. */
import { Button } from '@mantine/core';
import { clockface, deskNow, type DeskClock } from '../../state/time';
import { short } from '../../ui/access';
import { useLocalSecond } from '../../ui/hooks';
import { Shape } from '../../ui/Shape';
import { useText } from '../../ui/text';
import { type Glass, standing } from './glasses';

interface Props {
  readonly glasses: readonly Glass[];
  readonly clock: DeskClock;
  readonly onLook: (subject: string) => void;
}

export function GlassChips({ glasses, clock, onLook }: Props) {
  const { t } = useText();
  const now = deskNow(clock, useLocalSecond());
  const open = standing(glasses, now);
  if (open.length === 0) return null;
  return (
    <ul className="c-glasses" aria-label={t.access.glass.region}>
      {open.map((one) => (
        <li key={one.subject}>
          <Shape name="clock" size={14} />
          <span className="j-num">{t.access.glass.open} <span lang="und">…{short(one.subject)}</span> · {t.access.glass.left(clockface(one.until - now))}</span>
          <Button variant="default" size="compact-md" onClick={() => onLook(one.subject)}>{t.access.glass.look}</Button>
        </li>
      ))}
    </ul>
  );
}
