type Properties = Readonly<Record<string, unknown>>;

/** Brings properties from one version to the next; `version` itself is set afterwards. */
export type MigrationStep = (properties: Properties) => Properties;

/** A node was saved by a later version of this package. */
export class NewerVersionError extends Error {
  override readonly name = "NewerVersionError";

  constructor(type: string, version: number, known: number) {
    super(
      `${type}: version is ${version}, expected at most ${known}: this node was made with a later version of @comment-webhooks/node-red, so update the package`,
    );
  }
}

/**
 * Per node type: the step at index 0 leads from version 1 to version 2, and so on. What a step once did stays as it is, so
 * that flows of any age open.
 */
const STEPS: Readonly<Record<string, readonly MigrationStep[]>> = {
  "comment-webhook-build": [],
  "webhook-send": [],
  "error-tracker": [],
  "integration-health-check": [],
  "notify-owners": [],
  "webhook-integration": [],
  "webhook-store": [],
  "owner-mailer": [],
};

/**
 * A node's properties as the present version has them. A node without a `version`, e.g. written by hand, is taken to be of
 * the first.
 *
 * @throws NewerVersionError if the node is of a version that this package does not know yet
 */
export function migrate(type: string, properties: Properties, steps = STEPS[type] ?? []): Properties {
  const version = Number(properties.version ?? 1) || 1;
  const present = steps.length + 1;
  if (version > present) throw new NewerVersionError(type, version, present);
  const migrated = steps.slice(version - 1).reduce((current, step) => step(current), properties);
  return { ...migrated, version: present };
}
