/**
 * Preloaded into node-red-dev, the flow library's checker, which asks hosts on its own. Here npm is asked, with whatever
 * registry it is set up for, and the tree that was really installed. Node-RED's catalogue cannot be had by npm: it is
 * answered as empty, and .ci/scorecard.mjs does not count what depends on it.
 */
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const Module = require("node:module");

/** What npm knows of a package, by the version it would choose. */
function view(name, ...fields) {
  return JSON.parse(execFileSync("npm", ["view", name, ...fields, "--json"], { encoding: "utf8" }));
}

function packument(name) {
  const { versions, "dist-tags": tags } = view(name, "versions", "dist-tags");
  return { "dist-tags": tags, versions: Object.fromEntries(versions.map((version) => [version, {}])) };
}

const answers = {
  axios: {
    async get(url) {
      const { pathname } = new URL(url);
      if (pathname === "/catalogue.json") return { data: { modules: [] } };
      const name = decodeURIComponent(pathname.slice(1));
      const data = packument(name);
      const latest = data["dist-tags"].latest;
      data.versions[latest] = { engines: view(`${name}@${latest}`, "engines") };
      return { data };
    },
  },
  "package-json": async (name) => packument(name),
  "npm-remote-ls": {
    config() {},
    ls(_name, _version, _flat, callback) {
      const { packages } = JSON.parse(readFileSync(process.env.INSTALLED_TREE, "utf8"));
      const found = Object.entries(packages).map(
        ([place, { version }]) => `${place.split("node_modules/").pop()}@${version}`,
      );
      callback(found);
    },
  },
};

const load = Module._load;
Module._load = function answered(request, ...rest) {
  return Object.hasOwn(answers, request) ? answers[request] : load.call(this, request, ...rest);
};
