/** Runs work again and again, each time `ms` after it has ended, until it is disposed. */
export const every = (ms: number, work: () => Promise<void>): Disposable => {
  let timer: NodeJS.Timeout | undefined;
  let disposed = false;
  const later = (): void => {
    if (!disposed) timer = setTimeout(() => void work().finally(later), ms).unref();
  };
  later();
  return {
    [Symbol.dispose]() {
      disposed = true;
      clearTimeout(timer);
    },
  };
};
