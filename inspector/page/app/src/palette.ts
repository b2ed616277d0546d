// Colours: the style sheet owns them; the canvas reads them from there once a theme.

export type Family = "thinking" | "text" | "tool" | "server" | "result" | "other";

/** The family of a kind of content block. Each family has one colour. */
export function family(kind: string): Family {
  if (kind.endsWith("thinking")) return "thinking";
  if (kind === "text" || kind === "tool_use") return kind === "text" ? "text" : "tool";
  if (kind.endsWith("_tool_use")) return "server";
  return kind.endsWith("_result") ? "result" : "other";
}

const NAMES = [
  "bg", "panel", "ink", "dim", "line", "thinking", "text", "tool", "server", "result", "other", "error", "warning",
  "amber", "red", "quiet", "bars", "select",
] as const;

export type Palette = Record<(typeof NAMES)[number], string>;

/** Read the colours of the theme that is shown now. */
export function palette(): Palette {
  const probe = document.createElement("b");
  document.body.append(probe);
  const colors = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(colors) as Palette;
}

/** What people call a kind of content block. */
export const spoken = (kind: string): string => kind.replaceAll("_", " ");
