/** What codemirror.js exports, for the type checker: the bundle itself is not looked into. */

export interface Editor {
  focus(): void;
}

export function open(options: {
  parent: ShadowRoot;
  root: ShadowRoot;
  text: string;
  path: string;
  label: string;
  theme: Record<string, Record<string, string>>;
  onChange: (text: string) => void;
}): Editor;
