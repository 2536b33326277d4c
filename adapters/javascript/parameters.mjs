// Command lines: `--name value` for each name that is known, and what is left over.

/**
 * @param {string[]} given
 * @param {Record<string, string|null>} defaults by name
 * @returns {Record<string, string|null> & {rest: string[]}}
 */
export function parameters(given, defaults) {
    const found = { ...defaults, rest: [] };
    for (let at = 0; at < given.length; at += 1) {
        const [, name, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(given[at]) ?? [];
        if (name === undefined) {
            found.rest.push(given[at]);
        } else if (!Object.hasOwn(defaults, name)) {
            console.error(`no option --${name}; there are ${Object.keys(defaults).map((known) => `--${known}`).join(', ')}`);
            process.exit(2);
        } else {
            found[name] = value ?? given[at += 1];
            if (found[name] === undefined) {
                console.error(`--${name} needs a value`);
                process.exit(2);
            }
        }
    }
    return found;
}
