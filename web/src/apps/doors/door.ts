/** A door as a demonstration gives it (docs/reference/api.md). It must never be trusted to lead off this installation. */
export interface Door {
  readonly role: string;
  readonly href: string;
  readonly name: string;
  /** The same door for another machine, and an image of that. */
  readonly address: string | null;
  readonly qr: string | null;
  readonly used: boolean;
}

export interface Demonstration {
  readonly doors: readonly Door[];
  /** Whether the story waits for somebody to begin it. */
  readonly waiting: boolean;
  /** Whether the story is over: the button then begins another, from nothing. */
  readonly ended: boolean;
  /** Whether no other machine can come in: every address given is this machine's own. */
  readonly alone: boolean;
}

/** The doors in an answer; what is not one of ours is left out. Null for no demonstration. */
export function read(said: unknown): Demonstration | null {
  if (typeof said !== 'object' || said === null || !('doors' in said) || !Array.isArray(said.doors)) return null;
  const alone = 'loopback' in said && said.loopback === true;
  const doors = said.doors.flatMap((one: unknown) => door(one, alone) ?? []);
  const ended = 'ended_at' in said && typeof said.ended_at === 'number';
  return { doors, ended, alone, waiting: 'morning_at' in said && said.morning_at === null };
}

/** `alone`: its address leads a phone to itself, so that no code of it is shown. */
function door(one: unknown, alone: boolean): Door | null {
  if (typeof one !== 'object' || one === null) return null;
  const { role, href, name, address, qr, used } = one as Record<string, unknown>;
  if (typeof role !== 'string' || typeof href !== 'string' || !isOurs(href)) return null;
  return {
    role, href, used: used === true, name: typeof name === 'string' ? name : '',
    address: typeof address === 'string' ? address : null,
    qr: !alone && typeof qr === 'string' && (isOurs(qr) || qr.startsWith('data:image/')) ? qr : null,
  };
}

function isOurs(address: string): boolean {
  return address.startsWith('/') && !address.startsWith('//');
}
