// Making and finding elements. Text always goes in as text: nothing here, and nothing on the page, reads markup.

/** The element with an id. */
export const $ = (id) => document.getElementById(id);

/**
 * A new element.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] attributes; `class`, `text`, and functions as listeners (`onclick`)
 * @param {...(Node|string|null)} children
 */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (typeof value === 'function') element.addEventListener(name.slice(2), value);
        else if (name === 'text') element.textContent = value;
        else if (value === true) element.setAttribute(name, '');
        else if (value !== false && value !== undefined && value !== null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
}

/** Sets the text of an element, unless it has it. */
export function setText(element, text) {
    if (element.firstChild?.nodeType === 3 && element.childNodes.length === 1) {
        if (element.firstChild.data !== text) element.firstChild.data = text;
    } else if (text !== '' || element.firstChild) {
        element.textContent = text;
    }
}

/** Has a function run before the next frame is drawn, once however often it is asked for. */
export function onNextFrame(run) {
    let isDue = false;
    return () => {
        if (isDue) return;
        isDue = true;
        requestAnimationFrame(() => {
            isDue = false;
            run();
        });
    };
}

/** Says something to people, who may be reading the page or hearing it. */
export function announce(text, isBad = false) {
    const line = $('status');
    line.classList.toggle('bad', isBad);
    setText(line, text);
}

/** Runs something that may fail, and says why it did. */
export async function attempt(run) {
    try {
        return await run();
    } catch (error) {
        announce(error.message, true);
        return undefined;
    }
}

/** A colour of the style sheet. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** A canvas as large as it is shown, ready to be drawn on. */
export function drawing(canvas) {
    const scale = window.devicePixelRatio || 1;
    const { width, height } = canvas.getBoundingClientRect();
    const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== wide || canvas.height !== high) [canvas.width, canvas.height] = [wide, high];
    const context = canvas.getContext('2d');
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    return { context, width, height };
}
