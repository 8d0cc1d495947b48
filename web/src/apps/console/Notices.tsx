/** Calls for help, alerts about ourselves, and what both rooms must learn: above everything, until two minutes have passed. */
import type { Message } from '../../protocol/frames';
import type { Room, Saying } from '../../state/room';
import { deskNow, type DeskClock } from '../../state/time';
import { Age } from '../../ui/Age';
import { useLocalSecond } from '../../ui/hooks';
import { type Language, type Text, useText } from '../../ui/text';
import { toneOf } from '../../ui/tokens';
import { alertName, reasonOf } from './names';
import { page } from './timeline';

const SHOWN_S = 120;
const MOST = 3;

/** Pages that tell and call for nobody: they take no red from what does. */
const NEWS = new Set(['order-matched']);

export function Notices({ room, clock, agency }: { readonly room: Room; readonly clock: DeskClock; readonly agency: string }) {
  const { t, language } = useText();
  const now = deskNow(clock, useLocalSecond());
  const calls = [...room.said.values()].flat().filter(({ message }) => message.kind === 'page' && message.body.why === 'help');
  const all = [...calls, ...room.notices].filter((one) => now - one.at < SHOWN_S).sort((a, b) => b.at - a.at).slice(0, MOST);
  if (all.length === 0) return null;
  return (
    <ul className="c-notices" role="alert">
      {all.map((one) => <Notice key={`${one.at}:${one.message.seq}`} one={one} clock={clock} agency={agency} words={[t, language]} />)}
    </ul>
  );
}

function Notice({ one, clock, agency, words: [t, language] }: {
  readonly one: Saying; readonly clock: DeskClock; readonly agency: string; readonly words: readonly [Text, Language];
}) {
  const { message } = one;
  return (
    <li data-tone={tone(message)}>
      <strong>{sentence(message, agency, t, language)}</strong> <Age at={one.at} clock={clock} promise={Infinity} />
    </li>
  );
}

/** What is wrong with ourselves is as grave as a call for help; an alert that opened no incident is as grave as it says. */
function tone(message: Message): string {
  if (message.kind === 'page') return NEWS.has(message.body.why) ? 'watch' : 'breach';
  return message.kind === 'alert' && message.body.order !== null ? toneOf(message.body.priority) : 'breach';
}

function sentence(message: Message, agency: string, t: Text, language: Language): string {
  if (message.kind === 'page') return page(t, message.body, agency);
  if (message.kind === 'alert') return [`${message.body.code} ${alertName(message.body, language)}`, reasonOf(t, message.body)].filter(Boolean).join(' · ');
  return t.events.degraded;
}
