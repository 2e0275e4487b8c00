const token = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const text = /^[\t\x20-\x7e\x80-\xff]*$/;
const asciiText = /^[\t\x20-\x7e]*$/;

/** Whether this can be the name of a field (RFC 9110 §5.6.2). */
export const isFieldName = (name: string): boolean => token.test(name);

/** Whether this can stand in a field's value (RFC 9110 §5.5): nothing that could end its line early. Each character is one byte. */
export const isFieldText = (value: string): boolean => text.test(value);

/** The same for what people write, who mean characters: beyond ASCII nobody agrees which byte one is. */
export const isAsciiFieldText = (value: string): boolean => asciiText.test(value);
