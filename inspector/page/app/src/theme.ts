// Dark and light: as the system says, until somebody chooses. The choice is kept where the browser allows it.

const KEY = "inspector-theme";

const root = document.documentElement;

export function isDark(): boolean {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

export function restoreTheme(onChange: () => void): void {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  } catch {
    // Storage is off. The theme still changes, for as long as the page is open.
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
}

export function switchTheme(): void {
  root.dataset.theme = isDark() ? "light" : "dark";
  try {
    localStorage.setItem(KEY, root.dataset.theme);
  } catch {
    // As above.
  }
}
