import { setting } from "../lib/validation/setting";

const LONGEST = 4_096;

/** A credential: any text, taken as it was entered; empty if none was. */
export function secretSetting() {
  return setting(
    (value) => (typeof value === "string" && value.length <= LONGEST ? value : undefined),
    `a text of at most ${LONGEST} characters`,
    "",
  );
}
