/** Characters kept of a text that is shown or logged. */
export const EXCERPT_CHARACTERS = 1_024;

/**
 * What people see as one character may be made of several. Beyond this many UTF-16 units it is no writing but an attack
 * on whoever shows it, and is cut.
 */
const LONGEST_CHARACTER = 64;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The beginning of a text: at most `max` characters (Unicode code points), none of them broken. What a reader sees as one
 * character, such as an emoji of several parts or a letter with accents, is kept whole or left out.
 */
export function excerpt(text: string, max: number = EXCERPT_CHARACTERS): string {
  if (text.length <= max) return text;
  const cut = endOf(text, max);
  if (cut === text.length) return text;
  const last = graphemes.segment(text.slice(0, cut + LONGEST_CHARACTER)).containing(cut);
  const start = last?.index ?? cut;
  return text.slice(0, cut - start > LONGEST_CHARACTER ? cut : start);
}

/** Index after the first `count` code points. */
function endOf(text: string, count: number): number {
  let index = 0;
  for (let counted = 0; counted < count && index < text.length; counted++) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}
