/** One line per check, and their totals in the form that .ci/run adds up. */
const counts = { passed: 0, failed: 0, skipped: 0 };

/**
 * Counts a check. A failed one does not end the run, so that one run shows all that is wrong.
 *
 * @param {string} name what is true if the check passes
 * @param {boolean} passed
 * @param {string} [detail] what was found
 */
export function check(name, passed, detail = "") {
  counts[passed ? "passed" : "failed"] += 1;
  console.log(`${passed ? "  ok     " : "  FAILED "} ${name}${detail ? `: ${detail}` : ""}`);
}

/**
 * Counts a check that cannot be made here.
 *
 * @param {string} name
 * @param {string} reason
 */
export function skip(name, reason) {
  counts.skipped += 1;
  console.log(`  skipped  ${name}: ${reason}`);
}

/** Prints the totals and ends the process. */
export function finish() {
  console.log(`totals: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  process.exit(counts.failed === 0 ? 0 : 1);
}
