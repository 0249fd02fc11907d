// What survives a reload, in IndexedDB: one record a key. Where storage is refused, nothing is kept and nothing breaks.

export interface Vault {
  load<T>(key: string): Promise<T | undefined>;
  save(key: string, value: unknown): Promise<void>;
}

export function openVault(name: string): Vault {
  const opened = new Promise<IDBDatabase | undefined>((resolve) => {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore('values');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    } catch {
      resolve(undefined);
    }
  });
  const run = async <T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> => {
    const database = await opened;
    if (!database) return undefined;
    return new Promise((resolve) => {
      const request = act(database.transaction('values', mode).objectStore('values'));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => resolve(undefined);
    });
  };
  return {
    load: <T>(key: string) => run<T>('readonly', (store) => store.get(key) as IDBRequest<T>),
    save: async (key, value) => void (await run('readwrite', (store) => store.put(value, key))),
  };
}

/** Keeps nothing: for examples in somebody's documentation. */
export function noVault(): Vault {
  return { load: async () => undefined, save: async () => undefined };
}
