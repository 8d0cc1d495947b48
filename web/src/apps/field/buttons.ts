/** The three large buttons of each state. Pure; it must never offer a step the desk would refuse. */
import type { TaskingState } from '../../protocol/frames';

export type Press = 'accepted' | 'en_route' | 'on_scene' | 'cleared' | 'help' | 'reject';

const BUTTONS: Partial<Record<TaskingState, readonly Press[]>> = {
  tasked: ['accepted', 'reject', 'help'],
  accepted: ['en_route', 'on_scene', 'help'],
  en_route: ['on_scene', 'reject', 'help'],
  on_scene: ['cleared', 'help'],
};

export function buttonsOf(state: TaskingState): readonly Press[] {
  return BUTTONS[state] ?? ['help'];
}
