import clsx from "clsx";
import {
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { Icon, type IconName } from "./icons";
import "./overlay.css";
import { useLayer } from "./useLayer";

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

/** What opens a layer: a `Button` or an `IconButton`. */
type Trigger = ReactElement<Record<string, unknown>>;

export interface MenuProps {
  trigger: Trigger;
  /** A text between items is a heading, `"-"` a line. */
  items: readonly (MenuItem | string)[];
  align?: "start" | "end";
}

/** A menu of actions. */
export function Menu({ trigger, items, align = "end" }: MenuProps): ReactElement {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const layer = useLayer({ open, onClose: () => setOpen(false), anchor, align });
  const id = useId();
  useEffect(() => {
    if (open) layer.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
  }, [open, layer]);
  const choose = (item: MenuItem) => {
    if (item.disabledBecause !== undefined) return;
    setOpen(false);
    anchor.current?.focus();
    item.onSelect();
  };
  return (
    <>
      {cloneElement(trigger, {
        ref: anchor,
        "aria-haspopup": "menu",
        "aria-expanded": open,
        "aria-controls": open ? id : undefined,
        onClick: () => setOpen(!open),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== "ArrowDown" || event.currentTarget.ariaDisabled === "true") return;
          event.preventDefault();
          setOpen(true);
        },
      })}
      {open && (
        <div
          ref={layer}
          id={id}
          className="menu"
          popover="manual"
          data-layer=""
          role="menu"
          tabIndex={-1}
          onKeyDown={(event) => {
            if (event.key === "Tab") setOpen(false);
            else moveIn(event);
          }}
        >
          {items.map((item, index) => {
            if (item === "-") {
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else that tells them apart
              return <hr key={`line-${index}`} className="menu-line" />;
            }
            if (typeof item === "string") {
              return (
                <div key={item} className="menu-label" role="presentation">
                  {item}
                </div>
              );
            }
            return <Item key={item.label} item={item} onChoose={() => choose(item)} />;
          })}
        </div>
      )}
    </>
  );
}

function Item({ item, onChoose }: { item: MenuItem; onChoose: () => void }) {
  const { label, icon, danger, disabledBecause, checked } = item;
  return (
    <button
      type="button"
      {...(checked === undefined ? { role: "menuitem" } : { role: "menuitemcheckbox", "aria-checked": checked })}
      aria-disabled={disabledBecause !== undefined || undefined}
      tabIndex={-1}
      className={clsx("menu-item", danger && "menu-danger")}
      onClick={onChoose}
      onMouseMove={(event) => event.currentTarget.focus({ preventScroll: true })}
    >
      {(icon || checked !== undefined) && <MenuIcon icon={icon} checked={checked} />}
      <span>
        {label}
        {disabledBecause && <span className="menu-why">{disabledBecause}</span>}
      </span>
      {icon && checked && <Icon name="check" />}
    </button>
  );
}

function MenuIcon({ icon, checked }: { icon: IconName | undefined; checked: boolean | undefined }) {
  if (icon) return <Icon name={icon} />;
  return checked ? <Icon name="check" /> : <span style={{ width: 16 }} />;
}

/** Arrows go from item to item, letters to the next one that begins with them. */
function moveIn(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("[role^=menuitem]")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const goal = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  const later = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  const next =
    goal === undefined
      ? event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey
        ? later.find((item) => item.textContent?.trim().toLowerCase().startsWith(event.key.toLowerCase()))
        : undefined
      : items.at(goal % items.length);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

export interface PopoverProps {
  trigger: Trigger;
  /** Its name for screen readers. */
  label: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  align?: "start" | "end";
  children: ReactNode;
}

/** A small panel at a button, for filters and other short forms. */
export function Popover({
  trigger,
  label,
  open: held,
  onOpenChange,
  align = "start",
  children,
}: PopoverProps): ReactElement {
  const [own, setOwn] = useState(false);
  const open = held ?? own;
  const setOpen = (next: boolean) => {
    setOwn(next);
    onOpenChange?.(next);
  };
  const anchor = useRef<HTMLButtonElement>(null);
  const layer = useLayer({ open, onClose: () => setOpen(false), anchor, align });
  useEffect(() => {
    const box = layer.current;
    if (!open || !box) return;
    (box.querySelector<HTMLElement>("input, select, textarea, button") ?? box).focus();
    // Whatever closed it from inside: the focus is not lost.
    return () => {
      if (box.contains(document.activeElement) || document.activeElement === document.body) anchor.current?.focus();
    };
  }, [open, layer]);
  return (
    <>
      {cloneElement(trigger, {
        ref: anchor,
        "aria-haspopup": "dialog",
        "aria-expanded": open,
        onClick: () => setOpen(!open),
      })}
      {open && (
        <div
          ref={layer}
          className="popover"
          popover="manual"
          data-layer=""
          role="dialog"
          aria-label={label}
          tabIndex={-1}
        >
          {children}
        </div>
      )}
    </>
  );
}
