import clsx from "clsx";
import type { ButtonHTMLAttributes, ReactElement, ReactNode, Ref } from "react";
import "./controls.css";
import { Icon, type IconName } from "./icons";
import { Tooltip } from "./Tooltip";

interface Common extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> {
  /** `primary` once per view; `danger` for what cannot be undone; `quiet` without an edge. */
  kind?: "primary" | "plain" | "quiet" | "danger";
  size?: "small" | "normal";
  /** Under way: it cannot be pressed again, and says so. */
  busy?: boolean;
  disabled?: boolean;
  /** Disabled, and why: shown on hover and read with the name. Goes with `useMay("operator").why`. */
  disabledBecause?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}

export interface ButtonProps extends Common {
  icon?: IconName;
  children: ReactNode;
}

/** A button with a text. Disabled ones keep the focus, so that their reason can be reached. */
export function Button({ icon, children, ...rest }: ButtonProps): ReactElement {
  return (
    <Bare {...rest}>
      {icon && <Icon name={icon} />}
      <span>{children}</span>
    </Bare>
  );
}

export interface IconButtonProps extends Common {
  icon: IconName;
  /** What it does: its name for screen readers, and on hover. */
  label: string;
}

/** A button that is an icon. */
export function IconButton({ icon, label, kind = "quiet", className, ...rest }: IconButtonProps): ReactElement {
  return (
    <Tooltip text={rest.disabledBecause ? null : label}>
      <Bare {...rest} kind={kind} aria-label={label} className={clsx("button-icon", className)}>
        <Icon name={icon} />
      </Bare>
    </Tooltip>
  );
}

function Bare({
  kind = "plain",
  size = "normal",
  busy = false,
  disabled = false,
  disabledBecause,
  className,
  onClick,
  children,
  ...rest
}: Common & { children: ReactNode }): ReactElement {
  const off = disabled || busy || disabledBecause !== undefined;
  const button = (
    <button
      type="button"
      {...rest}
      className={clsx("button", `button-${kind}`, size === "small" && "button-small", className)}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      aria-description={disabledBecause}
      onClick={off ? (event) => event.preventDefault() : onClick}
    >
      {children}
      {busy && <span className="spinner" aria-hidden="true" />}
    </button>
  );
  return disabledBecause ? <Tooltip text={disabledBecause}>{button}</Tooltip> : button;
}
