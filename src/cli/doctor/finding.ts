/** What one look at the machine or its surroundings found. */
export interface Finding {
  readonly subject: string;
  readonly level: 'ok' | 'warning' | 'error';
  readonly says: string;
  /** What to do about it; always there unless all is well. */
  readonly cure?: string;
}

export function ok(subject: string, says: string): Finding {
  return { subject, level: 'ok', says };
}

export function warning(subject: string, says: string, cure: string): Finding {
  return { subject, level: 'warning', says, cure };
}

export function error(subject: string, says: string, cure: string): Finding {
  return { subject, level: 'error', says, cure };
}
