/** What is there between the first script and the first data. */
export function Opening() {
  return (
    <p className="opening" role="status">
      Lighting the lanterns …
    </p>
  );
}
