import type { ReactElement } from "react";
import { IconButton, type IconName, Menu } from "../parts";
import { setTheme, type Theme, useTheme } from "./theme";

const THEMES: [Theme, string, IconName][] = [
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
  ["system", "As the system", "screen"],
];

/** Light, dark, or as the system is. */
export function ThemeMenu(): ReactElement {
  const { theme, shown } = useTheme();
  return (
    <Menu
      trigger={<IconButton icon={shown === "dark" ? "moon" : "sun"} label="Theme" />}
      items={THEMES.map(([value, label, icon]) => ({
        label,
        icon,
        checked: theme === value,
        onSelect: () => setTheme(value),
      }))}
    />
  );
}
