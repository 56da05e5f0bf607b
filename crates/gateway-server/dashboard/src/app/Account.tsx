import { useNavigate } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Button, Menu } from "../parts";
import { type Session, useSession, useSignOut } from "./session";

const BY: Record<Session["by"], string> = {
  admin_token: "with the admin token",
  loopback: "from this machine, without signing in",
  session: "with a password",
  password: "with a password",
  api_token: "with an API token",
};

/** Who is signed in, and the way out. */
export function Account({ onShortcuts }: { onShortcuts: () => void }): ReactElement | null {
  const session = useSession();
  const signOut = useSignOut();
  const navigate = useNavigate();
  if (!session) return null;
  const name = session.author.replace(/^(user|token):/, "");
  const isUser = session.author.startsWith("user:");
  const local = session.by === "loopback";
  const shown = local ? "This machine" : name;
  return (
    <Menu
      trigger={
        <Button kind="quiet" icon="user" aria-label={`${shown}, ${session.role}: account`} className="account">
          {shown}
        </Button>
      }
      items={[
        `${session.role[0]?.toUpperCase()}${session.role.slice(1)}, ${BY[session.by]}`,
        ...(isUser
          ? [
              {
                label: "Change password",
                icon: "lock" as const,
                onSelect: () => void navigate({ to: "/login", search: { password: "change" } }),
              },
            ]
          : []),
        { label: "Keyboard shortcuts", icon: "info" as const, onSelect: onShortcuts },
        { label: "API reference", icon: "api" as const, onSelect: () => void navigate({ to: "/api" }) },
        ...(local ? [] : ["-", { label: "Sign out", icon: "leave" as const, onSelect: () => void signOut() }]),
      ]}
    />
  );
}
