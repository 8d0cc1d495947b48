/** Commands as objects: a name, a key, who may, whether now, what it does. It must never run one that may not. */
import type { Text } from './text';

export interface Command {
  readonly id: Exclude<keyof Text['commands'], 'title' | 'notNow' | 'notYours' | 'close_list'>;
  /** As KeyboardEvent.key has it; letters in lower case. */
  readonly key: string;
  readonly roles: readonly string[] | 'all';
  readonly ready: boolean;
  /** Whether it asks again, in a form of its own, before anything happens. */
  readonly confirms: boolean;
  readonly run: () => void;
}

export function may(command: Command, role: string): boolean {
  return command.roles === 'all' || command.roles.includes(role);
}

/** The key as commands name it: the letter on the key, whatever keyboard (한/영) is chosen. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'code'>): string {
  if (event.code.startsWith('Key')) return event.code.slice(3).toLowerCase();
  return event.key;
}

/** The command a key press means, if it may run now; keys typed into a field mean nothing. */
export function meant(commands: readonly Command[], event: KeyboardEvent, role: string): Command | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  const target = event.target;
  if (target instanceof HTMLElement && target.closest('input, textarea, select, [role="dialog"]')) return null;
  const key = keyOf(event);
  // Enter on a button is that button's.
  if (key === 'Enter' && target instanceof HTMLElement && target.closest('button, a')) return null;
  return commands.find((one) => one.key === key && one.ready && may(one, role)) ?? null;
}
