/** A door as a demonstration gives it (`GET /api/doors`: {"doors": [{role, href, name?, qr?}]}). It must never be trusted to
 * lead off this installation. */
export interface Door {
  readonly role: string;
  readonly href: string;
  readonly name: string | null;
  readonly qr: string | null;
}

/** The doors in an answer; what is not one of ours is left out. */
export function read(said: unknown): readonly Door[] {
  const doors: unknown = typeof said === 'object' && said !== null && 'doors' in said ? said.doors : null;
  return Array.isArray(doors) ? doors.flatMap((one: unknown) => door(one) ?? []) : [];
}

function door(one: unknown): Door | null {
  if (typeof one !== 'object' || one === null) return null;
  const { role, href, name, qr } = one as Record<string, unknown>;
  if (typeof role !== 'string' || typeof href !== 'string' || !isOurs(href)) return null;
  return {
    role, href, name: typeof name === 'string' ? name : null,
    qr: typeof qr === 'string' && (isOurs(qr) || qr.startsWith('data:image/')) ? qr : null,
  };
}

function isOurs(address: string): boolean {
  return address.startsWith('/') && !address.startsWith('//');
}
