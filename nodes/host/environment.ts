/** Looks a variable up as Node-RED does: in the node's group, subflow and flow, then the global ones, then the process. */
export type Lookup = (name: string) => unknown;

/**
 * Puts variables into a text such as `http://host:${PORT}/`; Node-RED itself replaces only whole values. What is not set
 * is left as it stands, for the validator to name.
 */
export function fillIn(text: string, lookup: Lookup): string {
  return text.replace(/\$\{([^{}]+)\}/g, (reference: string, name: string) => {
    const value = lookup(name);
    return value === undefined || value === null ? reference : String(value);
  });
}
