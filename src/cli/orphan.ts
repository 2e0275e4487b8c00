/**
 * Calls once when the process that started us has ended. npm passes SIGTERM on to the shell that it runs scripts in, and that
 * shell ends without a word to its own child: we would stay behind, unseen, with the port.
 */
export function whenOrphaned(call: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    call();
  }, 250);
  timer.unref();
}
