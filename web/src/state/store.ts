/** A value that tells who listens when it changes. It must never be written from a component's render. */
export class Store<S> {
  private readonly listeners = new Set<() => void>();

  constructor(private value: S) {}

  get = (): S => this.value;

  set = (next: S): void => {
    if (next === this.value) return;
    this.value = next;
    this.listeners.forEach((listener) => listener());
  };

  update = (change: (value: S) => S): void => this.set(change(this.value));

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
}
