import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { Icon } from "../parts";
import favicon from "../style/favicon.svg";
import { GROUPS } from "./navigation";

export function Brand(): ReactElement {
  return (
    <Link to="/overview" className="brand">
      <img src={favicon} alt="" width={22} height={22} />
      Gateway
    </Link>
  );
}

/** The list of pages, in groups. */
export function Navigation({ onGo, children }: { onGo?: () => void; children?: ReactNode }): ReactElement {
  return (
    <nav className="nav" aria-label="Pages">
      {children}
      {GROUPS.map((group) => (
        <div key={group.label} className="nav-group">
          <p className="nav-label" id={`nav-${group.label}`}>
            {group.label}
          </p>
          <ul aria-labelledby={`nav-${group.label}`}>
            {group.places.map((place) => (
              <li key={place.to}>
                <Link to={place.to} className="nav-link" onClick={onGo} activeOptions={{ includeSearch: false }}>
                  <Icon name={place.icon} />
                  {place.label}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
