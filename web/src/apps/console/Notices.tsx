/** Calls for help from officers, and alerts about ourselves: above everything, until a minute has passed. */
import type { Message } from '../../protocol/frames';
import type { Room, Saying } from '../../state/room';
import { deskNow, type DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { useLocalSecond } from '../../ui/hooks';
import { type Language, type Text, useText } from '../../ui/text';
import { page } from './timeline';

const SHOWN_S = 120;
const MOST = 3;

export function Notices({ room, clock }: { readonly room: Room; readonly clock: DeskClock }) {
  const { t, language } = useText();
  const now = deskNow(clock, useLocalSecond());
  const calls = [...room.said.values()].flat().filter(({ message }) => message.kind === 'page' && message.body.why === 'help');
  const all = [...calls, ...room.notices].filter((one) => now - one.at < SHOWN_S).sort((a, b) => b.at - a.at).slice(0, MOST);
  if (all.length === 0) return null;
  return (
    <ul className="c-notices" role="alert">
      {all.map((one) => <Notice key={`${one.at}:${one.message.seq}`} one={one} clock={clock} words={[t, language]} />)}
    </ul>
  );
}

function Notice({ one, clock, words: [t, language] }: {
  readonly one: Saying; readonly clock: DeskClock; readonly words: readonly [Text, Language];
}) {
  return (
    <li>
      <strong>{sentence(one.message, t, language)}</strong> <Age at={one.at} clock={clock} promise={Infinity} />
    </li>
  );
}

function sentence(message: Message, t: Text, language: Language): string {
  if (message.kind === 'page') return page(t, message.body);
  if (message.kind === 'alert') return `${message.body.code} ${language === 'ko' ? message.body.name_ko : message.body.name_en}`;
  return t.events.degraded;
}
