import clsx from "clsx";
import { DropdownMenu, Popover as RadixPopover } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Icon, type IconName } from "./icons";
import "./overlay.css";

export interface MenuItem {
  label: string;
  icon?: IconName;
  onSelect: () => void;
  danger?: boolean;
  /** Shown below the label; the item cannot be chosen. */
  disabledBecause?: string | undefined;
  /** A mark before the label: for one of several. */
  checked?: boolean;
}

export interface MenuProps {
  /** What opens it: a `Button` or an `IconButton`. */
  trigger: ReactElement;
  /** A text between items is a heading, `"-"` a line. */
  items: readonly (MenuItem | string)[];
  align?: "start" | "end";
}

/** A menu of actions. */
export function Menu({ trigger, items, align = "end" }: MenuProps): ReactElement {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align={align} sideOffset={4} collisionPadding={8}>
          {items.map((item, index) => {
            if (item === "-") {
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else that tells them apart
              return <DropdownMenu.Separator key={`line-${index}`} className="menu-line" />;
            }
            if (typeof item === "string") {
              return (
                <DropdownMenu.Label key={item} className="menu-label">
                  {item}
                </DropdownMenu.Label>
              );
            }
            return <Item key={item.label} {...item} />;
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Item({ label, icon, onSelect, danger, disabledBecause, checked }: MenuItem) {
  const how = {
    className: clsx("menu-item", danger && "menu-danger"),
    disabled: disabledBecause !== undefined,
    onSelect,
  };
  const inside = (
    <>
      {(icon || checked !== undefined) && <MenuIcon icon={icon} checked={checked} />}
      <span>
        {label}
        {disabledBecause && <span className="menu-why">{disabledBecause}</span>}
      </span>
    </>
  );
  if (checked === undefined) return <DropdownMenu.Item {...how}>{inside}</DropdownMenu.Item>;
  return (
    <DropdownMenu.CheckboxItem {...how} checked={checked}>
      {inside}
      {icon && checked && <Icon name="check" />}
    </DropdownMenu.CheckboxItem>
  );
}

function MenuIcon({ icon, checked }: { icon: IconName | undefined; checked: boolean | undefined }) {
  if (icon) return <Icon name={icon} />;
  return checked ? <Icon name="check" /> : <span style={{ width: 16 }} />;
}

export interface PopoverProps {
  trigger: ReactElement;
  /** Its name for screen readers. */
  label: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  align?: "start" | "center" | "end";
  children: ReactNode;
}

/** A small panel at a button, for filters and other short forms. */
export function Popover({ trigger, label, open, onOpenChange, align = "start", children }: PopoverProps): ReactElement {
  return (
    <RadixPopover.Root open={open} onOpenChange={onOpenChange}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content className="popover" align={align} sideOffset={4} collisionPadding={8} aria-label={label}>
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
