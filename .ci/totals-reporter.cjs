// Mocha's usual report, and its totals in the form that .ci/run adds up.
const { reporters } = require("mocha");

module.exports = class TotalsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once("end", () => {
      const { passes, failures, pending } = this.stats;
      console.log(`totals: ${passes} passed, ${failures} failed, ${pending} skipped`);
    });
  }
};
