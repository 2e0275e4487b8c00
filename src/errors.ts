/** Why a page could not be rendered. The same word stands in the log, the metric and the answer's debug header. */
export type RenderFailure =
  /** Not settled within `render.timeout`. */
  | 'timeout'
  /** The tab, its renderer process or the whole browser died. */
  | 'crash'
  /** The origin could not be reached, or gave no answer. */
  | 'unreachable'
  /** What the origin answered is no document that could be shown (redirects without end, a broken head). */
  | 'navigation'
  /** The document is not HTML; it belongs to the pass-through path. */
  | 'not-html'
  /** The HTML is larger than `render.maxHtml`. */
  | 'too-large'
  /** The page has less visible text than `render.minText`, or is Chromium's own error page. */
  | 'empty'
  /** No place in the queue, or the deadline passed while waiting in it. */
  | 'overloaded'
  /** There is no working Chromium. */
  | 'no-browser'
  /** Nobody waits for the page any more. */
  | 'aborted'
  /** This page failed a moment ago; its next try is not due yet. */
  | 'recently-failed';

/** A render that did not give a page. `message` is for people, `code` for programs. */
export class RenderError extends Error {
  override readonly name = 'RenderError';
  readonly code: RenderFailure;

  constructor(code: RenderFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The configuration or the command line is wrong in ways that the user can mend; `problems` says how, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** The message of anything that was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
