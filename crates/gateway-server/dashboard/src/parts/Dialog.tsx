import clsx from "clsx";
import { Dialog as Radix } from "radix-ui";
import { type FormEvent, type ReactElement, type ReactNode, useState } from "react";
import { Button } from "./Button";
import { Field } from "./Field";
import { Icon } from "./icons";
import { TextInput } from "./inputs";
import "./overlay.css";
import { messageOf } from "../api/problem";
import { useFocusKept } from "./useFocusKept";

export interface DialogProps {
  open: boolean;
  /** Called with Esc, the cross, and a press outside. */
  onClose: () => void;
  title: ReactNode;
  /** One line below the title. */
  about?: ReactNode;
  /** Beside the title: previous, next, copy a link. */
  tools?: ReactNode;
  /** Buttons at the foot. */
  actions?: ReactNode;
  wide?: boolean;
  /** Makes the whole a form: Enter submits, and a button with `type="submit"` among the actions does. */
  onSubmit?: () => void;
  children?: ReactNode;
}

/** A question or a small form in the middle. The focus stays inside and goes back where it was. */
export function Dialog(props: DialogProps): ReactElement {
  return <Panel {...props} className={clsx("dialog", props.wide && "dialog-wide")} />;
}

/** A panel at the side, for a row's details or a large form. The address says which one is open. */
export function Sheet(props: DialogProps): ReactElement {
  return <Panel {...props} className={clsx("sheet", props.wide && "sheet-wide")} />;
}

function Panel({
  open,
  onClose,
  title,
  about,
  tools,
  actions,
  onSubmit,
  className,
  children,
}: DialogProps & { className: string }) {
  const inside = (
    <>
      <div className="dialog-head">
        <div className="dialog-titles">
          <Radix.Title>{title}</Radix.Title>
          {about && (
            <Radix.Description asChild>
              <div className="dialog-about">{about}</div>
            </Radix.Description>
          )}
        </div>
        {tools}
        <Radix.Close className="button button-quiet button-small button-icon" aria-label="Close">
          <Icon name="close" />
        </Radix.Close>
      </div>
      {children && <div className="dialog-body">{children}</div>}
      {actions && <div className="dialog-foot">{actions}</div>}
    </>
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A form in a portal is still a child in React: it must not submit the one around it.
    event.stopPropagation();
    onSubmit?.();
  };
  return (
    <Radix.Root open={open} onOpenChange={(stays) => !stays && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="overlay" />
        <Radix.Content
          className={className}
          {...useFocusKept(focusFirst)}
          onInteractOutside={keepForToasts}
          onEscapeKeyDown={keepForLayers}
          {...(about ? {} : { "aria-describedby": undefined })}
        >
          {onSubmit ? (
            <form className="dialog-form" onSubmit={submit} noValidate>
              {inside}
            </form>
          ) : (
            inside
          )}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The first field has the focus when a dialog opens, else the dialog itself: never the cross. */
function focusFirst(panel: HTMLElement): void {
  const field = panel.querySelector<HTMLElement>(
    ".dialog-body :is(input, select, textarea):not(:disabled, [readonly], [type=hidden])",
  );
  (panel.querySelector<HTMLElement>("[data-autofocus]") ?? field ?? panel).focus();
}

/** Escape closes a list or a menu first. */
function keepForLayers(event: KeyboardEvent): void {
  if (document.querySelector("[data-layer]")) event.preventDefault();
}

/** Closing a message is no press beside the dialog. */
function keepForToasts(event: Event): void {
  if (event.target instanceof Element && event.target.closest(".toasts")) event.preventDefault();
}

export interface ConfirmDialogProps {
  open: boolean;
  onClose: () => void;
  /** A question: `Delete the provider openai?` */
  title: string;
  /** What is lost, in words; names everything that goes with it. */
  children: ReactNode;
  /** What the button says: `Delete provider`. */
  action: string;
  /** Must be typed before it can be done: for what hurts most. */
  typeToConfirm?: string;
  /** Closes the dialog when it is done; what goes wrong is shown in it. */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something is destroyed. */
export function ConfirmDialog(props: ConfirmDialogProps): ReactElement {
  const { open, onClose, title, children, action, typeToConfirm, onConfirm } = props;
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const close = () => {
    setTyped("");
    setProblem(undefined);
    onClose();
  };
  const confirm = async () => {
    if (busy || (typeToConfirm !== undefined && typed !== typeToConfirm)) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      close();
    } catch (error) {
      setProblem(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      onSubmit={() => void confirm()}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button
            kind="danger"
            type="submit"
            busy={busy}
            disabled={typeToConfirm !== undefined && typed !== typeToConfirm}
          >
            {action}
          </Button>
        </>
      }
    >
      <div className="stack">
        <div>{children}</div>
        {typeToConfirm !== undefined && (
          <Field label={`Type ${typeToConfirm} to confirm`}>
            <TextInput value={typed} onChange={setTyped} mono autoFocus />
          </Field>
        )}
        {problem && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
      </div>
    </Dialog>
  );
}
