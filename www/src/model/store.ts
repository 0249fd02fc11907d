// An observable immutable value: one a playground, changed only by `set`.

export interface Store<S extends object> {
  get(): S;
  set(change: Partial<S>): void;
  /** Calls `then` now and whenever one of the picked values is another one. */
  watch(pick: (state: S) => readonly unknown[], then: (state: S) => void): () => void;
}

export function createStore<S extends object>(initial: S): Store<S> {
  let state = initial;
  const watchers = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      state = { ...state, ...change };
      for (const watcher of [...watchers]) watcher();
    },
    watch(pick, then) {
      let seen = pick(state);
      const look = () => {
        const now = pick(state);
        if (now.length === seen.length && now.every((value, index) => Object.is(value, seen[index]))) return;
        seen = now;
        then(state);
      };
      watchers.add(look);
      then(state);
      return () => watchers.delete(look);
    },
  };
}
