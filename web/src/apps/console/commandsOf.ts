/** The console's commands. It must never hold one that a key alone may do and that cannot be taken back. */
import type { Command } from '../../ui/commands';

/** What the commands act on, and how. */
export interface Hands {
  readonly chosen: boolean;
  readonly owned: boolean;
  readonly mutable: boolean;
  readonly step: (by: number) => void;
  readonly take: () => void;
  readonly plan: () => void;
  readonly mute: () => void;
  readonly find: () => void;
  readonly write: () => void;
  readonly test: () => void;
  readonly frame: () => void;
  readonly close: () => void;
  readonly why: () => void;
  readonly glass: () => void;
  readonly notices: () => void;
  readonly list: () => void;
  readonly day: () => void;
  readonly language: () => void;
}

const ROOMS = ['dispatcher', 'monitor'];
const POLICE_ROOM = ['dispatcher'];

export function commandsOf(hands: Hands): readonly Command[] {
  const { chosen } = hands;
  const one = (id: Command['id'], key: string, run: () => void, more: Partial<Command> = {}): Command => ({
    id, key, run, roles: 'all', ready: true, confirms: false, ...more,
  });
  return [
    one('next', 'j', () => hands.step(1)),
    one('previous', 'k', () => hands.step(-1)),
    one('take', 'Enter', hands.take, { roles: ROOMS, ready: chosen && !hands.owned }),
    one('plan', 'd', hands.plan, { roles: ROOMS, ready: chosen }),
    one('mute', 'm', hands.mute, { roles: ROOMS, ready: chosen && hands.mutable, confirms: true }),
    one('write', 'w', hands.write, { roles: ROOMS, ready: chosen }),
    one('close', 'x', hands.close, { roles: POLICE_ROOM, ready: chosen, confirms: true }),
    one('frame', 'f', hands.frame, { ready: chosen }),
    one('why', 'y', hands.why, { roles: ROOMS, ready: chosen }),
    one('glass', 'g', hands.glass, { roles: ROOMS, confirms: true }),
    one('notices', 'h', hands.notices),
    one('find', '/', hands.find),
    one('test', 't', hands.test),
    one('day', 'n', hands.day),
    one('language', 'l', hands.language),
    one('open', '?', hands.list),
  ];
}
