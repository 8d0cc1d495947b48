/** The colours a map draws with; the design system gives them. It must never choose one itself. */
export interface Palette {
  readonly name: string;
  readonly sea: string;
  readonly land: string;
  readonly border: string;
  readonly place: string;
  readonly ink: string;
  readonly halo: string;
  readonly dim: string;
  readonly banned: string;
  readonly victim: string;
  readonly offender: string;
  readonly police: string;
  readonly probation: string;
  readonly own: string;
  readonly meet: string;
}
