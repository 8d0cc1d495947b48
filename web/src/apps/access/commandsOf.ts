/** The privacy officer's commands. It must never hold one that changes anything: those ask, each in a form of its own. */
import type { Command } from '../../ui/commands';

/** What the commands do. */
export interface Hands {
  readonly refresh: () => void;
  readonly filter: () => void;
  readonly list: () => void;
  readonly day: () => void;
  readonly language: () => void;
}

export function commandsOf(hands: Hands): readonly Command[] {
  const one = (id: Command['id'], key: string, run: () => void): Command => ({ id, key, run, roles: 'all', ready: true, confirms: false });
  return [
    one('refresh', 'r', hands.refresh),
    one('filter', '/', hands.filter),
    one('day', 'n', hands.day),
    one('language', 'l', hands.language),
    one('open', '?', hands.list),
  ];
}
