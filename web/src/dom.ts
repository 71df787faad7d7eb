// Elements by createElement and text nodes only: a name from a spec is never parsed as HTML.

export type Child = Node | string | number | null | undefined;
type Value = string | number | boolean | null | undefined | ((event: never) => void);
export type Attributes = Record<string, Value>;

const SVG = "http://www.w3.org/2000/svg";

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") {
      element.addEventListener(name, value as EventListener);
    } else if (name.startsWith("--")) {
      setProperty(element, name, String(value));
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) {
    if (child === null || child === undefined) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

/** Set a custom property; the policy allows no style written as an attribute. */
export function setProperty(element: Element, name: string, value: string): void {
  (element as HTMLElement | SVGElement).style.setProperty(name, value);
}

/** Make an HTML element; a function among the attributes listens to the event of its name. */
export function html<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/** Make an SVG element. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  fill(element, attributes, children);
  return element;
}

/** A path that may break behind each of its dots. */
export function breakable(path: string): Child[] {
  return path.split(/(?<=\.)/).flatMap((part, k) => (k ? [html("wbr"), part] : [part]));
}
