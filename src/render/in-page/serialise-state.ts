/** Writes what an element's properties know, and its attributes and children do not, into its copy; by local name. */
export type StateWriters = ReadonlyMap<string, (live: Element, copy: Element) => void>;

/** Knows the elements whose state or text is lost when HTML is written. (Self-contained: it is sent to the page as text.) */
export function stateWriters(): StateWriters {
  function input(live: Element, copy: Element): void {
    const field = live as HTMLInputElement;
    if (field.type === 'checkbox' || field.type === 'radio') copy.toggleAttribute('checked', field.checked);
    // A password is nobody's to publish; a file's value is a made-up path.
    else if (field.type !== 'password' && field.type !== 'file' && field.value !== field.defaultValue)
      copy.setAttribute('value', field.value);
  }

  function textarea(live: Element, copy: Element): void {
    const field = live as HTMLTextAreaElement;
    if (field.value !== field.defaultValue) copy.textContent = field.value;
    keepFirstNewline(live, copy);
  }

  function select(live: Element, copy: Element): void {
    const options = (live as HTMLSelectElement).options;
    const copies = (copy as HTMLSelectElement).options;
    const told = (option: HTMLOptionElement) => option.selected === option.defaultSelected;
    const isUntouched = Array.from(options).every(told) || isDefault(live as HTMLSelectElement);
    if (isUntouched) return;
    for (let i = 0; i < options.length; i++) copies[i]?.toggleAttribute('selected', options[i]?.selected ?? false);
  }

  /** A drop-down without a `selected` attribute shows its first option. */
  function isDefault(field: HTMLSelectElement): boolean {
    const noneMarked = Array.from(field.options).every((option) => !option.defaultSelected);
    return noneMarked && !field.multiple && field.size <= 1 && field.selectedIndex === 0;
  }

  /** The parser drops a line end right after the start tag, and the serialiser does not add it again (HTML §13.3). */
  function keepFirstNewline(_live: Element, copy: Element): void {
    const first = copy.firstChild;
    if (first instanceof Text && first.data.startsWith('\n')) first.data = `\n${first.data}`;
  }

  /** Text in these is written without escapes. A parser cannot have put their own end tag into it: a script did. */
  function rawText(_live: Element, copy: Element): void {
    if (copy.textContent?.toLowerCase().includes(`</${copy.localName}`)) copy.textContent = '';
  }

  /** Where scripts run, its content is text; the copy is of a document in which none do. */
  function noscript(live: Element, copy: Element): void {
    try {
      copy.innerHTML = live.textContent ?? '';
    } catch {
      copy.textContent = ''; // the page demands Trusted Types, and escaped tags are no use to anybody
    }
  }

  return new Map([
    ['noscript', noscript],
    ['input', input],
    ['textarea', textarea],
    ['select', select],
    ['pre', keepFirstNewline],
    ['listing', keepFirstNewline],
    ...['xmp', 'iframe', 'noembed', 'noframes', 'plaintext'].map((name) => [name, rawText] as const),
  ]);
}
