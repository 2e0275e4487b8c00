import type { CDPSession, Protocol } from 'puppeteer';

const maxErrors = 20;
const maxLength = 500;

/** Collects what the page complains of, from now on; the first twenty, cut to a line's length. */
export function collectConsoleErrors(session: CDPSession): { readonly errors: readonly string[]; stop(): void } {
  const errors: string[] = [];
  const add = (text: string) => void (errors.length < maxErrors && errors.push(text.slice(0, maxLength)));
  const thrown = ({ exceptionDetails: { exception, text } }: Protocol.Runtime.ExceptionThrownEvent) =>
    add(exception?.description ?? (exception ? `${text} ${plain(exception)}` : text));
  const called = ({ type, args }: Protocol.Runtime.ConsoleAPICalledEvent) => {
    if (type === 'error' || type === 'assert') add(args.map(plain).join(' '));
  };
  session.on('Runtime.exceptionThrown', thrown);
  session.on('Runtime.consoleAPICalled', called);
  return {
    errors,
    stop() {
      session.off('Runtime.exceptionThrown', thrown);
      session.off('Runtime.consoleAPICalled', called);
    },
  };
}

function plain({ value, description, type }: Protocol.Runtime.RemoteObject): string {
  return value === undefined ? (description ?? type) : String(value);
}
