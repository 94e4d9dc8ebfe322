/** Shorter pieces of base64 could be a part of anything. */
const MIN_PIECE_CHARS = 8;

/**
 * The forms in which a text is likely to come by: as it is, as JSON and addresses escape it, and in
 * base64 (both alphabets), also in the middle of something longer, as in `user:password`.
 */
export function encodedForms(text: string): ReadonlySet<string> {
  const bytes = Buffer.from(text);
  // Halves of surrogate pairs have no bytes of their own: an address cannot hold them either.
  const escaped = encodeURIComponent(bytes.toString());
  const forms = [text, JSON.stringify(text).slice(1, -1), escaped, escaped.replaceAll('%20', '+')];
  for (const form of [bytes.toString('base64'), ...base64Pieces(bytes)]) {
    forms.push(form, form.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return new Set(forms);
}

/** What surely stands in the base64 of anything that holds these bytes, by where they begin in it. */
function base64Pieces(bytes: Buffer): readonly string[] {
  return [0, 1, 2]
    .map((before) => {
      const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
      const first = Math.ceil((before * 8) / 6);
      return encoded.slice(first, Math.floor(((before + bytes.length) * 8) / 6));
    })
    .filter((piece) => piece.length >= MIN_PIECE_CHARS);
}
