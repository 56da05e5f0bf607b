// The roles in words and as a choice, and where a user or token is from.

import type { ReactElement } from "react";
import type { components } from "../../api/client";
import { Badge, Field, Select } from "../../parts";

export type Role = components["schemas"]["Role"];

export const ROLES: Record<Role, { label: string; about: string }> = {
  viewer: { label: "Viewer", about: "Sees everything but secrets, users and the audit log. Changes nothing." },
  operator: { label: "Operator", about: "Manages providers, keys, teams, limits and routing too." },
  admin: { label: "Admin", about: "May do everything, and says who else may do what." },
};

/** Which role somebody has. */
export function RoleField(props: {
  role: Role;
  onChange: (role: Role) => void;
  error: string | undefined;
}): ReactElement {
  return (
    <Field label="Role" hint={ROLES[props.role].about} error={props.error}>
      <Select
        value={props.role}
        onChange={props.onChange}
        options={Object.entries(ROLES).map(([value, { label }]) => ({ value: value as Role, label }))}
      />
    </Field>
  );
}

/** Where something is from: what a file declares is changed there. */
export function Origin({ of }: { of: string }): ReactElement {
  if (of === "api") return <span className="soft">this dashboard or the API</span>;
  return (
    <span title={of}>
      <Badge>file</Badge>
    </span>
  );
}
